// KeyboardEvent.code to the key numbers of the `data` protocol (they are Unity's Key enum). 0 is "no key".

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
];

const numbers = new Map(ordered.flatMap(([first, codes]) => codes.split(" ").map((code, i) => [code, first + i])));
numbers.set("NumpadEqual", 83); // The name in W3C UI Events; the other one is what old pages look for.

/** @param {string} code KeyboardEvent.code */
export function keyNumber(code) {
  return numbers.get(code) ?? 0;
}
