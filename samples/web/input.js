// Keyboard, mouse, wheel and touch of the stage, sent as they happen. Whatever is held is let go when the page loses sight
// of it.

import { keyNumber } from "./keys.js";
import { Phase, keyboard, mouse, toPicture, touch, wheel } from "./input-bytes.js";

// The browser's own: reload, fullscreen, developer tools.
const LEFT_TO_BROWSER = new Set(["F5", "F11", "F12"]);
// Beyond this, in bytes, moves are skipped: the line is behind, and only the newest position is of use.
const BEHIND = 16 * 1024;
// A line and a page of a wheel that does not count in pixels.
const WHEEL_UNIT = [1, 40, 800];

export class Input {
  #stage;
  #video;
  #channel = null;
  #keys = new Map();
  #buttons = 0;
  #at = { x: 0, y: 0 };
  #fingers = new Map();

  /** @param {() => void} onRelease the viewer asks for the keyboard back */
  constructor(stage, video, onRelease) {
    this.#stage = stage;
    this.#video = video;
    const on = (target, type, handler) => target.addEventListener(type, handler, { passive: false });
    on(stage, "keydown", (event) => this.#key(event, true, onRelease));
    on(stage, "keyup", (event) => this.#key(event, false, onRelease));
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      on(stage, type, (event) => this.#pointer(event));
    }
    on(stage, "lostpointercapture", (event) => this.#fingers.has(event.pointerId) && this.#pointer(event));
    on(stage, "wheel", (event) => this.#wheel(event));
    on(stage, "contextmenu", (event) => event.preventDefault());
    on(stage, "blur", () => this.releaseAll());
    on(window, "blur", () => this.releaseAll());
    on(document, "visibilitychange", () => document.hidden && this.releaseAll());
  }

  /** Where to send from now on. What was held belongs to the channel before. */
  use(channel) {
    this.#forget();
    this.#channel = channel;
  }

  releaseAll() {
    for (const [code, key] of this.#keys) this.#send(keyboard(false, false, keyNumber(code), key));
    if (this.#buttons) this.#send(mouse(this.#at.x, this.#at.y, 0));
    const fingers = [...this.#fingers.values()];
    if (fingers.length) this.#send(touch(fingers.map((finger) => ({ ...finger, phase: Phase.canceled }))));
    this.#forget();
  }

  #forget() {
    this.#keys.clear();
    this.#fingers.clear();
    this.#buttons = 0;
  }

  #send(bytes) {
    if (this.#channel?.readyState === "open") this.#channel.send(bytes);
  }

  #key(event, down, onRelease) {
    if (event.isComposing || event.target !== this.#stage) return;
    if (event.code === "F8" && event.ctrlKey) {
      event.preventDefault();
      if (down && !event.repeat) {
        this.releaseAll();
        onRelease();
      }
      return;
    }
    if (LEFT_TO_BROWSER.has(event.code)) return;
    event.preventDefault();
    if (down) this.#keys.set(event.code, event.key);
    else if (!this.#keys.delete(event.code)) return;
    this.#send(keyboard(down, down && event.repeat, keyNumber(event.code), event.key));
  }

  #pointer(event) {
    event.preventDefault();
    const box = this.#video.getBoundingClientRect();
    const at = toPicture(event.clientX, event.clientY, box, this.#video.videoWidth, this.#video.videoHeight);
    if (event.type === "pointerdown") {
      this.#stage.focus({ preventScroll: true, focusVisible: false });
      // Dragging beyond the edge still belongs to the picture.
      this.#stage.setPointerCapture(event.pointerId);
    }
    if (!at) return;
    if (event.pointerType === "touch") this.#touch(event, at);
    else this.#mouse(event, at);
  }

  #mouse(event, at) {
    const moved = event.buttons === this.#buttons;
    this.#at = at;
    this.#buttons = event.buttons;
    if (!(moved && this.#behind())) this.#send(mouse(at.x, at.y, event.buttons));
  }

  #touch(event, at) {
    const finger = this.#fingers.get(event.pointerId);
    const force = event.pressure || (event.buttons ? 1 : 0);
    let phase = Phase.moved;
    if (event.type === "pointerdown") phase = Phase.began;
    else if (!finger) return;
    else if (event.type === "pointerup") phase = Phase.ended;
    else if (event.type !== "pointermove") phase = Phase.canceled;
    const id = finger?.id ?? this.#freeId();
    this.#fingers.set(event.pointerId, { id, phase: Phase.stationary, ...at, force });
    if (!(phase === Phase.moved && this.#behind())) {
      this.#send(touch([...this.#fingers].map(([pointer, f]) => (pointer === event.pointerId ? { ...f, phase } : f))));
    }
    if (phase === Phase.ended || phase === Phase.canceled) this.#fingers.delete(event.pointerId);
  }

  /** Small and in use by no other finger: pointer ids may be any number. */
  #freeId() {
    const used = new Set([...this.#fingers.values()].map((finger) => finger.id));
    let id = 0;
    while (used.has(id)) id += 1;
    return id;
  }

  #wheel(event) {
    event.preventDefault();
    const unit = WHEEL_UNIT[event.deltaMode] ?? 1;
    this.#send(wheel(event.deltaX * unit, event.deltaY * unit));
  }

  #behind() {
    return (this.#channel?.bufferedAmount ?? 0) > BEHIND;
  }
}
