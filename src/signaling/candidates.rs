//! A bounded stream of ICE candidates in one direction: kept until they may pass, each passed once, never without end.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::IceCandidate;

/// Longest candidate line accepted, in bytes. Real ones are below 300.
pub const MAX_CANDIDATE_LENGTH: usize = 2048;

/// A 64-bit identity for recognising what was seen before. Not secure: whoever forges one only silences themselves.
pub fn identity(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Candidates of one direction of one connection.
#[derive(Clone, Debug)]
pub struct CandidateGate {
    waiting: VecDeque<IceCandidate>,
    max_waiting: usize,
    seen: HashSet<u64>,
    max_seen: usize,
    dropped: u64,
}

impl CandidateGate {
    /// Keeps at most `max_waiting` candidates while closed and lets at most `max_seen` different ones pass in all.
    pub fn new(max_waiting: usize, max_seen: usize) -> Self {
        Self { waiting: VecDeque::new(), max_waiting, seen: HashSet::new(), max_seen, dropped: 0 }
    }

    /// Takes one in. Empty ones (end of candidates) and repeated ones are passed over; those beyond a bound are counted.
    pub fn push(&mut self, candidate: IceCandidate) {
        if candidate.candidate.trim().is_empty() {
            return;
        }
        let identity = identity(&candidate);
        if self.seen.contains(&identity) {
            return;
        }
        if candidate.candidate.len() > MAX_CANDIDATE_LENGTH
            || self.seen.len() >= self.max_seen
            || self.waiting.len() >= self.max_waiting
        {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.seen.insert(identity);
        self.waiting.push_back(candidate);
    }

    /// Lets everything that waits pass, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = IceCandidate> + '_ {
        self.waiting.drain(..)
    }

    /// Counts anew: the other side started ICE again.
    pub fn restart(&mut self) {
        self.seen.clear();
    }

    /// Candidates dropped because there were too many or they were too long.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(n: usize) -> IceCandidate {
        IceCandidate { candidate: format!("candidate:{n}"), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
    }

    #[test]
    fn repeated_and_empty_candidates_pass_over() {
        let mut gate = CandidateGate::new(4, 8);
        gate.push(candidate(1));
        gate.push(candidate(1));
        gate.push(IceCandidate { candidate: " ".into(), sdp_mid: None, sdp_mline_index: None });
        assert_eq!(gate.drain().count(), 1);
        gate.push(candidate(1));
        assert_eq!((gate.drain().count(), gate.dropped()), (0, 0));
    }

    #[test]
    fn what_is_beyond_a_bound_is_counted() {
        let mut gate = CandidateGate::new(4, 8);
        (0..6).for_each(|n| gate.push(candidate(n)));
        assert_eq!((gate.drain().count(), gate.dropped()), (4, 2));
        (10..20).for_each(|n| gate.push(candidate(n)));
        assert_eq!((gate.drain().count(), gate.dropped()), (4, 8));
        gate.restart();
        gate.push(candidate(0));
        gate.push(IceCandidate { candidate: "x".repeat(MAX_CANDIDATE_LENGTH + 1), ..candidate(0) });
        assert_eq!((gate.drain().count(), gate.dropped()), (1, 9));
    }
}
