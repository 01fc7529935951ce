//! Who holds a slot's memory. A guard is alive from the recording until the last reader has dropped the picture.

#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::backend::{Fence, FenceState, Memory};
use super::picture::PictureLayout;
use crate::frame::{Surface, SurfaceMemory};
use crate::time::Nanos;

/// What the render thread and the video worker share of one slot.
#[derive(Debug)]
pub(super) struct SlotState {
    held: AtomicBool,
    start: AtomicPtr<u8>,
    bytes: AtomicUsize,
    fence: Option<Arc<dyn Fence>>,
}

impl SlotState {
    pub fn new(fence: Option<Arc<dyn Fence>>) -> Arc<Self> {
        Arc::new(Self {
            held: AtomicBool::new(false),
            start: AtomicPtr::new(ptr::null_mut()),
            bytes: AtomicUsize::new(0),
            fence,
        })
    }

    pub fn has_fence(&self) -> bool {
        self.fence.is_some()
    }

    /// Whether someone may read the slot, now or when the GPU has finished.
    pub fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Where the picture will be read.
    pub fn set_memory(&self, memory: Option<Memory>) {
        self.bytes.store(memory.map_or(0, |m| m.bytes), Ordering::Release);
        self.start.store(memory.map_or(ptr::null_mut(), |m| m.start.as_ptr()), Ordering::Release);
    }
}

/// Holds a slot while it lives.
#[derive(Debug)]
pub(super) struct SlotGuard(Arc<SlotState>);

impl SlotGuard {
    pub fn hold(state: &Arc<SlotState>) -> Self {
        state.held.store(true, Ordering::Release);
        Self(Arc::clone(state))
    }
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.0.held.store(false, Ordering::Release);
    }
}

/// A picture on its way from the GPU to the video worker. Dropping it gives the slot back.
#[derive(Debug)]
pub struct GpuFrame {
    guard: SlotGuard,
    surface: Option<Surface>,
    pub picture: PictureLayout,
    /// The host's own stamp, in ns of its monotonic clock.
    pub host_time: u64,
    /// When the host handed it over.
    pub pushed_at: Nanos,
}

impl GpuFrame {
    pub(super) fn new(
        guard: SlotGuard,
        picture: PictureLayout,
        surface: Option<Surface>,
        host_time: u64,
        pushed_at: Nanos,
    ) -> Self {
        Self { guard, surface, picture, host_time, pushed_at }
    }

    /// Waits for the GPU, at most that long, where this thread can.
    pub fn wait(&self, at_most: Duration) -> FenceState {
        self.guard.0.fence.as_ref().map_or(FenceState::Done, |fence| fence.wait(at_most))
    }

    /// Whether `wait` really waits.
    pub fn can_wait(&self) -> bool {
        self.guard.0.fence.as_ref().is_none_or(|fence| fence.can_wait())
    }

    /// The picture's memory, once the GPU has finished. The slot comes back with the last share of it.
    pub fn into_memory(self) -> Option<PictureMemory> {
        match self.surface {
            Some(surface) => Some(PictureMemory::Surface(SurfaceMemory::new(surface, self.picture.bytes, self.guard))),
            None => self.into_bytes().map(PictureMemory::Mapped),
        }
    }

    /// The picture's bytes in place, once the GPU has finished. The slot comes back with the last share of them.
    pub fn into_bytes(self) -> Option<Bytes> {
        if self.surface.is_some() {
            let bytes = self.picture.bytes;
            let Some(PictureMemory::Surface(memory)) = self.into_memory() else { return None };
            let all = memory.slice(0..bytes);
            return if all.is_empty() { None } else { Some(Bytes::from_owner(all)) };
        }
        let state = &self.guard.0;
        let start = NonNull::new(state.start.load(Ordering::Acquire))?;
        let bytes = state.bytes.load(Ordering::Acquire);
        if bytes < self.picture.bytes {
            return None;
        }
        Some(Bytes::from_owner(Lent { _guard: self.guard, start, bytes: self.picture.bytes }))
    }
}

/// Where a picture is read.
#[derive(Debug)]
pub enum PictureMemory {
    Mapped(Bytes),
    /// Mapped when somebody reads it.
    Surface(SurfaceMemory),
}

/// A slot's memory while somebody reads it.
struct Lent {
    _guard: SlotGuard,
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the memory is plain bytes that nobody writes while the guard lives, and it is mapped for the whole process.
unsafe impl Send for Lent {}

impl AsRef<[u8]> for Lent {
    #[allow(clippy::disallowed_methods)] // memory that an API maps
    fn as_ref(&self) -> &[u8] {
        // SAFETY: a backend gives memory that stays readable and unwritten until its slot is recorded into, released or
        // destroyed; the ring does none of that while the guard lives.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }
}
