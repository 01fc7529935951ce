//! Pictures in a device's memory, for encoders that read nothing else.

use std::ffi::c_int;
use std::ptr::{NonNull, null, null_mut};

use ffmpeg_next::ffi::{self, AVBufferRef, AVHWFramesContext, AVPixelFormat};

use super::context::describe;
use super::log;
use super::picture::Frame;
use super::spec::Device;
use crate::units::Size;

/// Surfaces of the pool: one being encoded, its reference, and some slack for drivers that hold more.
const SURFACES: c_int = 8;

/// A pool of NV12 pictures on a device. Kept when the encoder is opened anew.
pub struct HardwareFrames {
    frames: BufferRef,
    format: AVPixelFormat,
}

/// An owned reference to an FFmpeg buffer.
struct BufferRef(NonNull<AVBufferRef>);

// SAFETY: FFmpeg's buffers are reference-counted atomically and bound to no thread.
unsafe impl Send for BufferRef {}

impl Drop for BufferRef {
    fn drop(&mut self) {
        // SAFETY: this reference is ours and released once.
        unsafe { ffi::av_buffer_unref(&mut self.0.as_ptr()) };
    }
}

impl HardwareFrames {
    pub fn new(device: Device, size: Size) -> Result<Self, String> {
        let (kind, format) = match device {
            Device::Vaapi => (ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI, AVPixelFormat::AV_PIX_FMT_VAAPI),
        };
        let mut device = null_mut();
        let (status, lines) = log::collect(|| {
            // SAFETY: creates a device context by the library's own defaults, into our pointer.
            unsafe { ffi::av_hwdevice_ctx_create(&raw mut device, kind, null(), null_mut(), 0) }
        });
        let device = match NonNull::new(device) {
            Some(device) if status >= 0 => BufferRef(device),
            _ => return Err(super::context::with_lines(format!("no device: {}", describe(status)), &lines)),
        };
        // SAFETY: the device is valid; the frames context takes its own reference to it.
        let frames = unsafe { ffi::av_hwframe_ctx_alloc(device.0.as_ptr()) };
        let frames = BufferRef(NonNull::new(frames).ok_or("out of memory")?);
        let side = |n: u32| c_int::try_from(n).map_err(|e| e.to_string());
        // SAFETY: a frames buffer's data is an `AVHWFramesContext`, to be filled in before it is initialised.
        let status = unsafe {
            let context = &mut *frames.0.as_ref().data.cast::<AVHWFramesContext>();
            context.format = format;
            context.sw_format = AVPixelFormat::AV_PIX_FMT_NV12;
            context.width = side(size.width)?;
            context.height = side(size.height)?;
            context.initial_pool_size = SURFACES;
            ffi::av_hwframe_ctx_init(frames.0.as_ptr())
        };
        if status < 0 { Err(format!("no surfaces: {}", describe(status))) } else { Ok(Self { frames, format }) }
    }

    pub fn pixel_format(&self) -> AVPixelFormat {
        self.format
    }

    /// A reference for a codec context, which releases it.
    pub fn new_reference(&self) -> Result<*mut AVBufferRef, String> {
        // SAFETY: the buffer is valid.
        let reference = unsafe { ffi::av_buffer_ref(self.frames.0.as_ptr()) };
        if reference.is_null() { Err("out of memory".into()) } else { Ok(reference) }
    }

    /// Copies a picture from memory into a free surface.
    pub fn upload(&self, from: &Frame, to: &mut Frame) -> Result<(), c_int> {
        to.clear();
        // SAFETY: both frames and the pool are valid; `to` holds nothing, `from` is an NV12 picture of the pool's size.
        unsafe {
            for status in [
                ffi::av_hwframe_get_buffer(self.frames.0.as_ptr(), to.as_mut_ptr(), 0),
                ffi::av_hwframe_transfer_data(to.as_mut_ptr(), from.as_ptr(), 0),
                ffi::av_frame_copy_props(to.as_mut_ptr(), from.as_ptr()),
            ] {
                if status < 0 {
                    return Err(status);
                }
            }
        }
        Ok(())
    }
}
