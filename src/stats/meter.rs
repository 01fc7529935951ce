//! What passed in the last second, of totals that only grow. Pure; bounded memory.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Nanos;

/// Over which a rate is taken.
const SPAN: Duration = Duration::from_secs(1);
/// Notes that are nearer to each other than this are one.
const STEP: Duration = Duration::from_millis(10);
/// Those of one span, and the last one before it.
const NOTES: usize = 102;

/// Totals of `N` things at moments of the last second.
#[derive(Clone, Debug)]
pub struct Meter<const N: usize> {
    /// Oldest first: what the totals were from that moment on.
    notes: VecDeque<(Nanos, [u64; N])>,
}

impl<const N: usize> Default for Meter<N> {
    fn default() -> Self {
        Self { notes: VecDeque::with_capacity(NOTES) }
    }
}

impl<const N: usize> Meter<N> {
    /// From `now` on the totals are these. Before the first note they are zero.
    pub fn note(&mut self, now: Nanos, totals: [u64; N]) {
        match self.notes.back_mut() {
            Some((at, last)) if now.saturating_since(*at) < STEP => *last = totals,
            _ => {
                self.forget(now);
                if self.notes.len() >= NOTES {
                    self.notes.pop_front();
                }
                self.notes.push_back((now, totals));
            }
        }
    }

    /// What has passed in the second before `now`.
    pub fn per_second(&self, now: Nanos) -> [u64; N] {
        let last = self.notes.back().map_or([0; N], |(_, totals)| *totals);
        let is_before = |(at, _): &&(Nanos, [u64; N])| now.saturating_since(*at) >= SPAN;
        let before = self.notes.iter().rev().find(is_before).map_or([0; N], |(_, totals)| *totals);
        std::array::from_fn(|i| last[i].saturating_sub(before[i]))
    }

    /// What lies before the second before `now`, but for the last of it.
    fn forget(&mut self, now: Nanos) {
        while self.notes.get(1).is_some_and(|(at, _)| now.saturating_since(*at) >= SPAN) {
            self.notes.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    #[test]
    fn a_rate_is_what_passed_in_the_last_second() {
        let mut meter = Meter::<2>::default();
        assert_eq!(meter.per_second(ms(5)), [0, 0]);
        for n in 1..=300 {
            meter.note(Nanos(n * 16_666_667), [n * 1_000, n]);
        }
        assert_eq!(meter.per_second(ms(5_001)), [60_000, 60]);
        assert_eq!(meter.per_second(ms(5_501)), [30_000, 30]);
        assert_eq!(meter.per_second(ms(7_000)), [0, 0], "nothing comes any more");
    }

    #[test]
    fn silence_before_does_not_thin_what_comes_now() {
        let mut meter = Meter::<1>::default();
        meter.note(ms(0), [100]);
        meter.note(ms(60_000), [150]);
        assert_eq!(meter.per_second(ms(60_500)), [50]);
    }

    #[test]
    fn many_notes_in_a_moment_take_the_room_of_one() {
        let mut meter = Meter::<1>::default();
        for n in 0..10_000 {
            meter.note(Nanos(n * 1_000_000), [n]);
        }
        assert!(meter.notes.len() <= NOTES);
        assert!((990..=1_010).contains(&meter.per_second(ms(9_999))[0]), "{:?}", meter.per_second(ms(9_999)));
    }

    #[test]
    fn a_clock_that_stands_or_steps_back_is_no_matter() {
        let mut meter = Meter::<1>::default();
        for (at, total) in [(5_000, 10), (4_000, 20), (4_000, 15), (9_000, 5)] {
            meter.note(ms(at), [total]);
        }
        assert_eq!(meter.per_second(ms(0)), [5]);
    }
}
