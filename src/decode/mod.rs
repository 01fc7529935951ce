//! What viewers send, made into pictures and sound: the [`VideoDecoder`] trait, its adapters, and which of them work here.
//!
//! `openh264` (H.264, in every build) · `vpx` (VP8, where libvpx is found at run time) · `ffmpeg` (both, in builds with FFmpeg) ·
//! `lent` (pictures in their memory) · `opus` · `select` (candidates in order, each proved once) · `colour` (pure: what a stream says of its colours).

mod colour;
#[cfg(feature = "ffmpeg")]
mod ffmpeg;
#[cfg(any(feature = "webrtc", feature = "ffmpeg"))]
mod lent;
#[cfg(feature = "webrtc")]
mod openh264;
#[cfg(feature = "webrtc")]
pub mod opus;
pub mod select;
#[cfg(feature = "webrtc")]
mod vpx;

#[cfg(test)]
mod tests;

use crate::encode::{Codec, Matrix};
use crate::units::Size;

/// The largest picture that is decoded: 4096x2304. A page names a size in a few bytes, and it costs us all the memory.
pub const MAX_PIXELS: u64 = 4_096 * 2_304;

/// A decoded picture, 4:2:0, for as long as its decoder lends it: Y, U, V, rows top to bottom.
#[derive(Clone, Copy, Debug)]
pub struct Planes<'a> {
    /// Either side may be odd: U and V are then rounded up.
    pub size: Size,
    pub planes: [&'a [u8]; 3],
    /// Bytes from one row to the next.
    pub strides: [usize; 3],
    pub matrix: Matrix,
    /// 0 to 255, else 16 to 235 and 240.
    pub full_range: bool,
}

impl Planes<'_> {
    /// Whether the picture is not too large and every plane holds all its rows: what a reader must know.
    pub fn is_complete(&self) -> bool {
        self.size.is_valid()
            && self.size.pixels() <= MAX_PIXELS
            && (0..3).all(|plane| {
                let halves = u32::from(plane > 0);
                let (width, height) = (self.size.width.div_ceil(1 + halves), self.size.height.div_ceil(1 + halves));
                let (stride, width, height) = (self.strides[plane], width as usize, height as usize);
                let needed = stride.checked_mul(height - 1).and_then(|rows| rows.checked_add(width));
                stride >= width && needed.is_some_and(|needed| self.planes[plane].len() >= needed)
            })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The decoder is not there: not compiled in, its library not found. Final for this process.
    #[error("{decoder} is not available: {reason}")]
    Unavailable { decoder: &'static str, reason: String },
    /// It makes no picture of this frame. What refers to the frame is of no use either.
    #[error("{decoder} refuses a frame: {reason}")]
    Refused { decoder: &'static str, reason: String },
}

/// One open decoder. Lives on one worker thread. Never delays a picture: what goes in is shown before `decode` returns.
pub trait VideoDecoder: Send {
    /// `openh264`, `libvpx`, `ffmpeg_h264`, `ffmpeg_vp8`.
    fn name(&self) -> &'static str;
    fn codec(&self) -> Codec;
    /// Decodes one whole frame. Calls `show` with the picture, at most once, and not with one that has errors.
    fn decode(&mut self, data: &[u8], show: &mut dyn FnMut(&Planes<'_>)) -> Result<(), DecodeError>;
}
