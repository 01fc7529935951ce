//! All the state that a host can see and that recording a picture could have changed.

use glow::HasContext;

use super::egl::Kind;
use super::host::Host;

const INTEGERS: &[(&str, u32)] = &[
    ("program", glow::CURRENT_PROGRAM),
    ("active texture", glow::ACTIVE_TEXTURE),
    ("draw framebuffer", glow::DRAW_FRAMEBUFFER_BINDING),
    ("read framebuffer", glow::READ_FRAMEBUFFER_BINDING),
    ("renderbuffer", glow::RENDERBUFFER_BINDING),
    ("vertex array", glow::VERTEX_ARRAY_BINDING),
    ("array buffer", glow::ARRAY_BUFFER_BINDING),
    ("uniform buffer", glow::UNIFORM_BUFFER_BINDING),
    ("pack buffer", glow::PIXEL_PACK_BUFFER_BINDING),
    ("unpack buffer", glow::PIXEL_UNPACK_BUFFER_BINDING),
    ("pack alignment", glow::PACK_ALIGNMENT),
    ("pack row length", glow::PACK_ROW_LENGTH),
    ("pack skip rows", glow::PACK_SKIP_ROWS),
    ("pack skip pixels", glow::PACK_SKIP_PIXELS),
    ("front face", glow::FRONT_FACE),
    ("cull face mode", glow::CULL_FACE_MODE),
    ("blend source", glow::BLEND_SRC_RGB),
    ("depth function", glow::DEPTH_FUNC),
    ("read buffer", glow::READ_BUFFER),
    ("draw buffer", glow::DRAW_BUFFER0),
];
const GL_INTEGERS: &[(&str, u32)] = &[
    ("polygon mode", glow::POLYGON_MODE),
    ("logic operation", glow::LOGIC_OP_MODE),
    ("provoking vertex", glow::PROVOKING_VERTEX),
];
const SWITCHES: &[(&str, u32)] = &[
    ("blend", glow::BLEND),
    ("scissor", glow::SCISSOR_TEST),
    ("depth", glow::DEPTH_TEST),
    ("stencil", glow::STENCIL_TEST),
    ("cull", glow::CULL_FACE),
    ("discard", glow::RASTERIZER_DISCARD),
    ("dither", glow::DITHER),
    ("polygon offset", glow::POLYGON_OFFSET_FILL),
    ("alpha to coverage", glow::SAMPLE_ALPHA_TO_COVERAGE),
    ("sample coverage", glow::SAMPLE_COVERAGE),
];
const GL_SWITCHES: &[(&str, u32)] = &[
    ("logic", glow::COLOR_LOGIC_OP),
    ("srgb", glow::FRAMEBUFFER_SRGB),
    ("multisample", glow::MULTISAMPLE),
    ("depth clamp", glow::DEPTH_CLAMP),
    ("clip 0", glow::CLIP_DISTANCE0),
    ("clip 5", glow::CLIP_DISTANCE5),
    ("program point size", glow::PROGRAM_POINT_SIZE),
];
/// Of each texture unit.
const UNITS: u32 = 4;
/// Of each kind of numbered buffers.
const PLACES: u32 = 4;

pub fn dump(host: &Host) -> Vec<String> {
    let gl = &host.gl;
    let desktop = host.context.kind == Kind::Gl;
    let mut lines = Vec::new();
    let mut note = |name: &str, value: &dyn std::fmt::Debug| lines.push(format!("{name}: {value:?}"));
    // SAFETY: the context is current and knows what is asked.
    unsafe {
        for (name, number) in INTEGERS.iter().chain(GL_INTEGERS.iter().filter(|_| desktop)) {
            let mut values = [0; 2];
            gl.get_parameter_i32_slice(*number, &mut values);
            note(name, &values);
        }
        for (name, number) in SWITCHES.iter().chain(GL_SWITCHES.iter().filter(|_| desktop)) {
            note(name, &gl.is_enabled(*number));
        }
        for (name, number) in [("viewport", glow::VIEWPORT), ("scissor box", glow::SCISSOR_BOX)] {
            let mut values = [0.0; 4];
            gl.get_parameter_f32_slice(number, &mut values);
            note(name, &values);
        }
        note("colour mask", &gl.get_parameter_bool_array::<4>(glow::COLOR_WRITEMASK));
        if desktop {
            type GetMany = extern "system" fn(u32, u32, *mut i32);
            // glow has it for single values only.
            let get = std::mem::transmute::<*const std::ffi::c_void, GetMany>(host.context.address(c"glGetIntegeri_v"));
            type IsEnabledOf = extern "system" fn(u32, u32) -> u8;
            let enabled = host.context.address(c"glIsEnabledi");
            let enabled = std::mem::transmute::<*const std::ffi::c_void, IsEnabledOf>(enabled);
            for index in 0..2 {
                let at = |number| {
                    let mut values = [0; 4];
                    get(number, index, values.as_mut_ptr());
                    values
                };
                note("of each draw buffer", &(index, enabled(glow::BLEND, index), at(glow::COLOR_WRITEMASK)));
                if newer(host) {
                    note("of each viewport", &(index, enabled(glow::SCISSOR_TEST, index), at(glow::VIEWPORT)));
                }
            }
        }
        let active = gl.get_parameter_i32(glow::ACTIVE_TEXTURE) as u32;
        for unit in 0..UNITS {
            gl.active_texture(glow::TEXTURE0 + unit);
            let bound = [glow::TEXTURE_BINDING_2D, glow::TEXTURE_BINDING_CUBE_MAP, glow::SAMPLER_BINDING]
                .map(|number| gl.get_parameter_i32(number));
            note("unit", &(unit, bound));
        }
        gl.active_texture(active);
        let uniforms = [glow::UNIFORM_BUFFER_BINDING, glow::UNIFORM_BUFFER_START, glow::UNIFORM_BUFFER_SIZE];
        let storage =
            [glow::SHADER_STORAGE_BUFFER_BINDING, glow::SHADER_STORAGE_BUFFER_START, glow::SHADER_STORAGE_BUFFER_SIZE];
        for numbers in [Some(uniforms), newer(host).then_some(storage)].into_iter().flatten() {
            note("generic", &gl.get_parameter_i32(numbers[0]));
            for place in 0..PLACES {
                note("place", &(place, numbers.map(|number| gl.get_parameter_indexed_i64(number, place))));
            }
        }
        if newer(host) {
            let numbers = [glow::IMAGE_BINDING_NAME, glow::IMAGE_BINDING_LEVEL, glow::IMAGE_BINDING_ACCESS];
            note("image", &numbers.map(|number| gl.get_parameter_indexed_i32(number, 0)));
        }
        assert_eq!(gl.get_error(), glow::NO_ERROR, "the dump asks what the context knows");
    }
    lines
}

/// Whether there are storage buffers, images and many viewports.
pub fn newer(host: &Host) -> bool {
    let version = host.gl.version();
    (version.major, version.minor) >= if version.is_embedded { (3, 1) } else { (4, 3) }
}

/// A program of the host's own.
pub fn program(host: &Host, vertices: &str, pixels: &str) -> glow::Program {
    let gl = &host.gl;
    let version = match host.context.kind {
        Kind::Gl => "#version 330 core\n",
        Kind::Es => "#version 300 es\nprecision highp float;\n",
    };
    // SAFETY: the context is current.
    unsafe {
        let program = gl.create_program().unwrap();
        for (kind, body) in [(glow::VERTEX_SHADER, vertices), (glow::FRAGMENT_SHADER, pixels)] {
            let shader = gl.create_shader(kind).unwrap();
            gl.shader_source(shader, &format!("{version}{body}"));
            gl.compile_shader(shader);
            gl.attach_shader(program, shader);
        }
        gl.link_program(program);
        assert!(gl.get_program_link_status(program), "{}", gl.get_program_info_log(program));
        program
    }
}

/// Gives every one of these a value that nothing has by chance.
pub fn disturb(host: &Host) {
    let gl = &host.gl;
    let desktop = host.context.kind == Kind::Gl;
    // SAFETY: the context is current and knows what is set.
    unsafe {
        let program =
            program(host, "void main() { gl_Position = vec4(0.0); }", "out vec4 c; void main() { c = vec4(1.0); }");
        gl.use_program(Some(program));
        for unit in 0..UNITS {
            gl.active_texture(glow::TEXTURE0 + unit);
            gl.bind_texture(glow::TEXTURE_2D, gl.create_texture().ok());
            gl.bind_texture(glow::TEXTURE_CUBE_MAP, gl.create_texture().ok());
            gl.bind_sampler(unit, gl.create_sampler().ok());
        }
        gl.active_texture(glow::TEXTURE2);
        let mut targets = vec![glow::UNIFORM_BUFFER];
        if newer(host) {
            targets.push(glow::SHADER_STORAGE_BUFFER);
        }
        for target in targets {
            for place in 0..PLACES {
                let buffer = gl.create_buffer().unwrap();
                gl.bind_buffer(target, Some(buffer));
                gl.buffer_data_size(target, 4096, glow::STATIC_DRAW);
                if place % 2 == 0 {
                    gl.bind_buffer_range(target, place, Some(buffer), 1024, 512);
                } else {
                    gl.bind_buffer_base(target, place, Some(buffer));
                }
            }
            gl.bind_buffer(target, gl.create_buffer().ok());
        }
        gl.bind_vertex_array(gl.create_vertex_array().ok());
        for target in [glow::ARRAY_BUFFER, glow::PIXEL_PACK_BUFFER, glow::PIXEL_UNPACK_BUFFER] {
            gl.bind_buffer(target, gl.create_buffer().ok());
        }
        gl.bind_renderbuffer(glow::RENDERBUFFER, gl.create_renderbuffer().ok());
        for target in [glow::DRAW_FRAMEBUFFER, glow::READ_FRAMEBUFFER] {
            let framebuffer = gl.create_framebuffer().unwrap();
            gl.bind_framebuffer(target, Some(framebuffer));
        }
        for (name, value) in [
            (glow::PACK_ALIGNMENT, 2),
            (glow::PACK_ROW_LENGTH, 777),
            (glow::PACK_SKIP_ROWS, 3),
            (glow::PACK_SKIP_PIXELS, 5),
        ] {
            gl.pixel_store_i32(name, value);
        }
        for (_, switch) in SWITCHES {
            gl.enable(*switch);
        }
        gl.blend_func(glow::ONE, glow::ONE);
        gl.front_face(glow::CW);
        gl.cull_face(glow::FRONT_AND_BACK);
        gl.depth_func(glow::NEVER);
        gl.stencil_func(glow::NEVER, 1, 255);
        gl.color_mask(false, true, false, false);
        gl.viewport(3, 4, 50, 60);
        gl.scissor(1, 2, 3, 4);
        if desktop {
            for (_, switch) in GL_SWITCHES {
                gl.enable(*switch);
            }
            gl.polygon_mode(glow::FRONT_AND_BACK, glow::LINE);
            gl.disable_draw_buffer(glow::BLEND, 1);
            gl.color_mask_draw_buffer(1, true, true, false, true);
            if newer(host) {
                gl.disable_draw_buffer(glow::SCISSOR_TEST, 1);
                // Mesa 22 writes into what it is given, which therefore is no constant.
                let viewports = std::hint::black_box([[3.5, 4.25, 50.0, 60.0], [7.0, 8.0, 9.0, 10.0]]);
                gl.viewport_f32_slice(0, 2, &viewports);
            }
        }
        assert_eq!(gl.get_error(), glow::NO_ERROR);
    }
}
