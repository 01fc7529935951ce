//! How patient a client is with its server: limits, and the time between two tries. Pure.

use std::time::Duration;

/// What a name lookup under way may still take when all else has ended. The system's resolver cannot be interrupted: a
/// lookup that hangs for longer is left to itself, on a thread that ends with it.
pub const LOOKUP_LIMIT: Duration = Duration::from_millis(50);

/// How patient a client is. The defaults suit real servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Limit of one request, or of opening a WebSocket. Default 5 s.
    pub request: Duration,
    /// Limit of reaching an address, within `request`. Default 2 s: a machine that comes back hears of us soon.
    pub connect: Duration,
    /// From the first failure to the next try; doubles up to `last_retry`. Default 250 ms.
    pub first_retry: Duration,
    /// Default 2.5 s: a server that comes back is found again within 3 s.
    pub last_retry: Duration,
    /// A WebSocket is pinged this often: proxies close one that is silent for a minute. Default 20 s.
    pub ping: Duration,
    /// Limit of taking leave. Default 300 ms.
    pub goodbye: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(5),
            connect: Duration::from_secs(2),
            first_retry: Duration::from_millis(250),
            last_retry: Duration::from_millis(2500),
            ping: Duration::from_secs(20),
            goodbye: Duration::from_millis(300),
        }
    }
}

impl Timing {
    /// A WebSocket from which nothing came for so long is dead: two pings were not answered.
    pub fn silence(&self) -> Duration {
        self.ping * 2 + self.ping / 4
    }
}

/// The time between two tries.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub fn new(timing: &Timing) -> Self {
        Self { first: timing.first_retry, last: timing.last_retry, next: timing.first_retry }
    }

    /// How long to wait before the next try; the wait after that one is twice as long.
    pub fn take(&mut self) -> Duration {
        let wait = self.next;
        self.next = (self.next * 2).min(self.last);
        wait
    }

    /// It worked.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_keeps_its_promise_to_end_within_400_ms() {
        assert!(Timing::default().goodbye + LOOKUP_LIMIT <= Duration::from_millis(400));
    }

    #[test]
    fn waits_double_and_stay_below_the_time_in_which_a_server_is_found_again() {
        let mut backoff = Backoff::new(&Timing::default());
        let waits: Vec<_> = (0..6).map(|_| backoff.take().as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 2500, 2500]);
        assert!(Timing::default().last_retry < Duration::from_secs(3));
        backoff.reset();
        assert_eq!(backoff.take().as_millis(), 250);
    }

    #[test]
    fn a_server_that_comes_back_is_tried_within_3_s_however_long_it_was_away() {
        for away in (1..=600).map(|tenths| Duration::from_millis(100 * tenths)) {
            let mut backoff = Backoff::new(&Timing::default());
            let mut tried = Duration::ZERO;
            while tried < away {
                tried += backoff.take();
            }
            assert!(tried - away < Duration::from_secs(3), "away for {away:?}, tried after {tried:?}");
        }
    }
}
