// node --test samples/web/test
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Phase, keyboard, mouse, toPicture, touch, wheel } from "../input-bytes.js";
import { keyNumber } from "../keys.js";
import { refusesVideo, withStereo } from "../sdp.js";

const golden = readFileSync(new URL("../../../tests/vectors/urs-input-old.txt", import.meta.url), "utf8");

function expected(title) {
  const [, hex] = golden.split("\n## ").find((part) => part.startsWith(title)).split("\n");
  return hex.trim();
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

test("messages are the recorded ones byte for byte", () => {
  assert.equal(hex(keyboard(true, false, keyNumber("KeyA"), "a")), expected("Keyboard: KeyA(15) down"));
  assert.equal(hex(keyboard(false, false, keyNumber("KeyA"), "a")), expected("Keyboard: KeyA up"));
  assert.equal(hex(keyboard(true, true, keyNumber("ArrowLeft"), "ArrowLeft")), expected("Keyboard: ArrowLeft"));
  assert.equal(hex(mouse(640, 360, 1)), expected("Mouse:"));
  assert.equal(hex(wheel(0, 120)), expected("MouseWheel:"));
  const finger = { id: 0, phase: Phase.began, x: 100, y: 200, force: 1 };
  assert.equal(hex(touch([finger])), expected("Touch:"));
  assert.equal(touch([finger, finger]).length, 2 + 2 * 13);
});

test("key numbers are those of Unity", () => {
  const some = { Space: 1, Equal: 14, KeyA: 15, KeyZ: 40, Digit1: 41, Digit0: 50, ShiftLeft: 51, Escape: 60, ArrowDown: 64 };
  const more = { Delete: 71, Pause: 76, NumpadEnter: 77, NumpadEqual: 83, Numpad0: 84, Numpad9: 93, F1: 94, F12: 105 };
  for (const [code, number] of Object.entries({ ...some, ...more, Fn: 0, BrowserBack: 0 })) {
    assert.equal(keyNumber(code), number, code);
  }
});

test("positions are pixels of the picture from its bottom left, without the bars", () => {
  const box = { left: 10, top: 20, width: 1000, height: 1000 }; // 16:9 in a square: bars above and below
  assert.deepEqual(toPicture(510, 520, box, 1280, 720), { x: 640, y: 360 });
  assert.deepEqual(toPicture(10, 20 + 218.75, box, 1280, 720), { x: 0, y: 720 });
  assert.deepEqual(toPicture(1010, 20 + 781.25, box, 1280, 720), { x: 1280, y: 0 });
  assert.deepEqual(toPicture(-50, 5000, box, 1280, 720), { x: 0, y: 0 }, "dragging outside stays inside");
  const wide = { left: 0, top: 0, width: 400, height: 100 }; // bars left and right
  assert.deepEqual(toPicture(150, 0, wide, 100, 100), { x: 0, y: 100 });
  assert.equal(toPicture(1, 1, wide, 0, 0), null, "no picture yet");
});

test("stereo is asked for once, on Opus only", () => {
  const sdp = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:9 G722/8000\r\na=fmtp:9 x=1\r\n";
  const once = withStereo(sdp);
  assert.ok(once.includes("a=fmtp:111 stereo=1;minptime=10;useinbandfec=1\r\n"), once);
  assert.ok(once.includes("a=fmtp:9 x=1\r\n"), once);
  assert.equal(withStereo(once), once);
});

test("only a description that turns all video down refuses video", () => {
  assert.equal(refusesVideo("m=audio 9 x\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\n"), true);
  assert.equal(refusesVideo("m=video 0 x\r\nm=video 9 x\r\n"), false);
  assert.equal(refusesVideo("m=application 9 x\r\n"), false);
});
