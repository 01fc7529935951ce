//! Our pictures as FFmpeg's frames: planes lent without copying where the encoder reads them as they lie, interleaved into a
//! frame that is used again where it reads NV12 and they are I420, uploaded where it reads a device's memory; an object of
//! the system's as it is.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use ffmpeg_next::ffi::{self, AVFrame, AVPixelFormat};

use super::hardware::HardwareFrames;
use crate::encode::YuvFrame;
use crate::frame::{Chroma, SurfaceKind};
use crate::units::Size;

const ENOMEM: c_int = ffi::AVERROR(ffmpeg_next::error::ENOMEM);

/// An owned `AVFrame`.
pub struct Frame(NonNull<AVFrame>);

// SAFETY: FFmpeg's frames are bound to no thread, and their buffers are reference-counted atomically.
unsafe impl Send for Frame {}

impl Frame {
    pub fn new() -> Result<Self, c_int> {
        // SAFETY: a plain allocation.
        NonNull::new(unsafe { ffi::av_frame_alloc() }).map(Self).ok_or(ENOMEM)
    }
    pub fn as_ptr(&self) -> *const AVFrame {
        self.0.as_ptr()
    }
    pub fn as_mut_ptr(&mut self) -> *mut AVFrame {
        self.0.as_ptr()
    }
    /// Lets go of the buffers.
    pub fn clear(&mut self) {
        // SAFETY: the frame is ours.
        unsafe { ffi::av_frame_unref(self.0.as_ptr()) };
    }

    fn describe(&mut self, format: AVPixelFormat, size: Size) -> Result<(), c_int> {
        let side = |n: u32| c_int::try_from(n).map_err(|_| ENOMEM);
        // SAFETY: the frame is ours.
        let f = unsafe { self.0.as_mut() };
        f.format = format as c_int;
        f.width = side(size.width)?;
        f.height = side(size.height)?;
        f.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
        f.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
        f.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
        f.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
        Ok(())
    }

    /// Whether its bytes are the caller's: only those are marked read-only.
    fn is_lent(&self) -> bool {
        // SAFETY: the frame is ours, and so are its references to its buffers.
        unsafe {
            let buffer = self.0.as_ref().buf[0];
            !buffer.is_null() && ffi::av_buffer_is_writable(buffer) == 0
        }
    }

    fn stamp(&mut self, pts: i64, keyframe: bool) {
        // SAFETY: the frame is ours.
        let f = unsafe { self.0.as_mut() };
        f.pts = pts;
        f.pict_type = match keyframe {
            true => ffi::AVPictureType::AV_PICTURE_TYPE_I,
            false => ffi::AVPictureType::AV_PICTURE_TYPE_NONE,
        };
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: ours, freed once.
        unsafe { ffi::av_frame_free(&mut self.0.as_ptr()) };
    }
}

/// How pictures reach one encoder.
pub enum Feed {
    Lend {
        frame: Frame,
    },
    Interleave {
        frame: Frame,
    },
    Upload {
        staging: Frame,
        frame: Frame,
        frames: HardwareFrames,
    },
    /// `as_it_is`: the encoder was opened for objects, otherwise for NV12.
    PixelBuffer {
        frame: Frame,
        as_it_is: bool,
    },
}

impl Feed {
    pub fn frames(&self) -> Option<&HardwareFrames> {
        match self {
            Self::Upload { frames, .. } => Some(frames),
            Self::Lend { .. } | Self::Interleave { .. } | Self::PixelBuffer { .. } => None,
        }
    }

    /// What the encoder is opened for: the format of its frames, and what is in those that are objects.
    pub fn pixel_formats(&self) -> (AVPixelFormat, AVPixelFormat) {
        use AVPixelFormat::{AV_PIX_FMT_NONE, AV_PIX_FMT_NV12, AV_PIX_FMT_VIDEOTOOLBOX, AV_PIX_FMT_YUV420P};
        match self {
            Self::Lend { .. } => (AV_PIX_FMT_YUV420P, AV_PIX_FMT_NONE),
            Self::Interleave { .. } | Self::PixelBuffer { as_it_is: false, .. } => (AV_PIX_FMT_NV12, AV_PIX_FMT_NONE),
            Self::PixelBuffer { as_it_is: true, .. } => (AV_PIX_FMT_VIDEOTOOLBOX, AV_PIX_FMT_NV12),
            Self::Upload { frames, .. } => (frames.pixel_format(), AV_PIX_FMT_NONE),
        }
    }

    /// Whether the encoder is one for objects now.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::PixelBuffer { as_it_is: true, .. })
    }

    /// Whether the encoder was opened for the other kind of picture; it then has to be opened anew, for this one. Hosts do
    /// not change between the two, so that this happens once.
    pub fn must_reopen_for(&mut self, yuv: &YuvFrame) -> bool {
        let Self::PixelBuffer { as_it_is, .. } = self else { return false };
        let object = yuv.surface().is_some_and(|surface| surface.kind() == SurfaceKind::CvPixelBuffer);
        std::mem::replace(as_it_is, object) != object
    }

    /// The picture as a frame of the encoder's format, valid until the next call. `yuv` must be complete.
    pub fn prepare(&mut self, yuv: &Arc<YuvFrame>, pts: i64, keyframe: bool) -> Result<*const AVFrame, c_int> {
        match self {
            Self::Lend { frame } => {
                if yuv.chroma != Chroma::Planar {
                    return Err(ffi::AVERROR(ffmpeg_next::error::EINVAL));
                }
                lend(yuv, frame)?;
                frame.stamp(pts, keyframe);
                Ok(frame.as_ptr())
            }
            Self::Interleave { frame } => {
                nv12(yuv, frame)?;
                frame.stamp(pts, keyframe);
                Ok(frame.as_ptr())
            }
            Self::PixelBuffer { frame, as_it_is } => {
                if *as_it_is {
                    hand_over(yuv, frame)?
                } else {
                    nv12(yuv, frame)?
                }
                frame.stamp(pts, keyframe);
                Ok(frame.as_ptr())
            }
            Self::Upload { staging, frame, frames } => {
                nv12(yuv, staging)?;
                staging.stamp(pts, keyframe);
                frames.upload(staging, frame)?;
                Ok(frame.as_ptr())
            }
        }
    }

    /// Lets go of the caller's planes and of the device's surface; a frame of our own is kept.
    pub fn release(&mut self) {
        let nv12 = match self {
            Self::Lend { frame } => return frame.clear(),
            Self::Interleave { frame } | Self::PixelBuffer { frame, .. } => frame,
            Self::Upload { staging, frame, .. } => {
                frame.clear();
                staging
            }
        };
        if nv12.is_lent() {
            nv12.clear();
        }
    }
}

/// Called by FFmpeg, on any thread, when nobody reads a lent plane any more.
unsafe extern "C" fn return_plane(opaque: *mut c_void, _data: *mut u8) {
    // SAFETY: `opaque` came from `Arc::into_raw` in `lend`, once for each buffer.
    drop(unsafe { Arc::from_raw(opaque.cast_const().cast::<YuvFrame>()) });
}

/// Points the frame at the picture's planes; each buffer holds a share of the picture.
fn lend(yuv: &Arc<YuvFrame>, frame: &mut Frame) -> Result<(), c_int> {
    if !yuv.is_complete() {
        return Err(ffi::AVERROR(ffmpeg_next::error::EINVAL));
    }
    frame.clear();
    let (format, planes) = match yuv.chroma {
        Chroma::Planar => (AVPixelFormat::AV_PIX_FMT_YUV420P, 3),
        Chroma::Interleaved => (AVPixelFormat::AV_PIX_FMT_NV12, 2),
    };
    frame.describe(format, yuv.size)?;
    for (i, (plane, stride)) in yuv.planes.iter().zip(yuv.strides).take(planes).enumerate() {
        let share = Arc::into_raw(Arc::clone(yuv)).cast_mut().cast::<c_void>();
        let data = plane.as_ptr().cast_mut();
        // SAFETY: the share keeps the plane alive and unchanged; the buffer is marked read-only, so FFmpeg never writes.
        let buffer = unsafe {
            ffi::av_buffer_create(data, plane.len(), Some(return_plane), share, ffi::AV_BUFFER_FLAG_READONLY)
        };
        if buffer.is_null() {
            // SAFETY: no buffer took the share.
            unsafe { return_plane(share, data) };
            return Err(ENOMEM);
        }
        // SAFETY: the frame is ours and empty; `i` is below 3 of its 8 planes.
        unsafe {
            let f = frame.0.as_mut();
            f.buf[i] = buffer;
            f.data[i] = data;
            f.linesize[i] = c_int::try_from(stride).unwrap_or(0);
        }
    }
    Ok(())
}

/// Gives the picture's object to the frame, as FFmpeg wants it: in the fourth plane. VideoToolbox takes a share of its own
/// for as long as it reads; the frame's buffer is one of no bytes that holds a share of the picture.
fn hand_over(yuv: &Arc<YuvFrame>, frame: &mut Frame) -> Result<(), c_int> {
    let surface = yuv.surface().ok_or(ffi::AVERROR(ffmpeg_next::error::EINVAL))?;
    frame.clear();
    frame.describe(AVPixelFormat::AV_PIX_FMT_VIDEOTOOLBOX, yuv.size)?;
    let object = surface.handle().as_ptr().cast::<u8>();
    let share = Arc::into_raw(Arc::clone(yuv)).cast_mut().cast::<c_void>();
    // SAFETY: the share keeps the object alive; nobody reads or writes a buffer of no bytes.
    let buffer = unsafe { ffi::av_buffer_create(object, 0, Some(return_plane), share, ffi::AV_BUFFER_FLAG_READONLY) };
    if buffer.is_null() {
        // SAFETY: no buffer took the share.
        unsafe { return_plane(share, object) };
        return Err(ENOMEM);
    }
    // SAFETY: the frame is ours and empty.
    unsafe {
        let f = frame.0.as_mut();
        f.buf[0] = buffer;
        f.data[3] = object;
    }
    Ok(())
}

/// The picture as NV12: lent where it is that already, else copied.
fn nv12(yuv: &Arc<YuvFrame>, frame: &mut Frame) -> Result<(), c_int> {
    match yuv.chroma {
        Chroma::Interleaved => lend(yuv, frame),
        Chroma::Planar => interleave(yuv, frame),
    }
}

/// Copies the picture into a frame that is used again, as NV12.
fn interleave(yuv: &YuvFrame, frame: &mut Frame) -> Result<(), c_int> {
    if !yuv.is_complete() {
        return Err(ffi::AVERROR(ffmpeg_next::error::EINVAL));
    }
    let (width, height) = (yuv.size.width as usize, yuv.size.height as usize);
    // SAFETY: the frame is ours. It gets buffers once, for the one size that its encoder has, and a copy of them when the
    // encoder still reads the last ones. Each plane then has `linesize` times its rows bytes.
    let ([y, uv], [y_stride, uv_stride]) = unsafe {
        let status = if frame.0.as_ref().buf[0].is_null() {
            frame.describe(AVPixelFormat::AV_PIX_FMT_NV12, yuv.size)?;
            ffi::av_frame_get_buffer(frame.as_mut_ptr(), 0)
        } else {
            ffi::av_frame_make_writable(frame.as_mut_ptr())
        };
        if status < 0 {
            return Err(status);
        }
        let f = frame.0.as_ref();
        let strides = [f.linesize[0], f.linesize[1]].map(|stride| usize::try_from(stride).unwrap_or(0));
        if f.width as usize != width || f.height as usize != height || strides.iter().any(|s| *s < width) {
            return Err(ffi::AVERROR(ffmpeg_next::error::EINVAL));
        }
        let y = slice::from_raw_parts_mut(f.data[0], strides[0] * (height - 1) + width);
        let uv = slice::from_raw_parts_mut(f.data[1], strides[1] * (height / 2 - 1) + width);
        ([y, uv], strides)
    };
    let [from_y, from_u, from_v] = &yuv.planes;
    for (to, from) in y.chunks_mut(y_stride).zip(from_y.chunks(yuv.strides[0])) {
        to[..width].copy_from_slice(&from[..width]);
    }
    let chroma = from_u.chunks(yuv.strides[1]).zip(from_v.chunks(yuv.strides[2]));
    for (to, (u, v)) in uv.chunks_mut(uv_stride).zip(chroma) {
        for (pair, (u, v)) in to[..width].chunks_exact_mut(2).zip(u.iter().zip(v)) {
            pair.copy_from_slice(&[*u, *v]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Plane;
    use crate::frame::SurfaceMemory;
    use crate::frame::surface::fake::FakeObject;

    fn picture() -> Arc<YuvFrame> {
        let mut yuv = YuvFrame::black(Size::new(6, 4));
        // A stride wider than its row.
        yuv.planes[0] = (0..8 * 4).collect();
        yuv.strides[0] = 8;
        yuv.planes[1] = (100..106).collect();
        yuv.planes[2] = (200..206).collect();
        Arc::new(yuv)
    }

    #[test]
    fn lent_planes_come_back_when_released() {
        let yuv = picture();
        let mut feed = Feed::Lend { frame: Frame::new().unwrap() };
        feed.prepare(&yuv, 0, false).unwrap();
        assert_eq!(Arc::strong_count(&yuv), 4);
        feed.prepare(&yuv, 1, false).unwrap();
        assert_eq!(Arc::strong_count(&yuv), 4);
        feed.release();
        assert_eq!(Arc::strong_count(&yuv), 1);
    }

    #[test]
    fn nv12_interleaves_chroma_and_respects_strides() {
        let mut feed = Feed::Interleave { frame: Frame::new().unwrap() };
        for pts in 0..2 {
            let frame = feed.prepare(&picture(), pts, true).unwrap();
            // SAFETY: the frame is a 6x4 NV12 picture that lives until the next call.
            let (luma, chroma) = unsafe {
                let f = &*frame;
                let row = |plane: usize, n: usize| {
                    slice::from_raw_parts(f.data[plane].add(n * f.linesize[plane] as usize), 6)
                };
                (row(0, 3).to_vec(), row(1, 1).to_vec())
            };
            assert_eq!(luma, [24, 25, 26, 27, 28, 29]);
            assert_eq!(chroma, [103, 203, 104, 204, 105, 205]);
        }
    }

    #[test]
    fn a_picture_that_is_nv12_is_lent_and_a_planar_one_after_it_copied() {
        let mut yuv = YuvFrame::new(Size::new(4, 2));
        yuv.chroma = Chroma::Interleaved;
        yuv.planes = [(0..8).collect(), (8..12).collect(), Default::default()];
        yuv.strides = [4, 4, 0];
        let yuv = Arc::new(yuv);
        let mut feed = Feed::Interleave { frame: Frame::new().unwrap() };
        let frame = feed.prepare(&yuv, 0, false).unwrap();
        // SAFETY: the frame lives until the next call.
        assert_eq!(unsafe { (*frame).data[1].cast_const() }, yuv.planes[1].as_ptr());
        feed.release();
        assert_eq!(Arc::strong_count(&yuv), 1);
        let planar = Arc::new(YuvFrame::black(Size::new(4, 2)));
        feed.prepare(&planar, 1, false).unwrap();
        feed.release();
        let again = feed.prepare(&planar, 2, false).unwrap();
        // SAFETY: as above.
        assert_eq!(unsafe { *(*again).data[1] }, 128);
        assert_eq!(Arc::strong_count(&planar), 1);
    }

    #[test]
    fn an_object_is_handed_over_unread_and_the_encoder_opened_for_it_once() {
        let object = FakeObject::leak(vec![7; 24]);
        let memory = SurfaceMemory::new(object.surface(), 24, ());
        let yuv = Arc::new(YuvFrame {
            chroma: Chroma::Interleaved,
            planes: [Plane::Surface(memory.slice(0..16)), Plane::Surface(memory.slice(16..24)), Plane::default()],
            strides: [4, 4, 0],
            ..YuvFrame::new(Size::new(4, 4))
        });
        drop(memory);
        let bytes = Arc::new(YuvFrame::black(Size::new(4, 4)));
        let mut feed = Feed::PixelBuffer { frame: Frame::new().unwrap(), as_it_is: false };
        assert!(!feed.must_reopen_for(&bytes) && !feed.is_object());
        assert_eq!(feed.pixel_formats().0, AVPixelFormat::AV_PIX_FMT_NV12);
        assert!(feed.must_reopen_for(&yuv) && !feed.must_reopen_for(&yuv) && feed.is_object());
        let formats = (AVPixelFormat::AV_PIX_FMT_VIDEOTOOLBOX, AVPixelFormat::AV_PIX_FMT_NV12);
        assert_eq!(feed.pixel_formats(), formats);
        for pts in 0..2 {
            let frame = feed.prepare(&yuv, pts, true).unwrap();
            // SAFETY: the frame lives until the next call.
            let (format, data) = unsafe { ((*frame).format, (*frame).data) };
            assert_eq!((format, data[3].cast()), (formats.0 as c_int, yuv.surface().unwrap().handle().as_ptr()));
            assert_eq!((data[0].is_null(), Arc::strong_count(&yuv)), (true, 2));
        }
        // What FFmpeg does before it encodes: one more reference, not a copy.
        let mut reference = Frame::new().unwrap();
        // SAFETY: both frames are valid, and the new one is empty.
        assert_eq!(unsafe { ffi::av_frame_ref(reference.as_mut_ptr(), feed.prepare(&yuv, 2, false).unwrap()) }, 0);
        feed.release();
        assert_eq!(Arc::strong_count(&yuv), 2);
        reference.clear();
        assert_eq!((Arc::strong_count(&yuv), object.mappings()), (1, (0, 0)));
        assert!(feed.prepare(&bytes, 3, false).is_err(), "bytes are for an encoder opened for bytes");
        assert!(feed.must_reopen_for(&bytes));
        feed.prepare(&bytes, 3, false).unwrap();
        drop(yuv);
        assert_eq!(object.shares(), 0);
    }

    #[test]
    fn a_picture_with_missing_rows_is_refused() {
        let mut yuv = YuvFrame::black(Size::new(6, 4));
        yuv.planes[2].to_mut().pop();
        let yuv = Arc::new(yuv);
        for mut feed in [Feed::Lend { frame: Frame::new().unwrap() }, Feed::Interleave { frame: Frame::new().unwrap() }]
        {
            assert!(feed.prepare(&yuv, 0, false).is_err());
        }
        assert_eq!(Arc::strong_count(&yuv), 1);
    }
}
