//! What the connections that the host negotiates tell it, by polling, in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::peer::{CandidateError, OperationError, ReceivedTrack, SignalingState, StateChange};
use crate::signaling::IceCandidate;
use crate::stats::Counter;
use crate::units::ViewerId;

/// Events that may wait, those of operations that are not done yet among them. A connection makes about 30.
pub const CAPACITY: usize = 1024;
/// Of these, the ones that operations may take.
pub const OPERATIONS: usize = 256;

/// Something that happened to a connection, as W3C's RTCPeerConnection has it.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerNews {
    /// An operation came to its end: with a description, or nothing, or a reason.
    Done {
        request: u32,
        outcome: Result<String, OperationError>,
    },
    Signaling(SignalingState),
    State(StateChange),
    NegotiationNeeded,
    /// An empty text is the end of candidates.
    Candidate(IceCandidate),
    CandidateError(CandidateError),
    Track(ReceivedTrack),
    TrackRemoved(ReceivedTrack),
    /// The last of a connection.
    Closed {
        reason: String,
    },
}

impl PeerNews {
    /// Both tell of the same, so that the later one alone is worth knowing.
    fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Signaling(_), Self::Signaling(_)) | (Self::NegotiationNeeded, Self::NegotiationNeeded) => true,
            (Self::State(new), Self::State(old)) => std::mem::discriminant(new) == std::mem::discriminant(old),
            _ => false,
        }
    }
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<(ViewerId, PeerNews)>,
    /// Places kept for operations that are not done yet.
    reserved: usize,
    /// Of `events`, those of operations.
    done: usize,
}

/// Any thread to the host's.
#[derive(Debug)]
pub struct PeerEvents {
    waiting: Mutex<Waiting>,
    dropped: Counter,
}

impl PeerEvents {
    pub fn new(dropped: Counter) -> Self {
        Self { waiting: Mutex::default(), dropped }
    }

    /// Keeps a place for the end of an operation, if there is one. [`push`](Self::push) it then.
    pub fn reserve(&self) -> bool {
        let mut waiting = self.waiting();
        let room = waiting.reserved + waiting.done < OPERATIONS && waiting.events.len() + waiting.reserved < CAPACITY;
        waiting.reserved += usize::from(room);
        room
    }

    /// Never waits. Without room an older event that this one replaces gives way, else this one is lost; the end of an
    /// operation has its place, and that of a connection takes the place of the oldest candidate or state.
    pub fn push(&self, viewer: ViewerId, news: PeerNews) {
        let mut waiting = self.waiting();
        if matches!(news, PeerNews::Done { .. }) {
            waiting.reserved = waiting.reserved.saturating_sub(1);
            waiting.done += 1;
        } else if waiting.events.len() + waiting.reserved >= CAPACITY {
            let replaced = waiting.events.iter().position(|(of, earlier)| *of == viewer && news.replaces(earlier));
            let last = matches!(news, PeerNews::Closed { .. });
            let gives_way = |(_, earlier): &(ViewerId, PeerNews)| {
                last && !matches!(earlier, PeerNews::Done { .. } | PeerNews::Closed { .. })
            };
            match replaced {
                Some(at) => drop(waiting.events.remove(at)),
                None => {
                    self.dropped.add(1);
                    let Some(at) = waiting.events.iter().position(gives_way) else { return };
                    waiting.events.remove(at);
                }
            }
        }
        waiting.events.push_back((viewer, news));
    }

    /// Takes back the end of an operation that never began.
    pub fn withdraw(&self, request: u32) {
        let mut waiting = self.waiting();
        let is =
            |(_, news): &(ViewerId, PeerNews)| matches!(news, PeerNews::Done { request: of, .. } if *of == request);
        if let Some(at) = waiting.events.iter().rposition(is) {
            waiting.events.remove(at);
            waiting.done = waiting.done.saturating_sub(1);
        }
    }

    /// The oldest event, if there is one. It stays where `read` fails.
    pub fn poll<T, E>(&self, read: impl FnOnce(ViewerId, &PeerNews) -> Result<T, E>) -> Option<Result<T, E>> {
        let mut waiting = self.waiting();
        let (viewer, news) = waiting.events.front()?;
        let (read, done) = (read(*viewer, news), matches!(news, PeerNews::Done { .. }));
        if read.is_ok() {
            waiting.events.pop_front();
            waiting.done = waiting.done.saturating_sub(usize::from(done));
        }
        Some(read)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWER: ViewerId = ViewerId(7);

    fn done(request: u32) -> PeerNews {
        PeerNews::Done { request, outcome: Ok(String::new()) }
    }

    fn candidate(number: usize) -> PeerNews {
        PeerNews::Candidate(IceCandidate { candidate: number.to_string(), sdp_mid: None, sdp_mline_index: None })
    }

    fn all(events: &PeerEvents) -> Vec<PeerNews> {
        std::iter::from_fn(|| events.poll(|_, news| Ok::<_, ()>(news.clone()))).flatten().collect()
    }

    #[test]
    fn a_full_queue_keeps_the_ends_of_operations_and_of_connections_and_merges_states() {
        let dropped = Counter::default();
        let events = PeerEvents::new(dropped.clone());
        assert!(events.reserve());
        events.push(VIEWER, PeerNews::Signaling(SignalingState::HaveLocalOffer));
        for number in 0..CAPACITY {
            events.push(VIEWER, candidate(number));
        }
        assert_eq!(dropped.get(), 2, "one place is the operation's, one the state's");
        assert!(!events.reserve());
        events.push(VIEWER, PeerNews::Signaling(SignalingState::Stable));
        assert_eq!(dropped.get(), 2);
        events.push(VIEWER, done(1));
        events.push(VIEWER, PeerNews::Closed { reason: "the end".into() });
        let all = all(&events);
        assert_eq!((all.len(), dropped.get()), (CAPACITY, 3));
        assert_eq!(all[0], candidate(1), "the oldest candidate gave way to the end");
        assert_eq!(all[CAPACITY - 3..CAPACITY - 1], [PeerNews::Signaling(SignalingState::Stable), done(1)]);
    }

    #[test]
    fn operations_never_take_all_places() {
        let events = PeerEvents::new(Counter::default());
        for request in 0..OPERATIONS as u32 {
            assert!(events.reserve());
            if request % 2 == 0 {
                events.push(VIEWER, done(request));
            }
        }
        assert!(!events.reserve());
        events.withdraw(4);
        assert!(events.reserve());
        assert!(!all(&events).contains(&done(4)));
        assert!(events.reserve());
    }

    #[test]
    fn an_event_that_could_not_be_read_is_read_again() {
        let events = PeerEvents::new(Counter::default());
        events.push(VIEWER, PeerNews::NegotiationNeeded);
        assert_eq!(events.poll(|_, _| Err::<(), _>("too small")), Some(Err("too small")));
        assert_eq!(all(&events), [PeerNews::NegotiationNeeded]);
        assert!(events.poll(|_, _| Ok::<_, ()>(())).is_none());
    }
}
