//! A slot: memory that the GPU writes and the CPU reads, and how each knows when.

#![allow(unsafe_code)]

use std::ptr::NonNull;

use glow::HasContext;

use super::context::{Context, failed};
use super::state::PackBuffer;
use crate::graphics::{GraphicsError, Memory, Params};
use crate::units::Size;

/// See `mod.rs`: a storage buffer of the compute shader, or a pixel buffer that a drawing is read into.
#[derive(Debug)]
pub struct Slot {
    bytes: usize,
    pub buffer: glow::Buffer,
    pub params: glow::Buffer,
    /// What `params` holds, which seldom changes.
    written: Option<Params>,
    /// Made with the first drawing.
    pub target: Option<Target>,
    mapped: Option<NonNull<u8>>,
    /// Mapped for as long as it exists.
    persistent: bool,
    /// Of what was recorded last.
    recorded_bytes: usize,
    fence: Option<glow::Fence>,
}

// SAFETY: names of a context's objects and memory mapped for the whole process; the backend uses them on the context's
// thread only.
unsafe impl Send for Slot {}

/// What a picture is drawn into where there is no compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub framebuffer: glow::Framebuffer,
    pub renderbuffer: glow::Renderbuffer,
    /// In texels of four bytes.
    pub size: Size,
}

/// What the GPU says of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Done,
    Pending,
    /// The call failed with that answer.
    Failed(u32),
}

impl Slot {
    pub fn new(context: &Context, bytes: usize) -> Result<Self, GraphicsError> {
        let gl = &context.gl;
        let length = i32::try_from(bytes).map_err(|_| failed("glBufferData", glow::OUT_OF_MEMORY))?;
        // SAFETY: the context is current; every binding is given back.
        unsafe {
            let buffer = gl.create_buffer().map_err(|_| failed("glGenBuffers", 0))?;
            let params = gl.create_buffer().map_err(|_| failed("glGenBuffers", 0))?;
            let uniforms = gl.get_parameter_buffer(glow::UNIFORM_BUFFER_BINDING);
            gl.bind_buffer(glow::UNIFORM_BUFFER, Some(params));
            gl.buffer_data_size(glow::UNIFORM_BUFFER, Params::BYTES as i32, glow::DYNAMIC_DRAW);
            gl.bind_buffer(glow::UNIFORM_BUFFER, uniforms);

            let pack = PackBuffer::replace(context, Some(buffer));
            let persistent = context.features.capabilities.buffer_storage;
            let mut mapped = None;
            if persistent {
                // What has no barrier to ask for is coherent from the start.
                let coherent = if context.features.memory_barrier { 0 } else { glow::MAP_COHERENT_BIT };
                let access = glow::MAP_READ_BIT | glow::MAP_PERSISTENT_BIT | coherent;
                gl.buffer_storage(glow::PIXEL_PACK_BUFFER, length, None, access | glow::CLIENT_STORAGE_BIT);
                mapped = NonNull::new(gl.map_buffer_range(glow::PIXEL_PACK_BUFFER, 0, length, access));
            } else {
                gl.buffer_data_size(glow::PIXEL_PACK_BUFFER, length, glow::STREAM_READ);
            }
            let there = gl.get_buffer_parameter_i32(glow::PIXEL_PACK_BUFFER, glow::BUFFER_SIZE);
            pack.restore(context);
            let slot = Self {
                bytes,
                buffer,
                params,
                written: None,
                target: None,
                mapped,
                persistent,
                recorded_bytes: 0,
                fence: None,
            };
            if there != length || (persistent && mapped.is_none()) {
                // The context noted an error, most likely that of memory; it is ours to take back.
                let code = gl.get_error();
                slot.destroy(context);
                return Err(failed("glBufferData", code));
            }
            Ok(slot)
        }
    }

    /// Gives the shader its parameters. The GPU has finished with this slot, so nothing waits.
    pub fn write_params(&mut self, context: &Context, params: Params) {
        if self.written.replace(params) == Some(params) {
            return;
        }
        // SAFETY: the caller's state is given back by the caller.
        unsafe {
            context.gl.bind_buffer(glow::UNIFORM_BUFFER, Some(self.params));
            context.gl.buffer_sub_data_u8_slice(glow::UNIFORM_BUFFER, 0, &params.to_bytes());
        }
    }

    /// Marks the end of a recording of that many bytes and hands it to the GPU.
    pub fn submit(&mut self, context: &Context, bytes: usize) -> Result<(), GraphicsError> {
        let gl = &context.gl;
        self.recorded_bytes = bytes;
        // SAFETY: the context is current.
        unsafe {
            self.drop_fence(context);
            let fence = gl.fence_sync(glow::SYNC_GPU_COMMANDS_COMPLETE, 0).ok().filter(|fence| !fence.0.is_null());
            self.fence = Some(fence.ok_or(failed("glFenceSync", 0))?);
            // Else the fence may stay with the driver until the host flushes, which could be a frame later.
            gl.flush();
        }
        Ok(())
    }

    /// Asks without waiting.
    pub fn progress(&mut self, context: &Context) -> Progress {
        let Some(fence) = self.fence else { return Progress::Done };
        // SAFETY: the fence is this context's.
        let answer = unsafe { context.gl.client_wait_sync(fence, 0, 0) };
        match answer {
            glow::ALREADY_SIGNALED | glow::CONDITION_SATISFIED => {
                self.drop_fence(context);
                Progress::Done
            }
            glow::TIMEOUT_EXPIRED => Progress::Pending,
            other => Progress::Failed(other),
        }
    }

    /// The memory, once the GPU has finished.
    pub fn map(&mut self, context: &Context) -> Result<Memory, GraphicsError> {
        if self.persistent {
            let start = self.mapped.ok_or(failed("glMapBufferRange", 0))?;
            return Ok(Memory { start, bytes: self.bytes });
        }
        let pack = PackBuffer::replace(context, Some(self.buffer));
        // SAFETY: the buffer is bound, not mapped, and has that many bytes, which fit `i32`.
        let start = unsafe {
            let length = self.recorded_bytes as i32;
            context.gl.map_buffer_range(glow::PIXEL_PACK_BUFFER, 0, length, glow::MAP_READ_BIT)
        };
        pack.restore(context);
        self.mapped = NonNull::new(start);
        let start = self.mapped.ok_or(failed("glMapBufferRange", 0))?;
        Ok(Memory { start, bytes: self.recorded_bytes })
    }

    /// Takes the memory back, where the GPU could not write otherwise.
    pub fn unmap(&mut self, context: &Context) {
        if self.persistent || self.mapped.take().is_none() {
            return;
        }
        let pack = PackBuffer::replace(context, Some(self.buffer));
        // SAFETY: the buffer is bound and mapped, and nobody reads it any more.
        unsafe { context.gl.unmap_buffer(glow::PIXEL_PACK_BUFFER) };
        pack.restore(context);
    }

    /// Deleting unmaps. The GPU has finished, or the context keeps what it still needs.
    pub fn destroy(mut self, context: &Context) {
        let gl = &context.gl;
        self.drop_fence(context);
        // SAFETY: they are our own, and bound nowhere.
        unsafe {
            if let Some(target) = self.target.take() {
                target.destroy(context);
            }
            gl.delete_buffer(self.buffer);
            gl.delete_buffer(self.params);
        }
    }

    fn drop_fence(&mut self, context: &Context) {
        if let Some(fence) = self.fence.take() {
            // SAFETY: the fence is this context's and deleted once.
            unsafe { context.gl.delete_sync(fence) };
        }
    }
}

impl Target {
    /// The slot's target in that size, made or made anew.
    pub fn of(slot: &mut Option<Self>, context: &Context, size: Size) -> Result<Self, GraphicsError> {
        if let Some(target) = slot.filter(|target| target.size == size) {
            return Ok(target);
        }
        if size.width.max(size.height) > context.max_side {
            return Err(failed("glRenderbufferStorage", glow::INVALID_VALUE));
        }
        if let Some(old) = slot.take() {
            old.destroy(context);
        }
        let gl = &context.gl;
        // SAFETY: the context is current; the renderbuffer's binding is given back here, the framebuffers' by the caller.
        let (target, status) = unsafe {
            let renderbuffer = gl.create_renderbuffer().map_err(|_| failed("glGenRenderbuffers", 0))?;
            let framebuffer = gl.create_framebuffer().map_err(|_| failed("glGenFramebuffers", 0))?;
            let was = gl.get_parameter_renderbuffer(glow::RENDERBUFFER_BINDING);
            gl.bind_renderbuffer(glow::RENDERBUFFER, Some(renderbuffer));
            gl.renderbuffer_storage(glow::RENDERBUFFER, glow::RGBA8, size.width as i32, size.height as i32);
            gl.bind_renderbuffer(glow::RENDERBUFFER, was);
            gl.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
            let place = glow::COLOR_ATTACHMENT0;
            gl.framebuffer_renderbuffer(glow::FRAMEBUFFER, place, glow::RENDERBUFFER, Some(renderbuffer));
            (Self { framebuffer, renderbuffer, size }, gl.check_framebuffer_status(glow::FRAMEBUFFER))
        };
        if status != glow::FRAMEBUFFER_COMPLETE {
            target.destroy(context);
            return Err(failed("glCheckFramebufferStatus", status));
        }
        Ok(*slot.insert(target))
    }

    pub fn destroy(self, context: &Context) {
        // SAFETY: they are our own.
        unsafe {
            context.gl.delete_framebuffer(self.framebuffer);
            context.gl.delete_renderbuffer(self.renderbuffer);
        }
    }
}
