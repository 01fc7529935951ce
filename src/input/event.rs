//! One typed event, whatever wire format it came in.

use serde::Serialize;

use crate::units::{Size, ViewerId};

/// Something a viewer did.
#[derive(Clone, Debug, PartialEq)]
pub struct InputEvent {
    pub viewer: ViewerId,
    /// When it arrived, in ns of this library's clock.
    pub received_ns: u64,
    /// When it happened, in µs of the page's own clock; none where the format does not say.
    pub page_time_us: Option<u64>,
    /// Size of the picture that the viewer was shown, in pixels: what positions are in. 0 x 0 before the first picture.
    pub video: Size,
    pub kind: InputKind,
}

/// Positions are pixels of the video, origin top left, letterbox removed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InputKind {
    /// A key went down or up. `key` is the position on the keyboard (W3C UI Events `code`, numbered as in [`super::key`]),
    /// `character` what it types, where the format says so; a [`Text`](Self::Text) follows that is typed.
    Key {
        key: u16,
        down: bool,
        repeat: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        character: Option<char>,
    },
    /// Text was typed or committed: by a key, an input method, an on-screen keyboard or from the clipboard. The host is given
    /// one character at a time, and those of one text without anything between.
    Text { text: String },
    /// An input method composes text that is not committed yet. `caret` is counted in characters of `text`.
    Composition { phase: CompositionPhase, caret: u16, text: String },
    /// The mouse moved or its buttons changed. `buttons` as in W3C `MouseEvent.buttons`: 1 left, 2 right, 4 middle, 8 back,
    /// 16 forward. `dx` and `dy`: movement in pixels, also of a locked pointer, whose position stands still.
    Mouse { x: f32, y: f32, dx: f32, dy: f32, buttons: u16 },
    /// The wheel turned; down and right are positive, in W3C `WheelEvent` pixels. The position is that of the mouse, where it
    /// is known.
    Wheel { x: f32, y: f32, delta_x: f32, delta_y: f32 },
    /// A finger. Radii in pixels, 0 where the format does not say.
    Touch { id: i32, phase: TouchPhase, x: f32, y: f32, force: f32, radius_x: f32, radius_y: f32 },
    /// A pen. `buttons` as in W3C `PointerEvent.buttons` (1 tip, 2 barrel, 32 eraser), `pressure` 0 to 1, tilt in degrees -90 to
    /// 90, twist in degrees 0 to 359.
    Pen { phase: TouchPhase, x: f32, y: f32, pressure: f32, tilt_x: i16, tilt_y: i16, twist: u16, buttons: u16 },
    /// The whole state of a gamepad: W3C standard mapping. Stick up is positive.
    Gamepad { index: u8, buttons: u32, axes: [f32; 6] },
    /// The viewer plugged a gamepad in, or its page saw it first. `id` is what its browser calls it.
    GamepadConnected { index: u8, dual_rumble: bool, trigger_rumble: bool, standard_mapping: bool, id: String },
    /// It was unplugged; everything on it was let go before.
    GamepadDisconnected { index: u8 },
    /// A button of the page itself, by its number.
    PageButton { id: i16 },
    /// The page gave its viewer a name (Unity Render Streaming's channel `multiplay`).
    Label { label: String },
    /// A page measures how long an input takes to the picture: the next frame that the host pushes is the answer.
    Probe,
    /// A message on a channel no decoder owns: the channel's label and its number.
    Message {
        channel: String,
        number: u32,
        #[serde(rename = "is_text")]
        text: bool,
        #[serde(skip)]
        data: Vec<u8>,
    },
    /// The text field that the page shows at the host's wish: all of its text, the selection in characters, and whether the
    /// viewer is done with it.
    TextField { text: String, selection_start: u32, selection_end: u32, done: bool },
    /// What the viewer has copied for the host.
    Clipboard { text: String },
}

impl InputKind {
    /// What it carries beside numbers: a text in UTF-8, or a message's bytes.
    pub fn data(&self) -> Option<&[u8]> {
        match self {
            Self::Composition { text, .. } => Some(text.as_bytes()),
            Self::GamepadConnected { id, .. } => Some(id.as_bytes()),
            Self::Label { label } => Some(label.as_bytes()),
            Self::TextField { text, .. } | Self::Clipboard { text } => Some(text.as_bytes()),
            Self::Message { data, .. } => Some(data),
            _ => None,
        }
    }

    /// Where on the picture it is, in pixels.
    pub fn position(&self) -> Option<(f32, f32)> {
        match *self {
            Self::Mouse { x, y, .. } | Self::Wheel { x, y, .. } | Self::Touch { x, y, .. } | Self::Pen { x, y, .. } => {
                Some((x, y))
            }
            _ => None,
        }
    }
}

impl InputEvent {
    /// Where on the picture it is: 0, 0 is its top left corner and 1, 1 the bottom right one, whatever its size.
    pub fn normalized(&self) -> Option<(f32, f32)> {
        let (x, y) = self.kind.position()?;
        let part = |pixels: f32, side: u32| if side == 0 { 0.0 } else { pixels / side as f32 };
        Some((part(x, self.video.width), part(y, self.video.height)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum TouchPhase {
    Began = 1,
    Moved = 2,
    Ended = 3,
    Canceled = 4,
    Stationary = 5,
    /// A pen is near the picture and does not touch it.
    Hovering = 6,
}

impl TouchPhase {
    /// The touch is over with it.
    pub fn ends(self) -> bool {
        matches!(self, Self::Ended | Self::Canceled)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum CompositionPhase {
    Started = 1,
    Updated = 2,
    Ended = 3,
    Canceled = 4,
}
