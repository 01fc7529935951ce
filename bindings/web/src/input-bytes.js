// Input as bytes: the compact format, version 1. Everything is little-endian. A message is a header and one or more records.

const VERSION = 1;
// Text longer than this, in characters, goes in several records: of each, 16 bits count the bytes.
const TEXT_PART = 8192;

export const Phase = Object.freeze({ hover: 0, began: 1, moved: 2, ended: 3, canceled: 4 });
export const Composition = Object.freeze({ start: 1, update: 2, end: 3, cancel: 4 });

const TYPES = {
  b: [1, "setUint8"], h: [2, "setUint16"], s: [2, "setInt16"], i: [4, "setInt32"], u: [4, "setUint32"],
  f: [4, "setFloat32"], d: [8, "setFloat64"],
};

/** Numbers one after the other, each as its letter in `layout` says. */
function pack(layout, ...values) {
  const types = [...layout].map((letter) => TYPES[letter]);
  const view = new DataView(new ArrayBuffer(types.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  types.forEach(([size, set], i) => {
    view[set](at, values[i], true);
    at += size;
  });
  return new Uint8Array(view.buffer);
}

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const utf8 = (text) => new TextEncoder().encode(text);
const characters = (text, most) => [...text].slice(0, most).join("");

/** What is sent at once: `sequence` counts the messages of both channels, `time` is the page's clock in ms. */
export const message = (sequence, time, ...records) => join(pack("bud", VERSION, sequence >>> 0, time), ...records);

/** A key went down or up. `number`: of the key table; `key`: KeyboardEvent.key, whose character counts if it is just one. */
export function key(down, repeat, number, key) {
  const [first, second] = key;
  return pack("bbhu", 1, (down ? 1 : 0) | (repeat ? 2 : 0), number, second === undefined ? (first?.codePointAt(0) ?? 0) : 0);
}

/** Text that an input method, an on-screen keyboard or the clipboard has made: one record or more. */
export function text(text) {
  const all = [...text];
  const parts = [];
  for (let at = 0; at < all.length; at += TEXT_PART) {
    const bytes = utf8(all.slice(at, at + TEXT_PART).join(""));
    parts.push(join(pack("bh", 2, bytes.length), bytes));
  }
  return join(...parts);
}

/** The text that an input method is making, with its caret in characters. */
export function composition(phase, caret, text) {
  const bytes = utf8(characters(text, TEXT_PART));
  return join(pack("bbhh", 3, phase, Math.min(caret, TEXT_PART), bytes.length), bytes);
}

/** x, y: 0 to 1 from the picture's top left; dx, dy: movement in its pixels; buttons: MouseEvent.buttons. */
export const mouse = (x, y, dx, dy, buttons) => pack("bffffh", 4, x, y, dx, dy, buttons);

/** dx, dy: in pixels as the DOM has them. */
export const wheel = (x, y, dx, dy) => pack("bffff", 5, x, y, dx, dy);

/** force: 0 to 1; the radii are in pixels of the picture. */
export const touch = (id, phase, x, y, force, radiusX, radiusY) => pack("bibfffff", 6, id, phase, x, y, force, radiusX, radiusY);

/** tilt and twist are in degrees. */
export const pen = (phase, buttons, x, y, pressure, tiltX, tiltY, twist) =>
  pack("bbhfffssh", 7, phase, buttons, x, y, pressure, tiltX, tiltY, twist);

const axis = (value) => Math.round(Math.min(Math.max(value, -1), 1) * 32767);
const trigger = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255);

/** buttons: bit n is button n of W3C's standard mapping; axes: lx, ly, rx, ry, -1 to 1, up is positive; triggers: 0 to 1. */
export const gamepad = (index, buttons, [lx, ly, rx, ry], [lt, rt]) =>
  pack("bbussssbb", 8, index, buttons, axis(lx), axis(ly), axis(rx), axis(ry), trigger(lt), trigger(rt));

/** flags: 1 dual rumble, 2 trigger rumble, 4 standard mapping. */
export function plugged(index, connected, flags, id) {
  const bytes = utf8(characters(id, 60));
  return join(pack("bbbbb", 9, index, connected ? 1 : 0, flags, bytes.length), bytes);
}

/** The page has lost sight: everything is let go of. */
export const release = () => pack("b", 10);
