// Intra refresh: Chromium plays a stream whose picture is renewed by strips, and gets a keyframe when somebody joins.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, expectPatches, keepConnections, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
/** One pass over the picture takes a second. */
const FPS = 20;
const CONFIG = {
  video: { fps: FPS, codecs: ['h264'], encoder: 'libx264', intra_refresh: true, layers: 1, start_bitrate_kbps: 1500, max_bitrate_kbps: 1500 },
  audio: { enabled: false },
  server: { address: '127.0.0.1:0' },
};

/** Runs in the page: what its video has come to. */
const video = async () => {
  for (const s of (await window.connections[0].getStats()).values()) {
    if (s.type === 'inbound-rtp' && s.kind === 'video') {
      const { framesDecoded = 0, keyFramesDecoded = 0, pliCount = 0, freezeCount = 0 } = s;
      return { framesDecoded, keyFramesDecoded, pliCount, freezeCount };
    }
  }
  return null;
};

test('a picture that is renewed by strips plays on without a keyframe, and who joins gets one', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-refresh-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(CONFIG));
  const env = { ...process.env, RENDERCAST_LOG: 'info' };
  const host = new Program(HOST, ['--size', '320x180', '--fps', String(FPS), '--json', file, '--seconds', '110'], { env });
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const open = async () => {
      const page = await chromium.page();
      await page.addInitScript(keepConnections);
      await page.goto(link);
      await page.waitForFunction(() => window.connections.length > 0);
      return page;
    };
    const first = await open();
    await playing(first, FPS);
    const [, used] = await host.line(/encoder selected: (\S+)/);
    if (used !== 'libx264') {
      t.diagnostic(`SKIPPED: no libx264 here, but ${used}`);
      t.skip('no libx264');
      return;
    }
    await host.line(/renews the picture by strips/, 1);
    // A busy machine stalls a picture now and then, or loses one, which is asked for; else there is no keyframe.
    let freezes;
    let asked;
    for (let tries = 0; tries < 4 && !(freezes === 0 && asked === 0); tries += 1) {
      const before = await first.evaluate(video);
      await playing(first, 4 * FPS);
      const after = await first.evaluate(video);
      t.diagnostic(`${JSON.stringify(before)} then ${JSON.stringify(after)}`);
      [freezes, asked] = [after.freezeCount - before.freezeCount, after.pliCount - before.pliCount];
      if (asked === 0) assert.equal(after.keyFramesDecoded, before.keyFramesDecoded);
    }
    assert.deepEqual([freezes, asked], [0, 0], 'a freeze or a lost picture each time');
    await expectPatches(first);

    const { keyFramesDecoded: keyframes } = await first.evaluate(video);
    const second = await open();
    await playing(second, FPS);
    await expectPatches(second);
    await playing(first, FPS);
    assert.ok((await first.evaluate(video)).keyFramesDecoded > keyframes, 'no keyframe for the second page');
  } finally {
    await chromium.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
