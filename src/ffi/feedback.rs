//! What viewers' pages are to do: rumble, the cursor, a text field, the clipboard, the last picture, and going away. It goes to
//! pages with the data channel `rendercast`, as the library's own.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::streamer::{FeedbackError, Keyboard, KeyboardMode, Rumble, Streamer};
use crate::units::ViewerId;

/// Any text.
pub const RENDERCAST_KEYBOARD_TEXT: u32 = 0;
/// Digits.
pub const RENDERCAST_KEYBOARD_NUMERIC: u32 = 1;
/// An e-mail address.
pub const RENDERCAST_KEYBOARD_EMAIL: u32 = 2;
/// An address of the Web.
pub const RENDERCAST_KEYBOARD_URL: u32 = 3;
/// Something to look for.
pub const RENDERCAST_KEYBOARD_SEARCH: u32 = 4;
/// A password, which is not shown.
pub const RENDERCAST_KEYBOARD_PASSWORD: u32 = 5;

/// How a gamepad is to shake (W3C GamepadEffectParameters: "dual-rumble" and, where the pad can, "trigger-rumble").
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_rumble {
    /// sizeof(rendercast_rumble); set by the caller.
    pub size: u32,
    /// Which of the viewer's gamepads, 0 to 3, as rendercast_input.pad_index.
    pub pad: u32,
    /// The strong motor, 0 to 1.
    pub strong: f32,
    /// The weak motor, 0 to 1.
    pub weak: f32,
    /// In the left trigger, 0 to 1.
    pub left_trigger: f32,
    /// In the right trigger, 0 to 1.
    pub right_trigger: f32,
    /// 1 to 5000 ms. 0 stops what shakes.
    pub duration_ms: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_rumble {
    const NAME: &'static str = "rendercast_rumble";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// A text field with an on-screen keyboard.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_keyboard {
    /// sizeof(rendercast_keyboard); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_KEYBOARD_*. Default RENDERCAST_KEYBOARD_TEXT.
    pub mode: u32,
    /// What is in the field at first, at most 16384 bytes of UTF-8, ended by a NUL. NULL: empty.
    pub text: *const c_char,
    /// What the text is for, read out and shown, at most 256 bytes of UTF-8, ended by a NUL. NULL: nothing.
    pub label: *const c_char,
    /// Where the selection begins, in characters (Unicode scalar values), 0 to `selection_end`.
    pub selection_start: u32,
    /// Where it ends, 0 to the characters of `text`. The same as `selection_start`: the caret is there.
    pub selection_end: u32,
}

// SAFETY: repr(C), size first, integers and pointers that may be NULL.
unsafe impl Versioned for rendercast_keyboard {
    const NAME: &'static str = "rendercast_keyboard";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Shakes a viewer's gamepad, in place of what it does at the moment.
///
/// `viewer` is the number that events and input carry; 0 is everybody whose page can be told now. A browser without gamepads
/// that shake does nothing.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_WOULD_BLOCK (earlier messages still wait: try again later);
/// RENDERCAST_NO_VIEWER; RENDERCAST_NO_CHANNEL (the page has no channel `rendercast`, or not yet);
/// RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `rumble` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_rumble(
    streamer: rendercast_streamer,
    viewer: u32,
    rumble: *const rendercast_rumble,
) -> rendercast_status {
    boundary("rendercast_viewer_rumble", || {
        // SAFETY: the caller's promise about `rumble`.
        let given = unsafe { memory::read(rumble, "rumble")? };
        let rumble = Rumble {
            pad: given.pad,
            strong: given.strong,
            weak: given.weak,
            left_trigger: given.left_trigger,
            right_trigger: given.right_trigger,
            ms: given.duration_ms,
        };
        tell(streamer, |streamer| streamer.rumble(whom(viewer), rumble))
    })
}

/// Shows another cursor over the picture, or none.
///
/// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `cursor` is a keyword of the CSS
/// property of that name, NUL-terminated: "none", "pointer", "crosshair", "grab", "wait", ...; NULL is the page's own. It stays
/// until it is set again; a page that has no channel `rendercast` yet is told when it has.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (no such keyword); RENDERCAST_INVALID_TEXT;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `cursor` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_set_cursor(
    streamer: rendercast_streamer,
    viewer: u32,
    cursor: *const c_char,
) -> rendercast_status {
    boundary("rendercast_viewer_set_cursor", || {
        // SAFETY: the caller's promise about `cursor`.
        let cursor = unsafe { text_in(cursor, "cursor")? };
        tell(streamer, |streamer| streamer.set_cursor(whom(viewer), cursor))
    })
}

/// Has the page lock the pointer (W3C Pointer Lock) at the viewer's next gesture, as browsers ask for one, or let it go at once.
///
/// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `on` is 1 or 0. A viewer can
/// leave the lock at any time. It stays until it is set again.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (`on`); RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_viewer_set_pointer_lock(
    streamer: rendercast_streamer,
    viewer: u32,
    on: u32,
) -> rendercast_status {
    boundary("rendercast_viewer_set_pointer_lock", || {
        let on = switch(on)?;
        tell(streamer, |streamer| streamer.set_pointer_lock(whom(viewer), on))
    })
}

/// Opens a text field on the page, where a phone shows its keyboard and input methods of every language work. Its content and
/// caret come as RENDERCAST_INPUT_TEXT_FIELD whenever they change; its last one has `done` 1. A field that is open already
/// begins anew.
///
/// `viewer` is the number that events and input carry; 0 is everybody who is here. `keyboard` NULL is an empty field for any
/// text. Texts are copied; they may be freed after the call.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it);
/// RENDERCAST_MESSAGE_TOO_LONG (`text` or `label`); RENDERCAST_INVALID_TEXT; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `keyboard` is NULL or valid as described, its texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_show_keyboard(
    streamer: rendercast_streamer,
    viewer: u32,
    keyboard: *const rendercast_keyboard,
) -> rendercast_status {
    boundary("rendercast_viewer_show_keyboard", || {
        // SAFETY: the caller's promise about `keyboard` and its texts.
        let keyboard = unsafe { keyboard_in(keyboard)? };
        tell(streamer, |streamer| streamer.set_keyboard(whom(viewer), Some(keyboard)))
    })
}

/// Closes the page's text field. Nothing more comes of it.
///
/// `viewer` is the number that events and input carry; 0 is everybody who is here.
///
/// Returns RENDERCAST_OK (also where none is open); RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_viewer_hide_keyboard(streamer: rendercast_streamer, viewer: u32) -> rendercast_status {
    boundary("rendercast_viewer_hide_keyboard", || tell(streamer, |streamer| streamer.set_keyboard(whom(viewer), None)))
}

/// Puts a text into a viewer's clipboard, as far as its browser lets the page. Only where the configuration's `clipboard` is on;
/// what players copy comes as RENDERCAST_INPUT_CLIPBOARD then.
///
/// `viewer` is the number that events and input carry; 0 is everybody whose page can be told now. `text` is NUL-terminated
/// UTF-8 of at most `clipboard_max_bytes`, which with its escapes as JSON fits into a message (RENDERCAST_MESSAGE_MAX).
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_WOULD_BLOCK (earlier messages still wait: try again later);
/// RENDERCAST_NOT_SUPPORTED (`clipboard` is off); RENDERCAST_NO_VIEWER; RENDERCAST_NO_CHANNEL (the page has no channel
/// `rendercast`, or not yet); RENDERCAST_MESSAGE_TOO_LONG; RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `text` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_set_clipboard(
    streamer: rendercast_streamer,
    viewer: u32,
    text: *const c_char,
) -> rendercast_status {
    boundary("rendercast_viewer_set_clipboard", || {
        // SAFETY: the caller's promise about `text`.
        let text = unsafe { text_in(text, "text")? }.ok_or(Failure::Null("text"))?;
        tell(streamer, |streamer| streamer.set_clipboard(whom(viewer), text))
    })
}

/// Sends a viewer away. It plays no more from now on; its page is told why and does not connect again by itself; then the
/// connection ends, at most two seconds later, with RENDERCAST_EVENT_VIEWER_DISCONNECTED ("sent away: " and the reason). A page
/// without the channel `rendercast` is not told why; a viewer whose connection is not up yet ends with
/// RENDERCAST_EVENT_VIEWER_REFUSED.
///
/// `viewer` is the number that events and input carry. `reason` is for the viewer to read, NUL-terminated UTF-8 of at most 512
/// bytes; NULL is none.
///
/// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (the viewer has not done earlier calls yet:
/// call again later); RENDERCAST_MESSAGE_TOO_LONG (`reason`); RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `reason` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_kick(
    streamer: rendercast_streamer,
    viewer: u32,
    reason: *const c_char,
) -> rendercast_status {
    boundary("rendercast_kick", || {
        // SAFETY: the caller's promise about `reason`.
        let reason = unsafe { text_in(reason, "reason")? }.unwrap_or_default();
        tell(streamer, |streamer| streamer.kick(ViewerId(viewer), reason))
    })
}

/// Has the page keep the last picture, whatever comes, until it is switched off: for a change of scene, or while the host
/// stands still. Sound and input go on.
///
/// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `on` is 1 or 0. It stays
/// until it is set again.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (`on`); RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_freeze(streamer: rendercast_streamer, viewer: u32, on: u32) -> rendercast_status {
    boundary("rendercast_freeze", || {
        let on = switch(on)?;
        tell(streamer, |streamer| streamer.freeze(whom(viewer), on))
    })
}

fn tell(
    streamer: rendercast_streamer,
    call: impl FnOnce(&Streamer) -> Result<(), FeedbackError>,
) -> Result<rendercast_status, Failure> {
    handles::with(streamer, |object| {
        call(&object.streamer)?;
        Ok(RENDERCAST_OK)
    })
}

fn whom(viewer: u32) -> Option<ViewerId> {
    (viewer != 0).then_some(ViewerId(viewer))
}

fn switch(on: u32) -> Result<bool, Failure> {
    match on {
        0 | 1 => Ok(on == 1),
        other => Err(Failure::Argument { name: "on", value: other.into(), range: "0 to 1" }),
    }
}

/// # Safety
/// `keyboard` is NULL or valid, its texts are NULL or end with a NUL.
unsafe fn keyboard_in(keyboard: *const rendercast_keyboard) -> Result<Keyboard, Failure> {
    if keyboard.is_null() {
        return Ok(Keyboard::default());
    }
    // SAFETY: the caller's promise about `keyboard`, and about its texts below.
    let given = unsafe { memory::read(keyboard, "keyboard")? };
    let mode = usize::try_from(given.mode).ok().and_then(|at| KeyboardMode::ALL.get(at));
    let unknown = || Failure::Argument { name: "keyboard.mode", value: given.mode.into(), range: "0 to 5" };
    // SAFETY: as above.
    let text = |text, name| unsafe { text_in(text, name) };
    Ok(Keyboard {
        text: text(given.text, "keyboard.text")?.unwrap_or_default().to_owned(),
        selection_start: given.selection_start,
        selection_end: given.selection_end,
        mode: *mode.ok_or_else(unknown)?,
        label: text(given.label, "keyboard.label")?.unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_keyboards_are_those_of_their_names() {
        let all = [
            RENDERCAST_KEYBOARD_TEXT,
            RENDERCAST_KEYBOARD_NUMERIC,
            RENDERCAST_KEYBOARD_EMAIL,
            RENDERCAST_KEYBOARD_URL,
            RENDERCAST_KEYBOARD_SEARCH,
            RENDERCAST_KEYBOARD_PASSWORD,
        ];
        let names = all.map(|number| KeyboardMode::ALL[number as usize].name());
        assert_eq!(names, ["text", "numeric", "email", "url", "search", "password"]);
    }
}
