//! What an access unit holds, read from its bytes and not from what an encoder claims. Pure and total: any bytes are safe.

use super::Codec;

/// H.264 NAL unit types (ITU-T H.264, table 7-1).
mod nal {
    pub const IDR: u8 = 5;
    pub const SPS: u8 = 7;
    pub const PPS: u8 = 8;
}

/// AV1 OBU types (AV1 specification, section 6.2.2).
mod obu {
    pub const SEQUENCE_HEADER: u8 = 1;
    pub const TEMPORAL_DELIMITER: u8 = 2;
    pub const FRAME_HEADER: u8 = 3;
    pub const FRAME: u8 = 6;
}

/// NAL units of an Annex B stream, without their start codes.
pub fn nal_units(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(data);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = find_start_code(current);
        rest = end.and_then(|at| current.get(at..)).and_then(after_start_code);
        let unit = end.and_then(|at| current.get(..at)).unwrap_or(current);
        // A four-byte start code, and trailing_zero_8bits, leave zeros that belong to no unit.
        let len = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        unit.get(..len)
    })
    .filter(|unit| !unit.is_empty())
}

fn find_start_code(data: &[u8]) -> Option<usize> {
    data.windows(3).position(|w| w == [0, 0, 1])
}

fn after_start_code(data: &[u8]) -> Option<&[u8]> {
    find_start_code(data).and_then(|at| data.get(at + 3..))
}

fn nal_type(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |header| header & 0x1f)
}

/// What stands before the first slice of an H.264 access unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct H264Start {
    pub sps: bool,
    pub pps: bool,
    /// The first slice belongs to an IDR picture. A recovery point does not count: no decoder can begin there.
    pub idr: bool,
}

/// Looks at an H.264 access unit up to its first slice, which is near its beginning.
pub fn h264_start(data: &[u8]) -> H264Start {
    let mut found = H264Start::default();
    for unit in nal_units(data) {
        match nal_type(unit) {
            nal::SPS => found.sps = true,
            nal::PPS => found.pps = true,
            slice @ 1..=nal::IDR => {
                found.idr = slice == nal::IDR;
                break;
            }
            _ => {}
        }
    }
    found
}

/// Whether no later picture refers to this H.264 access unit: `nal_ref_idc` of all its slices is 0 (section 7.4.1).
pub fn h264_is_discardable(data: &[u8]) -> bool {
    let mut slices = nal_units(data).filter(|unit| (1..=nal::IDR).contains(&nal_type(unit))).peekable();
    slices.peek().is_some() && slices.all(|unit| unit.first().is_some_and(|header| header & 0x60 == 0))
}

/// Whether a decoder can begin with this access unit.
pub fn is_keyframe(codec: Codec, data: &[u8]) -> bool {
    match codec {
        Codec::H264 => h264_start(data).idr,
        // RFC 6386, section 9.1: the lowest bit of the frame tag is 0 for a key frame.
        Codec::Vp8 => data.first().is_some_and(|tag| tag & 1 == 0),
        Codec::Vp9 => vp9_is_keyframe(data),
        Codec::Av1 => av1_is_keyframe(data),
    }
}

/// VP9 bitstream specification, section 6.2: frame_marker 2 bits, profile 2 bits (a reserved bit follows profile 3),
/// show_existing_frame, frame_type.
fn vp9_is_keyframe(data: &[u8]) -> bool {
    let Some(&first) = data.first() else { return false };
    let shift = if first & 0x30 == 0x30 { 1 } else { 0 };
    let show_existing = first & (0x08 >> shift) != 0;
    let inter = first & (0x04 >> shift) != 0;
    first >> 6 == 2 && !show_existing && !inter
}

/// A key frame after a sequence header: without the header nobody can begin.
fn av1_is_keyframe(data: &[u8]) -> bool {
    let mut sequence_header = false;
    for (kind, payload) in obus(data) {
        match kind {
            obu::SEQUENCE_HEADER => sequence_header = true,
            // show_existing_frame 1 bit, frame_type 2 bits, 0 is KEY_FRAME (section 5.9.2).
            obu::FRAME | obu::FRAME_HEADER => return sequence_header && payload.first().is_some_and(|b| b >> 5 == 0),
            _ => {}
        }
    }
    false
}

/// OBUs of a low-overhead stream (section 5.2) as type and payload; ends at the first one that is cut off.
fn obus(data: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (kind, start, end) = obu_bounds(rest)?;
        let payload = rest.get(start..end)?;
        rest = rest.get(end..)?;
        Some((kind, payload))
    })
}

/// Type of the first OBU, where its payload begins and where it ends.
fn obu_bounds(data: &[u8]) -> Option<(u8, usize, usize)> {
    let header = *data.first()?;
    let kind = header >> 3 & 0x0f;
    let mut at = if header & 0x04 != 0 { 2 } else { 1 };
    if header & 0x02 == 0 {
        return (at <= data.len()).then_some((kind, at, data.len()));
    }
    let mut size = 0u64;
    for shift in 0..8 {
        let byte = *data.get(at)?;
        at += 1;
        size |= u64::from(byte & 0x7f) << (7 * shift);
        if byte & 0x80 == 0 {
            let end = at.checked_add(usize::try_from(size).ok()?)?;
            return (end <= data.len()).then_some((kind, at, end));
        }
    }
    None
}

/// The temporal unit without its temporal delimiters, which RTP does not carry (AV1 RTP specification, section 5).
pub fn without_temporal_delimiter(data: &[u8]) -> &[u8] {
    let mut rest = data;
    while let Some((obu::TEMPORAL_DELIMITER, _, end)) = obu_bounds(rest) {
        match rest.get(end..) {
            Some(next) if end > 0 => rest = next,
            _ => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nal_units_are_split_at_three_and_four_byte_start_codes() {
        let data = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 4];
        let units: Vec<_> = nal_units(&data).collect();
        assert_eq!(units, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 4]]);
        assert_eq!(h264_start(&data), H264Start { sps: true, pps: true, idr: true });
        assert!(is_keyframe(Codec::H264, &data));
    }

    #[test]
    fn a_recovery_point_is_not_an_idr() {
        // SEI (6), then a slice of a non-IDR picture (1).
        assert!(!is_keyframe(Codec::H264, &[0, 0, 1, 6, 6, 1, 0x80, 0, 0, 1, 0x41, 9]));
    }

    #[test]
    fn only_slices_that_nothing_refers_to_can_be_left_out() {
        assert!(h264_is_discardable(&[0, 0, 1, 0x01, 9]));
        assert!(h264_is_discardable(&[0, 0, 1, 0x6e, 1, 0, 0, 1, 0x01, 9]), "a prefix NAL unit is no slice");
        assert!(!h264_is_discardable(&[0, 0, 1, 0x01, 9, 0, 0, 1, 0x41, 9]), "one of two");
        assert!(!h264_is_discardable(&[0, 0, 1, 0x65, 9]) && !h264_is_discardable(&[0, 0, 1, 0x06, 1]));
    }

    #[test]
    fn vp8_vp9_and_av1_keyframes_are_told_from_delta_frames() {
        assert!(is_keyframe(Codec::Vp8, &[0x10]) && !is_keyframe(Codec::Vp8, &[0x11]));
        assert!(is_keyframe(Codec::Vp9, &[0x82]) && !is_keyframe(Codec::Vp9, &[0x86]));
        assert!(!is_keyframe(Codec::Vp9, &[0x8a]), "show_existing_frame repeats a picture");
        let key = [0x12, 0, 0x0a, 1, 7, 0x32, 2, 0x10, 9];
        assert!(is_keyframe(Codec::Av1, &key));
        assert!(!is_keyframe(Codec::Av1, &key[5..]), "no sequence header");
        assert!(!is_keyframe(Codec::Av1, &[0x0a, 1, 7, 0x32, 2, 0x30, 9]), "an inter frame");
    }

    #[test]
    fn the_temporal_delimiter_goes_and_the_rest_stays() {
        assert_eq!(without_temporal_delimiter(&[0x12, 0, 0x0a, 1, 7]), [0x0a, 1, 7]);
        assert_eq!(without_temporal_delimiter(&[0x0a, 1, 7]), [0x0a, 1, 7]);
        assert!(without_temporal_delimiter(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            for codec in Codec::ALL {
                is_keyframe(codec, &data);
            }
            h264_is_discardable(&data);
            prop_assert!(without_temporal_delimiter(&data).len() <= data.len());
            prop_assert!(nal_units(&data).all(|unit| unit.len() < data.len()));
        }
    }
}
