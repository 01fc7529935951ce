//! Gamepads: W3C's standard mapping to Godot's numbers. What has changed since the last state is told. Pure.

use super::action::Action;

/// Godot's `JoyButton` of each button of W3C's standard mapping; the triggers (6, 7) are axes there.
const BUTTONS: [Option<i32>; 17] = [
    Some(0),
    Some(1),
    Some(2),
    Some(3),
    Some(9),
    Some(10),
    None,
    None,
    Some(4),
    Some(6),
    Some(7),
    Some(8),
    Some(11),
    Some(12),
    Some(13),
    Some(14),
    Some(5),
];
/// Sticks whose second axis points up here and down in Godot.
const UPWARD: [usize; 2] = [1, 3];
/// Pads of one viewer, as the library takes them.
const PADS: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
struct Pad {
    buttons: u32,
    axes: [f32; 6],
}

#[derive(Debug, Default)]
pub struct Pads([Pad; PADS]);

impl Pads {
    pub fn change(&mut self, index: u8, buttons: u32, axes: [f32; 6], out: &mut Vec<Action>) {
        let Some(pad) = self.0.get_mut(usize::from(index)) else { return };
        for (bit, button) in BUTTONS.into_iter().enumerate() {
            if let (true, Some(button)) = ((pad.buttons ^ buttons) & (1 << bit) != 0, button) {
                out.push(Action::PadButton { button, pressed: buttons & (1 << bit) != 0 });
            }
        }
        for (axis, (was, is)) in pad.axes.iter().zip(axes).enumerate() {
            if *was != is {
                // Not -0, which would be told as another value.
                let value = if UPWARD.contains(&axis) { 0.0 - is } else { is };
                out.push(Action::PadAxis { axis: axis as i32, value });
            }
        }
        *pad = Pad { buttons, axes };
    }

    /// It is unplugged; what it held was let go before.
    pub fn forget(&mut self, index: u8) {
        if let Some(pad) = self.0.get_mut(usize::from(index)) {
            *pad = Pad::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told_in_godots_numbers() {
        let (mut pads, mut out) = (Pads::default(), Vec::new());
        pads.change(0, 1 | 1 << 6 | 1 << 16, [0.0, 1.0, 0.0, 0.0, 0.5, 0.0], &mut out);
        let expected = [
            Action::PadButton { button: 0, pressed: true },
            Action::PadButton { button: 5, pressed: true },
            Action::PadAxis { axis: 1, value: -1.0 },
            Action::PadAxis { axis: 4, value: 0.5 },
        ];
        assert_eq!(std::mem::take(&mut out), expected);
        pads.change(0, 1, [0.0, 0.0, 0.0, 0.0, 0.5, 0.0], &mut out);
        assert_eq!(
            std::mem::take(&mut out),
            [Action::PadButton { button: 5, pressed: false }, Action::PadAxis { axis: 1, value: 0.0 }]
        );
        pads.change(1, 1, [0.0; 6], &mut out);
        assert_eq!(out.len(), 1, "another pad of the same viewer");
        pads.forget(0);
        pads.change(0, 1, [0.0; 6], &mut out);
        assert_eq!(out.len(), 2);
        pads.change(9, 1, [0.0; 6], &mut out);
        assert_eq!(out.len(), 2, "no such pad");
    }

    #[test]
    fn every_button_of_the_standard_mapping_has_a_number_of_its_own() {
        let mut numbers: Vec<i32> = BUTTONS.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..15).collect::<Vec<_>>());
    }
}
