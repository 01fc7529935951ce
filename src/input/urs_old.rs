//! Unity Render Streaming 1.x and 2.x, channel `data`: one event per message, little-endian, type in the first byte.

use super::decoder::{from_bottom, touch_phase};
use super::error::InputError;
use super::event::InputKind;
use super::events::Events;
use super::held::{Finger, Held, MAX_FINGERS, Movement};
use super::key::UNITY_MAX;
use super::wire::Reader;
use crate::units::Size;

/// Left and right trigger among the W3C standard gamepad's buttons; they have a value.
const TRIGGERS: std::ops::RangeInclusive<u8> = 6..=7;
/// The last button of the W3C standard gamepad.
const LAST_BUTTON: u8 = 16;
const LEFT_STICK: u8 = 100;
const RIGHT_STICK: u8 = 101;

/// One viewer's `data` channel.
#[derive(Clone, Debug, Default)]
pub struct UrsOld {
    pub(super) held: Held,
}

impl UrsOld {
    /// See [`Decoder::decode`](super::Decoder::decode).
    pub fn decode(&mut self, message: &[u8], video: Size, out: &mut Events) -> Result<(), InputError> {
        let mut r = Reader(message);
        match r.u8()? {
            0 => self.keyboard(r, out),
            1 => {
                let (x, y, buttons) = (r.i16()?, r.i16()?, r.u8()?);
                let position = (x.into(), from_bottom(y.into(), video));
                // No movement is told: a locked pointer cannot be followed.
                self.held.mouse(position, Movement::FromPosition(0.0, 0.0), (buttons & 0x1F).into(), out);
                Ok(())
            }
            2 => {
                self.held.wheel((r.f32()?, r.f32()?), out);
                Ok(())
            }
            3 => self.touches(r, video, out),
            4 => {
                out.push(InputKind::PageButton { id: r.i16()? });
                Ok(())
            }
            5 => self.gamepad(r, out),
            other => Err(InputError::MessageType(other.into())),
        }
    }

    fn keyboard(&mut self, mut r: Reader, out: &mut Events) -> Result<(), InputError> {
        let (down, repeat, key) = (r.u8()? != 0, r.u8()? != 0, r.u8()?);
        if u16::from(key) > UNITY_MAX {
            return Err(InputError::Key(key.into()));
        }
        // The first releases sent no character. It is the low byte of a UTF-16 unit: a control character is the
        // remains of a letter outside Latin-1. It comes with the up as well, where it is not typed.
        let character = Some(char::from(r.u8().unwrap_or(0))).filter(|character| !character.is_control());
        self.held.key(key.into(), (down, repeat), character, out)
    }

    /// All fingers on the glass; one that is not listed any more has left.
    fn touches(&mut self, mut r: Reader, video: Size, out: &mut Events) -> Result<(), InputError> {
        let count = usize::from(r.u8()?);
        if count > MAX_FINGERS {
            return Err(InputError::Fingers);
        }
        let mut touches = Vec::with_capacity(count);
        for _ in 0..count {
            let (id, phase) = (r.i32()?, touch_phase(r.u8()?)?);
            let (x, y, force) = (r.i16()?.into(), from_bottom(r.i16()?.into(), video), r.f32()?);
            touches.push((Finger { id, x, y, force, ..Finger::default() }, phase));
        }
        let held = self.held.touches();
        held.end_except(|id| touches.iter().any(|(finger, _)| finger.id == id), out);
        touches.into_iter().try_for_each(|(finger, phase)| held.change(finger, phase, out))
    }

    /// One button or stick of the only gamepad. The receiver in Unity swaps A with B and X with Y; the page does not.
    fn gamepad(&mut self, mut r: Reader, out: &mut Events) -> Result<(), InputError> {
        let (action, control) = (r.u8()?, r.u8()?);
        let mut pad = self.held.pads().state(0);
        match action {
            0..=2 if control <= LAST_BUTTON => {
                let value = r.f64_as_f32()?.clamp(0.0, 1.0);
                let (bit, down) = (1 << control, action != 0);
                pad.buttons = if down { pad.buttons | bit } else { pad.buttons & !bit };
                if TRIGGERS.contains(&control) {
                    let axis = &mut pad.axes[4 + usize::from(control - TRIGGERS.start())];
                    *axis = if down { value } else { 0.0 };
                }
            }
            3 if control == LEFT_STICK || control == RIGHT_STICK => {
                let first = usize::from(control - LEFT_STICK) * 2;
                pad.axes[first] = r.f64_as_f32()?.clamp(-1.0, 1.0);
                pad.axes[first + 1] = r.f64_as_f32()?.clamp(-1.0, 1.0);
            }
            0..=3 => return Err(InputError::GamepadControl(control)),
            _ => return Err(InputError::GamepadAction(action)),
        }
        self.held.pads().change(0, pad, out)
    }
}
