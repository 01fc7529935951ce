//! What was heard and said before on one server, HTTP or WebSocket. Servers deliver the same offers, answers and candidates again and again
//! (the clock of generation 1 has whole seconds, its offers are never deleted, a new session starts from the beginning),
//! and public mode tells everyone everything: only what is new and for us becomes an event.

use std::collections::{HashMap, HashSet, VecDeque};

use super::message::{Generation, Message};
use crate::signaling::candidates::identity;
use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};

/// Connections remembered after their end.
const MAX_ENDED: usize = 4096;
/// Connections alive at once; offers beyond it are refused until others end.
const MAX_LIVING: usize = 2048;
/// Descriptions remembered for one connection.
const MAX_DESCRIPTIONS: usize = 64;
/// Candidates passed on for one connection, between two of its offers or answers.
const MAX_CANDIDATES: usize = 256;

#[derive(Debug, Default)]
struct Known {
    /// Descriptions heard and said, by identity, oldest first.
    descriptions: VecDeque<u64>,
    candidates: HashSet<u64>,
    /// We sent an offer that has no answer yet.
    our_offer: bool,
}

/// Everything known about the connections of one server.
#[derive(Debug, Default)]
pub struct Memory {
    living: HashMap<ConnectionId, Known>,
    ended: HashMap<ConnectionId, VecDeque<u64>>,
    /// Ended connections, longest ago first.
    ended_order: VecDeque<ConnectionId>,
}

/// What a message means to us.
#[derive(Debug, PartialEq)]
pub enum Heard {
    New(SignalEvent),
    /// Known, an echo of our own, or for others.
    Nothing,
    /// Refused because a bound is reached.
    TooMany,
}

impl Memory {
    /// Sorts one message from the server.
    pub fn hear(&mut self, message: Message, generation: Generation) -> Heard {
        match message {
            Message::Offer { connection, sdp, polite } => {
                if !self.living.contains_key(&connection) {
                    if self.ended.get(&connection).is_some_and(|seen| seen.contains(&identity(&sdp))) {
                        return Heard::Nothing;
                    }
                    if self.living.len() >= MAX_LIVING {
                        return Heard::TooMany;
                    }
                }
                if !self.revive(&connection).remember(&sdp) {
                    return Heard::Nothing;
                }
                let one_stream = generation.pages_want_one_stream();
                // Pages older than perfect negotiation cannot yield, so we do.
                Heard::New(SignalEvent::Offer { connection, sdp, polite: polite.unwrap_or(true), one_stream })
            }
            Message::Answer { connection, sdp } => match self.living.get_mut(&connection) {
                Some(known) => {
                    if !known.our_offer || !known.remember(&sdp) {
                        return Heard::Nothing;
                    }
                    known.our_offer = false;
                    Heard::New(SignalEvent::Answer { connection, sdp })
                }
                None => Heard::Nothing,
            },
            Message::Candidate { connection, candidate } => match self.living.get_mut(&connection) {
                None => Heard::Nothing,
                Some(_) if candidate.candidate.trim().is_empty() => Heard::Nothing,
                Some(known) if known.candidates.contains(&identity(&candidate)) => Heard::Nothing,
                Some(known) if known.candidates.len() >= MAX_CANDIDATES => Heard::TooMany,
                Some(known) => {
                    known.candidates.insert(identity(&candidate));
                    Heard::New(SignalEvent::Candidate { connection, candidate })
                }
            },
            Message::Disconnect { connection } => {
                if self.end(&connection) {
                    Heard::New(SignalEvent::Disconnect { connection })
                } else {
                    Heard::Nothing
                }
            }
        }
    }

    /// Notes what we say. False when it is for a connection that has ended and need not be said.
    pub fn say(&mut self, command: &SignalCommand) -> bool {
        match command {
            SignalCommand::Offer { connection, sdp } => {
                // Beginning a connection is ours to do; only a page's offers are bounded.
                let known = self.revive(connection);
                known.remember(sdp);
                known.our_offer = true;
                true
            }
            SignalCommand::Answer { connection, sdp } => match self.living.get_mut(connection) {
                Some(known) => {
                    known.remember(sdp);
                    true
                }
                None => false,
            },
            SignalCommand::Candidate { connection, .. } => self.living.contains_key(connection),
            SignalCommand::Disconnect { connection } => self.end(connection),
            SignalCommand::Call { .. } => false,
        }
    }

    /// Whether an offer of ours waits for an answer.
    pub fn awaits_answer(&self) -> bool {
        self.living.values().any(|known| known.our_offer)
    }

    pub fn is_living(&self, connection: &ConnectionId) -> bool {
        self.living.contains_key(connection)
    }

    pub fn has_living(&self) -> bool {
        !self.living.is_empty()
    }

    fn revive(&mut self, connection: &ConnectionId) -> &mut Known {
        let ended = self.ended.remove(connection);
        if ended.is_some() {
            self.ended_order.retain(|other| other != connection);
        }
        self.living
            .entry(connection.clone())
            .or_insert_with(|| Known { descriptions: ended.unwrap_or_default(), ..Known::default() })
    }

    /// Moves a living connection to the ended ones. False when it was not alive.
    fn end(&mut self, connection: &ConnectionId) -> bool {
        let Some(known) = self.living.remove(connection) else {
            return false;
        };
        if self.ended_order.len() >= MAX_ENDED
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
        self.ended.insert(connection.clone(), known.descriptions);
        self.ended_order.push_back(connection.clone());
        true
    }
}

impl Known {
    /// True when this description is new. Candidates start to count anew with it.
    fn remember(&mut self, sdp: &String) -> bool {
        let identity = identity(sdp);
        if self.descriptions.contains(&identity) {
            return false;
        }
        if self.descriptions.len() >= MAX_DESCRIPTIONS {
            self.descriptions.pop_front();
        }
        self.descriptions.push_back(identity);
        if self.candidates.len() >= MAX_CANDIDATES {
            self.candidates.clear();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::signaling::IceCandidate;

    fn id(n: usize) -> ConnectionId {
        ConnectionId(Arc::from(format!("c{n}")))
    }
    fn offer(n: usize, sdp: &str) -> Message {
        Message::Offer { connection: id(n), sdp: sdp.into(), polite: None }
    }
    fn candidate(n: usize, text: &str) -> Message {
        let candidate = IceCandidate { candidate: text.into(), sdp_mid: None, sdp_mline_index: Some(0) };
        Message::Candidate { connection: id(n), candidate }
    }
    fn is_new(memory: &mut Memory, message: Message) -> bool {
        matches!(memory.hear(message, Generation::First), Heard::New(_))
    }

    #[test]
    fn redelivery_is_silent_and_a_new_offer_is_not() {
        let mut memory = Memory::default();
        assert!(is_new(&mut memory, offer(1, "a")));
        assert!(!is_new(&mut memory, offer(1, "a")));
        assert!(is_new(&mut memory, offer(1, "b")));
        assert!(is_new(&mut memory, candidate(1, "x")));
        assert!(!is_new(&mut memory, candidate(1, "x")));
        assert!(!is_new(&mut memory, candidate(2, "x")), "a connection of others");
    }

    #[test]
    fn own_words_are_not_heard() {
        let mut memory = Memory::default();
        assert!(is_new(&mut memory, offer(1, "a")));
        assert!(memory.say(&SignalCommand::Answer { connection: id(1), sdp: "ours".into() }));
        assert!(memory.say(&SignalCommand::Offer { connection: id(1), sdp: "our offer".into() }));
        assert!(!is_new(&mut memory, offer(1, "our offer")));
        assert!(!is_new(&mut memory, Message::Answer { connection: id(1), sdp: "ours".into() }));
        assert!(memory.awaits_answer());
        assert!(is_new(&mut memory, Message::Answer { connection: id(1), sdp: "theirs".into() }));
        assert!(!is_new(&mut memory, Message::Answer { connection: id(1), sdp: "another".into() }));
        assert!(memory.say(&SignalCommand::Disconnect { connection: id(1) }));
        assert!(!is_new(&mut memory, Message::Disconnect { connection: id(1) }));
        assert!(!memory.say(&SignalCommand::Disconnect { connection: id(1) }));
    }

    #[test]
    fn ended_connection_stays_known_and_may_come_again() {
        let mut memory = Memory::default();
        assert!(is_new(&mut memory, offer(1, "a")));
        assert!(is_new(&mut memory, Message::Disconnect { connection: id(1) }));
        assert!(!is_new(&mut memory, offer(1, "a")), "delivered again after its end");
        assert!(is_new(&mut memory, offer(1, "b")), "the page is back");
        assert!(!is_new(&mut memory, offer(1, "a")));
    }

    #[test]
    fn memory_is_bounded_and_never_forgets_a_living_connection() {
        let mut memory = Memory::default();
        assert!(is_new(&mut memory, offer(0, "a")));
        for n in 1..MAX_ENDED + 100 {
            assert!(is_new(&mut memory, offer(n, "a")));
            assert!(is_new(&mut memory, Message::Disconnect { connection: id(n) }));
        }
        assert_eq!((memory.ended.len(), memory.ended_order.len()), (MAX_ENDED, MAX_ENDED));
        assert!(!is_new(&mut memory, offer(0, "a")));
        assert!(is_new(&mut memory, offer(1, "a")), "forgotten");
        for n in 10_000..10_000 + MAX_LIVING {
            memory.hear(offer(n, "a"), Generation::First);
        }
        assert_eq!(memory.hear(offer(99_999, "a"), Generation::First), Heard::TooMany);
        for n in 0..MAX_CANDIDATES {
            assert!(is_new(&mut memory, candidate(0, &n.to_string())));
        }
        assert_eq!(memory.hear(candidate(0, "more"), Generation::First), Heard::TooMany);
    }
}
