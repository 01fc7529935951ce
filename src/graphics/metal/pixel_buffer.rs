//! NV12 pixel buffers that the GPU writes and an encoder reads in place. A pool for each slot: VideoToolbox may keep a
//! buffer for longer than the slot is held, and then the pool gives another one.

#![allow(unsafe_code)] // CoreVideo's C interface

use std::ffi::c_void;
use std::mem;
use std::ptr::{self, NonNull};

use objc2::rc::autoreleasepool;
use objc2_core_foundation::{CFBoolean, CFDictionary, CFNumber, CFRetained, CFString, CFType};
use objc2_core_video::{
    CVAttachmentMode, CVPixelBuffer, CVPixelBufferGetBaseAddressOfPlane, CVPixelBufferGetBytesPerRowOfPlane,
    CVPixelBufferGetHeight, CVPixelBufferGetPlaneCount, CVPixelBufferGetWidth, CVPixelBufferLockBaseAddress,
    CVPixelBufferLockFlags, CVPixelBufferPool, CVPixelBufferUnlockBaseAddress, CVReturn,
    kCVImageBufferColorPrimaries_ITU_R_709_2, kCVImageBufferColorPrimariesKey,
    kCVImageBufferTransferFunction_ITU_R_709_2, kCVImageBufferTransferFunctionKey,
    kCVImageBufferYCbCrMatrix_ITU_R_709_2, kCVImageBufferYCbCrMatrixKey, kCVPixelBufferHeightKey,
    kCVPixelBufferIOSurfacePropertiesKey, kCVPixelBufferMetalCompatibilityKey, kCVPixelBufferPixelFormatTypeKey,
    kCVPixelBufferPoolAllocationThresholdKey, kCVPixelBufferWidthKey, kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange,
    kCVReturnSuccess,
};

use crate::frame::{MappedBytes, SurfaceCalls, SurfaceKind};
use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::PictureLayout;
use crate::units::Size;

/// Buffers of one pool: the slot's, and those that an encoder has not done with.
const AT_MOST: i32 = 4;

/// Makes pixel buffers of one size.
pub struct PixelBuffers {
    pool: CFRetained<CVPixelBufferPool>,
    /// Said with each buffer that is taken.
    limits: CFRetained<CFDictionary<CFString, CFType>>,
    /// Of every buffer.
    pub layout: PictureLayout,
}

impl PixelBuffers {
    /// `size`: even in both directions.
    pub fn new(size: Size) -> Result<Self, GraphicsError> {
        let pool = create_pool(size)?;
        let limit = CFNumber::new_i32(AT_MOST);
        // SAFETY: a constant of CoreVideo's.
        let limits = dictionary(&[unsafe { kCVPixelBufferPoolAllocationThresholdKey }], &[limit.as_ref()]);
        // The GPU has never seen the first one, so nothing is waited for. It goes back to the pool.
        let first = take(&pool, &limits)?;
        let layout = read_layout(&first, size).ok_or_else(|| failed("CVPixelBufferLockBaseAddress", 0))?;
        Ok(Self { pool, limits, layout })
    }

    /// A buffer that nobody reads or writes, marked as what the shader makes: BT.709.
    pub fn take(&self) -> Result<CFRetained<CVPixelBuffer>, GraphicsError> {
        let buffer = take(&self.pool, &self.limits)?;
        // SAFETY: constants of CoreVideo's, each value of the kind that its key is for.
        unsafe {
            for (key, value) in [
                (kCVImageBufferYCbCrMatrixKey, kCVImageBufferYCbCrMatrix_ITU_R_709_2),
                (kCVImageBufferColorPrimariesKey, kCVImageBufferColorPrimaries_ITU_R_709_2),
                (kCVImageBufferTransferFunctionKey, kCVImageBufferTransferFunction_ITU_R_709_2),
            ] {
                buffer.set_attachment(key, value.as_ref(), CVAttachmentMode::ShouldPropagate);
            }
        }
        Ok(buffer)
    }
}

fn create_pool(size: Size) -> Result<CFRetained<CVPixelBufferPool>, GraphicsError> {
    // Every 32-bit number is a valid one here: sides are at most 16384.
    let number = |n: u32| CFNumber::new_i64(i64::from(n));
    let (format, width, height) =
        (number(kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange), number(size.width), number(size.height));
    // With properties of no particular kind it is an IOSurface.
    let surface = dictionary(&[], &[]);
    // SAFETY: constants of CoreVideo's.
    let keys = unsafe {
        [
            kCVPixelBufferPixelFormatTypeKey,
            kCVPixelBufferWidthKey,
            kCVPixelBufferHeightKey,
            kCVPixelBufferIOSurfacePropertiesKey,
            kCVPixelBufferMetalCompatibilityKey,
        ]
    };
    let values: [&CFType; 5] =
        [format.as_ref(), width.as_ref(), height.as_ref(), surface.as_ref(), CFBoolean::new(true).as_ref()];
    let attributes = dictionary(&keys, &values);
    let mut pool = ptr::null_mut();
    // SAFETY: the keys are CoreVideo's, with values of their kinds; the result goes into our pointer.
    let status =
        unsafe { CVPixelBufferPool::create(None, None, Some(attributes.as_opaque()), NonNull::from(&mut pool)) };
    // SAFETY: a pool that was created is ours to release.
    unsafe { created("CVPixelBufferPoolCreate", status, pool) }
}

fn take(
    pool: &CVPixelBufferPool,
    limits: &CFDictionary<CFString, CFType>,
) -> Result<CFRetained<CVPixelBuffer>, GraphicsError> {
    let mut buffer = ptr::null_mut();
    // SAFETY: the key is CoreVideo's, with a value of its kind; the result goes into our pointer.
    let status = unsafe {
        let out = NonNull::from(&mut buffer);
        CVPixelBufferPool::create_pixel_buffer_with_aux_attributes(None, pool, Some(limits.as_opaque()), out)
    };
    // SAFETY: a buffer that was created is ours to release.
    unsafe { created("CVPixelBufferPoolCreatePixelBuffer", status, buffer) }
}

fn dictionary(keys: &[&CFString], values: &[&CFType]) -> CFRetained<CFDictionary<CFString, CFType>> {
    CFDictionary::from_slices(keys, values)
}

/// # Safety
/// Where the status says success, the pointer is NULL or to an object whose one share is the caller's.
unsafe fn created<T: objc2_core_foundation::Type>(
    call: &'static str,
    status: CVReturn,
    object: *mut T,
) -> Result<CFRetained<T>, GraphicsError> {
    match NonNull::new(object) {
        // SAFETY: the caller's promise.
        Some(object) if status == kCVReturnSuccess => Ok(unsafe { CFRetained::from_raw(object) }),
        _ => Err(failed(call, status)),
    }
}

fn failed(call: &'static str, status: CVReturn) -> GraphicsError {
    GraphicsError::Call { api: Api::Metal, call, code: status.into() }
}

/// Where the planes lie in a buffer's bytes.
fn read_layout(buffer: &CVPixelBuffer, size: Size) -> Option<PictureLayout> {
    let locked = lock(buffer)?;
    unlock(buffer);
    (locked.layout.size == size).then_some(locked.layout)
}

struct Locked {
    start: NonNull<u8>,
    layout: PictureLayout,
}

/// Makes a buffer's bytes readable: waits for its GPU, and on machines where that has memory of its own copies them.
fn lock(buffer: &CVPixelBuffer) -> Option<Locked> {
    // SAFETY: the buffer is alive.
    if unsafe { CVPixelBufferLockBaseAddress(buffer, CVPixelBufferLockFlags::ReadOnly) } != kCVReturnSuccess {
        return None;
    }
    let side = |n: usize| u32::try_from(n).unwrap_or(0);
    let size = Size::new(side(CVPixelBufferGetWidth(buffer)), side(CVPixelBufferGetHeight(buffer)));
    let planes = [0, 1].map(|plane| CVPixelBufferGetBaseAddressOfPlane(buffer, plane).cast::<u8>());
    let strides = [0, 1].map(|plane| CVPixelBufferGetBytesPerRowOfPlane(buffer, plane));
    let first = NonNull::new(planes[0].min(planes[1]));
    let layout = PictureLayout::from_planes(size, planes.map(<*mut u8>::addr), strides);
    match (first, layout) {
        (Some(start), Some(layout)) if CVPixelBufferGetPlaneCount(buffer) == 2 => Some(Locked { start, layout }),
        _ => {
            unlock(buffer);
            None
        }
    }
}

fn unlock(buffer: &CVPixelBuffer) {
    // SAFETY: it was locked so.
    unsafe { CVPixelBufferUnlockBaseAddress(buffer, CVPixelBufferLockFlags::ReadOnly) };
}

/// A `CVPixelBuffer` as a surface. CoreVideo counts shares atomically and locks for reading on any thread.
pub static CALLS: SurfaceCalls = SurfaceCalls { kind: SurfaceKind::CvPixelBuffer, retain, release, map, unmap };

/// # Safety
/// The handle is of a pixel buffer that is alive.
unsafe fn retain(handle: NonNull<c_void>) {
    // SAFETY: the caller's promise.
    mem::forget(unsafe { CFRetained::<CVPixelBuffer>::retain(handle.cast()) });
}

/// # Safety
/// The handle is of a pixel buffer that is alive, and the caller gives a share of it up.
unsafe fn release(handle: NonNull<c_void>) {
    // SAFETY: the caller's promise.
    let share = unsafe { CFRetained::<CVPixelBuffer>::from_raw(handle.cast()) };
    // Workers have no pool of their own for what the last share leaves behind.
    autoreleasepool(|_| drop(share));
}

/// # Safety
/// The handle is of a pixel buffer that is alive.
unsafe fn map(handle: NonNull<c_void>) -> Option<MappedBytes> {
    // SAFETY: the caller's promise.
    let buffer = unsafe { handle.cast::<CVPixelBuffer>().as_ref() };
    let locked = autoreleasepool(|_| lock(buffer))?;
    Some((locked.start, locked.layout.bytes))
}

/// # Safety
/// The handle is of a pixel buffer that is alive and was mapped.
unsafe fn unmap(handle: NonNull<c_void>) {
    // SAFETY: the caller's promise.
    unlock(unsafe { handle.cast::<CVPixelBuffer>().as_ref() });
}
