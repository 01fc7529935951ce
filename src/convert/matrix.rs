//! BT.709 to BT.601, for VP8: its bitstream knows no other matrix (RFC 6386, section 9.2), and browsers show it by that one.

use wide::{i16x8, u8x16};

use crate::encode::YuvFrame;

/// What U and V, as distances from grey, add to each plane, in fractions of 512: red, green and blue solved from Rec. ITU-R
/// BT.709-6 and put into BT.601-7, both in limited range. All of it fits 16 bits.
const BITS: u32 = 9;
const TO_Y: [i16x8; 2] = [all(51), all(98)];
const TO_U: [i16x8; 2] = [all(-5), all(-57)];
const TO_V: [i16x8; 2] = [all(-37), all(-8)];
const HALF: i16x8 = all(1 << (BITS - 1));
const GREY: i16x8 = all(128);
const ZERO: i16x8 = all(0);

/// Constants: made anew each time, a vector of equal numbers is written to memory one by one where size is optimized.
const fn all(number: i16) -> i16x8 {
    i16x8::new([number; 8])
}

/// Samples of chroma worked on at a time, beside twice as many of luma in two rows.
const BLOCK: usize = 16;

/// Changes the matrix of a picture with planar chroma, in place.
pub(super) fn to_bt601(picture: &mut YuvFrame) {
    let (width, rows) = picture.plane_size(1);
    let [y_stride, u_stride, v_stride] = picture.strides;
    let [y, u, v] = &mut picture.planes;
    let luma = y.to_mut().chunks_exact_mut((2 * y_stride).max(1));
    let chroma = u.to_mut().chunks_exact_mut(u_stride.max(1)).zip(v.to_mut().chunks_exact_mut(v_stride.max(1)));
    for (luma, (u, v)) in luma.zip(chroma).take(rows) {
        let (top, bottom) = luma.split_at_mut(y_stride);
        two_rows(&mut top[..2 * width], &mut bottom[..2 * width], &mut u[..width], &mut v[..width]);
    }
}

fn two_rows(top: &mut [u8], bottom: &mut [u8], u: &mut [u8], v: &mut [u8]) {
    let ((top, top_rest), (bottom, bottom_rest)) = (top.as_chunks_mut(), bottom.as_chunks_mut());
    let ((u, u_rest), (v, v_rest)) = (u.as_chunks_mut(), v.as_chunks_mut());
    top.iter_mut().zip(bottom).zip(u.iter_mut().zip(v)).for_each(|((top, bottom), (u, v))| block(top, bottom, u, v));
    // The end of the rows is worked on where there is room for a whole block.
    let (mut tops, mut bottoms, mut us, mut vs) = ([0; 2 * BLOCK], [0; 2 * BLOCK], [0; BLOCK], [0; BLOCK]);
    let (luma, chroma) = (top_rest.len(), u_rest.len());
    tops[..luma].copy_from_slice(top_rest);
    bottoms[..luma].copy_from_slice(bottom_rest);
    us[..chroma].copy_from_slice(u_rest);
    vs[..chroma].copy_from_slice(v_rest);
    block(&mut tops, &mut bottoms, &mut us, &mut vs);
    top_rest.copy_from_slice(&tops[..luma]);
    bottom_rest.copy_from_slice(&bottoms[..luma]);
    u_rest.copy_from_slice(&us[..chroma]);
    v_rest.copy_from_slice(&vs[..chroma]);
}

fn block(top: &mut [u8; 2 * BLOCK], bottom: &mut [u8; 2 * BLOCK], u: &mut [u8; BLOCK], v: &mut [u8; BLOCK]) {
    let (us, vs) = (u8x16::from(*u), u8x16::from(*v));
    let (du, dv) = (from_grey(us), from_grey(vs));
    let luma = Shift::of(du, dv, TO_Y);
    // Each sample of chroma belongs to two of luma, side by side.
    let [left, right] = [
        Shift { up: u8x16::unpack_low(luma.up, luma.up), down: u8x16::unpack_low(luma.down, luma.down) },
        Shift { up: u8x16::unpack_high(luma.up, luma.up), down: u8x16::unpack_high(luma.down, luma.down) },
    ];
    for row in [top, bottom] {
        let (halves, _) = row.as_chunks_mut::<BLOCK>();
        for (half, shift) in halves.iter_mut().zip([&left, &right]) {
            *half = shift.apply(u8x16::from(*half)).to_array();
        }
    }
    *u = Shift::of(du, dv, TO_U).apply(us).to_array();
    *v = Shift::of(du, dv, TO_V).apply(vs).to_array();
}

/// The lower and the upper half.
fn from_grey(levels: u8x16) -> [i16x8; 2] {
    [i16x8::from_u8x16_low(levels), i16x8::from_u8x16_high(levels)].map(|levels| levels - GREY)
}

/// What is added to 16 levels, of which one is 0 in each: bytes that stop at their ends.
struct Shift {
    up: u8x16,
    down: u8x16,
}

impl Shift {
    fn of([u_low, u_high]: [i16x8; 2], [v_low, v_high]: [i16x8; 2], [of_u, of_v]: [i16x8; 2]) -> Self {
        let mix = |u: i16x8, v: i16x8| (u * of_u + v * of_v + HALF).unbounded_shr_scalar(BITS);
        let (low, high) = (mix(u_low, v_low), mix(u_high, v_high));
        Self { up: u8x16::narrow_i16x8(low, high), down: u8x16::narrow_i16x8(ZERO - low, ZERO - high) }
    }

    fn apply(&self, levels: u8x16) -> u8x16 {
        levels.saturating_add(self.up).saturating_sub(self.down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Size;

    /// Rec. ITU-R BT.601-7 or BT.709-6: the weights of red and blue in luma; 8 bits, limited range.
    fn yuv([r, g, b]: [f64; 3], [kr, kb]: [f64; 2]) -> [f64; 3] {
        let y = kr * r + (1.0 - kr - kb) * g + kb * b;
        [16.0 + 219.0 * y, 128.0 + 112.0 * (b - y) / (1.0 - kb), 128.0 + 112.0 * (r - y) / (1.0 - kr)]
    }

    #[test]
    fn every_colour_is_what_bt601_would_have_made_of_it() {
        let steps = [0.0, 0.25, 0.5, 0.75, 1.0];
        for (r, g, b) in steps.iter().flat_map(|r| steps.iter().flat_map(move |g| steps.map(|b| (*r, *g, b)))) {
            let mut picture = YuvFrame::new(Size::new(6, 4));
            for (plane, level) in yuv([r, g, b], [0.2126, 0.0722]).into_iter().enumerate() {
                picture.rows_mut(plane).for_each(|row| row.fill(level.round() as u8));
            }
            to_bt601(&mut picture);
            for (plane, exactly) in yuv([r, g, b], [0.299, 0.114]).into_iter().enumerate() {
                for got in picture.rows(plane).flatten() {
                    let off = (f64::from(*got) - exactly).abs();
                    assert!(off <= 1.5, "plane {plane} of {r} {g} {b}: {got}, exactly {exactly:.1}");
                }
            }
        }
    }

    #[test]
    fn grey_and_what_pads_the_rows_stay_as_they_are() {
        let mut picture = YuvFrame::new(Size::new(2, 2));
        picture.planes.iter_mut().for_each(|plane| plane.fill(255));
        picture.rows_mut(0).for_each(|row| row.copy_from_slice(&[16, 235]));
        (1..3).for_each(|plane| picture.rows_mut(plane).for_each(|row| row.fill(128)));
        to_bt601(&mut picture);
        assert_eq!(picture.rows(0).collect::<Vec<_>>(), [[16, 235]; 2]);
        assert_eq!((picture.planes[1][0], picture.planes[2][0]), (128, 128));
        let padding = |plane: usize| &picture.planes[plane][2..picture.strides[plane]];
        assert!((0..3).all(|plane| padding(plane).iter().all(|level| *level == 255)));
    }
}
