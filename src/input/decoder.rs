//! Which wire format a data channel speaks, by its label.

use super::event::{InputKind, TouchPhase};
use super::urs_new::UrsNew;
use super::urs_old::UrsOld;
use crate::units::Size;

/// Why a message, or the rest of it, was not understood. Count it; nothing else is to be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    #[error("the message ends early: {needed} bytes needed, {left} left")]
    Truncated { needed: usize, left: usize },
    #[error("message type {0} is unknown")]
    MessageType(i32),
    #[error("event type {0:#010x} is unknown")]
    EventType(u32),
    #[error("device state {0:#010x} is unknown")]
    StateFormat(u32),
    #[error("an event of {0} bytes is smaller than its own header")]
    EventSize(u16),
    #[error("key {0} is outside 0 to {max}", max = super::key::MAX)]
    Key(u16),
    #[error("touch phase {0} is outside 1 to 5")]
    TouchPhase(u8),
    #[error("gamepad control {0} is unknown")]
    GamepadControl(u8),
    #[error("gamepad action {0} is outside 0 to 3")]
    GamepadAction(u8),
    #[error("a number is infinite or none at all")]
    NotFinite,
    #[error("more than {max} fingers", max = super::held::MAX_FINGERS)]
    Fingers,
    #[error("more than {max} gamepads", max = super::held::MAX_PADS)]
    Gamepads,
    #[error("the device description is not valid: {0}")]
    Device(String),
}

/// One viewer's input on one data channel. Pure and total: any bytes give events or an error.
#[derive(Clone, Debug)]
pub enum Decoder {
    UrsOld(UrsOld),
    UrsNew(UrsNew),
}

impl Decoder {
    /// The decoder of a channel: `data` and `input` are those of Unity Render Streaming. None: the messages go to the host
    /// as they are ([`InputKind::Message`]).
    pub fn for_label(label: &str) -> Option<Self> {
        match label {
            "data" => Some(Self::UrsOld(UrsOld::default())),
            "input" => Some(Self::UrsNew(UrsNew::default())),
            _ => None,
        }
    }

    /// Appends what one message says to `out`. `video`: size of the picture that the viewer sees now, in pixels. After an
    /// error, `out` holds what was understood before it, and the next message is decoded as if nothing had been.
    pub fn decode(&mut self, message: &[u8], video: Size, out: &mut Vec<InputKind>) -> Result<(), InputError> {
        match self {
            Self::UrsOld(urs) => urs.decode(message, video, out),
            Self::UrsNew(urs) => urs.decode(message, video, out),
        }
    }

    /// Lets go of everything the viewer holds: when the channel closes, the viewer leaves or loses its role. Key-ups,
    /// buttons up, touches canceled, gamepads neutral.
    pub fn release_all(&mut self, out: &mut Vec<InputKind>) {
        match self {
            Self::UrsOld(urs) => urs.release_all(out),
            Self::UrsNew(urs) => urs.release_all(out),
        }
    }
}

pub(super) fn touch_phase(number: u8) -> Result<TouchPhase, InputError> {
    Ok(match number {
        1 => TouchPhase::Began,
        2 => TouchPhase::Moved,
        3 => TouchPhase::Ended,
        4 => TouchPhase::Canceled,
        5 => TouchPhase::Stationary,
        _ => return Err(InputError::TouchPhase(number)),
    })
}

/// Wire positions count up from the bottom edge, events down from the top.
pub(super) fn from_bottom(y: f32, video: Size) -> f32 {
    video.height as f32 - y
}
