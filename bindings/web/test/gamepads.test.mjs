import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const listeners = {};
let tick = null;
let pads = [];
globalThis.window = { addEventListener: (type, handler) => { listeners[type] = handler; } };
globalThis.document = { hasFocus: () => true };
globalThis.requestAnimationFrame = (callback) => { tick = callback; return 1; };
Object.defineProperty(globalThis, "navigator", { value: { getGamepads: () => pads }, configurable: true });
const { Gamepads, read } = await import("../src/gamepads.js");

const button = (value) => ({ pressed: value > 0.5, value });
const pad = (axes, pressed = []) => ({
  index: 2, id: "pad", mapping: "standard", timestamp: 1, axes,
  buttons: Array.from({ length: 17 }, (_, i) => button(pressed.includes(i) ? 1 : 0)),
});

let sent;
let gamepads;
beforeEach(() => {
  [sent, tick] = [[], null];
  gamepads = new Gamepads((record, _, isMove = false) => sent.push([record[0], isMove, record]) > 0, new AbortController().signal);
});

test("a pad is read in the words of the format", () => {
  const state = read(pad([0.5, -1, 0, 0.25], [0, 7, 16]));
  assert.deepEqual(state, { buttons: 1 | 128 | 65536, axes: [0.5, 1, 0, -0.25], triggers: [0, 1] });
});

test("only changes are sent, moves may be lost, and where they came to rest arrives", () => {
  pads = [null, null, pad([0, 0, 0, 0])];
  listeners.gamepadconnected({ gamepad: pads[2] });
  assert.deepEqual(sent.splice(0).map(([type]) => type), [9]);
  tick();
  assert.deepEqual(sent, [], "at rest there is nothing to say");
  pads = [null, null, pad([0.5, 0, 0, 0])];
  tick();
  assert.deepEqual(sent.splice(0).map(([type, isMove]) => [type, isMove]), [[8, true]]);
  tick();
  assert.deepEqual(sent.splice(0).map(([type, isMove]) => [type, isMove]), [[8, false]]);
  tick();
  assert.deepEqual(sent, []);
  pads = [null, null, pad([0.6, 0, 0, 0], [3])];
  tick();
  assert.deepEqual(sent.splice(0).map(([type, isMove]) => [type, isMove]), [[8, false]], "a button arrives");
  listeners.gamepaddisconnected({ gamepad: pads[2] });
  assert.deepEqual([...sent[0][2]], [9, 0, 0, 0, 0]);
});

test("pads that are made up have places of their own and speak at once", () => {
  const made = Array.from({ length: 5 }, () => gamepads.virtual("made up"));
  assert.deepEqual(made.map((one) => one?.index), [0, 1, 2, 3, undefined]);
  sent.splice(0);
  made[1].set({ buttons: 1 });
  made[1].set({ axes: [0, 1, 0, 0] });
  assert.deepEqual(sent.splice(0).map(([type, isMove, record]) => [type, isMove, record[1]]), [[8, false, 1], [8, true, 1]]);
  made[1].remove();
  made[1].set({ buttons: 2 });
  assert.deepEqual(sent.splice(0).map(([type]) => type), [9], "what is gone says nothing");
  assert.equal(gamepads.virtual("next").index, 1);
});

test("a new host hears of the pads and of what they hold", () => {
  const one = gamepads.virtual("made up");
  one.set({ buttons: 4 });
  sent.splice(0);
  gamepads.announce();
  assert.deepEqual(sent.splice(0).map(([type]) => type), [9]);
  tick();
  assert.deepEqual(sent.map(([type, isMove]) => [type, isMove]), [[8, false]]);
});

test("rumble reaches the pad that the host means", () => {
  const played = [];
  const actuator = { effects: ["dual-rumble", "trigger-rumble"], playEffect: async (...args) => played.push(args), reset: () => played.push("reset") };
  pads = [null, null, { ...pad([0, 0, 0, 0]), vibrationActuator: actuator }];
  listeners.gamepadconnected({ gamepad: pads[2] });
  assert.equal(sent[0][2][3], 1 | 2 | 4);
  gamepads.rumble(0, { strong: 1, weak: 0.5, ms: 90_000 });
  gamepads.rumble(0, { left_trigger: 1, ms: 100 });
  gamepads.rumble(0, { ms: 0 });
  gamepads.rumble(1, { strong: 1, ms: 5 });
  assert.deepEqual(played.map((one) => (Array.isArray(one) ? [one[0], one[1].duration, one[1].strongMagnitude] : one)),
    [["dual-rumble", 5000, 1], ["trigger-rumble", 100, 0], "reset"]);
  const felt = [];
  const made = gamepads.virtual("made up", (ms, strength) => felt.push([ms, strength]));
  gamepads.rumble(made.index, { weak: 0.25, ms: 40 });
  assert.deepEqual(felt, [[40, 0.25]]);
});
