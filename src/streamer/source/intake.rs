//! The host's side of a source: pictures in, from any thread, without a lock and without waiting.

use std::sync::atomic::Ordering;

use super::Source;
use crate::error::PushError;
use crate::frame::{Chroma, FrameBuffer, PixelFormat, VideoFrame};
use crate::graphics::{Device, GraphicsError, Job, Pushed, Texture, Transfer};
use crate::time;
use crate::units::Size;

/// One plane of a picture in the host's memory: its bytes and the distance from one row to the next, in bytes.
pub type PlaneSource<'a> = (&'a [u8], usize);

/// A texture to take, and how. `Default` but for the texture is 1:1, as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextureFrame {
    pub texture: Texture,
    /// Size of the picture to make; None: the texture's own. Odd sides are rounded up.
    pub target: Option<Size>,
    /// The texture's first row is the bottom one.
    pub flip: bool,
    pub swap_red_blue: bool,
    pub transfer: Transfer,
    /// The host's own stamp, in ns of its monotonic clock; 0: now.
    pub host_time: u64,
}

impl Source {
    /// Copies a picture in. Never blocks. One entry of `planes` for each plane of the format. `host_time` 0: now.
    pub fn push_video(
        &self,
        format: PixelFormat,
        size: Size,
        planes: &[PlaneSource<'_>],
        host_time: u64,
        flipped: bool,
    ) -> Result<(), PushError> {
        let copied = self.acquire_video(format, size).and_then(|mut buffer| {
            let needed = buffer.plane_count();
            if planes.len() < needed {
                self.frames_refused.add(1);
                return Err(PushError::Length { plane: planes.len(), len: 0, needed: buffer.stride(planes.len()) });
            }
            for (plane, (bytes, stride)) in planes.iter().take(needed).enumerate() {
                buffer.copy_plane_from(plane, bytes, *stride).inspect_err(|_| self.frames_refused.add(1))?;
            }
            Ok(buffer)
        });
        self.commit_video(copied?, host_time, flipped);
        Ok(())
    }

    /// Lends a buffer to write a picture into. Dropping it without `commit_video` gives it back.
    pub fn acquire_video(&self, format: PixelFormat, size: Size) -> Result<FrameBuffer, PushError> {
        self.pool.acquire(format, size).inspect_err(|error| match error {
            PushError::NoBuffer => {
                self.count_pushed();
                self.frames_dropped.add(1);
            }
            _ => self.frames_refused.add(1),
        })
    }

    /// Hands a buffer that this source lent to the encoders. `host_time` 0: now.
    pub fn commit_video(&self, buffer: FrameBuffer, host_time: u64, flipped: bool) {
        let now = time::now();
        let host_time = if host_time == 0 { now.0 } else { host_time };
        self.count_pushed();
        self.frames.push(VideoFrame { buffer, host_time, pushed_at: now, flipped });
    }

    /// How the encoders that are open want chroma to lie: such pictures cost them no conversion.
    pub fn chroma(&self) -> Chroma {
        self.gpu.chroma()
    }

    /// Takes a texture of `device`: records its conversion and returns. Never waits for the GPU. Call it on the thread that
    /// `device` belongs to.
    pub fn push_texture(&self, device: &mut dyn Device, frame: &TextureFrame) -> Result<Pushed, GraphicsError> {
        let now = time::now();
        let target = frame.target.unwrap_or(frame.texture.size);
        let job = Job {
            texture: frame.texture,
            // What is out of range is refused as it is.
            target: if target.is_valid() { target.padded_to_even() } else { target },
            chroma: self.chroma(),
            flip: frame.flip,
            swap_red_blue: frame.swap_red_blue,
            transfer: frame.transfer,
            host_time: if frame.host_time == 0 { now.0 } else { frame.host_time },
            pushed_at: now,
        };
        let pushed = device.push(&self.gpu, &job);
        match &pushed {
            Err(error) if !error.is_drop() => self.frames_refused.add(1),
            _ => self.count_pushed(),
        }
        pushed
    }

    fn count_pushed(&self) {
        self.frames_pushed.add(1);
        self.pushed.fetch_add(1, Ordering::Relaxed);
    }
}
