//! One typed event, whatever wire format it came in.

use crate::units::ViewerId;

/// Something a viewer did.
#[derive(Clone, Debug, PartialEq)]
pub struct InputEvent {
    pub viewer: ViewerId,
    /// When it arrived, in ns of this library's clock.
    pub received_ns: u64,
    pub kind: InputKind,
}

/// Positions are pixels of the video, origin top left, letterbox removed.
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    /// A key went down or up. `key` is the position on the keyboard (W3C UI Events `code`, numbered as in [`super::key`]).
    Key { key: u16, down: bool, repeat: bool },
    /// A character was typed (Unicode scalar value).
    Text { character: char },
    /// The mouse moved or its buttons changed. `buttons` as in W3C `MouseEvent.buttons`: 1 left, 2 right, 4 middle, 8 back, 16 forward.
    Mouse { x: f32, y: f32, buttons: u16 },
    /// The wheel turned; down and right are positive, in W3C `WheelEvent` pixels.
    Wheel { delta_x: f32, delta_y: f32 },
    /// A finger.
    Touch { id: i32, phase: TouchPhase, x: f32, y: f32, force: f32 },
    /// The whole state of a gamepad: W3C standard mapping. Stick up is positive.
    Gamepad { index: u8, buttons: u32, axes: [f32; 6] },
    /// A button of the page itself, by its number.
    PageButton { id: i16 },
    /// A message on a channel no decoder owns: the channel's label and its number.
    Message { channel: String, number: u32, text: bool, data: Vec<u8> },
    /// The text field that the page shows at the host's wish: all of its text, the selection in characters, and whether the
    /// viewer is done with it.
    TextField { text: String, selection_start: u32, selection_end: u32, done: bool },
    /// What the viewer has copied for the host.
    Clipboard { text: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TouchPhase {
    Began = 1,
    Moved = 2,
    Ended = 3,
    Canceled = 4,
    Stationary = 5,
}
