//! The host's side of protocols with calls: what it decides goes to the embedded server, whose users call on it, or to the
//! signaling client, as long as they run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::config::{MAX_USER_NAME, is_user_name};
use crate::signaling::{CallAction, ConnectionId, SignalCommand};

/// Why a decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("user name of {0} bytes: 1 to {MAX_USER_NAME} bytes without control characters are one")]
    Name(usize),
    #[error("no embedded server and no signaling client of the call protocol runs")]
    NoCalls,
    #[error("earlier signaling messages still wait")]
    Full,
}

/// Whether somebody has signed in at the embedded server under a name. Must be quick.
pub type HasUser = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The ways to whoever has users, while they run.
#[derive(Default)]
pub struct Calls(Mutex<Ways>);

#[derive(Default)]
struct Ways {
    client: Option<mpsc::Sender<SignalCommand>>,
    server: Option<(mpsc::Sender<SignalCommand>, HasUser)>,
}

impl Calls {
    /// A client of a protocol with calls runs.
    pub fn set_client(&self, commands: mpsc::Sender<SignalCommand>) {
        self.ways().client = Some(commands);
    }

    /// The embedded server runs.
    #[cfg(any(feature = "server", test))]
    pub fn set_server(&self, commands: mpsc::Sender<SignalCommand>, has_user: HasUser) {
        self.ways().server = Some((commands, has_user));
    }

    /// Nobody runs any more.
    pub fn clear(&self) {
        *self.ways() = Ways::default();
    }

    /// Never waits. A user of the server's goes before one of the client's with the same name.
    pub fn decide(&self, user: &str, action: CallAction) -> Result<(), CallError> {
        if !is_user_name(user) {
            return Err(CallError::Name(user.len()));
        }
        let ways = self.ways();
        let here = ways.server.as_ref().filter(|(_, has_user)| ways.client.is_none() || has_user(user));
        let commands = here.map(|(commands, _)| commands).or(ways.client.as_ref()).ok_or(CallError::NoCalls)?;
        let command = SignalCommand::Call { user: ConnectionId(user.into()), action };
        commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CallError::Full,
            mpsc::error::TrySendError::Closed(_) => CallError::NoCalls,
        })
    }

    fn ways(&self) -> MutexGuard<'_, Ways> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Calls")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_reach_a_client_that_has_calls_and_are_refused_by_name_otherwise() {
        let calls = Calls::default();
        assert_eq!(calls.decide("ann", CallAction::Start), Err(CallError::NoCalls));
        let (commands, mut taken) = mpsc::channel(1);
        calls.set_client(commands);
        calls.decide("ann", CallAction::Accept).unwrap();
        assert_eq!(calls.decide("ann", CallAction::Accept), Err(CallError::Full));
        let user = ConnectionId("ann".into());
        assert_eq!(taken.try_recv(), Ok(SignalCommand::Call { user, action: CallAction::Accept }));
        assert_eq!(calls.decide("", CallAction::End), Err(CallError::Name(0)));
        drop(taken);
        assert_eq!(calls.decide("ann", CallAction::End), Err(CallError::NoCalls));
        calls.clear();
        assert_eq!(calls.decide("ann", CallAction::End), Err(CallError::NoCalls));
    }

    #[test]
    fn a_decision_goes_to_where_its_user_is() {
        let calls = Calls::default();
        let (to_server, mut server) = mpsc::channel(2);
        calls.set_server(to_server, Arc::new(|user| user == "ann"));
        calls.decide("nobody", CallAction::Start).unwrap();
        assert!(server.try_recv().is_ok(), "where only the server runs, it says who is not here");
        let (to_client, mut client) = mpsc::channel(2);
        calls.set_client(to_client);
        calls.decide("ann", CallAction::Start).unwrap();
        calls.decide("bob", CallAction::Start).unwrap();
        let user_of = |command: SignalCommand| command.connection().to_string();
        assert_eq!(server.try_recv().map(user_of).unwrap(), "ann");
        assert_eq!(client.try_recv().map(user_of).unwrap(), "bob");
        assert!(server.try_recv().is_err() && client.try_recv().is_err());
    }
}
