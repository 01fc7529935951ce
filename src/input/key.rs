//! Numbers of keys, each with its W3C UI Events `code`: 1 to 105 are those of Unity's `Key` enumeration, which both Unity Render
//! Streaming protocols send, 106 to 110 keys of a keyboard's maker without a `code`, those above our own.
//! [`InputKind::Key`](super::InputKind::Key) carries them for every protocol.

use super::key_table::{FIRST_OTHER, Key, OTHER_KEYS, UNITY_KEYS};

/// The largest number.
pub const MAX: u16 = FIRST_OTHER + OTHER_KEYS.len() as u16 - 1;
/// The largest number of Unity's enumeration.
pub const UNITY_MAX: u16 = 110;

/// The W3C name of a key; none where it has no name: 0, 106 to 111, and above [`MAX`].
pub fn code(key: u16) -> Option<&'static str> {
    entry(key).map(|key| key.code)
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
    let position = |keys: &[Key]| keys.iter().position(|key| key.code == code);
    let unity = position(&UNITY_KEYS).map(|index| index + 1);
    let number = unity.or_else(|| Some(position(&OTHER_KEYS)? + usize::from(FIRST_OTHER)))?;
    u16::try_from(number).ok()
}

/// USB HID: usage page in the upper 16 bits, usage in the lower; 0: none.
pub fn usb_hid(key: u16) -> u32 {
    entry(key).map_or(0, |key| key.usb_hid)
}

/// Windows virtual key (`VK_*`), left and right told apart; 0: none.
pub fn windows_vk(key: u16) -> u32 {
    entry(key).map_or(0, |key| key.windows_vk.into())
}

/// Godot 4's `Key`, of the US layout, as in `InputEventKey.physical_keycode`; 0: none.
pub fn godot(key: u16) -> u32 {
    entry(key).map_or(0, |key| key.godot)
}

/// Unity Input System's `Key`; 0: none.
pub fn unity(key: u16) -> u32 {
    if key <= UNITY_MAX { key.into() } else { 0 }
}

fn entry(key: u16) -> Option<&'static Key> {
    let unity = key.checked_sub(1).and_then(|index| UNITY_KEYS.get(usize::from(index)));
    unity.or_else(|| OTHER_KEYS.get(usize::from(key.checked_sub(FIRST_OTHER)?)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn named(code: &str) -> u16 {
        from_code(code).unwrap()
    }

    fn all() -> impl Iterator<Item = u16> {
        (1..=MAX).filter(|key| code(*key).is_some())
    }

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
            (112, "F13"),
            (123, "F24"),
            (124, "IntlBackslash"),
            (150, "AudioVolumeMute"),
            (MAX, "Resume"),
        ] {
            assert_eq!(code(key), Some(name));
        }
    }

    #[test]
    fn every_name_leads_back_to_its_number() {
        assert_eq!(all().count(), 105 + 78);
        for key in all() {
            assert_eq!(from_code(code(key).unwrap()), Some(key));
        }
        for nameless in [0, 106, 110, 111, MAX + 1, u16::MAX] {
            assert_eq!((code(nameless), usb_hid(nameless), windows_vk(nameless), godot(nameless)), (None, 0, 0, 0));
        }
        assert_eq!((from_code("OSLeft"), from_code("NumpadEquals"), from_code("keya")), (Some(57), Some(83), None));
        assert_eq!((unity(1), unity(110), unity(111), unity(u16::MAX)), (1, 110, 0, 0));
    }

    /// Keys that share a number, by it.
    fn shared(number: impl Fn(u16) -> u32) -> Vec<Vec<&'static str>> {
        let mut keys: HashMap<u32, Vec<&str>> = HashMap::new();
        for key in all().filter(|key| number(*key) != 0) {
            keys.entry(number(key)).or_default().push(code(key).unwrap());
        }
        let mut shared: Vec<_> = keys.into_values().filter(|keys| keys.len() > 1).collect();
        shared.sort();
        shared
    }

    #[test]
    fn only_keys_that_the_other_system_does_not_tell_apart_share_a_number() {
        assert_eq!(shared(usb_hid), Vec::<Vec<&str>>::new());
        let windows = [
            vec!["Backslash", "IntlYen"],
            vec!["Backspace", "NumpadBackspace"],
            vec!["Enter", "NumpadEnter"],
            vec!["KanaMode", "Lang1"],
            vec!["NumpadClear", "NumpadClearEntry"],
        ];
        assert_eq!(shared(windows_vk), windows);
        let godot_ = [
            vec!["AltLeft", "AltRight"],
            vec!["Backspace", "NumpadBackspace"],
            vec!["ControlLeft", "ControlRight"],
            vec!["Equal", "NumpadEqual"],
            vec!["MetaLeft", "MetaRight"],
            vec!["NumpadClear", "NumpadClearEntry"],
            vec!["NumpadMultiply", "NumpadStar"],
            vec!["ShiftLeft", "ShiftRight"],
        ];
        assert_eq!(shared(godot), godot_);
    }

    /// HID Usage Tables 1.5: chapter 10 (Keyboard/Keypad), 15 (Consumer), 4 (Generic Desktop).
    #[test]
    fn usb_usages_are_those_of_the_specification() {
        for (code, usage) in [
            ("KeyA", 0x07_0004),
            ("KeyZ", 0x07_001D),
            ("Digit1", 0x07_001E),
            ("Digit0", 0x07_0027),
            ("Enter", 0x07_0028),
            ("Space", 0x07_002C),
            ("Backquote", 0x07_0035),
            ("F1", 0x07_003A),
            ("F12", 0x07_0045),
            ("ArrowRight", 0x07_004F),
            ("ArrowUp", 0x07_0052),
            ("Numpad1", 0x07_0059),
            ("Numpad0", 0x07_0062),
            ("IntlBackslash", 0x07_0064),
            ("F13", 0x07_0068),
            ("F24", 0x07_0073),
            ("AudioVolumeUp", 0x07_0080),
            ("IntlRo", 0x07_0087),
            ("Lang1", 0x07_0090),
            ("ControlLeft", 0x07_00E0),
            ("MetaRight", 0x07_00E7),
            ("MediaPlayPause", 0x0C_00CD),
            ("BrowserBack", 0x0C_0224),
            ("Sleep", 0x01_0082),
        ] {
            assert_eq!(usb_hid(named(code)), usage, "{code}");
        }
        let letters = (named("KeyA")..=named("KeyZ")).map(usb_hid);
        assert!(letters.eq(0x07_0004..=0x07_001D));
    }

    /// Godot 4 documentation, `@GlobalScope.Key`, where they are decimal.
    #[test]
    fn godots_keys_are_those_of_its_documentation() {
        for (code, key) in [
            ("KeyA", 65),
            ("Digit9", 57),
            ("Space", 32),
            ("Backquote", 96),
            ("IntlBackslash", 167),
            ("IntlYen", 165),
            ("Escape", 4_194_305),
            ("Enter", 4_194_309),
            ("NumpadEnter", 4_194_310),
            ("ArrowLeft", 4_194_319),
            ("ArrowDown", 4_194_322),
            ("ShiftRight", 4_194_325),
            ("F1", 4_194_332),
            ("F24", 4_194_355),
            ("ContextMenu", 4_194_370),
            ("BrowserBack", 4_194_376),
            ("AudioVolumeUp", 4_194_382),
            ("MediaPlayPause", 4_194_388),
            ("LaunchMail", 4_194_398),
            ("NumpadMultiply", 4_194_433),
            ("Numpad0", 4_194_438),
            ("Numpad9", 4_194_447),
        ] {
            assert_eq!(godot(named(code)), key, "{code}");
        }
    }
}
