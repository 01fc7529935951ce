//! Redundant audio (RFC 2198): a packet of Opus with copies of those before it. Pure and total: any bytes are safe.

use bytes::Bytes;

use super::Packet;

/// Copies taken from one packet, at most.
const MOST_BLOCKS: usize = 8;

/// The packets within, the oldest first. Copies are numbered backwards from the packet itself: senders put one packet in each
/// block. Nothing comes of what is malformed.
pub fn unpack(packet: &Packet) -> Vec<Packet> {
    split(packet).unwrap_or_default()
}

fn split(packet: &Packet) -> Option<Vec<Packet>> {
    let payload = &packet.payload;
    let mut blocks = Vec::new();
    let mut at = 0;
    // Section 3: headers of four bytes, and of one for the last.
    while payload.get(at)? & 0x80 != 0 {
        let header = u32::from_be_bytes(*payload.get(at..at + 4)?.first_chunk()?);
        blocks.push(((header >> 10) & 0x3fff, (header & 0x3ff) as usize));
        at += 4;
        if blocks.len() > MOST_BLOCKS {
            return None;
        }
    }
    at += 1;
    let count = blocks.len();
    let mut packets = Vec::with_capacity(count + 1);
    for (index, (offset, length)) in blocks.into_iter().enumerate() {
        let end = at.checked_add(length).filter(|end| *end <= payload.len())?;
        if length > 0 {
            packets.push(Packet {
                sequence: packet.sequence.wrapping_sub(u16::try_from(count - index).ok()?),
                timestamp: packet.timestamp.wrapping_sub(offset),
                marker: false,
                payload: payload.slice(at..end),
                arrived: packet.arrived,
            });
        }
        at = end;
    }
    let own: Bytes = payload.slice(at..);
    if !own.is_empty() {
        packets.push(Packet { payload: own, ..packet.clone() });
    }
    Some(packets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Nanos;
    use proptest::prelude::*;

    fn packet(payload: Vec<u8>) -> Packet {
        Packet { sequence: 1, timestamp: 500, marker: true, payload: payload.into(), arrived: Nanos(3) }
    }

    #[test]
    fn copies_come_before_the_packet_with_their_own_numbers_and_times() {
        // Payload type 111, 480 ticks before, two bytes.
        let header = 1u32 << 31 | 111 << 24 | 480 << 10 | 2;
        let mut payload = header.to_be_bytes().to_vec();
        payload.extend([111, 7, 8, 9]);
        let packets = unpack(&packet(payload));
        let told: Vec<_> = packets.iter().map(|p| (p.sequence, p.timestamp, p.payload.to_vec())).collect();
        assert_eq!(told, [(0, 20, vec![7, 8]), (1, 500, vec![9])]);
    }

    #[test]
    fn a_packet_without_copies_is_itself_and_a_cut_one_is_nothing() {
        assert_eq!(unpack(&packet(vec![111, 5]))[0].payload.as_ref(), [5]);
        let cut = (1u32 << 31 | 480 << 10 | 200).to_be_bytes().to_vec();
        for payload in [vec![], vec![0x80], cut] {
            assert_eq!(unpack(&packet(payload)), []);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(payload in prop::collection::vec(any::<u8>(), 0..80)) {
            let length = payload.len();
            let packets = unpack(&packet(payload));
            prop_assert!(packets.len() <= MOST_BLOCKS + 1 && packets.iter().map(|p| p.payload.len()).sum::<usize>() <= length);
        }
    }
}
