// A field for text: what input methods, on-screen keyboards and the clipboard make is no keys. The host may ask for it, and is
// then told what is in it.

import { Composition, composition, key, text } from "./input-bytes.js";
import { keyNumber } from "./keys.js";

const MODES = new Set(["text", "numeric", "email", "url", "search", "password"]);

/** DOM offsets count UTF-16; everybody else counts characters. */
export const toCharacters = (value, offset) => [...value.slice(0, offset)].length;
const toOffset = (value, count) => [...value].slice(0, count).join("").length;

export class TextField {
  isOpen = false;
  /** The host asked for it, and hears of each change. */
  #reports = false;
  #field;
  #on;
  /** What the last key has typed, until the field has it. */
  #typed = null;
  #said = "";

  /**
   * @param {HTMLInputElement} field
   * @param {{ send: (record: Uint8Array, time: number) => void, tell: (words: object) => void,
   *   key: (event: KeyboardEvent, down: boolean) => void, shown: (label: string | null) => void }} on `shown`: null when hidden
   */
  constructor(field, on, signal) {
    [this.#field, this.#on] = [field, on];
    const listen = (type, handler) => field.addEventListener(type, handler, { signal });
    listen("keydown", (event) => this.#key(event));
    listen("keyup", (event) => on.key(event, false));
    listen("input", (event) => this.#input(event));
    listen("compositionstart", (event) => this.#compose(event, Composition.start));
    listen("compositionupdate", (event) => this.#compose(event, Composition.update));
    listen("compositionend", (event) => this.#compose(event, event.data ? Composition.end : Composition.cancel));
    document.addEventListener("selectionchange", () => this.#report(false), { signal });
  }

  /** `asked`: what the host wants in it; without, it is the viewer's own wish. Positions are in characters. */
  show(asked) {
    const field = this.#field;
    const { start, end = start, mode, label = "" } = asked ?? {};
    const text = String(asked?.text ?? "");
    this.isOpen = true;
    this.#reports = Boolean(asked);
    const kind = MODES.has(mode) ? mode : "text";
    field.type = kind === "password" ? kind : "text";
    field.inputMode = kind === "password" ? "text" : kind;
    field.value = text;
    this.#said = "";
    this.#on.shown(label);
    this.focus();
    const all = [...text].length;
    field.setSelectionRange(toOffset(text, start ?? all), toOffset(text, end ?? all));
  }

  /** Browsers show their keyboard at a gesture only, so each one tries again. */
  focus() {
    if (document.activeElement !== this.#field) this.#field.focus({ preventScroll: true });
  }

  /** `byHost`: it needs not be told. */
  hide(byHost = false) {
    if (!this.isOpen) return;
    if (!byHost) this.#report(true);
    this.isOpen = this.#reports = false;
    this.#field.blur();
    this.#on.shown(null);
  }

  commit(data) {
    this.#on.send(text(data), performance.now());
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") return this.hide();
    this.#on.key(event, true);
    this.#typed = event.key;
    if (event.key !== "Enter") return;
    if (this.#reports) this.hide();
    else this.#field.value = "";
  }

  #input({ isComposing, inputType, data }) {
    const typed = this.#typed;
    this.#typed = null;
    this.#report(false);
    if (isComposing || inputType.includes("Composition")) return;
    if (data && data !== typed) this.commit(data);
    else if (inputType === "deleteContentBackward" && typed !== "Backspace") {
      for (const down of [true, false]) this.#on.send(key(down, false, keyNumber("Backspace"), ""), performance.now());
    }
  }

  #compose({ data, type, timeStamp }, phase) {
    const caret = type === "compositionupdate" ? [...data].length : 0;
    this.#on.send(composition(phase, phase === Composition.end ? [...data].length : caret, data), timeStamp);
    if (phase === Composition.end) this.#on.send(text(data), timeStamp);
  }

  #report(done) {
    const { value, selectionStart, selectionEnd } = this.#field;
    if (!this.#reports || (!done && document.activeElement !== this.#field)) return;
    const [start, end] = [selectionStart, selectionEnd].map((offset) => toCharacters(value, offset));
    const said = JSON.stringify([value, start, end]);
    if (said === this.#said && !done) return;
    this.#said = said;
    this.#on.tell({ type: "field", text: value, start, end, done });
  }
}
