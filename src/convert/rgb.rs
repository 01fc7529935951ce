//! Packed RGB to I420, BT.709 limited range, by the `yuv` crate: AVX2 or SSE 4.1 where the processor has it (asked at run
//! time), NEON on ARM, on the calling thread (its `rayon` feature stays off). Its "balanced" precision is 13 bits.

use yuv::{BufferStoreMut, YuvConversionMode, YuvError, YuvPlanarImageMut, YuvRange, YuvStandardMatrix};

use super::ConvertError;
use crate::encode::YuvFrame;
use crate::frame::{FrameBuffer, PixelFormat};

type Kernel =
    fn(&mut YuvPlanarImageMut<u8>, &[u8], u32, YuvRange, YuvStandardMatrix, YuvConversionMode) -> Result<(), YuvError>;

/// Converts a buffer of a packed RGB format whose shape was checked. Writes the picture's own rows and columns only.
pub(super) fn convert(buffer: &FrameBuffer, flipped: bool, out: &mut YuvFrame) -> Result<(), ConvertError> {
    let kernel: Kernel = match buffer.format {
        PixelFormat::Rgba8 | PixelFormat::Rgbx8 => yuv::rgba_to_yuv420,
        PixelFormat::Bgra8 | PixelFormat::Bgrx8 => yuv::bgra_to_yuv420,
        PixelFormat::Rgb8 => yuv::rgb_to_yuv420,
        PixelFormat::Nv12 | PixelFormat::I420 => return Err(ConvertError::Colour("not an RGB format".into())),
    };
    let rows = if flipped { bottom_up } else { top_down };
    rows(kernel, buffer, out).map_err(|e| ConvertError::Colour(e.to_string()))
}

fn top_down(kernel: Kernel, buffer: &FrameBuffer, out: &mut YuvFrame) -> Result<(), YuvError> {
    band(kernel, buffer, 0, 0, buffer.size.height as usize, out)
}

/// Two rows at a time from the bottom. The kernel wants rows in memory order, so each pair comes out upside down in luma
/// and is swapped while it is still in the first-level cache.
fn bottom_up(kernel: Kernel, buffer: &FrameBuffer, out: &mut YuvFrame) -> Result<(), YuvError> {
    let height = buffer.size.height as usize;
    for row in (0..height - height % 2).step_by(2) {
        band(kernel, buffer, height - 2 - row, row, 2, out)?;
        let stride = out.strides[0];
        let (upper, lower) = out.planes[0][row * stride..(row + 2) * stride].split_at_mut(stride);
        upper.swap_with_slice(lower);
    }
    if height % 2 == 1 {
        band(kernel, buffer, 0, height - 1, 1, out)?;
    }
    Ok(())
}

/// Converts `rows` rows from row `from` in memory to row `to` (even) of the picture.
fn band(
    kernel: Kernel,
    buffer: &FrameBuffer,
    from: usize,
    to: usize,
    rows: usize,
    out: &mut YuvFrame,
) -> Result<(), YuvError> {
    let stride = buffer.stride(0);
    let [y_stride, u_stride, v_stride] = out.strides;
    let [y, u, v] = &mut out.planes;
    let chroma = |stride: usize| to / 2 * stride..(to + rows).div_ceil(2) * stride;
    let mut image = YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(&mut y[to * y_stride..(to + rows) * y_stride]),
        y_stride: y_stride as u32,
        u_plane: BufferStoreMut::Borrowed(&mut u[chroma(u_stride)]),
        u_stride: u_stride as u32,
        v_plane: BufferStoreMut::Borrowed(&mut v[chroma(v_stride)]),
        v_stride: v_stride as u32,
        width: buffer.size.width,
        height: rows as u32,
    };
    let source = &buffer.plane(0)[from * stride..(from + rows) * stride];
    kernel(&mut image, source, stride as u32, YuvRange::Limited, YuvStandardMatrix::Bt709, YuvConversionMode::Balanced)
}
