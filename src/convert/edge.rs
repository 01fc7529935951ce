//! Padding an odd picture to even sides by repeating its last column and row: what a codec spends fewest bits on.

use crate::encode::YuvFrame;
use crate::units::Size;

/// Completes the luma plane of a frame whose picture is `picture` large. Chroma is complete: its sides were rounded up.
pub(super) fn pad(frame: &mut YuvFrame, picture: Size) {
    let (width, height) = (picture.width as usize, picture.height as usize);
    if frame.size.width > picture.width {
        for row in frame.rows_mut(0).take(height) {
            row[width] = row[width - 1];
        }
    }
    if frame.size.height > picture.height {
        let stride = frame.strides[0];
        frame.planes[0].copy_within((height - 1) * stride..height * stride, height * stride);
    }
}
