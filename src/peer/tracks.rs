//! Our first two tracks as the crate knows them, and what all have in common: made once, given their codec when the browser has said what it takes.

use std::sync::Arc;

use rtc::media_stream::MediaStreamTrack;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RTCRtpFecParameters, RTCRtpRtxParameters,
    RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverId};
use rtc::shared::error::{Error, Result};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::PeerConnection;
use webrtc::rtp_transceiver::{RtpSender, RtpTransceiver};

use super::added_tracks::AddedTrack;
use super::choice::{AudioChoice, SectionDirection, VideoChoice};
use super::lane::Lane;
use super::sdp::Kind;
use super::settings::PeerSettings;
use super::told::Told;
use super::{Direction, codecs, connect};
use crate::units::SenderId;

/// Of a track that is in none (RFC 8830, section 2): browsers refuse a description with an empty name.
pub(super) const NO_STREAM: &str = "-";

#[derive(Default)]
pub struct Tracks {
    pub(super) video: Option<Arc<dyn RtpSender>>,
    pub(super) audio: Option<Arc<dyn RtpSender>>,
    /// What the host wants of their sections; None: it has said nothing.
    pub(super) video_direction: Option<Direction>,
    pub(super) audio_direction: Option<Direction>,
    /// The MediaStreams that the host wants them in; None: it has said nothing.
    pub(super) video_stream: Option<String>,
    pub(super) audio_stream: Option<String>,
    /// What the first exchange agreed on for video: the crate's payload types, for good.
    pub(super) formats: Vec<VideoChoice>,
    /// Their sections (`a=mid`), once they have them.
    pub(super) video_mid: Option<String>,
    pub(super) audio_mid: Option<String>,
    pub(super) added: Vec<AddedTrack>,
    /// That tracks were removed, or the first ones turned.
    pub(super) changes: Told,
}

impl Tracks {
    pub fn has_video(&self) -> bool {
        self.video.is_some()
    }

    pub fn has_audio(&self) -> bool {
        self.audio.is_some()
    }

    pub fn any(&self) -> bool {
        self.has_video() || self.has_audio() || !self.added.is_empty()
    }

    pub(super) fn first_id(&self, sender: &Arc<dyn RtpSender>) -> Option<SenderId> {
        let is_it = |own: &Arc<dyn RtpSender>| own.id() == sender.id();
        let video = self.video.as_ref().filter(|own| is_it(own)).map(|_| SenderId::VIDEO);
        video.or_else(|| self.audio.as_ref().filter(|own| is_it(own)).map(|_| SenderId::AUDIO))
    }

    /// Those that may take a section of the other side's (RFC 9429, section 5.10): one that only receives waits for ours.
    fn movable(&self) -> impl Iterator<Item = &Arc<dyn RtpSender>> {
        let added = self.added.iter().filter(|track| track.wanted().sends).filter_map(|track| track.sender.as_ref());
        self.video.iter().chain(&self.audio).chain(added)
    }

    /// Notes which sections are whose, after the crate has named or renamed them.
    pub async fn note_sections(&mut self, connection: &Arc<dyn PeerConnection>) -> Result<()> {
        self.video_mid = mid_of(connection, self.video.as_ref()).await?;
        self.audio_mid = mid_of(connection, self.audio.as_ref()).await?;
        for track in &mut self.added {
            track.mid = mid_of(connection, track.sender.as_ref()).await?;
        }
        Ok(())
    }

    /// Makes the video track if there is none yet. Without a choice it offers every codec of ours.
    pub async fn add_video(
        &mut self,
        connection: &Arc<dyn PeerConnection>,
        lane: &Lane,
        settings: &PeerSettings,
        choice: Option<&VideoChoice>,
    ) -> Result<()> {
        let (track, wanted) = (video_track(lane, self.video_stream(settings), choice), self.wanted_video(settings));
        bring(connection, lane, &mut self.video, track, choice.is_some(), wanted).await
    }

    /// The video that is sent already is of this codec from now on; for the crate's statistics.
    pub async fn name_video(&self, lane: &Lane, settings: &PeerSettings, choice: &VideoChoice) -> Result<()> {
        match &self.video {
            Some(sender) => sender.replace_track(video_track(lane, self.video_stream(settings), Some(choice))).await,
            None => Ok(()),
        }
    }

    /// Makes the audio track if there is none yet.
    pub async fn add_audio(
        &mut self,
        connection: &Arc<dyn PeerConnection>,
        lane: &Lane,
        settings: &PeerSettings,
        choice: Option<&AudioChoice>,
    ) -> Result<()> {
        let (track, wanted) = (audio_track(lane, self.audio_stream(settings), choice), self.wanted_audio(settings));
        bring(connection, lane, &mut self.audio, track, choice.is_some(), wanted).await
    }
}

async fn mid_of(connection: &Arc<dyn PeerConnection>, sender: Option<&Arc<dyn RtpSender>>) -> Result<Option<String>> {
    match sender {
        Some(sender) => match transceiver(connection, sender).await {
            Some(transceiver) => transceiver.mid().await,
            None => Ok(None),
        },
        None => Ok(None),
    }
}

pub(super) async fn transceiver(
    connection: &Arc<dyn PeerConnection>,
    sender: &Arc<dyn RtpSender>,
) -> Option<Arc<dyn RtpTransceiver>> {
    let id = RTCRtpTransceiverId::from(sender.id());
    connection.get_transceivers().await.into_iter().find(|transceiver| transceiver.id() == id)
}

/// Sections in which nothing of ours is, by identification.
pub(super) async fn free(connection: &Arc<dyn PeerConnection>) -> Result<Vec<String>> {
    let mut free = Vec::new();
    for transceiver in connection.get_transceivers().await {
        if let Some(mid) = transceiver.mid().await?
            && transceiver.sender().await?.is_none()
        {
            free.push(mid);
        }
    }
    Ok(free)
}

/// Stands for our track in the sections of an offer that come before the one that takes it: the crate puts a track into the
/// first section of its kind that has none, though the page may only send there.
pub async fn skip(
    connection: &Arc<dyn PeerConnection>,
    sections: &[SectionDirection],
    kind: RtpCodecKind,
) -> Result<()> {
    let free = free(connection).await?;
    let wanted = if kind == RtpCodecKind::Video { Kind::Video } else { Kind::Audio };
    let of_kind = sections.iter().filter(|section| section.kind == wanted && free.contains(&section.mid));
    if of_kind.clone().any(|section| section.send) {
        for _ in of_kind.take_while(|section| !section.send) {
            let ssrc = connect::random_ssrc().map_err(|error| Error::Other(error.to_string()))?;
            let coding = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
            connection.add_track(track(kind, NO_STREAM, coding, None) as Arc<dyn TrackLocal>).await?;
        }
    }
    Ok(())
}

/// Gives each section of an offer that was applied its direction: the crate would receive whatever is sent.
pub async fn direct(connection: &Arc<dyn PeerConnection>, sections: &[SectionDirection]) -> Result<()> {
    for transceiver in connection.get_transceivers().await {
        let Some(mid) = transceiver.mid().await? else { continue };
        if let Some(section) = sections.iter().find(|section| section.mid == mid) {
            let sends = section.send && transceiver.sender().await?.is_some();
            transceiver.set_direction(direction(Direction { sends, receives: section.receive })).await?;
        }
    }
    Ok(())
}

pub(super) fn direction(wanted: Direction) -> RTCRtpTransceiverDirection {
    match (wanted.sends, wanted.receives) {
        (true, true) => RTCRtpTransceiverDirection::Sendrecv,
        (true, false) => RTCRtpTransceiverDirection::Sendonly,
        (false, true) => RTCRtpTransceiverDirection::Recvonly,
        (false, false) => RTCRtpTransceiverDirection::Inactive,
    }
}

impl Tracks {
    /// Where our offer was taken back, our tracks may take any section that sends and receives: the crate leaves out those
    /// whose own direction is narrower. [`bring`] narrows it again.
    pub async fn set_free(&self, connection: &Arc<dyn PeerConnection>) -> Result<()> {
        for sender in self.movable() {
            let id = RTCRtpTransceiverId::from(sender.id());
            for transceiver in connection.get_transceivers().await {
                if transceiver.id() == id && transceiver.mid().await?.is_none() {
                    transceiver.set_direction(RTCRtpTransceiverDirection::Sendrecv).await?;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn audio_track(lane: &Lane, stream: &str, choice: Option<&AudioChoice>) -> Arc<TrackLocalStaticRTP> {
    let coding = RTCRtpCodingParameters { ssrc: Some(lane.ssrc), ..Default::default() };
    track(RtpCodecKind::Audio, stream, coding, choice.map(codecs::chosen_audio))
}

pub(super) fn video_track(lane: &Lane, stream: &str, choice: Option<&VideoChoice>) -> Arc<TrackLocalStaticRTP> {
    named_track(RtpCodecKind::Video, stream, "video", video_coding(lane, choice), choice.map(codecs::chosen_video))
}

/// One that stands for sound that is only received.
pub(super) fn silent_track(lane: &Lane) -> Arc<TrackLocalStaticRTP> {
    let coding = RTCRtpCodingParameters { ssrc: Some(lane.ssrc), ..Default::default() };
    named_track(RtpCodecKind::Audio, NO_STREAM, &format!("audio-{}", lane.sender.0), coding, None)
}

/// A video track beside the first.
pub(super) fn added_track(lane: &Lane, stream: &str, choice: Option<&VideoChoice>) -> Arc<TrackLocalStaticRTP> {
    let id = format!("video-{}", lane.sender.0);
    named_track(RtpCodecKind::Video, stream, &id, video_coding(lane, choice), choice.map(codecs::chosen_video))
}

fn video_coding(lane: &Lane, choice: Option<&VideoChoice>) -> RTCRtpCodingParameters {
    RTCRtpCodingParameters {
        ssrc: Some(lane.ssrc),
        rtx: Some(RTCRtpRtxParameters { ssrc: lane.rtx_ssrc }),
        // Named only where it can be taken: before the answer, and when the answer names it.
        fec: choice.is_none_or(|choice| choice.fec.is_some()).then_some(RTCRtpFecParameters { ssrc: lane.fec_ssrc }),
        ..Default::default()
    }
}

fn track(
    kind: RtpCodecKind,
    stream: &str,
    coding: RTCRtpCodingParameters,
    codec: Option<RTCRtpCodec>,
) -> Arc<TrackLocalStaticRTP> {
    named_track(kind, stream, if kind == RtpCodecKind::Video { "video" } else { "audio" }, coding, codec)
}

fn named_track(
    kind: RtpCodecKind,
    stream: &str,
    id: &str,
    rtp_coding_parameters: RTCRtpCodingParameters,
    codec: Option<RTCRtpCodec>,
) -> Arc<TrackLocalStaticRTP> {
    let coding =
        RTCRtpEncodingParameters { rtp_coding_parameters, codec: codec.unwrap_or_default(), ..Default::default() };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(stream.into(), id.into(), id.into(), kind, vec![coding])))
}

async fn bring(
    connection: &Arc<dyn PeerConnection>,
    lane: &Lane,
    existing: &mut Option<Arc<dyn RtpSender>>,
    track: Arc<TrackLocalStaticRTP>,
    chosen: bool,
    wanted: Direction,
) -> Result<()> {
    if let Some(sender) = existing {
        // The crate sends by the first track and binds the interceptors by the newest one's codec.
        set_direction(connection, sender, wanted).await?;
        return if chosen { sender.replace_track(track).await } else { Ok(()) };
    }
    let sender = connection.add_track(Arc::clone(&track) as Arc<dyn TrackLocal>).await?;
    set_direction(connection, &sender, wanted).await?;
    lane.attach(track);
    *existing = Some(sender);
    Ok(())
}

async fn set_direction(
    connection: &Arc<dyn PeerConnection>,
    sender: &Arc<dyn RtpSender>,
    wanted: Direction,
) -> Result<()> {
    let id = RTCRtpTransceiverId::from(sender.id());
    let direction = direction(wanted);
    for transceiver in connection.get_transceivers().await {
        if transceiver.id() == id {
            transceiver.set_direction(direction).await?;
        }
    }
    Ok(())
}
