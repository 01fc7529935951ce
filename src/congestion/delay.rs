//! How long packets wait on the path: one-way delay above the least that was seen.
//!
//! Absolute delay sees a queue that stands still, which a trend of delays (draft-ietf-rmcat-gcc-02, section 5) cannot. The
//! least delay is kept for half a minute (RFC 6817, section 4.2 uses minutes): the clocks of the two ends drift by up to
//! 50 ppm, 1.5 ms in that time.

use std::time::Duration;

use crate::time::Nanos;

/// The window is three of these.
const BUCKET: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub struct BaseDelay {
    /// Newest last; empty ones hold nothing.
    buckets: [Option<i64>; 3],
    began: Nanos,
}

impl BaseDelay {
    pub fn clear(&mut self) {
        self.buckets = [None; 3];
    }

    pub fn add(&mut self, now: Nanos, delay: i64) {
        if now.saturating_since(self.began) >= BUCKET {
            self.began = now;
            self.buckets = [self.buckets[1], self.buckets[2], None];
        }
        let newest = self.buckets[2].get_or_insert(delay);
        *newest = (*newest).min(delay);
    }

    /// The path has become longer: it is at least `delay` now.
    pub fn rebase(&mut self, delay: i64) {
        self.buckets = [None, None, Some(delay)];
    }

    pub fn get(&self) -> Option<i64> {
        self.buckets.iter().flatten().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_delay_is_forgotten_after_half_a_minute() {
        let mut base = BaseDelay::default();
        let at = |s: u64| Nanos(s * 1_000_000_000);
        base.add(at(1), 5);
        for s in 2..30 {
            base.add(at(s), 9);
        }
        assert_eq!(base.get(), Some(5));
        for s in 30..45 {
            base.add(at(s), 9);
        }
        assert_eq!(base.get(), Some(9));
    }
}
