//! What the game asks of viewers' pages, with Godot's error for each of the library's.

use godot::builtin::GString;
use godot::global::Error;
use rendercast::roles::RoleError;
use rendercast::streamer::{FeedbackError, Rumble, SendError, SourceError, Streamer};
use rendercast::units::{SourceId, ViewerId};

pub fn send(streamer: &Streamer, to: Option<ViewerId>, channel: &GString, text: bool, data: &[u8]) -> Error {
    match streamer.send_message(to, &channel.to_string(), text, data) {
        Ok(()) => Error::OK,
        Err(SendError::NoViewer(_)) => Error::ERR_DOES_NOT_EXIST,
        Err(SendError::NoChannel(_)) => Error::ERR_CONNECTION_ERROR,
        Err(SendError::TooLong { .. }) => Error::ERR_INVALID_PARAMETER,
        Err(SendError::Full(_)) => Error::ERR_BUSY,
    }
}

fn outcome(result: Result<(), FeedbackError>) -> Error {
    match result {
        Ok(()) => Error::OK,
        Err(FeedbackError::NoViewer(_)) => Error::ERR_DOES_NOT_EXIST,
        Err(FeedbackError::NoChannel) => Error::ERR_CONNECTION_ERROR,
        Err(FeedbackError::OutOfRange { .. } | FeedbackError::TooLong { .. }) => Error::ERR_INVALID_PARAMETER,
        Err(FeedbackError::ClipboardOff) => Error::ERR_UNAVAILABLE,
        Err(FeedbackError::Full) => Error::ERR_BUSY,
    }
}

pub fn kick(streamer: &Streamer, viewer: Option<ViewerId>, reason: &str) -> Error {
    viewer.map_or(Error::ERR_INVALID_PARAMETER, |viewer| outcome(streamer.kick(viewer, reason)))
}

pub fn set_role(streamer: &Streamer, viewer: Option<ViewerId>, player: bool) -> Error {
    let Some(viewer) = viewer else { return Error::ERR_INVALID_PARAMETER };
    match streamer.set_viewer_role(viewer, player) {
        Ok(()) => Error::OK,
        Err(RoleError::NoViewer(_)) => Error::ERR_DOES_NOT_EXIST,
        Err(_) => Error::ERR_BUSY,
    }
}

pub fn rumble(streamer: &Streamer, to: Option<ViewerId>, pad: i64, [weak, strong]: [f64; 2], seconds: f64) -> Error {
    // What is out of range stays so.
    let (pad, ms) = (u32::try_from(pad).unwrap_or(u32::MAX), (seconds * 1e3).round() as u32);
    let rumble = Rumble { pad, strong: strong as f32, weak: weak as f32, ms, ..Default::default() };
    outcome(streamer.rumble(to, rumble))
}

pub fn set_cursor(streamer: &Streamer, to: Option<ViewerId>, shape: &str) -> Error {
    outcome(streamer.set_cursor(to, (!shape.is_empty()).then_some(shape)))
}

pub fn show(streamer: &Streamer, viewer: Option<ViewerId>, source: SourceId) -> Error {
    let shown = match viewer {
        Some(viewer) => streamer.set_viewer_source(Some(viewer), source),
        None => streamer.set_every_viewers_source(source),
    };
    match shown {
        Ok(()) => Error::OK,
        Err(SourceError::Unknown(_) | SourceError::Order(_)) => Error::ERR_DOES_NOT_EXIST,
        Err(_) => Error::ERR_BUSY,
    }
}
