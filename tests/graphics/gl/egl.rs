//! A context without a window.

use std::cell::Cell;
use std::ffi::{CStr, c_void};

use khronos_egl as egl;

const PLATFORM_SURFACELESS_MESA: egl::Enum = 0x31DD;
const CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY: egl::Int = 0x31BD;
const LOSE_CONTEXT_ON_RESET: egl::Int = 0x31BF;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gl,
    Es,
}

/// A context, current on the thread that made it until it is dropped.
pub struct Context {
    egl: egl::DynamicInstance<egl::EGL1_5>,
    display: egl::Display,
    context: egl::Context,
    pub kind: Kind,
}

/// Gives the function of a name, from the driver's own.
pub type Replace = fn(&CStr, *const c_void) -> *const c_void;

thread_local! {
    /// Gives another function for a name.
    pub static REPLACE: Cell<Option<Replace>> = const { Cell::new(None) };
}

impl Context {
    /// The newest version there is. Err: why there is none.
    pub fn new(kind: Kind, robust: bool) -> Result<Self, String> {
        // SAFETY: the library is the system's EGL.
        let egl = unsafe { egl::DynamicInstance::<egl::EGL1_5>::load_required() }.map_err(|e| e.to_string())?;
        // SAFETY: the platform takes no native display.
        let display =
            unsafe { egl.get_platform_display(PLATFORM_SURFACELESS_MESA, egl::DEFAULT_DISPLAY, &[egl::ATTRIB_NONE]) };
        let display = display.map_err(|e| e.to_string())?;
        egl.initialize(display).map_err(|e| e.to_string())?;
        let (api, bit, [major, minor]) = match kind {
            Kind::Gl => (egl::OPENGL_API, egl::OPENGL_BIT, [3, 3]),
            Kind::Es => (egl::OPENGL_ES_API, egl::OPENGL_ES3_BIT, [3, 0]),
        };
        egl.bind_api(api).map_err(|e| e.to_string())?;
        let wanted = [egl::SURFACE_TYPE, egl::PBUFFER_BIT, egl::RENDERABLE_TYPE, bit, egl::NONE];
        let config = egl.choose_first_config(display, &wanted).map_err(|e| e.to_string())?.ok_or("no config")?;
        let mut attributes = vec![egl::CONTEXT_MAJOR_VERSION, major, egl::CONTEXT_MINOR_VERSION, minor];
        if kind == Kind::Gl {
            attributes.extend([egl::CONTEXT_OPENGL_PROFILE_MASK, egl::CONTEXT_OPENGL_CORE_PROFILE_BIT]);
        }
        if robust {
            attributes.extend([CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, LOSE_CONTEXT_ON_RESET]);
        }
        attributes.push(egl::NONE);
        let context = egl.create_context(display, config, None, &attributes).map_err(|e| e.to_string())?;
        let made = Self { egl, display, context, kind };
        made.make_current(true);
        Ok(made)
    }

    pub fn make_current(&self, current: bool) {
        self.egl.bind_api(if self.kind == Kind::Gl { egl::OPENGL_API } else { egl::OPENGL_ES_API }).unwrap();
        self.egl.make_current(self.display, None, None, current.then_some(self.context)).unwrap();
    }

    /// What a host gives.
    pub fn address(&self, name: &CStr) -> *const c_void {
        let real = self.egl.get_proc_address(name.to_str().unwrap()).map_or(std::ptr::null(), |f| f as *const c_void);
        REPLACE.get().map_or(real, |replace| replace(name, real))
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let _ = self.egl.make_current(self.display, None, None, None);
        let _ = self.egl.destroy_context(self.display, self.context);
    }
}
