//! What one viewer holds down, whatever format says so: turns states into changes and can let go of everything.

mod keys;
mod pads;
mod pen;
mod touches;

use super::error::InputError;
use super::event::{CompositionPhase, InputKind};
use super::events::Events;
use super::key;
use crate::units::Size;
use keys::Keys;
use pads::Pads;
pub(super) use pads::{MAX_PADS, Pad, Plug};
use pen::HeldPen;
pub(super) use pen::PenState;
use touches::Touches;
pub(super) use touches::{Finger, MAX_FINGERS};

#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    keys: Keys,
    mouse: Option<Mouse>,
    touches: Touches,
    pads: Pads,
    pen: HeldPen,
    /// An input method composes.
    composing: bool,
    /// What the positions here are in.
    video: Option<Size>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Mouse {
    x: f32,
    y: f32,
    buttons: u16,
}

/// How far the mouse has moved.
#[derive(Clone, Copy, Debug)]
pub(super) enum Movement {
    /// As the format says, in pixels of the picture.
    Told(f32, f32),
    /// From where it was. Where it stands still (its pointer may be locked) or was not yet, as the page says, in pixels of
    /// its own.
    FromPosition(f32, f32),
}

impl Held {
    /// Positions are in a picture of this size from now on; those that are held stay where they are on it.
    pub(super) fn set_video(&mut self, video: Size) {
        let before = self.video.replace(video).filter(|before| *before != video && before.is_valid());
        let Some(before) = before else { return };
        let (width, height) = (video.width as f32 / before.width as f32, video.height as f32 / before.height as f32);
        if let Some(mouse) = &mut self.mouse {
            (mouse.x, mouse.y) = (mouse.x * width, mouse.y * height);
        }
        self.touches.scale(width, height);
        self.pen.scale(width, height);
    }

    /// Whether the host believes something to be pressed, touched or composed.
    pub(super) fn is_anything(&self) -> bool {
        let pressed = self.mouse.is_some_and(|mouse| mouse.buttons != 0);
        pressed
            || self.composing
            || !self.keys.is_empty()
            || !self.touches.is_empty()
            || !self.pads.are_neutral()
            || self.pen.is_held()
    }

    /// A key as an event, with what it types. A second down without an up between is a repeat: the up was lost, or the page
    /// says so itself. Key 0 has no number: it is known by its character only.
    pub(super) fn key(
        &mut self,
        key: u16,
        (down, repeat): (bool, bool),
        character: Option<char>,
        out: &mut Events,
    ) -> Result<(), InputError> {
        if key > key::MAX {
            return Err(InputError::Key(key));
        }
        if key != 0 {
            let repeat = down && (repeat || self.keys.has(key));
            self.keys.set(key, down);
            out.push(InputKind::Key { key, down, repeat, character });
        }
        if let Some(character) = character.filter(|_| down) {
            out.push(InputKind::Text { text: character.into() });
        }
        Ok(())
    }

    /// The whole keyboard as a bit field, bit k for key k of Unity's. Keys that went up come first.
    pub(super) fn unity_keys(&mut self, keys: u128, out: &mut Events) {
        self.keys.replace(Keys::of_unity(keys), out);
    }

    pub(super) fn mouse(&mut self, (x, y): (f32, f32), movement: Movement, buttons: u16, out: &mut Events) {
        let mouse = Mouse { x, y, buttons };
        let before = self.mouse.replace(mouse);
        let (dx, dy) = match (movement, before) {
            (Movement::FromPosition(..), Some(before)) if (before.x, before.y) != (x, y) => {
                (x - before.x, y - before.y)
            }
            (Movement::Told(dx, dy) | Movement::FromPosition(dx, dy), _) => (dx, dy),
        };
        if before != Some(mouse) || (dx, dy) != (0.0, 0.0) {
            out.push(InputKind::Mouse { x, y, dx, dy, buttons });
        }
    }

    /// Buttons alone, where the mouse was last.
    pub(super) fn mouse_buttons(&mut self, buttons: u16, out: &mut Events) {
        if let Some(Mouse { x, y, .. }) = self.mouse {
            self.mouse((x, y), Movement::Told(0.0, 0.0), buttons, out);
        }
    }

    /// Where the mouse is, from a message that says no more of it.
    pub(super) fn mouse_at(&mut self, (x, y): (f32, f32)) {
        let buttons = self.mouse.map_or(0, |mouse| mouse.buttons);
        self.mouse = Some(Mouse { x, y, buttons });
    }

    /// The wheel, where the mouse was last.
    pub(super) fn wheel(&mut self, (delta_x, delta_y): (f32, f32), out: &mut Events) {
        let (x, y) = self.mouse.map_or((0.0, 0.0), |mouse| (mouse.x, mouse.y));
        out.push(InputKind::Wheel { x, y, delta_x, delta_y });
    }

    pub(super) fn composition(&mut self, phase: CompositionPhase, caret: u16, text: String, out: &mut Events) {
        self.composing = matches!(phase, CompositionPhase::Started | CompositionPhase::Updated);
        out.push(InputKind::Composition { phase, caret, text });
    }

    pub(super) fn touches(&mut self) -> &mut Touches {
        &mut self.touches
    }

    pub(super) fn pads(&mut self) -> &mut Pads {
        &mut self.pads
    }

    pub(super) fn pen(&mut self) -> &mut HeldPen {
        &mut self.pen
    }

    pub(super) fn release_keys(&mut self, out: &mut Events) {
        self.keys.replace(Keys::default(), out);
    }

    pub(super) fn release_mouse(&mut self, out: &mut Events) {
        self.mouse_buttons(0, out);
    }

    /// Key-ups, buttons up, touches canceled, gamepads neutral, what is composed canceled.
    pub(super) fn release_all(&mut self, out: &mut Events) {
        out.set_page_time(None);
        if self.composing {
            self.composition(CompositionPhase::Canceled, 0, String::new(), out);
        }
        self.release_keys(out);
        self.release_mouse(out);
        self.touches.release(out);
        self.pen.release(out);
        self.pads.release_all(out);
    }

    /// The same, and its gamepads are gone.
    pub(super) fn leave(&mut self, out: &mut Events) {
        self.release_all(out);
        self.pads.unplug_all(out);
    }
}
