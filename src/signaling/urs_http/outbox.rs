//! What is still to be told to the server: in order for each connection, one request at a time for each, several at once
//! over all.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::signaling::{ConnectionId, SignalCommand};
use crate::time::Nanos;

/// Commands kept at most; new ones beyond are refused and counted.
const MAX_COMMANDS: usize = 1024;
/// Requests under way at most.
const MAX_IN_FLIGHT: usize = 16;
/// Refusals by the server (5xx and the like) after which a command is given up.
const MAX_REFUSALS: u32 = 5;
/// Time to the second try; it doubles with every try.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(5);
/// From an answer to an offer of ours in the same connection. The server lists what it has by its clock's milliseconds, offers
/// first: a page would see our offer before the answer to its own, and take it back.
const APART: Duration = Duration::from_millis(2);

#[derive(Debug)]
struct Entry {
    command: SignalCommand,
    refusals: u32,
    tries: u32,
}

/// Commands on their way to the server.
#[derive(Debug, Default)]
pub struct Outbox {
    queues: HashMap<ConnectionId, VecDeque<Entry>>,
    /// Connections that have commands and no request under way, in turn.
    ready: VecDeque<ConnectionId>,
    in_flight: HashSet<ConnectionId>,
    /// Connections whose next command is tried again later.
    delayed: Vec<(Nanos, ConnectionId)>,
    /// Connections whose answer was delivered just now, and from when on they may offer.
    answered: Vec<(Nanos, ConnectionId)>,
    len: usize,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The server refused and may accept later.
    Refused,
    /// The server will never accept it.
    Rejected,
    /// The server could not be asked.
    NotAsked,
}

impl Outbox {
    /// Takes a command. False when it had to be refused. A disconnect takes the place of all that waits for its connection.
    pub fn push(&mut self, command: SignalCommand) -> bool {
        let connection = command.connection().clone();
        let busy = self.in_flight.contains(&connection);
        let queue = self.queues.entry(connection.clone()).or_default();
        if matches!(command, SignalCommand::Disconnect { .. }) {
            let keep = usize::from(busy).min(queue.len());
            self.len -= queue.len() - keep;
            queue.truncate(keep);
        } else if self.len >= MAX_COMMANDS {
            if queue.is_empty() {
                self.queues.remove(&connection);
            }
            return false;
        }
        queue.push_back(Entry { command, refusals: 0, tries: 0 });
        self.len += 1;
        if !busy && !self.ready.contains(&connection) && !self.delayed.iter().any(|(_, other)| *other == connection) {
            self.ready.push_back(connection);
        }
        true
    }

    /// The next command to send, if another request may start. [`Outbox::finish`] tells how it went.
    pub fn start(&mut self, now: Nanos) -> Option<SignalCommand> {
        let ready = &mut self.ready;
        self.delayed.retain(|(at, connection)| {
            let waits = *at > now;
            if !waits {
                ready.push_back(connection.clone());
            }
            waits
        });
        self.answered.retain(|(at, _)| *at > now);
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            return None;
        }
        loop {
            let connection = self.ready.pop_front()?;
            let command = self.queues.get(&connection)?.front()?.command.clone();
            let answered = self.answered.iter().find(|(_, other)| *other == connection);
            match (&command, answered) {
                (SignalCommand::Offer { .. }, Some((at, _))) => self.delayed.push((*at, connection)),
                _ => {
                    self.in_flight.insert(connection);
                    return Some(command);
                }
            }
        }
    }

    /// Notes how the request of this connection ended. False when its command is given up, undelivered.
    pub fn finish(&mut self, now: Nanos, connection: &ConnectionId, outcome: Outcome) -> bool {
        if !self.in_flight.remove(connection) {
            return true;
        }
        let Some(queue) = self.queues.get_mut(connection) else {
            return true;
        };
        let mut retry_at = None;
        if let (Outcome::Refused | Outcome::NotAsked, Some(entry)) = (outcome, queue.front_mut()) {
            entry.refusals += u32::from(outcome == Outcome::Refused);
            let delay = FIRST_RETRY.saturating_mul(1 << entry.tries.min(8)).min(LAST_RETRY);
            entry.tries = entry.tries.saturating_add(1);
            retry_at = (entry.refusals < MAX_REFUSALS).then(|| now + delay);
        }
        if retry_at.is_none()
            && let Some(entry) = queue.pop_front()
        {
            self.len -= 1;
            if outcome == Outcome::Done && matches!(entry.command, SignalCommand::Answer { .. }) {
                self.answered.push((now + APART, connection.clone()));
            }
        }
        match retry_at {
            _ if queue.is_empty() => {
                self.queues.remove(connection);
            }
            Some(at) => self.delayed.push((at, connection.clone())),
            None => self.ready.push_back(connection.clone()),
        }
        outcome == Outcome::Done || retry_at.is_some()
    }

    /// When the next delayed command is due.
    pub fn next_deadline(&self) -> Option<Nanos> {
        self.delayed.iter().map(|(at, _)| *at).min()
    }

    /// Tries everything again at once: the server is back.
    pub fn retry_now(&mut self) {
        self.ready.extend(self.delayed.drain(..).map(|(_, connection)| connection));
    }

    /// Forgets which requests are under way: they were cancelled.
    pub fn cancel_all(&mut self) {
        self.ready.extend(self.in_flight.drain());
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const NOW: Nanos = Nanos(0);

    fn id(n: usize) -> ConnectionId {
        ConnectionId(Arc::from(n.to_string()))
    }
    fn answer(n: usize, sdp: &str) -> SignalCommand {
        SignalCommand::Answer { connection: id(n), sdp: sdp.into() }
    }

    #[test]
    fn one_connection_is_served_in_order_and_others_do_not_wait() {
        let mut outbox = Outbox::default();
        assert!(outbox.push(answer(1, "a")) && outbox.push(answer(1, "b")) && outbox.push(answer(2, "c")));
        assert_eq!(outbox.start(NOW), Some(answer(1, "a")));
        assert_eq!(outbox.start(NOW), Some(answer(2, "c")));
        assert_eq!(outbox.start(NOW), None, "b waits for a");
        assert!(outbox.finish(NOW, &id(1), Outcome::Done));
        assert_eq!(outbox.start(NOW), Some(answer(1, "b")));
        assert!(outbox.finish(NOW, &id(1), Outcome::Done) && outbox.finish(NOW, &id(2), Outcome::Done));
        assert!(outbox.is_empty() && outbox.queues.is_empty() && outbox.ready.is_empty());
    }

    #[test]
    fn an_offer_is_never_of_the_same_millisecond_as_the_answer_before_it() {
        let offer = |n| SignalCommand::Offer { connection: id(n), sdp: "o".into() };
        let mut outbox = Outbox::default();
        [answer(1, "a"), offer(1), offer(2)].into_iter().for_each(|command| assert!(outbox.push(command)));
        assert_eq!((outbox.start(NOW), outbox.start(NOW)), (Some(answer(1, "a")), Some(offer(2))));
        outbox.finish(NOW, &id(1), Outcome::Done);
        assert_eq!((outbox.start(NOW), outbox.next_deadline()), (None, Some(NOW + APART)));
        assert_eq!(outbox.start(NOW + APART), Some(offer(1)));
        outbox.finish(NOW + APART, &id(1), Outcome::Done);
        // Nor one that comes when the answer has gone; what is no offer does not wait.
        let now = NOW + APART;
        outbox.push(answer(1, "b"));
        assert_eq!(outbox.start(now), Some(answer(1, "b")));
        outbox.finish(now, &id(1), Outcome::Done);
        outbox.push(answer(1, "c"));
        outbox.push(offer(1));
        assert_eq!(outbox.start(now), Some(answer(1, "c")));
        outbox.finish(now, &id(1), Outcome::Done);
        assert_eq!((outbox.start(now), outbox.start(now + APART)), (None, Some(offer(1))));
        outbox.finish(now + APART, &id(1), Outcome::Done);
        outbox.finish(now, &id(2), Outcome::Done);
        outbox.start(now + APART + APART);
        assert!(outbox.is_empty() && outbox.answered.is_empty() && outbox.delayed.is_empty());
    }

    #[test]
    fn refused_command_is_tried_again_later_and_given_up_in_the_end() {
        let mut outbox = Outbox::default();
        outbox.push(answer(1, "a"));
        outbox.push(answer(1, "b"));
        let mut now = NOW;
        for _ in 0..20 {
            assert_eq!(outbox.start(now), Some(answer(1, "a")));
            assert!(outbox.finish(now, &id(1), Outcome::NotAsked), "an outage costs nothing");
            assert_eq!(outbox.start(now), None);
            let at = outbox.next_deadline().unwrap();
            assert!(at > now && at <= now + LAST_RETRY);
            now = at;
        }
        for n in 1..=MAX_REFUSALS {
            assert_eq!(outbox.start(now), Some(answer(1, "a")));
            assert_eq!(outbox.finish(now, &id(1), Outcome::Refused), n < MAX_REFUSALS);
            outbox.retry_now();
        }
        assert_eq!(outbox.start(now), Some(answer(1, "b")));
        assert!(!outbox.finish(now, &id(1), Outcome::Rejected));
        assert!(outbox.is_empty() && outbox.next_deadline().is_none());
    }

    #[test]
    fn disconnect_replaces_what_waits() {
        let mut outbox = Outbox::default();
        let bye = SignalCommand::Disconnect { connection: id(1) };
        ["a", "b", "c"].iter().for_each(|sdp| assert!(outbox.push(answer(1, sdp))));
        assert_eq!(outbox.start(NOW), Some(answer(1, "a")));
        assert!(outbox.push(bye.clone()));
        assert!(outbox.finish(NOW, &id(1), Outcome::Done));
        assert_eq!(outbox.start(NOW), Some(bye));
        assert!(outbox.finish(NOW, &id(1), Outcome::Done) && outbox.is_empty());
    }

    #[test]
    fn outbox_and_requests_under_way_are_bounded() {
        let mut outbox = Outbox::default();
        (0..MAX_COMMANDS).for_each(|n| assert!(outbox.push(answer(n % 40, "a"))));
        assert!(!outbox.push(answer(99, "a")));
        assert!(outbox.push(SignalCommand::Disconnect { connection: id(0) }), "making room is always possible");
        assert_eq!(std::iter::from_fn(|| outbox.start(NOW)).count(), MAX_IN_FLIGHT);
        outbox.cancel_all();
        assert_eq!(std::iter::from_fn(|| outbox.start(NOW)).count(), MAX_IN_FLIGHT);
    }
}
