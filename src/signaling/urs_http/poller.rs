//! The loop: finds the server, polls it, tells it what we have to say, and finds it again when it is lost. One task owns
//! all state; each request runs beside it, so that nothing waits behind a slow answer. `answers`: what each means.

mod answers;

use std::collections::VecDeque;
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
use crate::signaling::urs::memory::Memory;
use crate::signaling::urs::message::Generation;
use crate::signaling::{ConnectionId, SignalCommand};
use crate::time::{self, Nanos};

/// A server forgets sessions that are silent for 10 s.
const LONGEST_POLL: Duration = Duration::from_secs(8);
/// Polling stays fast for so long after the last sign of a negotiation.
const BUSY_FOR: Duration = Duration::from_secs(10);
/// The answer to an offer of ours is all that the picture waits for: so often it is asked for, and for so long. Pages ask
/// once a second, and answer at once.
const EAGER: Duration = Duration::from_millis(20);
const EAGER_FOR: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Link {
    Down,
    Up { generation: Generation, server: ServerConfig },
}

/// What a message may need to the other side and back, where both poll.
const CROSSING: Duration = Duration::from_secs(2);
/// Commands kept while it is open what the server talks.
const MAX_UNDECIDED: usize = 256;

/// A server that is another client's to speak with: its pages talk WebSocket.
#[derive(Debug)]
pub struct LeftTo {
    pub generation: Generation,
    /// What was said while that was open, in order.
    pub commands: VecDeque<SignalCommand>,
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
    eager_until: Nanos,
    backoff: Backoff,
    /// The generation of a server that was left to another client.
    left_to: Option<Generation>,
    /// That we are not let into the connection of private mode was told.
    told_refusal: bool,
    /// What was said since it is open what the server talks.
    undecided: VecDeque<SignalCommand>,
}

impl Poller {
    /// `private`: the connection that both sides name in private mode.
    pub fn new(config: &SignalingConfig, private: Option<ConnectionId>, timing: Timing) -> Result<Self, RequestError> {
        let (idle, busy) = poll_intervals(config);
        Ok(Self {
            client: Client::new(config, &timing)?,
            idle,
            busy,
            timing,
            follows_pages: config.protocol == SignalingProtocol::Auto,
            memory: Memory::default(),
            outbox: Outbox::default(),
            membership: private.map(|connection| Membership::new(connection, CROSSING..=CROSSING)),
            requests: JoinSet::new(),
            link: Link::Down,
            session: None,
            looked_back: false,
            session_proved: false,
            marks: Marks::default(),
            asking: false,
            next_at: time::now(),
            busy_until: Nanos(0),
            eager_until: Nanos(0),
            backoff: Backoff::new(&timing),
            left_to: None,
            told_refusal: false,
            undecided: VecDeque::new(),
        })
    }

    /// Speaks until the session has ended and leave was taken, or until the server is found to be one whose pages talk
    /// WebSocket.
    pub async fn run(&mut self, line: &mut Line) -> Option<LeftTo> {
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
        let commands = std::mem::take(&mut self.undecided);
        self.left_to.take().map(|generation| LeftTo { generation, commands })
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
            let due = [membership.take_invite(now), membership.take_held(now)];
            due.into_iter().flatten().for_each(|event| line.tell(event));
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
        if self.follows_pages && self.link == Link::Down {
            if self.undecided.len() >= MAX_UNDECIDED {
                self.undecided.pop_front();
            }
            self.undecided.push_back(command.clone());
        }
        if !self.memory.say(&command) {
            return;
        }
        // In private mode there may be nobody to answer.
        if matches!(command, SignalCommand::Offer { .. }) && self.membership.is_none() {
            self.eager_until = now + EAGER_FOR;
        }
        if !matches!(command, SignalCommand::Disconnect { .. }) {
            self.stay_busy(now);
        } else if let Some(membership) = &mut self.membership
            && command.connection() == membership.connection()
            && !membership.leave(now)
        {
            return;
        }
        if let Some(membership) = &mut self.membership {
            // The server keeps the candidates of an offer that it dropped.
            membership.say(&command, now);
        }
        if !self.outbox.push(command) {
            line.counters.signaling_errors.add(1);
        }
    }

    /// Polls fast from now on, for a while.
    fn stay_busy(&mut self, now: Nanos) {
        self.busy_until = now + BUSY_FOR;
        if self.link != Link::Down {
            self.next_at = self.next_at.min(now + self.pause(now));
        }
    }

    /// From one poll to the next.
    fn pause(&self, now: Nanos) -> Duration {
        let awaits_answer = self.memory.awaits_answer();
        if awaits_answer && now < self.eager_until {
            return self.busy.min(EAGER);
        }
        let negotiating = awaits_answer || now < self.busy_until || !self.outbox.is_empty();
        if negotiating { self.busy } else { self.idle }
    }
}

/// Time between polls while idle and while busy. The busy one is never the longer.
fn poll_intervals(config: &SignalingConfig) -> (Duration, Duration) {
    let idle = Duration::from_millis(config.idle_poll_ms.into()).min(LONGEST_POLL);
    (idle, Duration::from_millis(config.busy_poll_ms.into()).min(idle))
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
