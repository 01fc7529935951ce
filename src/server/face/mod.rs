//! One socket's protocol: its text as requests to the hub, and what the hub has for it as text. Pure.
//!
//! `urs` (Unity Render Streaming) · `relay` (bare descriptions) · `call` (user names).

mod call;
mod relay;
mod urs;

use super::hub::{CallWord, Hub, HubError, Page, SessionId};
use super::room::Room;
use super::wire::Message;
use crate::config::ServerConfig;
use crate::signaling::dialect;
use crate::signaling::signature::Signature;
use call::Call;
use relay::Relay;

/// Why a message of a page has no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceError {
    /// Counted, and otherwise ignored: one slip must not end a stream.
    #[error("not a message of this protocol")]
    Malformed,
    /// Counted, and told to the page.
    #[error("{0}")]
    Refused(&'static str),
    /// Counted by the hub, and told to the page.
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl From<dialect::Malformed> for FaceError {
    fn from(_: dialect::Malformed) -> Self {
        Self::Malformed
    }
}

/// What becomes of a word of the host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Frame(String),
    /// The protocol has no word for it, or it is about a connection that is over.
    Nothing,
    /// The protocol's way to say goodbye.
    Close(&'static str),
}

#[derive(Debug)]
pub enum Face {
    Urs,
    Relay(Relay),
    Call(Call),
}

impl Face {
    /// The face behind a path within a room. `host_begins`: the page asked for it. `line` must be hard to guess: it is a
    /// part of the connection ids that the face makes up.
    pub fn of(path: &str, room: Option<&Room>, host_begins: bool, line: String, config: &ServerConfig) -> Self {
        match path {
            "/relay" => Self::Relay(Relay::new(line, host_begins)),
            "/call" => Self::Call(Call::new(line, host_begins, room, config)),
            _ => Self::Urs,
        }
    }

    pub fn page(&self) -> Page {
        match self {
            Self::Urs => Page::Unity,
            Self::Relay(_) | Self::Call(_) => Page::Plain,
        }
    }

    /// The session is open.
    pub fn opened<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, now: u64) -> Result<(), FaceError> {
        match self {
            Self::Relay(relay) => relay.opened(hub, id, now),
            Self::Urs | Self::Call(_) => Ok(()),
        }
    }

    /// A message from the page; gives a reply to it, if there is one.
    pub fn handle<W: Clone>(
        &mut self,
        hub: &mut Hub<W>,
        id: &SessionId,
        bytes: &[u8],
        now: u64,
    ) -> Result<Option<String>, FaceError> {
        let text = || std::str::from_utf8(bytes).map_err(|_| FaceError::Malformed);
        match self {
            Self::Urs => urs::handle(hub, id, bytes, now).map(|()| None),
            Self::Relay(relay) => relay.handle(hub, id, text()?, now).map(|()| None),
            Self::Call(call) => call.handle(hub, id, text()?, now),
        }
    }

    /// What the hub has for the page, in the words of the protocol.
    pub fn say(&mut self, message: &Message) -> Said {
        match self {
            Self::Urs => Said::Frame(message.to_frame()),
            Self::Relay(relay) => relay.say(message),
            Self::Call(call) => call.say(message),
        }
    }

    /// What becomes of a call that is not live.
    pub fn say_call(&mut self, word: CallWord) -> Said {
        match self {
            Self::Urs | Self::Relay(_) => Said::Nothing,
            Self::Call(call) => call.say_call(word),
        }
    }

    /// Why a message of the page was refused.
    pub fn error(&self, words: &str) -> String {
        match self {
            Self::Urs | Self::Relay(_) => super::wire::error_frame(words),
            Self::Call(call) => call.error(words),
        }
    }
}

/// The page's peer connection, by a description of its; an error for what is none.
fn page_of(sdp: &str) -> Result<u64, FaceError> {
    Signature::of(sdp).map(|signature| signature.session).ok_or(FaceError::Malformed)
}

#[cfg(test)]
mod tests;
