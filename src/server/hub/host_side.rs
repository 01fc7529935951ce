//! The hub's other end: what the host says, and what it is told. Pure.

use super::{Hub, HubError};
use crate::config::SignalingMode;
use crate::signaling::{SignalCommand, SignalEvent};

impl<W: Clone> Hub<W> {
    /// What the host says goes to the session that owns the connection, or nowhere if its browser has left.
    pub fn handle_command(&mut self, command: SignalCommand, now: u64) {
        if let SignalCommand::Call { user, action } = &command {
            return self.decide(user, *action, now);
        }
        let datetime = self.tick(now);
        let connection = match &command {
            SignalCommand::Offer { connection, .. }
            | SignalCommand::Answer { connection, .. }
            | SignalCommand::Candidate { connection, .. }
            | SignalCommand::Disconnect { connection } => connection,
            SignalCommand::Call { .. } => return,
        };
        let Some(owner) = self.owners.get(connection).cloned() else { return };
        let Some(session) = self.sessions.get_mut(&owner) else { return };
        match command {
            SignalCommand::Offer { connection, sdp } => {
                let polite = self.mode == SignalingMode::Private && !self.lines.has(&owner);
                session.deliver_description(connection, sdp, Some(polite), datetime);
            }
            SignalCommand::Answer { connection, sdp } => session.deliver_description(connection, sdp, None, datetime),
            SignalCommand::Candidate { connection, candidate } => {
                if !session.deliver_candidate(connection, candidate, datetime) {
                    self.refused += 1;
                }
            }
            SignalCommand::Disconnect { connection } => {
                session.remove(&connection, datetime);
                self.owners.remove(&connection);
                self.queue.forget(&connection);
            }
            SignalCommand::Call { .. } => {}
        }
        self.wake(&owner);
    }

    /// Something that the host should hear.
    pub fn tell(&mut self, event: SignalEvent) -> Result<(), HubError> {
        if self.queue.push(event).is_err() {
            return self.refuse(HubError::Busy);
        }
        Ok(())
    }

    /// The next event for the host.
    pub fn poll_event(&mut self) -> Option<SignalEvent> {
        self.queue.pop()
    }

    pub fn has_events(&self) -> bool {
        !self.queue.is_empty()
    }
}
