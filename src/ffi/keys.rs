//! Numbers of keys: places on the keyboard, by their W3C UI Events `code`. They are those of Unity's `Key`, which both of
//! its streaming protocols send; `more_keys` has the others.

/// W3C code "Space".
pub const RENDERCAST_KEY_SPACE: u32 = 1;
/// W3C code "Enter".
pub const RENDERCAST_KEY_ENTER: u32 = 2;
/// W3C code "Tab".
pub const RENDERCAST_KEY_TAB: u32 = 3;
/// W3C code "Backquote".
pub const RENDERCAST_KEY_BACKQUOTE: u32 = 4;
/// W3C code "Quote".
pub const RENDERCAST_KEY_QUOTE: u32 = 5;
/// W3C code "Semicolon".
pub const RENDERCAST_KEY_SEMICOLON: u32 = 6;
/// W3C code "Comma".
pub const RENDERCAST_KEY_COMMA: u32 = 7;
/// W3C code "Period".
pub const RENDERCAST_KEY_PERIOD: u32 = 8;
/// W3C code "Slash".
pub const RENDERCAST_KEY_SLASH: u32 = 9;
/// W3C code "Backslash".
pub const RENDERCAST_KEY_BACKSLASH: u32 = 10;
/// W3C code "BracketLeft".
pub const RENDERCAST_KEY_BRACKET_LEFT: u32 = 11;
/// W3C code "BracketRight".
pub const RENDERCAST_KEY_BRACKET_RIGHT: u32 = 12;
/// W3C code "Minus".
pub const RENDERCAST_KEY_MINUS: u32 = 13;
/// W3C code "Equal".
pub const RENDERCAST_KEY_EQUAL: u32 = 14;
/// W3C code "KeyA".
pub const RENDERCAST_KEY_A: u32 = 15;
/// W3C code "KeyB".
pub const RENDERCAST_KEY_B: u32 = 16;
/// W3C code "KeyC".
pub const RENDERCAST_KEY_C: u32 = 17;
/// W3C code "KeyD".
pub const RENDERCAST_KEY_D: u32 = 18;
/// W3C code "KeyE".
pub const RENDERCAST_KEY_E: u32 = 19;
/// W3C code "KeyF".
pub const RENDERCAST_KEY_F: u32 = 20;
/// W3C code "KeyG".
pub const RENDERCAST_KEY_G: u32 = 21;
/// W3C code "KeyH".
pub const RENDERCAST_KEY_H: u32 = 22;
/// W3C code "KeyI".
pub const RENDERCAST_KEY_I: u32 = 23;
/// W3C code "KeyJ".
pub const RENDERCAST_KEY_J: u32 = 24;
/// W3C code "KeyK".
pub const RENDERCAST_KEY_K: u32 = 25;
/// W3C code "KeyL".
pub const RENDERCAST_KEY_L: u32 = 26;
/// W3C code "KeyM".
pub const RENDERCAST_KEY_M: u32 = 27;
/// W3C code "KeyN".
pub const RENDERCAST_KEY_N: u32 = 28;
/// W3C code "KeyO".
pub const RENDERCAST_KEY_O: u32 = 29;
/// W3C code "KeyP".
pub const RENDERCAST_KEY_P: u32 = 30;
/// W3C code "KeyQ".
pub const RENDERCAST_KEY_Q: u32 = 31;
/// W3C code "KeyR".
pub const RENDERCAST_KEY_R: u32 = 32;
/// W3C code "KeyS".
pub const RENDERCAST_KEY_S: u32 = 33;
/// W3C code "KeyT".
pub const RENDERCAST_KEY_T: u32 = 34;
/// W3C code "KeyU".
pub const RENDERCAST_KEY_U: u32 = 35;
/// W3C code "KeyV".
pub const RENDERCAST_KEY_V: u32 = 36;
/// W3C code "KeyW".
pub const RENDERCAST_KEY_W: u32 = 37;
/// W3C code "KeyX".
pub const RENDERCAST_KEY_X: u32 = 38;
/// W3C code "KeyY".
pub const RENDERCAST_KEY_Y: u32 = 39;
/// W3C code "KeyZ".
pub const RENDERCAST_KEY_Z: u32 = 40;
/// W3C code "Digit1".
pub const RENDERCAST_KEY_DIGIT1: u32 = 41;
/// W3C code "Digit2".
pub const RENDERCAST_KEY_DIGIT2: u32 = 42;
/// W3C code "Digit3".
pub const RENDERCAST_KEY_DIGIT3: u32 = 43;
/// W3C code "Digit4".
pub const RENDERCAST_KEY_DIGIT4: u32 = 44;
/// W3C code "Digit5".
pub const RENDERCAST_KEY_DIGIT5: u32 = 45;
/// W3C code "Digit6".
pub const RENDERCAST_KEY_DIGIT6: u32 = 46;
/// W3C code "Digit7".
pub const RENDERCAST_KEY_DIGIT7: u32 = 47;
/// W3C code "Digit8".
pub const RENDERCAST_KEY_DIGIT8: u32 = 48;
/// W3C code "Digit9".
pub const RENDERCAST_KEY_DIGIT9: u32 = 49;
/// W3C code "Digit0".
pub const RENDERCAST_KEY_DIGIT0: u32 = 50;
/// W3C code "ShiftLeft".
pub const RENDERCAST_KEY_SHIFT_LEFT: u32 = 51;
/// W3C code "ShiftRight".
pub const RENDERCAST_KEY_SHIFT_RIGHT: u32 = 52;
/// W3C code "AltLeft".
pub const RENDERCAST_KEY_ALT_LEFT: u32 = 53;
/// W3C code "AltRight".
pub const RENDERCAST_KEY_ALT_RIGHT: u32 = 54;
/// W3C code "ControlLeft".
pub const RENDERCAST_KEY_CONTROL_LEFT: u32 = 55;
/// W3C code "ControlRight".
pub const RENDERCAST_KEY_CONTROL_RIGHT: u32 = 56;
/// W3C code "MetaLeft".
pub const RENDERCAST_KEY_META_LEFT: u32 = 57;
/// W3C code "MetaRight".
pub const RENDERCAST_KEY_META_RIGHT: u32 = 58;
/// W3C code "ContextMenu".
pub const RENDERCAST_KEY_CONTEXT_MENU: u32 = 59;
/// W3C code "Escape".
pub const RENDERCAST_KEY_ESCAPE: u32 = 60;
/// W3C code "ArrowLeft".
pub const RENDERCAST_KEY_ARROW_LEFT: u32 = 61;
/// W3C code "ArrowRight".
pub const RENDERCAST_KEY_ARROW_RIGHT: u32 = 62;
/// W3C code "ArrowUp".
pub const RENDERCAST_KEY_ARROW_UP: u32 = 63;
/// W3C code "ArrowDown".
pub const RENDERCAST_KEY_ARROW_DOWN: u32 = 64;
/// W3C code "Backspace".
pub const RENDERCAST_KEY_BACKSPACE: u32 = 65;
/// W3C code "PageDown".
pub const RENDERCAST_KEY_PAGE_DOWN: u32 = 66;
/// W3C code "PageUp".
pub const RENDERCAST_KEY_PAGE_UP: u32 = 67;
/// W3C code "Home".
pub const RENDERCAST_KEY_HOME: u32 = 68;
/// W3C code "End".
pub const RENDERCAST_KEY_END: u32 = 69;
/// W3C code "Insert".
pub const RENDERCAST_KEY_INSERT: u32 = 70;
/// W3C code "Delete".
pub const RENDERCAST_KEY_DELETE: u32 = 71;
/// W3C code "CapsLock".
pub const RENDERCAST_KEY_CAPS_LOCK: u32 = 72;
/// W3C code "NumLock".
pub const RENDERCAST_KEY_NUM_LOCK: u32 = 73;
/// W3C code "PrintScreen".
pub const RENDERCAST_KEY_PRINT_SCREEN: u32 = 74;
/// W3C code "ScrollLock".
pub const RENDERCAST_KEY_SCROLL_LOCK: u32 = 75;
/// W3C code "Pause".
pub const RENDERCAST_KEY_PAUSE: u32 = 76;
/// W3C code "NumpadEnter".
pub const RENDERCAST_KEY_NUMPAD_ENTER: u32 = 77;
/// W3C code "NumpadDivide".
pub const RENDERCAST_KEY_NUMPAD_DIVIDE: u32 = 78;
/// W3C code "NumpadMultiply".
pub const RENDERCAST_KEY_NUMPAD_MULTIPLY: u32 = 79;
/// W3C code "NumpadAdd".
pub const RENDERCAST_KEY_NUMPAD_ADD: u32 = 80;
/// W3C code "NumpadSubtract".
pub const RENDERCAST_KEY_NUMPAD_SUBTRACT: u32 = 81;
/// W3C code "NumpadDecimal".
pub const RENDERCAST_KEY_NUMPAD_DECIMAL: u32 = 82;
/// W3C code "NumpadEqual".
pub const RENDERCAST_KEY_NUMPAD_EQUAL: u32 = 83;
/// W3C code "Numpad0".
pub const RENDERCAST_KEY_NUMPAD0: u32 = 84;
/// W3C code "Numpad1".
pub const RENDERCAST_KEY_NUMPAD1: u32 = 85;
/// W3C code "Numpad2".
pub const RENDERCAST_KEY_NUMPAD2: u32 = 86;
/// W3C code "Numpad3".
pub const RENDERCAST_KEY_NUMPAD3: u32 = 87;
/// W3C code "Numpad4".
pub const RENDERCAST_KEY_NUMPAD4: u32 = 88;
/// W3C code "Numpad5".
pub const RENDERCAST_KEY_NUMPAD5: u32 = 89;
/// W3C code "Numpad6".
pub const RENDERCAST_KEY_NUMPAD6: u32 = 90;
/// W3C code "Numpad7".
pub const RENDERCAST_KEY_NUMPAD7: u32 = 91;
/// W3C code "Numpad8".
pub const RENDERCAST_KEY_NUMPAD8: u32 = 92;
/// W3C code "Numpad9".
pub const RENDERCAST_KEY_NUMPAD9: u32 = 93;
/// W3C code "F1".
pub const RENDERCAST_KEY_F1: u32 = 94;
/// W3C code "F2".
pub const RENDERCAST_KEY_F2: u32 = 95;
/// W3C code "F3".
pub const RENDERCAST_KEY_F3: u32 = 96;
/// W3C code "F4".
pub const RENDERCAST_KEY_F4: u32 = 97;
/// W3C code "F5".
pub const RENDERCAST_KEY_F5: u32 = 98;
/// W3C code "F6".
pub const RENDERCAST_KEY_F6: u32 = 99;
/// W3C code "F7".
pub const RENDERCAST_KEY_F7: u32 = 100;
/// W3C code "F8".
pub const RENDERCAST_KEY_F8: u32 = 101;
/// W3C code "F9".
pub const RENDERCAST_KEY_F9: u32 = 102;
/// W3C code "F10".
pub const RENDERCAST_KEY_F10: u32 = 103;
/// W3C code "F11".
pub const RENDERCAST_KEY_F11: u32 = 104;
/// W3C code "F12".
pub const RENDERCAST_KEY_F12: u32 = 105;
