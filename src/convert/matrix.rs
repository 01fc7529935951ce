//! BT.709 to BT.601, for VP8: its bitstream knows no other matrix (RFC 6386, section 9.2), and browsers show it by that one.

use crate::encode::YuvFrame;

/// Changes the matrix of a picture with planar chroma, in place.
pub(super) fn to_bt601(picture: &mut YuvFrame) {
    let (width, rows) = picture.plane_size(1);
    let [y, u, v] = &mut picture.planes;
    rendercast_pixels::to_bt601([y.to_mut(), u.to_mut(), v.to_mut()], picture.strides, width, rows);
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
