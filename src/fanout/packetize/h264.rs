//! H.264 (RFC 6184, packetization-mode 1): small NAL units together in a STAP-A, large ones in FU-As, others as they are.

use std::ops::Range;

use bytes::{BufMut, Bytes};

use super::split::{Carver, evenly};

const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// Indicator and header of a FU-A.
const FU_HEADER: usize = 2;
const FU_START: u8 = 0x80;
const FU_END: u8 = 0x40;
/// forbidden_zero_bit and nal_ref_idc.
const F_BIT: u8 = 0x80;
const NRI: u8 = 0x60;

pub(super) fn payloads(data: &Bytes, limit: usize) -> Vec<Bytes> {
    let nals: Vec<Range<usize>> = nal_units(data).filter(|nal| is_sent(data[nal.start])).collect();
    let capacity = nals.iter().map(|nal| nal.len() + 3 + FU_HEADER * nal.len().div_ceil(limit - FU_HEADER)).sum();
    let mut carver = Carver::new(capacity);
    let mut rest = nals.as_slice();
    while let Some(first) = rest.first() {
        let together = stap_len(rest, limit);
        if together >= 2 {
            write_stap_a(data, &rest[..together], &mut carver);
        } else if first.len() <= limit {
            carver.share(data.slice(first.clone()));
        } else {
            write_fu_as(&data[first.clone()], limit, &mut carver);
        }
        rest = &rest[together..];
    }
    carver.finish()
}

/// How many NAL units from the first on fit one STAP-A; at least 1.
fn stap_len(nals: &[Range<usize>], limit: usize) -> usize {
    let mut size = 1;
    let fitting = nals.iter().take_while(|nal| {
        size += 2 + nal.len();
        size <= limit
    });
    fitting.count().max(1)
}

fn write_stap_a(data: &[u8], nals: &[Range<usize>], carver: &mut Carver) {
    // RFC 6184, section 5.7.1: F is the OR of all, NRI the largest.
    let headers = nals.iter().map(|nal| data[nal.start]);
    let (f, nri) = headers.fold((0, 0), |(f, nri), h| (f | h & F_BIT, nri.max(h & NRI)));
    carver.write_with(|out| {
        out.put_u8(f | nri | STAP_A);
        for nal in nals {
            out.put_u16(nal.len() as u16); // the limit keeps it below 2^14
            out.put_slice(&data[nal.clone()]);
        }
    });
}

fn write_fu_as(nal: &[u8], limit: usize, carver: &mut Carver) {
    let Some((&header, body)) = nal.split_first() else { return };
    for piece in evenly(body.len(), limit - FU_HEADER, 0) {
        let start = if piece.start == 0 { FU_START } else { 0 };
        let end = if piece.end == body.len() { FU_END } else { 0 };
        let fu_header = [header & (F_BIT | NRI) | FU_A, start | end | header & 0x1F];
        carver.write(&[&fu_header, &body[piece]]);
    }
}

/// Access unit delimiters and filler carry nothing; the types that RTP gives a meaning of its own must not be sent bare.
fn is_sent(header: u8) -> bool {
    !matches!(header & 0x1F, 0 | 9 | 12 | 24..)
}

/// NAL units of an Annex B byte stream, none empty, without start codes (3 or 4 bytes) and trailing zeros.
fn nal_units(data: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut next = find_start(data, 0);
    std::iter::from_fn(move || {
        loop {
            let from = next?;
            next = find_start(data, from);
            let mut to = next.map_or(data.len(), |n| n - 3);
            // A NAL unit never ends in a zero byte (H.264, 7.4.1): they belong to the next start code or are padding.
            while to > from && data[to - 1] == 0 {
                to -= 1;
            }
            if to > from {
                return Some(from..to);
            }
        }
    })
}

/// Where the first start code at or after `from` ends.
fn find_start(data: &[u8], from: usize) -> Option<usize> {
    let mut i = from;
    while let Some(&third) = data.get(i + 2) {
        // The third byte says how far the next start code is away at least.
        match third {
            0 => i += 1,
            1 if data[i] == 0 && data[i + 1] == 0 => return Some(i + 3),
            _ => i += 3,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fanout::packetize::MAX_PAYLOAD;

    fn annex_b(nals: &[Vec<u8>]) -> Bytes {
        let mut out = Vec::new();
        for (i, nal) in nals.iter().enumerate() {
            out.extend_from_slice(if i % 2 == 0 { &[0, 0, 0, 1] } else { &[0, 0, 1] });
            out.extend_from_slice(nal);
        }
        out.into()
    }

    /// An independent receiver, written from RFC 6184.
    fn depacketize(payloads: &[Bytes]) -> Vec<Vec<u8>> {
        let mut nals = Vec::new();
        let mut fragments: Option<Vec<u8>> = None;
        for payload in payloads {
            match payload[0] & 0x1F {
                24 => {
                    assert!(fragments.is_none());
                    let mut rest = &payload[1..];
                    let mut count = 0;
                    while !rest.is_empty() {
                        let len = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                        nals.push(rest[2..2 + len].to_vec());
                        rest = &rest[2 + len..];
                        count += 1;
                    }
                    assert!(count >= 2);
                }
                28 => {
                    let (start, end) = (payload[1] & 0x80 != 0, payload[1] & 0x40 != 0);
                    assert!(!(start && end), "a whole NAL unit in one FU-A is forbidden");
                    assert_eq!(payload[1] & 0x20, 0);
                    if start {
                        assert!(fragments.is_none());
                        fragments = Some(vec![payload[0] & 0xE0 | payload[1] & 0x1F]);
                    }
                    let nal = fragments.as_mut().expect("a FU-A without a start");
                    assert_eq!(nal[0], payload[0] & 0xE0 | payload[1] & 0x1F);
                    nal.extend_from_slice(&payload[2..]);
                    if end {
                        nals.push(fragments.take().unwrap());
                    }
                }
                _ => {
                    assert!(fragments.is_none());
                    nals.push(payload.to_vec());
                }
            }
        }
        assert!(fragments.is_none(), "a FU-A without an end");
        nals
    }

    fn nal(header: u8, len: usize) -> Vec<u8> {
        let mut nal = vec![0xAB; len];
        nal[0] = header;
        nal
    }

    #[test]
    fn parameter_sets_share_a_packet_and_the_idr_is_fragmented_evenly() {
        let nals = [nal(0x67, 20), nal(0x68, 5), nal(0x06, 30), nal(0x65, 3_001)];
        let payloads = payloads(&annex_b(&nals), MAX_PAYLOAD);
        assert_eq!(payloads[0][0], 0x60 | STAP_A);
        let lens: Vec<usize> = payloads.iter().map(Bytes::len).collect();
        assert_eq!(lens, [1 + 22 + 7 + 32, 1_002, 1_002, 1_002]);
        assert_eq!(depacketize(&payloads), nals);
    }

    #[test]
    fn delimiters_and_filler_are_left_out() {
        let nals = [nal(0x09, 2), nal(0x41, 50), nal(0x0C, 100)];
        assert_eq!(depacketize(&payloads(&annex_b(&nals), MAX_PAYLOAD)), [nals[1].clone()]);
    }

    #[test]
    fn a_single_nal_unit_is_sent_from_the_encoders_own_memory() {
        let data = annex_b(&[nal(0x41, 1_180)]);
        let payloads = payloads(&data, MAX_PAYLOAD);
        assert_eq!(payloads.len(), 1);
        assert_eq!(payloads[0].as_ptr(), data[4..].as_ptr());
    }

    #[test]
    fn fragments_lie_in_one_allocation() {
        let payloads = payloads(&annex_b(&[nal(0x65, 20_000)]), MAX_PAYLOAD);
        for pair in payloads.windows(2) {
            assert_eq!(pair[0].as_ptr_range().end, pair[1].as_ptr());
        }
    }

    #[test]
    fn trailing_zeros_are_not_sent() {
        let data = Bytes::from_static(&[0, 0, 0, 1, 0x41, 7, 0, 0, 0, 0, 0, 1, 0x41, 8, 0, 0]);
        assert_eq!(depacketize(&payloads(&data, MAX_PAYLOAD)), [vec![0x41, 7], vec![0x41, 8]]);
    }

    /// A NAL unit as an encoder writes it: never two zeros followed by 0 to 2, never a zero at its end.
    fn any_nal() -> impl Strategy<Value = Vec<u8>> {
        let body = prop_oneof![
            4 => proptest::collection::vec(any::<u8>(), 1..60),
            2 => proptest::collection::vec(any::<u8>(), 1_100..1_300),
            1 => proptest::collection::vec(any::<u8>(), 2_000..6_000),
        ];
        (0u8..4, prop_oneof![1u8..9, Just(10u8), 13u8..24], body).prop_map(|(nri, kind, mut body)| {
            for i in 2..body.len() {
                if body[i - 2] == 0 && body[i - 1] == 0 && body[i] < 3 {
                    body[i] = 3;
                }
            }
            *body.last_mut().unwrap() |= 0x80;
            body.insert(0, nri << 5 | kind);
            body
        })
    }

    proptest! {
        #[test]
        fn every_nal_unit_comes_back(nals in proptest::collection::vec(any_nal(), 1..8), limit in 64usize..1_400) {
            let payloads = payloads(&annex_b(&nals), limit);
            prop_assert!(payloads.iter().all(|p| p.len() <= limit));
            prop_assert_eq!(depacketize(&payloads), nals);
        }

        #[test]
        fn start_codes_are_found_where_a_slow_search_finds_them(
            data in proptest::collection::vec(0u8..3, 0..200), from in 0usize..200,
        ) {
            let slow = (from..data.len().saturating_sub(2)).find(|&i| data[i..i + 3] == [0, 0, 1]).map(|i| i + 3);
            prop_assert_eq!(find_start(&data, from), slow);
        }
    }
}
