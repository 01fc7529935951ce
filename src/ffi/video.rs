//! Pictures in: copied from the host's memory, or written by the host into a buffer of ours.

use std::mem::offset_of;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::sources::rendercast_source;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use crate::frame::PixelFormat;
use crate::units::{Size, SourceId};

/// A picture buffer lent by rendercast_acquire_video. 0 is never one. A stale value is an error, never a crash.
pub type rendercast_frame = u32;

/// 4 bytes a pixel: R, G, B, A. Alpha is ignored.
pub const RENDERCAST_FORMAT_RGBA8: u32 = 1;
/// 4 bytes a pixel: B, G, R, A. Alpha is ignored.
pub const RENDERCAST_FORMAT_BGRA8: u32 = 2;
/// 4 bytes a pixel: R, G, B, unused.
pub const RENDERCAST_FORMAT_RGBX8: u32 = 3;
/// 4 bytes a pixel: B, G, R, unused.
pub const RENDERCAST_FORMAT_BGRX8: u32 = 4;
/// 3 bytes a pixel: R, G, B.
pub const RENDERCAST_FORMAT_RGB8: u32 = 5;
/// Y plane, then interleaved U and V at half size (odd sides rounded up). BT.709, limited range.
pub const RENDERCAST_FORMAT_NV12: u32 = 6;
/// Y, U and V planes, U and V at half size (odd sides rounded up). BT.709, limited range.
pub const RENDERCAST_FORMAT_I420: u32 = 7;

/// The first row in memory is the bottom one (OpenGL's order).
pub const RENDERCAST_VIDEO_FLIPPED: u32 = 1;

/// A picture in the host's memory. Set `size`, `format`, `width`, `height` and the format's planes; the rest may be 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_video_frame {
    /// sizeof(rendercast_video_frame).
    pub size: u32,
    /// One of RENDERCAST_FORMAT_*.
    pub format: u32,
    /// Pixels, 1 to 16384. Odd sides are allowed. May change from frame to frame.
    pub width: u32,
    /// Pixels, 1 to 16384.
    pub height: u32,
    /// The first byte in memory of each plane, at any alignment. A plane of `rows` rows is read for
    /// stride * (rows - 1) + (bytes of one row) bytes. Planes the format does not have are ignored.
    pub planes: [*const u8; 3],
    /// Bytes from one row to the next of each plane, at most 1048576. 0 means that rows follow each other without a gap.
    pub strides: [u32; 3],
    /// 0, or RENDERCAST_VIDEO_FLIPPED.
    pub flags: u32,
    /// When the picture was made, in ns on the host's monotonic clock. 0 means now, on the library's clock. Stamp every
    /// frame and audio block or none: only differences count, and audio and video are played in step by them. All sources of
    /// a streamer are stamped by the same clock.
    pub host_time_ns: u64,
    /// Whose picture it is, of rendercast_source_create; 0 is the source that is always there.
    pub source: rendercast_source,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and pointers that may be NULL.
unsafe impl Versioned for rendercast_video_frame {
    const NAME: &'static str = "rendercast_video_frame";
    const SIZES: &'static [usize] = &[offset_of!(Self, source), size_of::<Self>()];
}

/// A buffer of the library for the host to write one picture into.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_video_buffer {
    /// sizeof(rendercast_video_buffer); set by the caller.
    pub size: u32,
    /// Names the buffer to rendercast_commit_video and rendercast_discard_video.
    pub frame: rendercast_frame,
    /// As asked for.
    pub format: u32,
    /// As asked for, in pixels.
    pub width: u32,
    /// As asked for, in pixels.
    pub height: u32,
    /// Planes the format has, 1 to 3.
    pub plane_count: u32,
    /// The first byte of each plane, aligned to at least 8 bytes; NULL for planes the format does not have.
    pub planes: [*mut u8; 3],
    /// Bytes from one row to the next of each plane, a multiple of 64. Usually more than one row of pixels.
    pub strides: [u32; 3],
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and pointers that may be NULL.
unsafe impl Versioned for rendercast_video_buffer {
    const NAME: &'static str = "rendercast_video_buffer";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Largest stride the host may state: 16 rows of the widest picture. More is a mistake, and would be read far out of bounds.
const LONGEST_STRIDE: u32 = 1 << 20;

/// Copies a picture in and hands it to the encoders. The newest picture wins: one that is still waiting is replaced.
///
/// The host's memory is free again when the call returns. May be called before rendercast_start; nobody sees it then.
///
/// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (every buffer is in use, the picture was dropped and counted);
/// RENDERCAST_NULL_POINTER (`frame`, or a plane the format needs); RENDERCAST_STRUCT_SIZE; RENDERCAST_PIXEL_FORMAT;
/// RENDERCAST_PICTURE_SIZE; RENDERCAST_STRIDE; RENDERCAST_INVALID_ARGUMENT (unknown flag); RENDERCAST_NO_SOURCE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread, best always the same one for a source. Never blocks and takes no lock; allocates only for the first pictures
/// of a size. Since 0.1.0.
///
/// # Safety
/// `frame` is NULL or valid as described, and so are the planes it names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_push_video(
    streamer: rendercast_streamer,
    frame: *const rendercast_video_frame,
) -> rendercast_status {
    boundary("rendercast_push_video", || {
        // SAFETY: the caller's promise about `frame`.
        let frame = unsafe { memory::read(frame, "frame")? };
        let (format, size) = picture(frame.format, frame.width, frame.height)?;
        let flipped = flipped(frame.flags)?;
        let (layouts, plane_count) = format.planes(size);
        let mut planes: [(&[u8], usize); 3] = [(&[], 0); 3];
        for (index, (plane, layout)) in planes.iter_mut().zip(layouts).take(plane_count).enumerate() {
            let stride = match frame.strides[index] {
                0 => layout.row_bytes,
                stride if stride > LONGEST_STRIDE => return Err(Failure::StrideTooLarge { plane: index, stride }),
                stride => stride as usize,
            };
            if stride < layout.row_bytes {
                return Err(crate::error::PushError::Stride { plane: index, stride, needed: layout.row_bytes }.into());
            }
            let start = frame.planes[index];
            if start.is_null() {
                return Err(Failure::Null(["planes[0]", "planes[1]", "planes[2]"][index]));
            }
            let len = stride * (layout.rows - 1) + layout.row_bytes;
            // SAFETY: not NULL; the caller promises these bytes for the length of the call. At most 16384 rows of 1 MiB.
            *plane = (unsafe { std::slice::from_raw_parts(start, len) }, stride);
        }
        handles::with(streamer, |object| {
            let planes = planes.get(..plane_count).unwrap_or_default();
            let source = object.streamer.source(SourceId(frame.source))?;
            source.push_video(format, size, planes, host_time(frame.host_time_ns), flipped)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Lends a buffer to write one picture into, which saves the copy of rendercast_push_video.
///
/// Set `out->size` before the call. On RENDERCAST_OK `out` describes the buffer; its bytes are whatever an earlier picture
/// left. Give it back with rendercast_commit_video or rendercast_discard_video, from any thread; its memory is the host's
/// until then, or until rendercast_destroy or rendercast_shutdown_all, which free it whether or not somebody is writing.
///
/// `format` is one of RENDERCAST_FORMAT_*; `width` and `height` are pixels, 1 to 16384.
///
/// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (every buffer is in use, skip this picture); RENDERCAST_TOO_MANY (8 are
/// lent already); RENDERCAST_PIXEL_FORMAT; RENDERCAST_PICTURE_SIZE; RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. Never blocks; allocates only for the first pictures of a size. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_acquire_video(
    streamer: rendercast_streamer,
    format: u32,
    width: u32,
    height: u32,
    out: *mut rendercast_video_buffer,
) -> rendercast_status {
    boundary("rendercast_acquire_video", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { acquire(streamer, 0, [format, width, height], out) }
    })
}

/// As rendercast_acquire_video, for a picture of `source`, which rendercast_source_create has given; 0 is the source that is
/// always there. The 8 buffers that may be lent at once are those of all sources together.
///
/// Returns what rendercast_acquire_video returns, and RENDERCAST_NO_SOURCE.
///
/// Any thread. Never blocks; allocates only for the first pictures of a size. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_source_acquire_video(
    streamer: rendercast_streamer,
    source: rendercast_source,
    format: u32,
    width: u32,
    height: u32,
    out: *mut rendercast_video_buffer,
) -> rendercast_status {
    boundary("rendercast_source_acquire_video", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { acquire(streamer, source, [format, width, height], out) }
    })
}

/// # Safety
/// `out` is NULL or valid as rendercast_acquire_video describes it.
unsafe fn acquire(
    streamer: rendercast_streamer,
    source: rendercast_source,
    [format, width, height]: [u32; 3],
    out: *mut rendercast_video_buffer,
) -> Result<rendercast_status, Failure> {
    // SAFETY: the caller's promise about `out`.
    unsafe { memory::check(out, "out")? };
    let (pixel_format, size) = picture(format, width, height)?;
    handles::with(streamer, |object| {
        let source = object.streamer.source(SourceId(source))?;
        let mut buffer = source.acquire_video(pixel_format, size)?;
        let planes = buffer.plane_pointers();
        let plane_count = buffer.plane_count();
        let mut strides = [0; 3];
        for (index, stride) in strides.iter_mut().enumerate().take(plane_count) {
            *stride = buffer.stride(index) as u32;
        }
        let frame = object.frames.lend(source.id, buffer)?;
        let plane_count = plane_count as u32;
        let lent = rendercast_video_buffer {
            size: 0,
            frame,
            format,
            width,
            height,
            plane_count,
            planes,
            strides,
            reserved: 0,
        };
        // SAFETY: checked above, and the caller's promise about `out`.
        unsafe { memory::write(out, &lent, "out")? };
        Ok(RENDERCAST_OK)
    })
}

/// Hands a written buffer to the encoders and ends its loan. The newest picture wins: one that is still waiting is replaced.
///
/// `host_time_ns` as in rendercast_video_frame, 0 means now. `flags` is 0 or RENDERCAST_VIDEO_FLIPPED.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (streamer, or a frame that is not lent); RENDERCAST_INVALID_ARGUMENT
/// (unknown flag; the loan goes on); RENDERCAST_NO_SOURCE (the source was destroyed meanwhile, the picture is dropped);
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. Never blocks and never allocates. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_commit_video(
    streamer: rendercast_streamer,
    frame: rendercast_frame,
    host_time_ns: u64,
    flags: u32,
) -> rendercast_status {
    boundary("rendercast_commit_video", || {
        let flipped = flipped(flags)?;
        handles::with(streamer, |object| {
            let (source, buffer) = object.frames.take(frame)?;
            object.streamer.source(source)?.commit_video(buffer, host_time(host_time_ns), flipped);
            Ok(RENDERCAST_OK)
        })
    })
}

/// Takes a lent buffer back without using it.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (streamer, or a frame that is not lent); RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread. Never blocks and never allocates. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_discard_video(
    streamer: rendercast_streamer,
    frame: rendercast_frame,
) -> rendercast_status {
    boundary("rendercast_discard_video", || {
        handles::with(streamer, |object| {
            drop(object.frames.take(frame)?);
            Ok(RENDERCAST_OK)
        })
    })
}

/// 0 in the C ABI means now.
pub(super) fn host_time(stated_ns: u64) -> u64 {
    if stated_ns == 0 { crate::time::now().0 } else { stated_ns }
}

fn picture(format: u32, width: u32, height: u32) -> Result<(PixelFormat, Size), Failure> {
    let format = PixelFormat::from_number(format)?;
    let size = Size::new(width, height);
    if size.is_valid() { Ok((format, size)) } else { Err(crate::error::PushError::Size(width, height).into()) }
}

fn flipped(flags: u32) -> Result<bool, Failure> {
    match flags {
        0 => Ok(false),
        RENDERCAST_VIDEO_FLIPPED => Ok(true),
        unknown => {
            Err(Failure::Argument { name: "flags", value: unknown.into(), range: "0 and RENDERCAST_VIDEO_FLIPPED" })
        }
    }
}

const _: () = {
    assert!(RENDERCAST_FORMAT_RGBA8 == PixelFormat::Rgba8 as u32);
    assert!(RENDERCAST_FORMAT_BGRA8 == PixelFormat::Bgra8 as u32);
    assert!(RENDERCAST_FORMAT_RGBX8 == PixelFormat::Rgbx8 as u32);
    assert!(RENDERCAST_FORMAT_BGRX8 == PixelFormat::Bgrx8 as u32);
    assert!(RENDERCAST_FORMAT_RGB8 == PixelFormat::Rgb8 as u32);
    assert!(RENDERCAST_FORMAT_NV12 == PixelFormat::Nv12 as u32);
    assert!(RENDERCAST_FORMAT_I420 == PixelFormat::I420 as u32);
    assert!(PixelFormat::ALL.len() == 7, "a new pixel format needs its RENDERCAST_FORMAT_ constant");
};
