//! What a host does with the tracks of one viewer (W3C `addTrack`, `addTransceiver`, `removeTrack`, `replaceTrack`,
//! `getTransceivers`): checked and kept here at once, carried out by the viewer's own task.

use std::time::Duration;

use super::Streamer;
use super::directory::{TrackWish, Wishes};
use super::orders::OrderError;
use super::senders::{MediaKind, SenderError, SenderParameters};
use super::source::SourceError;
use crate::config::ReceiveConfig;
use crate::peer::{Direction, MOST_VIDEO_TRACKS, TrackState};
use crate::units::{SenderId, SourceId, ViewerId};

/// A connection that is busy for longer has nothing to tell.
const LONGEST: Duration = Duration::from_millis(250);
/// Characters of a MediaStream's identification (RFC 8830, section 2).
const LONGEST_STREAM: usize = 64;

/// What a track is added with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackOptions {
    /// Sound is only received: there is one sound for everybody.
    pub kind: MediaKind,
    pub source: SourceId,
    /// Its MediaStream: 1 to 64 characters of a token (RFC 8866, section 9). None: `rendercast-video-<sender>`.
    pub stream: Option<String>,
    /// Which ways its section goes. None: video is sent, sound is received.
    pub direction: Option<Direction>,
}

impl Default for TrackOptions {
    fn default() -> Self {
        Self { kind: MediaKind::Video, source: SourceId(0), stream: None, direction: None }
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
    #[error("direction: {0} is not received, since peer.receive.{0} is off")]
    NotReceived(&'static str),
    #[error("direction: everybody hears one sound, which is sender 2; an added section of sound only receives")]
    OneSound,
    #[error("{0} is none of this viewer's")]
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

/// Whether a section of this kind can go these ways.
fn check(kind: MediaKind, added: bool, wanted: Direction, receive: ReceiveConfig) -> Result<(), TrackError> {
    let (name, received) = match kind {
        MediaKind::Video => ("video", receive.video),
        MediaKind::Audio => ("audio", receive.audio),
    };
    if added && kind == MediaKind::Audio && wanted.sends {
        return Err(TrackError::OneSound);
    }
    if wanted.receives && !received { Err(TrackError::NotReceived(name)) } else { Ok(()) }
}

fn usual_stream(sender: SenderId) -> String {
    format!("rendercast-video-{}", sender.0)
}

fn add(wishes: &mut Wishes, options: TrackOptions) -> Result<TrackWish, TrackError> {
    if wishes.tracks.len() + 1 >= MOST_VIDEO_TRACKS {
        return Err(TrackError::TooMany);
    }
    let sender = SenderId(SenderId::ADDED.0.saturating_add(wishes.added));
    let stream = options.stream.unwrap_or_else(|| usual_stream(sender));
    if !is_token(&stream) {
        return Err(TrackError::Stream);
    }
    let (kind, parameters) = (options.kind, SenderParameters::default());
    let usual = (kind == MediaKind::Audio).then_some(Direction::RECVONLY);
    let direction = options.direction.or(usual);
    Ok(TrackWish { sender, kind, source: options.source, stream, direction, parameters })
}

impl Streamer {
    /// Adds a track to a viewer's connection. It is negotiated by itself, or the host is told to. Waits for nothing.
    pub fn add_track(&self, viewer: ViewerId, options: TrackOptions) -> Result<SenderId, TrackError> {
        self.find_source(options.source)?;
        let receive = self.shared.config.peer.receive;
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let wish = add(wishes, options)?;
            if let Some(wanted) = wish.direction {
                check(wish.kind, true, wanted, receive)?;
            }
            self.order_tracks(viewer)?;
            let sender = wish.sender;
            wishes.added = wishes.added.saturating_add(1);
            wishes.tracks.push(wish);
            Ok(sender)
        })
    }

    /// Ends an added track, whose number is not used again. The first two only stop sending, and can be turned again.
    pub fn remove_track(&self, viewer: ViewerId, sender: SenderId) -> Result<(), TrackError> {
        if sender == SenderId::VIDEO || sender == SenderId::AUDIO {
            return self.turn_first(viewer, sender, |before| Direction { sends: false, ..before });
        }
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let at = position(wishes, sender)?;
            self.order_tracks(viewer)?;
            wishes.tracks.remove(at);
            Ok(())
        })
    }

    /// Which ways a sender's section goes, from the next negotiation on.
    pub fn set_track_direction(&self, viewer: ViewerId, sender: SenderId, wanted: Direction) -> Result<(), TrackError> {
        let receive = self.shared.config.peer.receive;
        let first = [(SenderId::VIDEO, MediaKind::Video), (SenderId::AUDIO, MediaKind::Audio)];
        if let Some((_, kind)) = first.into_iter().find(|(first, _)| *first == sender) {
            check(kind, false, wanted, receive)?;
            return self.turn_first(viewer, sender, |_| wanted);
        }
        self.change_track(viewer, sender, |wish| {
            check(wish.kind, true, wanted, receive)?;
            wish.direction = Some(wanted);
            Ok(())
        })
    }

    /// Which MediaStream a sender's track is in, from the next negotiation on. None: the one that it would have had.
    pub fn set_track_stream(
        &self,
        viewer: ViewerId,
        sender: SenderId,
        stream: Option<String>,
    ) -> Result<(), TrackError> {
        if stream.as_deref().is_some_and(|stream| !is_token(stream)) {
            return Err(TrackError::Stream);
        }
        if sender != SenderId::VIDEO && sender != SenderId::AUDIO {
            let stream = stream.unwrap_or_else(|| usual_stream(sender));
            return self.change_video(viewer, sender, |wish| wish.stream = stream);
        }
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            self.order_tracks(viewer)?;
            let own = if sender == SenderId::VIDEO { &mut wishes.video_stream } else { &mut wishes.audio_stream };
            *own = stream;
            Ok(())
        })
    }

    fn turn_first(
        &self,
        viewer: ViewerId,
        sender: SenderId,
        turn: impl FnOnce(Direction) -> Direction,
    ) -> Result<(), TrackError> {
        let receive = self.shared.config.peer.receive;
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            self.order_tracks(viewer)?;
            let (direction, receives) = match sender {
                SenderId::VIDEO => (&mut wishes.video_direction, receive.video),
                _ => (&mut wishes.audio_direction, receive.audio),
            };
            *direction = Some(turn(direction.unwrap_or(Direction { sends: true, receives })));
            Ok(())
        })
    }

    /// Whose picture is sent on a track from now on. Nothing is negotiated.
    pub fn replace_track(&self, viewer: ViewerId, sender: SenderId, source: SourceId) -> Result<(), TrackError> {
        self.find_source(source)?;
        if sender != SenderId::VIDEO {
            return self.change_video(viewer, sender, |wish| wish.source = source);
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
        self.change_video(viewer, sender, |wish| wish.parameters = parameters)
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
        change: impl FnOnce(&mut TrackWish) -> Result<(), TrackError>,
    ) -> Result<(), TrackError> {
        self.shared.directory.change(&self.shared.orders, viewer, |wishes| {
            let at = position(wishes, sender)?;
            if let Some(wish) = wishes.tracks.get_mut(at) {
                let mut changed = wish.clone();
                change(&mut changed)?;
                self.order_tracks(viewer)?;
                *wish = changed;
            }
            Ok(())
        })
    }

    fn change_video(
        &self,
        viewer: ViewerId,
        sender: SenderId,
        change: impl FnOnce(&mut TrackWish),
    ) -> Result<(), TrackError> {
        self.change_track(viewer, sender, |wish| {
            if wish.kind == MediaKind::Audio {
                return Err(TrackError::NoSender(sender));
            }
            change(wish);
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
        assert_eq!((wish.sender, wish.stream.as_str(), wish.direction), (SenderId(7), "rendercast-video-7", None));
        wishes.tracks = vec![wish; MOST_VIDEO_TRACKS - 1];
        assert_eq!(add(&mut wishes, TrackOptions::default()), Err(TrackError::TooMany));
        assert_eq!(position(&wishes, SenderId(2)), Err(TrackError::NoSender(SenderId(2))));
    }

    #[test]
    fn a_section_goes_the_ways_that_it_can() {
        let (off, on) = (ReceiveConfig { audio: false, video: false }, ReceiveConfig { audio: true, video: true });
        let video = |wanted, receive| check(MediaKind::Video, true, wanted, receive);
        assert_eq!(video(Direction::SENDRECV, off), Err(TrackError::NotReceived("video")));
        assert_eq!(video(Direction::RECVONLY, on).and(video(Direction::INACTIVE, off)), Ok(()));
        assert_eq!(check(MediaKind::Audio, true, Direction::SENDRECV, on), Err(TrackError::OneSound));
        assert_eq!(check(MediaKind::Audio, true, Direction::RECVONLY, off), Err(TrackError::NotReceived("audio")));
        assert_eq!(check(MediaKind::Audio, false, Direction::SENDRECV, on), Ok(()));
        let sound = TrackOptions { kind: MediaKind::Audio, ..TrackOptions::default() };
        assert_eq!(add(&mut Wishes::default(), sound).unwrap().direction, Some(Direction::RECVONLY));
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
