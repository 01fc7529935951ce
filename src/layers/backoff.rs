//! How long to wait before trying again what has failed: longer with each failure.

use std::time::Duration;

use crate::time::Nanos;

/// A rise that is taken back sooner has failed.
const PROBATION: Duration = Duration::from_secs(20);
/// What has held for so long is forgiven.
const FORGIVEN: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    wait: Duration,
    rose_at: Option<Nanos>,
}

impl Backoff {
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, wait: first, rose_at: None }
    }

    /// How long there must have been room before the next rise.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    pub fn rose(&mut self, now: Nanos) {
        self.rose_at = Some(now);
    }

    pub fn fell(&mut self, now: Nanos) {
        let Some(rose_at) = self.rose_at.take() else { return };
        let held = now.saturating_since(rose_at);
        if held < PROBATION {
            self.wait = (self.wait * 2).min(self.longest);
        } else if held >= FORGIVEN {
            self.wait = self.first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_double_the_wait_up_to_the_longest_and_what_holds_is_forgiven() {
        let at = |s: u64| Nanos(s * 1_000_000_000);
        let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(10));
        backoff.fell(at(1));
        assert_eq!(backoff.wait(), Duration::from_secs(2), "it had not risen");
        for (n, wait) in [(1, 4), (2, 8), (3, 10), (4, 10)] {
            backoff.rose(at(n * 100));
            backoff.fell(at(n * 100 + 19));
            assert_eq!(backoff.wait(), Duration::from_secs(wait));
        }
        for (held, wait) in [(30, 10), (60, 2)] {
            backoff.rose(at(1_000));
            backoff.fell(at(1_000 + held));
            assert_eq!(backoff.wait(), Duration::from_secs(wait), "{held}");
        }
    }
}
