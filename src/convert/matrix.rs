//! BT.709 to BT.601, for VP8: its bitstream knows no other matrix (RFC 6386, section 9.2), and browsers show it by that one.

use crate::encode::YuvFrame;

/// What U and V, as distances from grey, add to each plane, in fractions of 512: red, green and blue solved from Rec. ITU-R
/// BT.709-6 and put into BT.601-7, both in limited range. All of it fits 16 bits.
const BITS: u32 = 9;
const TO_Y: [i16; 2] = [51, 98];
const TO_U: [i16; 2] = [-5, -57];
const TO_V: [i16; 2] = [-37, -8];

/// Samples of chroma worked on at a time: plain loops over arrays that stay in the cache, for the compiler to vectorize.
const BLOCK: usize = 64;

/// Changes the matrix of a picture with planar chroma, in place.
pub(super) fn to_bt601(picture: &mut YuvFrame) {
    let (width, rows) = picture.plane_size(1);
    let [y_stride, u_stride, v_stride] = picture.strides;
    let [y, u, v] = &mut picture.planes;
    let luma = y.to_mut().chunks_exact_mut((2 * y_stride).max(1));
    let chroma = u.to_mut().chunks_exact_mut(u_stride.max(1)).zip(v.to_mut().chunks_exact_mut(v_stride.max(1)));
    for (luma, (u, v)) in luma.zip(chroma).take(rows) {
        let (top, bottom) = luma.split_at_mut(y_stride);
        let luma = top[..2 * width].chunks_mut(2 * BLOCK).zip(bottom[..2 * width].chunks_mut(2 * BLOCK));
        let chroma = u[..width].chunks_mut(BLOCK).zip(v[..width].chunks_mut(BLOCK));
        luma.zip(chroma).for_each(|((top, bottom), (u, v))| block(top, bottom, u, v));
    }
}

fn block(top: &mut [u8], bottom: &mut [u8], u: &mut [u8], v: &mut [u8]) {
    let (du, dv) = (from_grey(u), from_grey(v));
    let mix = |to: [i16; 2]| -> [i16; BLOCK] {
        std::array::from_fn(|i| (du[i] * to[0] + dv[i] * to[1] + (1 << (BITS - 1))) >> BITS)
    };
    let of_pairs = mix(TO_Y);
    let to_y: [i16; 2 * BLOCK] = std::array::from_fn(|i| of_pairs[i / 2]);
    add(top, &to_y);
    add(bottom, &to_y);
    add(u, &mix(TO_U));
    add(v, &mix(TO_V));
}

/// Beyond the end of a shorter block: anything.
fn from_grey(levels: &[u8]) -> [i16; BLOCK] {
    let mut distances = [0; BLOCK];
    distances.iter_mut().zip(levels).for_each(|(to, level)| *to = i16::from(*level) - 128);
    distances
}

fn add(levels: &mut [u8], more: &[i16]) {
    levels.iter_mut().zip(more).for_each(|(level, more)| *level = (i16::from(*level) + more).clamp(0, 255) as u8);
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
