import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { LANGUAGES, STRINGS, choose, translator } from "../strings.js";

const folder = new URL("../", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");

test("every word is there in every language", () => {
  for (const [key, words] of Object.entries(STRINGS)) {
    assert.equal(words.length, LANGUAGES.length, key);
    words.forEach((word, i) => assert.ok(word.trim().length > 0, `${key} in ${LANGUAGES[i]}`));
  }
});

test("every word that is asked for is there, and each is asked for", () => {
  const html = read("index.html");
  const asked = new Set([...html.matchAll(/data-(?:text|label)="(\w+)"/g)].map((match) => match[1]));
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "strings.js").map(read).join();
  for (const match of scripts.matchAll(/(?:t\(|\? |: |#options\("\w+", )"(\w+)"/g)) if (match[1] in STRINGS) asked.add(match[1]);
  for (const match of scripts.matchAll(/\bt\("(\w+)"\)/g)) assert.ok(match[1] in STRINGS, match[1]);
  for (const key of asked) assert.ok(key in STRINGS, key);
  // Reasons of the player's, each with its more.
  const reasons = ["looking", "answered", "picture", "gone", "closed", "refused", "ended", "ice", "lost", "codec", "unsupported", "token", "kicked"];
  for (const reason of reasons) assert.ok(reason in STRINGS, reason);
  const rows = [...read("overlay.js").matchAll(/^ {6,8}(\w+):/gm)].map((match) => match[1]);
  const used = new Set([...asked, ...reasons, ...rows, "again"]);
  const idle = Object.keys(STRINGS).filter((key) => !used.has(key) && !used.has(key.replace(/More$/, "")));
  assert.deepEqual(idle, []);
});

test("the page's English is that of the table", () => {
  for (const [, key, words] of read("index.html").matchAll(/data-text="(\w+)">([^<]+)</g)) assert.equal(words, STRINGS[key][0]);
});

test("the best language for what the browser wishes", () => {
  assert.equal(choose(["de-AT", "en"]), 1);
  assert.equal(choose(["", "pt-BR", "ja"]), 4);
  assert.equal(choose(["xx"]), 0);
  assert.equal(translator(1)("close"), "Schließen");
  assert.equal(translator(1)("nothing"), "");
});
