// Run by delivery.test.mjs through lossy.sh: plays, then lets the namespace lose datagrams and every retransmission, and
// prints how Chromium's statistics grew. Arguments: the `peer` configuration as JSON, percent lost, seconds.

import { execFileSync } from 'node:child_process';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, browser, keepConnections, playing } from './harness.mjs';

const [peer, percent, seconds] = [JSON.parse(process.argv[2]), Number(process.argv[3]), Number(process.argv[4])];
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
        const { packetsReceived, packetsLost, retransmittedPacketsReceived, fecPacketsReceived, framesDecoded, pliCount, nackCount, packetsDiscarded } = s;
        got[s.kind] = { packetsReceived, packetsLost, retransmittedPacketsReceived, fecPacketsReceived, framesDecoded, pliCount, nackCount, packetsDiscarded };
      }
    }
  }
  return got;
};

try {
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.goto(`${url}/newest.html?poll=100`);
  await playing(page, 15);
  // In the second byte of the RTP header is the payload type: 97 is H.264's retransmission in our offers.
  for (const rule of [`numgen random mod 100 < ${percent}`, '@th,72,8 & 0x7f == 97']) {
    execFileSync('nft', [`add rule inet loss in meta l4proto udp ${rule} drop`]);
  }
  const before = await page.evaluate(received);
  await page.waitForTimeout(seconds * 1000);
  const after = await page.evaluate(received);
  const grown = (kind) => Object.fromEntries(Object.entries(after[kind]).map(([name, value]) => [name, (value ?? 0) - (before[kind][name] ?? 0)]));
  console.log(JSON.stringify({ video: grown('video'), audio: grown('audio') }));
} finally {
  await chromium.close();
  await host.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
