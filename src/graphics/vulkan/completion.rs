//! How one learns that the GPU has finished with a slot, on the worker's thread and on the render thread.

#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ash::vk;

use super::functions::Gpu;
use super::memory::MappedBuffer;
use crate::graphics::backend::{Fence, FenceState};
use crate::graphics::error::GraphicsError;

/// What tells. The ring asks a fence only between a recording and the next one of its slot, so nothing here is reset or
/// destroyed while the worker looks at it.
#[derive(Debug)]
pub(super) enum Signal {
    /// The device's one timeline, and the value that this slot waits for.
    Timeline { semaphore: vk::Semaphore, value: AtomicU64 },
    /// The slot's own fence.
    Fence(vk::Fence),
    /// Set by the host's command buffer. Null where the device has no events.
    Event(vk::Event),
}

/// Shared by a slot and the worker.
#[derive(Debug)]
pub(super) struct Completion {
    gpu: Arc<Gpu>,
    pub signal: Signal,
    /// Known otherwise: the host says that the frame is finished.
    finished: AtomicBool,
    to_invalidate: Option<vk::DeviceMemory>,
}

impl Completion {
    pub fn new(gpu: &Arc<Gpu>, signal: Signal, picture: &MappedBuffer) -> Arc<Self> {
        let to_invalidate = picture.to_invalidate();
        Arc::new(Self { gpu: Arc::clone(gpu), signal, finished: AtomicBool::new(false), to_invalidate })
    }

    /// Before a recording, when nobody reads the slot.
    pub fn reset(&self) -> Result<(), GraphicsError> {
        self.finished.store(false, Ordering::Release);
        // SAFETY: valid handles that the GPU has finished with and that no other thread looks at.
        match self.signal {
            Signal::Timeline { .. } => Ok(()),
            Signal::Fence(fence) => self.gpu.check("vkResetFences", unsafe { self.gpu.device.reset_fences(&[fence]) }),
            Signal::Event(event) if event == vk::Event::null() => Ok(()),
            Signal::Event(event) => self.gpu.check("vkResetEvent", unsafe { self.gpu.device.reset_event(event) }),
        }
    }

    pub fn finish(&self) {
        self.finished.store(true, Ordering::Release);
    }

    /// Whether the GPU has finished, without waiting.
    pub fn is_done(&self) -> Result<bool, GraphicsError> {
        let device = &self.gpu.device;
        if self.finished.load(Ordering::Acquire) {
            return Ok(true);
        }
        // SAFETY: valid handles.
        unsafe {
            match &self.signal {
                Signal::Timeline { semaphore, value } => {
                    let reached = device.get_semaphore_counter_value(*semaphore);
                    let reached = self.gpu.check("vkGetSemaphoreCounterValue", reached)?;
                    Ok(reached >= value.load(Ordering::Acquire))
                }
                Signal::Fence(fence) => self.gpu.check("vkGetFenceStatus", device.get_fence_status(*fence)),
                Signal::Event(event) if *event == vk::Event::null() => Ok(false),
                Signal::Event(event) => self.gpu.check("vkGetEventStatus", device.get_event_status(*event)),
            }
        }
    }

    /// Waits where that is possible.
    fn wait_done(&self, at_most: Duration) -> Result<bool, GraphicsError> {
        let device = &self.gpu.device;
        let timeout = u64::try_from(at_most.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: valid handles.
        let (call, result) = unsafe {
            match &self.signal {
                Signal::Timeline { semaphore, value } => {
                    let (semaphores, values) = ([*semaphore], [value.load(Ordering::Acquire)]);
                    let info = vk::SemaphoreWaitInfo::default().semaphores(&semaphores).values(&values);
                    ("vkWaitSemaphores", device.wait_semaphores(&info, timeout))
                }
                Signal::Fence(fence) => ("vkWaitForFences", device.wait_for_fences(&[*fence], true, timeout)),
                Signal::Event(_) => return self.is_done(),
            }
        };
        if result == Err(vk::Result::TIMEOUT) { Ok(false) } else { self.gpu.check(call, result).map(|()| true) }
    }

    /// Makes what the GPU wrote visible to the CPU, where the memory does not see to it.
    fn invalidate(&self) -> Result<(), GraphicsError> {
        let Some(memory) = self.to_invalidate else { return Ok(()) };
        let range = vk::MappedMemoryRange::default().memory(memory).size(vk::WHOLE_SIZE);
        // SAFETY: the memory is mapped as a whole.
        let result = unsafe { self.gpu.device.invalidate_mapped_memory_ranges(&[range]) };
        self.gpu.check("vkInvalidateMappedMemoryRanges", result)
    }
}

impl Fence for Completion {
    fn wait(&self, at_most: Duration) -> FenceState {
        if self.gpu.is_gone() {
            return FenceState::Lost;
        }
        let done = if at_most.is_zero() { self.is_done() } else { self.wait_done(at_most) };
        match done.and_then(|done| if done { self.invalidate().map(|()| true) } else { Ok(false) }) {
            Ok(true) => FenceState::Done,
            Ok(false) => FenceState::Pending,
            Err(error) if error.is_device_lost() => FenceState::Lost,
            // Out of memory: asked again.
            Err(_) => FenceState::Pending,
        }
    }

    fn can_wait(&self) -> bool {
        !matches!(self.signal, Signal::Event(_))
    }
}

/// Destroys what a slot owns. The timeline is the device's.
pub(super) fn destroy(gpu: &Gpu, signal: &Signal) {
    // SAFETY: the ring destroys a slot when the GPU and every reader have finished with it.
    unsafe {
        match signal {
            Signal::Timeline { .. } => {}
            Signal::Fence(fence) => gpu.device.destroy_fence(*fence, None),
            Signal::Event(event) => gpu.device.destroy_event(*event, None),
        }
    }
}
