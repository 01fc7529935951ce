// Firefox plays too. Without its OpenH264 download it has no H.264: it gets VP8, while Chromium beside it gets H.264.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { firefox } from './firefox.mjs';
import { Program, artifacts, expectPatches, inbound, keepConnections, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

test('the demo page plays in Firefox, with sound and input', { timeout: 90_000 }, async (t) => {
  const fox = await firefox(t);
  if (!fox) return;
  let host;
  try {
    host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '120']);
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await fox.page();
    await page.evaluateOnNewDocument(keepConnections);
    await page.goto(link);
    await playing(page);
    const { codec } = await page.evaluate(inbound);
    assert.match(codec, /^video\/(VP8|H264)$/);
    t.diagnostic(`Firefox plays ${codec}`);
    await expectPatches(page);
    await page.click('#unmute');
    await until(() => page.evaluate(() => !document.getElementById('audio').paused), 'the sound does not start');
    await page.mouse.move(400, 300);
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.press('KeyW');
    await host.line(/input of viewer \d+: mouse \d+,\d+ buttons 1/, 10);
    await host.line(/input of viewer \d+: key 37 down/, 10);
    await page.screenshot({ path: join(artifacts, 'firefox.png') });
  } finally {
    await fox.close();
    await host?.stop();
  }
});
