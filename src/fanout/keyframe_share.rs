//! Whether one viewer makes the others of its layer pay for too many keyframes. Pure.
//!
//! A keyframe costs everybody who shares a layer picture quality and latency. A few in a row are how a viewer gets over a bad
//! moment; who goes on like that is served apart from the others, until it has been quiet for a good while.

use std::time::Duration;

use crate::time::Nanos;

/// Keyframes one viewer may cost the others within [`PERIOD`].
const SHARE: usize = 3;
const PERIOD: Duration = Duration::from_secs(10);
/// How long a viewer that was set apart must need no keyframe before it goes back; doubles each time it is set apart.
const QUIET: Duration = Duration::from_secs(30);
const LONGEST_QUIET: Duration = Duration::from_secs(480);

/// The keyframes one viewer has cost. The one at its joining is not told here: it is free.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyframeShare {
    /// The last ones, in a ring.
    spent: [Option<Nanos>; SHARE],
    next: usize,
    last: Option<Nanos>,
    /// How long it must be quiet before it goes back; zero for who was never set apart.
    quiet: Duration,
}

impl KeyframeShare {
    /// The others paid for a keyframe of this viewer's.
    pub fn spend(&mut self, now: Nanos) {
        self.needed(now);
        if let Some(oldest) = self.spent.get_mut(self.next) {
            *oldest = Some(now);
        }
        self.next = (self.next + 1) % SHARE;
    }

    /// The viewer needed a keyframe, at nobody's cost: it is not quiet.
    pub fn needed(&mut self, now: Nanos) {
        self.last = Some(now);
    }

    /// Whether the next keyframe would be more than its share.
    pub fn is_spent(&self, now: Nanos) -> bool {
        // Where the next one goes lies the oldest.
        let oldest = self.spent.get(self.next).copied().flatten();
        oldest.is_some_and(|oldest| now.saturating_since(oldest) < PERIOD)
    }

    /// The viewer is set apart from the others.
    pub fn set_apart(&mut self, now: Nanos) {
        self.needed(now);
        self.quiet = (self.quiet * 2).clamp(QUIET, LONGEST_QUIET);
    }

    /// Whether a viewer that was set apart has been quiet for long enough to go back.
    pub fn may_return(&self, now: Nanos) -> bool {
        self.last.is_none_or(|last| now.saturating_since(last) >= self.quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    fn share(spent_ms: impl IntoIterator<Item = u64>) -> KeyframeShare {
        let mut share = KeyframeShare::default();
        spent_ms.into_iter().for_each(|ms| share.spend(at(ms)));
        share
    }

    #[test]
    fn a_fourth_keyframe_within_ten_seconds_is_more_than_a_share() {
        assert!(!share([]).is_spent(at(0)));
        assert!(!share([0, 1_000]).is_spent(at(1_000)));
        assert!(share([0, 1_000, 2_000]).is_spent(at(9_999)));
        assert!(!share([0, 1_000, 2_000]).is_spent(at(10_000)));
        assert!(share([0, 1_000, 2_000, 10_500]).is_spent(at(10_999)), "the window slides");
    }

    #[test]
    fn who_needs_one_now_and_then_is_never_set_apart() {
        let mut share = KeyframeShare::default();
        for n in 0..100 {
            assert!(!share.is_spent(at(n * 3_334)), "{n}");
            share.spend(at(n * 3_334));
        }
    }

    #[test]
    fn who_was_set_apart_returns_after_thirty_quiet_seconds() {
        let mut share = share([0, 1, 2]);
        share.set_apart(at(1_000));
        assert!(!share.may_return(at(30_999)));
        assert!(share.may_return(at(31_000)));
        share.needed(at(20_000));
        assert!(!share.may_return(at(49_999)));
        assert!(share.may_return(at(50_000)));
    }

    #[test]
    fn who_is_set_apart_again_must_be_quiet_for_longer_but_not_for_ever() {
        let mut share = KeyframeShare::default();
        for seconds in [30, 60, 120, 240, 480, 480] {
            share.set_apart(at(0));
            assert!(!share.may_return(at(seconds * 1_000 - 1)), "{seconds}");
            assert!(share.may_return(at(seconds * 1_000)), "{seconds}");
        }
    }
}
