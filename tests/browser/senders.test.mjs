// What the host lets single viewers have, as Chromium sees it: off and on, smaller, rarer, cheaper, in another codec.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, expectPatches, inbound, keepConnections, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const config = {
  video: { fps: 30, codecs: ['h264', 'vp8'], start_bitrate_kbps: 4000, max_bitrate_kbps: 8000 },
  server: { address: '127.0.0.1:0' },
};
const SIZE = { width: 640, height: 360 };

/** Runs in the page: what its video has come to. */
const video = async () => {
  for (const pc of window.connections) {
    const stats = await pc.getStats();
    for (const s of stats.values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') {
        const { framesDecoded = 0, bytesReceived = 0, keyFramesDecoded = 0, packetsLost = 0, frameWidth, frameHeight } = s;
        return { framesDecoded, bytesReceived, keyFramesDecoded, packetsLost, frameWidth, frameHeight, at: s.timestamp };
      }
    }
  }
  return null;
};

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** What came between now and `seconds` later. */
async function watch(page, seconds) {
  const before = await page.evaluate(video);
  await pause(seconds);
  const after = await page.evaluate(video);
  const ms = after.at - before.at;
  return {
    fps: (after.framesDecoded - before.framesDecoded) * 1000 / ms,
    kbps: (after.bytesReceived - before.bytesReceived) * 8 / ms,
  };
}

test('senders', { timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-senders-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const args = ['--size', `${SIZE.width}x${SIZE.height}`, '--fps', '30', '--json', file, '--console', '--seconds', '220'];
  const host = new Program(HOST, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const chromium = await browser();
  const order = async (text) => {
    const from = host.lines.length;
    host.child.stdin.write(`${text}\n`);
    await host.lineAfter(from, new RegExp(`^done: ${text.replace(/[.*+?]/g, '\\$&')}$`), 5);
  };
  const open = async () => {
    const from = host.lines.length;
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto((await host.line(/^LINK (\S+)/))[1]);
    const [, viewer] = await host.lineAfter(from, /viewer connected \(viewer (\d+)\)/);
    await playing(page, 10);
    return [page, viewer];
  };
  const size = (page, { width, height }) => until(async () => {
    const shown = await page.evaluate(() => {
      const all = [...document.querySelectorAll('video')];
      return all.map((v) => [v.videoWidth, v.videoHeight]);
    });
    return shown.some(([w, h]) => w === width && h === height);
  }, `the picture never became ${width}x${height}`);
  try {
    const [one, first] = await open();
    const [other, second] = await open();

    await t.test('a page that is switched off gets nothing, and its picture goes on when it is on again', async () => {
      await order(`video ${first} active=off`);
      await pause(1);
      const stood = await watch(one, 3);
      assert.ok(stood.fps === 0 && stood.kbps < 5, JSON.stringify(stood));
      await playing(other, 20);
      await order(`video ${first}`);
      await playing(one, 20);
      await expectPatches(one);
    });

    await t.test('a picture scaled down for one page stays whole on the other', async () => {
      await order(`video ${first} scale=2`);
      await size(one, { width: 320, height: 180 });
      await order(`video ${first} scale=1.6`);
      await size(one, { width: 400, height: 226 });
      await playing(one, 20);
      await size(other, SIZE);
      await order(`video ${first}`);
      await size(one, SIZE);
    });

    await t.test('the codec changes while it plays, and back', async () => {
      const codec = (name) => until(async () => (await one.evaluate(inbound)).codec === `video/${name}`, `never ${name}`);
      await codec('H264');
      for (const [list, name] of [['vp8', 'VP8'], ['h264,vp8', 'H264']]) {
        const before = await one.evaluate(video);
        await order(`codecs ${first} ${list}`);
        await codec(name);
        await playing(one, 30);
        await expectPatches(one);
        const after = await one.evaluate(video);
        assert.ok(after.framesDecoded > before.framesDecoded && after.packetsLost === before.packetsLost, JSON.stringify(after));
      }
      assert.equal((await other.evaluate(inbound)).codec, 'video/H264');
    });

    await t.test('a bound on the rate and one on the frame rate hold for one page alone', async () => {
      await order(`video ${first} max_bitrate=400000 max_framerate=10`);
      await pause(4);
      const [bounded, free] = await Promise.all([watch(one, 5), watch(other, 5)]);
      t.diagnostic(`bounded ${JSON.stringify(bounded)}, free ${JSON.stringify(free)}`);
      assert.ok(bounded.fps > 5 && bounded.fps < 13, JSON.stringify(bounded));
      assert.ok(bounded.kbps < 600, JSON.stringify(bounded));
      assert.ok(free.fps > 18, JSON.stringify(free));
      await order(`video ${first}`);
    });

    await t.test('the list has both', async () => {
      const from = host.lines.length;
      host.child.stdin.write('list\n');
      await host.lineAfter(from, /^2 viewers$/);
      for (const viewer of [first, second]) await host.lineAfter(from, new RegExp(`^viewer ${viewer} is connected: `));
    });
  } finally {
    await chromium.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
