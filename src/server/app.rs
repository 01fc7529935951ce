//! What all tasks of the server share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, watch};

use super::gate::Gate;
use super::hub::{Hub, Limits};
use crate::config::ServerConfig;
use crate::stats::Counters;
use crate::stats::snapshot::Snapshot;
use crate::time::Nanos;

/// Keeps proxies from cutting an idle line (they do after 60 to 90 s), and finds dead browsers.
const PING_EVERY: Duration = Duration::from_secs(20);

/// The statistics now, for `GET /metrics` and `GET /status.json`.
pub type Figures = Arc<dyn Fn() -> Snapshot + Send + Sync>;

pub struct App {
    hub: Mutex<Hub<Arc<Notify>>>,
    /// The host has something to hear.
    pub events_ready: Notify,
    /// Somebody may have to be invited sooner than was thought.
    pub invites_ready: Notify,
    /// Turns true once.
    pub stopping: watch::Sender<bool>,
    pub gate: Gate,
    pub config: ServerConfig,
    pub counters: Counters,
    pub figures: Figures,
    /// How often an idle WebSocket hears from us.
    pub ping_every: Duration,
    clock: Clock,
}

impl App {
    pub fn new(gate: Gate, config: ServerConfig, counters: Counters, figures: Figures) -> Self {
        Self {
            hub: Mutex::new(Hub::new(config.mode, Limits::of(&config)).with_calls(config.answer_calls)),
            events_ready: Notify::new(),
            invites_ready: Notify::new(),
            stopping: watch::Sender::new(false),
            gate,
            config,
            counters,
            figures,
            ping_every: PING_EVERY,
            clock: Clock::start(),
        }
    }

    /// Asks the hub something, then wakes whom the answer concerns. `ask` is given the time in ms.
    pub fn hub<R>(&self, ask: impl FnOnce(&mut Hub<Arc<Notify>>, u64) -> R) -> R {
        let now = self.clock.now_ms();
        let mut hub = self.hub.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = ask(&mut hub, now);
        let woken = hub.take_woken();
        let refused = hub.take_refused();
        let (has_events, has_invites) = (hub.has_events(), hub.take_rung());
        drop(hub);
        woken.iter().for_each(|session| session.notify_waiters());
        if has_events {
            self.events_ready.notify_one();
        }
        if has_invites {
            self.invites_ready.notify_one();
        }
        self.counters.signaling_messages_malformed.add(refused);
        answer
    }

    /// Ends when the server stops.
    pub async fn stopped(&self) {
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Longest body or message.
    pub fn max_message_bytes(&self) -> usize {
        self.config.max_message_bytes as usize
    }

    pub fn count_malformed(&self) {
        self.counters.signaling_messages_malformed.add(1);
    }
}

/// Milliseconds since 1970 that never run backwards: the wall clock once, then the monotonic one.
struct Clock {
    wall_at_start: Duration,
    start: Nanos,
}

impl Clock {
    fn start() -> Self {
        let wall_at_start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_at_start, start: crate::time::now() }
    }

    fn now_ms(&self) -> u64 {
        let now = self.wall_at_start + crate::time::now().saturating_since(self.start);
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }
}
