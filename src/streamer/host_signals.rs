//! Signaling that the host carries itself, with whatever protocol it has: what it hears goes to the session, what the session
//! says waits here until the host polls.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::signaling::{SignalCommand, SignalEvent};

/// Messages from the host that may wait.
const PUSHED: usize = 256;
/// Messages for the host that may wait. Beyond, what makes more of them waits: a viewer says about a dozen.
const UNPOLLED: usize = 1024;

/// Why a message of the host's was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    #[error("the streamer is not started")]
    NotStarted,
    #[error("{PUSHED} signaling messages wait already")]
    Full,
}

/// Between the host's threads and the session, while that runs.
#[derive(Debug, Default)]
pub struct HostSignals(Mutex<Option<Open>>);

#[derive(Debug)]
struct Open {
    events: mpsc::Sender<SignalEvent>,
    commands: mpsc::Receiver<SignalCommand>,
    /// Taken out, and not yet read by the host.
    next: Option<SignalCommand>,
}

impl HostSignals {
    /// The session begins: what it hears the host say, and where it says what the host shall carry.
    pub fn open(&self) -> (mpsc::Receiver<SignalEvent>, mpsc::Sender<SignalCommand>) {
        let (events, heard) = mpsc::channel(PUSHED);
        let (say, commands) = mpsc::channel(UNPOLLED);
        *self.state() = Some(Open { events, commands, next: None });
        (heard, say)
    }

    /// The session ends, and what was not polled is void: nobody waits for room any more.
    pub fn close(&self) {
        *self.state() = None;
    }

    /// Never waits.
    pub fn push(&self, event: SignalEvent) -> Result<(), SignalError> {
        let state = self.state();
        let open = state.as_ref().ok_or(SignalError::NotStarted)?;
        open.events.try_send(event).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SignalError::Full,
            mpsc::error::TrySendError::Closed(_) => SignalError::NotStarted,
        })
    }

    /// The oldest message for the host, if there is one. It stays where `read` fails.
    pub fn poll<T, E>(&self, read: impl FnOnce(&SignalCommand) -> Result<T, E>) -> Option<Result<T, E>> {
        let mut state = self.state();
        let open = state.as_mut()?;
        if open.next.is_none() {
            open.next = open.commands.try_recv().ok();
        }
        let read = read(open.next.as_ref()?);
        if read.is_ok() {
            open.next = None;
        }
        Some(read)
    }

    fn state(&self) -> MutexGuard<'_, Option<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signaling::ConnectionId;

    fn leave(name: &str) -> SignalEvent {
        SignalEvent::Disconnect { connection: ConnectionId(name.into()) }
    }

    #[test]
    fn messages_are_taken_while_a_session_runs_and_never_wait() {
        let signals = HostSignals::default();
        assert_eq!(signals.push(leave("a")), Err(SignalError::NotStarted));
        let (mut heard, _say) = signals.open();
        for _ in 0..PUSHED {
            signals.push(leave("a")).unwrap();
        }
        assert_eq!(signals.push(leave("b")), Err(SignalError::Full));
        assert_eq!(heard.try_recv(), Ok(leave("a")));
        signals.push(leave("b")).unwrap();
        drop(heard);
        assert_eq!(signals.push(leave("b")), Err(SignalError::NotStarted));
        signals.close();
        assert_eq!(signals.push(leave("b")), Err(SignalError::NotStarted));
    }

    #[test]
    fn a_message_that_could_not_be_read_is_read_again() {
        let signals = HostSignals::default();
        assert!(signals.poll(|_| Ok::<_, ()>(())).is_none());
        let (_heard, say) = signals.open();
        let answer = |sdp: &str| SignalCommand::Answer { connection: ConnectionId("a".into()), sdp: sdp.into() };
        say.try_send(answer("first")).unwrap();
        say.try_send(answer("second")).unwrap();
        let read = |command: &SignalCommand| Ok::<_, ()>(command.clone());
        assert_eq!(signals.poll(|_| Err::<(), _>("too small")), Some(Err("too small")));
        assert_eq!(signals.poll(read), Some(Ok(answer("first"))));
        assert_eq!(signals.poll(read), Some(Ok(answer("second"))));
        assert_eq!(signals.poll(read), None);
        signals.close();
        assert!(say.try_send(answer("third")).is_err(), "nobody waits for a host that has stopped");
    }
}
