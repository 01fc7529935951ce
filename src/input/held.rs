//! What one viewer holds down, whatever format says so: turns states into changes and can let go of everything.

use super::decoder::InputError;
use super::event::{InputKind, TouchPhase};
use super::key;

/// Fingers of one viewer at once; a page that sends more is not a hand.
pub(super) const MAX_FINGERS: usize = 32;
/// Gamepads of one viewer.
pub(super) const MAX_PADS: usize = 4;

#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// Bit k: key k is down.
    keys: u128,
    mouse: Option<Mouse>,
    fingers: Vec<Finger>,
    pads: [Pad; MAX_PADS],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Mouse {
    x: f32,
    y: f32,
    buttons: u16,
}

/// A finger that touches now. Positions from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Finger {
    pub(super) id: i32,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) force: f32,
}

/// State of a gamepad, as in [`InputKind::Gamepad`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pad {
    pub(super) buttons: u32,
    pub(super) axes: [f32; 6],
}

impl Held {
    /// A key as an event. A second down without an up between is a repeat: the up was lost, or the page says so itself.
    pub(super) fn key(
        &mut self,
        key: u16,
        down: bool,
        repeat: bool,
        out: &mut Vec<InputKind>,
    ) -> Result<(), InputError> {
        if key > key::MAX {
            return Err(InputError::Key(key));
        }
        if key == 0 {
            return Ok(()); // a key that the page has no number for
        }
        let bit = 1u128 << key;
        let repeat = down && (repeat || self.keys & bit != 0);
        self.keys = if down { self.keys | bit } else { self.keys & !bit };
        out.push(InputKind::Key { key, down, repeat });
        Ok(())
    }

    /// The whole keyboard as a bit field, bit k for key k. Keys that went up come first.
    pub(super) fn keys(&mut self, keys: u128, out: &mut Vec<InputKind>) {
        let known = (2u128 << key::MAX) - 2;
        let keys = keys & known;
        push_keys(self.keys & !keys, false, out);
        push_keys(keys & !self.keys, true, out);
        self.keys = keys;
    }

    pub(super) fn mouse(&mut self, x: f32, y: f32, buttons: u16, out: &mut Vec<InputKind>) {
        let mouse = Mouse { x, y, buttons };
        if self.mouse.replace(mouse) != Some(mouse) {
            out.push(InputKind::Mouse { x, y, buttons });
        }
    }

    /// Buttons alone, where the mouse was last.
    pub(super) fn mouse_buttons(&mut self, buttons: u16, out: &mut Vec<InputKind>) {
        if let Some(Mouse { x, y, .. }) = self.mouse {
            self.mouse(x, y, buttons, out);
        }
    }

    /// One finger. Pages repeat states that they sent before: a finger begins once, moves when it differs, ends once.
    pub(super) fn touch(
        &mut self,
        finger: Finger,
        phase: TouchPhase,
        out: &mut Vec<InputKind>,
    ) -> Result<(), InputError> {
        let ends = matches!(phase, TouchPhase::Ended | TouchPhase::Canceled);
        let Some(at) = self.fingers.iter().position(|f| f.id == finger.id) else {
            if ends {
                return Ok(());
            }
            if self.fingers.len() >= MAX_FINGERS {
                return Err(InputError::Fingers);
            }
            self.fingers.push(finger);
            push_touch(finger, TouchPhase::Began, out);
            return Ok(());
        };
        if ends {
            self.fingers.remove(at);
            push_touch(finger, phase, out);
        } else if let Some(last) = self.fingers.get_mut(at)
            && *last != finger
        {
            *last = finger;
            push_touch(finger, TouchPhase::Moved, out);
        }
        Ok(())
    }

    /// Ends the fingers that a complete list does not name.
    pub(super) fn end_touches_except(&mut self, is_listed: impl Fn(i32) -> bool, out: &mut Vec<InputKind>) {
        self.fingers.retain(|finger| {
            let listed = is_listed(finger.id);
            if !listed {
                push_touch(*finger, TouchPhase::Ended, out);
            }
            listed
        });
    }

    pub(super) fn pad_state(&self, index: usize) -> Pad {
        self.pads.get(index).copied().unwrap_or_default()
    }

    pub(super) fn pad(&mut self, index: usize, pad: Pad, out: &mut Vec<InputKind>) -> Result<(), InputError> {
        let last = self.pads.get_mut(index).ok_or(InputError::Gamepads)?;
        if *last != pad {
            *last = pad;
            out.push(InputKind::Gamepad { index: index as u8, buttons: pad.buttons, axes: pad.axes });
        }
        Ok(())
    }

    pub(super) fn release_keys(&mut self, out: &mut Vec<InputKind>) {
        self.keys(0, out);
    }

    pub(super) fn release_mouse(&mut self, out: &mut Vec<InputKind>) {
        self.mouse_buttons(0, out);
    }

    pub(super) fn release_touches(&mut self, out: &mut Vec<InputKind>) {
        for finger in self.fingers.drain(..) {
            push_touch(finger, TouchPhase::Canceled, out);
        }
    }

    pub(super) fn release_pad(&mut self, index: usize, out: &mut Vec<InputKind>) {
        let _ = self.pad(index, Pad::default(), out); // an index that is too large holds nothing
    }

    pub(super) fn release_all(&mut self, out: &mut Vec<InputKind>) {
        self.release_keys(out);
        self.release_mouse(out);
        self.release_touches(out);
        (0..MAX_PADS).for_each(|index| self.release_pad(index, out));
    }
}

fn push_keys(mut keys: u128, down: bool, out: &mut Vec<InputKind>) {
    while keys != 0 {
        out.push(InputKind::Key { key: keys.trailing_zeros() as u16, down, repeat: false });
        keys &= keys - 1;
    }
}

fn push_touch(finger: Finger, phase: TouchPhase, out: &mut Vec<InputKind>) {
    let Finger { id, x, y, force } = finger;
    out.push(InputKind::Touch { id, phase, x, y, force });
}
