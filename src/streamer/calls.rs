//! The host's side of a protocol with calls: what it decides goes to the signaling client, as long as there is one.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::config::{MAX_USER_NAME, is_user_name};
use crate::signaling::{CallAction, ConnectionId, SignalCommand};

/// Why a decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("user name of {0} bytes: 1 to {MAX_USER_NAME} bytes without control characters are one")]
    Name(usize),
    #[error("no signaling client of the call protocol runs: it is not configured, or the streamer is not started")]
    NoCalls,
    #[error("earlier signaling messages still wait")]
    Full,
}

/// The way to the signaling client, while it runs.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Option<mpsc::Sender<SignalCommand>>>);

impl Calls {
    /// A client of a protocol with calls runs, or runs no more.
    pub fn set(&self, commands: Option<mpsc::Sender<SignalCommand>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = commands;
    }

    /// Never waits.
    pub fn decide(&self, user: &str, action: CallAction) -> Result<(), CallError> {
        if !is_user_name(user) {
            return Err(CallError::Name(user.len()));
        }
        let commands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let command = SignalCommand::Call { user: ConnectionId(user.into()), action };
        commands.as_ref().ok_or(CallError::NoCalls)?.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CallError::Full,
            mpsc::error::TrySendError::Closed(_) => CallError::NoCalls,
        })
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
        calls.set(Some(commands));
        calls.decide("ann", CallAction::Accept).unwrap();
        assert_eq!(calls.decide("ann", CallAction::Accept), Err(CallError::Full));
        let user = ConnectionId("ann".into());
        assert_eq!(taken.try_recv(), Ok(SignalCommand::Call { user, action: CallAction::Accept }));
        assert_eq!(calls.decide("", CallAction::End), Err(CallError::Name(0)));
        drop(taken);
        assert_eq!(calls.decide("ann", CallAction::End), Err(CallError::NoCalls));
        calls.set(None);
        assert_eq!(calls.decide("ann", CallAction::End), Err(CallError::NoCalls));
    }
}
