// Up to four pads, the browser's and those that a page makes up, sent when something changed, at the rate of animation.

import { gamepad, plugged } from "./input-bytes.js";

const SLOTS = 4;
// Of an axis, which is -1 to 1: less is noise.
const NOISE = 0.003;
const RUMBLE_MOST_MS = 5000;
const AT_REST = { buttons: 0, axes: [0, 0, 0, 0], triggers: [0, 0] };

/** A pad of the browser's in the words of the format: up is positive there, and down is here. */
export function read({ buttons, axes }) {
  const bits = buttons.slice(0, 32).reduce((sum, button, i) => sum + (button.pressed ? 2 ** i : 0), 0);
  const [lx = 0, ly = 0, rx = 0, ry = 0] = axes;
  return { buttons: bits, axes: [lx, -ly, rx, -ry], triggers: [buttons[6]?.value ?? 0, buttons[7]?.value ?? 0] };
}

const far = (a, b) => a.some((value, i) => Math.abs(value - b[i]) > NOISE);

export class Gamepads {
  #send;
  /** Each `{ pad, state }`: the browser's pad or null, what it said last, or what the page has set. */
  #slots = Array(SLOTS).fill(null);
  #frame = 0;

  /** @param {(record: Uint8Array, time: number, isMove?: boolean) => boolean} send */
  constructor(send, signal) {
    this.#send = send;
    window.addEventListener("gamepadconnected", ({ gamepad: pad }) => this.#plug(pad.index, pad.id, flagsOf(pad)), { signal });
    window.addEventListener("gamepaddisconnected", ({ gamepad: pad }) => {
      this.#unplug(this.#slots.findIndex((slot) => slot?.pad === pad.index));
    }, { signal });
    signal.addEventListener("abort", () => cancelAnimationFrame(this.#frame));
  }

  /** To a host that knows of none. */
  announce() {
    this.#slots.forEach((slot, i) => slot && this.#send(plugged(i, true, slot.flags, slot.id), performance.now()));
    this.forget();
  }

  /** The host has let go of everything. */
  forget() {
    for (const slot of this.#slots) if (slot) [slot.last, slot.loose] = [AT_REST, false];
  }

  /**
   * A pad that is made up. `set` is given what has changed: `buttons` (bits of W3C's standard mapping), `axes` (lx, ly, rx, ry;
   * up is positive), `triggers`. Null when there is no room.
   */
  virtual(id, onRumble) {
    const index = this.#plug(null, id, 4, onRumble);
    if (index < 0) return null;
    const slot = this.#slots[index];
    return {
      index,
      set: (change) => {
        slot.state = { ...slot.state, ...change };
        if (this.#slots[index] === slot) this.#update(slot, index, slot.state);
      },
      remove: () => this.#slots[index] === slot && this.#unplug(index),
    };
  }

  /** `{ strong, weak, left_trigger, right_trigger, ms }` */
  rumble(index, { strong = 0, weak = 0, left_trigger: leftTrigger = 0, right_trigger: rightTrigger = 0, ms = 0 }) {
    const slot = this.#slots[index];
    if (!slot) return;
    const duration = Math.min(ms, RUMBLE_MOST_MS);
    if (slot.pad === null) return slot.onRumble?.(duration, Math.max(strong, weak));
    const actuator = navigator.getGamepads()[slot.pad]?.vibrationActuator;
    if (!actuator) return;
    if (!duration || !(strong || weak || leftTrigger || rightTrigger)) return actuator.reset?.();
    const kind = (leftTrigger || rightTrigger) && slot.flags & 2 ? "trigger-rumble" : "dual-rumble";
    const effect = { duration, strongMagnitude: strong, weakMagnitude: weak };
    actuator.playEffect(kind, kind === "dual-rumble" ? effect : { ...effect, leftTrigger, rightTrigger }).catch(() => {});
  }

  #plug(pad, id, flags, onRumble) {
    const index = this.#slots.indexOf(null);
    if (index < 0 || (pad !== null && this.#slots.some((slot) => slot?.pad === pad))) return -1;
    this.#slots[index] = { pad, id, flags, onRumble, state: AT_REST, last: AT_REST, loose: false };
    this.#send(plugged(index, true, flags, id), performance.now());
    this.#frame ||= requestAnimationFrame(() => this.#look());
    return index;
  }

  #unplug(index) {
    if (index < 0) return;
    this.#slots[index] = null;
    this.#send(plugged(index, false, 0, ""), performance.now());
  }

  #look() {
    this.#frame = this.#slots.some(Boolean) ? requestAnimationFrame(() => this.#look()) : 0;
    const pads = navigator.getGamepads?.() ?? [];
    this.#slots.forEach((slot, i) => {
      if (!slot) return;
      if (slot.pad === null) this.#update(slot, i, slot.state);
      else if (pads[slot.pad] && document.hasFocus()) this.#update(slot, i, read(pads[slot.pad]), pads[slot.pad].timestamp);
    });
  }

  #update(slot, index, state, time = performance.now()) {
    const { last } = slot;
    const pressed = state.buttons !== last.buttons;
    const moves = far(state.axes, last.axes) || far(state.triggers, last.triggers);
    // A move may be lost, so what it came to is said again, and that arrives.
    if (!pressed && !moves && !slot.loose) return;
    const isMove = moves && !pressed;
    if (!this.#send(gamepad(index, state.buttons, state.axes, state.triggers), time, isMove)) return;
    slot.last = state;
    slot.loose = isMove;
  }
}

function flagsOf(pad) {
  const effects = pad.vibrationActuator?.effects ?? (pad.vibrationActuator ? ["dual-rumble"] : []);
  const flag = (is, bit) => (is ? bit : 0);
  return flag(effects.includes("dual-rumble"), 1) | flag(effects.includes("trigger-rumble"), 2) | flag(pad.mapping === "standard", 4);
}
