//! The size of an H.264 picture, from the sequence parameter set before its keyframe (ITU-T H.264, 7.3.2.1.1). Baseline only:
//! nothing else is sent.

/// Width and height in pixels of the pictures that follow an SPS NAL unit, its header byte included.
pub fn size(nal: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits { data: unescape(nal), at: 8 };
    let profile = bits.number(8)?;
    bits.number(16)?;
    if ![66, 77, 88].contains(&profile) {
        return None;
    }
    bits.golomb()?; // seq_parameter_set_id
    bits.golomb()?; // log2_max_frame_num_minus4
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        2 => {}
        _ => return None,
    }
    bits.golomb()?; // max_num_ref_frames
    bits.number(1)?;
    let (width, height) = (bits.golomb()? + 1, bits.golomb()? + 1);
    if bits.number(1)? == 0 {
        return None; // fields
    }
    bits.number(1)?;
    let (mut cropped_width, mut cropped_height) = (0, 0);
    if bits.number(1)? == 1 {
        cropped_width = 2 * (bits.golomb()? + bits.golomb()?);
        cropped_height = 2 * (bits.golomb()? + bits.golomb()?);
    }
    Some(((width * 16).checked_sub(cropped_width)?, (height * 16).checked_sub(cropped_height)?))
}

/// Without emulation prevention (7.4.1.1).
fn unescape(nal: &[u8]) -> Vec<u8> {
    let mut data: Vec<u8> = Vec::new();
    for byte in nal {
        if *byte != 3 || !data.ends_with(&[0, 0]) {
            data.push(*byte);
        }
    }
    data
}

struct Bits {
    data: Vec<u8>,
    at: usize,
}

impl Bits {
    fn number(&mut self, bits: usize) -> Option<u32> {
        (0..bits).try_fold(0, |number, _| {
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
            (zeros < 16).then_some(())?;
        }
        Some((1 << zeros) - 1 + self.number(zeros)?)
    }
}
