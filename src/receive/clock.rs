//! When what arrives was captured, on this library's clock: RTP time stamps less the path's shortest delay. Pure.
//!
//! Sender reports put a viewer's sound and picture on one clock of its own (RFC 3550, section 6.4.1), so that they can be kept
//! in step; until both have come, each stream is taken by itself.

use std::time::Duration;

use super::Medium;
use super::sequence::Unwrapper;
use crate::time::Nanos;

/// The shortest delay is looked for among the packets of so long, twice: clocks drift apart, and paths change.
const WINDOW: Duration = Duration::from_secs(5);

/// The least of what was seen lately.
#[derive(Clone, Copy, Debug, Default)]
pub struct Least {
    since: Nanos,
    now: Option<i128>,
    before: Option<i128>,
}

impl Least {
    pub fn see(&mut self, value: i128, now: Nanos) {
        if self.now.is_none() {
            self.since = now;
        } else if now.saturating_since(self.since) >= WINDOW {
            (self.before, self.now, self.since) = (self.now, None, now);
        }
        self.now = Some(self.now.map_or(value, |least| least.min(value)));
    }

    pub fn get(&self) -> Option<i128> {
        [self.now, self.before].into_iter().flatten().min()
    }
}

/// Nanoseconds of so many ticks.
pub fn nanos_of(ticks: u64, rate: u32) -> i128 {
    i128::from(ticks) * 1_000_000_000 / i128::from(rate.max(1))
}

#[derive(Debug, Default)]
struct Stream {
    times: Unwrapper<32>,
    least: Least,
    /// The same moment on the sender's clock, in ns, and in ticks.
    report: Option<(i128, u64)>,
}

/// One viewer's clock.
#[derive(Debug, Default)]
pub struct SenderClock {
    streams: [Stream; 2],
    /// From the sender's clock to ours.
    offset: Least,
}

impl SenderClock {
    pub fn heard(&mut self, medium: Medium, timestamp: u32, arrived: Nanos) {
        let stream = &mut self.streams[medium as usize];
        let time = stream.times.unwrap(timestamp);
        stream.least.see(i128::from(arrived.0) - nanos_of(time, rate(medium)), arrived);
        if let Some(captured) = stream.sender_time(time, rate(medium)) {
            self.offset.see(i128::from(arrived.0) - captured, arrived);
        }
    }

    pub fn heard_report(&mut self, medium: Medium, ntp: u64, timestamp: u32) {
        let stream = &mut self.streams[medium as usize];
        let time = stream.times.peek(timestamp);
        stream.report = Some(((i128::from(ntp) * 1_000_000_000) >> 32, time));
    }

    /// Another stream of this medium begins, whose numbers have nothing to do with the last one's.
    pub fn forget(&mut self, medium: Medium) {
        self.streams[medium as usize] = Stream::default();
    }

    /// When what bears this time stamp was captured, not counting the shortest delay of the path.
    pub fn host_time(&self, medium: Medium, timestamp: u32) -> Nanos {
        let stream = &self.streams[medium as usize];
        let time = stream.times.peek(timestamp);
        let by_report = stream.sender_time(time, rate(medium)).zip(self.offset.get());
        let (own, offset) = match by_report {
            Some(found) => found,
            None => (nanos_of(time, rate(medium)), stream.least.get().unwrap_or(0)),
        };
        Nanos(u64::try_from(own + offset).unwrap_or(0))
    }
}

impl Stream {
    fn sender_time(&self, time: u64, rate: u32) -> Option<i128> {
        let (captured, reported) = self.report?;
        Some(captured + nanos_of(time, rate) - nanos_of(reported, rate))
    }
}

/// Of the RTP clock, in Hz (RFC 7587, RFC 6184, RFC 7741).
pub const fn rate(medium: Medium) -> u32 {
    match medium {
        Medium::Audio => 48_000,
        Medium::Video => 90_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn times_follow_the_shortest_delay_over_a_wrap() {
        let mut clock = SenderClock::default();
        let base = u32::MAX - 3_000;
        for (n, delay) in [(0u32, 30), (1, 10), (2, 50), (3, 12)] {
            let arrived = Nanos((1_000 + u64::from(n) * 20 + delay) * MS);
            clock.heard(Medium::Audio, base.wrapping_add(n * 960), arrived);
        }
        let told = |n: u32| clock.host_time(Medium::Audio, base.wrapping_add(n * 960)).0 / MS;
        assert_eq!([told(0), told(1), told(3)], [1_010, 1_030, 1_070]);
    }

    #[test]
    fn with_reports_sound_and_picture_of_one_moment_have_one_time() {
        let mut clock = SenderClock::default();
        let second = 1u64 << 32;
        // The picture's packets take 40 ms longer than the sound's.
        clock.heard(Medium::Audio, 48_000, Nanos(5_010 * MS));
        clock.heard(Medium::Video, 7, Nanos(5_050 * MS));
        clock.heard_report(Medium::Audio, 9 * second, 48_000);
        clock.heard_report(Medium::Video, 9 * second, 7);
        clock.heard(Medium::Audio, 96_000, Nanos(6_010 * MS));
        clock.heard(Medium::Video, 90_007, Nanos(6_050 * MS));
        assert_eq!(clock.host_time(Medium::Audio, 96_000), clock.host_time(Medium::Video, 90_007));
        assert_eq!(clock.host_time(Medium::Video, 90_007).0 / MS, 6_010);
    }

    #[test]
    fn a_clock_that_runs_slow_is_followed() {
        let mut clock = SenderClock::default();
        // 0.1 % slower than ours.
        for n in 0..3_000u64 {
            clock.heard(Medium::Audio, (n * 960) as u32, Nanos(n * 20_020_000));
        }
        let told = clock.host_time(Medium::Audio, 2_999 * 960).0;
        assert!((2_999 * 20_020_000 - told) / MS < 11, "{told}");
    }

    proptest! {
        #[test]
        fn any_times_are_taken(heard in prop::collection::vec((any::<bool>(), any::<u32>(), any::<u64>(), any::<u64>()), 0..50)) {
            let mut clock = SenderClock::default();
            for (audio, timestamp, arrived, ntp) in heard {
                let medium = if audio { Medium::Audio } else { Medium::Video };
                clock.heard(medium, timestamp, Nanos(arrived));
                clock.heard_report(medium, ntp, timestamp);
                let _ = clock.host_time(medium, timestamp.wrapping_add(77));
            }
        }
    }
}
