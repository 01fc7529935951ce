//! The one door between C and Rust. Every export is a single call to [`boundary`] or [`boundary_value`]: no panic unwinds
//! into the host, and every failure leaves a text for `rendercast_last_error` on the calling thread.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::status::{Failure, RENDERCAST_PANIC, rendercast_status};

/// Bytes of error text kept for each thread, without a NUL. Longer texts are cut at a character.
const ERROR_CAPACITY: usize = 1023;

/// Error text in place, so that a refused frame allocates nothing.
#[derive(Clone, Copy)]
struct ErrorText {
    bytes: [u8; ERROR_CAPACITY],
    len: usize,
}

thread_local! {
    static LAST_ERROR: RefCell<ErrorText> = const { RefCell::new(ErrorText::EMPTY) };
}

impl ErrorText {
    const EMPTY: Self = Self { bytes: [0; ERROR_CAPACITY], len: 0 };
}

impl Write for ErrorText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = text.floor_char_boundary(ERROR_CAPACITY - self.len);
        self.bytes[self.len..self.len + room].copy_from_slice(&text.as_bytes()[..room]);
        self.len += room;
        // Whatever comes after a cut is left out too: a text with a hole in it reads as another text.
        if room < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Runs the body of an export. Failures and panics become a status and the thread's error text. A handle that is in use
/// while the body panics is poisoned by its guard; other handles live on.
pub(super) fn boundary(
    name: &'static str,
    body: impl FnOnce() -> Result<rendercast_status, Failure>,
) -> rendercast_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => {
            if failure.status() < 0 {
                set_last_error(format_args!("{name}: {failure}"));
            }
            failure.status()
        }
        Err(payload) => {
            set_last_error(format_args!("{name}: a defect stopped this call: {}", panic_text(&*payload)));
            // The payload's own drop may panic, outside of any guard.
            std::mem::forget(payload);
            RENDERCAST_PANIC
        }
    }
}

/// The same for exports that return a plain value, which has to make sense after a panic as well.
pub(crate) fn boundary_value<T>(name: &'static str, after_panic: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        set_last_error(format_args!("{name}: a defect stopped this call: {}", panic_text(&*payload)));
        std::mem::forget(payload);
        after_panic
    })
}

/// Calls `read` with this thread's error text, empty when nothing failed yet.
pub(crate) fn with_last_error<T>(read: impl FnOnce(&str) -> T) -> T {
    // A thread that is ending has lost its text.
    let last = LAST_ERROR.try_with(|last| *last.borrow()).unwrap_or(ErrorText::EMPTY);
    read(last.bytes.get(..last.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default())
}

fn set_last_error(text: fmt::Arguments<'_>) {
    let _ = LAST_ERROR.try_with(|last| {
        let mut last = last.borrow_mut();
        last.len = 0;
        // An error here is only the cut at the capacity.
        let _ = last.write_fmt(text);
    });
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[cfg(test)]
mod tests {
    use super::super::status::{RENDERCAST_NULL_POINTER, RENDERCAST_OK, RENDERCAST_WOULD_BLOCK};
    use super::*;
    use crate::error::PushError;

    fn last() -> String {
        with_last_error(str::to_owned)
    }

    #[test]
    fn a_failure_leaves_its_text_and_a_success_leaves_the_text_alone() {
        assert_eq!(boundary("rendercast_x", || Err(Failure::Null("frame"))), RENDERCAST_NULL_POINTER);
        assert_eq!(last(), "rendercast_x: frame is NULL");
        assert_eq!(boundary("rendercast_y", || Ok(RENDERCAST_OK)), RENDERCAST_OK);
        assert_eq!(boundary("rendercast_y", || Err(PushError::NoBuffer.into())), RENDERCAST_WOULD_BLOCK);
        assert_eq!(last(), "rendercast_x: frame is NULL");
    }

    #[test]
    fn a_panic_becomes_a_status_with_its_text() {
        assert_eq!(boundary("rendercast_x", || panic!("row {}", 7)), RENDERCAST_PANIC);
        assert_eq!(last(), "rendercast_x: a defect stopped this call: row 7");
        assert_eq!(boundary_value("rendercast_y", 9, || panic!("oh")), 9);
        assert_eq!(last(), "rendercast_y: a defect stopped this call: oh");
    }

    #[test]
    fn error_text_belongs_to_its_thread() {
        boundary("rendercast_x", || Err(Failure::Null("frame")));
        assert_eq!(std::thread::spawn(last).join().unwrap(), "");
    }

    #[test]
    fn long_error_text_is_cut_at_a_character() {
        let text = "é".repeat(ERROR_CAPACITY);
        boundary("x", || Err(Failure::Config(crate::error::ConfigError::Json(text))));
        let text = last();
        assert!(text.len() <= ERROR_CAPACITY && text.len() > ERROR_CAPACITY - 2, "{}", text.len());
        assert!(text.ends_with('é'));
    }
}
