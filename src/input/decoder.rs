//! The wire formats that have a channel to themselves, by its label.

use super::error::InputError;
use super::event::TouchPhase;
use super::events::Events;
use super::held::Held;
use super::urs_new::UrsNew;
use super::urs_old::UrsOld;
use crate::units::Size;

/// One viewer's input on one data channel. Pure and total: any bytes give events or an error.
#[derive(Clone, Debug)]
pub enum Decoder {
    UrsOld(UrsOld),
    UrsNew(UrsNew),
}

impl Decoder {
    /// The decoder of a channel: `data` and `input` are those of Unity Render Streaming.
    pub fn for_label(label: &str) -> Option<Self> {
        match label {
            "data" => Some(Self::UrsOld(UrsOld::default())),
            "input" => Some(Self::UrsNew(UrsNew::default())),
            _ => None,
        }
    }

    /// Appends what one message says to `out`. `video`: size of the picture that the viewer sees now, in pixels. After an
    /// error, `out` holds what was understood before it, and the next message is decoded as if nothing had been.
    pub fn decode(&mut self, message: &[u8], video: Size, out: &mut Events) -> Result<(), InputError> {
        self.held_mut().set_video(video);
        match self {
            Self::UrsOld(urs) => urs.decode(message, video, out),
            Self::UrsNew(urs) => urs.decode(message, video, out),
        }
    }

    /// Lets go of everything the viewer holds: when the channel closes, the viewer leaves or loses its role. Key-ups,
    /// buttons up, touches canceled, gamepads neutral.
    pub fn release_all(&mut self, out: &mut Events) {
        self.held_mut().release_all(out);
    }

    /// Whether the host believes something to be pressed or touched.
    pub fn holds_anything(&self) -> bool {
        match self {
            Self::UrsOld(urs) => urs.held.is_anything(),
            Self::UrsNew(urs) => urs.held.is_anything(),
        }
    }

    fn held_mut(&mut self) -> &mut Held {
        match self {
            Self::UrsOld(urs) => &mut urs.held,
            Self::UrsNew(urs) => &mut urs.held,
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
