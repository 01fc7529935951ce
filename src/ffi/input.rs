//! What viewers do, by polling.

use std::ffi::c_char;
use std::mem::offset_of;
use std::sync::PoisonError;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{Failure, RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_field;
use crate::input::event::TouchPhase;
use crate::input::{InputEvent, InputKind};

/// A key went down or up: `key`, `down`, `repeat`.
pub const RENDERCAST_INPUT_KEY: u32 = 1;
/// A character was typed: `character`.
pub const RENDERCAST_INPUT_TEXT: u32 = 2;
/// The mouse moved or its buttons changed: `x`, `y`, `buttons`.
pub const RENDERCAST_INPUT_MOUSE: u32 = 3;
/// The wheel turned: `delta_x`, `delta_y`.
pub const RENDERCAST_INPUT_WHEEL: u32 = 4;
/// A finger: `touch_id`, `phase`, `x`, `y`, `force`.
pub const RENDERCAST_INPUT_TOUCH: u32 = 5;
/// The whole state of a gamepad: `pad_index`, `buttons`, `axes`.
pub const RENDERCAST_INPUT_GAMEPAD: u32 = 6;
/// A button of the page: `page_button`.
pub const RENDERCAST_INPUT_PAGE_BUTTON: u32 = 7;
/// A message of the page: `channel`, `channel_id`, `is_text`, `data_len`, and rendercast_input_data for its bytes.
pub const RENDERCAST_INPUT_MESSAGE: u32 = 8;
/// What is in the text field that rendercast_viewer_show_keyboard opened: `selection_start`, `selection_end`, `done`, `data_len`,
/// and rendercast_input_data for all of the text (UTF-8).
pub const RENDERCAST_INPUT_TEXT_FIELD: u32 = 20;
/// What a player has copied for the host, where `input.clipboard` is on: `data_len`, and rendercast_input_data for the text
/// (UTF-8).
pub const RENDERCAST_INPUT_CLIPBOARD: u32 = 21;

/// The finger touched.
pub const RENDERCAST_TOUCH_BEGAN: u32 = 1;
/// The finger moved.
pub const RENDERCAST_TOUCH_MOVED: u32 = 2;
/// The finger left.
pub const RENDERCAST_TOUCH_ENDED: u32 = 3;
/// The browser took the touch away.
pub const RENDERCAST_TOUCH_CANCELED: u32 = 4;
/// The finger rests.
pub const RENDERCAST_TOUCH_STATIONARY: u32 = 5;

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
    /// keyboard's maker.
    pub key: u32,
    /// When it arrived, in ns on the library's monotonic clock.
    pub received_ns: u64,
    /// 1 when the key went down, 0 when it went up.
    pub down: u32,
    /// 1 when the keyboard repeats a key that is held.
    pub repeat: u32,
    /// The typed character, a Unicode scalar value.
    pub character: u32,
    /// Mouse: W3C MouseEvent.buttons (1 left, 2 right, 4 middle, 8 back, 16 forward). Gamepad: bit n is button n of the W3C
    /// standard mapping.
    pub buttons: u32,
    /// Pixels of the video from its left edge.
    pub x: f32,
    /// Pixels of the video from its top edge.
    pub y: f32,
    /// W3C WheelEvent pixels, positive to the right.
    pub delta_x: f32,
    /// W3C WheelEvent pixels, positive downwards.
    pub delta_y: f32,
    /// How hard the finger presses, 0 to 1.
    pub force: f32,
    /// Tells fingers apart while they touch.
    pub touch_id: i32,
    /// One of RENDERCAST_TOUCH_*.
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
    /// Where the selection of the text field begins, in characters (Unicode scalar values); the caret, where nothing is selected.
    pub selection_start: u32,
    /// Where it ends.
    pub selection_end: u32,
    /// 1 when the viewer is done with the text field, and it is closed.
    pub done: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_input {
    const NAME: &'static str = "rendercast_input";
    const SIZES: &'static [usize] = &[offset_of!(Self, selection_start), size_of::<Self>()];
}

/// Takes the oldest unread input event. Call it until it returns RENDERCAST_EMPTY, once a picture.
///
/// Set `out->size` before the call. 256 events wait at most; pointer moves are merged before anything is dropped, and a
/// released key is never lost. What a viewer sends is not to be trusted: check it against the game's own rules.
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
            let Some(mut event) = object.streamer.poll_input() else { return Ok(RENDERCAST_EMPTY) };
            let input = input_out(&event);
            // SAFETY: as above.
            unsafe { memory::write(out, &input, "out")? };
            let data = match &mut event.kind {
                InputKind::Message { data, .. } => Some(std::mem::take(data)),
                InputKind::TextField { text, .. } | InputKind::Clipboard { text } => {
                    Some(std::mem::take(text).into_bytes())
                }
                _ => None,
            };
            if let Some(data) = data {
                *object.message.lock().unwrap_or_else(PoisonError::into_inner) = data;
            }
            Ok(RENDERCAST_OK)
        })
    })
}

/// Copies the bytes of the RENDERCAST_INPUT_MESSAGE, _TEXT_FIELD or _CLIPBOARD that rendercast_poll_input returned last. They
/// stay until the next one of these is polled.
///
/// `needed`, unless NULL, becomes the message's size in bytes (`data_len`). No NUL is added.
///
/// Returns RENDERCAST_OK (`buffer` holds the whole message); RENDERCAST_BUFFER_TOO_SMALL (nothing was copied);
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
            let message = object.message.lock().unwrap_or_else(PoisonError::into_inner);
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

fn input_out(event: &InputEvent) -> rendercast_input {
    // SAFETY: zeros are a valid value, see `Versioned`.
    let mut out: rendercast_input = unsafe { std::mem::zeroed() };
    out.size = size_of::<rendercast_input>() as u32;
    out.viewer = event.viewer.0;
    out.received_ns = event.received_ns;
    match &event.kind {
        InputKind::Key { key, down, repeat } => {
            out.kind = RENDERCAST_INPUT_KEY;
            (out.key, out.down, out.repeat) = ((*key).into(), (*down).into(), (*repeat).into());
        }
        InputKind::Text { character } => {
            out.kind = RENDERCAST_INPUT_TEXT;
            out.character = (*character).into();
        }
        InputKind::Mouse { x, y, buttons } => {
            out.kind = RENDERCAST_INPUT_MOUSE;
            (out.x, out.y, out.buttons) = (*x, *y, (*buttons).into());
        }
        InputKind::Wheel { delta_x, delta_y } => {
            out.kind = RENDERCAST_INPUT_WHEEL;
            (out.delta_x, out.delta_y) = (*delta_x, *delta_y);
        }
        InputKind::Touch { id, phase, x, y, force } => {
            out.kind = RENDERCAST_INPUT_TOUCH;
            (out.touch_id, out.phase) = (*id, phase_number(*phase));
            (out.x, out.y, out.force) = (*x, *y, *force);
        }
        InputKind::Gamepad { index, buttons, axes } => {
            out.kind = RENDERCAST_INPUT_GAMEPAD;
            (out.pad_index, out.buttons, out.axes) = ((*index).into(), *buttons, *axes);
        }
        InputKind::PageButton { id } => {
            out.kind = RENDERCAST_INPUT_PAGE_BUTTON;
            out.page_button = (*id).into();
        }
        InputKind::Message { channel, number, text, data } => {
            out.kind = RENDERCAST_INPUT_MESSAGE;
            out.is_text = (*text).into();
            out.channel_id = *number;
            out.data_len = u32::try_from(data.len()).unwrap_or(u32::MAX);
            out.channel = text_field(channel);
        }
        InputKind::TextField { text, selection_start, selection_end, done } => {
            out.kind = RENDERCAST_INPUT_TEXT_FIELD;
            (out.is_text, out.data_len) = (1, u32::try_from(text.len()).unwrap_or(u32::MAX));
            (out.selection_start, out.selection_end) = (*selection_start, *selection_end);
            out.done = (*done).into();
        }
        InputKind::Clipboard { text } => {
            out.kind = RENDERCAST_INPUT_CLIPBOARD;
            (out.is_text, out.data_len) = (1, u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
    }
    out
}

const fn phase_number(phase: TouchPhase) -> u32 {
    match phase {
        TouchPhase::Began => RENDERCAST_TOUCH_BEGAN,
        TouchPhase::Moved => RENDERCAST_TOUCH_MOVED,
        TouchPhase::Ended => RENDERCAST_TOUCH_ENDED,
        TouchPhase::Canceled => RENDERCAST_TOUCH_CANCELED,
        TouchPhase::Stationary => RENDERCAST_TOUCH_STATIONARY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ViewerId;

    fn out(kind: InputKind) -> rendercast_input {
        input_out(&InputEvent { viewer: ViewerId(3), received_ns: 11, kind })
    }

    #[test]
    fn each_kind_fills_its_own_fields() {
        let key = out(InputKind::Key { key: 17, down: true, repeat: false });
        assert_eq!((key.kind, key.viewer, key.received_ns), (RENDERCAST_INPUT_KEY, 3, 11));
        assert_eq!((key.key, key.down, key.repeat, key.character), (17, 1, 0, 0));
        assert_eq!(out(InputKind::Text { character: '😀' }).character, 0x1f600);
        let mouse = out(InputKind::Mouse { x: 1.5, y: -2.0, buttons: 5 });
        assert_eq!((mouse.x, mouse.y, mouse.buttons), (1.5, -2.0, 5));
        let touch = out(InputKind::Touch { id: -4, phase: TouchPhase::Ended, x: 1.0, y: 2.0, force: 0.5 });
        assert_eq!((touch.touch_id, touch.phase, touch.force), (-4, TouchPhase::Ended as u32, 0.5));
        let pad = out(InputKind::Gamepad { index: 2, buttons: 0x1_0001, axes: [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] });
        assert_eq!((pad.pad_index, pad.buttons, pad.axes[5]), (2, 0x1_0001, 5.0));
        let (text, selection_start, selection_end) = ("höh".to_owned(), 1, 3);
        let field = out(InputKind::TextField { text, selection_start, selection_end, done: true });
        assert_eq!((field.kind, field.is_text, field.data_len), (RENDERCAST_INPUT_TEXT_FIELD, 1, 4));
        assert_eq!((field.selection_start, field.selection_end, field.done), (1, 3, 1));
        let copied = out(InputKind::Clipboard { text: "abc".into() });
        assert_eq!((copied.kind, copied.is_text, copied.data_len), (RENDERCAST_INPUT_CLIPBOARD, 1, 3));
        assert_eq!(out(InputKind::PageButton { id: -9 }).page_button, -9);
        assert_eq!(out(InputKind::Wheel { delta_x: 1.0, delta_y: -3.0 }).delta_y, -3.0);
    }

    #[test]
    fn a_message_tells_its_length_and_a_long_channel_name_is_cut() {
        let message = out(InputKind::Message { channel: "c".repeat(80), number: 9, text: true, data: vec![1, 2, 3] });
        assert_eq!((message.kind, message.is_text, message.data_len), (RENDERCAST_INPUT_MESSAGE, 1, 3));
        assert_eq!(message.channel_id, 9);
        assert_eq!(message.channel.iter().filter(|c| **c == b'c' as c_char).count(), RENDERCAST_CHANNEL_SIZE - 1);
        assert_eq!(message.channel[RENDERCAST_CHANNEL_SIZE - 1], 0);
    }
}
