//! How a connection's sections are (W3C `getTransceivers`), for whoever asks.

use rtc::rtp_transceiver::RTCRtpTransceiverDirection;
use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;

use super::interceptors::agreed::Inbound;
use super::negotiate::at;
use super::sdp::{self, Kind};
use super::settings::PeerError;
use super::{Direction, Peer, tracks};
use crate::units::SenderId;

/// A section of the connection that is of our media's kinds (W3C `RTCRtpTransceiver`).
#[derive(Clone, Debug, PartialEq)]
pub struct TrackState {
    /// Ours in it; None: nothing of ours.
    pub sender: Option<SenderId>,
    /// None until a description names it.
    pub mid: Option<String>,
    pub video: bool,
    /// W3C's words.
    pub direction: &'static str,
    /// As negotiated last; None before that.
    pub current_direction: Option<&'static str>,
    /// Our MediaStream in it.
    pub stream: Option<String>,
    /// What is taken from the page in it; None: nothing.
    pub receiver: Option<ReceiverState>,
}

/// What comes in a section (W3C `RTCRtpReceiver`).
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverState {
    /// The page's MediaStreams.
    pub streams: Vec<String>,
    /// What has come; None: nothing yet.
    pub stream: Option<Inbound>,
    /// Of the last picture: width, height.
    pub size: Option<(u32, u32)>,
}

impl Peer {
    /// All sections for audio and video, in their order; those that have no name yet at the end.
    pub async fn track_states(&self) -> Result<Vec<TrackState>, PeerError> {
        let negotiation = self.negotiate().await?;
        let connection = &self.0.connection;
        let local = connection.local_description().await;
        let local = local.as_ref().map(|local| local.sdp.as_str()).unwrap_or_default();
        let sections = sdp::parse(local).map(|description| description.sections).unwrap_or_default();
        let incoming = self.0.receiving.incoming();
        let mut states = Vec::new();
        for transceiver in connection.get_transceivers().await {
            let mid = transceiver.mid().await.map_err(at("mid"))?;
            let place = sections.iter().position(|section| mid.is_some() && section.attribute("mid") == mid.as_deref());
            let (mut sender, mut stream, mut video) = (None, None, None);
            if let Some(own) = transceiver.sender().await.map_err(at("sender"))? {
                sender = negotiation.tracks.id_of(&own);
                // The crate tells the first track's for good.
                let wanted = sender.and_then(|sender| negotiation.tracks.stream(sender, &self.0.settings));
                stream = wanted.map(str::to_owned).filter(|stream| stream != tracks::NO_STREAM);
                video = Some(own.track().kind().await == RtpCodecKind::Video);
            }
            let wanted = sender.and_then(|sender| negotiation.tracks.wanted(sender, &self.0.settings));
            let of_section = place.and_then(|place| sections.get(place)).map(|section| section.kind == Kind::Video);
            let direction = transceiver.direction().await.map_err(at("direction"))?;
            let current = transceiver.current_direction().await.map_err(at("direction"))?;
            let receiver = mid.as_deref().and_then(|mid| negotiation.exchange.received(mid)).map(|track| {
                let of_mid = incoming.iter().find(|one| one.mid == track.mid);
                let size = of_mid.filter(|one| one.frames > 0).map(|one| one.size);
                ReceiverState { streams: track.streams.clone(), stream: of_mid.map(|one| one.stream), size }
            });
            let state = TrackState {
                sender,
                receiver,
                mid,
                video: video.or(of_section).unwrap_or(true),
                direction: wanted.map(Direction::name).or(name(direction)).unwrap_or("inactive"),
                current_direction: name(current),
                stream,
            };
            states.push((place.unwrap_or(usize::MAX), sender, state));
        }
        states.sort_by_key(|(place, sender, _)| (*place, *sender));
        Ok(states.into_iter().map(|(_, _, state)| state).collect())
    }
}

/// W3C `RTCRtpTransceiverDirection`.
fn name(direction: RTCRtpTransceiverDirection) -> Option<&'static str> {
    match direction {
        RTCRtpTransceiverDirection::Sendrecv => Some("sendrecv"),
        RTCRtpTransceiverDirection::Sendonly => Some("sendonly"),
        RTCRtpTransceiverDirection::Recvonly => Some("recvonly"),
        RTCRtpTransceiverDirection::Inactive => Some("inactive"),
        _ => None,
    }
}
