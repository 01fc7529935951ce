//! Render threads to one streamer's video worker: what was recorded, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use super::backend::Api;
use super::ring::SLOTS;
use super::slot::GpuFrame;
use crate::frame::Chroma;
use crate::stats::Counter;
use crate::time::Nanos;
use crate::wake::Wake;

/// Pictures that may wait: a ring's, and those of the ring before it.
const CAPACITY: usize = 2 * SLOTS;
/// While nobody watches, one picture in this time keeps the last one fresh for who comes.
const IDLE_INTERVAL: Duration = Duration::from_millis(500);

/// Where a streamer's pictures from GPUs arrive.
#[derive(Debug)]
pub struct Inbox {
    frames: ArrayQueue<GpuFrame>,
    wake: Wake,
    dropped: Counter,
    interleaved: AtomicBool,
    watched: AtomicBool,
    closed: AtomicBool,
    recorded_at: AtomicU64,
    /// Bumped when memory that was lent is about to go.
    revoked: AtomicU32,
    /// The API whose device was lost, until the worker has told; 0 for none.
    lost: AtomicU8,
}

impl Inbox {
    /// `dropped` counts pictures that found no slot or that a newer one replaced; `wake` is rung when one arrives.
    pub fn new(dropped: Counter, wake: Wake) -> Arc<Self> {
        Arc::new(Self {
            frames: ArrayQueue::new(CAPACITY),
            wake,
            dropped,
            interleaved: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            recorded_at: AtomicU64::new(0),
            revoked: AtomicU32::new(0),
            lost: AtomicU8::new(0),
        })
    }

    // The worker's side.

    /// The oldest picture not yet taken; the GPU may still be at work on it.
    pub fn pop(&self) -> Option<GpuFrame> {
        self.frames.pop()
    }

    /// What the encoders read without a copy.
    pub fn set_chroma(&self, chroma: Chroma) {
        self.interleaved.store(chroma == Chroma::Interleaved, Ordering::Relaxed);
    }

    /// Whether somebody watches. Nothing is recorded while nobody does, but a picture now and then.
    pub fn set_watched(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }

    /// Counts up each time that every lent picture has to be given back.
    pub fn revoked(&self) -> u32 {
        self.revoked.load(Ordering::Acquire)
    }

    /// The API whose device was lost since the last call.
    pub fn take_lost(&self) -> Option<Api> {
        let api = self.lost.swap(0, Ordering::AcqRel);
        [Api::Vulkan, Api::OpenGl, Api::D3d11, Api::D3d12, Api::Metal].into_iter().find(|a| *a as u8 == api)
    }

    /// The workers have ended, or begin: nothing is recorded for a closed inbox, and its rings are freed with their
    /// device's next push.
    pub fn set_closed(&self, closed: bool) {
        self.closed.store(closed, Ordering::Release);
        if closed {
            self.drain();
        }
    }

    // The render thread's side.

    pub fn chroma(&self) -> Chroma {
        if self.interleaved.load(Ordering::Relaxed) { Chroma::Interleaved } else { Chroma::Planar }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether a picture is wanted now.
    pub(super) fn wants(&self, now: Nanos) -> bool {
        let last = self.recorded_at.load(Ordering::Relaxed);
        self.watched.load(Ordering::Relaxed) || last == 0 || now.saturating_since(Nanos(last)) >= IDLE_INTERVAL
    }

    pub(super) fn publish(&self, frame: GpuFrame) {
        self.recorded_at.store(frame.pushed_at.0.max(1), Ordering::Relaxed);
        if self.is_closed() {
            return;
        }
        if self.frames.force_push(frame).is_some() {
            self.count_drop();
        }
        self.wake.ring();
    }

    /// Counts a picture that is not taken.
    pub(crate) fn count_drop(&self) {
        self.dropped.add(1);
    }

    /// Asks for every lent picture.
    pub(super) fn revoke(&self) {
        self.revoked.fetch_add(1, Ordering::AcqRel);
        self.drain();
        self.wake.ring();
    }

    pub(super) fn report_lost(&self, api: Api) {
        self.lost.store(api as u8, Ordering::Release);
        self.wake.ring();
    }

    fn drain(&self) {
        while self.frames.pop().is_some() {}
    }
}
