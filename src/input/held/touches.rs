//! Fingers on the glass.

use crate::input::error::InputError;
use crate::input::event::{InputKind, TouchPhase};
use crate::input::events::Events;

/// Fingers of one viewer at once; a page that sends more is not a hand.
pub(crate) const MAX_FINGERS: usize = 32;

/// A finger that touches now. Positions from the top left, radii in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Finger {
    pub(crate) id: i32,
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) force: f32,
    pub(crate) radius_x: f32,
    pub(crate) radius_y: f32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Touches(Vec<Finger>);

impl Touches {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn scale(&mut self, width: f32, height: f32) {
        for finger in &mut self.0 {
            (finger.x, finger.y) = (finger.x * width, finger.y * height);
        }
    }

    /// One finger. Pages repeat states that they sent before: a finger begins once, moves when it differs, ends once.
    pub(crate) fn change(&mut self, finger: Finger, phase: TouchPhase, out: &mut Events) -> Result<(), InputError> {
        let Some(at) = self.0.iter().position(|f| f.id == finger.id) else {
            if phase.ends() {
                return Ok(());
            }
            if self.0.len() >= MAX_FINGERS {
                return Err(InputError::Fingers);
            }
            self.0.push(finger);
            push(finger, TouchPhase::Began, out);
            return Ok(());
        };
        if phase.ends() {
            self.0.remove(at);
            push(finger, phase, out);
        } else if let Some(last) = self.0.get_mut(at)
            && *last != finger
        {
            *last = finger;
            push(finger, TouchPhase::Moved, out);
        }
        Ok(())
    }

    /// Ends the fingers that a complete list does not name.
    pub(crate) fn end_except(&mut self, is_listed: impl Fn(i32) -> bool, out: &mut Events) {
        self.0.retain(|finger| {
            let listed = is_listed(finger.id);
            if !listed {
                push(*finger, TouchPhase::Ended, out);
            }
            listed
        });
    }

    pub(crate) fn release(&mut self, out: &mut Events) {
        for finger in self.0.drain(..) {
            push(finger, TouchPhase::Canceled, out);
        }
    }
}

fn push(finger: Finger, phase: TouchPhase, out: &mut Events) {
    let Finger { id, x, y, force, radius_x, radius_y } = finger;
    out.push(InputKind::Touch { id, phase, x, y, force, radius_x, radius_y });
}
