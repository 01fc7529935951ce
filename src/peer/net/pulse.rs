//! Signs of life on the way that a viewer's media takes: written with each datagram, read a few times a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::time::Nanos;

/// Of one peer. Relaxed: a reader that is a datagram late decides a moment later.
#[derive(Debug, Default)]
pub struct Pulse {
    heard: AtomicU64,
    /// When the first datagram left that nothing has come after; 0: none did.
    unanswered: AtomicU64,
    /// The longest time between two that came, since it was last read.
    gap: AtomicU64,
    moves: AtomicU64,
}

impl Pulse {
    /// Media left.
    pub fn sent(&self, now: Nanos) {
        if self.unanswered.load(Ordering::Relaxed) == 0 {
            self.unanswered.store(now.0.max(1), Ordering::Relaxed);
        }
    }

    /// Something came the way that media takes.
    pub fn heard(&self, now: Nanos) {
        let before = self.heard.swap(now.0, Ordering::Relaxed);
        if before != 0 {
            self.gap.fetch_max(now.0.saturating_sub(before), Ordering::Relaxed);
        }
        self.unanswered.store(0, Ordering::Relaxed);
    }

    pub fn moved(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    pub fn unanswered(&self) -> Option<Nanos> {
        Some(self.unanswered.load(Ordering::Relaxed)).filter(|since| *since != 0).map(Nanos)
    }

    pub fn take_gap(&self) -> Duration {
        Duration::from_nanos(self.gap.swap(0, Ordering::Relaxed))
    }

    /// How often the viewer's address has changed.
    pub fn moves(&self) -> u64 {
        self.moves.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_begins_with_the_first_datagram_that_nothing_comes_after() {
        let pulse = Pulse::default();
        assert_eq!(pulse.unanswered(), None);
        pulse.sent(Nanos(5));
        pulse.sent(Nanos(9));
        assert_eq!(pulse.unanswered(), Some(Nanos(5)));
        pulse.heard(Nanos(10));
        assert_eq!(pulse.unanswered(), None);
        pulse.heard(Nanos(40));
        pulse.heard(Nanos(50));
        assert_eq!((pulse.take_gap(), pulse.take_gap()), (Duration::from_nanos(30), Duration::ZERO));
        pulse.sent(Nanos(60));
        assert_eq!(pulse.unanswered(), Some(Nanos(60)));
    }
}
