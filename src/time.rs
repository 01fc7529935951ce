//! Clocks. Two of them, never mixed:
//!
//! - **host time**: nanoseconds on the host's monotonic clock, as the host stamps frames and blocks. Only differences count.
//! - **`Nanos`**: nanoseconds on this library's monotonic clock, zero at first use. Pure code takes it as `now`.
//!
//! Media time is derived from host time by [`media_ticks`], modulo 2^32 as RTP counts (RFC 3550, section 5.1).

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Nanoseconds on this library's monotonic clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub u64);

impl Nanos {
    pub const fn saturating_since(self, earlier: Nanos) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Nanos {
    type Output = Nanos;
    fn add(self, rhs: Duration) -> Nanos {
        Nanos(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

static EPOCH: LazyLock<Instant> = LazyLock::new(instant_now);

#[allow(clippy::disallowed_methods)] // the one place that reads the clock
fn instant_now() -> Instant {
    Instant::now()
}

/// Reads this library's clock. Never called from pure code.
pub fn now() -> Nanos {
    Nanos(u64::try_from(instant_now().duration_since(*EPOCH).as_nanos()).unwrap_or(u64::MAX))
}

/// The standard library's instant, for crates whose interface asks for one.
pub fn instant() -> Instant {
    instant_now()
}

/// An instant of those crates on this library's clock; what was before its zero is its zero.
pub fn nanos(instant: Instant) -> Nanos {
    Nanos(u64::try_from(instant.saturating_duration_since(*EPOCH).as_nanos()).unwrap_or(u64::MAX))
}

/// The other way; what is beyond the end of time is a day from zero.
pub fn instant_at(nanos: Nanos) -> Instant {
    let day = Duration::from_secs(86_400);
    EPOCH.checked_add(Duration::from_nanos(nanos.0)).unwrap_or_else(|| *EPOCH + day)
}

/// Turns nanoseconds into ticks of `clock_rate` Hz, modulo 2^32 (RFC 3550, section 5.1). Integer arithmetic: no drift.
pub const fn media_ticks(nanos: u64, clock_rate: u32) -> u32 {
    ((nanos as u128 * clock_rate as u128) / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_ticks_do_not_drift_over_a_day() {
        let day = 86_400_000_000_000;
        assert_eq!(media_ticks(day, 90_000), (86_400u64 * 90_000 % (1 << 32)) as u32);
        assert_eq!(media_ticks(1_000_000_000, 48_000), 48_000);
    }

    #[test]
    fn instants_and_nanos_are_one_clock() {
        let at = now();
        assert_eq!(nanos(instant_at(at)), at);
        assert!(nanos(instant()) >= at);
    }

    #[test]
    fn now_never_goes_back() {
        let a = now();
        assert!(now() >= a);
    }
}
