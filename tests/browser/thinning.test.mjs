// Temporal layers: a page short of rate gets fewer frames a second, all of them decodable, while another gets all. It takes
// less than half of what the other may have: more would slow the encoder down for both.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { firefox } from './firefox.mjs';
import { Program, browser, expectPatches, keepConnections, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const config = (url, codec, encoder) => ({
  video: { fps: 20, codecs: [codec], encoder, temporal_layers: 2, layers: 1, start_bitrate_kbps: 600, max_bitrate_kbps: 1250 },
  audio: { enabled: false },
  signaling: { url },
  server: { enabled: false },
});

/** In kbit/s. The scene takes about 480 (H.264) and 700 (VP8). */
const MOST = 340;

/** Runs in the page: what its video has come to. */
const video = async () => {
  for (const pc of window.connections) {
    for (const s of (await pc.getStats()).values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') {
        const { framesDecoded = 0, keyFramesDecoded = 0, pliCount = 0, freezeCount = 0, bytesReceived = 0 } = s;
        return { framesDecoded, keyFramesDecoded, pliCount, freezeCount, bytesReceived, at: s.timestamp };
      }
    }
  }
  return null;
};

/** What came between now and `seconds` later, with frames a second. */
async function watch(page, seconds) {
  const before = await page.evaluate(video);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await page.evaluate(video);
  const change = Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]));
  return { ...change, fps: change.framesDecoded * 1000 / change.at, kbps: change.bytesReceived * 8 / change.at };
}

/** One codec and its encoder. `other`: a second browser for the pages that get less. */
async function expectThinning(t, codec, encoder, chromium, other) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-thinning-'));
  const file = join(folder, 'config.json');
  const server = new Program(URS, ['--port', '0', '--generation', '5', '--static', 'tests/browser/pages']);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(file, JSON.stringify(config(url, codec, encoder)));
  const host = new Program(HOST, ['--size', '320x180', '--fps', '20', '--json', file, '--seconds', '170']);
  try {
    await host.line(/Unity Render Streaming server/);
    const all = await chromium.page();
    const few = await chromium.page();
    await all.addInitScript(keepConnections);
    await few.addInitScript(keepConnections);
    await all.goto(`${url}/newest.html?poll=100`);
    await playing(all, 40);
    const [, used] = await host.line(/encoder selected: (\S+)/);
    if (used !== encoder) {
      t.diagnostic(`SKIPPED: no ${encoder} here, but ${used}`);
      t.skip(`no ${encoder}`);
      return;
    }
    await few.goto(`${url}/newest.html?poll=100&max=${MOST}`);
    await playing(few, 40);
    const pages = [['Chromium', few]];
    if (other) {
      const page = await other.page();
      await page.evaluateOnNewDocument(keepConnections);
      await page.goto(`${url}/newest.html?poll=100&max=${MOST}`);
      await playing(page, 40);
      pages.push(['Firefox', page]);
    }
    let whole;
    let thinned;
    // The estimates of the links take a while to settle; a busy machine makes too few frames to fill them, or loses some.
    const undisturbed = (one) => one.pliCount === 0 && one.freezeCount <= whole.freezeCount && one.keyFramesDecoded === whole.keyFramesDecoded;
    for (let tries = 0; tries < 4; tries += 1) {
      await playing(all, 60);
      [whole, ...thinned] = await Promise.all([watch(all, 8), ...pages.map(([, page]) => watch(page, 8))]);
      t.diagnostic(`all: ${JSON.stringify(whole)}`);
      pages.forEach(([name], i) => t.diagnostic(`${name}: ${JSON.stringify(thinned[i])}`));
      if (thinned.every((one) => one.fps < whole.fps * 0.8 && undisturbed(one))) break;
    }
    for (const one of thinned) {
      assert.ok(one.fps < whole.fps * 0.8 && one.fps > whole.fps * 0.4, 'half the frames');
      assert.deepEqual([one.pliCount, one.keyFramesDecoded], [0, whole.keyFramesDecoded]);
      assert.ok(one.freezeCount <= whole.freezeCount, 'a freeze');
    }
    await expectPatches(few);
    for (const page of [all, few, ...pages.slice(1).map(([, page]) => page)]) await page.close();
  } finally {
    await host.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a page short of rate gets half of the frames, without a freeze or a keyframe', { timeout: 300_000 }, async (t) => {
  const chromium = await browser();
  try {
    await t.test('H.264', (t) => expectThinning(t, 'h264', 'openh264', chromium));
    await t.test('VP8', async (t) => {
      const fox = await firefox(t);
      try {
        await expectThinning(t, 'vp8', 'vpx_vp8', chromium, fox);
      } finally {
        await fox?.close();
      }
    });
    // Told nothing of layers, Chromium orders AV1 by sequence numbers, which have no gap.
    await t.test('AV1', (t) => expectThinning(t, 'av1', 'aom_av1', chromium));
  } finally {
    await chromium.close();
  }
});
