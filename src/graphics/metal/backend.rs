//! `Backend` on Metal.

#![allow(unsafe_code)] // the host's objects come as pointers

use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use block2::RcBlock;
use objc2::rc::{Retained, autoreleasepool};
use objc2::runtime::ProtocolObject;
use objc2_metal::{
    MTLCommandBuffer, MTLCommandEncoder, MTLCommandQueue, MTLComputeCommandEncoder, MTLComputePipelineState, MTLDevice,
    MTLResource, MTLSize, MTLTexture,
};

use super::completion::Outcome;
use super::pipeline::{compile, unavailable};
use super::rules::{self, Described};
use super::slot::{MetalSlot, failed};
use crate::frame::Surface;
use crate::graphics::backend::{Api, Backend, Fence, Memory, NewSlot};
use crate::graphics::error::GraphicsError;
use crate::graphics::picture::{Params, PictureLayout};
use crate::graphics::texture::Job;

/// A host whose textures are drawn by a command buffer that it commits after we have recorded into it.
pub trait MetalRecorder: Send {
    /// The `id<MTLCommandBuffer>` to record into: not yet committed, without an open encoder, and committed by the host
    /// later. None: not now.
    fn command_buffer(&mut self) -> Option<NonNull<c_void>>;
}

/// Where the pass goes.
enum Submit {
    /// Into a command buffer of our own, after what was committed to the queue before.
    Queue(Retained<ProtocolObject<dyn MTLCommandQueue>>),
    Recorder(Box<dyn MetalRecorder>),
}

pub struct MetalBackend {
    device: Retained<ProtocolObject<dyn MTLDevice>>,
    pipeline: Retained<ProtocolObject<dyn MTLComputePipelineState>>,
    submit: Submit,
    name: String,
    lost: bool,
}

impl MetalBackend {
    /// On a queue of the host's, or with NULL on one of our own. Metal orders command buffers within a queue only: with our
    /// own the host hands over textures that the GPU has finished drawing.
    ///
    /// # Safety
    /// The pointers are NULL, or an `id<MTLDevice>` and an `id<MTLCommandQueue>` of it; every texture pushed later is an
    /// `id<MTLTexture>` that is alive during the call.
    pub unsafe fn with_queue(device: *mut c_void, queue: *mut c_void) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        let queue = unsafe { Retained::retain(queue.cast::<ProtocolObject<dyn MTLCommandQueue>>()) };
        // SAFETY: the caller's promise.
        unsafe {
            Self::new(device, |device| {
                let queue = queue.or_else(|| device.newCommandQueue());
                queue.map(Submit::Queue).ok_or_else(|| unavailable("it gives no command queue"))
            })
        }
    }

    /// Into the host's own command buffers.
    ///
    /// # Safety
    /// As for `with_queue`; every texture also lives until its command buffer has completed, and what the recorder gives is
    /// what it is said to be.
    pub unsafe fn with_recorder(device: *mut c_void, recorder: Box<dyn MetalRecorder>) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        unsafe { Self::new(device, |_| Ok(Submit::Recorder(recorder))) }
    }

    /// # Safety
    /// The device is NULL or an `id<MTLDevice>`.
    unsafe fn new(
        device: *mut c_void,
        submit: impl FnOnce(&ProtocolObject<dyn MTLDevice>) -> Result<Submit, GraphicsError>,
    ) -> Result<Self, GraphicsError> {
        autoreleasepool(|_| {
            // SAFETY: the caller's promise.
            let device = unsafe { Retained::retain(device.cast::<ProtocolObject<dyn MTLDevice>>()) };
            let device = device.ok_or_else(|| unavailable("no device was given"))?;
            let pipeline = compile(&device)?;
            let group = Params::WORKGROUP[0] as usize * Params::WORKGROUP[1] as usize;
            if pipeline.maxTotalThreadsPerThreadgroup() < group {
                return Err(unavailable("its threadgroups are too small"));
            }
            let (submit, name) = (submit(&device)?, device.name().to_string());
            Ok(Self { device, pipeline, submit, name, lost: false })
        })
    }

    fn encode(&mut self, slot: &mut MetalSlot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        // SAFETY: the host's promise about textures; the pool of this call ends after the last use.
        let texture = unsafe { texture(job.texture.handle) }.ok_or(GraphicsError::NullTexture)?;
        let transfer = rules::check(&job.texture, &describe(texture), job.transfer)?;
        if texture.device().registryID() != self.device.registryID() {
            return Err(failed("the texture is another device's; it"));
        }
        let params = Params::new(&Job { transfer, ..*job }, picture);
        let views = slot.prepare(&self.device, picture.size)?;
        let buffer = self.command_buffer()?;
        let encoder = buffer.computeCommandEncoder().ok_or_else(|| failed("computeCommandEncoder"))?;
        encoder.setComputePipelineState(&self.pipeline);
        let bytes = params.to_bytes();
        // SAFETY: where planes.metal has its bindings; the bytes are copied during the call.
        unsafe {
            encoder.setTexture_atIndex(Some(texture), 0);
            encoder.setTexture_atIndex(Some(&views.luma), 1);
            encoder.setTexture_atIndex(Some(&views.chroma), 2);
            encoder.setBytes_length_atIndex(NonNull::from(&bytes).cast(), bytes.len(), 0);
        }
        let size = |[width, height]: [u32; 2]| MTLSize { width: width as usize, height: height as usize, depth: 1 };
        encoder.dispatchThreadgroups_threadsPerThreadgroup(size(params.workgroups()), size(Params::WORKGROUP));
        encoder.endEncoding();
        slot.completion.begin();
        slot.told = false;
        // SAFETY: the block takes what Metal gives, and Metal retains it.
        unsafe { buffer.addCompletedHandler(RcBlock::as_ptr(&slot.completed)) };
        if let Submit::Queue(_) = self.submit {
            buffer.commit();
        }
        Ok(())
    }

    fn command_buffer(&mut self) -> Result<Retained<ProtocolObject<dyn MTLCommandBuffer>>, GraphicsError> {
        match &mut self.submit {
            // It retains what it uses, so that a texture that the host releases meanwhile is still there.
            Submit::Queue(queue) => queue.commandBuffer().ok_or_else(|| failed("commandBuffer")),
            Submit::Recorder(recorder) => {
                let buffer = recorder.command_buffer().ok_or_else(|| failed("the host's command buffer"))?;
                // SAFETY: the recorder's promise.
                let buffer =
                    unsafe { Retained::retain(buffer.cast::<ProtocolObject<dyn MTLCommandBuffer>>().as_ptr()) };
                buffer.ok_or_else(|| failed("the host's command buffer"))
            }
        }
    }
}

/// # Safety
/// The handle is 0 or an `id<MTLTexture>` that is alive for as long as the result is used.
unsafe fn texture<'a>(handle: u64) -> Option<&'a ProtocolObject<dyn MTLTexture>> {
    let address = usize::try_from(handle).ok()?;
    // SAFETY: the caller's promise.
    unsafe { std::ptr::with_exposed_provenance::<ProtocolObject<dyn MTLTexture>>(address).as_ref() }
}

fn describe(texture: &ProtocolObject<dyn MTLTexture>) -> Described {
    Described {
        kind: texture.textureType().0,
        // A number that does not fit is none of ours.
        format: u32::try_from(texture.pixelFormat().0).unwrap_or(u32::MAX),
        usage: texture.usage().bits(),
        samples: texture.sampleCount(),
        framebuffer_only: texture.isFramebufferOnly(),
        width: texture.width(),
        height: texture.height(),
    }
}

impl Backend for MetalBackend {
    type Slot = MetalSlot;

    fn api(&self) -> Api {
        Api::Metal
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Its pixel buffers are made when the first picture tells their size.
    fn create_slot(&mut self, _bytes: usize) -> Result<NewSlot<MetalSlot>, GraphicsError> {
        let slot = MetalSlot::new();
        let fence = Arc::clone(&slot.completion) as Arc<dyn Fence>;
        Ok(NewSlot { slot, fence: Some(fence) })
    }

    /// Pictures are read from their surface.
    fn memory(&self, _slot: &MetalSlot) -> Option<Memory> {
        None
    }

    fn picture(&self, slot: &MetalSlot, asked: &PictureLayout) -> PictureLayout {
        slot.layout().unwrap_or(*asked)
    }

    fn surface(&self, slot: &MetalSlot) -> Option<Surface> {
        slot.surface()
    }

    fn destroy_slot(&mut self, slot: MetalSlot) {
        autoreleasepool(|_| drop(slot));
    }

    fn record(&mut self, slot: &mut MetalSlot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        autoreleasepool(|_| self.encode(slot, job, picture))
    }

    fn poll(&mut self, slot: &mut MetalSlot) -> Result<Option<Memory>, GraphicsError> {
        match slot.completion.outcome() {
            Outcome::Pending => Ok(None),
            // The error of one picture is told once; the slot is then as good as any.
            Outcome::Failed(code) if !slot.told => {
                slot.told = true;
                self.lost |= rules::is_lost(code);
                Err(rules::error("MTLCommandBuffer", code))
            }
            Outcome::Failed(_) | Outcome::Done => Ok(Some(Memory::NOWHERE)),
        }
    }

    fn is_lost(&self) -> bool {
        self.lost
    }
}

impl fmt::Debug for MetalBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetalBackend").field("name", &self.name).field("lost", &self.lost).finish_non_exhaustive()
    }
}
