//! OpenGL and OpenGL ES within Unity: there is no table for them, but the context is current on the render thread, and the
//! library that made it is loaded already and is asked for its functions.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::mem;
use std::sync::Arc;

use libloading::Library;

use crate::graphics::opengl::OpenGl;
use crate::graphics::{Api, Device, GraphicsError, Inbox, Job, Pushed, Rings};

type GetProcAddress = unsafe extern "system" fn(*const c_char) -> *const c_void;
type GetCurrentContext = unsafe extern "system" fn() -> *const c_void;

/// A library that makes contexts: where it is found, what tells the current one, what knows functions by name.
struct Platform {
    library: &'static str,
    current_context: &'static CStr,
    get_proc_address: &'static CStr,
}

#[cfg(windows)]
const PLATFORMS: [Platform; 1] = [Platform {
    library: "opengl32.dll",
    current_context: c"wglGetCurrentContext",
    get_proc_address: c"wglGetProcAddress",
}];
#[cfg(not(windows))]
const PLATFORMS: [Platform; 4] = [
    Platform {
        library: "libEGL.so.1",
        current_context: c"eglGetCurrentContext",
        get_proc_address: c"eglGetProcAddress",
    },
    // Android's
    Platform { library: "libEGL.so", current_context: c"eglGetCurrentContext", get_proc_address: c"eglGetProcAddress" },
    Platform {
        library: "libGLX.so.0",
        current_context: c"glXGetCurrentContext",
        get_proc_address: c"glXGetProcAddressARB",
    },
    Platform {
        library: "libGL.so.1",
        current_context: c"glXGetCurrentContext",
        get_proc_address: c"glXGetProcAddressARB",
    },
];

/// The library behind the current context.
struct Loader {
    library: Library,
    current_context: GetCurrentContext,
    get_proc_address: GetProcAddress,
}

impl Loader {
    /// None: no context is current on this thread, or it is none of a kind that is known.
    fn of_current_context() -> Option<Self> {
        PLATFORMS.iter().filter_map(Self::of).find(|loader| loader.context() != 0)
    }

    fn of(platform: &Platform) -> Option<Self> {
        let library = already_loaded(platform.library)?;
        // SAFETY: the functions have these types on their platform.
        unsafe {
            let current_context =
                *library.get::<GetCurrentContext>(platform.current_context.to_bytes_with_nul()).ok()?;
            let get_proc_address =
                *library.get::<GetProcAddress>(platform.get_proc_address.to_bytes_with_nul()).ok()?;
            Some(Self { library, current_context, get_proc_address })
        }
    }

    /// The context that is current on this thread; 0 for none.
    fn context(&self) -> usize {
        // SAFETY: the library is loaded as long as this.
        unsafe { (self.current_context)() }.addr()
    }

    fn address(&self, name: &CStr) -> *const c_void {
        // SAFETY: the library is loaded as long as this. A name that it exports and its function does not know, as the old
        // ones on Windows, is looked up in the library itself.
        unsafe {
            let known = (self.get_proc_address)(name.as_ptr());
            // Windows gives -1 and 1 to 3 for failures too.
            if known.addr().wrapping_add(1) > 4 {
                return known;
            }
            self.library
                .get::<*const c_void>(name.to_bytes_with_nul())
                .map_or(std::ptr::null(), |symbol| symbol.try_as_raw_ptr().unwrap_or(std::ptr::null_mut()).cast_const())
        }
    }
}

#[cfg(windows)]
fn already_loaded(name: &str) -> Option<Library> {
    libloading::os::windows::Library::open_already_loaded(name).ok().map(Into::into)
}

#[cfg(not(windows))]
fn already_loaded(name: &str) -> Option<Library> {
    use libloading::os::unix::{Library, RTLD_LAZY};
    /// `RTLD_NOLOAD`
    const ONLY_IF_LOADED: std::ffi::c_int = if cfg!(target_vendor = "apple") { 0x10 } else { 4 };
    // SAFETY: nothing is loaded, so nothing of it runs.
    unsafe { Library::open(Some(name), RTLD_LAZY | ONLY_IF_LOADED) }.ok().map(Into::into)
}

/// Makes the pipeline, within a render event.
pub(super) fn open() -> Result<Box<dyn Device>, GraphicsError> {
    let unavailable = |reason: &str| GraphicsError::Unavailable { api: Api::OpenGl, reason: reason.to_owned() };
    let loader = Loader::of_current_context().ok_or_else(|| unavailable("no context is current on this thread"))?;
    // SAFETY: the context's own functions.
    let backend = unsafe { OpenGl::new(|name| loader.address(name))? };
    let context = loader.context();
    Ok(Box::new(InContext { rings: Some(Rings::new(backend)), loader, context }))
}

/// The pipeline and its context. Unity tells of its device's end on a thread where the context may not be current: then
/// nothing may be asked of OpenGL, and all goes with the context.
struct InContext {
    /// None once closed.
    rings: Option<Rings<OpenGl>>,
    loader: Loader,
    context: usize,
}

impl InContext {
    /// The pipeline, where OpenGL may be called.
    fn current(&mut self) -> Option<&mut Rings<OpenGl>> {
        let is_current = self.loader.context() == self.context;
        self.rings.as_mut().filter(|_| is_current)
    }
}

impl Device for InContext {
    fn api(&self) -> Api {
        Api::OpenGl
    }

    fn name(&self) -> &str {
        self.rings.as_ref().map_or("closed", Device::name)
    }

    fn push(&mut self, inbox: &Arc<Inbox>, job: &Job) -> Result<Pushed, GraphicsError> {
        match self.current() {
            Some(rings) => rings.push(inbox, job),
            None => {
                inbox.count_drop();
                Err(GraphicsError::DeviceLost { api: Api::OpenGl })
            }
        }
    }

    fn poll(&mut self) {
        if let Some(rings) = self.current() {
            rings.poll();
        }
    }

    fn close(&mut self) {
        if self.current().is_none() {
            return self.leave();
        }
        drop(self.rings.take());
    }

    fn leave(&mut self) {
        if let Some(mut rings) = self.rings.take() {
            rings.leave();
            // Its own end would ask OpenGL.
            mem::forget(rings);
        }
    }
}

impl Drop for InContext {
    fn drop(&mut self) {
        self.close();
    }
}
