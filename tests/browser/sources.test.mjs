// Several pictures in one streamer: pages are shown different ones, and the one they are shown is changed while they play.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, inbound, keepConnections, pixels, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
/** What samples/c-host/views.c fills its second and third picture with. */
const GREEN = [40, 160, 60];
const BLUE = [50, 80, 200];

/** Waits until the bottom left corner is of that colour. VP8 is shown with other colours than H.264 where nothing names the matrix. */
async function shows(page, colour) {
  let got;
  await until(async () => {
    [got] = (await page.evaluate(pixels, [[4, -4]])) ?? [];
    return got?.every((value, i) => Math.abs(value - colour[i]) <= 25);
  }, () => `the page shows ${got}, not ${colour}`);
}

/** Runs in the page: what is negotiated, and how often that was begun. */
const negotiated = async () => {
  const [pc] = window.connections;
  const video = [...(await pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video');
  return {
    connections: window.connections.length,
    local: pc.localDescription.sdp,
    remote: pc.remoteDescription.sdp,
    ssrc: video.ssrc,
    lost: video.packetsLost,
    width: video.frameWidth,
  };
};

for (const codec of ['h264', 'vp8']) {
  test(`${codec}: each page is shown its own picture, and another one without negotiating anew`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rendercast-sources-'));
    const json = join(folder, 'config.json');
    writeFileSync(json, JSON.stringify({
      video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000, codecs: [codec] },
      server: { address: '127.0.0.1:0' },
    }));
    const host = new Program(HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--sources', '3', '--seconds', '120']);
    const chromium = await browser();
    try {
      const [, link] = await host.line(/LINK (\S+)/);
      const pages = [];
      for (let i = 0; i < 2; i++) {
        const page = await chromium.page();
        await page.addInitScript(keepConnections);
        await page.goto(link);
        await playing(page);
        pages.push(page);
      }
      const [one, two] = pages;
      const before = await one.evaluate(negotiated);
      const choose = async (page, digit) => {
        const first = host.lines.length;
        await page.bringToFront();
        await page.locator('video').first().hover();
        await page.mouse.down();
        await page.mouse.up();
        await page.keyboard.press(`Digit${digit}`);
        await host.lineAfter(first, new RegExp(`is shown picture ${digit}`));
      };
      await choose(one, 2);
      await shows(one, GREEN);
      await choose(two, 3);
      await shows(two, BLUE);
      await shows(one, GREEN);
      await Promise.all(pages.map((page) => playing(page)));
      // And another one while the other page goes on as it is.
      const began = Date.now();
      await choose(one, 3);
      await shows(one, BLUE);
      t.diagnostic(`from the key to the other picture, looked at every 50 ms: ${Date.now() - began} ms`);
      await choose(two, 1);
      await until(async () => (await two.evaluate(negotiated)).width === 640, 'the first picture is larger');
      await Promise.all(pages.map((page) => playing(page)));
      const after = await one.evaluate(negotiated);
      assert.equal(after.width, 320);
      for (const same of ['connections', 'local', 'remote', 'ssrc']) assert.equal(after[same], before[same], same);
      assert.equal(after.lost, 0);
      assert.equal((await one.evaluate(inbound)).packetsLost, 0);
      assert.ok(!host.lines.some((line) => /viewer disconnected/.test(line)), host.tail());
    } finally {
      await chromium.close();
      const { code } = await host.stop();
      assert.equal(code, 0, host.tail());
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
