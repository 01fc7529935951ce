//! Our two tracks as the crate knows them: made once, given their codec when the browser has said what it takes.

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
use webrtc::rtp_transceiver::RtpSender;

use super::choice::{AudioChoice, SectionDirection, VideoChoice};
use super::lane::Lane;
use super::sdp::Kind;
use super::settings::PeerSettings;
use super::{codecs, connect};

#[derive(Default)]
pub struct Tracks {
    video: Option<Arc<dyn RtpSender>>,
    audio: Option<Arc<dyn RtpSender>>,
}

impl Tracks {
    pub fn has_video(&self) -> bool {
        self.video.is_some()
    }

    pub fn has_audio(&self) -> bool {
        self.audio.is_some()
    }

    pub fn any(&self) -> bool {
        self.has_video() || self.has_audio()
    }

    /// Makes the video track if there is none yet. Without a choice it offers every codec of ours.
    pub async fn add_video(
        &mut self,
        connection: &Arc<dyn PeerConnection>,
        lane: &Lane,
        settings: &PeerSettings,
        choice: Option<&VideoChoice>,
    ) -> Result<()> {
        let track = video_track(lane, settings, choice);
        bring(connection, lane, &mut self.video, track, choice.is_some(), !settings.receivable.video.is_empty()).await
    }

    /// The video that is sent already is of this codec from now on; for the crate's statistics.
    pub async fn name_video(&self, lane: &Lane, settings: &PeerSettings, choice: &VideoChoice) -> Result<()> {
        match &self.video {
            Some(sender) => sender.replace_track(video_track(lane, settings, Some(choice))).await,
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
        let track = track(
            RtpCodecKind::Audio,
            if settings.one_stream { "rendercast" } else { "rendercast-audio" },
            RTCRtpCodingParameters { ssrc: Some(lane.ssrc), ..Default::default() },
            choice.map(codecs::chosen_audio),
        );
        bring(connection, lane, &mut self.audio, track, choice.is_some(), settings.receivable.audio).await
    }
}

/// Stands for our track in the sections of an offer that come before the one that takes it: the crate puts a track into the
/// first section of its kind that has none, though the page may only send there.
pub async fn skip(
    connection: &Arc<dyn PeerConnection>,
    sections: &[SectionDirection],
    kind: RtpCodecKind,
) -> Result<()> {
    let mut free = Vec::new();
    for transceiver in connection.get_transceivers().await {
        if let Some(mid) = transceiver.mid().await?
            && transceiver.sender().await?.is_none()
        {
            free.push(mid);
        }
    }
    let wanted = if kind == RtpCodecKind::Video { Kind::Video } else { Kind::Audio };
    let of_kind = sections.iter().filter(|section| section.kind == wanted && free.contains(&section.mid));
    if of_kind.clone().any(|section| section.send) {
        for _ in of_kind.take_while(|section| !section.send) {
            let ssrc = connect::random_ssrc().map_err(|error| Error::Other(error.to_string()))?;
            let coding = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
            connection.add_track(track(kind, "", coding, None) as Arc<dyn TrackLocal>).await?;
        }
    }
    Ok(())
}

/// Gives each section of an offer that was applied its direction: the crate would receive whatever is sent.
pub async fn direct(connection: &Arc<dyn PeerConnection>, sections: &[SectionDirection]) -> Result<()> {
    for transceiver in connection.get_transceivers().await {
        let Some(mid) = transceiver.mid().await? else { continue };
        if let Some(section) = sections.iter().find(|section| section.mid == mid) {
            let send = section.send && transceiver.sender().await?.is_some();
            transceiver.set_direction(direction(send, section.receive)).await?;
        }
    }
    Ok(())
}

fn direction(send: bool, receive: bool) -> RTCRtpTransceiverDirection {
    match (send, receive) {
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
        for sender in self.video.iter().chain(&self.audio) {
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

fn video_track(lane: &Lane, settings: &PeerSettings, choice: Option<&VideoChoice>) -> Arc<TrackLocalStaticRTP> {
    track(
        RtpCodecKind::Video,
        if settings.one_stream { "rendercast" } else { "rendercast-video" },
        RTCRtpCodingParameters {
            ssrc: Some(lane.ssrc),
            rtx: Some(RTCRtpRtxParameters { ssrc: lane.rtx_ssrc }),
            // Named only where it can be taken: before the answer, and when the answer names it.
            fec: choice
                .is_none_or(|choice| choice.fec.is_some())
                .then_some(RTCRtpFecParameters { ssrc: lane.fec_ssrc }),
            ..Default::default()
        },
        choice.map(codecs::chosen_video),
    )
}

fn track(
    kind: RtpCodecKind,
    stream: &str,
    rtp_coding_parameters: RTCRtpCodingParameters,
    codec: Option<RTCRtpCodec>,
) -> Arc<TrackLocalStaticRTP> {
    let coding =
        RTCRtpEncodingParameters { rtp_coding_parameters, codec: codec.unwrap_or_default(), ..Default::default() };
    let id = if kind == RtpCodecKind::Video { "video" } else { "audio" };
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(stream.into(), id.into(), id.into(), kind, vec![coding])))
}

async fn bring(
    connection: &Arc<dyn PeerConnection>,
    lane: &Lane,
    existing: &mut Option<Arc<dyn RtpSender>>,
    track: Arc<TrackLocalStaticRTP>,
    chosen: bool,
    receives: bool,
) -> Result<()> {
    if let Some(sender) = existing {
        // The crate sends by the first track and binds the interceptors by the newest one's codec.
        set_direction(connection, sender, receives).await?;
        return if chosen { sender.replace_track(track).await } else { Ok(()) };
    }
    let sender = connection.add_track(Arc::clone(&track) as Arc<dyn TrackLocal>).await?;
    set_direction(connection, &sender, receives).await?;
    lane.attach(track);
    *existing = Some(sender);
    Ok(())
}

async fn set_direction(
    connection: &Arc<dyn PeerConnection>,
    sender: &Arc<dyn RtpSender>,
    receives: bool,
) -> Result<()> {
    let id = RTCRtpTransceiverId::from(sender.id());
    let direction = direction(true, receives);
    for transceiver in connection.get_transceivers().await {
        if transceiver.id() == id {
            transceiver.set_direction(direction).await?;
        }
    }
    Ok(())
}
