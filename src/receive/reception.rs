//! What a receiver report says of one stream (RFC 3550, section 6.4.1 and appendix A). Pure.

use super::sequence::Unwrapper;
use crate::time::Nanos;

/// The fields of a report block, but for whose it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Of 256, since the report before.
    pub fraction_lost: u8,
    pub total_lost: u32,
    pub highest_sequence: u32,
    /// In ticks of the stream's clock.
    pub jitter: u32,
    /// The middle of the NTP time of the last sender report; 0: none came.
    pub last_sender_report: u32,
    /// Since it came, in units of 1/65536 s.
    pub delay: u32,
}

/// Counts one stream.
#[derive(Clone, Debug, Default)]
pub struct Reception {
    numbers: Unwrapper<16>,
    first: Option<u64>,
    highest: u64,
    received: u64,
    /// Expected and received, when the last report was written.
    before: (u64, u64),
    jitter: f64,
    transit: Option<u32>,
    sender_report: Option<(u32, Nanos)>,
}

impl Reception {
    /// A packet of the stream itself: what is sent again comes on another one.
    pub fn heard(&mut self, sequence: u16, timestamp: u32, clock_rate: u32, now: Nanos) {
        let number = self.numbers.unwrap(sequence.into());
        let first = *self.first.get_or_insert(number);
        self.first = Some(first.min(number));
        self.highest = self.highest.max(number);
        self.received += 1;
        let transit = crate::time::media_ticks(now.0, clock_rate).wrapping_sub(timestamp);
        if let Some(before) = self.transit {
            let step = f64::from(transit.wrapping_sub(before).cast_signed().unsigned_abs());
            self.jitter += (step - self.jitter) / 16.0;
        }
        self.transit = Some(transit);
    }

    /// A sender report of the stream came.
    pub fn heard_report(&mut self, ntp: u64, now: Nanos) {
        self.sender_report = Some(((ntp >> 16) as u32, now));
    }

    /// Packets that did not come, so far: of those that come late, fewer later.
    pub fn lost(&self) -> u64 {
        self.first.map_or(0, |first| (self.highest - first + 1).saturating_sub(self.received))
    }

    /// In ticks of the stream's clock.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The block of the next report; None: nothing came yet.
    pub fn report(&mut self, now: Nanos) -> Option<Block> {
        let expected = self.highest - self.first? + 1;
        let (expected_before, received_before) = std::mem::replace(&mut self.before, (expected, self.received));
        let interval = expected.saturating_sub(expected_before);
        let lost = interval.saturating_sub(self.received - received_before);
        let (last_sender_report, delay) = self.sender_report.map_or((0, 0), |(name, came)| {
            (name, (now.saturating_since(came).as_nanos() * 65_536 / 1_000_000_000) as u32)
        });
        Some(Block {
            fraction_lost: (lost * 256).checked_div(interval).unwrap_or(0).min(255) as u8,
            // 24 bits.
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            highest_sequence: self.highest as u32,
            jitter: self.jitter as u32,
            last_sender_report,
            delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn losses_are_told_since_the_last_report_and_in_all() {
        let mut reception = Reception::default();
        assert_eq!(reception.report(Nanos(0)), None);
        for n in [65_533u16, 65_534, 65_535, 1] {
            reception.heard(n, 0, 90_000, Nanos(0));
        }
        reception.heard_report(0x1111_2222_3333_4444, Nanos(0));
        let block = reception.report(Nanos(500 * MS)).unwrap();
        assert_eq!((block.fraction_lost, block.total_lost, block.highest_sequence as u16), (51, 1, 1));
        assert_eq!((block.last_sender_report, block.delay), (0x2222_3333, 32_768));
        reception.heard(2, 0, 90_000, Nanos(0));
        let block = reception.report(Nanos(500 * MS)).unwrap();
        assert_eq!((block.fraction_lost, block.total_lost, reception.lost()), (0, 1, 1));
    }

    #[test]
    fn jitter_is_of_the_network_and_not_of_the_frames() {
        let mut even = Reception::default();
        let mut odd = Reception::default();
        for n in 0..200u32 {
            let now = u64::from(n) * 20 * MS;
            even.heard(n as u16, n * 1_800, 90_000, Nanos(now));
            odd.heard(n as u16, n * 1_800, 90_000, Nanos(now + u64::from(n % 2) * 10 * MS));
        }
        assert!(even.report(Nanos(0)).unwrap().jitter <= 1);
        assert!((850..=900).contains(&odd.report(Nanos(0)).unwrap().jitter));
    }

    proptest! {
        #[test]
        fn any_stream_is_reported(packets in prop::collection::vec((any::<u16>(), any::<u32>(), any::<u64>()), 0..100)) {
            let mut reception = Reception::default();
            for (number, timestamp, now) in packets {
                reception.heard(number, timestamp, 48_000, Nanos(now));
                prop_assert!(reception.report(Nanos(now)).is_some_and(|block| block.total_lost <= 0x7f_ffff));
            }
        }
    }
}
