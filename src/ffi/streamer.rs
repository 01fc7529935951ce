//! The streamer's life, its link, and what concerns the whole library.

use std::ffi::{CStr, c_char};

use super::boundary::{boundary, boundary_value, with_last_error};
use super::config::rendercast_config;
use super::handles;
use super::memory;
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::text::{text_in, text_out};
use crate::config::Config;
use crate::streamer::Streamer;

/// A streamer. 0 is never one. A stale value is an error, never a crash, and never names a later streamer.
pub type rendercast_streamer = u32;

/// The library's version as a text, "major.minor.patch". Compare it with RENDERCAST_VERSION of the header.
///
/// Returns a static text that is never freed and never NULL. Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_version() -> *const c_char {
    boundary_value("rendercast_version", c"".as_ptr(), || VERSION.as_ptr())
}

/// The library's version as a number: major * 65536 + minor * 256 + patch. Compare it with RENDERCAST_VERSION_NUMBER.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_version_number() -> u32 {
    boundary_value("rendercast_version_number", 0, || {
        let part = |text: &str| text.parse::<u32>().unwrap_or(0);
        part(env!("CARGO_PKG_VERSION_MAJOR")) << 16
            | part(env!("CARGO_PKG_VERSION_MINOR")) << 8
            | part(env!("CARGO_PKG_VERSION_PATCH"))
    })
}

/// The text of the last failure (negative status) on the calling thread: English, one line, empty when there was none.
/// Successes and positive statuses leave it alone. At most 1024 bytes with its NUL.
///
/// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL and cut at a character);
/// RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_PANIC. None of them changes the text.
///
/// Any thread. Never blocks. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_last_error(
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_last_error", || {
        with_last_error(|text| {
            // SAFETY: the caller's promise about `buffer` and `needed`. A failure is told by its status only.
            Ok(unsafe { text_out(text, buffer, capacity, needed) }.unwrap_or_else(|failure| failure.status()))
        })
    })
}

/// Creates a streamer. Nothing runs yet: rendercast_start does that.
///
/// `config` is NULL for all defaults; it and its texts may be freed after the call. On RENDERCAST_OK `*out` is the new
/// streamer, which lives until rendercast_destroy or rendercast_shutdown_all; otherwise it is 0.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (rendercast_last_error names the key and its range);
/// RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`out`); RENDERCAST_TOO_MANY (64 are alive);
/// RENDERCAST_NO_RESOURCES; RENDERCAST_PANIC.
///
/// Any thread. May allocate and lock. Since 0.1.0.
///
/// # Safety
/// `config` is NULL or valid as described, `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_create(
    config: *const rendercast_config,
    out: *mut rendercast_streamer,
) -> rendercast_status {
    boundary("rendercast_create", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::write_value(out, 0, "out")? };
        let config = if config.is_null() {
            Config::default()
        } else {
            // SAFETY: the caller's promise about `config` and its texts.
            unsafe { memory::read(config, "config")?.to_config()? }
        };
        let handle = handles::insert(Streamer::new(config)?)?;
        // SAFETY: as above.
        unsafe { memory::write_value(out, handle, "out")? };
        Ok(RENDERCAST_OK)
    })
}

/// Creates a streamer from a JSON text, which can say everything rendercast_config can and more. Nothing runs yet.
///
/// `json` is NUL-terminated UTF-8, such as {"video":{"fps":30},"server":{"address":"0.0.0.0:8080"}}; "{}" is all defaults.
/// It may be freed after the call. On RENDERCAST_OK `*out` is the new streamer, otherwise it is 0.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (not JSON, an unknown key, a value outside its range:
/// rendercast_last_error says which); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`json` or `out`);
/// RENDERCAST_TOO_MANY (64 are alive); RENDERCAST_NO_RESOURCES; RENDERCAST_PANIC.
///
/// Any thread. May allocate and lock. Since 0.1.0.
///
/// # Safety
/// `json` is NULL or ends with a NUL, `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_create_json(
    json: *const c_char,
    out: *mut rendercast_streamer,
) -> rendercast_status {
    boundary("rendercast_create_json", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::write_value(out, 0, "out")? };
        // SAFETY: the caller's promise about `json`.
        let json = unsafe { text_in(json, "json")? }.ok_or(Failure::Null("json"))?;
        let handle = handles::insert(Streamer::new(Config::from_json(json)?)?)?;
        // SAFETY: as above.
        unsafe { memory::write_value(out, handle, "out")? };
        Ok(RENDERCAST_OK)
    })
}

/// Starts the workers, the search for an encoder, the embedded server and signaling. Returns before they are ready: events
/// tell how it goes, RENDERCAST_EVENT_SERVER_LISTENING brings the link.
///
/// Returns RENDERCAST_OK; RENDERCAST_ALREADY_STARTED; RENDERCAST_NO_RESOURCES (the system refused a thread);
/// RENDERCAST_INVALID_CONFIG; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. May take some milliseconds, so not on the render or audio thread. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_start(streamer: rendercast_streamer) -> rendercast_status {
    boundary("rendercast_start", || {
        handles::with(streamer, |object| {
            object.streamer.start()?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Closes every viewer's connection and ends every thread of the streamer. The handle stays valid; events and figures can
/// still be read. Stopping what is not running is allowed.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. Blocks until the threads have ended, at most about two seconds. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_stop(streamer: rendercast_streamer) -> rendercast_status {
    boundary("rendercast_stop", || {
        handles::with(streamer, |object| {
            object.streamer.stop();
            Ok(RENDERCAST_OK)
        })
    })
}

/// Bounds what the video encoders may spend, from the next picture on, and tells their rate control how many pictures a
/// second to expect. Within the bounds the rate follows each viewer's network. Viewers stay connected.
///
/// `min_bitrate_kbps` and `max_bitrate_kbps` are in kbit/s and within those of the configuration; `fps` is 1 to 240. 0 is the
/// configuration's own value. Every value is set, or on a failure none.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (rendercast_last_error names the value and its range);
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread, before or after rendercast_start. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_set_video_rate(
    streamer: rendercast_streamer,
    min_bitrate_kbps: u32,
    max_bitrate_kbps: u32,
    fps: u32,
) -> rendercast_status {
    boundary("rendercast_set_video_rate", || {
        handles::with(streamer, |object| {
            object.streamer.set_video_rate(min_bitrate_kbps, max_bitrate_kbps, fps)?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Stops the streamer and frees it with everything it lent. From now on its handle is stale: calls with it return
/// RENDERCAST_INVALID_HANDLE. Calls that other threads are making on it are waited for; nobody may be writing into a buffer
/// of rendercast_acquire_video any more.
///
/// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (stale, or destroyed by another thread meanwhile); RENDERCAST_PANIC.
///
/// Any thread. Blocks as rendercast_stop does. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_destroy(streamer: rendercast_streamer) -> rendercast_status {
    boundary("rendercast_destroy", || {
        handles::remove(streamer)?;
        Ok(RENDERCAST_OK)
    })
}

/// Destroys every streamer of the process. For hosts that unload code and may have lost handles, as Unity's editor does when
/// it reloads scripts. The library can be used again afterwards.
///
/// Returns RENDERCAST_OK; RENDERCAST_PANIC (a defect met while one was destroyed; the others are destroyed all the same).
///
/// Any thread. Blocks until all threads of all streamers have ended, at most about two seconds each. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_shutdown_all() -> rendercast_status {
    boundary("rendercast_shutdown_all", || {
        let each = |handle| boundary("rendercast_shutdown_all", || handles::remove(handle).map(|()| RENDERCAST_OK));
        // A streamer that another thread destroys meanwhile is no failure.
        let failed = handles::alive().map(each).filter(|status| *status == super::status::RENDERCAST_PANIC).last();
        Ok(failed.unwrap_or(RENDERCAST_OK))
    })
}

/// Objects of the library that are alive in this process: streamers, and buffers lent by rendercast_acquire_video. 0 after
/// rendercast_shutdown_all; a test can find leaks with it.
///
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_live_object_count() -> u32 {
    boundary_value("rendercast_live_object_count", 0, || handles::live_object_count() as u32)
}

/// The link to open in a browser, once the embedded server listens.
///
/// `needed`, unless NULL, becomes the link's size with its NUL; 512 bytes are always enough. A NULL `buffer` with `capacity`
/// 0 asks for the size only. The link may contain the server's token: it is a secret then.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (the server does not listen: not yet, or not at all; nothing is written);
/// RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is
/// not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread. Never blocks. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_link(
    streamer: rendercast_streamer,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_link", || {
        handles::with(streamer, |object| match object.streamer.link() {
            // SAFETY: the caller's promise about `buffer` and `needed`.
            Some(link) => unsafe { text_out(&link, buffer, capacity, needed) },
            None => Ok(RENDERCAST_EMPTY),
        })
    })
}

/// Gives a streamer with other encoders a handle: for tests in Rust.
#[doc(hidden)]
pub fn adopt(streamer: Streamer) -> Option<rendercast_streamer> {
    handles::insert(streamer).ok()
}

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};
