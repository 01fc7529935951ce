// The judge of tests/net.sh on records made by hand.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { gaps, judge, kinds, perSecond, waits } from './goals.mjs';
import { svg } from './plot.mjs';
import { goalTable, seriesTable } from './table.mjs';

const START = 1_000_000;

/** `rate(s)`: [offered, delivered kbit/s, wait in ms] at that second. Pictures come at 50 fps, 40 ms old, but for `stops`. */
function record({ seconds = 10, rate, goals = [], steps = [], stops = [] }) {
  const bins = [];
  for (let ms = 20; ms <= seconds * 1000; ms += 20) {
    const [offered, delivered, wait] = rate((ms - 20) / 1000);
    bins.push({ t: START + ms, offered: offered * 2.5, delivered: delivered * 2.5, dropped: 0, lost: 0, waits: [wait * 1000], standing: 0 });
  }
  const frames = [];
  for (let ms = 100, n = 1; ms < seconds * 1000; ms += 20, n++) {
    if (!stops.some(([from, to]) => ms > from && ms < to)) frames.push([START + ms, 40, n]);
  }
  // What never was presented is not in the browser's count either.
  frames.forEach((frame, i) => { frame[2] = i + 1; });
  return {
    name: 'made by hand', start: START, ended: START + seconds * 1000, bins, frames, stats: [], host: [],
    steps: [{ at: null, t: START, path: { rate_kbps: 8000 } }, ...steps.map((s) => ({ at: s.at, t: START + s.at * 1000, path: s }))],
    scenario: { what: '<by hand>', host: { fps: 50 }, steps, goals },
  };
}

const one = (made) => judge(made)[0];

test('a sender that goes below the link after 300 ms is measured so, and one that never does never', () => {
  const goals = [{ kind: 'below_link_ms', at: 2, wanted: 500 }];
  const steps = [{ at: 2, rate_kbps: 1500 }];
  const late = one(record({ goals, steps, rate: (s) => [s < 2.3 ? 6000 : 1200, 1200, 0] }));
  assert.ok(Math.abs(late.measured - 300) <= 20 && late.good, String(late.measured));
  const never = one(record({ goals, steps, rate: () => [6000, 1500, 0] }));
  assert.ok(Number.isNaN(never.measured) && !never.good);
});

test('the queue is back only when it stays low for a second, and only until the next step', () => {
  const goals = [{ kind: 'queue_back_ms', at: 2, under_ms: 50, wanted: 1000 }];
  const steps = [{ at: 2, rate_kbps: 1500 }, { at: 8, rate_kbps: 8000 }];
  const wait = (s) => (s < 2 || (s > 3 && s < 3.5) || s > 4.2 ? 10 : 180);
  assert.ok(Math.abs(one(record({ goals, steps, rate: (s) => [0, 0, wait(s)] })).measured - 2200) <= 40);
  assert.ok(Number.isNaN(one(record({ goals, steps, rate: (s) => [0, 0, s < 8 ? 60 : 0] })).measured));
});

test('the rate is back at the end of the first window that holds it', () => {
  const goals = [{ kind: 'rate_back_ms', at: 4, percent: 80, of_kbps: 8000, wanted: 3000 }];
  const steps = [{ at: 4, rate_kbps: 8000 }];
  const got = one(record({ goals, steps, rate: (s) => [0, s < 5 ? 1500 : 7000, 0] })).measured;
  assert.ok(got > 1200 && got <= 1300, String(got));
});

test('goodput is the encoded video of the pictures that were decoded, whatever else arrived', () => {
  const goals = [{ kind: 'goodput_percent', from: 1, to: 9, of_kbps: 4000, wanted: 85 }];
  const made = record({ goals, rate: () => [9000, 9000, 0] });
  const seconds = [...Array(10).keys()];
  made.host = seconds.map((s) => ({ t: START + s * 1000, video_frames_encoded: 30 * s, video_bytes_encoded: 500_000 * s }));
  const watch = (fps) => { made.stats = seconds.map((s) => ({ t: START + s * 1000, framesDecoded: fps * s, bytesReceived: 1e6 * s })); };
  watch(30);
  assert.equal(one(made).measured, 100);
  watch(24);
  assert.ok(Math.abs(one(made).measured - 80) < 1e-9 && !one(made).good, String(one(made).measured));
  made.host = [];
  assert.ok(Number.isNaN(one(made).measured));
});

test('use, median wait and latency are those of their time only', () => {
  const made = record({
    rate: (s) => [0, s < 5 ? 2000 : 7600, s < 5 ? 100 : 5],
    goals: [
      { kind: 'link_use_percent', from: 5, to: 10, of_kbps: 8000, wanted: 90 },
      { kind: 'queue_median_ms', from: 5, to: 10, wanted: 15 },
      { kind: 'latency_p95_ms', from: 5, to: 10, wanted: 80 },
    ],
  });
  assert.deepEqual(judge(made).map((row) => [Math.round(row.measured), row.good]), [[95, true], [5, true], [40, true]]);
  assert.equal(waits(made, 0, 5).length, 250);
});

test('a picture that stops is a gap, also at the end, and a callback that was skipped is none', () => {
  const stopped = record({ rate: () => [0, 0, 0], stops: [[5000, 5400]] });
  assert.equal(Math.max(...gaps(stopped, 1, 9)), 400);
  const skipped = record({ rate: () => [0, 0, 0] });
  skipped.frames.splice(100, 5);
  assert.equal(Math.max(...gaps(skipped, 1, 9)), 20);
  const ended = record({ rate: () => [0, 0, 0], stops: [[9000, 11_000]] });
  assert.equal(Math.max(...gaps(ended, 1, 10)), 1000);
});

test('tables and the plot take a record in which nothing came', () => {
  const empty = { ...record({ rate: () => [0, 0, 0], goals: [{ kind: 'first_picture_ms', wanted: 1500 }] }), frames: [], bins: [] };
  const goals = judge(empty).map((goal) => ({ name: 'empty', ...goal }));
  assert.match(goalTable(goals), /never.*MISSED/);
  assert.equal(seriesTable(perSecond(empty)).split('\n').length, 11);
  const drawn = svg(empty, goals);
  assert.ok(drawn.startsWith('<svg') && drawn.includes('&#60;by hand&#62;') && !drawn.includes('NaN'));
});

test('every scenario names goals that exist, and steps in order within its time', () => {
  const folder = new URL('scenarios/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const scenario = JSON.parse(readFileSync(new URL(file, folder)));
    for (const goal of scenario.goals) assert.ok(kinds.includes(goal.kind), `${file}: ${goal.kind}`);
    const times = (scenario.steps ?? []).map((step) => step.at);
    assert.deepEqual(times, times.toSorted((a, b) => a - b), file);
    assert.ok([...times, ...scenario.goals.map((goal) => goal.to ?? 0)].every((at) => at <= scenario.seconds), file);
  }
});
