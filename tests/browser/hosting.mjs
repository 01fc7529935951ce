// A sample host that takes orders and tells of all input, and its player page.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, browser, keepConnections, until } from './harness.mjs';
import { keepChannels } from './records.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
export const [WIDTH, HEIGHT] = [640, 360];

/** `json`: a configuration in place of the options. `args`: more options. It ends with the test. */
export async function startHost(t, { json, args = [] } = {}) {
  const all = ['--size', `${WIDTH}x${HEIGHT}`, '--fps', '30', '--seconds', '150', ...args];
  if (json) {
    const folder = mkdtempSync(join(tmpdir(), 'rendercast-page-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'config.json'), JSON.stringify(json));
    all.push('--json', join(folder, 'config.json'));
  } else {
    all.push('--bitrate', '2000', '--port', '0');
  }
  const host = new Program(HOST, all, { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => host.stop());
  const [, link] = await host.line(/^LINK (\S+)/);
  return { host, link };
}

/** The same with a Chromium. `open()` gives a page that plays; further options are the browser's. */
export async function start(t, { json, args, browserArgs = [], ...options } = {}) {
  const { host, link } = await startHost(t, { json, args });
  const chromium = await browser({ ...options, args: browserArgs });
  t.after(() => chromium.close());
  const open = async (url = link) => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.addInitScript(keepChannels);
    await page.goto(url);
    await page.waitForFunction(() => window.rendercast?.state === 'playing', null, { timeout: 20_000 });
    return page;
  };
  return { host, link, open, chromium };
}

/** Of a configuration for `startHost`. */
export const VIDEO = { fps: 30, start_bitrate_kbps: 2000, min_bitrate_kbps: 100, max_bitrate_kbps: 8000 };
export const LOCAL = { video: VIDEO, server: { address: '127.0.0.1:0' } };

/** Gives an order to a host with `--console`, and waits until it is done. */
export async function order(host, text) {
  const from = host.lines.length;
  host.child.stdin.write(`${text}\n`);
  const [line] = await host.lineAfter(from, /^(not )?done: .*/, 10);
  if (line !== `done: ${text}`) throw new Error(line);
}

/** Waits for an input event of a host with `--inputs`, among its lines from number `from` on; it has what `wanted` has. */
export async function polled(host, from, wanted) {
  const has = (one, name) => JSON.stringify(one[name]) === JSON.stringify(wanted[name]);
  const all = () => host.lines.slice(from).filter((line) => line.startsWith('INPUT ')).map((line) => JSON.parse(line.slice(6)));
  let found;
  await until(() => {
    found = all().find((one) => Object.keys(wanted).every((name) => has(one, name)));
    return found !== undefined;
  }, () => `no ${JSON.stringify(wanted)} among\n${all().slice(-20).map((one) => JSON.stringify(one)).join('\n')}`);
  return found;
}

export const channelOpen = (page) => page.waitForFunction(() => window.channels.length === 2 && window.channels.every((one) => one.readyState === 'open'));

/** The page's number as the host knows it. */
export async function viewerOf(page) {
  await page.waitForFunction(() => window.rendercast.player.welcome !== null);
  return page.evaluate(() => window.rendercast.player.welcome.viewer);
}

/** The page's pixel of a place of the picture, given in parts of it. */
export const placeOf = (page, x, y) => page.evaluate(([px, py]) => {
  const video = document.getElementById('video');
  const box = video.getBoundingClientRect();
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  return { x: box.left + (box.width - width) / 2 + px * width, y: box.top + (box.height - height) / 2 + py * height };
}, [x, y]);
