//! The path without a GPU, and the oracle of the GPU's tests: a host's picture in, I420 (BT.709, limited range) out.
//!
//! `rgb` (packed RGB through the `yuv` crate), `planar` (NV12 and I420, copied), `edge` (odd sides padded), `scale`
//! (smaller layers), `matrix` (BT.601 for VP8), `rgba` (viewers' pictures, the way back), `pool` (buffers that come back by themselves). Nothing here
//! starts a thread: a frame costs about a millisecond of one core, and what other cores do belongs to the host.

mod edge;
mod matrix;
mod planar;
mod pool;
mod rgb;
mod rgba;
mod scale;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use pool::YuvPool;
pub use rgba::to_rgba;

use crate::encode::YuvFrame;
use crate::frame::{Chroma, PixelFormat, VideoFrame};
use crate::units::Size;
use scale::Scaler;

/// Why a picture cannot be converted. Buffers from a `FramePool` that nobody tampered with never give one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    #[error("size {0}x{1} is outside 1x1 to {max}x{max}", max = Size::MAX_SIDE)]
    Size(u32, u32),
    #[error("the frame's buffer does not hold a {format:?} picture of {width}x{height}")]
    Shape { format: PixelFormat, width: u32, height: u32 },
    #[error("colour conversion failed: {0}")]
    Colour(String),
}

/// Turns pictures of any size and format into I420. One for each worker; after warm-up it allocates nothing.
#[derive(Debug, Default)]
pub struct Converter {
    pool: YuvPool,
    scaler: Scaler,
}

impl Converter {
    pub fn new() -> Self {
        Self::default()
    }

    /// Converts a picture, scaled to `target` where that is not its own size. Odd sides, of the picture or of the
    /// target, are rounded up: the picture's last column and row are repeated.
    ///
    /// Of a picture that feeds several layers, convert the largest and make the others by [`scale`](Self::scale).
    pub fn convert(&mut self, frame: &VideoFrame, target: Size) -> Result<Arc<YuvFrame>, ConvertError> {
        let target = checked(target)?;
        let own = checked(frame.buffer.size)?;
        check_shape(frame)?;
        let full = self.pool.fill(own, |out| {
            out.host_time = frame.host_time;
            out.pushed_at = frame.pushed_at;
            match frame.buffer.format {
                PixelFormat::Nv12 => planar::nv12(&frame.buffer, frame.flipped, out),
                PixelFormat::I420 => planar::i420(&frame.buffer, frame.flipped, out),
                _ => rgb::convert(&frame.buffer, frame.flipped, out)?,
            }
            edge::pad(out, frame.buffer.size);
            Ok(())
        })?;
        if target == own { Ok(full) } else { self.scale(&full, target) }
    }

    /// Scales a converted picture: area average where it shrinks, bilinear where it grows. Odd sides are rounded up.
    pub fn scale(&mut self, frame: &YuvFrame, target: Size) -> Result<Arc<YuvFrame>, ConvertError> {
        let target = checked(target)?;
        if frame.chroma == Chroma::Interleaved {
            let planar = self.pool.planar(frame);
            return self.scale(&planar, target);
        }
        let scaler = &mut self.scaler;
        self.pool.fill(target, |out| {
            out.host_time = frame.host_time;
            out.pushed_at = frame.pushed_at;
            scaler.scale(frame, out);
            Ok(())
        })
    }
}

fn checked(size: Size) -> Result<Size, ConvertError> {
    if size.is_valid() { Ok(size.padded_to_even()) } else { Err(ConvertError::Size(size.width, size.height)) }
}

/// The size and format of a buffer are public fields; everything after this relies on them.
fn check_shape(frame: &VideoFrame) -> Result<(), ConvertError> {
    let buffer = &frame.buffer;
    let (layouts, count) = buffer.format.planes(buffer.size);
    let fits = count == buffer.plane_count() && (0..count).all(|i| buffer.layout(i) == layouts[i]);
    let Size { width, height } = buffer.size;
    if fits { Ok(()) } else { Err(ConvertError::Shape { format: buffer.format, width, height }) }
}
