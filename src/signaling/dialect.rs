//! What a WebSocket protocol is, to the carrier that connects, reconnects and pings: a pure state machine from text to
//! events and from commands to text.

use std::collections::VecDeque;
use std::time::Duration;

use super::{SignalCommand, SignalEvent};
use crate::time::Nanos;

/// Why a message is not understood: for logs, never shown to the other side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// What a dialect wants sent and told, in order.
#[derive(Debug, Default, PartialEq)]
pub struct Output {
    /// Text frames for the server.
    pub frames: VecDeque<String>,
    /// For the session.
    pub events: VecDeque<SignalEvent>,
}

/// One WebSocket signaling protocol, from the client's side. It outlives its sockets: after `closed` comes `opened` again.
/// Nothing here fails for good; what makes no sense is [`Malformed`], counted, and of no effect.
pub trait Dialect: Send {
    /// Names the protocol for people.
    fn name(&self) -> &'static str;
    /// A socket is open.
    fn opened(&mut self, now: Nanos, out: &mut Output);
    /// The socket is gone. Connections live on: a viewer's media does not need it.
    fn closed(&mut self, now: Nanos, out: &mut Output);
    /// One text frame.
    fn handle_text(&mut self, text: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed>;
    /// What the session says. Without a socket it is kept where it still means something later, else dropped.
    fn handle_command(&mut self, command: SignalCommand, now: Nanos, out: &mut Output);
    /// How long after the loss of an open socket the next one is tried. `None`: as the carrier likes.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
    /// When [`Self::handle_tick`] is due.
    fn next_deadline(&self) -> Option<Nanos> {
        None
    }
    fn handle_tick(&mut self, _now: Nanos, _out: &mut Output) {}
}
