//! Buffers for pictures, reused for ever: after warm-up neither taking nor returning one allocates or locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crossbeam_queue::ArrayQueue;

use super::format::{PixelFormat, PlaneLayout};
use crate::error::PushError;
use crate::time::Nanos;
use crate::units::Size;

/// Bytes each row of a plane is aligned to, so that SIMD conversion loads whole lines.
const ROW_ALIGN: usize = 64;

/// A fixed number of picture buffers that come back by themselves when dropped.
#[derive(Clone, Debug)]
pub struct FramePool {
    free: Arc<ArrayQueue<Vec<u8>>>,
    /// Buffers that may still be created; the pool grows on demand up to its capacity.
    uncreated: Arc<AtomicU32>,
}

/// A writable picture that belongs to the pool. Rows are top to bottom unless `flipped`.
#[derive(Debug)]
pub struct FrameBuffer {
    pub format: PixelFormat,
    pub size: Size,
    planes: [Plane; 3],
    plane_count: usize,
    bytes: Vec<u8>,
    home: Arc<ArrayQueue<Vec<u8>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Plane {
    offset: usize,
    stride: usize,
    layout: PlaneLayout,
}

/// An uncompressed picture on its way to the encoders.
#[derive(Debug)]
pub struct VideoFrame {
    pub buffer: FrameBuffer,
    /// The host's own stamp, in ns of its monotonic clock.
    pub host_time: u64,
    /// When the host handed it over.
    pub pushed_at: Nanos,
    /// The first row in memory is the bottom one (OpenGL's order).
    pub flipped: bool,
}

impl FramePool {
    pub fn new(buffers: u32) -> Self {
        let buffers = buffers.max(1);
        Self { free: Arc::new(ArrayQueue::new(buffers as usize)), uncreated: Arc::new(AtomicU32::new(buffers)) }
    }

    /// Takes a buffer for one picture. Allocates only while the pool warms up or when a picture is larger than any before.
    pub fn acquire(&self, format: PixelFormat, size: Size) -> Result<FrameBuffer, PushError> {
        if !size.is_valid() {
            return Err(PushError::Size(size.width, size.height));
        }
        let mut bytes = match self.free.pop() {
            Some(bytes) => bytes,
            None => {
                self.uncreated
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1))
                    .map_err(|_| PushError::NoBuffer)?;
                Vec::new()
            }
        };
        let (layouts, plane_count) = format.planes(size);
        let mut planes = [Plane::default(); 3];
        let mut offset = 0;
        for (plane, layout) in planes.iter_mut().zip(layouts).take(plane_count) {
            let stride = layout.row_bytes.next_multiple_of(ROW_ALIGN);
            *plane = Plane { offset, stride, layout };
            offset += stride * layout.rows;
        }
        bytes.resize(offset, 0);
        Ok(FrameBuffer { format, size, planes, plane_count, bytes, home: Arc::clone(&self.free) })
    }
}

impl FrameBuffer {
    pub fn plane_count(&self) -> usize {
        self.plane_count
    }
    /// Bytes from one row of the plane to the next.
    pub fn stride(&self, plane: usize) -> usize {
        self.planes[plane].stride
    }
    pub fn layout(&self, plane: usize) -> PlaneLayout {
        self.planes[plane].layout
    }
    pub fn plane(&self, plane: usize) -> &[u8] {
        let p = self.planes[plane];
        &self.bytes[p.offset..p.offset + p.stride * p.layout.rows]
    }
    pub fn plane_mut(&mut self, plane: usize) -> &mut [u8] {
        let p = self.planes[plane];
        &mut self.bytes[p.offset..p.offset + p.stride * p.layout.rows]
    }
    /// Where each plane begins in memory, for a writer outside of Rust; NULL for planes the format lacks. Valid until the
    /// buffer is dropped or handed over, whoever holds it meanwhile.
    pub fn plane_pointers(&mut self) -> [*mut u8; 3] {
        let base = self.bytes.as_mut_ptr();
        let mut pointers = [std::ptr::null_mut(); 3];
        for (pointer, plane) in pointers.iter_mut().zip(self.planes).take(self.plane_count) {
            *pointer = base.wrapping_add(plane.offset);
        }
        pointers
    }

    /// Copies a plane in from rows that are `stride` bytes apart. The last row needs only its picture bytes.
    pub fn copy_plane_from(&mut self, plane: usize, source: &[u8], stride: usize) -> Result<(), PushError> {
        let Plane { stride: own_stride, layout, .. } = self.planes[plane];
        if stride < layout.row_bytes {
            return Err(PushError::Stride { plane, stride, needed: layout.row_bytes });
        }
        let needed = stride
            .checked_mul(layout.rows.saturating_sub(1))
            .and_then(|n| n.checked_add(layout.row_bytes))
            .unwrap_or(usize::MAX);
        if source.len() < needed {
            return Err(PushError::Length { plane, len: source.len(), needed });
        }
        let rows = self.plane_mut(plane).chunks_exact_mut(own_stride);
        for (to, from) in rows.zip(source.chunks(stride)) {
            to[..layout.row_bytes].copy_from_slice(&from[..layout.row_bytes]);
        }
        Ok(())
    }
}

impl Drop for FrameBuffer {
    fn drop(&mut self) {
        // The queue has room for every buffer the pool ever made, so this never fails.
        let _ = self.home.push(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_and_an_empty_pool_says_so() {
        let pool = FramePool::new(2);
        let size = Size::new(16, 16);
        let a = pool.acquire(PixelFormat::Rgba8, size).unwrap();
        let _b = pool.acquire(PixelFormat::I420, size).unwrap();
        assert_eq!(pool.acquire(PixelFormat::Nv12, size).unwrap_err(), PushError::NoBuffer);
        drop(a);
        assert!(pool.acquire(PixelFormat::Nv12, size).is_ok());
    }

    #[test]
    fn copying_respects_the_source_stride_and_refuses_short_input() {
        let pool = FramePool::new(1);
        let mut b = pool.acquire(PixelFormat::Rgb8, Size::new(2, 2)).unwrap();
        let source = [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12];
        b.copy_plane_from(0, &source, 8).unwrap();
        let stride = b.stride(0);
        assert_eq!(b.plane(0)[..6], [1, 2, 3, 4, 5, 6]);
        assert_eq!(b.plane(0)[stride..stride + 6], [7, 8, 9, 10, 11, 12]);
        assert_eq!(b.copy_plane_from(0, &source, 5), Err(PushError::Stride { plane: 0, stride: 5, needed: 6 }));
        assert_eq!(b.copy_plane_from(0, &source[..13], 8), Err(PushError::Length { plane: 0, len: 13, needed: 14 }));
        assert!(b.copy_plane_from(0, &source, usize::MAX).is_err());
    }
}
