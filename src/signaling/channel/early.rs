//! Candidates that came before the description they belong to. Bounded.

use std::collections::VecDeque;

use crate::signaling::IceCandidate;

/// Candidates kept; the oldest goes.
const MAX_EARLY: usize = 64;

#[derive(Debug, Default)]
pub struct Early(VecDeque<(Option<u64>, IceCandidate)>);

impl Early {
    pub fn push(&mut self, ufrag: Option<u64>, candidate: IceCandidate) {
        if self.0.len() >= MAX_EARLY {
            self.0.pop_front();
        }
        self.0.push_back((ufrag, candidate));
    }

    /// Takes those whose user fragment belongs, in order.
    pub fn take(&mut self, belongs: impl Fn(Option<u64>) -> bool) -> Vec<IceCandidate> {
        let (taken, kept) = std::mem::take(&mut self.0).into_iter().partition(|(ufrag, _)| belongs(*ufrag));
        self.0 = kept;
        let taken: VecDeque<(Option<u64>, IceCandidate)> = taken;
        taken.into_iter().map(|(_, candidate)| candidate).collect()
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
