//! What the host has viewers' pages do: rumble, the cursor, a text field, the clipboard, and going away.

use super::Streamer;
use super::channels::SendError;
use super::control_json::{HostMessage, LABEL, Rumble};
use super::orders::OrderError;
use super::presentation::{Keyboard, Presentation};
use crate::units::ViewerId;

/// Gamepads of one viewer.
const PADS: u32 = 4;
/// An effect lasts no longer (Gamepad API, `GamepadHapticActuator`), in ms.
const LONGEST_RUMBLE: u32 = 5_000;
/// Of a text field.
const LONGEST_TEXT: usize = 16_384;
/// Of a text field's label.
const LONGEST_LABEL: usize = 256;
/// Of why a viewer is sent away.
const LONGEST_REASON: usize = 512;

/// CSS Basic User Interface Module Level 4, section 6.1.1: keywords of `cursor`.
const CURSORS: [&str; 36] = [
    "auto",
    "default",
    "none",
    "context-menu",
    "help",
    "pointer",
    "progress",
    "wait",
    "cell",
    "crosshair",
    "text",
    "vertical-text",
    "alias",
    "copy",
    "move",
    "no-drop",
    "not-allowed",
    "grab",
    "grabbing",
    "e-resize",
    "n-resize",
    "ne-resize",
    "nw-resize",
    "s-resize",
    "se-resize",
    "sw-resize",
    "w-resize",
    "ew-resize",
    "ns-resize",
    "nesw-resize",
    "nwse-resize",
    "col-resize",
    "row-resize",
    "all-scroll",
    "zoom-in",
    "zoom-out",
];

/// Why a page is not told something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedbackError {
    #[error("{0} is not here")]
    NoViewer(ViewerId),
    #[error("the page has no open data channel {LABEL:?}")]
    NoChannel,
    #[error("{name} = {value} is outside {range}")]
    OutOfRange { name: &'static str, value: String, range: &'static str },
    #[error("{name} has {bytes} bytes, more than {longest}")]
    TooLong { name: &'static str, bytes: usize, longest: usize },
    #[error("input.clipboard is off")]
    ClipboardOff,
    /// Earlier messages or orders still wait.
    #[error("earlier messages still wait")]
    Full,
}

fn out_of_range(name: &'static str, value: impl ToString, range: &'static str) -> FeedbackError {
    FeedbackError::OutOfRange { name, value: value.to_string(), range }
}

fn at_most(name: &'static str, text: &str, longest: usize) -> Result<(), FeedbackError> {
    let bytes = text.len();
    if bytes <= longest { Ok(()) } else { Err(FeedbackError::TooLong { name, bytes, longest }) }
}

fn check_rumble(rumble: &Rumble) -> Result<(), FeedbackError> {
    if rumble.pad >= PADS {
        return Err(out_of_range("pad", rumble.pad, "0 to 3"));
    }
    if rumble.ms > LONGEST_RUMBLE {
        return Err(out_of_range("duration_ms", rumble.ms, "0 to 5000"));
    }
    for (name, strength) in [
        ("strong", rumble.strong),
        ("weak", rumble.weak),
        ("left_trigger", rumble.left_trigger),
        ("right_trigger", rumble.right_trigger),
    ] {
        if !(0.0..=1.0).contains(&strength) {
            return Err(out_of_range(name, strength, "0 to 1"));
        }
    }
    Ok(())
}

fn check_keyboard(keyboard: &Keyboard) -> Result<(), FeedbackError> {
    at_most("text", &keyboard.text, LONGEST_TEXT)?;
    at_most("label", &keyboard.label, LONGEST_LABEL)?;
    let characters = u32::try_from(keyboard.text.chars().count()).unwrap_or(u32::MAX);
    if keyboard.selection_end > characters {
        return Err(out_of_range("selection_end", keyboard.selection_end, "0 to the characters of text"));
    }
    if keyboard.selection_start > keyboard.selection_end {
        return Err(out_of_range("selection_start", keyboard.selection_start, "0 to selection_end"));
    }
    Ok(())
}

impl Streamer {
    /// Shakes a gamepad of a viewer's, or of everybody's. Waits for nothing.
    pub fn rumble(&self, to: Option<ViewerId>, rumble: Rumble) -> Result<(), FeedbackError> {
        check_rumble(&rumble)?;
        self.tell(to, "rumble", &HostMessage::Rumble(rumble))
    }

    /// Shows another cursor over the picture: a keyword of CSS, `none` among them. None: the page's own.
    pub fn set_cursor(&self, to: Option<ViewerId>, cursor: Option<&str>) -> Result<(), FeedbackError> {
        let known = |shape: &str| CURSORS.into_iter().find(|known| *known == shape);
        let unknown = |shape: &str| {
            let shape: String = shape.chars().take(32).collect();
            out_of_range("cursor", format!("{shape:?}"), "the keywords of the CSS property cursor")
        };
        let cursor = cursor.map(|shape| known(shape).ok_or_else(|| unknown(shape))).transpose()?;
        self.present(to, |shown| shown.cursor = cursor)
    }

    /// Has the page lock the pointer at the viewer's next gesture, or let it go.
    pub fn set_pointer_lock(&self, to: Option<ViewerId>, on: bool) -> Result<(), FeedbackError> {
        self.present(to, |shown| shown.pointer_lock = on)
    }

    /// Has the page keep the last picture, whatever comes, until it is switched off.
    pub fn freeze(&self, to: Option<ViewerId>, on: bool) -> Result<(), FeedbackError> {
        self.present(to, |shown| shown.freeze = on)
    }

    /// Opens a text field with an on-screen keyboard, or closes it.
    pub fn set_keyboard(&self, to: Option<ViewerId>, keyboard: Option<Keyboard>) -> Result<(), FeedbackError> {
        keyboard.as_ref().map_or(Ok(()), check_keyboard)?;
        let found = self.shared.presentations.set_keyboard(to, keyboard);
        if found { Ok(()) } else { Err(self.missing(to)) }
    }

    /// Puts a text into the viewer's clipboard, where the configuration allows that.
    pub fn set_clipboard(&self, to: Option<ViewerId>, text: &str) -> Result<(), FeedbackError> {
        let config = &self.shared.config.input;
        if !config.clipboard {
            return Err(FeedbackError::ClipboardOff);
        }
        at_most("text", text, config.clipboard_max_bytes as usize)?;
        self.tell(to, "text", &HostMessage::Clipboard { text })
    }

    /// Sends a viewer away: its page is told why, then the connection ends, at most two seconds later.
    pub fn kick(&self, viewer: ViewerId, reason: &str) -> Result<(), FeedbackError> {
        at_most("reason", reason, LONGEST_REASON)?;
        let reason = reason.to_owned();
        let order = self.shared.orders.post(viewer, move |viewer| Box::pin(async move { viewer.kick(reason) }));
        order.map_err(|error| match error {
            OrderError::NoViewer(viewer) => FeedbackError::NoViewer(viewer),
            OrderError::Full(_) => FeedbackError::Full,
        })
    }

    fn present(&self, to: Option<ViewerId>, set: impl Fn(&mut Presentation)) -> Result<(), FeedbackError> {
        if self.shared.presentations.set(to, set) { Ok(()) } else { Err(self.missing(to)) }
    }

    fn missing(&self, to: Option<ViewerId>) -> FeedbackError {
        FeedbackError::NoViewer(to.unwrap_or_default())
    }

    /// Says it once. Of everybody those are left out who have no room now, and counted.
    fn tell(&self, to: Option<ViewerId>, name: &'static str, message: &HostMessage<'_>) -> Result<(), FeedbackError> {
        let shared = &self.shared;
        let text = message.encode();
        let send = |viewer| {
            let sent = shared.channels.send_labelled(Some(viewer), LABEL, true, text.as_bytes());
            sent.map_err(|error| match error {
                SendError::NoViewer(_) | SendError::NoChannel(_) => FeedbackError::NoChannel,
                SendError::TooLong { bytes, longest } => FeedbackError::TooLong { name, bytes, longest },
                SendError::Full(_) => FeedbackError::Full,
            })
        };
        if let Some(viewer) = to {
            return if shared.orders.is_here(viewer) { send(viewer) } else { Err(FeedbackError::NoViewer(viewer)) };
        }
        let (mut result, mut left_out) = (Err(FeedbackError::NoChannel), 0);
        for viewer in shared.orders.everybody() {
            match send(viewer) {
                Ok(()) => result = Ok(()),
                Err(FeedbackError::NoChannel) => {}
                Err(error) => {
                    left_out += 1;
                    result = result.or(Err(error));
                }
            }
        }
        if result.is_ok() {
            shared.counters.messages_undeliverable.add(left_out);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<(), FeedbackError>) -> String {
        result.map_or_else(|error| error.to_string(), |()| "fine".into())
    }

    #[test]
    fn rumble_outside_its_range_is_named() {
        let usual = Rumble { pad: 3, strong: 1.0, weak: 0.5, ms: 5_000, ..Default::default() };
        assert_eq!(text(check_rumble(&usual)), "fine");
        assert_eq!(text(check_rumble(&Rumble { pad: 4, ..usual })), "pad = 4 is outside 0 to 3");
        assert_eq!(text(check_rumble(&Rumble { ms: 5_001, ..usual })), "duration_ms = 5001 is outside 0 to 5000");
        assert_eq!(text(check_rumble(&Rumble { weak: f32::NAN, ..usual })), "weak = NaN is outside 0 to 1");
        let wrong = check_rumble(&Rumble { right_trigger: 1.01, ..usual });
        assert_eq!(text(wrong), "right_trigger = 1.01 is outside 0 to 1");
    }

    #[test]
    fn a_text_fields_selection_is_within_its_text() {
        let field = |start, end| Keyboard {
            text: "höh".into(),
            selection_start: start,
            selection_end: end,
            ..Default::default()
        };
        assert_eq!(text(check_keyboard(&field(0, 3))), "fine");
        assert!(text(check_keyboard(&field(0, 4))).starts_with("selection_end = 4"));
        assert!(text(check_keyboard(&field(3, 2))).starts_with("selection_start = 3"));
        let long = Keyboard { text: "x".repeat(LONGEST_TEXT + 1), ..Default::default() };
        assert_eq!(text(check_keyboard(&long)), "text has 16385 bytes, more than 16384");
    }
}
