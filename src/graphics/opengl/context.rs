//! The host's context: its functions, and what it says of itself.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};

use glow::HasContext;

use super::capabilities::{Capabilities, Features, Version};
use crate::graphics::{Api, GraphicsError};

const API: Api = Api::OpenGl;

type GetString = unsafe extern "system" fn(u32) -> *const std::ffi::c_char;
type BindBufferRange = unsafe extern "system" fn(u32, u32, u32, isize, isize);
type GetResetStatus = unsafe extern "system" fn() -> u32;

/// What every context from OpenGL 3.3 and ES 3.0 has, as far as it is called here.
const FUNCTIONS: &[&CStr] = &[
    c"glActiveTexture",
    c"glAttachShader",
    c"glBindBuffer",
    c"glBindBufferRange",
    c"glBindFramebuffer",
    c"glBindRenderbuffer",
    c"glBindSampler",
    c"glBindTexture",
    c"glBindVertexArray",
    c"glBufferData",
    c"glBufferSubData",
    c"glCheckFramebufferStatus",
    c"glClientWaitSync",
    c"glColorMask",
    c"glCompileShader",
    c"glCreateProgram",
    c"glCreateShader",
    c"glDeleteBuffers",
    c"glDeleteFramebuffers",
    c"glDeleteProgram",
    c"glDeleteRenderbuffers",
    c"glDeleteSamplers",
    c"glDeleteShader",
    c"glDeleteSync",
    c"glDeleteVertexArrays",
    c"glDisable",
    c"glDrawArrays",
    c"glEnable",
    c"glFenceSync",
    c"glFlush",
    c"glFramebufferRenderbuffer",
    c"glGenBuffers",
    c"glGenFramebuffers",
    c"glGenRenderbuffers",
    c"glGenSamplers",
    c"glGenVertexArrays",
    c"glGetBooleanv",
    c"glGetFloatv",
    c"glGetInteger64i_v",
    c"glGetIntegeri_v",
    c"glGetIntegerv",
    c"glGetProgramInfoLog",
    c"glGetProgramiv",
    c"glGetShaderInfoLog",
    c"glGetShaderiv",
    c"glGetStringi",
    c"glGetTexParameteriv",
    c"glGetUniformBlockIndex",
    c"glGetUniformLocation",
    c"glIsEnabled",
    c"glIsProgram",
    c"glIsTexture",
    c"glLinkProgram",
    c"glMapBufferRange",
    c"glPixelStorei",
    c"glReadPixels",
    c"glRenderbufferStorage",
    c"glSamplerParameteri",
    c"glShaderSource",
    c"glUniform1i",
    c"glUniformBlockBinding",
    c"glUnmapBuffer",
    c"glUseProgram",
    c"glViewport",
];

/// A context that was current when it was met.
pub struct Context {
    pub gl: glow::Context,
    pub features: Features,
    /// Of a storage buffer's visible range, in bytes; 0 without compute.
    pub max_storage_bytes: u64,
    /// Of a renderbuffer and a viewport.
    pub max_side: u32,
    pub es: bool,
    /// The renderer and the version, for people.
    pub name: String,
    bind_buffer_range: BindBufferRange,
    reset_status: Option<GetResetStatus>,
}

impl Context {
    /// Meets the context that is current on this thread, and uses no more of it than is allowed.
    ///
    /// # Safety
    /// What `get_proc_address` gives for a name is NULL or the function of that name.
    pub unsafe fn new(
        get_proc_address: impl Fn(&CStr) -> *const c_void,
        allowed: Capabilities,
    ) -> Result<Self, GraphicsError> {
        let address = |name: &CStr| Some(get_proc_address(name)).filter(|address| !address.is_null());
        let required = |name: &CStr| address(name).ok_or_else(|| unavailable(&format!("it lacks {name:?}")));
        let get_string = required(c"glGetString")?;
        // SAFETY: the caller's promise.
        let get_string: GetString = unsafe { std::mem::transmute(get_string) };
        let text = |name: u32| {
            // SAFETY: the name is one of the two below; what is not NULL is a text that the context keeps.
            let text = unsafe { get_string(name).as_ref().map(|text| CStr::from_ptr(text)) };
            text.map(|text| text.to_string_lossy().into_owned())
        };
        // glow panics where a version is missing or unreadable, so it is read here first.
        let text_of_version = text(glow::VERSION).ok_or_else(|| unavailable("no context is current on this thread"))?;
        let version = Version::parse(&text_of_version).filter(|version| version.is_from((3, 3), (3, 0)));
        let version = version.ok_or_else(|| {
            unavailable(&format!("OpenGL 3.3 or OpenGL ES 3.0 is needed, and this is {text_of_version:?}"))
        })?;
        for name in FUNCTIONS {
            required(name)?;
        }
        let bind_buffer_range = required(c"glBindBufferRange")?;
        // SAFETY: the caller's promise; a context is current and has a version that glow reads.
        let (gl, bind_buffer_range) = unsafe {
            let gl = glow::Context::from_loader_function_cstr(&get_proc_address);
            (gl, std::mem::transmute::<*const c_void, BindBufferRange>(bind_buffer_range))
        };
        let has = |name: &str| gl.supported_extensions().contains(name);
        // SAFETY: every OpenGL from 3.2 knows its profile.
        let profile = if version.es { 0 } else { unsafe { gl.get_parameter_i32(glow::CONTEXT_PROFILE_MASK) } };
        let compatibility = profile as u32 & glow::CONTEXT_COMPATIBILITY_PROFILE_BIT != 0;
        let mut features = Features::new(version, compatibility, has).ok_or_else(|| unavailable("it is too old"))?;
        let all = |names: &[&CStr]| names.iter().all(|name| address(name).is_some());
        features.memory_barrier &= all(&[c"glMemoryBarrier"]);
        features.level_queries &= all(&[c"glGetTexLevelParameteriv"]);
        features.draw_buffer_state &= all(&[c"glEnablei", c"glDisablei", c"glColorMaski"]);
        features.viewport_state &= all(&[c"glEnablei", c"glDisablei", c"glViewportArrayv"]);
        features.polygon_mode &= all(&[c"glPolygonMode"]);
        features.capabilities.compute &= features.memory_barrier && all(&[c"glDispatchCompute"]);
        features.capabilities.buffer_storage &= all(&[c"glBufferStorage"]) || all(&[c"glBufferStorageEXT"]);
        let features = features.limited(allowed);
        // SAFETY: the names are known to the version.
        let (max_storage_bytes, max_side) = unsafe {
            let mut dims = [0; 2];
            gl.get_parameter_i32_slice(glow::MAX_VIEWPORT_DIMS, &mut dims);
            let side = dims[0].min(dims[1]).min(gl.get_parameter_i32(glow::MAX_RENDERBUFFER_SIZE));
            let bytes = if features.capabilities.compute {
                gl.get_parameter_i64(glow::MAX_SHADER_STORAGE_BLOCK_SIZE)
            } else {
                0
            };
            (u64::try_from(bytes).unwrap_or(0), u32::try_from(side).unwrap_or(0))
        };
        // SAFETY: the strategy is known to every context with the function, whose type this is.
        let reset_status = features.reset_status.and_then(|name| unsafe {
            let name = CString::new(name).ok()?;
            let tells = gl.get_parameter_i32(glow::RESET_NOTIFICATION_STRATEGY) as u32 == glow::LOSE_CONTEXT_ON_RESET;
            let function = address(&name).filter(|_| tells)?;
            Some(std::mem::transmute::<*const c_void, GetResetStatus>(function))
        });
        let renderer = text(glow::RENDERER).unwrap_or_default();
        let name = format!("{renderer}, {}{}.{}", if version.es { "ES " } else { "" }, version.major, version.minor);
        Ok(Self { gl, features, max_storage_bytes, max_side, es: version.es, name, bind_buffer_range, reset_status })
    }

    /// Whether the context told that it is lost. Contexts that were not made to tell never do.
    pub fn is_lost(&self) -> bool {
        // SAFETY: the function is the context's own.
        self.reset_status.is_some_and(|status| unsafe { status() } != glow::NO_ERROR)
    }

    /// `glBindBufferRange` with offsets beyond 2 GiB, which glow has not.
    pub fn bind_buffer_range(&self, target: u32, index: u32, buffer: Option<glow::Buffer>, start: i64, bytes: i64) {
        let name = buffer.map_or(0, |buffer| buffer.0.get());
        // SAFETY: the function is the context's own; the arguments are what the context or a slot gave.
        unsafe { (self.bind_buffer_range)(target, index, name, start as isize, bytes as isize) };
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("name", &self.name).field("features", &self.features).finish_non_exhaustive()
    }
}

/// Why this device cannot be used at all.
pub fn unavailable(reason: &str) -> GraphicsError {
    GraphicsError::Unavailable { api: API, reason: reason.to_owned() }
}

/// One call that failed.
pub fn failed(call: &'static str, code: u32) -> GraphicsError {
    GraphicsError::Call { api: API, call, code: i64::from(code) }
}
