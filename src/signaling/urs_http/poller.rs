//! The loop: finds the server, polls it, tells it what we have to say, and finds it again when it is lost. One task owns
//! all state; each request runs beside it, so that nothing waits behind a slow answer.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinSet;
use tracing::debug;

use super::client::{Client, Found, Marks, outcome};
use super::error::RequestError;
use super::memory::{Heard, Memory};
use super::outbox::{Outbox, Outcome, connection_of};
use super::run::Timing;
use super::wire::{Batch, Generation, ServerConfig};
use crate::config::SignalingConfig;
use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};
use crate::stats::Counters;
use crate::time::{self, Nanos};

/// A server forgets sessions that are silent for 10 s.
const LONGEST_POLL: Duration = Duration::from_secs(8);
/// Polling stays fast for so long after the last sign of a negotiation.
const BUSY_FOR: Duration = Duration::from_secs(10);
/// Servers that keep offers for ever are asked for the last 30 s only, by their clock: older pages are gone or ask anew.
const LOOK_BACK_MS: u64 = 30_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Link {
    Down,
    Up { generation: Generation, server: ServerConfig },
}

/// What the host was told last.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Health {
    Unknown,
    Ready,
    Trouble,
}

/// A request that ended.
enum Done {
    Connected { session: Option<String>, result: Result<Found, RequestError> },
    Polled { session: String, result: Result<(Batch, Marks), RequestError> },
    Posted { session: String, connection: ConnectionId, outcome: Outcome, session_lost: bool },
}

pub(super) struct Poller {
    client: Client,
    idle: Duration,
    busy: Duration,
    timing: Timing,
    counters: Counters,
    memory: Memory,
    outbox: Outbox,
    /// Events that found no room yet. Nothing is polled before they are gone.
    pending: VecDeque<SignalEvent>,
    requests: JoinSet<Done>,
    link: Link,
    session: Option<String>,
    looked_back: bool,
    /// A poll with this session succeeded.
    session_proved: bool,
    marks: Marks,
    /// A connect or a poll is under way.
    asking: bool,
    /// When to connect or poll next.
    next_at: Nanos,
    busy_until: Nanos,
    retry: Duration,
    health: Health,
}

impl Poller {
    pub fn new(client: Client, config: &SignalingConfig, timing: Timing, counters: Counters) -> Self {
        let (idle, busy) = poll_intervals(config);
        Self {
            client,
            idle,
            busy,
            timing,
            counters,
            memory: Memory::default(),
            outbox: Outbox::default(),
            pending: VecDeque::new(),
            requests: JoinSet::new(),
            link: Link::Down,
            session: None,
            looked_back: false,
            session_proved: false,
            marks: Marks::default(),
            asking: false,
            next_at: time::now(),
            busy_until: Nanos(0),
            retry: timing.first_retry,
            health: Health::Unknown,
        }
    }

    pub async fn run(&mut self, events: Sender<SignalEvent>, mut commands: Receiver<SignalCommand>) {
        loop {
            self.start_requests(time::now());
            let deadline = self.next_deadline();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.take_command(time::now(), command),
                    None => break,
                },
                permit = events.reserve(), if !self.pending.is_empty() => match (permit, self.pending.pop_front()) {
                    (Ok(permit), Some(event)) => permit.send(event),
                    _ => break,
                },
                Some(done) = self.requests.join_next(), if !self.requests.is_empty() => match done {
                    Ok(done) => self.handle_done(time::now(), done),
                    Err(error) => {
                        self.asking = false;
                        self.outbox.cancel_all();
                        self.fail(time::now(), error.to_string());
                    }
                },
                () = wait_until(deadline), if deadline.is_some() => {}
                () = events.closed() => break,
            }
        }
        self.requests.abort_all();
        if let Some(session) = &self.session {
            // The server forgets us by itself if it cannot be told.
            let _ = tokio::time::timeout(self.timing.goodbye, self.client.close(session)).await;
        }
    }

    fn next_deadline(&self) -> Option<Nanos> {
        let asks = (!self.asking && self.pending.is_empty()).then_some(self.next_at);
        let posts = if self.link == Link::Down { None } else { self.outbox.next_deadline() };
        asks.into_iter().chain(posts).min()
    }

    fn start_requests(&mut self, now: Nanos) {
        if !self.asking && self.pending.is_empty() && now >= self.next_at {
            self.asking = true;
            let client = self.client.clone();
            match (self.link, self.session.clone()) {
                (Link::Up { generation, .. }, Some(session)) => {
                    let (marks, wanted) = (self.marks, (self.memory.has_living(), self.memory.awaits_answer()));
                    self.requests.spawn(async move {
                        let result = client.poll(&session, generation, marks, wanted).await;
                        Done::Polled { session, result }
                    });
                }
                (_, mut session) => {
                    self.requests.spawn(async move {
                        let result = client.connect(&mut session).await;
                        Done::Connected { session, result }
                    });
                }
            }
        }
        let (Link::Up { generation, .. }, Some(session)) = (self.link, &self.session) else {
            return;
        };
        while let Some(command) = self.outbox.start(now) {
            let (client, session) = (self.client.clone(), session.clone());
            self.requests.spawn(async move {
                let result = client.post(&session, &command).await;
                if let Err(error) = &result {
                    debug!(%error, "a signaling message was not accepted");
                }
                let session_lost = result == Err(RequestError::SessionUnknown);
                let outcome = outcome(generation, &command, result);
                Done::Posted { session, connection: connection_of(&command).clone(), outcome, session_lost }
            });
        }
    }

    fn take_command(&mut self, now: Nanos, command: SignalCommand) {
        if !self.memory.say(&command) {
            return;
        }
        if !matches!(command, SignalCommand::Disconnect { .. }) {
            self.stay_busy(now);
        }
        if !self.outbox.push(command) {
            self.counters.signaling_errors.add(1);
        }
    }

    /// Polls fast from now on, for a while.
    fn stay_busy(&mut self, now: Nanos) {
        self.busy_until = now + BUSY_FOR;
        if self.link != Link::Down {
            self.next_at = self.next_at.min(now + self.busy);
        }
    }

    fn handle_done(&mut self, now: Nanos, done: Done) {
        match done {
            Done::Connected { session, result } => {
                self.asking = false;
                // One that was opened is kept even if the server then failed: it would never forget it.
                self.session = session;
                match result {
                    Ok(found) => self.handle_found(now, found),
                    Err(RequestError::SessionUnknown) => self.lose_session(now),
                    Err(error) => self.fail(now, error.to_string()),
                }
            }
            Done::Polled { session, result } => {
                self.asking = false;
                if self.session.as_deref() != Some(&session) {
                    return;
                }
                match result {
                    Ok((batch, marks)) => {
                        self.marks = marks;
                        self.handle_batch(now, batch);
                    }
                    Err(RequestError::SessionUnknown) => self.lose_session(now),
                    Err(error) => self.fail(now, error.to_string()),
                }
            }
            Done::Posted { session, connection, outcome, session_lost } => {
                if !self.outbox.finish(now, &connection, outcome) {
                    self.counters.signaling_errors.add(1);
                }
                if session_lost && self.session.as_deref() == Some(&session) {
                    self.lose_session(now);
                }
            }
        }
    }

    fn handle_found(&mut self, now: Nanos, found: Found) {
        debug!(generation = found.generation.name(), "found the signaling server");
        if let Some(date) = found.opened_at
            && !std::mem::replace(&mut self.looked_back, true)
            && !found.generation.is_combined()
        {
            let from = date.saturating_sub(LOOK_BACK_MS);
            self.marks = Marks { combined: 0, offers: from, answers: from, candidates: from };
        }
        self.link = Link::Up { generation: found.generation, server: found.server };
        self.next_at = now;
    }

    fn handle_batch(&mut self, now: Nanos, batch: Batch) {
        let Link::Up { generation, server } = self.link else {
            return;
        };
        self.session_proved = true;
        self.retry = self.timing.first_retry;
        if self.health != Health::Ready {
            self.health = Health::Ready;
            self.outbox.retry_now();
            let description = format!("Unity Render Streaming server, {}", generation.name());
            self.pending.push_back(SignalEvent::Ready { description });
            self.pending.extend(misfit(server).map(|reason| SignalEvent::Trouble { reason: reason.into() }));
        }
        self.counters.signaling_messages_malformed.add(batch.malformed);
        for message in batch.messages {
            match self.memory.hear(message, generation) {
                Heard::New(event) => {
                    if !matches!(event, SignalEvent::Disconnect { .. }) {
                        self.busy_until = now + BUSY_FOR;
                    }
                    self.pending.push_back(event);
                }
                Heard::Nothing => {}
                Heard::TooMany => self.counters.signaling_messages_malformed.add(1),
            }
        }
        let negotiating = now < self.busy_until || self.memory.awaits_answer() || !self.outbox.is_empty();
        self.next_at = now + if negotiating { self.busy } else { self.idle };
    }

    /// The server was started anew or has forgotten us. What we know of viewers stays.
    fn lose_session(&mut self, now: Nanos) {
        self.session = None;
        // A server that lost our session has been started anew: all it has is news.
        self.marks = Marks::default();
        if std::mem::take(&mut self.session_proved) {
            debug!("the signaling server has forgotten our session");
            self.counters.signaling_errors.add(1);
            self.link = Link::Down;
            self.next_at = now;
        } else {
            self.fail(now, RequestError::SessionUnknown.to_string());
        }
    }

    fn fail(&mut self, now: Nanos, reason: String) {
        debug!(reason, "signaling failed");
        self.counters.signaling_errors.add(1);
        // What answers next may be another server.
        self.link = Link::Down;
        self.next_at = now + self.retry;
        self.retry = (self.retry * 2).min(self.timing.last_retry);
        if self.health != Health::Trouble {
            self.health = Health::Trouble;
            self.pending.push_back(SignalEvent::Trouble { reason });
        }
    }
}

/// Time between polls while idle and while busy. The busy one is never the longer.
fn poll_intervals(config: &SignalingConfig) -> (Duration, Duration) {
    let idle = Duration::from_millis(config.idle_poll_ms.into()).min(LONGEST_POLL);
    (idle, Duration::from_millis(config.busy_poll_ms.into()).min(idle))
}

/// Why no page of this server will ever find us, if so.
fn misfit(server: ServerConfig) -> Option<&'static str> {
    if server.use_web_socket {
        Some("the pages of this server talk WebSocket: start it with -t http")
    } else if server.is_private {
        Some("this server is in private mode, where a page finds no sender: start it with -m public")
    } else {
        None
    }
}

async fn wait_until(deadline: Option<Nanos>) {
    match deadline {
        Some(at) => tokio::time::sleep(at.saturating_since(time::now())).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_never_so_rare_that_the_server_forgets_us() {
        let config = SignalingConfig { idle_poll_ms: 60_000, busy_poll_ms: 50, ..SignalingConfig::default() };
        assert_eq!(poll_intervals(&config), (LONGEST_POLL, Duration::from_millis(50)));
        let config = SignalingConfig { idle_poll_ms: 100, busy_poll_ms: 500, ..SignalingConfig::default() };
        assert_eq!(poll_intervals(&config), (Duration::from_millis(100), Duration::from_millis(100)));
    }
}
