//! Again and again: connects, lets the dialect speak, and after a loss waits a little longer each time.

use tokio::time::sleep;
use tracing::debug;

use super::connect::{Target, open};
use super::converse::{Ends, converse};
use super::error::SocketError;
use super::living::Living;
use crate::config::SignalingConfig;
use crate::signaling::SignalEvent;
use crate::signaling::dialect::Dialect;
use crate::signaling::line::{Line, Turn};
use crate::signaling::patience::{Backoff, Timing};
use crate::time;

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The session has ended, and leave was taken.
    Gone,
    /// The server is lost or was not there; it is time for another try.
    Lost,
}

/// Brings one server and one dialect together.
pub struct Carrier {
    target: Target,
    timing: Timing,
    backoff: Backoff,
    living: Living,
}

impl Carrier {
    /// Reads the system's certificates where the address asks for TLS: blocks.
    pub fn new(config: &SignalingConfig, timing: Timing) -> Result<Self, SocketError> {
        let target = Target::new(config)?;
        Ok(Self { target, timing, backoff: Backoff::new(&timing), living: Living::default() })
    }

    /// One try: until the socket is lost or does not come about, and the wait after that is over.
    pub async fn run(&mut self, dialect: &mut dyn Dialect, line: &mut Line) -> Ended {
        let opening = open(self.target.clone(), self.timing);
        let Some(opened) = self.beside(opening, dialect, line).await else {
            return Ended::Gone;
        };
        let opened_at = time::now();
        let was_open = opened.is_ok();
        let error = match opened {
            Ok(socket) => {
                debug!("the signaling server's WebSocket is open");
                let description = format!("{} server, WebSocket", dialect.name());
                line.tell(SignalEvent::Ready { description });
                let ends = Ends { dialect, line, living: &mut self.living };
                let Some(error) = converse(socket, ends, &self.timing).await else {
                    return Ended::Gone;
                };
                let now = time::now();
                Ends { dialect, line, living: &mut self.living }.closed(now);
                // One that lets us in only to throw us out is not asked any faster for it.
                if now.saturating_since(opened_at) >= self.timing.last_retry {
                    self.backoff.reset();
                }
                error
            }
            Err(error) => error,
        };
        debug!(%error, "no WebSocket to the signaling server");
        if error.is_malformed() {
            line.counters.signaling_messages_malformed.add(1);
        }
        line.trouble(error.to_string());
        // After a loss the protocol may have a patience of its own; a server that is not there is tried as any other.
        let own = was_open.then(|| dialect.retry_after()).flatten();
        let wait = sleep(own.unwrap_or_else(|| self.backoff.take()));
        match self.beside(wait, dialect, line).await {
            Some(()) => Ended::Lost,
            None => Ended::Gone,
        }
    }

    /// Waits without a socket; meanwhile the session is heard and the dialect's time passes. `None`: the session has ended.
    async fn beside<T>(
        &mut self,
        work: impl Future<Output = T>,
        dialect: &mut dyn Dialect,
        line: &mut Line,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        let mut ends = Ends { dialect, line, living: &mut self.living };
        loop {
            let now = time::now();
            let out = ends.tick(now);
            ends.tell(out);
            let deadline = ends.dialect.next_deadline();
            tokio::select! {
                done = &mut work => return Some(done),
                turn = ends.line.turn() => match turn {
                    Turn::Command(command) => {
                        let out = ends.command(command, time::now());
                        ends.tell(out);
                    }
                    Turn::Told => {}
                    Turn::Gone => return None,
                },
                () = sleep(deadline.unwrap_or(now).saturating_since(now)), if deadline.is_some() => {}
            }
        }
    }
}
