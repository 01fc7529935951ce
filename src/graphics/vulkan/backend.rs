//! Vulkan as the ring wants it.

#![allow(unsafe_code)]

use std::mem;
use std::sync::Arc;

use ash::vk::{self, Handle};

use super::commands::Source;
use super::completion::{self, Completion};
use super::format::Formats;
use super::functions::{Gpu, unavailable};
use super::host::{Recorder, VulkanDevice};
use super::memory::{MappedBuffer, MemoryTypes, Use};
use super::pipeline::Pipeline;
use super::queue::{OwnQueue, QueueSlot};
use super::recorder::HostQueue;
use crate::graphics::backend::{Api, Backend, Fence, Memory, NewSlot};
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::{Params, PictureLayout};
use crate::graphics::texture::Job;

/// Vulkan on a host's device.
#[derive(Debug)]
pub struct VulkanBackend {
    name: String,
    gpu: Arc<Gpu>,
    types: MemoryTypes,
    formats: Formats,
    /// Slots that exist.
    slots: usize,
    /// None once closed.
    made: Option<Made>,
}

/// What goes when the device is closed.
#[derive(Debug)]
struct Made {
    way: Way,
    pipeline: Pipeline,
}

/// How recordings reach the GPU.
#[derive(Debug)]
enum Way {
    Own(OwnQueue),
    Host(HostQueue),
}

/// Memory for one picture, and what records into it.
#[derive(Debug)]
pub struct VulkanSlot {
    buffer: MappedBuffer,
    completion: Arc<Completion>,
    way: SlotWay,
}

#[derive(Debug)]
enum SlotWay {
    Own(QueueSlot),
    /// The frame that it was last recorded in.
    Host(u64),
}

impl VulkanBackend {
    /// On a queue that the host lends: submits at once.
    pub fn on_queue(host: VulkanDevice) -> Result<Self, GraphicsError> {
        if host.queue == 0 {
            return Err(unavailable("the queue is 0"));
        }
        Self::new(&host, |gpu| OwnQueue::new(gpu, &host).map(Way::Own))
    }

    /// In command buffers that the host lends: submits nothing.
    pub fn with_recorder(host: VulkanDevice, recorder: Box<dyn Recorder>) -> Result<Self, GraphicsError> {
        let host = host.with_timeline_semaphores(false);
        Self::new(&host, |gpu| Ok(Way::Host(HostQueue::new(gpu, recorder))))
    }

    fn new(
        host: &VulkanDevice,
        way: impl FnOnce(&Arc<Gpu>) -> Result<Way, GraphicsError>,
    ) -> Result<Self, GraphicsError> {
        let (instance, gpu) = Gpu::load(host)?;
        let gpu = Arc::new(gpu);
        let physical = vk::PhysicalDevice::from_raw(host.physical_device);
        // SAFETY: valid handles, by the promise of `VulkanDevice::new`.
        let (properties, families) = unsafe {
            (
                instance.get_physical_device_properties(physical),
                instance.get_physical_device_queue_family_properties(physical),
            )
        };
        let family = families.get(host.queue_family as usize);
        if !family.is_some_and(|family| family.queue_flags.contains(vk::QueueFlags::COMPUTE)) {
            return Err(unavailable(format!("queue family {} cannot compute", host.queue_family)));
        }
        let name = properties.device_name_as_c_str().unwrap_or_default().to_string_lossy().into_owned();
        let made = Made { pipeline: Pipeline::new(&gpu)?, way: way(&gpu)? };
        Ok(Self {
            name,
            types: MemoryTypes::of(&instance, physical),
            formats: Formats::of(&instance, physical),
            slots: 0,
            made: Some(made),
            gpu,
        })
    }
}

fn closed() -> GraphicsError {
    GraphicsError::DeviceLost { api: Api::Vulkan }
}

impl Backend for VulkanBackend {
    type Slot = VulkanSlot;

    fn api(&self) -> Api {
        Api::Vulkan
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<VulkanSlot>, GraphicsError> {
        if bytes > self.types.max_storage_bytes {
            let code = i64::try_from(bytes).unwrap_or(i64::MAX);
            return Err(GraphicsError::Call { api: Api::Vulkan, call: "maxStorageBufferRange", code });
        }
        let made = self.made.as_ref().ok_or_else(closed)?;
        let buffer = MappedBuffer::new(&self.gpu, &self.types, Use::ReadPictures, bytes)?;
        let (way, signal) = match &made.way {
            Way::Own(queue) => {
                let signal = queue.create_signal()?;
                match queue.create_slot(&self.types, &made.pipeline) {
                    Ok(slot) => (SlotWay::Own(slot), signal),
                    Err(error) => {
                        completion::destroy(&self.gpu, &signal);
                        return Err(error);
                    }
                }
            }
            Way::Host(queue) => (SlotWay::Host(0), queue.create_signal()),
        };
        let completion = Completion::new(&self.gpu, signal, &buffer);
        let fence = Some(Arc::clone(&completion) as Arc<dyn Fence>);
        self.slots += 1;
        Ok(NewSlot { slot: VulkanSlot { buffer, completion, way }, fence })
    }

    fn memory(&self, slot: &VulkanSlot) -> Option<Memory> {
        Some(slot.buffer.mapped())
    }

    fn destroy_slot(&mut self, slot: VulkanSlot) {
        self.slots -= 1;
        let Some(made) = &mut self.made else { return mem::forget(slot) };
        match (&mut made.way, slot.way) {
            (Way::Own(queue), SlotWay::Own(own)) => {
                queue.destroy_slot(own);
                completion::destroy(&self.gpu, &slot.completion.signal);
            }
            (Way::Host(queue), SlotWay::Host(frame)) => queue.retire(slot.buffer, slot.completion, frame),
            (_, way) => mem::forget(way),
        }
    }

    fn record(&mut self, slot: &mut VulkanSlot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        if self.gpu.is_gone() {
            return Err(closed());
        }
        let Made { way, pipeline } = self.made.as_mut().ok_or_else(closed)?;
        match (way, &mut slot.way) {
            (Way::Own(queue), SlotWay::Own(own)) => {
                let (format, transfer) = self.formats.read(job.texture.format, job.transfer)?;
                let source = Source::new(vk::Image::from_raw(job.texture.handle), job.texture.layout)?;
                let params = Params::new(&Job { transfer, ..*job }, picture);
                queue.submit(own, &slot.completion, &slot.buffer, pipeline, source, format, &params)
            }
            (Way::Host(queue), SlotWay::Host(frame)) => {
                let (types, formats) = (&self.types, &self.formats);
                *frame = queue.record(&slot.completion, &slot.buffer, pipeline, types, formats, job, picture)?;
                Ok(())
            }
            _ => Err(closed()),
        }
    }

    fn poll(&mut self, slot: &mut VulkanSlot) -> Result<Option<Memory>, GraphicsError> {
        if self.gpu.is_gone() {
            return Err(closed());
        }
        if let (Some(Made { way: Way::Host(queue), .. }), SlotWay::Host(frame)) = (&mut self.made, &slot.way)
            && queue.is_safe(*frame)
        {
            slot.completion.finish();
        }
        Ok(slot.completion.is_done()?.then(|| slot.buffer.mapped()))
    }

    fn is_lost(&self) -> bool {
        self.gpu.is_gone()
    }

    fn close(&mut self) {
        let Some(made) = self.made.take() else { return };
        self.gpu.set_gone();
        if self.slots > 0 {
            // The GPU or a reader still has a slot: what it stands on is left alone too.
            mem::forget(made);
        }
    }
}

impl Drop for VulkanBackend {
    fn drop(&mut self) {
        self.close();
    }
}
