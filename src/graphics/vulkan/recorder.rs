//! The way to the GPU where the host owns the queue: our commands go into its command buffer.
//!
//! A picture is finished when an event at the end of our commands is set, which is sooner than the host's frame is. Its
//! slot is free for another then; but what the host's command buffer names may not change while that is pending, so
//! bindings and freed slots wait here for the host's word that their frame is finished.

#![allow(unsafe_code)]

use std::fmt;
use std::sync::Arc;

use ash::vk::{self, Handle};

use super::binding::Binding;
use super::commands::{self, Source};
use super::completion::{self, Completion, Signal};
use super::format::Formats;
use super::functions::Gpu;
use super::host::{Recorder, Recording};
use super::memory::{MappedBuffer, MemoryTypes};
use super::pipeline::Pipeline;
use crate::graphics::backend::Api;
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::{Params, PictureLayout};
use crate::graphics::texture::Job;

/// Bindings of a device at most: a few frames in flight of several streamers.
const MAX_BINDINGS: usize = 64;

pub(super) struct HostQueue {
    gpu: Arc<Gpu>,
    recorder: Box<dyn Recorder>,
    /// The newest frame known to be finished.
    safe_frame: u64,
    /// Each with the frame that it was last used in.
    bindings: Vec<(Binding, u64)>,
    /// Slots that are gone, each with the frame that used it last.
    retired: Vec<(MappedBuffer, Arc<Completion>, u64)>,
}

impl fmt::Debug for HostQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { safe_frame, bindings, retired, .. } = self;
        write!(f, "HostQueue {{ safe_frame: {safe_frame}, bindings: {}, retired: {} }}", bindings.len(), retired.len())
    }
}

impl HostQueue {
    pub fn new(gpu: &Arc<Gpu>, recorder: Box<dyn Recorder>) -> Self {
        Self { gpu: Arc::clone(gpu), recorder, safe_frame: 0, bindings: Vec::new(), retired: Vec::new() }
    }

    pub fn create_signal(&self) -> Signal {
        // SAFETY: a valid device and structure.
        let event = unsafe { self.gpu.device.create_event(&vk::EventCreateInfo::default(), None) };
        // Where there are none (Vulkan on Metal), the host's word is enough.
        Signal::Event(event.unwrap_or_default())
    }

    /// Records into the host's command buffer and gives the number of its frame. Nothing was recorded on an error.
    #[allow(clippy::too_many_arguments, reason = "all that one recording is made of")]
    pub fn record(
        &mut self,
        completion: &Completion,
        buffer: &MappedBuffer,
        pipeline: &Pipeline,
        types: &MemoryTypes,
        formats: &Formats,
        job: &Job,
        picture: &PictureLayout,
    ) -> Result<u64, GraphicsError> {
        let skipped = GraphicsError::Skipped { api: Api::Vulkan };
        let Some(Recording { command_buffer, image, image_layout, format, current_frame, safe_frame }) =
            self.recorder.record(&job.texture)
        else {
            return Err(skipped);
        };
        self.note_safe(safe_frame);
        let (format, transfer) = formats.read(format, job.transfer)?;
        let source = Source::new(vk::Image::from_raw(image), image_layout)?;
        let params = Params::new(&Job { transfer, ..*job }, picture);
        let safe_frame = self.safe_frame;
        let free = self.bindings.iter().position(|(_, frame)| *frame <= safe_frame);
        let index = match free {
            Some(index) => index,
            None if self.bindings.len() < MAX_BINDINGS => {
                self.bindings.push((Binding::new(&self.gpu, types, pipeline)?, 0));
                self.bindings.len() - 1
            }
            None => return Err(skipped),
        };
        let (binding, frame) = &mut self.bindings[index];
        binding.bind(source.image, format, source.read_layout, buffer, &params)?;
        completion.reset()?;
        *frame = current_frame;
        let commands = vk::CommandBuffer::from_raw(command_buffer);
        // SAFETY: the recorder's command buffer is recording, and what it will name lives until its frame is finished.
        unsafe {
            commands::record(&self.gpu, commands, pipeline, binding, source, buffer, &params);
            if let Signal::Event(event) = completion.signal
                && event != vk::Event::null()
            {
                // After the barrier in front of it, so that the CPU sees the picture once it sees the event.
                self.gpu.device.cmd_set_event(commands, event, vk::PipelineStageFlags::ALL_COMMANDS);
            }
        }
        Ok(current_frame)
    }

    /// Asks the host again what is finished.
    pub fn is_safe(&mut self, frame: u64) -> bool {
        if frame > self.safe_frame {
            let safe_frame = self.recorder.safe_frame();
            self.note_safe(safe_frame);
        }
        frame <= self.safe_frame
    }

    fn note_safe(&mut self, frame: u64) {
        self.safe_frame = self.safe_frame.max(frame);
        let (gpu, safe_frame) = (&self.gpu, self.safe_frame);
        self.retired.retain(|(_, completion, frame)| {
            let is_safe = *frame <= safe_frame;
            if is_safe {
                completion::destroy(gpu, &completion.signal);
            }
            !is_safe
        });
    }

    /// Frees a slot once its frame is finished.
    pub fn retire(&mut self, buffer: MappedBuffer, completion: Arc<Completion>, frame: u64) {
        self.retired.push((buffer, completion, frame));
        self.is_safe(frame);
        self.note_safe(self.safe_frame);
    }
}

impl Drop for HostQueue {
    fn drop(&mut self) {
        // Every command of ours has been executed, whether or not the host has said so: the slots' events were set.
        for (_, completion, _) in &self.retired {
            completion::destroy(&self.gpu, &completion.signal);
        }
    }
}
