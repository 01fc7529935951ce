//! What an H.264 stream says of its colours, in the VUI of its sequence parameter set (ITU-T H.264, 7.3.2.1.1 and annex E).
//! Pure and total: any bytes are safe.
//!
//! Where it says nothing, it is BT.601 in limited range: that is what browsers make of a camera's picture.

use crate::encode::Matrix;
use crate::encode::bitstream::nal_units;

const SPS: u8 = 7;
/// `aspect_ratio_idc`: width and height follow.
const EXTENDED_SAR: u32 = 255;
/// `matrix_coefficients` (table E-5).
const BT709: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub matrix: Matrix,
    pub full_range: bool,
}

impl Default for Colour {
    fn default() -> Self {
        Self { matrix: Matrix::Bt601, full_range: false }
    }
}

/// None: there is no parameter set in it.
pub fn of_access_unit(data: &[u8]) -> Option<Colour> {
    // Parameter sets stand at the beginning.
    let set = nal_units(data).take(4).find(|unit| unit.first().is_some_and(|header| header & 0x1f == SPS))?;
    Some(of_parameter_set(set).unwrap_or_default())
}

fn of_parameter_set(set: &[u8]) -> Option<Colour> {
    let mut bits = Bits { data: unescape(set), at: 8 };
    let profile = bits.number(8)?;
    bits.number(16)?; // constraint flags, level
    bits.golomb()?; // seq_parameter_set_id
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128) {
        if bits.golomb()? != 1 {
            return None; // not 4:2:0
        }
        bits.golomb()?;
        bits.golomb()?;
        bits.number(1)?;
        if bits.number(1)? == 1 {
            return None; // scaling lists: nobody sends them here
        }
    }
    bits.golomb()?; // log2_max_frame_num_minus4
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        1 => {
            bits.number(1)?;
            bits.golomb()?;
            bits.golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?; // max_num_ref_frames
    bits.number(1)?;
    bits.golomb()?; // width
    bits.golomb()?; // height
    if bits.number(1)? == 0 {
        bits.number(1)?;
    }
    bits.number(1)?;
    if bits.number(1)? == 1 {
        for _ in 0..4 {
            bits.golomb()?; // cropping
        }
    }
    if bits.number(1)? == 0 {
        return None; // no VUI
    }
    if bits.number(1)? == 1 && bits.number(8)? == EXTENDED_SAR {
        bits.number(32)?;
    }
    if bits.number(1)? == 1 {
        bits.number(1)?; // overscan
    }
    if bits.number(1)? == 0 {
        return None; // no video signal type
    }
    bits.number(3)?;
    let full_range = bits.number(1)? == 1;
    let mut matrix = Matrix::Bt601;
    if bits.number(1)? == 1 {
        bits.number(16)?; // primaries, transfer
        if bits.number(8)? == BT709 {
            matrix = Matrix::Bt709;
        }
    }
    Some(Colour { matrix, full_range })
}

/// Without emulation prevention (7.4.1.1).
fn unescape(unit: &[u8]) -> Vec<u8> {
    let mut data: Vec<u8> = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for byte in unit {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        data.push(*byte);
    }
    data
}

struct Bits {
    data: Vec<u8>,
    at: usize,
}

impl Bits {
    /// At most 32 bits.
    fn number(&mut self, bits: usize) -> Option<u32> {
        (0..bits).try_fold(0u32, |number, _| {
            let byte = *self.data.get(self.at / 8)?;
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            Some(number << 1 | u32::from(bit))
        })
    }

    /// Exp-Golomb (9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.number(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1u32 << zeros) - 1 + self.number(zeros)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stream_that_says_nothing_is_bt_601() {
        assert_eq!(of_access_unit(&[0, 0, 1, 0x65, 1]), None);
        // Baseline, cut off.
        assert_eq!(of_access_unit(&[0, 0, 1, 0x67, 0x42, 0xe0, 0x1f]), Some(Colour::default()));
    }

    #[test]
    fn our_own_streams_say_bt_709() {
        let told = of_access_unit(super::super::select::proof_of(crate::encode::Codec::H264));
        assert_eq!(told, Some(Colour { matrix: Matrix::Bt709, full_range: false }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(mut data in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = of_access_unit(&data);
            data.splice(0..0, [0, 0, 1, 0x67]);
            prop_assert!(of_access_unit(&data).is_some());
        }
    }
}
