//! The shaders, as this context compiles them.

#![allow(unsafe_code)]

use glow::HasContext;

use super::context::{Context, unavailable};
use super::state::{State, UNIT};
use crate::graphics::{GraphicsError, Params};

/// Where the shaders find the picture's memory and the parameters.
pub const PICTURE: u32 = 1;
pub const PARAMS: u32 = 2;

/// Names that the fragment shader's translation has; versions without `layout(binding)` are told their places by them.
const SOURCE_NAME: &str = "_group_0_binding_0_fs";
const PARAMS_NAME: &str = "Params_block_0Fragment";

macro_rules! shader {
    ($file:literal) => {
        include_str!(concat!("../shaders/", $file))
    };
}

/// The shader for every job, and the one for those that are plain. Both are made with the device: a first plain picture
/// should not find the render thread compiling.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    every: glow::Program,
    plain: glow::Program,
}

impl Programs {
    /// Programs that write into a storage buffer.
    pub fn compute(context: &Context) -> Result<Self, GraphicsError> {
        let (every, plain) = if context.es {
            (shader!("compute.310es.glsl"), shader!("compute_plain.310es.glsl"))
        } else {
            (shader!("compute.430.glsl"), shader!("compute_plain.430.glsl"))
        };
        Self::of_both([every, plain], context, |text| link(context, &[(glow::COMPUTE_SHADER, text)]))
    }

    /// Programs that draw.
    pub fn fragment(context: &Context) -> Result<Self, GraphicsError> {
        let (vertex, every, plain) = if context.es {
            (
                shader!("fragment.300es.vert.glsl"),
                shader!("fragment.300es.frag.glsl"),
                shader!("fragment_plain.300es.frag.glsl"),
            )
        } else {
            (
                shader!("fragment.330.vert.glsl"),
                shader!("fragment.330.frag.glsl"),
                shader!("fragment_plain.330.frag.glsl"),
            )
        };
        Self::of_both([every, plain], context, |text| drawing(context, vertex, text))
    }

    fn of_both(
        [every, plain]: [&str; 2],
        context: &Context,
        make: impl Fn(&str) -> Result<glow::Program, GraphicsError>,
    ) -> Result<Self, GraphicsError> {
        let every = make(every)?;
        match make(plain) {
            Ok(plain) => Ok(Self { every, plain }),
            Err(error) => {
                // SAFETY: nothing uses it.
                unsafe { context.gl.delete_program(every) };
                Err(error)
            }
        }
    }

    /// The program for a job.
    pub fn of(&self, params: &Params) -> glow::Program {
        if params.is_plain() { self.plain } else { self.every }
    }

    /// Whether the context that is current knows them.
    pub fn are_known(&self, context: &Context) -> bool {
        // SAFETY: any number may be asked.
        unsafe { context.gl.is_program(self.every) && context.gl.is_program(self.plain) }
    }

    pub fn destroy(&self, context: &Context) {
        // SAFETY: they are our own, and bound only while a picture is recorded.
        unsafe {
            context.gl.delete_program(self.every);
            context.gl.delete_program(self.plain);
        }
    }
}

/// A program that draws, told where everything is bound.
fn drawing(context: &Context, vertex: &str, fragment: &str) -> Result<glow::Program, GraphicsError> {
    let program = link(context, &[(glow::VERTEX_SHADER, vertex), (glow::FRAGMENT_SHADER, fragment)])?;
    let gl = &context.gl;
    let state = State::save(context, PARAMS, None);
    // SAFETY: the program is linked; the state is given back.
    let placed = unsafe {
        gl.use_program(Some(program));
        let source = gl.get_uniform_location(program, SOURCE_NAME);
        gl.uniform_1_i32(source.as_ref(), (UNIT - glow::TEXTURE0) as i32);
        let params = gl.get_uniform_block_index(program, PARAMS_NAME);
        params.inspect(|params| gl.uniform_block_binding(program, *params, PARAMS)).is_some() && source.is_some()
    };
    state.restore(context);
    if placed {
        return Ok(program);
    }
    // SAFETY: nothing uses it.
    unsafe { gl.delete_program(program) };
    Err(unavailable("the fragment shader lost its names"))
}

fn link(context: &Context, shaders: &[(u32, &str)]) -> Result<glow::Program, GraphicsError> {
    let gl = &context.gl;
    // SAFETY: the context is current; what is made is used as what it is and deleted once.
    unsafe {
        let program = gl.create_program().map_err(|error| unavailable(&error))?;
        let mut problem = None;
        for (kind, text) in shaders {
            match gl.create_shader(*kind) {
                Ok(shader) => {
                    gl.shader_source(shader, text);
                    gl.compile_shader(shader);
                    if !gl.get_shader_compile_status(shader) {
                        problem.get_or_insert_with(|| gl.get_shader_info_log(shader));
                    }
                    gl.attach_shader(program, shader);
                    // It lives as long as the program.
                    gl.delete_shader(shader);
                }
                Err(error) => problem = Some(error),
            }
        }
        if problem.is_none() {
            gl.link_program(program);
            if !gl.get_program_link_status(program) {
                problem = Some(gl.get_program_info_log(program));
            }
        }
        match problem {
            None => Ok(program),
            Some(log) => {
                gl.delete_program(program);
                Err(unavailable(&format!("a shader does not compile: {}", log.trim())))
            }
        }
    }
}
