//! What viewers do, by polling.

use std::ffi::c_char;
use std::mem::offset_of;
use std::sync::PoisonError;

use super::boundary::boundary;
use super::handles;
use super::input_event::input_out;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_out;
use crate::input::json::json;

/// A key went down or up: `key`, `down`, `repeat`, and `character` where it is known what it types; what is typed comes as
/// RENDERCAST_INPUT_TEXT too.
pub const RENDERCAST_INPUT_KEY: u32 = 1;
/// A character was typed or committed: `character`. Those of one text (of an input method, of the clipboard) come one after
/// the other with nothing between.
pub const RENDERCAST_INPUT_TEXT: u32 = 2;
/// The mouse moved or its buttons changed: `x`, `y`, `movement_x`, `movement_y`, `buttons`.
pub const RENDERCAST_INPUT_MOUSE: u32 = 3;
/// The wheel turned: `delta_x`, `delta_y`, and `x`, `y` where the mouse is, as far as that is known.
pub const RENDERCAST_INPUT_WHEEL: u32 = 4;
/// A finger: `touch_id`, `phase`, `x`, `y`, `force`, `radius_x`, `radius_y`.
pub const RENDERCAST_INPUT_TOUCH: u32 = 5;
/// The whole state of a gamepad: `pad_index`, `buttons`, `axes`.
pub const RENDERCAST_INPUT_GAMEPAD: u32 = 6;
/// A button of the page: `page_button`.
pub const RENDERCAST_INPUT_PAGE_BUTTON: u32 = 7;
/// A message of the page: `channel`, `channel_id`, `is_text`, `data_len`, and rendercast_input_data for its bytes.
pub const RENDERCAST_INPUT_MESSAGE: u32 = 8;
/// An input method composes text that is not committed yet: `phase` (one of RENDERCAST_COMPOSITION_*), `caret`, `data_len`,
/// and rendercast_input_data for the text.
pub const RENDERCAST_INPUT_COMPOSITION: u32 = 9;
/// A pen: `phase`, `x`, `y`, `force`, `buttons`, `tilt_x`, `tilt_y`, `twist`.
pub const RENDERCAST_INPUT_PEN: u32 = 10;
/// A gamepad was plugged in, or the page saw it first: `pad_index`, `flags` (RENDERCAST_GAMEPAD_*), `data_len`, and
/// rendercast_input_data for what the browser calls it. Gamepads of Unity Render Streaming's pages are used without it.
pub const RENDERCAST_INPUT_GAMEPAD_CONNECTED: u32 = 11;
/// A gamepad was unplugged: `pad_index`. What was held on it was let go before.
pub const RENDERCAST_INPUT_GAMEPAD_DISCONNECTED: u32 = 12;
/// The page gave its viewer a name (Unity Render Streaming's channel "multiplay"): `data_len`, and rendercast_input_data for
/// the name.
pub const RENDERCAST_INPUT_LABEL: u32 = 13;
/// The page measures how long an input takes to the picture: the next picture pushed is the answer, which the library tells the
/// page. Nothing is to be done with it; who pushes no pictures by themselves pushes one now.
pub const RENDERCAST_INPUT_PROBE: u32 = 22;
/// What is in the text field that rendercast_viewer_show_keyboard opened: `selection_start`, `selection_end`, `done`, `data_len`,
/// and rendercast_input_data for all of the text (UTF-8).
pub const RENDERCAST_INPUT_TEXT_FIELD: u32 = 20;
/// What a player has copied for the host, where `input.clipboard` is on: `data_len`, and rendercast_input_data for the text
/// (UTF-8).
pub const RENDERCAST_INPUT_CLIPBOARD: u32 = 21;

/// The finger, or the pen, touched.
pub const RENDERCAST_TOUCH_BEGAN: u32 = 1;
/// The finger moved.
pub const RENDERCAST_TOUCH_MOVED: u32 = 2;
/// The finger left.
pub const RENDERCAST_TOUCH_ENDED: u32 = 3;
/// The browser took the touch away.
pub const RENDERCAST_TOUCH_CANCELED: u32 = 4;
/// The finger rests.
pub const RENDERCAST_TOUCH_STATIONARY: u32 = 5;
/// The pen is near the picture and does not touch it.
pub const RENDERCAST_TOUCH_HOVERING: u32 = 6;

/// An input method began to compose.
pub const RENDERCAST_COMPOSITION_STARTED: u32 = 1;
/// What is composed changed.
pub const RENDERCAST_COMPOSITION_UPDATED: u32 = 2;
/// It is finished; what was committed comes as RENDERCAST_INPUT_TEXT.
pub const RENDERCAST_COMPOSITION_ENDED: u32 = 3;
/// It was given up.
pub const RENDERCAST_COMPOSITION_CANCELED: u32 = 4;

/// The gamepad has two motors, a strong and a weak one.
pub const RENDERCAST_GAMEPAD_DUAL_RUMBLE: u32 = 1;
/// The gamepad has motors in its triggers.
pub const RENDERCAST_GAMEPAD_TRIGGER_RUMBLE: u32 = 2;
/// The browser knows the gamepad's buttons: they are those of the W3C standard mapping.
pub const RENDERCAST_GAMEPAD_STANDARD_MAPPING: u32 = 4;

/// Bytes of rendercast_input.channel, NUL included.
pub const RENDERCAST_CHANNEL_SIZE: usize = 64;

/// Something a viewer did. Fields that its kind does not name are 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_input {
    /// sizeof(rendercast_input); set by the caller.
    pub size: u32,
    /// One of RENDERCAST_INPUT_*. A newer library may report kinds this header does not name: leave them.
    pub kind: u32,
    /// Who did it. Never 0, and never reused while the process lives.
    pub viewer: u32,
    /// One of RENDERCAST_KEY_*: the key's place on the keyboard, whatever is printed on it. 106 to 110 are keys of the
    /// keyboard's maker. rendercast_key_to_windows_vk and its neighbours say what other systems call it.
    pub key: u32,
    /// When it arrived, in ns on the library's monotonic clock.
    pub received_ns: u64,
    /// 1 when the key went down, 0 when it went up.
    pub down: u32,
    /// 1 when the keyboard repeats a key that is held.
    pub repeat: u32,
    /// The typed character, a Unicode scalar value. Of a key 0 where it is not known, or types nothing.
    pub character: u32,
    /// Mouse: W3C MouseEvent.buttons (1 left, 2 right, 4 middle, 8 back, 16 forward). Gamepad: bit n is button n of the W3C
    /// standard mapping. Pen: W3C PointerEvent.buttons (1 tip, 2 barrel, 32 eraser).
    pub buttons: u32,
    /// Pixels of the video from its left edge. See `normalized_x`.
    pub x: f32,
    /// Pixels of the video from its top edge.
    pub y: f32,
    /// W3C WheelEvent pixels, positive to the right.
    pub delta_x: f32,
    /// W3C WheelEvent pixels, positive downwards.
    pub delta_y: f32,
    /// How hard the finger or the pen presses, 0 to 1.
    pub force: f32,
    /// Tells fingers apart while they touch.
    pub touch_id: i32,
    /// One of RENDERCAST_TOUCH_*, of a composition of RENDERCAST_COMPOSITION_*.
    pub phase: u32,
    /// Tells a viewer's gamepads apart.
    pub pad_index: u32,
    /// Left stick x and y, right stick x and y, left and right trigger; -1 to 1, triggers 0 to 1. Stick up is positive.
    pub axes: [f32; 6],
    /// The number the page gave its button.
    pub page_button: i32,
    /// 1 when the page sent the message as text (UTF-8), 0 when as bytes.
    pub is_text: u32,
    /// Bytes of the message or text.
    pub data_len: u32,
    /// The data channel's number, as in rendercast_event.channel.
    pub channel_id: u32,
    /// Label of the data channel: UTF-8, ended by a NUL, cut at a character when it is too long.
    pub channel: [c_char; RENDERCAST_CHANNEL_SIZE],
    /// When it happened, in microseconds of the page's own clock; 0: not known. Only differences within one viewer count.
    pub page_time_us: u64,
    /// Width of the picture that the viewer was shown, in pixels: what `x` counts in. 0 before the first picture.
    pub width: u32,
    /// Height of the picture that the viewer was shown, in pixels.
    pub height: u32,
    /// The same place as `x` in parts of the picture's width: 0 is its left edge, 1 the right one. What Unity Render
    /// Streaming's pages send may be outside.
    pub normalized_x: f32,
    /// The same place as `y` in parts of the picture's height: 0 is its top edge, 1 the bottom.
    pub normalized_y: f32,
    /// How far the mouse moved to the right, in pixels of the video. Of a locked pointer it is all there is.
    pub movement_x: f32,
    /// How far the mouse moved down, in pixels of the video.
    pub movement_y: f32,
    /// Half of the width that the finger covers, in pixels of the video; 0: not known.
    pub radius_x: f32,
    /// Half of the height that the finger covers, in pixels of the video; 0: not known.
    pub radius_y: f32,
    /// The pen's tilt to the right, in degrees, -90 to 90.
    pub tilt_x: i32,
    /// The pen's tilt towards the viewer, in degrees, -90 to 90.
    pub tilt_y: i32,
    /// The pen's turn around itself, clockwise, in degrees, 0 to 359.
    pub twist: u32,
    /// What a gamepad can do: RENDERCAST_GAMEPAD_*, added up.
    pub flags: u32,
    /// Where the caret is in the text being composed, in characters.
    pub caret: u32,
    /// Where the selection of the text field begins, in characters (Unicode scalar values); the caret, where nothing is selected.
    pub selection_start: u32,
    /// Where it ends.
    pub selection_end: u32,
    /// 1 when the viewer is done with the text field, and it is closed.
    pub done: u32,
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_input {
    const NAME: &'static str = "rendercast_input";
    const SIZES: &'static [usize] = &[offset_of!(Self, page_time_us), size_of::<Self>()];
}

/// Takes the oldest unread input event. Call it until it returns RENDERCAST_EMPTY, once a picture.
///
/// Set `out->size` before the call. 256 events wait at most (a text is one of them); pointer moves are merged, their movements
/// added, before anything is dropped, and a released key is never lost. When a viewer's page loses the focus, closes its
/// channel or is not heard of for 2 s, what the viewer holds down is released by events as if it had let go. What a viewer sends is not to be trusted: check it against the game's own rules.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread, but one at a time. Never blocks. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_poll_input(
    streamer: rendercast_streamer,
    out: *mut rendercast_input,
) -> rendercast_status {
    boundary("rendercast_poll_input", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let Some(event) = object.streamer.poll_input() else { return Ok(RENDERCAST_EMPTY) };
            let input = input_out(&event);
            object.polled.lock().unwrap_or_else(PoisonError::into_inner).keep(event);
            // SAFETY: as above.
            unsafe { memory::write(out, &input, "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Copies the bytes of the last event with any that rendercast_poll_input returned: a RENDERCAST_INPUT_MESSAGE, or the text of
/// a RENDERCAST_INPUT_COMPOSITION, _GAMEPAD_CONNECTED, _LABEL, _TEXT_FIELD or _CLIPBOARD (UTF-8 without a NUL). They stay until the next one is polled.
///
/// `needed`, unless NULL, becomes their number (`data_len`). No NUL is added.
///
/// Returns RENDERCAST_OK (`buffer` holds all of them); RENDERCAST_BUFFER_TOO_SMALL (nothing was copied);
/// RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// The thread that polls. Never blocks. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_input_data(
    streamer: rendercast_streamer,
    buffer: *mut u8,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_input_data", || {
        handles::with(streamer, |object| {
            let polled = object.polled.lock().unwrap_or_else(PoisonError::into_inner);
            let message = polled.data();
            if !needed.is_null() {
                // SAFETY: not NULL, so writable as the caller promises.
                unsafe { memory::write_value(needed, message.len() as u32, "needed")? };
            }
            if message.len() > capacity as usize {
                return Err(Failure::BufferTooSmall { capacity, needed: message.len() });
            }
            if buffer.is_null() && capacity > 0 {
                return Err(Failure::Null("buffer"));
            }
            if !message.is_empty() {
                // SAFETY: the message fits into `capacity`, for which the buffer is writable; it is not NULL as that is above 0.
                unsafe { std::ptr::copy_nonoverlapping(message.as_ptr(), buffer, message.len()) };
            }
            Ok(RENDERCAST_OK)
        })
    })
}

/// Writes the event that rendercast_poll_input returned last as one JSON object.
///
/// It has "type" ("key", "text", "composition", "mouse", "wheel", "touch", "pen", "gamepad", "gamepad_connected",
/// "gamepad_disconnected", "page_button", "label", "message", "text_field", "clipboard", "probe"), "viewer", "received_ns",
/// "width", "height", and "page_time_us" where that is known. Further fields are those of the kind: "key", "code" (W3C),
/// "down", "repeat", "character"; "text", "phase", "caret"; "x", "y", "normalized_x", "normalized_y", "dx", "dy", "delta_x",
/// "delta_y", "buttons"; "id", "force", "radius_x", "radius_y"; "pressure", "tilt_x", "tilt_y", "twist"; "index", "axes",
/// "dual_rumble", "trigger_rumble", "standard_mapping"; "label"; "selection_start", "selection_end", "done"; "channel",
/// "number", "is_text", and of a message "text" or "data_hex". Phases are words: "began", "moved", "ended", "canceled",
/// "hovering"; "started", "updated", "ended", "canceled". Names may be added in newer versions; none is renamed.
///
/// `needed`, unless NULL, becomes the text's size with its NUL, mostly under 300 bytes. A NULL `buffer` with `capacity` 0 asks
/// for the size only.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing was polled yet; nothing is written); RENDERCAST_BUFFER_TOO_SMALL (`buffer`
/// holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_INVALID_HANDLE;
/// RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// The thread that polls. Never blocks; it allocates. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_input_json(
    streamer: rendercast_streamer,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_input_json", || {
        handles::with(streamer, |object| {
            let polled = object.polled.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(event) = polled.last() else { return Ok(RENDERCAST_EMPTY) };
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&json(event), buffer, capacity, needed) }
        })
    })
}
