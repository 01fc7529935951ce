//! Converted pictures, reused: the pool keeps an `Arc` of each and writes again into those that nobody else holds.
//! There is nothing to give back, so a reader drops its `Arc` wherever it likes.

use std::convert::Infallible;
use std::sync::Arc;

use super::matrix;
use crate::encode::{Matrix, YuvFrame};
use crate::frame::Chroma;
use crate::units::Size;

/// Frames kept at most. What encoders hold beyond them is allocated and freed each time.
pub const CAPACITY: usize = 16;
/// A frame that was not needed for so many requests goes when another size is asked for.
const KEPT_IDLE: u64 = 64;

#[derive(Debug, Default)]
pub struct YuvPool {
    frames: Vec<Kept>,
    requests: u64,
}

#[derive(Debug)]
struct Kept {
    frame: Arc<YuvFrame>,
    last_request: u64,
}

impl YuvPool {
    /// Lends `write` a frame of `size` (odd sides rounded up) whose old picture is still in it, and shares the result.
    pub fn fill<E>(
        &mut self,
        size: Size,
        write: impl FnOnce(&mut YuvFrame) -> Result<(), E>,
    ) -> Result<Arc<YuvFrame>, E> {
        self.requests += 1;
        let size = size.padded_to_even();
        if let Some(kept) = self.frames.iter_mut().find(|k| k.frame.size == size && Arc::strong_count(&k.frame) == 1)
            && let Some(frame) = Arc::get_mut(&mut kept.frame)
        {
            kept.last_request = self.requests;
            write(frame)?;
            return Ok(Arc::clone(&kept.frame));
        }
        let oldest_kept = self.requests.saturating_sub(KEPT_IDLE);
        self.frames.retain(|k| k.last_request >= oldest_kept || Arc::strong_count(&k.frame) > 1);
        let mut frame = YuvFrame::new(size);
        write(&mut frame)?;
        let frame = Arc::new(frame);
        let kept = Kept { frame: Arc::clone(&frame), last_request: self.requests };
        if self.frames.len() < CAPACITY {
            self.frames.push(kept);
        } else if let Some(idle) = self.frames.iter_mut().find(|k| Arc::strong_count(&k.frame) == 1) {
            *idle = kept;
        }
        Ok(frame)
    }

    /// The same picture with planar chroma.
    pub fn planar(&mut self, frame: &YuvFrame) -> Arc<YuvFrame> {
        self.copy(frame, |_| ())
    }

    /// The picture, of BT.709 so far, as an encoder takes it: itself where it is that already.
    pub fn ready(&mut self, frame: &Arc<YuvFrame>, matrix: Matrix, chroma: Chroma) -> Arc<YuvFrame> {
        match matrix {
            Matrix::Bt601 => self.copy(frame, matrix::to_bt601),
            Matrix::Bt709 if frame.chroma == Chroma::Interleaved && chroma == Chroma::Planar => self.planar(frame),
            Matrix::Bt709 => Arc::clone(frame),
        }
    }

    fn copy(&mut self, frame: &YuvFrame, change: impl FnOnce(&mut YuvFrame)) -> Arc<YuvFrame> {
        let copied = self.fill(frame.size, |out| {
            frame.copy_planar_into(out);
            change(out);
            Ok::<(), Infallible>(())
        });
        match copied {
            Ok(frame) => frame,
            Err(never) => match never {},
        }
    }

    /// Frames kept, in use or not.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(pool: &mut YuvPool, size: Size) -> Arc<YuvFrame> {
        pool.fill(size, |_| Ok::<(), ()>(())).unwrap()
    }

    #[test]
    fn a_dropped_frame_is_written_again_and_a_held_one_never() {
        let mut pool = YuvPool::default();
        let size = Size::new(16, 16);
        let a = take(&mut pool, size);
        let b = take(&mut pool, size);
        assert!(!Arc::ptr_eq(&a, &b));
        let address = Arc::as_ptr(&a);
        drop(a);
        assert_eq!(Arc::as_ptr(&take(&mut pool, size)), address);
        drop(b);
        assert_eq!(pool.len(), 2);
    }

    #[test]
    fn layers_of_different_sizes_do_not_take_each_others_buffers() {
        let mut pool = YuvPool::default();
        let sizes = [Size::new(64, 64), Size::new(32, 32), Size::new(16, 16)];
        let first = sizes.map(|s| Arc::as_ptr(&take(&mut pool, s)));
        for _ in 0..100 {
            assert_eq!(sizes.map(|s| Arc::as_ptr(&take(&mut pool, s))), first);
        }
        assert_eq!(pool.len(), 3);
    }

    #[test]
    fn frames_of_a_size_no_longer_used_go() {
        let mut pool = YuvPool::default();
        let old: Vec<_> = (0..8).map(|_| take(&mut pool, Size::new(64, 64))).collect();
        drop(old);
        for _ in 0..=KEPT_IDLE {
            take(&mut pool, Size::new(32, 32));
        }
        take(&mut pool, Size::new(16, 16));
        assert_eq!(pool.len(), 2);
    }

    #[test]
    fn a_consumer_that_never_lets_go_does_not_grow_the_pool() {
        let mut pool = YuvPool::default();
        let held: Vec<_> = (0..CAPACITY * 3).map(|_| take(&mut pool, Size::new(8, 8))).collect();
        assert_eq!(pool.len(), CAPACITY);
        drop(held);
    }

    #[test]
    fn a_picture_is_copied_only_where_the_encoder_wants_another() {
        let mut pool = YuvPool::default();
        let red = YuvFrame {
            planes: [vec![63; 4], vec![102; 1], vec![240; 1]].map(Into::into),
            strides: [2, 1, 1],
            ..YuvFrame::new(Size::new(2, 2))
        };
        let red = Arc::new(red);
        let same = |pool: &mut YuvPool, chroma| Arc::ptr_eq(&red, &pool.ready(&red, Matrix::Bt709, chroma));
        assert!(same(&mut pool, Chroma::Planar) && same(&mut pool, Chroma::Interleaved) && pool.is_empty());
        let ready = pool.ready(&red, Matrix::Bt601, Chroma::Interleaved);
        assert_eq!([ready.planes[0][0], ready.planes[1][0], ready.planes[2][0]], [82, 90, 240]);
        assert_eq!((red.planes[0][0], ready.chroma), (63, Chroma::Planar));
    }

    #[test]
    fn a_failed_write_shares_nothing() {
        let mut pool = YuvPool::default();
        assert_eq!(pool.fill(Size::new(8, 8), |_| Err("no")).unwrap_err(), "no");
        assert!(pool.is_empty());
    }
}
