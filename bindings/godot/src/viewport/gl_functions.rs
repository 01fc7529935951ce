//! The functions of the OpenGL context that Godot has made current, from the library that Godot has loaded: nothing is loaded
//! here.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};

type GetAddress = unsafe extern "system" fn(*const c_char) -> *const c_void;

/// Where functions come from. None found: none has an address.
#[derive(Default)]
pub struct Functions {
    get: Option<GetAddress>,
    /// The library itself, for functions that the other way does not give (OpenGL 1.1 on Windows, all on macOS).
    library: Option<libloading::Library>,
}

impl Functions {
    pub fn address(&self, name: &CStr) -> *const c_void {
        // SAFETY: a function of this kind, by its documentation; the name ends with a NUL.
        let found = self.get.map_or(std::ptr::null(), |get| unsafe { get(name.as_ptr()) });
        // wglGetProcAddress has four values for "none".
        if found as isize > 3 || (found as isize) < -1 {
            return found;
        }
        let library = self.library.as_ref();
        // SAFETY: only the address is taken.
        let symbol = library.and_then(|library| unsafe { library.get::<*const c_void>(name.to_bytes_with_nul()).ok() });
        // SAFETY: as above.
        symbol.map_or(std::ptr::null(), |symbol| unsafe { symbol.try_as_raw_ptr() }.unwrap_or(std::ptr::null_mut()))
    }
}

/// Those of the context that is current on this thread.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub fn current() -> Functions {
    // Each gives the functions of the context that is current, which only one of them knows.
    let ways = [
        (&["libEGL.so.1", "libEGL.so"][..], c"eglGetCurrentContext", c"eglGetProcAddress"),
        (&["libGLX.so.0", "libGL.so.1", "libGL.so"][..], c"glXGetCurrentContext", c"glXGetProcAddressARB"),
    ];
    for (names, current, get) in ways {
        for name in names {
            // SAFETY: it is there already, or nothing happens.
            let found = unsafe {
                use libloading::os::unix::{Library, RTLD_LAZY};
                const RTLD_NOLOAD: i32 = 4;
                Library::open(Some(name), RTLD_LAZY | RTLD_NOLOAD)
            };
            let Ok(library) = found.map(libloading::Library::from) else { continue };
            // SAFETY: functions of these kinds, by the specifications of EGL and GLX.
            let get = unsafe {
                let current = library.get::<unsafe extern "C" fn() -> *const c_void>(current.to_bytes_with_nul());
                let get = library.get::<GetAddress>(get.to_bytes_with_nul());
                match (current, get) {
                    (Ok(current), Ok(get)) if !current().is_null() => Some(*get),
                    _ => None,
                }
            };
            if get.is_some() {
                return Functions { get, library: Some(library) };
            }
        }
    }
    Functions::default()
}

/// Those of the context that is current on this thread: of ANGLE, where Godot has loaded it, else of the system.
#[cfg(windows)]
pub fn current() -> Functions {
    use libloading::os::windows::Library;
    let find = |name: &str, get: &CStr| {
        let library = libloading::Library::from(Library::open_already_loaded(name).ok()?);
        // SAFETY: a function of this kind, by its documentation.
        let get = unsafe { library.get::<GetAddress>(get.to_bytes_with_nul()).ok().map(|get| *get) };
        Some(Functions { get: Some(get?), library: Some(library) })
    };
    find("libEGL.dll", c"eglGetProcAddress").or_else(|| find("opengl32.dll", c"wglGetProcAddress")).unwrap_or_default()
}

/// Those of the process: Godot links the system's framework.
#[cfg(target_vendor = "apple")]
pub fn current() -> Functions {
    let this = libloading::Library::from(libloading::os::unix::Library::this());
    Functions { get: None, library: Some(this) }
}
