//! How many of one viewer's keyframe requests (PLI, FIR) are passed on. Pure.
//!
//! A keyframe costs every viewer of a layer several frames' worth of rate, and one broken or malicious browser can ask
//! hundreds of times a second. Browsers that cannot decode repeat their request (RFC 4585, section 6.3.1), so one that is
//! not passed on is not lost.

use std::time::Duration;

use crate::time::Nanos;

/// Between the first two requests that are passed on; doubles with each one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest time between two.
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Who has not asked for this long begins anew.
const QUIET: Duration = Duration::from_secs(5);

/// One viewer's requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyframeBudget {
    requests: Option<Requests>,
}

#[derive(Clone, Copy, Debug)]
struct Requests {
    asked_at: Nanos,
    passed_on_at: Nanos,
    /// From `passed_on_at` to the next one.
    wait: Duration,
}

impl KeyframeBudget {
    /// The viewer asks: whether its layer is told.
    pub fn allows(&mut self, now: Nanos) -> bool {
        let Some(requests) = self.requests.as_mut().filter(|r| now.saturating_since(r.asked_at) < QUIET) else {
            self.requests = Some(Requests { asked_at: now, passed_on_at: now, wait: FIRST_WAIT });
            return true;
        };
        requests.asked_at = now;
        if now.saturating_since(requests.passed_on_at) < requests.wait {
            return false;
        }
        requests.passed_on_at = now;
        requests.wait = (requests.wait * 2).min(LONGEST_WAIT);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// When requests were passed on, in ms, of those made each `every` ms from `from` to `to`.
    fn passed_on(budget: &mut KeyframeBudget, from: u64, to: u64, every: u64) -> Vec<u64> {
        (from..to).step_by(every as usize).filter(|ms| budget.allows(Nanos(ms * MS))).collect()
    }

    #[test]
    fn who_keeps_asking_is_heard_less_and_less_often_but_never_not_at_all() {
        let mut budget = KeyframeBudget::default();
        let heard = passed_on(&mut budget, 0, 20_000, 10);
        assert_eq!(heard, [0, 250, 750, 1_750, 3_750, 7_750, 11_750, 15_750, 19_750]);
    }

    #[test]
    fn who_was_quiet_is_heard_at_once_again() {
        let mut budget = KeyframeBudget::default();
        passed_on(&mut budget, 0, 10_000, 10);
        assert_eq!(passed_on(&mut budget, 11_000, 11_001, 1), Vec::<u64>::new());
        assert_eq!(passed_on(&mut budget, 16_000, 16_300, 10), [16_000, 16_250]);
    }

    #[test]
    fn requests_that_are_not_passed_on_are_no_quiet() {
        let mut budget = KeyframeBudget::default();
        passed_on(&mut budget, 0, 12_000, 10);
        // Every 4.5 s: each is due, none begins anew.
        assert_eq!(passed_on(&mut budget, 16_490, 25_500, 4_500), [16_490, 20_990, 25_490]);
        assert!(!budget.allows(Nanos(25_800 * MS)));
    }
}
