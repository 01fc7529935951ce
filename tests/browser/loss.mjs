// Run by delivery.test.mjs in a network namespace of its own, whose loopback loses packets. Prints what Chromium got.
// Arguments: the `peer` configuration as JSON, seconds.

import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, browser, keepConnections, playing } from './harness.mjs';

const [peer, seconds] = [JSON.parse(process.argv[2]), Number(process.argv[3])];
const folder = mkdtempSync(join(tmpdir(), 'rendercast-loss-'));
const server = new Program(process.env.RENDERCAST_URS_SERVER, ['--port', '0', '--generation', '5', '--static', 'tests/browser/pages']);
const [, port] = await server.line(/:(\d+)/);
const url = `http://127.0.0.1:${port}`;
const json = join(folder, 'config.json');
writeFileSync(json, JSON.stringify({
  video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000, min_bitrate_kbps: 2000 },
  peer,
  signaling: { url },
  server: { address: '127.0.0.1:0' },
}));
const host = new Program(process.env.RENDERCAST_C_HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--seconds', '120']);
const chromium = await browser();

/** Runs in the page: what counts of the inbound statistics. */
const received = async () => {
  const got = {};
  for (const pc of window.connections) {
    for (const s of (await pc.getStats()).values()) {
      if (s.type === 'inbound-rtp') {
        const { packetsReceived, packetsLost, bytesReceived, retransmittedPacketsReceived, fecPacketsReceived, framesDecoded, freezeCount, totalFreezesDuration, concealedSamples, totalSamplesReceived, jitterBufferDelay, jitterBufferEmittedCount, totalAudioEnergy, pliCount, nackCount, concealmentEvents, packetsDiscarded } = s;
        got[s.kind] = { packetsReceived, packetsLost, bytesReceived, retransmittedPacketsReceived, fecPacketsReceived, framesDecoded, freezeCount, totalFreezesDuration, concealedSamples, totalSamplesReceived, jitterBufferDelay, jitterBufferEmittedCount, totalAudioEnergy, pliCount, nackCount, concealmentEvents, packetsDiscarded };
      }
    }
  }
  return got;
};

try {
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.goto(`${url}/newest.html?poll=100`);
  // The first second is the connection's own.
  await playing(page, 30);
  const before = await page.evaluate(received);
  await page.waitForTimeout(seconds * 1000);
  const after = await page.evaluate(received);
  const grown = (kind) => Object.fromEntries(Object.entries(after[kind]).map(([name, value]) => [name, value - (before[kind][name] ?? 0)]));
  console.log(JSON.stringify({ video: grown('video'), audio: grown('audio') }));
} finally {
  await chromium.close();
  await host.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
