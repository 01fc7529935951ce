import assert from "node:assert/strict";
import { test } from "node:test";
import { existsSync, readFileSync } from "node:fs";
import * as bytes from "../src/input-bytes.js";
import { keyNumber } from "../src/keys.js";

const { Composition, Phase } = bytes;
const hex = (data) => Buffer.from(data).toString("hex");
/** Numbers as they lie in memory, least byte first: [bytes, value], or a float of 32 bits. */
const f32 = (value) => {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer.toString("hex");
};
const u16 = (value) => hex([value & 0xff, value >> 8]);

test("a message is version, sequence, time and its records", () => {
  const time = Buffer.alloc(8);
  time.writeDoubleLE(1234.5);
  const message = bytes.message(0x01020304, 1234.5, bytes.release(), bytes.release());
  assert.equal(hex(message), "0104030201" + time.toString("hex") + "0a0a");
  assert.equal(hex(bytes.message(2 ** 32 + 7, 0)).slice(0, 10), "0107000000", "the sequence wraps");
});

test("keys carry flags, number and the character they type", () => {
  assert.equal(hex(bytes.key(true, false, keyNumber("KeyA"), "a")), "01" + "01" + u16(15) + "61000000");
  assert.equal(hex(bytes.key(true, true, keyNumber("KeyA"), "ä")), "01" + "03" + u16(15) + "e4000000");
  assert.equal(hex(bytes.key(false, false, keyNumber("ArrowLeft"), "ArrowLeft")), "01" + "00" + u16(61) + "00000000");
  assert.equal(hex(bytes.key(true, false, 0, "😀")), "01" + "01" + u16(0) + "00f60100", "one character in two units");
  assert.equal(hex(bytes.key(true, false, 15, "")), "01" + "01" + u16(15) + "00000000");
});

test("text and composition are UTF-8 with their length in bytes", () => {
  assert.equal(hex(bytes.text("é日")), "02" + u16(5) + "c3a9" + "e697a5");
  assert.equal(hex(bytes.composition(Composition.update, 1, "に")), "03" + "02" + u16(1) + u16(3) + "e381ab");
  const long = bytes.text("日".repeat(20_000));
  let [at, read] = [0, ""];
  while (at < long.length) {
    assert.equal(long[at], 2);
    const length = long[at + 1] | (long[at + 2] << 8);
    read += Buffer.from(long.slice(at + 3, at + 3 + length)).toString();
    at += 3 + length;
  }
  assert.equal(read, "日".repeat(20_000), "in parts, none of them within a character");
  assert.equal(bytes.text("").length, 0);
});

test("pointers carry positions of the picture", () => {
  const at = f32(0.25) + f32(0.75);
  assert.equal(hex(bytes.mouse(0.25, 0.75, -3, 2.5, 5)), "04" + at + f32(-3) + f32(2.5) + u16(5));
  assert.equal(hex(bytes.wheel(0.25, 0.75, 0, 120)), "05" + at + f32(0) + f32(120));
  assert.equal(hex(bytes.touch(2, Phase.ended, 0.25, 0.75, 0.5, 8, 9)), "06" + "02000000" + "03" + at + f32(0.5) + f32(8) + f32(9));
  assert.equal(hex(bytes.pen(Phase.hover, 32, 0.25, 0.75, 0.5, -45, 30, 359)), "07" + "00" + u16(32) + at + f32(0.5) + "d3ff" + u16(30) + u16(359));
});

test("pads carry bits, axes and triggers, kept within their ranges", () => {
  const pad = bytes.gamepad(3, 0x10001, [1, -1, 0.5, 9], [1, -1]);
  assert.equal(hex(pad), "08" + "03" + "01000100" + "ff7f" + "0180" + u16(16384) + "ff7f" + "ff" + "00");
  assert.equal(hex(bytes.plugged(1, true, 5, "päd")), "09" + "01" + "01" + "05" + "04" + "70c3a464");
  assert.ok(bytes.plugged(0, true, 0, "日".repeat(300)).length <= 5 + 255);
});

test("key numbers are those of the library", () => {
  const some = { Space: 1, Equal: 14, KeyA: 15, KeyZ: 40, Digit1: 41, Digit0: 50, ShiftLeft: 51, Escape: 60, ArrowDown: 64 };
  const more = { Delete: 71, NumpadEnter: 77, NumpadEqual: 83, Numpad0: 84, F1: 94, F12: 105, F13: 112, IntlBackslash: 124, Resume: 189 };
  for (const [code, number] of Object.entries({ ...some, ...more, Unidentified: 0 })) {
    assert.equal(keyNumber(code), number, code);
  }
});

const vectors = new URL("../../../tests/vectors/input-compact.json", import.meta.url);
const encoders = {
  key: (r) => bytes.key(r.down, r.repeat, r.key, r.character ? String.fromCodePoint(r.character) : ""),
  text: (r) => bytes.text(r.text),
  composition: (r) => bytes.composition(r.phase, r.caret, r.text),
  mouse: (r) => bytes.mouse(r.x, r.y, r.dx, r.dy, r.buttons),
  wheel: (r) => bytes.wheel(r.x, r.y, r.dx, r.dy),
  touch: (r) => bytes.touch(r.id, r.phase, r.x, r.y, r.force, r.radius_x, r.radius_y),
  pen: (r) => bytes.pen(r.phase, r.buttons, r.x, r.y, r.pressure, r.tilt_x, r.tilt_y, r.twist),
  gamepad: (r) => bytes.gamepad(r.index, r.buttons, r.sticks.map((one) => one / 32767), r.triggers.map((one) => one / 255)),
  gamepad_plugged: (r) => bytes.plugged(r.index, r.connected, r.flags, r.id),
  release: () => bytes.release(),
};

test("messages are byte for byte those that the library's decoder is tested with", { skip: !existsSync(vectors) && "the vectors are not here" }, () => {
  const all = JSON.parse(readFileSync(vectors, "utf8"));
  for (const { name, sequence, time_ms: time, records, hex: expected } of all) {
    assert.equal(hex(bytes.message(sequence, time, ...records.map((record) => encoders[record.type](record)))), expected, name);
  }
  for (const { code, key } of all.flatMap(({ events }) => events ?? [])) if (code) assert.equal(keyNumber(code), key, code);
  assert.ok(all.length > 20);
});
