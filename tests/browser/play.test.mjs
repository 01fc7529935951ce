// The main job: what a C host draws and plays is seen and heard in Chromium, and what the viewer does reaches the host.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, expectPatches, expectSound, keepConnections, ownAddress, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const PAGES = 'tests/browser/pages';

test('the demo page plays the picture and sound of a C host and sends input back', async () => {
  const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '120']);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(link);
    await playing(page);
    await expectPatches(page);
    await page.getByRole('button', { name: /sound/i }).first().click();
    await expectSound(page);
    await page.locator('video').first().hover();
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.press('KeyW');
    await host.line(/input of viewer \d+: mouse \d+,\d+ buttons 1/, 10);
    await host.line(/input of viewer \d+: key 37 down/, 10);
    await page.screenshot({ path: join(artifacts, 'demo.png') });
  } finally {
    await chromium.close();
    const { code } = await host.stop();
    assert.equal(code, 0, host.tail());
  }
});

test('the host tells of a connection what the page sees of it', async () => {
  const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '120', '--report']);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(link);
    await playing(page);
    const told = async () => {
      const [, text] = await host.lineAfter(host.lines.length, /^REPORT \d+ (\{.*\})$/);
      const all = Object.values(JSON.parse(text));
      return { all, video: all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video') };
    };
    // The browser has measured nothing before its first reports.
    let before = await told();
    while (!before.all.some((one) => one.type === 'remote-inbound-rtp' && one.roundTripTime > 0)) before = await told();
    const seen = await page.evaluate(async () => {
      const stats = [...(await window.connections[0].getStats()).values()];
      return { video: stats.find((one) => one.type === 'inbound-rtp' && one.kind === 'video'), types: stats.map((one) => one.type) };
    });
    const after = await told();
    // Nothing is lost on this way, so what the page has received lies between what was sent before and after.
    // Copies are left out: those that probe the link are no retransmissions to us.
    for (const what of ['packets', 'bytes']) {
      const again = `retransmitted${what[0].toUpperCase()}${what.slice(1)}`;
      const [least, most] = [before, after].map(({ video }) => video[`${what}Sent`] - video[`${again}Sent`]);
      const here = seen.video[`${what}Received`] - (seen.video[`${again}Received`] ?? 0);
      assert.ok(least <= here && here <= most, `${what}: ${least} sent, ${here} received, then ${most} sent`);
    }
    assert.ok(before.video.framesSent <= seen.video.framesReceived + 1 && seen.video.framesReceived <= after.video.framesSent);
    assert.equal(after.video.ssrc, seen.video.ssrc);
    assert.deepEqual([after.video.frameWidth, after.video.frameHeight], [seen.video.frameWidth, seen.video.frameHeight]);
    for (const type of ['transport', 'candidate-pair', 'local-candidate', 'remote-candidate', 'codec', 'data-channel']) {
      assert.ok(after.all.some((one) => one.type === type) && seen.types.includes(type), type);
    }
    const pair = after.all.find((one) => one.type === 'candidate-pair' && one.nominated);
    assert.ok(pair.availableOutgoingBitrate > 300_000, JSON.stringify(pair));
  } finally {
    await chromium.close();
    await host.stop();
  }
});

for (const [generation, name] of [[1, 'gen1'], [5, 'newest']]) {
  test(`a generation ${generation} page plays through an external signaling server`, async () => {
    const server = new Program(URS, ['--port', '0', '--generation', String(generation), '--static', PAGES]);
    const [, port] = await server.line(/:(\d+)/);
    const url = `http://127.0.0.1:${port}`;
    const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--url', url, '--port', '0', '--seconds', '120']);
    const chromium = await browser();
    try {
      await host.line(/Unity Render Streaming server/);
      const page = await chromium.page();
      await page.addInitScript(keepConnections);
      await page.goto(`${url}/${name}.html`);
      await playing(page);
      await expectPatches(page);
      await expectSound(page);
      await page.waitForFunction(() => window.channel.readyState === 'open', null, { timeout: 10_000 });
      if (generation === 1) {
        await page.evaluate(() => window.channel.send(new Uint8Array([0, 1, 0, 37, 119])));
      } else {
        await page.evaluate(() => {
          const state = new DataView(new ArrayBuffer(50));
          [[0, 0], [4, 4], [8, 38], [12, 0x53544154]].forEach(([at, v]) => state.setInt32(at, v, true));
          state.setUint16(16, 38, true);
          state.setUint16(18, 2, true);
          state.setInt32(32, 0x4b455953, true);
          state.setUint8(36 + (37 >> 3), 1 << (37 & 7));
          window.channel.send(state.buffer);
        });
      }
      await host.line(/input of viewer \d+: key 37 down/, 10);
      await page.screenshot({ path: join(artifacts, `${name}.png`) });
    } finally {
      await chromium.close();
      await host.stop();
      await server.stop();
    }
  });
}

test('the machine\'s own address demands the token that is in the link', async () => {
  const address = ownAddress();
  const host = new Program(HOST, ['--size', '320x180', '--fps', '30', '--address', address, '--port', '0', '--seconds', '60']);
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    assert.match(link, /token=/);
    assert.equal((await fetch(link)).status, 200);
    assert.ok([401, 403].includes((await fetch(link.replace(/\?.*/, ''))).status));
  } finally {
    await host.stop();
  }
});
