//! Unity Render Streaming over a WebSocket, generation 2 to the newest, public and private mode. `wire` reads and writes
//! frames; this file is the [`Dialect`] over the `memory` and `membership` that HTTP has too. Pure.
//!
//! The server keeps nothing: what is sent to somebody who is not there is lost. Generation 2 and public mode tell everybody
//! everything. A server that gets a frame that is no JSON ends as a whole, so every frame is written by `serde_json`.

mod wire;

use std::collections::VecDeque;
use std::mem::take;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::dialect::{Dialect, Malformed, Output};
use super::urs::membership::Membership;
use super::urs::memory::{Heard, Memory};
use super::urs::message::{Generation, Message};
use super::{ConnectionId, SignalCommand, SignalEvent};
use crate::time::Nanos;
use wire::Frame;

/// Commands kept while there is no socket; those beyond are dropped, oldest first. A restarted server knows none of the
/// connections, and a page whose server is gone starts anew.
const MAX_KEPT: usize = 256;

/// What a frame may need to the other side and back.
const CROSSING: RangeInclusive<Duration> = Duration::from_millis(300)..=Duration::from_secs(1);

/// The client's side of the protocol.
#[derive(Debug)]
pub struct UrsWebSocket {
    generation: Option<Generation>,
    memory: Memory,
    membership: Option<Membership>,
    open: bool,
    kept: VecDeque<SignalCommand>,
}

impl UrsWebSocket {
    /// `generation`: what the server is, where that is known. `private`: the connection that both sides name.
    pub fn new(generation: Option<Generation>, private: Option<ConnectionId>) -> Self {
        Self {
            generation,
            memory: Memory::default(),
            membership: private.map(|connection| Membership::new(connection, CROSSING)),
            open: false,
            kept: VecDeque::new(),
        }
    }

    /// Asks to be let in and invites, where that is due.
    fn go_on(&mut self, now: Nanos, out: &mut Output) {
        let Some(membership) = self.membership.as_mut().filter(|_| self.open) else {
            return;
        };
        if membership.take_asking(now) {
            out.frames.push_back(wire::connect(membership.connection()));
        }
        out.events.extend(membership.take_invite(now));
        out.events.extend(membership.take_held(now));
    }

    fn hear_connect(
        &mut self,
        connection: &ConnectionId,
        polite: bool,
        now: Nanos,
        out: &mut Output,
    ) -> Result<(), Malformed> {
        let Some(membership) = &mut self.membership else {
            return Err(Malformed("we asked for no connection".into()));
        };
        if membership.connection() != connection {
            membership.refused(now);
            let reason = "this server knows no private mode: leave signaling.connection_id empty".into();
            out.events.push_back(SignalEvent::Trouble { reason });
            return Ok(());
        }
        membership.entered(polite, self.memory.is_living(connection), now);
        out.events.push_back(SignalEvent::Ready { description: format!("private connection {connection}") });
        Ok(())
    }

    fn hear_error(&mut self, message: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        match &mut self.membership {
            Some(membership) if message.contains("already used") => {
                membership.refused(now);
                let id = membership.connection();
                let reason = format!("signaling.connection_id = {id}: two others use it on this server already");
                out.events.push_back(SignalEvent::Trouble { reason });
                Ok(())
            }
            _ => Err(Malformed(format!("the server says: {message}"))),
        }
    }

    fn hear(&mut self, message: Message, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let generation = self.generation.unwrap_or(match &message {
            // Perfect negotiation came with generation 4; two generations before it pages wanted one stream.
            Message::Offer { polite: None, .. } => Generation::Second,
            _ => Generation::Newest,
        });
        match self.memory.hear(message, generation) {
            Heard::New(event) => {
                out.events.extend(match &mut self.membership {
                    Some(membership) => membership.place(event, now),
                    None => Some(event),
                });
                Ok(())
            }
            Heard::Nothing => Ok(()),
            Heard::TooMany => Err(Malformed("too many connections or candidates".into())),
        }
    }

    fn say(&mut self, command: &SignalCommand, now: Nanos, out: &mut Output) {
        out.frames.push_back(wire::command(command));
        if let Some(membership) = &mut self.membership {
            out.frames.extend(membership.say(command, now).iter().map(wire::command));
        }
    }

    /// Keeps what still means something when the server is back: a page whose offer it has waits for our answer.
    fn keep(&mut self, command: SignalCommand) {
        if let SignalCommand::Disconnect { connection } = &command {
            let connection = connection.clone();
            self.kept.retain(|kept| kept.connection() != &connection);
        }
        if self.kept.len() >= MAX_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(command);
    }
}

impl Dialect for UrsWebSocket {
    fn name(&self) -> &'static str {
        "Unity Render Streaming"
    }

    fn opened(&mut self, now: Nanos, out: &mut Output) {
        self.open = true;
        if let Some(membership) = &mut self.membership {
            membership.opened(now);
        }
        self.go_on(now, out);
        for command in take(&mut self.kept) {
            self.say(&command, now, out);
        }
    }

    fn closed(&mut self, _: Nanos, _: &mut Output) {
        self.open = false;
        if let Some(membership) = &mut self.membership {
            membership.closed();
        }
    }

    fn handle_text(&mut self, text: &str, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let heard = match wire::parse(text)? {
            Frame::Connect { connection, polite } => self.hear_connect(&connection, polite, now, out),
            Frame::Message(message) => self.hear(message, now, out),
            Frame::Error(message) => self.hear_error(&message, now, out),
            Frame::Unknown => Ok(()),
        };
        self.go_on(now, out);
        heard
    }

    fn handle_command(&mut self, command: SignalCommand, now: Nanos, out: &mut Output) {
        if !self.memory.say(&command) {
            return;
        }
        if let (SignalCommand::Disconnect { connection }, Some(membership)) = (&command, &mut self.membership)
            && connection == membership.connection()
            && !membership.leave(now)
        {
            return;
        }
        if self.open {
            self.say(&command, now, out);
        } else {
            self.keep(command);
        }
        self.go_on(now, out);
    }

    fn next_deadline(&self) -> Option<Nanos> {
        self.membership.as_ref().filter(|_| self.open)?.next_deadline()
    }

    fn handle_tick(&mut self, now: Nanos, out: &mut Output) {
        self.go_on(now, out);
    }
}

#[cfg(test)]
mod tests;
