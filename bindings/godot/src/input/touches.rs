//! Fingers: Godot numbers them from 0, the lowest free number first. Pure.

use rendercast::input::TouchPhase;

use super::action::Action;
use super::clicks::Clicks;

#[derive(Clone, Copy, Debug)]
struct Finger {
    id: i32,
    at: [f32; 2],
}

#[derive(Debug, Default)]
pub struct Touches {
    /// By Godot's number.
    fingers: Vec<Option<Finger>>,
    taps: Clicks,
}

impl Touches {
    /// `size` is the picture's, in pixels.
    #[allow(clippy::too_many_arguments)]
    pub fn change(
        &mut self,
        id: i32,
        phase: TouchPhase,
        at: [f32; 2],
        size: [f32; 2],
        pressure: f32,
        now_ns: u64,
        out: &mut Vec<Action>,
    ) {
        let known = self.fingers.iter().position(|finger| finger.is_some_and(|finger| finger.id == id));
        match (phase, known) {
            (TouchPhase::Began, None) => {
                let index = self.place(Finger { id, at });
                let double_tap = self.taps.press(index, [at[0] * size[0], at[1] * size[1]], now_ns);
                out.push(Action::Touch { index, at, pressed: true, canceled: false, double_tap });
            }
            (TouchPhase::Ended | TouchPhase::Canceled, Some(place)) => {
                if let Some(finger) = self.fingers.get_mut(place) {
                    *finger = None;
                }
                let canceled = phase == TouchPhase::Canceled;
                out.push(Action::Touch { index: number(place), at, pressed: false, canceled, double_tap: false });
            }
            (TouchPhase::Moved | TouchPhase::Began, Some(place)) => {
                if let Some(Some(finger)) = self.fingers.get_mut(place) {
                    let by = [at[0] - finger.at[0], at[1] - finger.at[1]];
                    finger.at = at;
                    if by != [0.0; 2] {
                        out.push(Action::Drag { index: number(place), at, by, pressure });
                    }
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, finger: Finger) -> i32 {
        let free = self.fingers.iter().position(Option::is_none).unwrap_or_else(|| {
            self.fingers.push(None);
            self.fingers.len() - 1
        });
        if let Some(place) = self.fingers.get_mut(free) {
            *place = Some(finger);
        }
        number(free)
    }
}

/// A hand has five fingers, and the library bounds them.
fn number(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingers_have_the_lowest_free_number_and_keep_it() {
        let (mut touches, mut out) = (Touches::default(), Vec::new());
        let mut change = |id, phase, x| {
            touches.change(id, phase, [x, 0.5], [100.0, 100.0], 1.0, 0, &mut out);
            std::mem::take(&mut out)
        };
        let pressed =
            |index, x| Action::Touch { index, at: [x, 0.5], pressed: true, canceled: false, double_tap: false };
        assert_eq!(change(900, TouchPhase::Began, 0.25), [pressed(0, 0.25)]);
        assert_eq!(change(-3, TouchPhase::Began, 0.75), [pressed(1, 0.75)]);
        let drag = Action::Drag { index: 1, at: [0.5, 0.5], by: [-0.25, 0.0], pressure: 1.0 };
        assert_eq!(change(-3, TouchPhase::Moved, 0.5), [drag]);
        assert_eq!(change(-3, TouchPhase::Stationary, 0.5), []);
        let ended = Action::Touch { index: 0, at: [0.25, 0.5], pressed: false, canceled: true, double_tap: false };
        assert_eq!(change(900, TouchPhase::Canceled, 0.25), [ended]);
        assert_eq!(change(900, TouchPhase::Ended, 0.25), [], "it is gone");
        assert_eq!(change(7, TouchPhase::Began, 0.125), [pressed(0, 0.125)]);
        assert_eq!(change(8, TouchPhase::Moved, 0.1), [], "it never began");
    }
}
