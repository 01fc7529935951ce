//! Numbers of keys: those of Unity's `Key` enumeration, each with its W3C UI Events `code`. Both Unity Render Streaming
//! protocols send them, and [`InputKind::Key`](super::InputKind::Key) carries them for every protocol.

/// The largest number; 106 to 110 are keys of a keyboard's maker and have no `code`.
pub const MAX: u16 = 110;

/// `code` of key 1, 2, 3, ...
#[rustfmt::skip]
const CODES: [&str; 105] = [
    "Space", "Enter", "Tab", "Backquote", "Quote", "Semicolon", "Comma", "Period", "Slash", "Backslash",
    "BracketLeft", "BracketRight", "Minus", "Equal",
    "KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF", "KeyG", "KeyH", "KeyI", "KeyJ", "KeyK", "KeyL", "KeyM", "KeyN",
    "KeyO", "KeyP", "KeyQ", "KeyR", "KeyS", "KeyT", "KeyU", "KeyV", "KeyW", "KeyX", "KeyY", "KeyZ",
    "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", "Digit0",
    "ShiftLeft", "ShiftRight", "AltLeft", "AltRight", "ControlLeft", "ControlRight", "MetaLeft", "MetaRight",
    "ContextMenu", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace",
    "PageDown", "PageUp", "Home", "End", "Insert", "Delete", "CapsLock", "NumLock", "PrintScreen", "ScrollLock",
    "Pause",
    "NumpadEnter", "NumpadDivide", "NumpadMultiply", "NumpadAdd", "NumpadSubtract", "NumpadDecimal", "NumpadEqual",
    "Numpad0", "Numpad1", "Numpad2", "Numpad3", "Numpad4", "Numpad5", "Numpad6", "Numpad7", "Numpad8", "Numpad9",
    "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
];

/// The W3C name of a key; none for 0 and above 105.
pub fn code(key: u16) -> Option<&'static str> {
    CODES.get(usize::from(key.checked_sub(1)?)).copied()
}

/// The number of a key by its W3C name, case-sensitive. `OSLeft` and `OSRight` are the older names that some browsers
/// still send, `NumpadEquals` is Unity's.
pub fn from_code(code: &str) -> Option<u16> {
    let code = match code {
        "OSLeft" => "MetaLeft",
        "OSRight" => "MetaRight",
        "NumpadEquals" => "NumpadEqual",
        code => code,
    };
    let index = CODES.iter().position(|&c| c == code)?;
    u16::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_table() {
        for (key, name) in [
            (1, "Space"),
            (14, "Equal"),
            (15, "KeyA"),
            (37, "KeyW"),
            (40, "KeyZ"),
            (41, "Digit1"),
            (50, "Digit0"),
            (51, "ShiftLeft"),
            (61, "ArrowLeft"),
            (65, "Backspace"),
            (76, "Pause"),
            (83, "NumpadEqual"),
            (84, "Numpad0"),
            (94, "F1"),
            (105, "F12"),
        ] {
            assert_eq!(code(key), Some(name));
        }
    }

    #[test]
    fn every_name_leads_back_to_its_number() {
        for key in 1..=105 {
            assert_eq!(from_code(code(key).unwrap()), Some(key));
        }
        assert_eq!((code(0), code(106), from_code("Fn")), (None, None, None));
        assert_eq!((from_code("OSLeft"), from_code("NumpadEquals")), (Some(57), Some(83)));
    }
}
