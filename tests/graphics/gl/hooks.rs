//! Functions in the place of the driver's: they watch what is called, and play a slow or a broken GPU.

use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr::null;

thread_local! {
    /// The GPU never gets done.
    pub static SLOW: Cell<bool> = const { Cell::new(false) };
    pub static RESET: Cell<u32> = const { Cell::new(0) };
    /// Calls that could have waited for the GPU.
    pub static WAITS: Cell<u32> = const { Cell::new(0) };
    static SIGNALLED: Cell<u32> = const { Cell::new(0) };
    static REAL: [Cell<*const c_void>; 3] = const { [const { Cell::new(null()) }; 3] };
}

type ClientWait = extern "system" fn(*const c_void, u32, u64) -> u32;
type MapRange = extern "system" fn(u32, isize, isize, u32) -> *mut c_void;
type GetInteger = extern "system" fn(u32, *mut i32);

fn real(index: usize) -> *const c_void {
    REAL.with(|real| real[index].get())
}

fn count(waits: &'static std::thread::LocalKey<Cell<u32>>) {
    waits.set(waits.get() + 1);
}

extern "system" fn finish() {
    count(&WAITS);
}

extern "system" fn client_wait(fence: *const c_void, flags: u32, timeout: u64) -> u32 {
    if timeout != 0 {
        count(&WAITS);
    }
    if SLOW.get() {
        return glow::TIMEOUT_EXPIRED;
    }
    // SAFETY: the driver's own.
    let answer = unsafe { std::mem::transmute::<*const c_void, ClientWait>(real(0)) }(fence, flags, timeout);
    if answer != glow::TIMEOUT_EXPIRED {
        count(&SIGNALLED);
    }
    answer
}

extern "system" fn map_range(target: u32, start: isize, bytes: isize, access: u32) -> *mut c_void {
    // Mapped for good when nothing was recorded into it yet, or for one picture whose fence has passed.
    if access & glow::MAP_PERSISTENT_BIT == 0 {
        match SIGNALLED.get() {
            0 => count(&WAITS),
            passed => SIGNALLED.set(passed - 1),
        }
    }
    // SAFETY: the driver's own.
    let driver = unsafe { std::mem::transmute::<*const c_void, MapRange>(real(1)) };
    driver(target, start, bytes, access)
}

extern "system" fn reset_status() -> u32 {
    RESET.get()
}

extern "system" fn get_integer(name: u32, value: *mut i32) {
    if name == glow::RESET_NOTIFICATION_STRATEGY {
        // SAFETY: one value is asked for.
        return unsafe { *value = glow::LOSE_CONTEXT_ON_RESET as i32 };
    }
    // SAFETY: the driver's own.
    let driver = unsafe { std::mem::transmute::<*const c_void, GetInteger>(real(2)) };
    driver(name, value)
}

/// For `egl::REPLACE`.
pub fn watched(name: &CStr, driver: *const c_void) -> *const c_void {
    let keep = |index: usize| REAL.with(|real| real[index].set(driver));
    match name.to_bytes() {
        b"glFinish" => finish as *const c_void,
        b"glGetError" => {
            extern "system" fn get_error() -> u32 {
                count(&WAITS);
                0
            }
            get_error as *const c_void
        }
        b"glClientWaitSync" => {
            keep(0);
            client_wait as *const c_void
        }
        b"glMapBufferRange" => {
            keep(1);
            map_range as *const c_void
        }
        _ => driver,
    }
}

/// For `egl::REPLACE`: a context that can be lost.
pub fn mortal(name: &CStr, driver: *const c_void) -> *const c_void {
    match name.to_bytes() {
        b"glGetGraphicsResetStatus" | b"glGetGraphicsResetStatusKHR" => reset_status as *const c_void,
        b"glGetIntegerv" => {
            REAL.with(|real| real[2].set(driver));
            get_integer as *const c_void
        }
        _ => watched(name, driver),
    }
}

/// For `egl::REPLACE`: a context that is too old.
pub fn old(name: &CStr, driver: *const c_void) -> *const c_void {
    extern "system" fn get_string(_: u32) -> *const std::ffi::c_char {
        c"2.1 Mesa 22.3.6".as_ptr()
    }
    if name == c"glGetString" { get_string as *const c_void } else { driver }
}

/// For `egl::REPLACE`: a driver that misses a function it should have.
pub fn incomplete(name: &CStr, driver: *const c_void) -> *const c_void {
    if name == c"glFenceSync" { null() } else { driver }
}
