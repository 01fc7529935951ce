//! H.264 payloads (RFC 6184): single NAL units, STAP-A and FU-A, which are all of packetization mode 1, into an access unit of
//! Annex B. Pure and total: any bytes are safe.

use bytes::Bytes;

const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// The largest access unit, in bytes: nothing a browser sends of a camera comes near.
pub const MAX_ACCESS_UNIT: usize = 4 << 20;

/// Puts an access unit together from the payloads of its packets, all of them, in order. None: they do not fit together.
pub fn assemble<'a>(payloads: impl Iterator<Item = &'a Bytes>) -> Option<Vec<u8>> {
    let mut unit = Vec::new();
    let mut fragmented = false;
    for payload in payloads {
        let header = *payload.first()?;
        let kind = header & 0x1f;
        if fragmented != (kind == FU_A && payload.get(1)? & 0x80 == 0) {
            return None;
        }
        match kind {
            1..=23 => append(&mut unit, payload)?,
            STAP_A => {
                let mut rest = payload.get(1..)?;
                while !rest.is_empty() {
                    let (nal, after) = aggregated(rest)?;
                    append(&mut unit, nal)?;
                    rest = after;
                }
            }
            FU_A => {
                let fragment = *payload.get(1)?;
                let data = payload.get(2..).filter(|data| !data.is_empty())?;
                if fragment & 0x80 != 0 {
                    append(&mut unit, &[header & 0xe0 | fragment & 0x1f])?;
                }
                unit.extend_from_slice(data);
                fragmented = fragment & 0x40 == 0;
            }
            _ => return None,
        }
        if unit.len() > MAX_ACCESS_UNIT {
            return None;
        }
    }
    (!fragmented && !unit.is_empty()).then_some(unit)
}

/// Whether this payload has the first byte of a NAL unit without which nobody can begin: an SPS, or an IDR slice.
pub fn begins_keyframe(payload: &[u8]) -> bool {
    match kinds(payload) {
        Some((kind, _)) if kind == SPS || kind == IDR => true,
        Some((STAP_A, mut rest)) => {
            while let Some((nal, after)) = aggregated(rest) {
                if nal.first().is_some_and(|header| matches!(header & 0x1f, SPS | IDR)) {
                    return true;
                }
                rest = after;
            }
            false
        }
        _ => false,
    }
}

/// Whether an SPS is in it, which stands before everything else of a keyframe.
pub fn has_parameters(payload: &[u8]) -> bool {
    match kinds(payload) {
        Some((SPS, _)) => true,
        Some((STAP_A, rest)) => aggregated(rest).is_some_and(|(nal, _)| nal.first().is_some_and(|h| h & 0x1f == SPS)),
        _ => false,
    }
}

/// The type of the NAL unit that begins here, and what follows its header. None: it began in an earlier packet.
fn kinds(payload: &[u8]) -> Option<(u8, &[u8])> {
    let (header, rest) = payload.split_first()?;
    match header & 0x1f {
        FU_A => rest.split_first().filter(|(fragment, _)| **fragment & 0x80 != 0).map(|(f, rest)| (f & 0x1f, rest)),
        kind => Some((kind, rest)),
    }
}

fn aggregated(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (size, after) = rest.split_first_chunk::<2>()?;
    let size = usize::from(u16::from_be_bytes(*size));
    (size > 0).then(|| after.split_at_checked(size)).flatten()
}

fn append(unit: &mut Vec<u8>, nal: &[u8]) -> Option<()> {
    // A NAL unit that holds a start code would be two to a decoder.
    nal.first()?;
    unit.extend_from_slice(&START_CODE);
    unit.extend_from_slice(nal);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn together(payloads: &[&[u8]]) -> Option<Vec<u8>> {
        let payloads: Vec<Bytes> = payloads.iter().map(|p| Bytes::copy_from_slice(p)).collect();
        assemble(payloads.iter())
    }

    #[test]
    fn single_units_aggregates_and_fragments_become_one_access_unit() {
        let stap = [24, 0, 2, 0x67, 1, 0, 1, 0x68];
        let unit = together(&[&stap, &[0x7c, 0x85, 9, 8], &[0x7c, 0x05, 7], &[0x7c, 0x45, 6], &[0x41, 5]]).unwrap();
        assert_eq!(unit, [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 9, 8, 7, 6, 0, 0, 0, 1, 0x41, 5]);
        assert!(begins_keyframe(&stap) && has_parameters(&stap));
        assert!(
            begins_keyframe(&[0x7c, 0x85, 9]) && !begins_keyframe(&[0x7c, 0x05, 7]) && !begins_keyframe(&[0x41, 5])
        );
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let broken: [&[&[u8]]; 9] = [
            &[],
            &[&[]],
            &[&[0x7c, 0x05, 7]],
            &[&[0x7c, 0x85, 9]],
            &[&[0x7c, 0x85, 9], &[0x41, 5], &[0x7c, 0x45, 6]],
            &[&[0x7c, 0x85, 9], &[0x7c, 0x85, 9], &[0x7c, 0x45, 6]],
            &[&[24, 0, 9, 0x67]],
            &[&[24, 0, 0]],
            &[&[25, 1, 2, 3]],
        ];
        for payloads in broken {
            assert_eq!(together(payloads), None, "{payloads:?}");
        }
    }

    proptest! {
        #[test]
        fn any_payloads_are_assembled_or_refused(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
            let payloads: Vec<Bytes> = payloads.into_iter().map(Bytes::from).collect();
            for payload in &payloads {
                let _ = (begins_keyframe(payload), has_parameters(payload));
            }
            if let Some(unit) = assemble(payloads.iter()) {
                prop_assert!(unit.starts_with(&START_CODE));
            }
        }
    }
}
