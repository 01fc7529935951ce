//! Host to video worker: two frames, newest wins. Pushing never waits; what is pushed out is counted.

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use super::VideoFrame;
use crate::stats::Counter;
use crate::wake::Wake;

/// Frames held at most: one being looked at, one arriving.
pub const CAPACITY: usize = 2;

#[derive(Clone, Debug)]
pub struct FrameQueue {
    frames: Arc<ArrayQueue<VideoFrame>>,
    dropped: Counter,
    wake: Wake,
}

impl FrameQueue {
    /// `dropped` counts frames that a newer one pushed out; `wake` is rung on every push.
    pub fn new(dropped: Counter, wake: Wake) -> Self {
        Self { frames: Arc::new(ArrayQueue::new(CAPACITY)), dropped, wake }
    }

    /// Hands a frame over. The oldest waiting frame makes room.
    pub fn push(&self, frame: VideoFrame) {
        if self.frames.force_push(frame).is_some() {
            self.dropped.add(1);
        }
        self.wake.ring();
    }

    /// The newest frame, if any; older ones are counted as dropped.
    pub fn take_newest(&self) -> Option<VideoFrame> {
        let mut newest = self.frames.pop()?;
        while let Some(newer) = self.frames.pop() {
            self.dropped.add(1);
            newest = newer;
        }
        Some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FramePool, PixelFormat};
    use crate::time::Nanos;
    use crate::units::Size;

    fn frame(pool: &FramePool, host_time: u64) -> VideoFrame {
        let buffer = pool.acquire(PixelFormat::Rgba8, Size::new(2, 2)).unwrap();
        VideoFrame { buffer, host_time, pushed_at: Nanos(0), flipped: false }
    }

    #[test]
    fn newest_frame_wins_and_the_rest_is_counted() {
        let pool = FramePool::new(4);
        let dropped = Counter::default();
        let queue = FrameQueue::new(dropped.clone(), Wake::default());
        for t in 1..=3 {
            queue.push(frame(&pool, t));
        }
        assert_eq!(dropped.get(), 1);
        assert_eq!(queue.take_newest().unwrap().host_time, 3);
        assert_eq!(dropped.get(), 2);
        assert!(queue.take_newest().is_none());
    }
}
