//! The way to the GPU where the host lends its queue: command buffers of our own, submitted at once.

#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ash::vk::{self, Handle};

use super::binding::Binding;
use super::commands::{self, Source};
use super::completion::{Completion, Signal};
use super::functions::Gpu;
use super::host::VulkanDevice;
use super::memory::{MappedBuffer, MemoryTypes};
use super::pipeline::Pipeline;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::Params;

#[derive(Debug)]
pub(super) struct OwnQueue {
    gpu: Arc<Gpu>,
    queue: vk::Queue,
    pool: vk::CommandPool,
    /// Null without the feature: each slot has a fence then.
    timeline: vk::Semaphore,
    /// The timeline's value when the GPU has finished all that was submitted.
    submitted: u64,
}

/// What a slot has besides its memory.
#[derive(Debug)]
pub(super) struct QueueSlot {
    commands: vk::CommandBuffer,
    binding: Binding,
}

impl OwnQueue {
    pub fn new(gpu: &Arc<Gpu>, host: &VulkanDevice) -> Result<Self, GraphicsError> {
        let mut made = Self {
            gpu: Arc::clone(gpu),
            queue: vk::Queue::from_raw(host.queue),
            pool: vk::CommandPool::null(),
            timeline: vk::Semaphore::null(),
            submitted: 0,
        };
        let device = &gpu.device;
        let flags = vk::CommandPoolCreateFlags::RESET_COMMAND_BUFFER;
        let info = vk::CommandPoolCreateInfo::default().queue_family_index(host.queue_family).flags(flags);
        // SAFETY: valid handles and structures; what was made is destroyed by `Drop` should a later step fail.
        unsafe {
            made.pool = gpu.check("vkCreateCommandPool", device.create_command_pool(&info, None))?;
            if host.timeline_semaphores {
                let mut kind = vk::SemaphoreTypeCreateInfo::default().semaphore_type(vk::SemaphoreType::TIMELINE);
                let info = vk::SemaphoreCreateInfo::default().push_next(&mut kind);
                made.timeline = gpu.check("vkCreateSemaphore", device.create_semaphore(&info, None))?;
            }
        }
        Ok(made)
    }

    pub fn create_slot(&self, types: &MemoryTypes, pipeline: &Pipeline) -> Result<QueueSlot, GraphicsError> {
        let binding = Binding::new(&self.gpu, types, pipeline)?;
        let info = vk::CommandBufferAllocateInfo::default().command_pool(self.pool).command_buffer_count(1);
        // SAFETY: the pool is ours and is used on this thread only.
        let buffers = unsafe { self.gpu.device.allocate_command_buffers(&info) };
        let buffers = self.gpu.check("vkAllocateCommandBuffers", buffers)?;
        Ok(QueueSlot { commands: buffers.first().copied().unwrap_or_default(), binding })
    }

    pub fn create_signal(&self) -> Result<Signal, GraphicsError> {
        if self.timeline != vk::Semaphore::null() {
            return Ok(Signal::Timeline { semaphore: self.timeline, value: AtomicU64::new(0) });
        }
        // SAFETY: a valid device and structure.
        let fence = unsafe { self.gpu.device.create_fence(&vk::FenceCreateInfo::default(), None) };
        self.gpu.check("vkCreateFence", fence).map(Signal::Fence)
    }

    pub fn destroy_slot(&mut self, slot: QueueSlot) {
        // SAFETY: the GPU has finished with the command buffer.
        unsafe { self.gpu.device.free_command_buffers(self.pool, &[slot.commands]) };
    }

    /// Records and submits. Nothing has reached the GPU on an error.
    #[allow(clippy::too_many_arguments, reason = "all that one submission is made of")]
    pub fn submit(
        &mut self,
        slot: &mut QueueSlot,
        completion: &Completion,
        picture: &MappedBuffer,
        pipeline: &Pipeline,
        source: Source,
        format: vk::Format,
        params: &Params,
    ) -> Result<(), GraphicsError> {
        slot.binding.bind(source.image, format, source.read_layout, picture, params)?;
        completion.reset()?;
        let gpu = &self.gpu;
        let buffers = [slot.commands];
        let once = vk::CommandBufferBeginInfo::default().flags(vk::CommandBufferUsageFlags::ONE_TIME_SUBMIT);
        // SAFETY: the GPU has finished with the slot's last recording; beginning resets it.
        unsafe {
            gpu.check("vkBeginCommandBuffer", gpu.device.begin_command_buffer(slot.commands, &once))?;
            commands::record(gpu, slot.commands, pipeline, &slot.binding, source, picture, params);
            gpu.check("vkEndCommandBuffer", gpu.device.end_command_buffer(slot.commands))?;
        }
        let value = self.submitted + 1;
        let (semaphores, values) = ([self.timeline], [value]);
        let mut timeline = vk::TimelineSemaphoreSubmitInfo::default().signal_semaphore_values(&values);
        let mut info = vk::SubmitInfo::default().command_buffers(&buffers);
        let fence = match &completion.signal {
            Signal::Fence(fence) => *fence,
            _ => vk::Fence::null(),
        };
        if let Signal::Timeline { value: awaited, .. } = &completion.signal {
            awaited.store(value, Ordering::Release);
            info = info.signal_semaphores(&semaphores).push_next(&mut timeline);
        }
        // SAFETY: the host promises that nobody else uses the queue now.
        let result = unsafe { gpu.device.queue_submit(self.queue, &[info], fence) };
        gpu.check("vkQueueSubmit", result)?;
        self.submitted = value;
        Ok(())
    }
}

impl Drop for OwnQueue {
    fn drop(&mut self) {
        // SAFETY: the backend drops it when no slot is in use any more.
        unsafe {
            self.gpu.device.destroy_command_pool(self.pool, None);
            if self.timeline != vk::Semaphore::null() {
                self.gpu.device.destroy_semaphore(self.timeline, None);
            }
        }
    }
}
