//! Bytes as the packets of a stream: two of the number, one of the time stamp, one of flags, one of the length, then the payload.

use bytes::Bytes;
use rendercast::receive::Packet;
use rendercast::time::Nanos;

pub struct Sent {
    pub packet: Packet,
    pub flags: u8,
}

pub fn packets(bytes: &[u8]) -> Vec<Sent> {
    let (mut rest, mut sent, mut now) = (bytes, Vec::new(), 0u64);
    while let Some(([high, low, time, flags, length], after)) = rest.split_first_chunk::<5>().map(|(a, b)| (*a, b)) {
        let (payload, next) = after.split_at(usize::from(length).min(after.len()));
        rest = next;
        now += u64::from(time) * 1_000_000;
        let packet = Packet {
            sequence: u16::from_be_bytes([high, low]),
            timestamp: u32::from(time).wrapping_mul(if flags & 4 == 0 { 960 } else { 0x0101_0101 }),
            marker: flags & 1 != 0,
            payload: Bytes::copy_from_slice(payload),
            arrived: Nanos(now),
        };
        sent.push(Sent { packet, flags });
    }
    sent
}
