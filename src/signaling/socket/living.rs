//! Which connections live, by what is told and said of them: those that a clean end has to end too. Pure.

use std::collections::HashSet;

use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};

/// Connections known at most; those beyond end with the socket.
const MAX_LIVING: usize = 2048;

#[derive(Debug, Default)]
pub struct Living(HashSet<ConnectionId>);

impl Living {
    pub fn note_event(&mut self, event: &SignalEvent) {
        match event {
            SignalEvent::Offer { connection, .. } | SignalEvent::Invite { connection, .. } => self.add(connection),
            SignalEvent::Disconnect { connection } => {
                self.0.remove(connection);
            }
            _ => {}
        }
    }

    pub fn note_command(&mut self, command: &SignalCommand) {
        match command {
            SignalCommand::Offer { connection, .. } => self.add(connection),
            SignalCommand::Disconnect { connection } => {
                self.0.remove(connection);
            }
            _ => {}
        }
    }

    /// Ends all of them.
    pub fn drain(&mut self) -> impl Iterator<Item = SignalCommand> + '_ {
        self.0.drain().map(|connection| SignalCommand::Disconnect { connection })
    }

    fn add(&mut self, connection: &ConnectionId) {
        if self.0.len() < MAX_LIVING {
            self.0.insert(connection.clone());
        }
    }
}
