//! An event as JSON, for logs, scripts and recordings.

use serde::Serialize;

use super::event::{InputEvent, InputKind};
use super::key;
use crate::units::ViewerId;

/// An event with what follows from it.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    kind: &'a InputKind,
    viewer: ViewerId,
    received_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_time_us: Option<u64>,
    width: u32,
    height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalized_x: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalized_y: Option<f32>,
    /// Of a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Of a message that is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Of a message that is bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
}

/// One JSON object. Every event has `type` (`key`, `text`, `composition`, `mouse`, `wheel`, `touch`, `pen`, `gamepad`,
/// `gamepad_connected`, `gamepad_disconnected`, `page_button`, `label`, `message`,
/// `text_field`, `clipboard`, `probe`), `viewer`, `received_ns`, `width` and
/// `height` (of the picture) and, where the page's time is known, `page_time_us`; then the fields of its [`InputKind`]. What
/// has a position has `normalized_x` and `normalized_y` too, keys their W3C `code`, messages `text` or `data_hex`.
pub fn json(event: &InputEvent) -> String {
    let (mut text, mut data_hex, mut code) = (None, None, None);
    match &event.kind {
        InputKind::Message { text: true, data, .. } => text = Some(String::from_utf8_lossy(data).into_owned()),
        InputKind::Message { data, .. } => data_hex = Some(hex(data)),
        InputKind::Key { key, .. } => code = key::code(*key),
        _ => {}
    }
    let normalized = event.normalized();
    let document = Document {
        kind: &event.kind,
        viewer: event.viewer,
        received_ns: event.received_ns,
        page_time_us: event.page_time_us,
        width: event.video.width,
        height: event.video.height,
        normalized_x: normalized.map(|(x, _)| x),
        normalized_y: normalized.map(|(_, y)| y),
        code,
        text,
        data_hex,
    };
    // Names, numbers and texts cannot fail to be written.
    serde_json::to_string(&document).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::input::event::{CompositionPhase, TouchPhase};
    use crate::units::Size;

    fn document(kind: InputKind) -> Value {
        let (viewer, video) = (ViewerId(7), Size::new(1280, 720));
        let event = InputEvent { viewer, received_ns: 11, page_time_us: Some(1_500), video, kind };
        let mut value: Value = serde_json::from_str(&super::json(&event)).unwrap();
        for (field, expected) in [("viewer", 7), ("received_ns", 11), ("page_time_us", 1_500), ("width", 1280)] {
            assert_eq!(value.as_object_mut().unwrap().remove(field), Some(expected.into()), "{field}");
        }
        assert_eq!(value.as_object_mut().unwrap().remove("height"), Some(720.into()));
        value
    }

    #[test]
    fn every_kind_has_its_fields() {
        let touch = InputKind::Touch {
            id: -1,
            phase: TouchPhase::Began,
            x: 0.0,
            y: 720.0,
            force: 0.5,
            radius_x: 3.0,
            radius_y: 4.0,
        };
        let pen = InputKind::Pen {
            phase: TouchPhase::Hovering,
            x: 320.0,
            y: 72.0,
            pressure: 0.1,
            tilt_x: -9,
            tilt_y: 8,
            twist: 7,
            buttons: 2,
        };
        let connected = InputKind::GamepadConnected {
            index: 1,
            dual_rumble: true,
            trigger_rumble: false,
            standard_mapping: true,
            id: "Pad \"X\"".into(),
        };
        let message =
            |text, data: &[u8]| InputKind::Message { channel: "c".into(), number: 3, text, data: data.into() };
        for (kind, expected) in [
            (
                InputKind::Key { key: 15, down: true, repeat: false, character: Some('ä') },
                json!({"type": "key", "key": 15, "code": "KeyA", "down": true, "repeat": false, "character": "ä"}),
            ),
            (
                InputKind::Key { key: 110, down: false, repeat: false, character: None },
                json!({"type": "key", "key": 110, "down": false, "repeat": false}),
            ),
            (InputKind::Text { text: "😀".into() }, json!({"type": "text", "text": "😀"})),
            (
                InputKind::Composition { phase: CompositionPhase::Updated, caret: 2, text: "にほ".into() },
                json!({"type": "composition", "phase": "updated", "caret": 2, "text": "にほ"}),
            ),
            (
                InputKind::Mouse { x: 640.0, y: 180.0, dx: 0.1, dy: -2.0, buttons: 5 },
                json!({"type": "mouse", "x": 640.0, "y": 180.0, "dx": 0.1, "dy": -2.0, "buttons": 5, "normalized_x": 0.5, "normalized_y": 0.25}),
            ),
            (
                InputKind::Wheel { x: 0.0, y: 0.0, delta_x: 1.0, delta_y: 2.0 },
                json!({"type": "wheel", "x": 0.0, "y": 0.0, "delta_x": 1.0, "delta_y": 2.0, "normalized_x": 0.0, "normalized_y": 0.0}),
            ),
            (
                touch,
                json!({"type": "touch", "id": -1, "phase": "began", "x": 0.0, "y": 720.0, "force": 0.5, "radius_x": 3.0, "radius_y": 4.0, "normalized_x": 0.0, "normalized_y": 1.0}),
            ),
            (
                pen,
                json!({"type": "pen", "phase": "hovering", "x": 320.0, "y": 72.0, "pressure": 0.1, "tilt_x": -9, "tilt_y": 8, "twist": 7, "buttons": 2, "normalized_x": 0.25, "normalized_y": 0.1}),
            ),
            (
                InputKind::Gamepad { index: 0, buttons: 3, axes: [0.0, 0.25, 0.0, -1.0, 0.5, 1.0] },
                json!({"type": "gamepad", "index": 0, "buttons": 3, "axes": [0.0, 0.25, 0.0, -1.0, 0.5, 1.0]}),
            ),
            (
                connected,
                json!({"type": "gamepad_connected", "index": 1, "dual_rumble": true, "trigger_rumble": false, "standard_mapping": true, "id": "Pad \"X\""}),
            ),
            (InputKind::GamepadDisconnected { index: 1 }, json!({"type": "gamepad_disconnected", "index": 1})),
            (InputKind::PageButton { id: -9 }, json!({"type": "page_button", "id": -9})),
            (InputKind::Label { label: "Ann".into() }, json!({"type": "label", "label": "Ann"})),
            (
                message(true, b"hi"),
                json!({"type": "message", "channel": "c", "number": 3, "is_text": true, "text": "hi"}),
            ),
            (
                message(false, &[0, 0xAB, 0xFF]),
                json!({"type": "message", "channel": "c", "number": 3, "is_text": false, "data_hex": "00abff"}),
            ),
        ] {
            assert_eq!(document(kind), expected);
        }
    }

    #[test]
    fn numbers_are_as_short_as_they_are_exact_and_what_is_unknown_is_left_out() {
        let kind = InputKind::Mouse { x: 0.1, y: 0.0, dx: 0.0, dy: 0.0, buttons: 0 };
        let event =
            InputEvent { viewer: ViewerId(1), received_ns: 2, page_time_us: None, video: Size::new(0, 0), kind };
        let text = super::json(&event);
        assert!(text.contains(r#""x":0.1,"#) && text.contains(r#""normalized_x":0.0,"#), "{text}");
        assert!(!text.contains("page_time_us"), "{text}");
    }
}
