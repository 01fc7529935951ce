//! Numbers of keys that Unity's `Key` does not have: function keys above 12, keys of Japanese, Korean and Brazilian keyboards,
//! further keys of number pads, media and browser keys. Numbers are never reused.

/// W3C code "F13".
pub const RENDERCAST_KEY_F13: u32 = 112;
/// W3C code "F14".
pub const RENDERCAST_KEY_F14: u32 = 113;
/// W3C code "F15".
pub const RENDERCAST_KEY_F15: u32 = 114;
/// W3C code "F16".
pub const RENDERCAST_KEY_F16: u32 = 115;
/// W3C code "F17".
pub const RENDERCAST_KEY_F17: u32 = 116;
/// W3C code "F18".
pub const RENDERCAST_KEY_F18: u32 = 117;
/// W3C code "F19".
pub const RENDERCAST_KEY_F19: u32 = 118;
/// W3C code "F20".
pub const RENDERCAST_KEY_F20: u32 = 119;
/// W3C code "F21".
pub const RENDERCAST_KEY_F21: u32 = 120;
/// W3C code "F22".
pub const RENDERCAST_KEY_F22: u32 = 121;
/// W3C code "F23".
pub const RENDERCAST_KEY_F23: u32 = 122;
/// W3C code "F24".
pub const RENDERCAST_KEY_F24: u32 = 123;
/// W3C code "IntlBackslash".
pub const RENDERCAST_KEY_INTL_BACKSLASH: u32 = 124;
/// W3C code "IntlRo".
pub const RENDERCAST_KEY_INTL_RO: u32 = 125;
/// W3C code "IntlYen".
pub const RENDERCAST_KEY_INTL_YEN: u32 = 126;
/// W3C code "KanaMode".
pub const RENDERCAST_KEY_KANA_MODE: u32 = 127;
/// W3C code "Convert".
pub const RENDERCAST_KEY_CONVERT: u32 = 128;
/// W3C code "NonConvert".
pub const RENDERCAST_KEY_NON_CONVERT: u32 = 129;
/// W3C code "Lang1".
pub const RENDERCAST_KEY_LANG1: u32 = 130;
/// W3C code "Lang2".
pub const RENDERCAST_KEY_LANG2: u32 = 131;
/// W3C code "Lang3".
pub const RENDERCAST_KEY_LANG3: u32 = 132;
/// W3C code "Lang4".
pub const RENDERCAST_KEY_LANG4: u32 = 133;
/// W3C code "Lang5".
pub const RENDERCAST_KEY_LANG5: u32 = 134;
/// W3C code "Hiragana".
pub const RENDERCAST_KEY_HIRAGANA: u32 = 135;
/// W3C code "Katakana".
pub const RENDERCAST_KEY_KATAKANA: u32 = 136;
/// W3C code "NumpadComma".
pub const RENDERCAST_KEY_NUMPAD_COMMA: u32 = 137;
/// W3C code "NumpadParenLeft".
pub const RENDERCAST_KEY_NUMPAD_PAREN_LEFT: u32 = 138;
/// W3C code "NumpadParenRight".
pub const RENDERCAST_KEY_NUMPAD_PAREN_RIGHT: u32 = 139;
/// W3C code "NumpadBackspace".
pub const RENDERCAST_KEY_NUMPAD_BACKSPACE: u32 = 140;
/// W3C code "NumpadClear".
pub const RENDERCAST_KEY_NUMPAD_CLEAR: u32 = 141;
/// W3C code "NumpadClearEntry".
pub const RENDERCAST_KEY_NUMPAD_CLEAR_ENTRY: u32 = 142;
/// W3C code "NumpadMemoryStore".
pub const RENDERCAST_KEY_NUMPAD_MEMORY_STORE: u32 = 143;
/// W3C code "NumpadMemoryRecall".
pub const RENDERCAST_KEY_NUMPAD_MEMORY_RECALL: u32 = 144;
/// W3C code "NumpadMemoryClear".
pub const RENDERCAST_KEY_NUMPAD_MEMORY_CLEAR: u32 = 145;
/// W3C code "NumpadMemoryAdd".
pub const RENDERCAST_KEY_NUMPAD_MEMORY_ADD: u32 = 146;
/// W3C code "NumpadMemorySubtract".
pub const RENDERCAST_KEY_NUMPAD_MEMORY_SUBTRACT: u32 = 147;
/// W3C code "NumpadHash".
pub const RENDERCAST_KEY_NUMPAD_HASH: u32 = 148;
/// W3C code "NumpadStar".
pub const RENDERCAST_KEY_NUMPAD_STAR: u32 = 149;
/// W3C code "AudioVolumeMute".
pub const RENDERCAST_KEY_AUDIO_VOLUME_MUTE: u32 = 150;
/// W3C code "AudioVolumeDown".
pub const RENDERCAST_KEY_AUDIO_VOLUME_DOWN: u32 = 151;
/// W3C code "AudioVolumeUp".
pub const RENDERCAST_KEY_AUDIO_VOLUME_UP: u32 = 152;
/// W3C code "MediaTrackNext".
pub const RENDERCAST_KEY_MEDIA_TRACK_NEXT: u32 = 153;
/// W3C code "MediaTrackPrevious".
pub const RENDERCAST_KEY_MEDIA_TRACK_PREVIOUS: u32 = 154;
/// W3C code "MediaStop".
pub const RENDERCAST_KEY_MEDIA_STOP: u32 = 155;
/// W3C code "MediaPlayPause".
pub const RENDERCAST_KEY_MEDIA_PLAY_PAUSE: u32 = 156;
/// W3C code "MediaSelect".
pub const RENDERCAST_KEY_MEDIA_SELECT: u32 = 157;
/// W3C code "LaunchMail".
pub const RENDERCAST_KEY_LAUNCH_MAIL: u32 = 158;
/// W3C code "LaunchApp1".
pub const RENDERCAST_KEY_LAUNCH_APP1: u32 = 159;
/// W3C code "LaunchApp2".
pub const RENDERCAST_KEY_LAUNCH_APP2: u32 = 160;
/// W3C code "BrowserBack".
pub const RENDERCAST_KEY_BROWSER_BACK: u32 = 161;
/// W3C code "BrowserForward".
pub const RENDERCAST_KEY_BROWSER_FORWARD: u32 = 162;
/// W3C code "BrowserRefresh".
pub const RENDERCAST_KEY_BROWSER_REFRESH: u32 = 163;
/// W3C code "BrowserStop".
pub const RENDERCAST_KEY_BROWSER_STOP: u32 = 164;
/// W3C code "BrowserSearch".
pub const RENDERCAST_KEY_BROWSER_SEARCH: u32 = 165;
/// W3C code "BrowserFavorites".
pub const RENDERCAST_KEY_BROWSER_FAVORITES: u32 = 166;
/// W3C code "BrowserHome".
pub const RENDERCAST_KEY_BROWSER_HOME: u32 = 167;
/// W3C code "Eject".
pub const RENDERCAST_KEY_EJECT: u32 = 168;
/// W3C code "Power".
pub const RENDERCAST_KEY_POWER: u32 = 169;
/// W3C code "Sleep".
pub const RENDERCAST_KEY_SLEEP: u32 = 170;
/// W3C code "WakeUp".
pub const RENDERCAST_KEY_WAKE_UP: u32 = 171;
/// W3C code "Help".
pub const RENDERCAST_KEY_HELP: u32 = 172;
/// W3C code "Open".
pub const RENDERCAST_KEY_OPEN: u32 = 173;
/// W3C code "Props".
pub const RENDERCAST_KEY_PROPS: u32 = 174;
/// W3C code "Select".
pub const RENDERCAST_KEY_SELECT: u32 = 175;
/// W3C code "Again".
pub const RENDERCAST_KEY_AGAIN: u32 = 176;
/// W3C code "Undo".
pub const RENDERCAST_KEY_UNDO: u32 = 177;
/// W3C code "Cut".
pub const RENDERCAST_KEY_CUT: u32 = 178;
/// W3C code "Copy".
pub const RENDERCAST_KEY_COPY: u32 = 179;
/// W3C code "Paste".
pub const RENDERCAST_KEY_PASTE: u32 = 180;
/// W3C code "Find".
pub const RENDERCAST_KEY_FIND: u32 = 181;
/// W3C code "Abort".
pub const RENDERCAST_KEY_ABORT: u32 = 182;
/// W3C code "Fn".
pub const RENDERCAST_KEY_FN: u32 = 183;
/// W3C code "FnLock".
pub const RENDERCAST_KEY_FN_LOCK: u32 = 184;
/// W3C code "Hyper".
pub const RENDERCAST_KEY_HYPER: u32 = 185;
/// W3C code "Super".
pub const RENDERCAST_KEY_SUPER: u32 = 186;
/// W3C code "Turbo".
pub const RENDERCAST_KEY_TURBO: u32 = 187;
/// W3C code "Suspend".
pub const RENDERCAST_KEY_SUSPEND: u32 = 188;
/// W3C code "Resume".
pub const RENDERCAST_KEY_RESUME: u32 = 189;
