//! The way in: how patient the client is, the future that is the client, and the thread it runs on.

use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender};

use super::client::Client;
use super::poller::Poller;
use crate::config::SignalingConfig;
use crate::signaling::{SignalCommand, SignalEvent};
use crate::stats::Counters;

/// What a name lookup under way may still take when all else has ended. The system's resolver cannot be interrupted: a
/// lookup that hangs for longer is left to itself, on a thread that ends with it.
const LOOKUP_LIMIT: Duration = Duration::from_millis(50);

/// How patient the client is. The defaults suit real servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Limit of one request. Default 5 s.
    pub request: Duration,
    /// From the first failure to the next try; doubles up to `last_retry`. Default 250 ms.
    pub first_retry: Duration,
    /// Default 5 s.
    pub last_retry: Duration,
    /// Limit of taking leave. Default 300 ms.
    pub goodbye: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(5),
            first_retry: Duration::from_millis(250),
            last_retry: Duration::from_secs(5),
            goodbye: Duration::from_millis(300),
        }
    }
}

/// [`run`] on a thread of its own, `rc-signaling`, so that neither media nor the host's loop can hold signaling up, nor
/// the other way round.
///
/// The thread ends within 400 ms after `commands` or `events` closes, however the server or its name service hangs. Its
/// end of `events` closes as the last thing it does, so joining it after that does not block.
///
/// # Errors
/// When the system refuses a thread or what it waits with.
pub fn spawn(
    config: SignalingConfig,
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    counters: Counters,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1) // for name lookups
        .thread_name("rc-lookup")
        .build()?;
    std::thread::Builder::new().name("rc-signaling".into()).spawn(move || {
        let until_the_end = events.clone();
        runtime.block_on(run(config, events, commands, counters));
        runtime.shutdown_timeout(LOOKUP_LIMIT);
        drop(until_the_end);
    })
}

/// Speaks with the server of `config` until `commands` or `events` closes, then ends the session there.
///
/// Never fails: what goes wrong is told by [`SignalEvent::Trouble`], once for each outage, and ended by
/// [`SignalEvent::Ready`]. Events wait in order while `events` is full, and polling waits with them; commands are taken
/// all the while.
pub async fn run(
    config: SignalingConfig,
    events: Sender<SignalEvent>,
    commands: Receiver<SignalCommand>,
    counters: Counters,
) {
    run_with(config, Timing::default(), events, commands, counters).await;
}

/// [`run`] with another patience.
pub async fn run_with(
    config: SignalingConfig,
    timing: Timing,
    events: Sender<SignalEvent>,
    mut commands: Receiver<SignalCommand>,
    counters: Counters,
) {
    let client = match Client::new(&config, timing.request) {
        Ok(client) => client,
        Err(error) => {
            let trouble = SignalEvent::Trouble { reason: error.to_string() };
            if events.send(trouble).await.is_ok() {
                while commands.recv().await.is_some() {}
            }
            return;
        }
    };
    Poller::new(client, &config, timing, counters).run(events, commands).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_keeps_its_promise_to_end_within_400_ms() {
        assert!(Timing::default().goodbye + LOOKUP_LIMIT <= Duration::from_millis(400));
    }
}
