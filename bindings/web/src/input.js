// Keyboard, mouse, wheel, touch and pen of the stage, sent as they happen. Whatever is held is let go when the page loses sight
// of it.

import { Phase, key, mouse, pen, release, touch, wheel } from "./input-bytes.js";
import { keyNumber } from "./keys.js";
import { toPicture } from "./picture.js";

// The browser's own: reload, fullscreen, developer tools.
const LEFT_TO_BROWSER = new Set(["F5", "F11", "F12"]);
// A line and a page of a wheel that does not count in pixels.
const WHEEL_UNIT = [1, 40, 800];
// Mice may tell of a thousand movements a second; nothing is shown that often.
const MOVE_GAP_MS = 4;
// A move may be lost: where it came to rest is said again, and that arrives.
const REST_MS = 80;

const PHASES = { pointerdown: Phase.began, pointermove: Phase.moved, pointerup: Phase.ended };

export class Input {
  #stage;
  #video;
  #send;
  #on;
  #keys = new Set();
  #fingers = new Map();
  #buttons = 0;
  #at = { x: 0.5, y: 0.5 };
  #moved = [0, 0];
  #sentAt = 0;
  /** Movements of this frame were told one by one. */
  #raw = false;
  #rests = new Map();
  #used = false;
  #pasting = null;

  /**
   * @param {{ stage: HTMLElement, video: HTMLVideoElement, signal: AbortSignal,
   *   send: (record: Uint8Array, time: number, isMove?: boolean) => boolean,
   *   on: { release: () => void, leave: () => void, gesture: (isPress: boolean) => boolean, pastes: () => boolean, paste: (text: string) => void } }}
   *   options `leave`: the viewer asks for the keyboard back; `gesture` gives whether the stage may take the focus
   */
  constructor({ stage, video, signal, send, on }) {
    [this.#stage, this.#video, this.#send, this.#on] = [stage, video, send, on];
    const listen = (target, type, handler) => target.addEventListener(type, handler, { passive: false, signal });
    listen(stage, "keydown", (event) => event.target === stage && this.#stageKey(event, true));
    listen(stage, "keyup", (event) => event.target === stage && this.#stageKey(event, false));
    const fast = "onpointerrawupdate" in window ? ["pointerrawupdate"] : [];
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel", ...fast]) {
      listen(stage, type, (event) => this.#pointer(event));
    }
    listen(stage, "lostpointercapture", (event) => this.#fingers.has(event.pointerId) && this.#pointer(event));
    listen(stage, "wheel", (event) => this.#wheel(event));
    listen(stage, "contextmenu", (event) => event.preventDefault());
    listen(stage, "blur", () => on.release());
    listen(window, "blur", () => on.release());
    listen(document, "visibilitychange", () => document.hidden && on.release());
    listen(document, "paste", (event) => {
      if (document.activeElement !== stage || !on.pastes()) return;
      event.preventDefault();
      on.paste(event.clipboardData.getData("text/plain"));
      this.#pasted();
    });
  }

  /** Lets go of everything that the host may take for held. */
  releaseAll() {
    if (this.#used) this.#send(release(), performance.now());
    this.forget();
  }

  /** What was held belongs to a connection that is over. */
  forget() {
    this.#rests.forEach(clearTimeout);
    for (const held of [this.#keys, this.#fingers, this.#rests]) held.clear();
    this.#buttons = 0;
    this.#used = false;
  }

  /** A key of the keyboard, wherever the focus is. */
  key(event, down) {
    if (down) this.#keys.add(event.code);
    else if (!this.#keys.delete(event.code)) return;
    const types = down && !((event.ctrlKey || event.metaKey) && !event.altKey);
    this.#say(key(down, down && event.repeat, keyNumber(event.code), types ? event.key : ""), event.timeStamp);
  }

  #say(record, time, isMove) {
    this.#used = true;
    return this.#send(record, time, isMove);
  }

  #stageKey(event, down) {
    if (event.isComposing) return;
    const ctrl = event.ctrlKey || event.metaKey;
    if (event.code === "F8" && event.ctrlKey) {
      event.preventDefault();
      if (down && !event.repeat) this.#on.leave();
      return;
    }
    if (LEFT_TO_BROWSER.has(event.code)) return;
    if (down) this.#on.gesture(false);
    if (event.code === "KeyV" && down && ctrl && this.#on.pastes()) {
      // The browser pastes after this; the host must have the text before the key.
      this.#pasting = event;
      return;
    }
    event.preventDefault();
    if (event.code === "KeyV") this.#pasted();
    this.key(event, down);
  }

  #pasted() {
    if (this.#pasting) this.key(this.#pasting, true);
    this.#pasting = null;
  }

  #pointer(event) {
    const { type, pointerType, pointerId } = event;
    const isRaw = type === "pointerrawupdate";
    if (isRaw && pointerType !== "mouse") return;
    if (!isRaw) event.preventDefault();
    if (type === "pointerdown") {
      if (this.#on.gesture(true)) this.#stage.focus({ preventScroll: true, focusVisible: false });
      // Dragging beyond the edge still belongs to the picture.
      if (!document.pointerLockElement) this.#stage.setPointerCapture(pointerId);
    }
    if (type === "pointerup") this.#on.gesture(false);
    const at = toPicture(event.clientX, event.clientY, this.#video.getBoundingClientRect(), this.#video.videoWidth, this.#video.videoHeight);
    if (!at) return;
    if (pointerType === "touch") this.#touch(event, at);
    else if (pointerType === "pen") this.#pen(event, at);
    else this.#mouse(event, at, isRaw);
  }

  #mouse(event, { x, y, scale }, isRaw) {
    const size = [this.#video.videoWidth, this.#video.videoHeight];
    let moved = [(x - this.#at.x) * size[0], (y - this.#at.y) * size[1]];
    if (document.pointerLockElement === this.#stage) {
      // What was told one by one comes once more with the frame.
      moved = this.#raw && !isRaw ? [0, 0] : [event.movementX / scale, event.movementY / scale];
      const within = (value) => Math.min(Math.max(value, 0), 1);
      [x, y] = [within(this.#at.x + moved[0] / size[0]), within(this.#at.y + moved[1] / size[1])];
    }
    this.#raw = isRaw;
    this.#moved = [this.#moved[0] + moved[0], this.#moved[1] + moved[1]];
    this.#at = { x, y };
    const changed = event.buttons !== this.#buttons;
    this.#buttons = event.buttons;
    const [dx, dy] = this.#moved;
    if (!changed && ((dx === 0 && dy === 0) || (isRaw && event.timeStamp - this.#sentAt < MOVE_GAP_MS))) return;
    if (!this.#say(mouse(x, y, dx, dy, event.buttons), event.timeStamp, !changed)) return;
    this.#moved = [0, 0];
    this.#sentAt = event.timeStamp;
    this.#rest("mouse", changed ? null : mouse(x, y, 0, 0, event.buttons));
  }

  #touch(event, { x, y, scale }) {
    const phase = PHASES[event.type] ?? Phase.canceled;
    const known = this.#fingers.get(event.pointerId);
    if (known === undefined && phase !== Phase.began) return;
    const id = known ?? this.#freeId();
    this.#fingers.set(event.pointerId, id);
    const force = event.pressure || (event.buttons ? 1 : 0);
    const record = touch(id, phase, x, y, force, event.width / 2 / scale, event.height / 2 / scale);
    const isMove = phase === Phase.moved;
    this.#say(record, event.timeStamp, isMove);
    this.#rest(id, isMove ? record : null);
    if (phase >= Phase.ended) this.#fingers.delete(event.pointerId);
  }

  /** Small and in use by no other finger: pointer ids may be any number. */
  #freeId() {
    const used = new Set(this.#fingers.values());
    let id = 0;
    while (used.has(id)) id += 1;
    return id;
  }

  #pen(event, { x, y }) {
    const hovers = event.type === "pointermove" && !event.buttons;
    const phase = hovers ? Phase.hover : (PHASES[event.type] ?? Phase.canceled);
    const { buttons, pressure, tiltX = 0, tiltY = 0, twist = 0 } = event;
    const record = pen(phase, buttons, x, y, pressure, tiltX, tiltY, twist);
    const isMove = phase === Phase.moved || hovers;
    this.#say(record, event.timeStamp, isMove);
    this.#rest("pen", isMove ? record : null);
  }

  #rest(pointer, record) {
    clearTimeout(this.#rests.get(pointer));
    this.#rests.set(pointer, record && setTimeout(() => this.#send(record, performance.now()), REST_MS));
  }

  #wheel(event) {
    event.preventDefault();
    const unit = WHEEL_UNIT[event.deltaMode] ?? 1;
    const video = this.#video;
    const at = toPicture(event.clientX, event.clientY, video.getBoundingClientRect(), video.videoWidth, video.videoHeight);
    if (at) this.#say(wheel(at.x, at.y, event.deltaX * unit, event.deltaY * unit), event.timeStamp);
  }
}
