//! Pictures that are 4:2:0 already: copied, with U and V pulled apart where the host interleaves them.
//!
//! A flipped picture of odd height is read bottom row first in each plane by itself, so its chroma sits half a row off;
//! no host is known to make one.

use crate::encode::YuvFrame;
use crate::frame::FrameBuffer;

pub(super) fn i420(buffer: &FrameBuffer, flipped: bool, out: &mut YuvFrame) {
    for plane in 0..3 {
        copy_plane(buffer, plane, flipped, out);
    }
}

pub(super) fn nv12(buffer: &FrameBuffer, flipped: bool, out: &mut YuvFrame) {
    copy_plane(buffer, 0, flipped, out);
    out.deinterleave(rows(buffer, 1, flipped));
}

fn copy_plane(buffer: &FrameBuffer, plane: usize, flipped: bool, out: &mut YuvFrame) {
    let width = buffer.layout(plane).row_bytes;
    for (to, from) in out.rows_mut(plane).zip(rows(buffer, plane, flipped)) {
        to[..width].copy_from_slice(from);
    }
}

/// The rows of a plane as the picture has them, top first.
fn rows(buffer: &FrameBuffer, plane: usize, flipped: bool) -> impl Iterator<Item = &[u8]> {
    let layout = buffer.layout(plane);
    let (bytes, stride) = (buffer.plane(plane), buffer.stride(plane));
    (0..layout.rows).map(move |row| {
        let row = if flipped { layout.rows - 1 - row } else { row };
        &bytes[row * stride..row * stride + layout.row_bytes]
    })
}
