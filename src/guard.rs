//! What stands between strangers and the rest: how often something may happen, and whether a secret is right. Pure.

use std::time::Duration;

use crate::time::Nanos;

/// A token bucket (in the form of ITU-T I.371's virtual scheduling): full at first, filled at its rate.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// From one to the next at the rate, in ns.
    interval: u64,
    /// How far `full_at` may be ahead, in ns.
    depth: u64,
    /// When it is full again.
    full_at: Nanos,
}

impl Bucket {
    /// `burst` at once, at least 1, and one more for each `interval`.
    pub fn new(burst: u32, interval: Duration) -> Self {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        Self { interval, depth: interval.saturating_mul(burst.max(1).into()), full_at: Nanos(0) }
    }

    /// `burst` at once, and so many a second.
    pub fn per_second(burst: u32, rate: u32) -> Self {
        Self::new(burst, Duration::from_nanos(1_000_000_000 / u64::from(rate.max(1))))
    }

    /// False: nothing is left at `now`.
    pub fn take(&mut self, now: Nanos) -> bool {
        let full_at = self.full_at.max(now).0.saturating_add(self.interval);
        let enough = full_at.saturating_sub(now.0) <= self.depth;
        if enough {
            self.full_at = Nanos(full_at);
        }
        enough
    }
}

/// Whether two secrets are the same. Takes as long for a near miss as for a far one of the same length.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let difference = a.iter().zip(b).fold(0, |difference, (a, b)| std::hint::black_box(difference | (a ^ b)));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let mut bucket = Bucket::per_second(60, 10);
        assert_eq!((0..100).filter(|_| bucket.take(ms(5))).count(), 60);
        assert!(!bucket.take(ms(104)));
        assert!(bucket.take(ms(105)));
        assert!(!bucket.take(ms(0)), "a clock that goes back earns nothing");
        assert!(!bucket.take(ms(105)));
        assert_eq!((0..100).filter(|_| bucket.take(ms(60_000))).count(), 60, "no more than a burst is saved");
    }

    #[test]
    fn only_the_whole_secret_is_equal() {
        assert!(equal(b"secret", b"secret") && equal(b"", b""));
        for wrong in [&b"secre"[..], b"secrets", b"Secret", b"secreT", b""] {
            assert!(!equal(b"secret", wrong));
        }
    }

    proptest! {
        /// However it is spread, no more passes than the burst and the rate.
        #[test]
        fn no_pattern_beats_the_rate(
            burst in 1u32..50,
            rate in 1u32..1_000,
            waits in proptest::collection::vec(0u64..500, 1..2_000),
        ) {
            let mut bucket = Bucket::per_second(burst, rate);
            let (mut now, mut passed) = (0, 0u64);
            for wait in waits {
                now += wait;
                passed += u64::from(bucket.take(ms(now)));
            }
            prop_assert!(passed <= u64::from(burst) + now * u64::from(rate) / 1_000 + 1);
        }
    }
}
