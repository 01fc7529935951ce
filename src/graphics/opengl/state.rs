//! The host's bindings that every picture changes, saved and given back.

#![allow(unsafe_code)]

use glow::HasContext;

use super::context::Context;

/// The texture unit that the source is bound to.
pub const UNIT: u32 = glow::TEXTURE0;

/// A buffer bound to a target and to one of its numbered places.
#[derive(Clone, Copy, Debug)]
struct NumberedBuffer {
    target: u32,
    index: u32,
    generic: Option<glow::Buffer>,
    buffer: Option<glow::Buffer>,
    start: i64,
    /// 0: the whole buffer, whatever its size.
    bytes: i64,
}

impl NumberedBuffer {
    fn save(context: &Context, target: u32, [binding, start, size]: [u32; 3], index: u32) -> Self {
        let gl = &context.gl;
        // SAFETY: the target and its queries are known to the context.
        unsafe {
            let buffer = std::num::NonZeroU32::new(gl.get_parameter_indexed_i32(binding, index) as u32);
            let ranged = buffer.is_some();
            Self {
                target,
                index,
                generic: gl.get_parameter_buffer(binding),
                buffer: buffer.map(glow::NativeBuffer),
                start: if ranged { gl.get_parameter_indexed_i64(start, index) } else { 0 },
                bytes: if ranged { gl.get_parameter_indexed_i64(size, index) } else { 0 },
            }
        }
    }

    fn restore(&self, context: &Context) {
        // SAFETY: binding what was bound.
        unsafe {
            if self.bytes == 0 {
                context.gl.bind_buffer_base(self.target, self.index, self.buffer);
            } else {
                context.bind_buffer_range(self.target, self.index, self.buffer, self.start, self.bytes);
            }
            // Both of these bind the target itself too.
            context.gl.bind_buffer(self.target, self.generic);
        }
    }
}

/// What both ways change.
#[derive(Debug)]
pub struct State {
    program: Option<glow::Program>,
    active_unit: u32,
    texture: Option<glow::Texture>,
    sampler: Option<glow::Sampler>,
    params: NumberedBuffer,
    picture: Option<NumberedBuffer>,
}

impl State {
    /// Saves; leaves `UNIT` active. `params` and `picture` are the places of the uniform and the storage buffer.
    pub fn save(context: &Context, params: u32, picture: Option<u32>) -> Self {
        let gl = &context.gl;
        let of_uniforms = [glow::UNIFORM_BUFFER_BINDING, glow::UNIFORM_BUFFER_START, glow::UNIFORM_BUFFER_SIZE];
        let of_storage =
            [glow::SHADER_STORAGE_BUFFER_BINDING, glow::SHADER_STORAGE_BUFFER_START, glow::SHADER_STORAGE_BUFFER_SIZE];
        // SAFETY: queries that the context knows; a texture unit that every context has.
        unsafe {
            let (program, active_unit) =
                (gl.get_parameter_program(glow::CURRENT_PROGRAM), gl.get_parameter_i32(glow::ACTIVE_TEXTURE) as u32);
            gl.active_texture(UNIT);
            Self {
                program,
                active_unit,
                texture: gl.get_parameter_texture(glow::TEXTURE_BINDING_2D),
                sampler: gl.get_parameter_sampler(glow::SAMPLER_BINDING),
                params: NumberedBuffer::save(context, glow::UNIFORM_BUFFER, of_uniforms, params),
                picture: picture
                    .map(|index| NumberedBuffer::save(context, glow::SHADER_STORAGE_BUFFER, of_storage, index)),
            }
        }
    }

    pub fn restore(&self, context: &Context) {
        let gl = &context.gl;
        if let Some(picture) = &self.picture {
            picture.restore(context);
        }
        self.params.restore(context);
        // SAFETY: binding what was bound.
        unsafe {
            gl.bind_sampler(UNIT - glow::TEXTURE0, self.sampler);
            gl.bind_texture(glow::TEXTURE_2D, self.texture);
            gl.active_texture(self.active_unit);
            // A program that the host deleted while it was current has gone with our own `glUseProgram`.
            gl.use_program(self.program.filter(|program| gl.is_program(*program)));
        }
    }
}

/// The pixel pack buffer, which serves for every access to a slot's memory.
#[derive(Debug)]
pub struct PackBuffer(Option<glow::Buffer>);

impl PackBuffer {
    pub const NONE: Self = Self(None);

    /// Binds another.
    pub fn replace(context: &Context, buffer: Option<glow::Buffer>) -> Self {
        // SAFETY: a query and a target that every context has.
        unsafe {
            let was = context.gl.get_parameter_buffer(glow::PIXEL_PACK_BUFFER_BINDING);
            context.gl.bind_buffer(glow::PIXEL_PACK_BUFFER, buffer);
            Self(was)
        }
    }

    pub fn restore(self, context: &Context) {
        // SAFETY: binding what was bound.
        unsafe { context.gl.bind_buffer(glow::PIXEL_PACK_BUFFER, self.0) };
    }
}
