// What a page sends: Chromium's camera and microphone (of its own making) reach a host in C, which draws the one and measures the other.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { DEVICES, Program, browser, keepConnections, ownCamera, pixels, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;

/** A page of this generation that sends to a host with this configuration of what it receives. */
async function scene(generation, receive, codecs, body) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-receiving-'));
  const server = new Program(URS, ['--port', '0', '--generation', String(generation), '--static', 'tests/browser/pages']);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const json = join(folder, 'config.json');
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000, codecs },
    peer: { receive },
    signaling: { url },
    server: { address: '127.0.0.1:0' },
  }));
  const host = new Program(HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--seconds', '120']);
  const chromium = await browser({ args: DEVICES });
  try {
    await host.line(/Unity Render Streaming server/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(`${url}/${generation === 1 ? 'gen1' : 'newest'}.html?poll=100&send`);
    await playing(page);
    await body(page, host);
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs in the page: what it sends, and what it hears of it. */
const sent = async () => {
  const told = { audioPackets: 0, frames: 0, plis: 0, nacks: 0, codec: null, reported: [], available: 0 };
  for (const pc of window.connections) {
    const stats = await pc.getStats();
    for (const s of stats.values()) {
      if (s.type === 'outbound-rtp' && s.kind === 'audio') told.audioPackets += s.packetsSent;
      if (s.type === 'outbound-rtp' && s.kind === 'video') {
        told.frames += s.framesSent;
        told.plis += s.pliCount;
        told.nacks += s.nackCount;
        told.codec = stats.get(s.codecId)?.mimeType ?? null;
      }
      if (s.type === 'remote-inbound-rtp') told.reported.push({ kind: s.kind, lost: s.packetsLost, rtt: s.roundTripTime });
      if (s.type === 'candidate-pair' && s.nominated) told.available = Math.max(told.available, s.availableOutgoingBitrate ?? 0);
    }
  }
  return told;
};

for (const [generation, codec] of [[1, 'h264'], [1, 'vp8'], [5, 'h264']]) {
  test(`generation ${generation}: camera in ${codec} and microphone reach the host`, async (t) => {
    await scene(generation, { audio: true, video: true }, [codec], async (page, host) => {
      await host.line(/camera of viewer \d+: \d+x\d+/);
      const [, channels, peak] = await host.line(/microphone of viewer \d+: (\d) channels, peak (0\.0[1-9]|0\.[1-9]|1\.)/);
      t.diagnostic(`microphone: ${channels} channels, peak ${peak}`);
      // A quarter of the host's picture, in its top right corner, is what the camera shows: near the bottom left nothing moves.
      const place = [0.06, 0.9];
      const want = await page.evaluate(ownCamera, place);
      let got;
      await until(async () => {
        [got] = await page.evaluate(pixels, [[Math.floor(640 * 0.75 + 160 * place[0]), Math.floor(120 * place[1])]]);
        return got && got.every((value, i) => Math.abs(value - want[i]) <= 30);
      }, () => `the camera shows ${want}, the host drew ${got}`);
      let told;
      await until(async () => {
        told = await page.evaluate(sent);
        return told.frames > 60 && told.audioPackets > 100 && told.reported.length === 2 && told.available > 1_000_000;
      }, () => `sent: ${JSON.stringify(told)}`);
      t.diagnostic(JSON.stringify(told));
      assert.equal(told.codec?.toLowerCase(), `video/${codec}`);
      assert.ok(told.plis <= 3, `${told.plis} keyframes were asked for`);
      assert.ok(told.reported.every(({ lost }) => lost < 20), JSON.stringify(told.reported));
    });
  });
}

test('nothing is sent to a host that takes nothing', async () => {
  await scene(1, {}, ['h264'], async (page, host) => {
    const { audioPackets, frames } = await page.evaluate(sent);
    assert.deepEqual({ audioPackets, frames }, { audioPackets: 0, frames: 0 });
    const { directions } = await page.evaluate(() =>
      ({ directions: window.connections[0].getTransceivers().map(({ currentDirection }) => currentDirection) }));
    assert.deepEqual(directions, ['recvonly', 'recvonly']);
    assert.ok(!host.lines.some((line) => /camera of|microphone of/.test(line)));
  });
});
