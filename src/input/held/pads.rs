//! Gamepads, plugged in and in use.

use crate::input::error::InputError;
use crate::input::event::InputKind;
use crate::input::events::Events;

/// Gamepads of one viewer.
pub(crate) const MAX_PADS: usize = 4;

/// State of a gamepad, as in [`InputKind::Gamepad`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pad {
    pub(crate) buttons: u32,
    pub(crate) axes: [f32; 6],
}

/// What a gamepad can do, as in [`InputKind::GamepadConnected`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plug {
    pub(crate) dual_rumble: bool,
    pub(crate) trigger_rumble: bool,
    pub(crate) standard_mapping: bool,
    pub(crate) id: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Pads {
    states: [Pad; MAX_PADS],
    /// The page said that they are there.
    plugged: [bool; MAX_PADS],
}

impl Pads {
    pub(super) fn are_neutral(&self) -> bool {
        self.states.iter().all(|pad| *pad == Pad::default())
    }

    pub(crate) fn state(&self, index: usize) -> Pad {
        self.states.get(index).copied().unwrap_or_default()
    }

    /// The whole state of one; of interest where it differs.
    pub(crate) fn change(&mut self, index: usize, pad: Pad, out: &mut Events) -> Result<(), InputError> {
        let last = self.states.get_mut(index).ok_or(InputError::Gamepads)?;
        if *last != pad {
            *last = pad;
            out.push(InputKind::Gamepad { index: index as u8, buttons: pad.buttons, axes: pad.axes });
        }
        Ok(())
    }

    /// One is there. Another one in its place is gone with that.
    pub(crate) fn plug(&mut self, index: usize, plug: Plug, out: &mut Events) -> Result<(), InputError> {
        self.unplug(index, out)?;
        if let Some(plugged) = self.plugged.get_mut(index) {
            *plugged = true;
        }
        let Plug { dual_rumble, trigger_rumble, standard_mapping, id } = plug;
        let index = index as u8;
        out.push(InputKind::GamepadConnected { index, dual_rumble, trigger_rumble, standard_mapping, id });
        Ok(())
    }

    /// It is gone: first everything on it is let go.
    pub(crate) fn unplug(&mut self, index: usize, out: &mut Events) -> Result<(), InputError> {
        self.change(index, Pad::default(), out)?;
        if let Some(plugged) = self.plugged.get_mut(index)
            && std::mem::take(plugged)
        {
            out.push(InputKind::GamepadDisconnected { index: index as u8 });
        }
        Ok(())
    }

    pub(crate) fn release(&mut self, index: usize, out: &mut Events) {
        let _ = self.change(index, Pad::default(), out); // an index that is too large holds nothing
    }

    pub(super) fn release_all(&mut self, out: &mut Events) {
        (0..MAX_PADS).for_each(|index| self.release(index, out));
    }

    pub(super) fn unplug_all(&mut self, out: &mut Events) {
        for index in 0..MAX_PADS {
            let _ = self.unplug(index, out); // as above
        }
    }
}
