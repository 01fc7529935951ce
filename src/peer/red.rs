//! Redundant audio (RFC 2198): each packet also carries those just before it, so that a lost one is there again a packet
//! later, 10 ms, without being asked for. Pure.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};

/// Most copies in a packet.
pub const MOST_COPIES: usize = 2;
/// A copy is named by how much older it is, in 14 bits, and by its length, in 10 (RFC 2198, section 3).
const MAX_OFFSET: u32 = (1 << 14) - 1;
const MAX_LENGTH: usize = (1 << 10) - 1;

/// The last packets of one stream.
#[derive(Debug, Default)]
pub struct Redundancy {
    earlier: VecDeque<(u32, Bytes)>,
}

impl Redundancy {
    /// Takes the next packet, and returns it with `copies` of those before it. Copies too old or too long are left out.
    ///
    /// `payload_type` is that of the packets, which are all of one kind.
    pub fn wrap(&mut self, payload_type: u8, timestamp: u32, payload: &Bytes, copies: usize) -> Bytes {
        let skipped = self.earlier.len().saturating_sub(copies.min(MOST_COPIES));
        let usable = |(at, earlier): &&(u32, Bytes)| {
            let offset = timestamp.wrapping_sub(*at);
            (1..=MAX_OFFSET).contains(&offset) && earlier.len() <= MAX_LENGTH
        };
        let copies: Vec<_> = self.earlier.iter().skip(skipped).filter(usable).collect();
        let length = copies.iter().map(|(_, earlier)| 4 + earlier.len()).sum::<usize>() + 1 + payload.len();
        let mut packet = BytesMut::with_capacity(length);
        for (at, earlier) in &copies {
            // F (1 bit), payload type (7), timestamp offset (14), length (10).
            packet.put_u32(
                1 << 31
                    | u32::from(payload_type & 0x7f) << 24
                    | timestamp.wrapping_sub(*at) << 10
                    | earlier.len() as u32,
            );
        }
        packet.put_u8(payload_type & 0x7f);
        for (_, earlier) in &copies {
            packet.put_slice(earlier);
        }
        packet.put_slice(payload);
        self.keep(timestamp, payload);
        packet.freeze()
    }

    /// Takes a packet that is sent alone.
    pub fn keep(&mut self, timestamp: u32, payload: &Bytes) {
        if self.earlier.len() == MOST_COPIES {
            self.earlier.pop_front();
        }
        self.earlier.push_back((timestamp, payload.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_carries_the_ones_before_it_oldest_first() {
        let mut red = Redundancy::default();
        assert_eq!(*red.wrap(111, 1_000, &Bytes::from_static(&[1, 2]), 1), [111, 1, 2]);
        // Offset 480 in 14 bits and length 2 in 10: 480 << 10 | 2.
        assert_eq!(*red.wrap(111, 1_480, &Bytes::from_static(&[3]), 1), [0x80 | 111, 0x07, 0x80, 0x02, 111, 1, 2, 3]);
        assert_eq!(
            *red.wrap(111, 1_960, &Bytes::from_static(&[4]), 2),
            [0xef, 0x0f, 0x00, 0x02, 0xef, 0x07, 0x80, 0x01, 111, 1, 2, 3, 4]
        );
        assert_eq!(*red.wrap(111, 2_440, &Bytes::from_static(&[5]), 0), [111, 5]);
    }

    #[test]
    fn what_does_not_fit_its_fields_is_left_out() {
        let mut red = Redundancy::default();
        red.keep(0, &Bytes::from(vec![7; 1_024]));
        assert_eq!(*red.wrap(111, 480, &Bytes::from_static(&[1]), 2), [111, 1]);
        assert_eq!(*red.wrap(111, 480 + (1 << 14), &Bytes::from_static(&[2]), 1), [111, 2]);
        let wrapped = red.wrap(111, 2 + (1 << 14), &Bytes::from_static(&[3]), 1);
        assert_eq!(*wrapped, [111, 3], "a copy of what is newer");
    }
}
