//! The host's state that drawing and reading back change, saved and given back.

#![allow(unsafe_code)]

use glow::HasContext;

use super::context::Context;
use super::state::PackBuffer;

const PACKING: [u32; 3] = [glow::PACK_ROW_LENGTH, glow::PACK_SKIP_ROWS, glow::PACK_SKIP_PIXELS];

/// What drawing a picture changes, beside `State`.
#[derive(Debug)]
pub struct RasterState {
    draw_framebuffer: Option<glow::Framebuffer>,
    read_framebuffer: Option<glow::Framebuffer>,
    vertex_array: Option<glow::VertexArray>,
    pack_buffer: PackBuffer,
    packing: [i32; PACKING.len()],
    viewport: [f32; 4],
    scissor: bool,
    blend: bool,
    color_mask: [bool; 4],
    polygon_mode: i32,
    /// A bit for each of the features' toggles.
    toggles: u32,
}

impl RasterState {
    /// Saves, and makes everything plain: whole pixels of one triangle arrive as the shader gave them. Depth, stencil and
    /// multisampling do nothing in a framebuffer that has none.
    pub fn save(context: &Context, pack_buffer: Option<glow::Buffer>) -> Self {
        let (gl, features) = (&context.gl, &context.features);
        // SAFETY: queries and switches that the context knows, as its features say.
        unsafe {
            let (mut viewport, mut polygon_mode) = ([0.0; 4], [0; 2]);
            gl.get_parameter_f32_slice(glow::VIEWPORT, &mut viewport);
            if features.polygon_mode {
                gl.get_parameter_i32_slice(glow::POLYGON_MODE, &mut polygon_mode);
            }
            let enabled = |(bit, toggle): (usize, &u32)| u32::from(gl.is_enabled(*toggle)) << bit;
            let saved = Self {
                draw_framebuffer: gl.get_parameter_framebuffer(glow::DRAW_FRAMEBUFFER_BINDING),
                read_framebuffer: gl.get_parameter_framebuffer(glow::READ_FRAMEBUFFER_BINDING),
                vertex_array: gl.get_parameter_vertex_array(glow::VERTEX_ARRAY_BINDING),
                pack_buffer: PackBuffer::replace(context, pack_buffer),
                packing: PACKING.map(|name| gl.get_parameter_i32(name)),
                viewport,
                scissor: gl.is_enabled(glow::SCISSOR_TEST),
                blend: gl.is_enabled(glow::BLEND),
                color_mask: gl.get_parameter_bool_array(glow::COLOR_WRITEMASK),
                polygon_mode: polygon_mode[0],
                toggles: features.toggles.iter().enumerate().map(enabled).sum(),
            };
            saved.apply(context, &Self::PLAIN);
            saved
        }
    }

    /// Gives everything back.
    pub fn restore(self, context: &Context) {
        let gl = &context.gl;
        Self::PLAIN.apply(context, &self);
        set_viewport(context, self.viewport);
        // SAFETY: binding what was bound.
        unsafe {
            gl.bind_framebuffer(glow::DRAW_FRAMEBUFFER, self.draw_framebuffer);
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, self.read_framebuffer);
            gl.bind_vertex_array(self.vertex_array);
        }
        self.pack_buffer.restore(context);
    }

    const PLAIN: Self = Self {
        draw_framebuffer: None,
        read_framebuffer: None,
        vertex_array: None,
        pack_buffer: PackBuffer::NONE,
        packing: [0; PACKING.len()],
        viewport: [0.0; 4],
        scissor: false,
        blend: false,
        color_mask: [true; 4],
        polygon_mode: glow::FILL as i32,
        toggles: 0,
    };

    /// Changes the switches from these to those, only where they differ.
    fn apply(&self, context: &Context, to: &Self) {
        let (gl, features) = (&context.gl, &context.features);
        // SAFETY: switches that the context knows, as its features say.
        unsafe {
            let switch = |toggle: u32, on: bool| if on { gl.enable(toggle) } else { gl.disable(toggle) };
            // Of the first draw buffer or viewport where each has its own: the host's others stay as they are.
            let first = |toggle: u32, own: bool, on: bool| match (own, on) {
                (false, on) => switch(toggle, on),
                (true, true) => gl.enable_draw_buffer(toggle, 0),
                (true, false) => gl.disable_draw_buffer(toggle, 0),
            };
            for (bit, toggle) in features.toggles.iter().enumerate() {
                let on = |state: &Self| state.toggles >> bit & 1 == 1;
                if on(self) != on(to) {
                    switch(*toggle, on(to));
                }
            }
            if self.scissor != to.scissor {
                first(glow::SCISSOR_TEST, features.viewport_state, to.scissor);
            }
            if self.blend != to.blend {
                first(glow::BLEND, features.draw_buffer_state, to.blend);
            }
            if self.color_mask != to.color_mask {
                let [red, green, blue, alpha] = to.color_mask;
                if features.draw_buffer_state {
                    gl.color_mask_draw_buffer(0, red, green, blue, alpha);
                } else {
                    gl.color_mask(red, green, blue, alpha);
                }
            }
            if features.polygon_mode && self.polygon_mode != to.polygon_mode {
                gl.polygon_mode(glow::FRONT_AND_BACK, to.polygon_mode as u32);
            }
            for ((name, is), to) in PACKING.into_iter().zip(self.packing).zip(to.packing) {
                if is != to {
                    gl.pixel_store_i32(name, to);
                }
            }
        }
    }
}

/// Of the first viewport where there are many: the host's others stay as they are.
pub fn set_viewport(context: &Context, viewport: [f32; 4]) {
    // SAFETY: both are known where they are called.
    unsafe {
        if context.features.viewport_state {
            // Of a copy on the stack: Mesa 22 clamps in place.
            context.gl.viewport_f32_slice(0, 1, &[viewport]);
        } else {
            let [x, y, width, height] = viewport.map(|value| value as i32);
            context.gl.viewport(x, y, width, height);
        }
    }
}
