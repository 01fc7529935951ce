//! One thing that a viewer did, as Godot tells such things apart. Positions and movements are parts of the picture.

/// Which of the keys of the sides are down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    pub shift: bool,
    pub control: bool,
    pub alt: bool,
    pub meta: bool,
}

/// What only a pen has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PenTip {
    pub pressure: f32,
    /// -1 to 1, to the right and down.
    pub tilt: [f32; 2],
    /// The eraser's end.
    pub inverted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    Key {
        /// The library's number of the key; 0: no key, only a character that was typed.
        key: u16,
        pressed: bool,
        echo: bool,
        character: Option<char>,
        modifiers: Modifiers,
    },
    MouseMotion {
        at: [f32; 2],
        by: [f32; 2],
        /// Godot's mask of buttons.
        mask: u64,
        pen: PenTip,
        modifiers: Modifiers,
    },
    MouseButton {
        at: [f32; 2],
        /// Godot's number.
        button: i32,
        pressed: bool,
        double_click: bool,
        /// Of the wheel: 1 is one notch.
        factor: f32,
        mask: u64,
        modifiers: Modifiers,
    },
    Touch {
        index: i32,
        at: [f32; 2],
        pressed: bool,
        canceled: bool,
        double_tap: bool,
    },
    Drag {
        index: i32,
        at: [f32; 2],
        by: [f32; 2],
        pressure: f32,
    },
    PadButton {
        /// Godot's number.
        button: i32,
        pressed: bool,
    },
    PadAxis {
        /// Godot's number.
        axis: i32,
        /// Down is positive.
        value: f32,
    },
}

impl Action {
    /// It lets something go.
    pub fn releases(&self) -> bool {
        match self {
            Self::Key { pressed, .. }
            | Self::MouseButton { pressed, .. }
            | Self::Touch { pressed, .. }
            | Self::PadButton { pressed, .. } => !pressed,
            Self::PadAxis { value, .. } => *value == 0.0,
            Self::MouseMotion { .. } | Self::Drag { .. } => false,
        }
    }
}
