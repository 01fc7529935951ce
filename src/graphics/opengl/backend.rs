//! Recording into the host's context and asking it, without waiting, what is done.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};

use glow::HasContext;

use super::capabilities::Capabilities;
use super::context::{Context, failed};
use super::program::Programs;
use super::raster_state::{RasterState, set_viewport};
use super::slot::{Progress, Slot, Target};
use super::source::Sampler;
use super::state::State;
use super::{program, source};
use crate::graphics::{Api, Backend, GraphicsError, Job, Memory, NewSlot, Params, PictureLayout, Transfer};
use crate::units::Size;

/// What is drawn before our own reading, and what a texture's reader wants to see of it. Without both, llvmpipe 22 was seen
/// to give the frame before; where the texture is bound anew, as here, it waits inside of the dispatch by itself, which is
/// nothing to rely on.
const BEFORE: u32 = glow::TEXTURE_FETCH_BARRIER_BIT | glow::FRAMEBUFFER_BARRIER_BIT;

/// How pictures are made in this context.
#[derive(Debug)]
enum Path {
    Compute(Programs),
    Draw { programs: Programs, vertex_array: glow::VertexArray },
}

/// OpenGL and OpenGL ES, in one context of the host's.
///
/// Everything happens in the context that was current when it was made: it has to be current, on the calling thread,
/// with every call, dropping included, and textures have to be its own or shared with it. For another context make
/// another one. What is pushed is recorded at once, so a texture may be drawn into again right after. Not between
/// `glBeginTransformFeedback`, `glBeginConditionalRender` or `glBeginQuery` and their ends.
#[derive(Debug)]
pub struct OpenGl {
    context: Context,
    sampler: Sampler,
    path: Path,
}

impl OpenGl {
    /// Makes the pipeline in the context that is current on this thread: OpenGL from 3.3, OpenGL ES from 3.0. Compiles
    /// shaders, so not while a frame is due.
    ///
    /// `get_proc_address` is asked for core functions too, which `wglGetProcAddress` does not know all of.
    ///
    /// # Safety
    /// What `get_proc_address` gives for a name is NULL or the function of that name.
    pub unsafe fn new(get_proc_address: impl Fn(&CStr) -> *const c_void) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        unsafe { Self::with_capabilities(get_proc_address, Capabilities::default()) }
    }

    /// `new`, without using what `allowed` rules out.
    ///
    /// # Safety
    /// As `new`.
    pub unsafe fn with_capabilities(
        get_proc_address: impl Fn(&CStr) -> *const c_void,
        allowed: Capabilities,
    ) -> Result<Self, GraphicsError> {
        // SAFETY: the caller's promise.
        let mut context = unsafe { Context::new(get_proc_address, allowed)? };
        let path = match context.features.capabilities.compute.then(|| Programs::compute(&context)) {
            Some(Ok(programs)) => Path::Compute(programs),
            Some(Err(error)) => {
                tracing::warn!(%error, "pictures are drawn instead of computed");
                context.features.capabilities.compute = false;
                Self::draw(&context)?
            }
            None => Self::draw(&context)?,
        };
        match Sampler::new(&context) {
            Ok(sampler) => Ok(Self { context, sampler, path }),
            Err(error) => {
                path.destroy(&context);
                Err(error)
            }
        }
    }

    /// What is used of the context.
    pub fn capabilities(&self) -> Capabilities {
        self.context.features.capabilities
    }

    fn draw(context: &Context) -> Result<Path, GraphicsError> {
        let programs = Programs::fragment(context)?;
        // SAFETY: the context is current.
        let vertex_array = unsafe { context.gl.create_vertex_array() };
        let Ok(vertex_array) = vertex_array else {
            programs.destroy(context);
            return Err(failed("glGenVertexArrays", 0));
        };
        Ok(Path::Draw { programs, vertex_array })
    }

    /// Refuses to call into nothing: without a current context names come back as 0, which glow does not survive.
    fn check(&self) -> Result<(), GraphicsError> {
        if self.context.is_lost() {
            return Err(GraphicsError::DeviceLost { api: Api::OpenGl });
        }
        if self.path.programs().are_known(&self.context) {
            Ok(())
        } else {
            Err(failed("glIsProgram (the context is not current)", 0))
        }
    }

    fn convert(
        &self,
        slot: &mut Slot,
        job: &Job,
        picture: &PictureLayout,
        transfer: Transfer,
    ) -> Result<(), GraphicsError> {
        let context = &self.context;
        let gl = &context.gl;
        // What a sampler has decoded is encoded again, so a plain job may have parameters that are not.
        let params = Params::new(&Job { transfer, ..*job }, picture);
        slot.write_params(context, params);
        let program = self.path.programs().of(&params);
        match self.path {
            Path::Compute(_) => {
                let [across, down] = params.workgroups();
                let after = if context.features.capabilities.buffer_storage {
                    glow::CLIENT_MAPPED_BUFFER_BARRIER_BIT
                } else {
                    glow::BUFFER_UPDATE_BARRIER_BIT
                };
                // SAFETY: the program writes within the picture, which the slot has room for.
                unsafe {
                    gl.memory_barrier(BEFORE);
                    gl.use_program(Some(program));
                    gl.bind_buffer_base(glow::UNIFORM_BUFFER, program::PARAMS, Some(slot.params));
                    let (target, bytes) = (glow::SHADER_STORAGE_BUFFER, picture.bytes as i64);
                    context.bind_buffer_range(target, program::PICTURE, Some(slot.buffer), 0, bytes);
                    gl.dispatch_compute(across, down, 1);
                    gl.memory_barrier(after);
                }
                slot.submit(context, picture.bytes)
            }
            Path::Draw { vertex_array, .. } => {
                let raster = RasterState::save(context, Some(slot.buffer));
                let size = Size::new(picture.strides[0] as u32 / 4, picture.size.height / 2 * 3);
                let drawn = Target::of(&mut slot.target, context, size).and_then(|target| {
                    let (width, height) = (size.width as i32, size.height as i32);
                    // SAFETY: the target's rows, one after the other, are the picture's bytes, and the slot has room.
                    unsafe {
                        gl.bind_framebuffer(glow::FRAMEBUFFER, Some(target.framebuffer));
                        set_viewport(context, [0.0, 0.0, width as f32, height as f32]);
                        gl.bind_vertex_array(Some(vertex_array));
                        gl.use_program(Some(program));
                        gl.bind_buffer_base(glow::UNIFORM_BUFFER, program::PARAMS, Some(slot.params));
                        if context.features.memory_barrier {
                            gl.memory_barrier(BEFORE);
                        }
                        gl.draw_arrays(glow::TRIANGLES, 0, 3);
                        let start = glow::PixelPackData::BufferOffset(0);
                        gl.read_pixels(0, 0, width, height, glow::RGBA, glow::UNSIGNED_BYTE, start);
                        if context.features.memory_barrier && context.features.capabilities.buffer_storage {
                            gl.memory_barrier(glow::CLIENT_MAPPED_BUFFER_BARRIER_BIT);
                        }
                    }
                    slot.submit(context, picture.bytes)
                });
                raster.restore(context);
                drawn
            }
        }
    }
}

impl Path {
    fn programs(&self) -> &Programs {
        match self {
            Self::Compute(programs) | Self::Draw { programs, .. } => programs,
        }
    }

    /// Where the storage buffer is bound, if there is one.
    fn picture(&self) -> Option<u32> {
        match self {
            Self::Compute(_) => Some(program::PICTURE),
            Self::Draw { .. } => None,
        }
    }

    fn destroy(&self, context: &Context) {
        self.programs().destroy(context);
        if let Self::Draw { vertex_array, .. } = self {
            // SAFETY: it is our own, and bound only while a picture is recorded.
            unsafe { context.gl.delete_vertex_array(*vertex_array) };
        }
    }
}

impl Backend for OpenGl {
    type Slot = Slot;

    fn api(&self) -> Api {
        Api::OpenGl
    }

    fn name(&self) -> &str {
        &self.context.name
    }

    fn create_slot(&mut self, bytes: usize) -> Result<NewSlot<Slot>, GraphicsError> {
        self.check()?;
        if matches!(self.path, Path::Compute(_)) && bytes as u64 > self.context.max_storage_bytes {
            return Err(failed("glBindBufferRange", glow::INVALID_VALUE));
        }
        Ok(NewSlot { slot: Slot::new(&self.context, bytes)?, fence: None })
    }

    fn memory(&self, _slot: &Slot) -> Option<Memory> {
        None
    }

    fn destroy_slot(&mut self, slot: Slot) {
        slot.destroy(&self.context);
    }

    fn record(&mut self, slot: &mut Slot, job: &Job, picture: &PictureLayout) -> Result<(), GraphicsError> {
        self.check()?;
        let context = &self.context;
        let name = source::name(context, &job.texture)?;
        let state = State::save(context, program::PARAMS, self.path.picture());
        let recorded = source::bind(context, &self.sampler, name, &job.texture, job.transfer)
            .and_then(|transfer| self.convert(slot, job, picture, transfer));
        state.restore(context);
        recorded
    }

    fn poll(&mut self, slot: &mut Slot) -> Result<Option<Memory>, GraphicsError> {
        match slot.progress(&self.context) {
            Progress::Pending => Ok(None),
            Progress::Done => slot.map(&self.context).map(Some),
            Progress::Failed(_) if self.context.is_lost() => Err(GraphicsError::DeviceLost { api: Api::OpenGl }),
            Progress::Failed(code) => Err(failed("glClientWaitSync", code)),
        }
    }

    fn release(&mut self, slot: &mut Slot) {
        slot.unmap(&self.context);
    }

    fn is_lost(&self) -> bool {
        self.context.is_lost()
    }
}

impl Drop for OpenGl {
    fn drop(&mut self) {
        self.path.destroy(&self.context);
        // The sampler goes with it.
        self.sampler.destroy(&self.context);
    }
}
