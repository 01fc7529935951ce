//! AV1 (AV1 RTP specification 1.0, section 4): OBUs without their size fields, as elements behind an aggregation header.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};

use super::split::Carver;

/// Aggregation header: the first element continues an OBU, the last one is continued.
const Z: u8 = 0x80;
const Y: u8 = 0x40;
/// First packet of a coded video sequence.
const N: u8 = 0x08;
/// Room kept for the length of each element: LEB128 of at most 14 bits.
const LENGTH: usize = 2;

const HAS_EXTENSION: u8 = 0x04;
const HAS_SIZE: u8 = 0x02;
const TEMPORAL_DELIMITER: u8 = 2;
const TILE_LIST: u8 = 8;
const PADDING: u8 = 15;

/// An OBU as it is sent: its header without the size bit, then the payload.
struct Obu {
    header: [u8; 2],
    header_len: usize,
    payload: Range<usize>,
}

/// Part of one OBU in one packet.
struct Element {
    obu: usize,
    part: Range<usize>,
    starts_packet: bool,
}

pub(super) fn payloads(data: &Bytes, keyframe: bool, limit: usize) -> Vec<Bytes> {
    let Some(obus) = parse(data) else { return Vec::new() };
    let elements = plan_evenly(&obus, limit);
    let packets = count_packets(&elements);
    let mut carver = Carver::new(data.len() + packets + (LENGTH + 1) * elements.len());
    for (i, packet) in elements.chunk_by(|_, next| !next.starts_packet).enumerate() {
        let new_sequence = keyframe && i == 0;
        carver.write_with(|out| write_packet(data, &obus, packet, new_sequence, out));
    }
    carver.finish()
}

fn write_packet(data: &[u8], obus: &[Obu], packet: &[Element], new_sequence: bool, out: &mut BytesMut) {
    let (Some(first), Some(last)) = (packet.first(), packet.last()) else { return };
    let continues = if first.part.start > 0 { Z } else { 0 };
    let continued = if last.part.end < obus[last.obu].len() { Y } else { 0 };
    // W counts up to three elements, and then the last one needs no length.
    let w = if packet.len() <= 3 { packet.len() as u8 } else { 0 };
    out.put_u8(continues | continued | w << 4 | if new_sequence { N } else { 0 });
    for (i, element) in packet.iter().enumerate() {
        if w == 0 || i + 1 < packet.len() {
            put_leb128(element.part.len(), out);
        }
        obus[element.obu].write(data, element.part.clone(), out);
    }
}

/// Cuts into the fewest packets, then tries again with the packet size that would make them equal.
fn plan_evenly(obus: &[Obu], limit: usize) -> Vec<Element> {
    let plan = fill(obus, limit);
    let packets = count_packets(&plan);
    if packets < 2 {
        return plan;
    }
    let total: usize = obus.iter().map(Obu::len).sum();
    let even = total.div_ceil(packets) + 1 + LENGTH * (1 + obus.len());
    let balanced = fill(obus, even.min(limit));
    if count_packets(&balanced) == packets { balanced } else { plan }
}

fn count_packets(elements: &[Element]) -> usize {
    elements.iter().filter(|e| e.starts_packet).count()
}

fn fill(obus: &[Obu], limit: usize) -> Vec<Element> {
    let mut elements = Vec::with_capacity(obus.len());
    let mut room = 0;
    for (index, obu) in obus.iter().enumerate() {
        let is_last = index + 1 == obus.len();
        let mut from = 0;
        while from < obu.len() {
            let starts_packet = room == 0;
            if starts_packet {
                room = limit - 1 - LENGTH;
            }
            let mut to = obu.len().min(from + room);
            room = (room - (to - from)).saturating_sub(LENGTH);
            // libwebrtc takes a packet that ends with a whole OBU for the end of the picture: keep a byte back.
            if to == obu.len() && !is_last && room == 0 && to - from > 1 {
                to -= 1;
            }
            elements.push(Element { obu: index, part: from..to, starts_packet });
            from = to;
        }
    }
    elements
}

impl Obu {
    fn len(&self) -> usize {
        self.header_len + self.payload.len()
    }

    /// Appends a part of the OBU, counted from its header.
    fn write(&self, data: &[u8], part: Range<usize>, out: &mut BytesMut) {
        let h = self.header_len;
        out.put_slice(&self.header[part.start.min(h)..part.end.min(h)]);
        let at = |i: usize| self.payload.start + i.saturating_sub(h);
        out.put_slice(&data[at(part.start)..at(part.end)]);
    }
}

/// The OBUs of a temporal unit (AV1 specification, section 5.3), less those that are not sent; none if it is malformed.
fn parse(data: &[u8]) -> Option<Vec<Obu>> {
    let mut obus = Vec::new();
    let mut at = 0;
    while let Some(&first) = data.get(at) {
        if first & 0x80 != 0 {
            return None;
        }
        at += 1;
        let mut header = [first & !HAS_SIZE, 0];
        let mut header_len = 1;
        if first & HAS_EXTENSION != 0 {
            header[1] = *data.get(at)?;
            header_len = 2;
            at += 1;
        }
        let size = if first & HAS_SIZE != 0 {
            let (size, bytes) = leb128(data.get(at..)?)?;
            at += bytes;
            size
        } else {
            data.len() - at
        };
        let end = at.checked_add(size).filter(|&end| end <= data.len())?;
        // The specification forbids the first two in RTP; padding is waste.
        if !matches!(first >> 3 & 0x0F, TEMPORAL_DELIMITER | TILE_LIST | PADDING) {
            obus.push(Obu { header, header_len, payload: at..end });
        }
        at = end;
    }
    Some(obus)
}

/// Value and length of an LEB128 number (AV1 specification, section 4.10.5).
fn leb128(data: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0u64;
    for (i, &byte) in data.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).ok()?;
            return Some((usize::try_from(value).ok()?, i + 1));
        }
    }
    None
}

fn put_leb128(mut value: usize, out: &mut BytesMut) {
    while value >= 0x80 {
        out.put_u8((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEQUENCE_HEADER: u8 = 1 << 3;
    const FRAME: u8 = 6 << 3;

    /// One OBU without a size field: header (with an extension or without) and payload.
    fn obu(header: u8, payload: Vec<u8>) -> Vec<u8> {
        let mut obu = vec![header];
        obu.extend(payload);
        obu
    }

    /// The same with the size field, as encoders write it.
    fn sized(obu: &[u8]) -> Vec<u8> {
        let header_len = if obu[0] & HAS_EXTENSION != 0 { 2 } else { 1 };
        let mut out = BytesMut::new();
        out.put_u8(obu[0] | HAS_SIZE);
        out.put_slice(&obu[1..header_len]);
        put_leb128(obu.len() - header_len, &mut out);
        out.put_slice(&obu[header_len..]);
        out.to_vec()
    }

    fn temporal_unit(obus: &[Vec<u8>]) -> Bytes {
        obus.iter().flat_map(|o| sized(o)).collect::<Vec<u8>>().into()
    }

    /// An independent receiver, written from section 4.4 of the AV1 RTP specification.
    fn depacketize(payloads: &[Bytes]) -> Vec<Vec<u8>> {
        let mut obus: Vec<Vec<u8>> = Vec::new();
        let mut open = false;
        for payload in payloads {
            let header = payload[0];
            assert_eq!(header & 0x07, 0, "reserved");
            assert_eq!(header & 0x80 != 0, open, "Z continues what Y left open");
            let w = usize::from(header >> 4 & 3);
            let mut rest = &payload[1..];
            let mut elements = Vec::new();
            while !rest.is_empty() {
                let (mut len, mut shift) = (0usize, 0);
                if w == 0 || elements.len() + 1 < w {
                    loop {
                        let byte = rest[0];
                        rest = &rest[1..];
                        len |= usize::from(byte & 0x7F) << shift;
                        shift += 7;
                        if byte & 0x80 == 0 {
                            break;
                        }
                    }
                } else {
                    len = rest.len();
                }
                elements.push(&rest[..len]);
                rest = &rest[len..];
            }
            assert!(w == 0 || elements.len() == w);
            for (i, element) in elements.into_iter().enumerate() {
                if i == 0 && open { obus.last_mut().unwrap().extend(element) } else { obus.push(element.to_vec()) }
            }
            open = header & 0x40 != 0;
        }
        assert!(!open, "the last packet leaves an OBU open");
        obus
    }

    #[test]
    fn sequence_header_and_frame_share_packets_of_even_size() {
        let obus = [obu(SEQUENCE_HEADER, vec![1; 11]), obu(FRAME, vec![2; 3_000])];
        let payloads = payloads(&temporal_unit(&obus), true, 1_180);
        assert_eq!(depacketize(&payloads), obus);
        assert_eq!(payloads.len(), 3);
        assert_eq!(payloads[0][0], Y | 2 << 4 | N);
        assert_eq!(payloads[1][0], Z | Y | 1 << 4);
        assert_eq!(payloads[2][0], Z | 1 << 4);
        let lens: Vec<usize> = payloads.iter().map(Bytes::len).collect();
        assert!(lens.iter().max().unwrap() - lens.iter().min().unwrap() < 40, "{lens:?}");
        for pair in payloads.windows(2) {
            assert_eq!(pair[0].as_ptr_range().end, pair[1].as_ptr());
        }
    }

    #[test]
    fn only_a_keyframe_begins_a_new_sequence() {
        let unit = temporal_unit(&[obu(FRAME, vec![2; 3_000])]);
        assert!(payloads(&unit, false, 1_180).iter().all(|p| p[0] & N == 0));
        let n: Vec<bool> = payloads(&unit, true, 1_180).iter().map(|p| p[0] & N != 0).collect();
        assert_eq!(n, [true, false, false]);
    }

    #[test]
    fn delimiters_padding_and_tile_lists_are_left_out() {
        let frame = obu(FRAME, vec![3; 30]);
        let unit = temporal_unit(&[obu(2 << 3, vec![]), obu(8 << 3, vec![1]), frame.clone(), obu(15 << 3, vec![0; 9])]);
        assert_eq!(depacketize(&payloads(&unit, true, 1_180)), [frame]);
    }

    #[test]
    fn last_obu_may_lack_its_size() {
        let frame = obu(FRAME, vec![3; 30]);
        let mut unit = sized(&obu(SEQUENCE_HEADER, vec![1; 5]));
        unit.extend(&frame);
        assert_eq!(depacketize(&payloads(&unit.into(), true, 1_180))[1], frame);
    }

    #[test]
    fn malformed_unit_is_refused_whole() {
        let mut unit = sized(&obu(SEQUENCE_HEADER, vec![1; 5]));
        unit.extend([FRAME | HAS_SIZE, 9, 1, 2]);
        assert!(payloads(&unit.into(), true, 1_180).is_empty());
    }

    fn any_obu() -> impl Strategy<Value = Vec<u8>> {
        let payload = prop_oneof![
            3 => proptest::collection::vec(any::<u8>(), 2..80),
            1 => proptest::collection::vec(any::<u8>(), 1_100..1_300),
            1 => proptest::collection::vec(any::<u8>(), 2_000..5_000),
        ];
        let kind = prop_oneof![Just(1u8), 3u8..8, Just(9u8)];
        (kind, any::<bool>(), payload).prop_map(|(kind, ext, payload)| obu(kind << 3 | u8::from(ext) << 2, payload))
    }

    proptest! {
        #[test]
        fn every_obu_comes_back_and_no_packet_but_the_last_ends_with_a_whole_one(
            obus in proptest::collection::vec(any_obu(), 1..12), keyframe: bool, limit in 64usize..1_400,
        ) {
            let payloads = payloads(&temporal_unit(&obus), keyframe, limit);
            prop_assert!(payloads.iter().all(|p| p.len() <= limit));
            prop_assert!(payloads.iter().rev().skip(1).all(|p| p[0] & Y != 0));
            prop_assert_eq!(depacketize(&payloads), obus);
        }
    }
}
