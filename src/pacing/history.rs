//! What has left and may be asked for again (RFC 4585, section 6.2.1): one stream's, found by sequence number.
//!
//! A browser asks again each round trip until it has the packet. An answer that is under way, or waits to leave, is not
//! given a second time.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Nanos;

/// Packets kept at most: at 50 Mbit/s about 800 ms.
const MOST: usize = 4096;
/// How long a packet is kept: what is older is no use to a picture that is played at once, and a path that stood still for
/// that long gets a keyframe.
const SHORTEST: Duration = Duration::from_secs(2);
const ROUND_TRIPS: u32 = 3;
const LONGEST: Duration = Duration::from_secs(3);
/// Packets from which padding is chosen.
const RECENT: usize = 32;

/// How long packets are kept on a path, and how long an answer is under way.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    pub answer_time: Duration,
}

impl Horizon {
    fn kept_for(self) -> Duration {
        (self.answer_time * ROUND_TRIPS).clamp(SHORTEST, LONGEST)
    }
}

/// A packet that has left.
#[derive(Clone, Debug)]
pub struct Kept<P> {
    pub packet: P,
    pub bytes: usize,
    left_at: Nanos,
    /// When it left again, last.
    again_at: Option<Nanos>,
    /// An answer waits to leave.
    waiting: bool,
}

/// Packets of one stream, by consecutive sequence numbers; a number that never came is a gap.
#[derive(Debug)]
pub struct Sent<P> {
    /// Sequence number of the first.
    first: u16,
    packets: VecDeque<Option<Kept<P>>>,
}

impl<P> Default for Sent<P> {
    fn default() -> Self {
        Self { first: 0, packets: VecDeque::new() }
    }
}

impl<P> Sent<P> {
    /// A packet leaves for the first time.
    pub fn push(&mut self, now: Nanos, horizon: Horizon, number: u16, bytes: usize, packet: P) {
        self.forget(now, horizon);
        let kept = Kept { packet, bytes, left_at: now, again_at: None, waiting: false };
        let position = usize::from(number.wrapping_sub(self.first));
        if self.packets.is_empty() || position >= self.packets.len() + MOST {
            // The first one, or a number from nowhere: the stream begins anew.
            self.packets.clear();
            self.first = number;
            self.packets.push_back(Some(kept));
            return;
        }
        while self.packets.len() <= position {
            self.packets.push_back(None);
        }
        self.packets[position] = Some(kept);
        while self.packets.len() > MOST {
            self.pop();
        }
    }

    /// Whether the packet with this number is sent again, and its bytes; it waits to leave from then on. Refused: it is
    /// unknown or too old, it already waits, its last answer may still be under way, or `allowed` says no to its bytes.
    pub fn ask(
        &mut self,
        now: Nanos,
        horizon: Horizon,
        number: u16,
        allowed: impl FnOnce(usize) -> bool,
    ) -> Option<usize> {
        let kept = self.get_mut(number)?;
        let old = now.saturating_since(kept.left_at) > horizon.kept_for();
        let under_way = kept.again_at.is_some_and(|at| now.saturating_since(at) < horizon.answer_time);
        if old || kept.waiting || under_way || !allowed(kept.bytes) {
            return None;
        }
        kept.waiting = true;
        Some(kept.bytes)
    }

    /// An answer leaves now.
    pub fn leave_again(&mut self, now: Nanos, number: u16) -> Option<&Kept<P>> {
        let kept = self.get_mut(number)?;
        kept.waiting = false;
        kept.again_at = Some(now);
        Some(kept)
    }

    /// The number of the largest of the latest packets: what a probe is padded with, as it may be of use where it was lost.
    /// Among equals the one that left again longest ago.
    pub fn padding(&self) -> Option<u16> {
        let recent = self.packets.iter().enumerate().rev().take(RECENT);
        let known = recent.filter_map(|(position, kept)| Some((position, kept.as_ref()?)));
        let (position, _) = known.max_by_key(|(_, kept)| (kept.bytes, Reverse(kept.again_at)))?;
        Some(self.first.wrapping_add(position as u16))
    }

    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub fn clear(&mut self) {
        self.packets.clear();
    }

    fn get_mut(&mut self, number: u16) -> Option<&mut Kept<P>> {
        self.packets.get_mut(usize::from(number.wrapping_sub(self.first)))?.as_mut()
    }

    fn forget(&mut self, now: Nanos, horizon: Horizon) {
        let kept_for = horizon.kept_for();
        let old = |kept: &Kept<P>| now.saturating_since(kept.left_at) > kept_for;
        while self.packets.front().is_some_and(|kept| kept.as_ref().is_none_or(old)) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        self.packets.pop_front();
        self.first = self.first.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HORIZON: Horizon = Horizon { answer_time: Duration::from_millis(40) };

    fn ms(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    fn sent(numbers: impl Iterator<Item = u16>) -> Sent<u16> {
        let mut sent = Sent::default();
        for (n, number) in numbers.enumerate() {
            sent.push(ms(n as u64), HORIZON, number, 100, number);
        }
        sent
    }

    #[test]
    fn packet_is_sent_again_once_a_round_trip_and_not_while_its_answer_waits() {
        let mut sent = sent(65_530..=65_535);
        sent.push(ms(6), HORIZON, 0, 100, 0);
        let mut ask = |at, number| sent.ask(ms(at), HORIZON, number, |_| true).is_some();
        assert!(ask(10, 65_533) && ask(10, 0));
        assert!(!ask(30, 65_533), "its answer waits");
        assert!(!ask(10, 1) && !ask(10, 65_529), "never sent");
        assert_eq!(sent.leave_again(ms(50), 65_533).map(|kept| kept.packet), Some(65_533));
        let mut ask = |at| sent.ask(ms(at), HORIZON, 65_533, |_| true).is_some();
        assert!(!ask(89) && ask(90));
    }

    #[test]
    fn what_may_not_be_sent_may_be_asked_for_again() {
        let mut sent = sent(1..3);
        assert_eq!(sent.ask(ms(5), HORIZON, 1, |_| false), None);
        assert_eq!(sent.ask(ms(5), HORIZON, 1, |_| true), Some(100));
    }

    #[test]
    fn packets_are_kept_for_two_seconds_or_three_round_trips() {
        let mut packets = sent(1..3);
        assert!(packets.ask(ms(2_000), HORIZON, 1, |_| true).is_some());
        assert!(packets.ask(ms(2_002), HORIZON, 2, |_| true).is_none());
        let far = Horizon { answer_time: Duration::from_millis(900) };
        assert!(packets.ask(ms(2_700), far, 2, |_| true).is_some());
        packets.push(ms(2_400), HORIZON, 3, 100, 3);
        assert_eq!(packets.packets.len(), 1, "older ones are forgotten");
    }

    #[test]
    fn a_gap_and_a_leap_of_numbers_are_no_harm() {
        let mut packets = sent([1, 2, 5].into_iter());
        assert_eq!(packets.packets.len(), 5);
        assert!(packets.ask(ms(5), HORIZON, 3, |_| true).is_none());
        packets.push(ms(6), HORIZON, 40_000, 100, 40_000);
        assert_eq!((packets.packets.len(), packets.first), (1, 40_000));
    }

    #[test]
    fn padding_is_the_largest_of_the_latest_and_not_the_same_one_each_time() {
        let mut packets = sent(0..100);
        packets.push(ms(100), HORIZON, 100, 900, 100);
        packets.push(ms(100), HORIZON, 101, 900, 101);
        let mut taken = Vec::new();
        for n in 0..4 {
            let number = packets.padding().unwrap();
            packets.leave_again(ms(200 + n), number);
            taken.push(number);
        }
        taken.sort_unstable();
        assert_eq!(taken, [100, 100, 101, 101]);
    }

    proptest! {
        /// A hostile browser asks for anything at any time: never more than the packets there are each answer time.
        #[test]
        fn nobody_gets_a_packet_twice_in_a_round_trip(
            asks in proptest::collection::vec((any::<u16>(), 0..5u64), 0..2_000),
            first in any::<u16>(),
        ) {
            let mut packets = Sent::default();
            for n in 0..50u16 {
                packets.push(ms(0), HORIZON, first.wrapping_add(n), 100, n);
            }
            let (mut now, mut answered) = (0, vec![None; 50]);
            for (number, passed) in asks {
                now += passed;
                let number = first.wrapping_add(number % 60);
                if packets.ask(ms(now), HORIZON, number, |_| true).is_some() {
                    let again = packets.leave_again(ms(now), number).unwrap().packet;
                    let before: Option<u64> = answered[usize::from(again)].replace(now);
                    prop_assert!(before.is_none_or(|before| now - before >= 40));
                    prop_assert!(now <= 2_000);
                }
            }
        }

        #[test]
        fn history_is_bounded_whatever_numbers_come(numbers in proptest::collection::vec(any::<u16>(), 0..500)) {
            let mut packets = Sent::default();
            for number in numbers {
                packets.push(ms(0), HORIZON, number, 1, number);
                prop_assert!(packets.packets.len() <= MOST);
                prop_assert_eq!(packets.leave_again(ms(0), number).map(|kept| kept.packet), Some(number));
            }
        }
    }
}
