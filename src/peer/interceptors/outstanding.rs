//! Packets whose fate is not known yet, by their transport-wide numbers. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use crate::congestion::Report;
use crate::time::Nanos;

/// Browsers report each 50 to 100 ms; what was not reported for so long is forgotten, and counts neither way.
const LONGEST: Duration = Duration::from_secs(2);
/// Half of the numbers there are: more could not be told apart.
const MOST: usize = 1 << 15;

/// Of one connection, all streams together, in the order in which they left.
#[derive(Debug, Default)]
pub struct Outstanding {
    /// Number of the first one.
    first: u16,
    packets: VecDeque<Report>,
    /// So many from the first on may be told: a later one has arrived.
    known: usize,
}

impl Outstanding {
    /// A packet of so many bytes leaves; returns its number, which is one more than that of the one before.
    pub fn push(&mut self, now: Nanos, bytes: usize) -> u16 {
        let expired = |packet: &Report| now.saturating_since(packet.sent) > LONGEST;
        while self.packets.len() >= MOST || (self.known == 0 && self.packets.front().is_some_and(expired)) {
            self.packets.pop_front();
            self.first = self.first.wrapping_add(1);
            self.known = self.known.saturating_sub(1);
        }
        let number = self.first.wrapping_add(self.packets.len() as u16);
        self.packets.push_back(Report { sent: now, arrived: None, bytes });
        number
    }

    /// The packet with this number has arrived, at a time of the receiver's clock if that was told.
    pub fn arrived(&mut self, number: u16, at: Option<Duration>) {
        let position = usize::from(number.wrapping_sub(self.first));
        if let Some(packet) = self.packets.get_mut(position) {
            packet.arrived = at;
            self.known = self.known.max(position + 1);
        }
    }

    /// Every packet up to the last one that has arrived, once: none of them is reported any more, as a rule.
    pub fn take(&mut self) -> impl Iterator<Item = Report> {
        let known = std::mem::take(&mut self.known);
        self.first = self.first.wrapping_add(known as u16);
        self.packets.drain(..known)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    fn fates(outstanding: &mut Outstanding) -> Vec<(usize, Option<u64>)> {
        outstanding.take().map(|report| (report.bytes, report.arrived.map(|at| at.as_millis() as u64))).collect()
    }

    #[test]
    fn all_up_to_the_last_arrival_is_told_once_and_what_lacks_is_lost() {
        let mut outstanding = Outstanding::default();
        let numbers: Vec<u16> = (0..5).map(|n| outstanding.push(ms(n), n as usize)).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
        outstanding.arrived(3, Some(Duration::from_millis(30)));
        outstanding.arrived(1, Some(Duration::from_millis(10)));
        outstanding.arrived(900, Some(Duration::ZERO));
        assert_eq!(fates(&mut outstanding), [(0, None), (1, Some(10)), (2, None), (3, Some(30))]);
        assert_eq!(fates(&mut outstanding), []);
        // Told too late.
        outstanding.arrived(2, Some(Duration::from_millis(20)));
        assert_eq!(fates(&mut outstanding), []);
        outstanding.arrived(4, None);
        assert_eq!(fates(&mut outstanding), [(4, None)]);
        assert_eq!(outstanding.push(ms(6), 1), 5);
    }

    #[test]
    fn what_nobody_reports_is_forgotten_and_the_numbers_go_on() {
        let mut outstanding = Outstanding::default();
        for n in 0..3 * u64::from(u16::MAX) {
            assert_eq!(outstanding.push(ms(n), 1), n as u16);
            assert!(outstanding.packets.len() <= 2_001);
        }
        for _ in 0..2 * MOST {
            outstanding.push(ms(0), 1);
        }
        assert_eq!(outstanding.packets.len(), MOST);
    }

    proptest! {
        /// Whatever a browser claims: each packet is told at most once, in order.
        #[test]
        fn hostile_reports_tell_nothing_twice(claims in proptest::collection::vec((any::<u16>(), 0..4usize), 0..500)) {
            let (mut outstanding, mut pushed, mut told) = (Outstanding::default(), 0, 0);
            for (number, packets) in claims {
                for _ in 0..packets {
                    outstanding.push(ms(0), pushed);
                    pushed += 1;
                }
                outstanding.arrived(number % 600, Some(Duration::ZERO));
                for report in outstanding.take() {
                    prop_assert_eq!(report.bytes, told);
                    told += 1;
                }
            }
            prop_assert!(told <= pushed);
        }
    }
}
