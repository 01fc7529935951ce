//! Read-back from OpenGL where there is no GPU: what was drawn lies in memory already, so it is copied as it is straight into a
//! buffer of the library, whose threads convert it. The conversion by OpenGL would be work of the CPU too, on the game's thread.

#![allow(unsafe_code)]

use std::num::NonZero;

use glow::HasContext as _;
use rendercast::frame::PixelFormat;
use rendercast::graphics::GraphicsError;

use super::gl_functions::Functions;
use super::picture::{Drawn, fitted, is_read_plain};

/// Lives on the render thread, where Godot's context is current.
pub struct Pixels {
    gl: glow::Context,
    framebuffer: glow::Framebuffer,
}

/// The bindings that reading changes, given back when it is dropped: Godot goes on with what it has bound.
struct Bindings<'a> {
    gl: &'a glow::Context,
    texture: Option<glow::Texture>,
    framebuffer: Option<glow::Framebuffer>,
    buffer: Option<glow::Buffer>,
    alignment: i32,
    row_length: i32,
}

impl<'a> Bindings<'a> {
    fn save(gl: &'a glow::Context) -> Self {
        // SAFETY: the context is current; these are values of OpenGL 3.3 and OpenGL ES 3.0.
        unsafe {
            Self {
                gl,
                texture: gl.get_parameter_texture(glow::TEXTURE_BINDING_2D),
                framebuffer: gl.get_parameter_framebuffer(glow::READ_FRAMEBUFFER_BINDING),
                buffer: gl.get_parameter_buffer(glow::PIXEL_PACK_BUFFER_BINDING),
                alignment: gl.get_parameter_i32(glow::PACK_ALIGNMENT),
                row_length: gl.get_parameter_i32(glow::PACK_ROW_LENGTH),
            }
        }
    }
}

impl Drop for Bindings<'_> {
    fn drop(&mut self) {
        // SAFETY: what was bound before is bound again.
        unsafe {
            self.gl.pixel_store_i32(glow::PACK_ROW_LENGTH, self.row_length);
            self.gl.pixel_store_i32(glow::PACK_ALIGNMENT, self.alignment);
            self.gl.bind_buffer(glow::PIXEL_PACK_BUFFER, self.buffer);
            self.gl.bind_framebuffer(glow::READ_FRAMEBUFFER, self.framebuffer);
            self.gl.bind_texture(glow::TEXTURE_2D, self.texture);
        }
    }
}

impl Pixels {
    /// None where OpenGL shall convert, or is too old.
    pub fn open(functions: &Functions) -> Option<Self> {
        // SAFETY: the functions are those of the context that is current on this thread.
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| functions.address(name)) };
        // SAFETY: as above.
        let (renderer, version) = unsafe { (gl.get_parameter_string(glow::RENDERER), gl.version().clone()) };
        // OpenGL ES does not tell the shape of a texture before.
        let oldest = if version.is_embedded { (3, 1) } else { (3, 3) };
        if !is_read_plain(&renderer) || (version.major, version.minor) < oldest {
            return None;
        }
        // SAFETY: as above.
        let framebuffer = unsafe { gl.create_framebuffer() }.ok()?;
        Some(Self { gl, framebuffer })
    }

    /// Copies a texture. False where the library has to convert it: another size is wanted, or its pixels are no bytes.
    pub fn take(&self, name: u64, drawn: &Drawn) -> Result<bool, GraphicsError> {
        let Some(texture) = u32::try_from(name).ok().and_then(NonZero::new).map(glow::NativeTexture) else {
            return Ok(false);
        };
        let Self { gl, framebuffer } = self;
        let _bindings = Bindings::save(gl);
        // SAFETY: Godot's own texture, alive while its viewport is; the bindings are given back.
        let (width, height, kind) = unsafe {
            gl.bind_texture(glow::TEXTURE_2D, Some(texture));
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(*framebuffer));
            gl.framebuffer_texture_2d(
                glow::READ_FRAMEBUFFER,
                glow::COLOR_ATTACHMENT0,
                glow::TEXTURE_2D,
                Some(texture),
                0,
            );
            if gl.check_framebuffer_status(glow::READ_FRAMEBUFFER) != glow::FRAMEBUFFER_COMPLETE {
                return Ok(false);
            }
            let kind = gl.get_framebuffer_attachment_parameter_i32(
                glow::READ_FRAMEBUFFER,
                glow::COLOR_ATTACHMENT0,
                glow::FRAMEBUFFER_ATTACHMENT_COMPONENT_TYPE,
            );
            let side = |name| gl.get_tex_level_parameter_i32(glow::TEXTURE_2D, 0, name);
            (side(glow::TEXTURE_WIDTH), side(glow::TEXTURE_HEIGHT), kind)
        };
        let size = drawn.size;
        let sides = [i32::try_from(size.width), i32::try_from(size.height)];
        if kind != glow::UNSIGNED_NORMALIZED as i32
            || sides != [Ok(width), Ok(height)]
            || fitted(size, drawn.largest) != size
        {
            return Ok(false);
        }
        // Dropped and counted: the encoders have all buffers.
        let Ok(mut buffer) = drawn.source.acquire_video(PixelFormat::Rgba8, size) else { return Ok(true) };
        let pixels = i32::try_from(buffer.stride(0) / 4).unwrap_or(width);
        // SAFETY: the plane has as many rows as the picture, so many pixels apart.
        unsafe {
            gl.bind_buffer(glow::PIXEL_PACK_BUFFER, None);
            gl.pixel_store_i32(glow::PACK_ALIGNMENT, 4);
            gl.pixel_store_i32(glow::PACK_ROW_LENGTH, pixels);
            let plane = glow::PixelPackData::Slice(Some(buffer.plane_mut(0)));
            gl.read_pixels(0, 0, width, height, glow::RGBA, glow::UNSIGNED_BYTE, plane);
        }
        // Godot's viewports lie with their first row on top here too.
        drawn.source.commit_video(buffer, drawn.drawn_ns, false);
        Ok(true)
    }

    /// On the render thread.
    pub fn close(self) {
        // SAFETY: its own, in the context that is current.
        unsafe { self.gl.delete_framebuffer(self.framebuffer) }
    }
}
