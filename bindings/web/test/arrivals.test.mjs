import assert from "node:assert/strict";
import test from "node:test";
import { Silence } from "../src/arrivals.js";

/** Looks each 150 ms for `seconds`; gives what is noticed, and when. */
function play(silence, from, seconds, arrives) {
  const noticed = [];
  for (let now = from; now < from + seconds * 1000; now += 150) {
    const change = silence.look(now, arrives(now));
    if (change) noticed.push([change, now - from]);
  }
  return noticed;
}

test("a silence is quiet, then lost, again and again, until something arrives", () => {
  const silence = new Silence();
  assert.deepEqual(play(silence, 0, 15, () => true), []);
  assert.deepEqual(play(silence, 15_000, 3.6, () => false), [["quiet", 450], ["lost", 1200], ["lost", 3300]]);
  assert.deepEqual(play(silence, 18_600, 1, () => true), []);
});

test("what arrives once a second is no silence after the first pause", () => {
  const silence = new Silence();
  play(silence, 0, 15, () => true);
  const noticed = play(silence, 15_000, 30, (now) => now % 1050 === 0);
  assert.equal(noticed.filter(([change]) => change === "lost").length, 0);
  assert.ok(noticed.length <= 1, JSON.stringify(noticed));
});

test("nothing is missed before something has arrived, or while the page is held up", () => {
  const silence = new Silence();
  assert.deepEqual(play(silence, 0, 20, () => false), []);
  silence.look(20_100, true);
  assert.equal(silence.look(60_000, false), null);
  assert.equal(silence.look(60_150, false), null);
});
