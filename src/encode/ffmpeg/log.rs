//! FFmpeg's log into `tracing`, so that nothing reaches stderr by itself. While a candidate is proved, what it says is
//! collected instead, and becomes the one line about that candidate.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use ffmpeg_next::ffi;

thread_local! {
    static COLLECTED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

const TARGET: &str = "rendercast::ffmpeg";

/// Lines kept while collecting: the first ones name the cause.
const MAX_COLLECTED: usize = 8;

/// `va_list` as every 64-bit ABI passes it: one pointer, whatever the bindings of the platform call it.
type VaList = *mut c_void;
type Callback = unsafe extern "C" fn(*mut c_void, c_int, *const c_char, VaList);
type FormatLine = unsafe extern "C" fn(*mut c_void, c_int, *const c_char, VaList, *mut c_char, c_int, *mut c_int);

/// Puts our callback in place, once per process.
pub fn install() {
    static ONCE: Once = Once::new();
    #[allow(clippy::missing_transmute_annotations)] // the name of the target type is the platform's
    // SAFETY: the callback is a function of this library, takes what FFmpeg passes on every 64-bit ABI (see `VaList`),
    // never unwinds, and may be called from any thread.
    ONCE.call_once(|| unsafe {
        ffi::av_log_set_callback(std::mem::transmute::<Option<Callback>, _>(Some(on_line as Callback)));
    });
}

/// Runs `f` and returns what FFmpeg said on this thread at warning level or worse, instead of logging it.
pub fn collect<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    install();
    let outer = COLLECTED.replace(Some(Vec::new()));
    let result = f();
    let lines = COLLECTED.replace(outer).unwrap_or_default();
    (result, lines)
}

unsafe extern "C" fn on_line(source: *mut c_void, level: c_int, format: *const c_char, args: VaList) {
    // The upper bits of a level hold a colour.
    let level = level & 0xff;
    if level > ffi::AV_LOG_INFO && !tracing::enabled!(tracing::Level::TRACE) {
        return;
    }
    // A panic (in a subscriber, say) must not cross into C; the line is lost.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: FFmpeg passes a source, format and arguments that belong together, for the time of this call.
        let line = unsafe { format_line(source, level, format, args) };
        if !line.is_empty() {
            handle_line(level, line);
        }
    }));
}

/// # Safety
/// The arguments must be those of one call of a log callback.
unsafe fn format_line(source: *mut c_void, level: c_int, format: *const c_char, args: VaList) -> String {
    let mut buffer = [0 as c_char; 1024];
    let mut print_prefix: c_int = 1;
    // SAFETY: same function, with `va_list` passed as on every 64-bit ABI (see `VaList`).
    let format_line = unsafe { std::mem::transmute::<*const (), FormatLine>(ffi::av_log_format_line as *const ()) };
    // SAFETY: the caller vouches for the arguments; the buffer's size is given, and FFmpeg ends it with NUL.
    unsafe {
        format_line(source, level, format, args, buffer.as_mut_ptr(), buffer.len() as c_int, &raw mut print_prefix);
        CStr::from_ptr(buffer.as_ptr()).to_string_lossy().trim().to_owned()
    }
}

fn handle_line(level: c_int, line: String) {
    let collected = COLLECTED
        .try_with(|lines| match lines.try_borrow_mut().as_deref_mut() {
            Ok(Some(lines)) => {
                if level <= ffi::AV_LOG_WARNING && lines.len() < MAX_COLLECTED {
                    lines.push(without_prefix(&line).to_owned());
                }
                true
            }
            _ => false,
        })
        .unwrap_or(false);
    if collected {
        tracing::trace!(target: TARGET, "{line}");
    } else if level <= ffi::AV_LOG_ERROR {
        tracing::error!(target: TARGET, "{line}");
    } else if level <= ffi::AV_LOG_WARNING {
        tracing::warn!(target: TARGET, "{line}");
    } else if level <= ffi::AV_LOG_INFO {
        tracing::debug!(target: TARGET, "{line}");
    } else {
        tracing::trace!(target: TARGET, "{line}");
    }
}

/// The line without `[libx264 @ 0x55...]`.
fn without_prefix(line: &str) -> &str {
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((source, text)) if source.contains(" @ ") => text,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_collected_on_this_thread_with_their_arguments() {
        let ((), lines) = collect(|| {
            // SAFETY: the format matches its arguments, and no source is given.
            unsafe {
                ffi::av_log(std::ptr::null_mut(), ffi::AV_LOG_ERROR, c"%s is %d\n".as_ptr(), c"answer".as_ptr(), 42)
            };
            // SAFETY: as above; not serious enough to be collected.
            unsafe { ffi::av_log(std::ptr::null_mut(), ffi::AV_LOG_INFO, c"chatter\n".as_ptr()) };
        });
        assert_eq!(lines, ["answer is 42"]);
    }

    #[test]
    fn the_source_and_its_address_are_cut_off() {
        assert_eq!(without_prefix("[h264_nvenc @ 0x55d0] Cannot load libcuda.so.1"), "Cannot load libcuda.so.1");
        assert_eq!(without_prefix("[1] of 2"), "[1] of 2");
    }
}
