// How long what a viewer does takes to the host, and from there to the picture, in real Chromium over loopback.
// node tests/bench/input.mjs [--json FILE]
//
// A real key press of the browser: when its handler in the page begins, and when the host has polled it. Both clocks are this
// machine's. The picture: a probe is sent in the handler of a key press, the host pushes 60 pictures a second and the library
// tells which of them is the first after the probe was polled; measured until the page is told that it is presented.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, browser, keepConnections, playing } from '../browser/harness.mjs';
import { keepControl } from '../browser/control.mjs';

const HOST = process.env.RENDERCAST_INPUT_HOST;
const KEYS = 400;
const PROBES = 200;
const rows = [];

function row(name, unit, values) {
  values.sort((a, b) => a - b);
  const at = (p) => values[Math.max(1, Math.ceil(values.length * p / 100)) - 1];
  rows.push({ name, unit, median: at(50), p95: at(95), p99: at(99), runs: values.length });
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** In no step with the screen or the host's pictures. */
const pause = (i, least, spread) => sleep(least + (i * 7.31) % spread);

/** Runs in the page: notes when keys go down, and what the browser says when they did, on the wall clock in ms. */
const noteKeys = () => {
  window.downs = [];
  addEventListener('keydown', (event) => {
    const now = performance.now();
    window.downs.push({ handled: performance.timeOrigin + now, stamped: performance.timeOrigin + event.timeStamp });
    window.onDown?.(now);
  }, { capture: true });
};

/** Runs in the page: from the next key press on a probe each, until its picture is presented. */
const probeKeys = () => {
  window.probed = [];
  let id = 5_000_000;
  window.onDown = async (began) => {
    const own = id += 1;
    window.control.send(JSON.stringify({ type: 'probe', id: own }));
    for (;;) {
      const answer = window.heard.findLast((one) => one.type === 'probe' && one.id === own);
      const shown = answer && window.shown.find((one) => ((one.rtp - answer.rtp) | 0) >= 0);
      if (shown) return window.probed.push({ picture: shown.at - began, answered: answer.at - began });
      if (performance.now() - began > 3000) return window.probed.push(null);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
};

const folder = mkdtempSync(join(tmpdir(), 'rendercast-input-'));
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify({
  video: { fps: 60, start_bitrate_kbps: 4000, max_bitrate_kbps: 4000, min_bitrate_kbps: 300 },
  server: { address: '127.0.0.1:0' },
}));
const load = readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
const host = new Program(HOST, [config, '60'], { stdio: ['pipe', 'pipe', 'pipe'] });
const chromium = await browser();
try {
  const [, link] = await host.line(/LINK (\S+)/);
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.addInitScript(keepControl);
  await page.addInitScript(noteKeys);
  await page.goto(link);
  await playing(page);
  await page.locator('video').first().click();
  await sleep(2000);

  const polled = () => host.lines.filter((line) => line.startsWith('KEY ')).map((line) => Number(line.slice(4)) / 1000);
  for (let i = 0; i < KEYS; i++) {
    await page.keyboard.press('KeyW');
    await pause(i, 10, 37);
  }
  await sleep(500);
  const downs = await page.evaluate(() => window.downs);
  const times = polled();
  if (times.length !== downs.length) throw new Error(`${downs.length} keys were pressed, ${times.length} polled`);
  row('a key press: its handler in the page to the host having polled it', 'ms', downs.map(({ handled }, i) => times[i] - handled));
  row('a key press: the browser\'s own time of it to the host having polled it', 'ms', downs.map(({ stamped }, i) => times[i] - stamped));

  await page.evaluate(probeKeys);
  for (let i = 0; i < PROBES; i++) {
    await page.keyboard.press('KeyW');
    await pause(i, 60, 71);
  }
  await sleep(3500);
  const probed = await page.evaluate(() => window.probed);
  const answered = probed.filter(Boolean);
  row('input to picture: a key press to the first picture pushed after it, presented, 60 fps', 'ms', answered.map(({ picture }) => picture));
  row('input to picture: of that, until the library has told which picture it is', 'ms', answered.map((one) => one.answered));
  if (answered.length < PROBES) console.error(`${PROBES - answered.length} probes were not answered`);
} finally {
  await chromium.close();
  host.child.stdin.end();
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
const cell = (v) => (typeof v === 'number' ? v.toFixed(2) : String(v)).padStart(10);
console.log(`${'what'.padEnd(88)} ${'unit'.padStart(5)} ${['median', 'p95', 'p99'].map((h) => h.padStart(10)).join(' ')}   runs`);
for (const r of rows) console.log(`${r.name.padEnd(88)} ${r.unit.padStart(5)} ${cell(r.median)} ${cell(r.p95)} ${cell(r.p99)} ${String(r.runs).padStart(6)}`);
console.log(`load before: ${load}`);
const at = process.argv.indexOf('--json');
if (at > 0) writeFileSync(process.argv[at + 1], JSON.stringify(rows.map((r) => ({ ...r, load })), null, 1));
process.exit(0);
