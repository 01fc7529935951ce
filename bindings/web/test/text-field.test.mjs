import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const listeners = {};
globalThis.document = { activeElement: null, addEventListener: (type, handler) => { listeners[`document ${type}`] = handler; } };
const { TextField, toCharacters } = await import("../src/text-field.js");

let field, sent, told, shown, text;
beforeEach(() => {
  [sent, told, shown] = [[], [], []];
  field = {
    value: "", selectionStart: 0, selectionEnd: 0,
    addEventListener: (type, handler) => { listeners[type] = handler; },
    setSelectionRange(start, end) { [this.selectionStart, this.selectionEnd] = [start, end]; },
    focus() { document.activeElement = this; },
    blur() { document.activeElement = null; },
  };
  text = new TextField(field, {
    send: (record) => sent.push(Buffer.from(record)),
    tell: (words) => told.push(words),
    key: (event, down) => sent.push([event.key, down]),
    shown: (label) => shown.push(label),
  }, new AbortController().signal);
});

const key = (name) => listeners.keydown({ key: name });
const typed = (data, inputType = "insertText") => {
  field.value += data ?? "";
  field.selectionStart = field.selectionEnd = field.value.length;
  listeners.input({ isComposing: false, inputType, data });
};

test("what a key types is the key's, and what comes without one is text", () => {
  text.show();
  key("a");
  typed("a");
  assert.deepEqual(sent, [["a", true]]);
  typed("word ");
  assert.equal(sent[1].toString("latin1", 3), "word ");
  typed(null, "deleteContentBackward");
  assert.deepEqual(sent.slice(2).map((record) => [record[0], record[1], record.readUInt16LE(2)]), [[1, 1, 65], [1, 0, 65]]);
  assert.deepEqual(told, [], "the viewer's own field is nobody's");
});

test("a composition is told from its start to its end, and then its text", () => {
  text.show();
  listeners.compositionstart({ type: "compositionstart", data: "" });
  listeners.compositionupdate({ type: "compositionupdate", data: "に" });
  listeners.input({ isComposing: true, inputType: "insertCompositionText", data: "に" });
  listeners.compositionend({ type: "compositionend", data: "日" });
  typed("日", "insertCompositionText");
  assert.deepEqual(sent.map((record) => [record[0], record[1]]), [[3, 1], [3, 2], [3, 3], [2, 3]]);
  assert.equal(sent[3].toString("utf8", 3), "日");
  listeners.compositionend({ type: "compositionend", data: "" });
  assert.deepEqual([sent.length, sent[4][0], sent[4][1]], [5, 3, 4], "one that is given up commits nothing");
});

test("the host's field begins as it wishes, and each change is told in characters", () => {
  text.show({ text: "a😀b", start: 2, mode: "password", label: "Name" });
  assert.deepEqual([field.type, field.selectionStart, field.selectionEnd, shown], ["password", 3, 3, ["Name"]]);
  listeners["document selectionchange"]();
  listeners["document selectionchange"]();
  assert.deepEqual(told, [{ type: "field", text: "a😀b", start: 2, end: 2, done: false }], "the same is told once");
  typed("c");
  assert.deepEqual([told[1].text, told[1].start], ["a😀bc", 4]);
  key("Enter");
  assert.deepEqual([told[2].done, text.isOpen, shown.at(-1)], [true, false, null]);
  text.show({ text: "x" });
  text.hide(true);
  assert.equal(told.length, 3, "the host needs not be told of what it did itself");
});

test("offsets of the DOM are counted in characters", () => {
  assert.deepEqual([0, 1, 3, 4].map((offset) => toCharacters("a😀b", offset)), [0, 1, 2, 3]);
});
