//! A GPU of memory: finishes when it is told to.

use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::backend::{Api, Backend, Fence, FenceState, Memory, NewSlot};
use super::error::GraphicsError;
use super::picture::PictureLayout;
use super::texture::Job;
use crate::frame::Surface;

/// What a test steers and sees.
#[derive(Debug, Default)]
pub struct Gpu {
    /// Finishes everything recorded at once.
    pub fast: AtomicBool,
    pub lost: AtomicBool,
    pub slots: AtomicU32,
    pub releases: AtomicU32,
    /// Pictures are in this one, laid out so.
    pub surface: Mutex<Option<(Surface, PictureLayout)>>,
    recorded: Mutex<HashMap<u64, Arc<AtomicBool>>>,
}

impl Gpu {
    /// Finishes the job of a texture.
    pub fn finish(&self, texture: u64) {
        self.recorded.lock().unwrap()[&texture].store(true, Ordering::Release);
    }
}

#[derive(Debug)]
pub struct FakeBackend {
    pub gpu: Arc<Gpu>,
    /// With fences a worker can ask, or polled by the render thread only.
    pub fences: bool,
}

#[derive(Debug)]
pub struct FakeSlot {
    memory: Box<[u8]>,
    done: Arc<AtomicBool>,
    fence: Arc<FakeFence>,
}

#[derive(Debug, Default)]
struct FakeFence {
    done: Mutex<Arc<AtomicBool>>,
    gpu: Arc<Gpu>,
}

impl Fence for FakeFence {
    fn wait(&self, _at_most: Duration) -> FenceState {
        if self.gpu.lost.load(Ordering::Acquire) {
            return FenceState::Lost;
        }
        if self.done.lock().unwrap().load(Ordering::Acquire) { FenceState::Done } else { FenceState::Pending }
    }
    fn can_wait(&self) -> bool {
        false
    }
}

impl Backend for FakeBackend {
    type Slot = FakeSlot;

    fn api(&self) -> Api {
        Api::Vulkan
    }
    fn name(&self) -> &str {
        "fake"
    }
    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<FakeSlot>, GraphicsError> {
        self.gpu.slots.fetch_add(1, Ordering::Relaxed);
        let fence = Arc::new(FakeFence { gpu: Arc::clone(&self.gpu), ..Default::default() });
        let slot = FakeSlot { memory: vec![0; bytes].into(), done: Arc::default(), fence: Arc::clone(&fence) };
        Ok(NewSlot { slot, fence: self.fences.then_some(fence as Arc<dyn Fence>) })
    }
    fn memory(&self, slot: &FakeSlot) -> Option<Memory> {
        let start = NonNull::new(slot.memory.as_ptr().cast_mut())?;
        self.fences.then_some(Memory { start, bytes: slot.memory.len() })
    }
    fn picture(&self, _slot: &FakeSlot, asked: &PictureLayout) -> PictureLayout {
        self.gpu.surface.lock().unwrap().as_ref().map_or(*asked, |(_, picture)| *picture)
    }
    fn surface(&self, _slot: &FakeSlot) -> Option<Surface> {
        self.gpu.surface.lock().unwrap().as_ref().map(|(surface, _)| surface.clone())
    }
    fn destroy_slot(&mut self, slot: FakeSlot) {
        assert!(slot.done.load(Ordering::Acquire) || self.is_lost(), "freed while the GPU writes");
        self.gpu.slots.fetch_sub(1, Ordering::Relaxed);
    }
    fn record(&mut self, slot: &mut FakeSlot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        if self.is_lost() {
            return Err(GraphicsError::DeviceLost { api: Api::Vulkan });
        }
        slot.done = Arc::new(AtomicBool::new(self.gpu.fast.load(Ordering::Acquire)));
        *slot.fence.done.lock().unwrap() = Arc::clone(&slot.done);
        slot.memory[..picture.bytes].fill(job.texture.handle as u8);
        self.gpu.recorded.lock().unwrap().insert(job.texture.handle, Arc::clone(&slot.done));
        Ok(())
    }
    fn poll(&mut self, slot: &mut FakeSlot) -> Result<Option<Memory>, GraphicsError> {
        if self.is_lost() {
            return Err(GraphicsError::DeviceLost { api: Api::Vulkan });
        }
        let start = NonNull::from(&mut slot.memory[0]);
        Ok(slot.done.load(Ordering::Acquire).then_some(Memory { start, bytes: slot.memory.len() }))
    }
    fn release(&mut self, _slot: &mut FakeSlot) {
        self.gpu.releases.fetch_add(1, Ordering::Relaxed);
    }
    fn is_lost(&self) -> bool {
        self.gpu.lost.load(Ordering::Acquire)
    }
}
