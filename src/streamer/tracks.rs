//! What a host does with the video tracks of one viewer (W3C `addTrack`, `removeTrack`, `replaceTrack`, `getTransceivers`):
//! checked and kept here at once, carried out by the viewer's own task.

use std::time::Duration;

use super::Streamer;
use super::directory::{TrackWish, Wishes};
use super::orders::OrderError;
use super::senders::{MediaKind, SenderError, SenderParameters};
use super::source::SourceError;
use crate::peer::{MOST_VIDEO_TRACKS, TrackState};
use crate::units::{SenderId, SourceId, ViewerId};

/// A connection that is busy for longer has nothing to tell.
const LONGEST: Duration = Duration::from_millis(250);
/// Characters of a MediaStream's identification (RFC 8830, section 2).
const LONGEST_STREAM: usize = 64;

/// What a track is added with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackOptions {
    pub source: SourceId,
    /// Its MediaStream: 1 to 64 characters of a token (RFC 8866, section 9). None: `rendercast-video-<sender>`.
    pub stream: Option<String>,
    /// Else its section is inactive until it is turned.
    pub sends: bool,
}

impl Default for TrackOptions {
    fn default() -> Self {
        Self { source: SourceId(0), stream: None, sends: true }
    }
}

/// One section of a viewer's connection (W3C `RTCRtpTransceiver`).
#[derive(Clone, Debug, PartialEq)]
pub struct Transceiver {
    pub state: TrackState,
    /// Whose picture is sent in it, or is about to be.
    pub source: Option<SourceId>,
    /// W3C's `active` of its sender's encoding.
    pub active: Option<bool>,
}

/// Why a track is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrackError {
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("{0} is not here")]
    NoSource(SourceId),
    #[error("the viewer has {MOST_VIDEO_TRACKS} video tracks already")]
    TooMany,
    #[error("stream_id has 1 to 64 letters, digits and !#$%&'*+-.^_`{{|}}~")]
    Stream,
    #[error("{0} is none of this viewer's that were added")]
    NoSender(SenderId),
    #[error(transparent)]
    Parameters(#[from] SenderError),
    #[error("the connection did not answer within 250 ms")]
    Busy,
}

/// RFC 8866, section 9: `token-char`.
fn is_token(text: &str) -> bool {
    let is_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`{|}~".contains(c);
    (1..=LONGEST_STREAM).contains(&text.len()) && text.chars().all(is_char)
}

fn add(wishes: &mut Wishes, options: TrackOptions) -> Result<TrackWish, TrackError> {
    if wishes.tracks.len() + 1 >= MOST_VIDEO_TRACKS {
        return Err(TrackError::TooMany);
    }
    let sender = SenderId(SenderId::ADDED.0.saturating_add(wishes.added));
    let stream = options.stream.unwrap_or_else(|| format!("rendercast-video-{}", sender.0));
    if !is_token(&stream) {
        return Err(TrackError::Stream);
    }
    let parameters = SenderParameters::default();
    Ok(TrackWish { sender, source: options.source, stream, sends: options.sends, parameters })
}

impl Streamer {
    /// Adds a video track to a viewer's connection. It is negotiated by itself, or the host is told to. Waits for nothing.
    pub fn add_track(&self, viewer: ViewerId, options: TrackOptions) -> Result<SenderId, TrackError> {
        self.find_source(options.source)?;
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let wish = add(wishes, options)?;
            self.order_tracks(viewer)?;
            let sender = wish.sender;
            wishes.added = wishes.added.saturating_add(1);
            wishes.tracks.push(wish);
            Ok(sender)
        })
    }

    /// Ends an added track. Its number is not used again.
    pub fn remove_track(&self, viewer: ViewerId, sender: SenderId) -> Result<(), TrackError> {
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let at = position(wishes, sender)?;
            self.order_tracks(viewer)?;
            wishes.tracks.remove(at);
            Ok(())
        })
    }

    /// Whether an added track sends, from the next negotiation on.
    pub fn set_track_direction(&self, viewer: ViewerId, sender: SenderId, sends: bool) -> Result<(), TrackError> {
        self.change_track(viewer, sender, |wish| wish.sends = sends)
    }

    /// Whose picture is sent on a track from now on. Nothing is negotiated.
    pub fn replace_track(&self, viewer: ViewerId, sender: SenderId, source: SourceId) -> Result<(), TrackError> {
        self.find_source(source)?;
        if sender != SenderId::VIDEO {
            return self.change_track(viewer, sender, |wish| wish.source = source);
        }
        self.set_viewer_source(Some(viewer), source).map_err(|error| match error {
            SourceError::Order(error) => error.into(),
            _ => TrackError::NoSource(source),
        })
    }

    /// What may be sent on an added track.
    pub fn set_track_parameters(
        &self,
        viewer: ViewerId,
        sender: SenderId,
        parameters: SenderParameters,
    ) -> Result<(), TrackError> {
        parameters.check(MediaKind::Video)?;
        self.change_track(viewer, sender, |wish| wish.parameters = parameters)
    }

    /// What was last set for an added track.
    pub fn track_parameters(&self, viewer: ViewerId, sender: SenderId) -> Result<SenderParameters, TrackError> {
        let wishes = self.shared.directory.wishes_of(&self.shared.orders, viewer)?;
        let found = wishes.tracks.iter().find(|wish| wish.sender == sender).map(|wish| wish.parameters);
        found.ok_or(TrackError::NoSender(sender))
    }

    /// All audio and video sections of a viewer's connection, in their order. Waits for the connection's driver.
    pub fn transceivers(&self, viewer: ViewerId) -> Result<Vec<Transceiver>, TrackError> {
        let (tell, told) = crossbeam_channel::bounded(1);
        self.shared.orders.post(viewer, |viewer| {
            Box::pin(async move {
                let _ = tell.try_send(viewer.transceivers().await);
            })
        })?;
        told.recv_timeout(LONGEST).map_err(|_| TrackError::Busy)
    }

    fn find_source(&self, source: SourceId) -> Result<(), TrackError> {
        self.source(source).map(drop).map_err(|_| TrackError::NoSource(source))
    }

    fn change_track(
        &self,
        viewer: ViewerId,
        sender: SenderId,
        change: impl FnOnce(&mut TrackWish),
    ) -> Result<(), TrackError> {
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let at = position(wishes, sender)?;
            self.order_tracks(viewer)?;
            if let Some(wish) = wishes.tracks.get_mut(at) {
                change(wish);
            }
            Ok(())
        })
    }

    /// Its task looks what is wanted once the directory is free again.
    fn order_tracks(&self, viewer: ViewerId) -> Result<(), OrderError> {
        self.shared.orders.post(viewer, |viewer| Box::pin(viewer.grant()))
    }
}

fn position(wishes: &Wishes, sender: SenderId) -> Result<usize, TrackError> {
    wishes.tracks.iter().position(|wish| wish.sender == sender).ok_or(TrackError::NoSender(sender))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_has_a_number_and_a_stream_of_its_own() {
        let mut wishes = Wishes { added: 4, ..Wishes::default() };
        let wish = add(&mut wishes, TrackOptions::default()).unwrap();
        assert_eq!((wish.sender, wish.stream.as_str(), wish.sends), (SenderId(7), "rendercast-video-7", true));
        wishes.tracks = vec![wish; MOST_VIDEO_TRACKS - 1];
        assert_eq!(add(&mut wishes, TrackOptions::default()), Err(TrackError::TooMany));
        assert_eq!(position(&wishes, SenderId(2)), Err(TrackError::NoSender(SenderId(2))));
    }

    #[test]
    fn what_cannot_stand_in_a_description_is_no_stream() {
        for (stream, is) in
            [("map", true), ("a+b~1", true), ("", false), ("a b", false), ("ä", false), ("a\r\nm=", false)]
        {
            let options = TrackOptions { stream: Some(stream.into()), ..TrackOptions::default() };
            assert_eq!(add(&mut Wishes::default(), options).is_ok(), is, "{stream:?}");
        }
        assert!(!is_token(&"x".repeat(65)) && is_token(&"x".repeat(64)));
    }
}
