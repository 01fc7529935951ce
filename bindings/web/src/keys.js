// KeyboardEvent.code to the library's key numbers: up to 105 they are Unity's Key enum. 0 is "no key".

const ordered = [
  [1, "Space Enter Tab Backquote Quote Semicolon Comma Period Slash Backslash BracketLeft BracketRight Minus Equal"],
  [15, [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter) => `Key${letter}`).join(" ")],
  [41, "Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0"],
  [51, "ShiftLeft ShiftRight AltLeft AltRight ControlLeft ControlRight MetaLeft MetaRight ContextMenu Escape"],
  [61, "ArrowLeft ArrowRight ArrowUp ArrowDown Backspace PageDown PageUp Home End Insert Delete"],
  [72, "CapsLock NumLock PrintScreen ScrollLock Pause NumpadEnter NumpadDivide NumpadMultiply NumpadAdd"],
  [81, "NumpadSubtract NumpadDecimal NumpadEquals"],
  [84, "Numpad0 Numpad1 Numpad2 Numpad3 Numpad4 Numpad5 Numpad6 Numpad7 Numpad8 Numpad9"],
  [94, "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12"],
  [112, "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24 IntlBackslash IntlRo IntlYen KanaMode Convert NonConvert"],
  [130, "Lang1 Lang2 Lang3 Lang4 Lang5 Hiragana Katakana NumpadComma NumpadParenLeft NumpadParenRight NumpadBackspace"],
  [141, "NumpadClear NumpadClearEntry NumpadMemoryStore NumpadMemoryRecall NumpadMemoryClear NumpadMemoryAdd"],
  [147, "NumpadMemorySubtract NumpadHash NumpadStar AudioVolumeMute AudioVolumeDown AudioVolumeUp MediaTrackNext"],
  [154, "MediaTrackPrevious MediaStop MediaPlayPause MediaSelect LaunchMail LaunchApp1 LaunchApp2 BrowserBack"],
  [162, "BrowserForward BrowserRefresh BrowserStop BrowserSearch BrowserFavorites BrowserHome Eject Power Sleep WakeUp"],
  [172, "Help Open Props Select Again Undo Cut Copy Paste Find Abort Fn FnLock Hyper Super Turbo Suspend Resume"],
];

const numbers = new Map(ordered.flatMap(([first, codes]) => codes.split(" ").map((code, i) => [code, first + i])));
// The name in W3C UI Events; the other one is what old pages look for.
numbers.set("NumpadEqual", 83);
numbers.set("OSLeft", 57).set("OSRight", 58);

/** @param {string} code KeyboardEvent.code */
export function keyNumber(code) {
  return numbers.get(code) ?? 0;
}
