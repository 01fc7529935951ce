//! What of one viewer's input passes: nothing of a spectator's, and of a player's no more than a rate. What lets something go
//! always passes, since without it a key or a button would stay down.

use super::told::Role;
use crate::guard::Bucket;
use crate::input::event::{CompositionPhase, TouchPhase};
use crate::input::{Events, InputKind};
use crate::time::Nanos;

/// Events that did not pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Because the viewer is a spectator.
    pub of_spectator: u64,
    /// Because there were too many.
    pub limited: u64,
}

/// Of one viewer.
#[derive(Debug)]
pub struct Admission {
    bucket: Bucket,
    /// What has passed last, to know what a state lets go.
    mouse: u16,
    pen: u16,
    pads: [Pad; PADS],
}

/// Gamepads of one viewer whose last state is kept.
const PADS: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
struct Pad {
    buttons: u32,
    deflected: bool,
}

impl Admission {
    /// So many events a second, and a second's worth at once.
    pub fn new(per_second: u32) -> Self {
        Self { bucket: Bucket::per_second(per_second, per_second), mouse: 0, pen: 0, pads: [Pad::default(); PADS] }
    }

    /// Takes out what does not pass.
    pub fn admit(&mut self, role: Role, now: Nanos, events: &mut Events) -> Refused {
        let mut refused = Refused::default();
        events.retain(|kind| {
            if !role.is_player() && !is_a_spectators_too(kind) {
                refused.of_spectator += 1;
                return false;
            }
            // A release takes from the bucket too, when there is something in it.
            let passes = self.bucket.take(now) || self.lets_go(kind);
            if passes {
                self.remember(kind);
            } else {
                refused.limited += 1;
            }
            passes
        });
        refused
    }

    /// Whatever was held is let go.
    pub fn forget(&mut self) {
        (self.mouse, self.pen, self.pads) = (0, 0, [Pad::default(); PADS]);
    }

    /// Complete by construction: a new kind does not compile before it is decided what it lets go.
    fn lets_go(&self, kind: &InputKind) -> bool {
        match kind {
            InputKind::Key { down, .. } => !down,
            InputKind::Mouse { buttons, .. } => self.mouse & !buttons != 0,
            InputKind::Touch { phase, .. } => matches!(phase, TouchPhase::Ended | TouchPhase::Canceled),
            InputKind::Gamepad { index, buttons, axes, .. } => {
                let pad = self.pads.get(usize::from(*index)).copied().unwrap_or_default();
                pad.buttons & !buttons != 0 || (pad.deflected && !deflected(axes))
            }
            InputKind::Pen { phase, buttons, .. } => phase.ends() || self.pen & !buttons != 0,
            InputKind::Composition { phase, .. } => {
                matches!(phase, CompositionPhase::Ended | CompositionPhase::Canceled)
            }
            InputKind::GamepadDisconnected { .. } => true,
            InputKind::Text { .. }
            | InputKind::GamepadConnected { .. }
            | InputKind::Label { .. }
            | InputKind::Probe
            | InputKind::Wheel { .. }
            | InputKind::PageButton { .. }
            | InputKind::Message { .. }
            | InputKind::TextField { .. }
            | InputKind::Clipboard { .. } => false,
        }
    }

    fn remember(&mut self, kind: &InputKind) {
        match kind {
            InputKind::Mouse { buttons, .. } => self.mouse = *buttons,
            InputKind::Pen { buttons, .. } => self.pen = *buttons,
            InputKind::Gamepad { index, buttons, axes, .. } => {
                if let Some(pad) = self.pads.get_mut(usize::from(*index)) {
                    *pad = Pad { buttons: *buttons, deflected: deflected(axes) };
                }
            }
            _ => {}
        }
    }
}

fn deflected(axes: &[f32; 6]) -> bool {
    axes.iter().any(|axis| *axis != 0.0)
}

/// What the page says to the host is no control of it, nor what it has: who comes to play later has it then.
fn is_a_spectators_too(kind: &InputKind) -> bool {
    matches!(
        kind,
        InputKind::Message { .. }
            | InputKind::Label { .. }
            | InputKind::GamepadConnected { .. }
            | InputKind::GamepadDisconnected { .. }
    )
}
