//! The library's input events of one viewer as Godot's. Pure: what is held is known from the events alone.

use rendercast::input::key;
use rendercast::input::{InputEvent, InputKind, TouchPhase};

use super::action::{Action, Modifiers, PenTip};
use super::clicks::Clicks;
use super::pads::Pads;
use super::touches::Touches;

/// Godot's `MouseButton` of each bit of W3C's `MouseEvent.buttons`.
const BUTTONS: [i32; 5] = [1, 2, 3, 8, 9];
const WHEEL_UP: i32 = 4;
const WHEEL_DOWN: i32 = 5;
const WHEEL_LEFT: i32 = 6;
const WHEEL_RIGHT: i32 = 7;
/// Pixels of W3C's wheel that most browsers send for one notch.
const NOTCH: f32 = 100.0;
/// W3C `PointerEvent.buttons`: a pen's eraser.
const ERASER: u16 = 32;
const PRIMARY: u16 = 1;

#[derive(Debug, Default)]
pub struct Translator {
    modifiers: Modifiers,
    /// What the key that went down last types: a text of the same that follows is told with the key.
    typed: Option<char>,
    mouse: [f32; 2],
    buttons: u16,
    clicks: Clicks,
    touches: Touches,
    pads: Pads,
}

impl Translator {
    /// What an event is to Godot, in order. Nothing for what Godot has no event for.
    pub fn translate(&mut self, event: &InputEvent, out: &mut Vec<Action>) {
        let at = event.normalized().map_or(self.mouse, |(x, y)| [x, y]);
        let part = |dx: f32, dy: f32| {
            let [width, height] = [event.video.width, event.video.height].map(|side| side.max(1) as f32);
            [dx / width, dy / height]
        };
        let size = [event.video.width as f32, event.video.height as f32];
        match &event.kind {
            InputKind::Key { key, down, repeat, character } => self.key(*key, *down, *repeat, *character, out),
            InputKind::Text { text } => text.chars().for_each(|character| self.text(character, out)),
            InputKind::Mouse { dx, dy, buttons, .. } => {
                self.pointer(at, part(*dx, *dy), *buttons, PenTip::default(), out);
                self.press(at, size, *buttons, event.received_ns, out);
            }
            InputKind::Wheel { delta_x, delta_y, .. } => self.wheel(at, *delta_x, *delta_y, out),
            InputKind::Touch { id, phase, force, .. } => {
                self.touches.change(*id, *phase, at, size, *force, event.received_ns, out);
            }
            InputKind::Pen { phase, pressure, tilt_x, tilt_y, buttons, .. } => {
                let held = if phase.ends() || *phase == TouchPhase::Hovering { 0 } else { *buttons };
                let inverted = buttons & ERASER != 0;
                // The eraser's end draws like the tip, and Godot tells them apart.
                let held = (held & !ERASER) | if held & ERASER != 0 { PRIMARY } else { 0 };
                let tilt = [*tilt_x, *tilt_y].map(|degrees| f32::from(degrees) / 90.0);
                let by = [at[0] - self.mouse[0], at[1] - self.mouse[1]];
                self.pointer(at, by, held, PenTip { pressure: *pressure, tilt, inverted }, out);
                self.press(at, size, held, event.received_ns, out);
            }
            InputKind::Gamepad { index, buttons, axes } => self.pads.change(*index, *buttons, *axes, out),
            InputKind::GamepadDisconnected { index } => self.pads.forget(*index),
            _ => {}
        }
    }

    fn key(&mut self, key: u16, down: bool, repeat: bool, character: Option<char>, out: &mut Vec<Action>) {
        match key::code(key) {
            Some("ShiftLeft" | "ShiftRight") => self.modifiers.shift = down,
            Some("ControlLeft" | "ControlRight") => self.modifiers.control = down,
            Some("AltLeft" | "AltRight") => self.modifiers.alt = down,
            Some("MetaLeft" | "MetaRight") => self.modifiers.meta = down,
            _ => {}
        }
        self.typed = character.filter(|_| down);
        out.push(Action::Key { key, pressed: down, echo: repeat, character, modifiers: self.modifiers });
    }

    fn text(&mut self, character: char, out: &mut Vec<Action>) {
        if self.typed.take() == Some(character) {
            return;
        }
        let modifiers = Modifiers::default();
        for pressed in [true, false] {
            out.push(Action::Key { key: 0, pressed, echo: false, character: Some(character), modifiers });
        }
    }

    /// `buttons` are those that are held once the movement is over.
    fn pointer(&mut self, at: [f32; 2], by: [f32; 2], buttons: u16, pen: PenTip, out: &mut Vec<Action>) {
        if at != self.mouse || by != [0.0; 2] || (buttons == self.buttons && pen != PenTip::default()) {
            let modifiers = self.modifiers;
            out.push(Action::MouseMotion { at, by, mask: mask(self.buttons), pen, modifiers });
        }
        self.mouse = at;
    }

    fn press(&mut self, at: [f32; 2], size: [f32; 2], buttons: u16, now_ns: u64, out: &mut Vec<Action>) {
        for (bit, button) in BUTTONS.into_iter().enumerate().map(|(bit, button)| (1 << bit, button)) {
            if (self.buttons ^ buttons) & bit == 0 {
                continue;
            }
            self.buttons ^= bit;
            let pressed = buttons & bit != 0;
            let double_click = pressed && self.clicks.press(button, [at[0] * size[0], at[1] * size[1]], now_ns);
            let (mask, modifiers) = (mask(self.buttons), self.modifiers);
            out.push(Action::MouseButton { at, button, pressed, double_click, factor: 1.0, mask, modifiers });
        }
    }

    fn wheel(&mut self, at: [f32; 2], delta_x: f32, delta_y: f32, out: &mut Vec<Action>) {
        for (delta, back, forth) in [(delta_y, WHEEL_UP, WHEEL_DOWN), (delta_x, WHEEL_LEFT, WHEEL_RIGHT)] {
            if delta == 0.0 {
                continue;
            }
            let (button, factor) = (if delta < 0.0 { back } else { forth }, delta.abs() / NOTCH);
            let (mask, modifiers) = (mask(self.buttons), self.modifiers);
            for pressed in [true, false] {
                out.push(Action::MouseButton { at, button, pressed, double_click: false, factor, mask, modifiers });
            }
        }
    }
}

/// Godot's `MouseButtonMask`.
fn mask(buttons: u16) -> u64 {
    let held = BUTTONS.into_iter().enumerate().filter(|(bit, _)| buttons & (1 << bit) != 0);
    held.map(|(_, button)| 1 << (button - 1)).sum()
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
