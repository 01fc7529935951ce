//! A host that owns its queue, as Unity does: frames with numbers, one command buffer for each, three in flight.

use std::sync::{Arc, Mutex};

use ash::vk::{self, Handle};
use rendercast::graphics::Texture;
use rendercast::graphics::vulkan::{Recorder, Recording};

use super::host::Host;

const IN_FLIGHT: usize = 3;

pub struct Engine<'a> {
    host: &'a Host,
    frames: Vec<(vk::CommandBuffer, vk::Fence, u64)>,
    now: Arc<Mutex<Now>>,
}

/// What the engine tells its plugins.
#[derive(Default)]
pub struct Now {
    commands: Option<vk::CommandBuffer>,
    frame: u64,
    safe_frame: u64,
    /// The engine never says that a frame is finished.
    pub silent: bool,
    /// There is nothing to record into.
    pub busy: bool,
}

pub struct EngineRecorder(Arc<Mutex<Now>>);

impl Recorder for EngineRecorder {
    fn record(&mut self, texture: &Texture) -> Option<Recording> {
        let now = self.0.lock().unwrap();
        let commands = now.commands.filter(|_| !now.busy)?;
        Some(Recording {
            command_buffer: commands.as_raw(),
            image: texture.handle,
            image_layout: texture.layout,
            format: texture.format,
            current_frame: now.frame,
            safe_frame: if now.silent { 0 } else { now.safe_frame },
        })
    }

    fn safe_frame(&mut self) -> u64 {
        let now = self.0.lock().unwrap();
        if now.silent { 0 } else { now.safe_frame }
    }
}

impl<'a> Engine<'a> {
    pub fn new(host: &'a Host) -> Self {
        let info =
            vk::CommandBufferAllocateInfo::default().command_pool(host.pool).command_buffer_count(IN_FLIGHT as u32);
        // SAFETY: valid handles and structures.
        let frames = unsafe {
            let buffers = host.device.allocate_command_buffers(&info).expect("commands");
            let fence = || host.device.create_fence(&vk::FenceCreateInfo::default(), None).expect("fence");
            buffers.into_iter().map(|commands| (commands, fence(), 0)).collect()
        };
        Self { host, frames, now: Arc::default() }
    }

    pub fn recorder(&self) -> Box<dyn Recorder> {
        Box::new(EngineRecorder(Arc::clone(&self.now)))
    }

    pub fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap()
    }

    /// Runs a frame: what `draw` records is submitted at its end.
    pub fn frame<T>(&mut self, draw: impl FnOnce() -> T) -> T {
        let device = &self.host.device;
        let number = self.now().frame + 1;
        let (commands, fence, last) = &mut self.frames[number as usize % IN_FLIGHT];
        // SAFETY: valid handles; the command buffer is begun again when its last frame is finished.
        unsafe {
            if *last > 0 {
                device.wait_for_fences(&[*fence], true, u64::MAX).expect("fence");
                device.reset_fences(&[*fence]).expect("fence");
            }
            device.begin_command_buffer(*commands, &vk::CommandBufferBeginInfo::default()).expect("begin");
        }
        {
            let mut now = self.now.lock().unwrap();
            now.safe_frame = now.safe_frame.max(*last);
            (now.commands, now.frame) = (Some(*commands), number);
        }
        *last = number;
        let drawn = draw();
        self.now.lock().unwrap().commands = None;
        let buffers = [*commands];
        // SAFETY: as above.
        unsafe {
            device.end_command_buffer(*commands).expect("end");
            let submit = vk::SubmitInfo::default().command_buffers(&buffers);
            device.queue_submit(self.host.queue, &[submit], *fence).expect("submit");
        }
        drawn
    }

    /// Waits for every frame.
    pub fn finish(&mut self) {
        self.host.wait_idle();
        let mut now = self.now.lock().unwrap();
        now.safe_frame = now.frame;
    }
}

impl Drop for Engine<'_> {
    fn drop(&mut self) {
        self.host.wait_idle();
        for (commands, fence, _) in &self.frames {
            // SAFETY: the GPU has finished.
            unsafe {
                self.host.device.destroy_fence(*fence, None);
                self.host.device.free_command_buffers(self.host.pool, &[*commands]);
            }
        }
    }
}
