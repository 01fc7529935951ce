//! The loop: finds the server, polls it, tells it what we have to say, and finds it again when it is lost. One task owns
//! all state; each request runs beside it, so that nothing waits behind a slow answer.

use std::time::Duration;

use tokio::task::JoinSet;
use tracing::debug;

use super::client::{Client, Found, Marks, outcome};
use super::error::RequestError;
use super::outbox::{Outbox, Outcome};
use super::wire::{Batch, ServerConfig};
use crate::config::{SignalingConfig, SignalingProtocol};
use crate::signaling::line::{Line, Turn};
use crate::signaling::patience::{Backoff, Timing};
use crate::signaling::urs::membership::Membership;
use crate::signaling::urs::memory::{Heard, Memory};
use crate::signaling::urs::message::Generation;
use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};
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

/// A request that ended.
enum Done {
    Connected { session: Option<String>, result: Result<Found, RequestError> },
    Polled { session: String, result: Result<(Batch, Marks), RequestError> },
    Joined { session: String, result: Result<Option<bool>, RequestError> },
    Posted { session: String, connection: ConnectionId, outcome: Outcome, session_lost: bool },
}

/// Speaks with one server over HTTP.
pub struct Poller {
    client: Client,
    idle: Duration,
    busy: Duration,
    timing: Timing,
    /// Leaves it to another client to speak with a server whose pages talk WebSocket.
    follows_pages: bool,
    memory: Memory,
    outbox: Outbox,
    /// Our place in the connection of private mode, where one is configured.
    membership: Option<Membership>,
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
    backoff: Backoff,
    /// The generation of a server that was left to another client.
    left_to: Option<Generation>,
    /// That we are not let into the connection of private mode was told.
    told_refusal: bool,
}

impl Poller {
    /// `private`: the connection that both sides name in private mode.
    pub fn new(
        config: &SignalingConfig,
        private: Option<ConnectionId>,
        timing: Timing,
    ) -> Result<Self, RequestError> {
        let (idle, busy) = poll_intervals(config);
        Ok(Self {
            client: Client::new(config, &timing)?,
            idle,
            busy,
            timing,
            follows_pages: config.protocol == SignalingProtocol::Auto,
            memory: Memory::default(),
            outbox: Outbox::default(),
            membership: private.map(Membership::new),
            requests: JoinSet::new(),
            link: Link::Down,
            session: None,
            looked_back: false,
            session_proved: false,
            marks: Marks::default(),
            asking: false,
            next_at: time::now(),
            busy_until: Nanos(0),
            backoff: Backoff::new(&timing),
            left_to: None,
            told_refusal: false,
        })
    }

    /// Speaks until the session has ended and leave was taken, or until the server is found to be one whose pages talk
    /// WebSocket: then gives its generation.
    pub async fn run(&mut self, line: &mut Line) -> Option<Generation> {
        self.next_at = time::now();
        while self.left_to.is_none() {
            self.start_requests(time::now(), line);
            let deadline = self.next_deadline(line);
            tokio::select! {
                turn = line.turn() => match turn {
                    Turn::Command(command) => self.take_command(time::now(), command, line),
                    Turn::Told => {}
                    Turn::Gone => break,
                },
                Some(done) = self.requests.join_next(), if !self.requests.is_empty() => match done {
                    Ok(done) => self.handle_done(time::now(), done, line),
                    Err(error) => {
                        self.asking = false;
                        self.outbox.cancel_all();
                        self.fail(time::now(), error.to_string(), line);
                    }
                },
                () = wait_until(deadline), if deadline.is_some() => {}
            }
        }
        self.requests = JoinSet::new();
        self.asking = false;
        self.link = Link::Down;
        if let Some(session) = self.session.take() {
            // The server forgets us by itself if it cannot be told.
            let _ = tokio::time::timeout(self.timing.goodbye, self.client.close(&session)).await;
        }
        if let Some(membership) = &mut self.membership {
            membership.closed();
        }
        self.outbox = Outbox::default();
        self.left_to.take()
    }

    fn next_deadline(&self, line: &Line) -> Option<Nanos> {
        let asks = (!self.asking && line.is_clear()).then_some(self.next_at);
        let posts = if self.link == Link::Down { None } else { self.outbox.next_deadline() };
        let joins = self.membership.as_ref().filter(|_| self.may_join()).and_then(Membership::next_deadline);
        asks.into_iter().chain(posts).chain(joins).min()
    }

    fn start_requests(&mut self, now: Nanos, line: &mut Line) {
        if !self.asking && line.is_clear() && now >= self.next_at {
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
                    let follows_pages = self.follows_pages;
                    self.requests.spawn(async move {
                        let result = client.connect(&mut session, follows_pages).await;
                        Done::Connected { session, result }
                    });
                }
            }
        }
        let (Link::Up { generation, .. }, Some(session)) = (self.link, &self.session) else {
            return;
        };
        if self.may_join()
            && let Some(membership) = &mut self.membership
        {
            if membership.take_asking(now) {
                let (client, session, id) = (self.client.clone(), session.clone(), membership.connection().clone());
                self.requests.spawn(async move {
                    let result = client.join(&session, &id).await;
                    Done::Joined { session, result }
                });
            }
            if let Some(invite) = membership.take_invite(now) {
                line.tell(invite);
            }
        }
        while let Some(command) = self.outbox.start(now) {
            let (client, session) = (self.client.clone(), session.clone());
            self.requests.spawn(async move {
                let result = client.post(&session, &command).await;
                if let Err(error) = &result {
                    debug!(%error, "a signaling message was not accepted");
                }
                let session_lost = result == Err(RequestError::SessionUnknown);
                let outcome = outcome(generation, &command, result);
                Done::Posted { session, connection: command.connection().clone(), outcome, session_lost }
            });
        }
    }

    /// Generations before the third have no private mode.
    fn may_join(&self) -> bool {
        matches!(self.link, Link::Up { generation, .. } if generation >= Generation::Third)
    }

    fn take_command(&mut self, now: Nanos, command: SignalCommand, line: &Line) {
        if !self.memory.say(&command) {
            return;
        }
        if !matches!(command, SignalCommand::Disconnect { .. }) {
            self.stay_busy(now);
        } else if let Some(membership) = &mut self.membership
            && command.connection() == membership.connection()
            && !membership.leave(now)
        {
            return;
        }
        if !self.outbox.push(command) {
            line.counters.signaling_errors.add(1);
        }
    }

    /// Polls fast from now on, for a while.
    fn stay_busy(&mut self, now: Nanos) {
        self.busy_until = now + BUSY_FOR;
        if self.link != Link::Down {
            self.next_at = self.next_at.min(now + self.busy);
        }
    }

    fn handle_done(&mut self, now: Nanos, done: Done, line: &mut Line) {
        match done {
            Done::Connected { session, result } => {
                self.asking = false;
                // One that was opened is kept even if the server then failed: it would never forget it.
                self.session = session;
                match result {
                    Ok(found) => self.handle_found(now, found),
                    Err(RequestError::SessionUnknown) => self.lose_session(now, line),
                    Err(error) => self.fail(now, error.to_string(), line),
                }
            }
            Done::Joined { session, result } => {
                if self.session.as_deref() == Some(&session) {
                    self.handle_joined(now, result, line);
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
                        self.handle_batch(now, batch, line);
                    }
                    Err(RequestError::SessionUnknown) => self.lose_session(now, line),
                    Err(error) => self.fail(now, error.to_string(), line),
                }
            }
            Done::Posted { session, connection, outcome, session_lost } => {
                if !self.outbox.finish(now, &connection, outcome) {
                    line.counters.signaling_errors.add(1);
                }
                if session_lost && self.session.as_deref() == Some(&session) {
                    self.lose_session(now, line);
                }
            }
        }
    }

    fn handle_found(&mut self, now: Nanos, found: Found) {
        debug!(generation = found.generation.name(), "found the signaling server");
        if found.server.use_web_socket && self.follows_pages {
            self.left_to = Some(found.generation);
            return;
        }
        if let Some(date) = found.opened_at
            && !std::mem::replace(&mut self.looked_back, true)
            && !found.generation.is_combined()
        {
            let from = date.saturating_sub(LOOK_BACK_MS);
            self.marks = Marks { combined: 0, offers: from, answers: from, candidates: from };
        }
        if let Some(membership) = &mut self.membership {
            membership.opened(now);
        }
        self.link = Link::Up { generation: found.generation, server: found.server };
        self.next_at = now;
    }

    fn handle_batch(&mut self, now: Nanos, batch: Batch, line: &mut Line) {
        let Link::Up { generation, server } = self.link else {
            return;
        };
        self.session_proved = true;
        self.backoff.reset();
        if !line.is_ready() {
            self.outbox.retry_now();
            let description = format!("Unity Render Streaming server, {}", generation.name());
            line.tell(SignalEvent::Ready { description });
            if let Some(reason) = misfit(generation, server, self.membership.is_some()) {
                line.warn(reason.into());
            }
        }
        line.counters.signaling_messages_malformed.add(batch.malformed);
        for message in batch.messages {
            match self.memory.hear(message, generation) {
                Heard::New(event) => {
                    if !matches!(event, SignalEvent::Disconnect { .. }) {
                        self.busy_until = now + BUSY_FOR;
                    }
                    line.tell(match &mut self.membership {
                        Some(membership) => membership.place(event, now),
                        None => event,
                    });
                }
                Heard::Nothing => {}
                Heard::TooMany => line.counters.signaling_messages_malformed.add(1),
            }
        }
        let negotiating = now < self.busy_until || self.memory.awaits_answer() || !self.outbox.is_empty();
        self.next_at = now + if negotiating { self.busy } else { self.idle };
    }

    fn handle_joined(&mut self, now: Nanos, result: Result<Option<bool>, RequestError>, line: &mut Line) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        match result {
            Ok(Some(polite)) => {
                self.told_refusal = false;
                membership.entered(polite, self.memory.is_living(membership.connection()), now);
                self.stay_busy(now);
            }
            Err(RequestError::SessionUnknown) => self.lose_session(now, line),
            refused => {
                membership.refused(now);
                line.counters.signaling_errors.add(1);
                let id = membership.connection();
                let reason = match refused {
                    Err(RequestError::Status { status: 400, .. }) => "two others use it on this server already".into(),
                    Err(error) => error.to_string(),
                    Ok(_) => "this server knows no private mode".into(),
                };
                if !std::mem::replace(&mut self.told_refusal, true) {
                    line.warn(format!("signaling.connection_id = {id}: {reason}"));
                }
            }
        }
    }

    /// The server was started anew or has forgotten us. What we know of viewers stays.
    fn lose_session(&mut self, now: Nanos, line: &mut Line) {
        self.session = None;
        if let Some(membership) = &mut self.membership {
            membership.closed();
        }
        // A server that lost our session has been started anew: all it has is news.
        self.marks = Marks::default();
        if std::mem::take(&mut self.session_proved) {
            debug!("the signaling server has forgotten our session");
            line.counters.signaling_errors.add(1);
            self.link = Link::Down;
            self.next_at = now;
        } else {
            self.fail(now, RequestError::SessionUnknown.to_string(), line);
        }
    }

    fn fail(&mut self, now: Nanos, reason: String, line: &mut Line) {
        debug!(reason, "signaling failed");
        // What answers next may be another server.
        self.link = Link::Down;
        self.next_at = now + self.backoff.take();
        line.trouble(reason);
    }
}

/// Time between polls while idle and while busy. The busy one is never the longer.
fn poll_intervals(config: &SignalingConfig) -> (Duration, Duration) {
    let idle = Duration::from_millis(config.idle_poll_ms.into()).min(LONGEST_POLL);
    (idle, Duration::from_millis(config.busy_poll_ms.into()).min(idle))
}

/// Why no page of this server will ever find us, if so.
fn misfit(generation: Generation, server: ServerConfig, joins: bool) -> Option<&'static str> {
    if server.use_web_socket {
        Some("the pages of this server talk WebSocket: start it with -t http, or leave signaling.protocol at auto")
    } else if server.is_private && !joins {
        Some("this server is in private mode: set signaling.connection_id to what the page names, or start it with -m public")
    } else if joins && generation < Generation::Third {
        Some("this server knows no private mode: leave signaling.connection_id empty")
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
