//! RTP timestamps that only go forward, from a host time that may do anything.

use crate::time::media_ticks;

/// RFC 6184, 7741, 9628 and the AV1 RTP specification all use this clock, in Hz.
const CLOCK_RATE: u32 = 90_000;
/// Host time that steps back this far, in ns, comes from a clock that was started anew.
const STEP_BACK: u64 = 1_000_000_000;
/// Host time that steps ahead this far, in ns, does too; half of RTP's range is 6.6 hours and would read as going back.
const STEP_AHEAD: u64 = 3_600_000_000_000;

#[derive(Debug, Default)]
pub(super) struct Timeline {
    last: Option<Last>,
    /// Ticks added to host time since its clock last started anew.
    offset: u32,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    host_time: u64,
    timestamp: u32,
}

impl Timeline {
    /// The timestamp of a frame, strictly after the one before it (modulo 2^32). A short stall or step back costs one
    /// tick and is caught up later; a clock that was started anew goes on from where the timeline is.
    pub(super) fn next(&mut self, host_time: u64) -> u32 {
        let ticks = media_ticks(host_time, CLOCK_RATE);
        let mut timestamp = ticks.wrapping_add(self.offset);
        if let Some(last) = self.last {
            let next = last.timestamp.wrapping_add(1);
            let jumped = last.host_time.saturating_sub(host_time) >= STEP_BACK
                || host_time.saturating_sub(last.host_time) >= STEP_AHEAD;
            if jumped {
                timestamp = next;
                self.offset = next.wrapping_sub(ticks);
            } else if timestamp.wrapping_sub(last.timestamp).cast_signed() <= 0 {
                timestamp = next;
            }
        }
        self.last = Some(Last { host_time, timestamp });
        timestamp
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FRAME: u64 = 16_666_667;

    #[test]
    fn stalled_host_time_costs_ticks_that_are_caught_up() {
        let mut timeline = Timeline::default();
        let start = timeline.next(5 * FRAME);
        assert_eq!(timeline.next(5 * FRAME), start + 1);
        assert_eq!(timeline.next(4 * FRAME), start + 2);
        assert_eq!(timeline.next(6 * FRAME), media_ticks(6 * FRAME, 90_000));
    }

    #[test]
    fn restarted_host_clock_goes_on_at_the_right_pace() {
        let mut timeline = Timeline::default();
        let last = timeline.next(100_000_000_000);
        assert_eq!(timeline.next(0), last + 1);
        assert_eq!(timeline.next(1_000_000_000), last + 1 + 90_000);
    }

    #[test]
    fn a_wrap_of_the_timestamp_is_not_a_step_back() {
        let mut timeline = Timeline::default();
        let wrap = (1u64 << 32) * 1_000_000_000 / 90_000;
        let before = timeline.next(wrap - FRAME);
        assert!(timeline.next(wrap + FRAME).wrapping_sub(before) < 3_100);
    }

    proptest! {
        #[test]
        fn timestamps_grow_whatever_host_time_does(times in proptest::collection::vec(any::<u64>(), 2..50)) {
            let mut timeline = Timeline::default();
            let stamps: Vec<u32> = times.into_iter().map(|t| timeline.next(t)).collect();
            for pair in stamps.windows(2) {
                prop_assert!(pair[1].wrapping_sub(pair[0]).cast_signed() > 0);
            }
        }
    }
}
