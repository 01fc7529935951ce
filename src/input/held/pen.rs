//! The pen: near the picture, on it, or away.

use crate::input::event::{InputKind, TouchPhase};
use crate::input::events::Events;

/// As in [`InputKind::Pen`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PenState {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) pressure: f32,
    pub(crate) tilt_x: i16,
    pub(crate) tilt_y: i16,
    pub(crate) twist: u16,
    pub(crate) buttons: u16,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeldPen {
    last: PenState,
    touches: bool,
}

impl HeldPen {
    pub(super) fn is_held(self) -> bool {
        self.touches || self.last.buttons != 0
    }

    pub(super) fn scale(&mut self, width: f32, height: f32) {
        (self.last.x, self.last.y) = (self.last.x * width, self.last.y * height);
    }

    /// A pen touches once until it ends; one that hovers although it touched has been lifted meanwhile.
    pub(crate) fn change(&mut self, pen: PenState, phase: TouchPhase, out: &mut Events) {
        let phase = match (phase, self.touches) {
            (TouchPhase::Hovering, true) => {
                push(PenState { pressure: 0.0, ..pen }, TouchPhase::Ended, out);
                TouchPhase::Hovering
            }
            (TouchPhase::Hovering, false) => TouchPhase::Hovering,
            (phase, true) if phase.ends() => phase,
            // It was let go already.
            (phase, false) if phase.ends() => TouchPhase::Hovering,
            (_, true) => TouchPhase::Moved,
            (_, false) => TouchPhase::Began,
        };
        self.touches = matches!(phase, TouchPhase::Began | TouchPhase::Moved);
        self.last = pen;
        push(pen, phase, out);
    }

    pub(super) fn release(&mut self, out: &mut Events) {
        if self.is_held() {
            let phase = if self.touches { TouchPhase::Canceled } else { TouchPhase::Hovering };
            self.last = PenState { pressure: 0.0, buttons: 0, ..self.last };
            self.touches = false;
            push(self.last, phase, out);
        }
    }
}

fn push(pen: PenState, phase: TouchPhase, out: &mut Events) {
    let PenState { x, y, pressure, tilt_x, tilt_y, twist, buttons } = pen;
    out.push(InputKind::Pen { phase, x, y, pressure, tilt_x, tilt_y, twist, buttons });
}
