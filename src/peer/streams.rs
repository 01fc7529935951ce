//! Which MediaStream a sender's track is in (W3C `setStreams`), told with the next exchange of descriptions.

use super::negotiate::at;
use super::settings::PeerError;
use super::tracks::{self, Tracks};
use super::{Inner, Peer, PeerSettings};
use crate::units::SenderId;

impl Peer {
    /// None: the one that it has by itself; of an added track there is none such.
    pub async fn set_stream(&self, sender: SenderId, stream: Option<&str>) -> Result<(), PeerError> {
        let mut negotiation = self.negotiate().await?;
        let Inner { settings, video, audio, .. } = &*self.0;
        let negotiation = &mut *negotiation;
        let tracks = &mut negotiation.tracks;
        let set = stream.map(str::to_owned);
        // Named anew with the codec it is sent in: the crate binds its stations by the newest one's.
        let (own, track) = match sender {
            SenderId::VIDEO => {
                tracks.video_stream = set;
                let choice = negotiation.video.as_ref();
                (tracks.video.clone(), tracks::video_track(video, tracks.video_stream(settings), choice))
            }
            SenderId::AUDIO => {
                tracks.audio_stream = set;
                let choice = negotiation.audio.as_ref();
                (tracks.audio.clone(), tracks::audio_track(audio, tracks.audio_stream(settings), choice))
            }
            _ => {
                let added = tracks.added.iter_mut().find(|track| track.lane.sender == sender);
                let (added, stream) = added.zip(set).ok_or(PeerError::NoTrack)?;
                added.told.change();
                let track = added.rename(stream);
                (added.sender.clone(), track)
            }
        };
        if sender == SenderId::VIDEO || sender == SenderId::AUDIO {
            tracks.changes.change();
        }
        match own {
            Some(own) => own.replace_track(track).await.map_err(at("setStreams")),
            None => Ok(()),
        }
    }
}

impl Tracks {
    /// The stream that a sender's track is in, or is to be in. None: there is no such sender.
    pub(super) fn stream(&self, sender: SenderId, settings: &PeerSettings) -> Option<&str> {
        match sender {
            SenderId::VIDEO => Some(self.video_stream(settings)),
            SenderId::AUDIO => Some(self.audio_stream(settings)),
            _ => self.added.iter().find(|track| track.lane.sender == sender).map(|track| track.stream()),
        }
    }

    pub(super) fn video_stream(&self, settings: &PeerSettings) -> &str {
        let usual = if settings.one_stream { "rendercast" } else { "rendercast-video" };
        self.video_stream.as_deref().unwrap_or(usual)
    }

    pub(super) fn audio_stream(&self, settings: &PeerSettings) -> &str {
        let usual = if settings.one_stream { "rendercast" } else { "rendercast-audio" };
        self.audio_stream.as_deref().unwrap_or(usual)
    }
}
