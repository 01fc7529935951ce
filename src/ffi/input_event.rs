//! An event of the input room as the structure of the header, and what is kept of it for further calls.

use super::input::*;
use super::text::text_field;
use crate::input::{CompositionPhase, InputEvent, InputKind, TouchPhase};

/// What the host has polled, for the calls that tell more of it.
#[derive(Debug, Default)]
pub(super) struct PolledInput {
    /// The last event, unless it has data.
    last: Option<InputEvent>,
    /// The last event that has data.
    with_data: Option<InputEvent>,
}

impl PolledInput {
    pub(super) fn keep(&mut self, event: InputEvent) {
        if event.kind.data().is_some() {
            (self.last, self.with_data) = (None, Some(event));
        } else {
            self.last = Some(event);
        }
    }

    pub(super) fn last(&self) -> Option<&InputEvent> {
        self.last.as_ref().or(self.with_data.as_ref())
    }

    pub(super) fn data(&self) -> &[u8] {
        self.with_data.as_ref().and_then(|event| event.kind.data()).unwrap_or_default()
    }
}

pub(super) fn input_out(event: &InputEvent) -> rendercast_input {
    // SAFETY: zeros are a valid value, see `Versioned`.
    let mut out: rendercast_input = unsafe { std::mem::zeroed() };
    out.size = size_of::<rendercast_input>() as u32;
    out.viewer = event.viewer.0;
    out.received_ns = event.received_ns;
    out.page_time_us = event.page_time_us.unwrap_or_default();
    (out.width, out.height) = (event.video.width, event.video.height);
    (out.x, out.y) = event.kind.position().unwrap_or_default();
    (out.normalized_x, out.normalized_y) = event.normalized().unwrap_or_default();
    out.data_len = event.kind.data().map_or(0, |data| u32::try_from(data.len()).unwrap_or(u32::MAX));
    match &event.kind {
        InputKind::Key { key, down, repeat, character } => {
            out.kind = RENDERCAST_INPUT_KEY;
            (out.key, out.down, out.repeat) = ((*key).into(), (*down).into(), (*repeat).into());
            out.character = character.map_or(0, u32::from);
        }
        InputKind::Text { text } => {
            out.kind = RENDERCAST_INPUT_TEXT;
            out.character = text.chars().next().map_or(0, u32::from);
        }
        InputKind::Composition { phase, caret, .. } => {
            out.kind = RENDERCAST_INPUT_COMPOSITION;
            (out.phase, out.caret) = (composition_number(*phase), (*caret).into());
        }
        InputKind::Mouse { dx, dy, buttons, .. } => {
            out.kind = RENDERCAST_INPUT_MOUSE;
            (out.movement_x, out.movement_y, out.buttons) = (*dx, *dy, (*buttons).into());
        }
        InputKind::Wheel { delta_x, delta_y, .. } => {
            out.kind = RENDERCAST_INPUT_WHEEL;
            (out.delta_x, out.delta_y) = (*delta_x, *delta_y);
        }
        InputKind::Touch { id, phase, force, radius_x, radius_y, .. } => {
            out.kind = RENDERCAST_INPUT_TOUCH;
            (out.touch_id, out.phase, out.force) = (*id, phase_number(*phase), *force);
            (out.radius_x, out.radius_y) = (*radius_x, *radius_y);
        }
        InputKind::Pen { phase, pressure, tilt_x, tilt_y, twist, buttons, .. } => {
            out.kind = RENDERCAST_INPUT_PEN;
            (out.phase, out.force, out.buttons) = (phase_number(*phase), *pressure, (*buttons).into());
            (out.tilt_x, out.tilt_y, out.twist) = ((*tilt_x).into(), (*tilt_y).into(), (*twist).into());
        }
        InputKind::Gamepad { index, buttons, axes } => {
            out.kind = RENDERCAST_INPUT_GAMEPAD;
            (out.pad_index, out.buttons, out.axes) = ((*index).into(), *buttons, *axes);
        }
        InputKind::GamepadConnected { index, dual_rumble, trigger_rumble, standard_mapping, .. } => {
            out.kind = RENDERCAST_INPUT_GAMEPAD_CONNECTED;
            out.pad_index = (*index).into();
            let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
            out.flags = flag(*dual_rumble, RENDERCAST_GAMEPAD_DUAL_RUMBLE)
                | flag(*trigger_rumble, RENDERCAST_GAMEPAD_TRIGGER_RUMBLE)
                | flag(*standard_mapping, RENDERCAST_GAMEPAD_STANDARD_MAPPING);
        }
        InputKind::GamepadDisconnected { index } => {
            out.kind = RENDERCAST_INPUT_GAMEPAD_DISCONNECTED;
            out.pad_index = (*index).into();
        }
        InputKind::Probe => out.kind = RENDERCAST_INPUT_PROBE,
        InputKind::PageButton { id } => {
            out.kind = RENDERCAST_INPUT_PAGE_BUTTON;
            out.page_button = (*id).into();
        }
        InputKind::Label { .. } => out.kind = RENDERCAST_INPUT_LABEL,
        InputKind::TextField { selection_start, selection_end, done, .. } => {
            (out.kind, out.is_text) = (RENDERCAST_INPUT_TEXT_FIELD, 1);
            (out.selection_start, out.selection_end) = (*selection_start, *selection_end);
            out.done = (*done).into();
        }
        InputKind::Clipboard { .. } => (out.kind, out.is_text) = (RENDERCAST_INPUT_CLIPBOARD, 1),
        InputKind::Message { channel, number, text, .. } => {
            out.kind = RENDERCAST_INPUT_MESSAGE;
            out.is_text = (*text).into();
            out.channel_id = *number;
            out.channel = text_field(channel);
        }
    }
    out
}

const fn composition_number(phase: CompositionPhase) -> u32 {
    match phase {
        CompositionPhase::Started => RENDERCAST_COMPOSITION_STARTED,
        CompositionPhase::Updated => RENDERCAST_COMPOSITION_UPDATED,
        CompositionPhase::Ended => RENDERCAST_COMPOSITION_ENDED,
        CompositionPhase::Canceled => RENDERCAST_COMPOSITION_CANCELED,
    }
}

const fn phase_number(phase: TouchPhase) -> u32 {
    match phase {
        TouchPhase::Began => RENDERCAST_TOUCH_BEGAN,
        TouchPhase::Moved => RENDERCAST_TOUCH_MOVED,
        TouchPhase::Ended => RENDERCAST_TOUCH_ENDED,
        TouchPhase::Canceled => RENDERCAST_TOUCH_CANCELED,
        TouchPhase::Stationary => RENDERCAST_TOUCH_STATIONARY,
        TouchPhase::Hovering => RENDERCAST_TOUCH_HOVERING,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use super::*;
    use crate::units::{Size, ViewerId};

    fn event(kind: InputKind) -> InputEvent {
        InputEvent { viewer: ViewerId(3), received_ns: 11, page_time_us: Some(12), video: Size::new(200, 100), kind }
    }

    fn out(kind: InputKind) -> rendercast_input {
        input_out(&event(kind))
    }

    #[test]
    fn each_kind_fills_its_own_fields() {
        let key = out(InputKind::Key { key: 17, down: true, repeat: false, character: Some('c') });
        assert_eq!((key.kind, key.viewer, key.received_ns, key.page_time_us), (RENDERCAST_INPUT_KEY, 3, 11, 12));
        assert_eq!((key.key, key.down, key.repeat, key.character), (17, 1, 0, u32::from('c')));
        assert_eq!((key.width, key.height, key.x, key.normalized_x), (200, 100, 0.0, 0.0));
        assert_eq!(out(InputKind::Text { text: "😀".into() }).character, 0x1f600);
        let mouse = out(InputKind::Mouse { x: 1.5, y: -2.0, dx: 3.0, dy: 4.0, buttons: 5 });
        assert_eq!((mouse.x, mouse.y, mouse.movement_x, mouse.movement_y, mouse.buttons), (1.5, -2.0, 3.0, 4.0, 5));
        assert_eq!((mouse.normalized_x, mouse.normalized_y), (0.0075, -0.02));
        let touch = out(InputKind::Touch {
            id: -4,
            phase: TouchPhase::Ended,
            x: 1.0,
            y: 2.0,
            force: 0.5,
            radius_x: 6.0,
            radius_y: 7.0,
        });
        assert_eq!((touch.touch_id, touch.phase, touch.force), (-4, TouchPhase::Ended as u32, 0.5));
        assert_eq!((touch.radius_x, touch.radius_y), (6.0, 7.0));
        let pen = out(InputKind::Pen {
            phase: TouchPhase::Hovering,
            x: 1.0,
            y: 2.0,
            pressure: 0.5,
            tilt_x: -90,
            tilt_y: 8,
            twist: 359,
            buttons: 34,
        });
        assert_eq!((pen.kind, pen.phase, pen.force, pen.buttons), (RENDERCAST_INPUT_PEN, 6, 0.5, 34));
        assert_eq!((pen.tilt_x, pen.tilt_y, pen.twist), (-90, 8, 359));
        let pad = out(InputKind::Gamepad { index: 2, buttons: 0x1_0001, axes: [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] });
        assert_eq!((pad.pad_index, pad.buttons, pad.axes[5]), (2, 0x1_0001, 5.0));
        assert_eq!(out(InputKind::PageButton { id: -9 }).page_button, -9);
        assert_eq!(out(InputKind::Probe).kind, RENDERCAST_INPUT_PROBE);
        let wheel = out(InputKind::Wheel { x: 4.0, y: 5.0, delta_x: 1.0, delta_y: -3.0 });
        assert_eq!((wheel.x, wheel.y, wheel.delta_x, wheel.delta_y), (4.0, 5.0, 1.0, -3.0));
    }

    #[test]
    fn kinds_with_a_text_tell_its_length() {
        let composition = InputKind::Composition { phase: CompositionPhase::Updated, caret: 1, text: "にほ".into() };
        let composition = out(composition);
        assert_eq!((composition.kind, composition.phase, composition.caret), (RENDERCAST_INPUT_COMPOSITION, 2, 1));
        assert_eq!(composition.data_len, 6);
        let connected = out(InputKind::GamepadConnected {
            index: 3,
            dual_rumble: true,
            trigger_rumble: false,
            standard_mapping: true,
            id: "Pad".into(),
        });
        assert_eq!((connected.kind, connected.pad_index), (RENDERCAST_INPUT_GAMEPAD_CONNECTED, 3));
        let flags = RENDERCAST_GAMEPAD_DUAL_RUMBLE | RENDERCAST_GAMEPAD_STANDARD_MAPPING;
        assert_eq!((connected.flags, connected.data_len), (flags, 3));
        let gone = out(InputKind::GamepadDisconnected { index: 3 });
        assert_eq!((gone.kind, gone.pad_index), (RENDERCAST_INPUT_GAMEPAD_DISCONNECTED, 3));
        let label = out(InputKind::Label { label: "Ann".into() });
        assert_eq!((label.kind, label.data_len), (RENDERCAST_INPUT_LABEL, 3));
    }

    #[test]
    fn a_message_tells_its_length_and_a_long_channel_name_is_cut() {
        let message = out(InputKind::Message { channel: "c".repeat(80), number: 9, text: true, data: vec![1, 2, 3] });
        assert_eq!((message.kind, message.is_text, message.data_len), (RENDERCAST_INPUT_MESSAGE, 1, 3));
        assert_eq!(message.channel_id, 9);
        assert_eq!(message.channel.iter().filter(|c| **c == b'c' as c_char).count(), RENDERCAST_CHANNEL_SIZE - 1);
        assert_eq!(message.channel[RENDERCAST_CHANNEL_SIZE - 1], 0);
    }

    #[test]
    fn bytes_stay_until_the_next_ones_are_polled_and_the_last_event_is_the_last() {
        let mut polled = PolledInput::default();
        assert_eq!((polled.last(), polled.data()), (None, &[][..]));
        let label = event(InputKind::Label { label: "Ann".into() });
        let button = event(InputKind::PageButton { id: 1 });
        polled.keep(label.clone());
        assert_eq!((polled.last(), polled.data()), (Some(&label), &b"Ann"[..]));
        polled.keep(button.clone());
        assert_eq!((polled.last(), polled.data()), (Some(&button), &b"Ann"[..]));
        polled.keep(label.clone());
        assert_eq!(polled.last(), Some(&label));
    }
}
