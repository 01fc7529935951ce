import assert from "node:assert/strict";
import { test } from "node:test";
import { toPicture } from "../src/picture.js";

test("positions are parts of the picture from its top left, without the bars", () => {
  const box = { left: 10, top: 20, width: 1000, height: 1000 }; // 16:9 in a square: bars above and below
  assert.deepEqual(toPicture(510, 520, box, 1280, 720), { x: 0.5, y: 0.5, scale: 1000 / 1280 });
  assert.deepEqual(toPicture(10, 20 + 218.75, box, 1280, 720), { x: 0, y: 0, scale: 1000 / 1280 });
  assert.deepEqual(toPicture(1010, 20 + 781.25, box, 1280, 720), { x: 1, y: 1, scale: 1000 / 1280 });
  assert.deepEqual(toPicture(-50, 5000, box, 1280, 720), { x: 0, y: 1, scale: 1000 / 1280 }, "dragging outside stays inside");
  const wide = { left: 0, top: 0, width: 400, height: 100 }; // bars left and right
  assert.deepEqual(toPicture(150, 0, wide, 100, 100), { x: 0, y: 0, scale: 1 });
  assert.equal(toPicture(1, 1, wide, 0, 0), null, "no picture yet");
});
