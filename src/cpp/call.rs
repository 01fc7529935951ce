//! The one door between C++ and Rust. The exports of the C ABI stop their own panics; those of the lines around them are stopped
//! here, since `cxx` ends the process on one.

use std::ffi::{CStr, CString, c_char};
use std::fmt;

use crate::ffi::status::{
    RENDERCAST_BUFFER_TOO_SMALL, RENDERCAST_INVALID_TEXT, RENDERCAST_PANIC, RENDERCAST_WOULD_BLOCK, rendercast_status,
};
use crate::ffi::{boundary_value, with_last_error};

/// What a text has room for at first: most are shorter.
const TEXT_ROOM: usize = 1024;
/// How often a text, or some bytes, may outgrow the room that they have just asked for.
const TRIES: u32 = 8;

/// A failure on its way to C++, where `rendercast::Error` takes the number and the text apart again.
#[derive(Debug)]
pub(super) struct Error {
    status: rendercast_status,
    text: String,
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text)
    }
}

impl Error {
    /// Of the export that was just called on this thread.
    fn last(status: rendercast_status) -> Self {
        Self { status, text: with_last_error(str::to_owned) }
    }
}

/// Runs the body of a function of the bridge.
pub(super) fn guarded<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    boundary_value("the C++ API", None, || Some(body())).unwrap_or_else(|| Err(Error::last(RENDERCAST_PANIC)))
}

/// Of an export that does something; false is "not now".
pub(super) fn call(export: impl FnOnce() -> rendercast_status) -> Result<bool> {
    guarded(|| done(export()))
}

/// The same with a text that C has to see a NUL behind. An empty one is NULL.
pub(super) fn call_with(text: &[u8], export: impl FnOnce(*const c_char) -> rendercast_status) -> Result<bool> {
    guarded(|| done(export(pointer_to(c_text(text)?.as_deref()))))
}

/// Of an export that gives a number.
pub(super) fn number(export: impl FnOnce(*mut u32) -> rendercast_status) -> Result<u32> {
    guarded(|| number_of(export))
}

/// The same with a text.
pub(super) fn number_with(
    text: &[u8],
    export: impl FnOnce(*const c_char, *mut u32) -> rendercast_status,
) -> Result<u32> {
    guarded(|| {
        let text = c_text(text)?;
        number_of(|out| export(pointer_to(text.as_deref()), out))
    })
}

/// Of an export that writes a text; empty when there is none.
pub(super) fn text(export: impl FnMut(*mut c_char, u32, *mut u32) -> rendercast_status) -> Result<String> {
    guarded(|| text_of(export))
}

/// The same with a text that goes in.
pub(super) fn text_with(
    text: &[u8],
    mut export: impl FnMut(*const c_char, *mut c_char, u32, *mut u32) -> rendercast_status,
) -> Result<String> {
    guarded(|| {
        let text = c_text(text)?;
        text_of(|buffer, capacity, needed| export(pointer_to(text.as_deref()), buffer, capacity, needed))
    })
}

/// Of an export that fills an array, of whose items `needed` tells the number; empty when there is nothing.
pub(super) fn items<T: Clone + Default>(
    out: &mut Vec<T>,
    export: impl FnMut(*mut T, u32, *mut u32) -> rendercast_status,
) -> Result<bool> {
    guarded(|| items_of(out, export))
}

/// Of an export that fills a structure and writes the text that belongs to it.
pub(super) fn message(
    text: &mut String,
    mut export: impl FnMut(*mut c_char, u32) -> (rendercast_status, u32),
) -> Result<bool> {
    guarded(|| {
        let mut bytes = Vec::new();
        let there = items_of(&mut bytes, |buffer: *mut u8, capacity, needed| {
            let (status, size) = export(buffer.cast(), capacity);
            // SAFETY: `items_of` lends a number of its own.
            unsafe { needed.write(size) };
            status
        })?;
        *text = up_to_nul(&bytes);
        Ok(there)
    })
}

fn done(status: rendercast_status) -> Result<bool> {
    if status < 0 { Err(Error::last(status)) } else { Ok(status == 0) }
}

fn number_of(export: impl FnOnce(*mut u32) -> rendercast_status) -> Result<u32> {
    let mut out = 0;
    if done(export(&raw mut out))? {
        return Ok(out);
    }
    Err(Error { status: RENDERCAST_WOULD_BLOCK, text: "earlier calls are not done yet: call again later".to_owned() })
}

fn text_of(export: impl FnMut(*mut c_char, u32, *mut u32) -> rendercast_status) -> Result<String> {
    let (mut bytes, mut export) = (Vec::with_capacity(TEXT_ROOM), export);
    items_of(&mut bytes, |buffer: *mut u8, capacity, needed| export(buffer.cast(), capacity, needed))?;
    Ok(up_to_nul(&bytes))
}

/// Gives the export what room the vector has, and more where that is too little.
fn items_of<T: Clone + Default>(
    out: &mut Vec<T>,
    mut export: impl FnMut(*mut T, u32, *mut u32) -> rendercast_status,
) -> Result<bool> {
    out.resize(out.capacity(), T::default());
    let mut tries = 0;
    loop {
        let mut needed = 0;
        let status = export(out.as_mut_ptr(), u32::try_from(out.len()).unwrap_or(u32::MAX), &raw mut needed);
        tries += 1;
        let room = needed as usize;
        // C takes an empty buffer as a question for the size.
        let asked = status == 0 && out.len() < room;
        if (status == RENDERCAST_BUFFER_TOO_SMALL || asked) && tries < TRIES {
            // What may have grown meanwhile gets a little more than it asked for.
            out.resize(room + room / 8, T::default());
            continue;
        }
        let there = done(status)?;
        out.truncate(if there { room } else { 0 });
        return Ok(there);
    }
}

/// Everything that the library writes is UTF-8.
fn up_to_nul(bytes: &[u8]) -> String {
    CStr::from_bytes_until_nul(bytes).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
}

fn c_text(text: &[u8]) -> Result<Option<CString>> {
    if text.is_empty() {
        return Ok(None);
    }
    let holds = |_| Error { status: RENDERCAST_INVALID_TEXT, text: "a text holds a NUL".to_owned() };
    CString::new(text).map(Some).map_err(holds)
}

/// Where the export takes no NULL: an empty text is a text.
pub(super) fn or_empty(text: *const c_char) -> *const c_char {
    if text.is_null() { c"".as_ptr() } else { text }
}

fn pointer_to(text: Option<&CStr>) -> *const c_char {
    text.map_or(std::ptr::null(), CStr::as_ptr)
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
