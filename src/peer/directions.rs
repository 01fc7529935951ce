//! Which ways our sections go (W3C `RTCRtpTransceiver.direction`): what the host wants of each, carried into descriptions.

use std::sync::Arc;

use webrtc::rtp_transceiver::RtpSender;

use super::choice::{Narrowed, VideoOutcome};
use super::negotiate::at;
use super::settings::{PeerError, PeerSettings};
use super::tracks::{self, Tracks};
use super::{Direction, Peer};
use crate::units::SenderId;

impl Peer {
    /// Which ways a sender's section goes, from the next exchange of descriptions on.
    pub async fn set_direction(&self, sender: SenderId, wanted: Direction) -> Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let tracks = &mut negotiation.tracks;
        let before = tracks.wanted(sender, &self.0.settings).ok_or(PeerError::NoTrack)?;
        let own = tracks.turn(sender, wanted, before != wanted);
        if let Some(own) = own
            && let Some(transceiver) = tracks::transceiver(&self.0.connection, &own).await
        {
            transceiver.set_direction(tracks::direction(wanted)).await.map_err(at("direction"))?;
        }
        Ok(())
    }
}

impl Tracks {
    /// What is wanted of a sender's section. None: there is no such sender.
    pub fn wanted(&self, sender: SenderId, settings: &PeerSettings) -> Option<Direction> {
        match sender {
            SenderId::VIDEO => Some(self.wanted_video(settings)),
            SenderId::AUDIO => Some(self.wanted_audio(settings)),
            _ => self.added.iter().find(|track| track.lane.sender == sender).map(|track| track.wanted()),
        }
    }

    /// Unless the host says otherwise, we take what pages send, as configured.
    pub fn wanted_video(&self, settings: &PeerSettings) -> Direction {
        let receives = !settings.receivable.video.is_empty();
        self.video_direction.unwrap_or(Direction { sends: true, receives })
    }

    pub fn wanted_audio(&self, settings: &PeerSettings) -> Direction {
        self.audio_direction.unwrap_or(Direction { sends: true, receives: settings.receivable.audio })
    }

    /// Notes what is wanted; `new`: the other side has to hear of it. Returns the sender, if it was made.
    fn turn(&mut self, sender: SenderId, wanted: Direction, new: bool) -> Option<Arc<dyn RtpSender>> {
        let (direction, told, own) = match sender {
            SenderId::VIDEO => (&mut self.video_direction, &mut self.changes, self.video.clone()),
            SenderId::AUDIO => (&mut self.audio_direction, &mut self.changes, self.audio.clone()),
            _ => {
                let track = self.added.iter_mut().find(|track| track.lane.sender == sender)?;
                (&mut track.direction, &mut track.told, track.sender.clone())
            }
        };
        *direction = Some(wanted);
        if new {
            told.change();
        }
        own
    }

    /// What the host does not want does not happen, whatever the other side would do.
    pub fn limit(&self, narrowed: &mut Narrowed) {
        if self.video_direction.is_some_and(|wanted| !wanted.sends) {
            narrowed.video = VideoOutcome::Absent;
            narrowed.others.clear();
        }
        if self.audio_direction.is_some_and(|wanted| !wanted.sends) {
            narrowed.audio = None;
        }
        self.directed().for_each(|(mid, wanted)| narrowed.limit(mid, wanted));
    }

    /// Sections in which the host wants nothing to be received.
    pub fn closed(&self) -> Vec<String> {
        self.directed().filter(|(_, wanted)| !wanted.receives).map(|(mid, _)| mid.to_owned()).collect()
    }

    /// Sections of which the host has said what it wants.
    fn directed(&self) -> impl Iterator<Item = (&str, Direction)> {
        let first = [(&self.video_mid, self.video_direction), (&self.audio_mid, self.audio_direction)];
        let added = self.added.iter().map(|track| (&track.mid, track.direction));
        first.into_iter().chain(added).filter_map(|(mid, direction)| Some((mid.as_deref()?, direction?)))
    }
}
