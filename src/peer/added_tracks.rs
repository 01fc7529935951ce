//! Video tracks beside the first one (W3C `addTrack`, `removeTrack`, `RTCRtpTransceiver.direction`): each has SSRCs and a
//! MediaStream of its own, and takes the first section that the other side offers for it, or gets one by our own offer.

use std::sync::Arc;

use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use rtc::shared::error::Result;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::PeerConnection;
use webrtc::rtp_transceiver::RtpSender;

use super::choice::{Narrowed, SectionDirection, VideoChoice};
use super::lane::Lane;
use super::lanes::MOST_VIDEO_TRACKS;
use super::negotiate::{Negotiation, at};
use super::sdp::{self, Kind};
use super::settings::{PeerError, PeerEvent};
use super::told::Told;
use super::tracks::{self, Tracks};
use super::{Direction, Peer, connect, extensions, spare};
use crate::encode::Codec;
use crate::units::SenderId;

pub struct AddedTrack {
    pub(super) lane: Arc<Lane>,
    /// Its MediaStream.
    stream: String,
    video: bool,
    /// What the host wants of its section; None: it has said nothing.
    pub(super) direction: Option<Direction>,
    pub(super) sender: Option<Arc<dyn RtpSender>>,
    /// Its section (`a=mid`), once it has one.
    pub(super) mid: Option<String>,
    pub(super) told: Told,
    /// What the browser takes, as last told to the streamer.
    choice: Option<VideoChoice>,
    others: Vec<VideoChoice>,
}

impl AddedTrack {
    /// Unless the host says otherwise, it only sends; what a page sends in the section it got there is taken all the same.
    pub(super) fn wanted(&self) -> Direction {
        self.direction.unwrap_or(Direction::SENDONLY)
    }

    pub(super) fn stream(&self) -> &str {
        if self.video { &self.stream } else { tracks::NO_STREAM }
    }

    /// It is in this MediaStream from now on.
    pub(super) fn rename(&mut self, stream: String) -> Arc<TrackLocalStaticRTP> {
        self.stream = stream;
        match &self.choice {
            Some(choice) => tracks::added_track(&self.lane, &self.stream, Some(choice)),
            None => self.local(),
        }
    }

    fn local(&self) -> Arc<TrackLocalStaticRTP> {
        if self.video { tracks::added_track(&self.lane, &self.stream, None) } else { tracks::silent_track(&self.lane) }
    }
}

impl Peer {
    /// Adds a video track of its own MediaStream. It is negotiated with the next exchange of descriptions; `TrackNegotiated`
    /// tells what is sent.
    pub async fn add_track(
        &self,
        sender: SenderId,
        stream: &str,
        direction: Option<Direction>,
    ) -> std::result::Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let protection = Arc::clone(&self.0.video.protection);
        let lane = Lane::new(connect::random_ssrc()?, connect::random_ssrc()?).of(sender);
        let lane = Arc::new(lane.protected(connect::random_ssrc()?, protection));
        let (min_ms, max_ms) = self.0.settings.playout_delay_ms;
        lane.set_playout_delay(extensions::playout_delay(min_ms, max_ms));
        if self.0.settings.codecs.is_empty() || !self.0.lanes.add(Arc::clone(&lane)) {
            return Err(PeerError::TooManyTracks);
        }
        self.push_track(&mut negotiation, lane, stream, direction);
        Ok(())
    }

    /// Adds a section in which the other side may send sound.
    pub async fn add_microphone(&self, sender: SenderId) -> std::result::Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let tracks = &negotiation.tracks;
        if tracks.added.len() + 1 >= MOST_VIDEO_TRACKS || tracks.wanted(sender, &self.0.settings).is_some() {
            return Err(PeerError::TooManyTracks);
        }
        let lane = Arc::new(Lane::new(connect::random_ssrc()?, 0).of(sender));
        self.push_track(&mut negotiation, lane, "", Some(Direction::RECVONLY));
        Ok(())
    }

    fn push_track(&self, negotiation: &mut Negotiation, lane: Arc<Lane>, stream: &str, direction: Option<Direction>) {
        let (told, video, stream) = (Told::Not, self.0.lanes.has(lane.ssrc), stream.to_owned());
        let (sender, mid, choice, others) = (None, None, None, Vec::new());
        let track = AddedTrack { lane, stream, video, direction, sender, mid, told, choice, others };
        negotiation.tracks.added.push(track);
    }

    /// Its section is inactive from the next exchange of descriptions on, and free for another track then. Nothing is sent on it
    /// from now on.
    pub async fn remove_track(&self, sender: SenderId) -> std::result::Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let tracks = &mut negotiation.tracks;
        let at_place = tracks.added.iter().position(|track| track.lane.sender == sender).ok_or(PeerError::NoTrack)?;
        let track = tracks.added.remove(at_place);
        self.0.lanes.remove(sender);
        track.lane.close();
        if let Some(own) = &track.sender {
            tracks.changes.change();
            if let Some(transceiver) = tracks::transceiver(&self.0.connection, own).await {
                let inactive = RTCRtpTransceiverDirection::Inactive;
                transceiver.set_direction(inactive).await.map_err(at("direction"))?;
            }
            self.0.connection.remove_track(own).await.map_err(at("removeTrack"))?;
        }
        Ok(())
    }

    /// Whether the other side has still to hear of a change of the added tracks.
    pub async fn has_untold_tracks(&self) -> bool {
        self.0.negotiation.lock().await.tracks.has_untold()
    }

    /// Tells what is new about the added tracks.
    pub(super) fn tell_added(&self, negotiation: &mut Negotiation, narrowed: &Narrowed) {
        for track in &mut negotiation.tracks.added {
            let section = track.mid.as_deref().filter(|_| track.wanted().sends).and_then(|mid| narrowed.section(mid));
            let choice = section.and_then(|section| section.choice()).cloned();
            track.others = section.map(|section| section.others.clone()).unwrap_or_default();
            track.lane.formats.set(choice.iter().chain(&track.others));
            let codec = choice.as_ref().map(|choice| choice.codec);
            track.lane.set_codec(codec);
            if codec != track.choice.as_ref().map(|choice| choice.codec) {
                let sender = track.lane.sender;
                self.0.shared.mailbox.push(PeerEvent::TrackNegotiated { sender, codec });
            }
            track.choice = choice;
        }
    }

    /// The first of these codecs that was agreed on is sent on the added tracks too.
    pub(super) fn prefer_on_added(&self, negotiation: &mut Negotiation, wanted: &[Codec]) {
        for track in &mut negotiation.tracks.added {
            let Some(choice) = &mut track.choice else { continue };
            let before = choice.codec;
            if spare::prefer(choice, &mut track.others, wanted) && choice.codec != before {
                track.lane.set_codec(Some(choice.codec));
                let (sender, codec) = (track.lane.sender, Some(choice.codec));
                self.0.shared.mailbox.push(PeerEvent::TrackNegotiated { sender, codec });
            }
        }
    }
}

impl Tracks {
    pub fn has_untold(&self) -> bool {
        self.changes != Told::Agreed || self.added.iter().any(|track| track.told != Told::Agreed)
    }

    pub(super) fn id_of(&self, sender: &Arc<dyn RtpSender>) -> Option<SenderId> {
        self.first_id(sender).or_else(|| {
            let is_it = |track: &&AddedTrack| track.sender.as_ref().is_some_and(|own| own.id() == sender.id());
            self.added.iter().find(is_it).map(|track| track.lane.sender)
        })
    }

    /// What a description of ours says about them is on its way: of those that have a section in it.
    pub fn say(&mut self) {
        self.changes.say();
        self.added.iter_mut().filter(|track| track.mid.is_some()).for_each(|track| track.told.say());
    }

    pub fn agree(&mut self) {
        self.changes.agree();
        self.added.iter_mut().for_each(|track| track.told.agree());
    }

    pub fn take_back(&mut self) {
        self.changes.take_back();
        self.added.iter_mut().for_each(|track| track.told.take_back());
    }

    /// Sections of the added tracks.
    pub fn added_mids(&self) -> Vec<&str> {
        self.added.iter().filter_map(|track| track.mid.as_deref()).collect()
    }

    /// Puts those that have no section into one of our own offer. `received`: where the other side sends.
    pub async fn offer_added(&mut self, connection: &Arc<dyn PeerConnection>, received: &[String]) -> Result<()> {
        for track in &mut self.added {
            let direction = tracks::direction(track.wanted());
            if track.sender.is_none() {
                track.sender = Some(make(connection, track, direction, received).await?);
            }
            if let Some(sender) = &track.sender
                && let Some(transceiver) = tracks::transceiver(connection, sender).await
            {
                transceiver.set_direction(direction).await?;
            }
        }
        Ok(())
    }

    /// Puts those that have no section into the free ones of the other side's offer, and gives all the codecs that were chosen.
    /// Who finds none waits for an offer of ours.
    pub async fn bring_added(
        &mut self,
        connection: &Arc<dyn PeerConnection>,
        narrowed: &Narrowed,
        answering: bool,
    ) -> Result<()> {
        for track in &mut self.added {
            if track.sender.is_none() && answering && track.wanted().sends {
                let Some(choice) = free_choice(connection, narrowed).await? else { continue };
                tracks::skip(connection, &narrowed.directions, rtc::rtp_transceiver::rtp_sender::RtpCodecKind::Video)
                    .await?;
                let own = tracks::added_track(&track.lane, &track.stream, Some(&choice));
                track.sender = Some(connection.add_track(Arc::clone(&own) as Arc<dyn TrackLocal>).await?);
                track.lane.attach(own);
                track.told.change();
            } else if let Some(sender) = &track.sender
                && let Some(choice) = track.mid.as_deref().and_then(|mid| narrowed.section(mid)?.choice())
            {
                // The crate sends by the first track and binds the interceptors by the newest one's codec.
                sender.replace_track(tracks::added_track(&track.lane, &track.stream, Some(choice))).await?;
            }
        }
        self.note_sections(connection).await
    }
}

/// What is to be sent in the first section of an offer that takes video and has none of ours.
async fn free_choice(connection: &Arc<dyn PeerConnection>, narrowed: &Narrowed) -> Result<Option<VideoChoice>> {
    let free = tracks::free(connection).await?;
    let takes =
        |section: &&SectionDirection| section.kind == Kind::Video && section.send && free.contains(&section.mid);
    let section = narrowed.directions.iter().find(takes).and_then(|section| narrowed.section(&section.mid));
    Ok(section.and_then(|section| section.choice()).cloned())
}

/// A section of a track that was removed is used again, so that descriptions do not grow with every change.
async fn make(
    connection: &Arc<dyn PeerConnection>,
    track: &AddedTrack,
    direction: RTCRtpTransceiverDirection,
    received: &[String],
) -> Result<Arc<dyn RtpSender>> {
    let own = track.local();
    let local = Arc::clone(&own) as Arc<dyn TrackLocal>;
    let kind = if track.video { Kind::Video } else { Kind::Audio };
    // The crate puts a track into the first free section, of whatever the other side uses it for.
    let reusable = first_free(connection, kind).await?.is_some_and(|mid| !received.contains(&mid));
    let sender = if reusable {
        connection.add_track(local).await?
    } else {
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            streams: Vec::new(),
            send_encodings: Vec::new(),
        };
        let transceiver = connection.add_transceiver_from_track(local, Some(init)).await?;
        transceiver.set_direction(direction).await?;
        transceiver.sender().await?.ok_or(rtc::shared::error::Error::ErrRTPSenderNotExisted)?
    };
    track.lane.attach(own);
    Ok(sender)
}

/// The first section of this kind that has nothing of ours.
async fn first_free(connection: &Arc<dyn PeerConnection>, kind: Kind) -> Result<Option<String>> {
    let free = tracks::free(connection).await?;
    let Some(local) = connection.current_local_description().await else { return Ok(None) };
    let sections = sdp::parse(&local.sdp).map(|description| description.sections).unwrap_or_default();
    let of_kind = sections.iter().filter(|section| section.kind == kind && section.port != 0);
    let mut mids = of_kind.filter_map(|section| section.attribute("mid"));
    Ok(mids.find(|mid| free.iter().any(|free| free == mid)).map(str::to_owned))
}
