// How packets go: one UDP port for every browser, TCP for one without UDP, and the cipher each of them agrees to.

import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { firefox } from './firefox.mjs';
import { Program, browser, expectPatches, inbound, keepConnections, ownAddress, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

/** Ports that were free just now: a UDP and a TCP one. */
const freePorts = async () => Promise.all([
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, () => { const { port } = socket.address(); socket.close(() => resolve(port)); });
  }),
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, () => { const { port } = server.address(); server.close(() => resolve(port)); });
  }),
]);

/** Runs in the page: the way its media comes. */
const path = async () => {
  for (const pc of window.connections) {
    const stats = await pc.getStats();
    for (const s of stats.values()) {
      if (s.type !== 'transport' || !s.selectedCandidatePairId) continue;
      const remote = stats.get(stats.get(s.selectedCandidatePairId).remoteCandidateId);
      return { cipher: s.srtpCipher, protocol: remote.protocol, port: remote.port, kind: remote.candidateType };
    }
  }
  return null;
};

const start = async (t, peer) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-network-'));
  const file = join(folder, 'config.json');
  const config = {
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
    server: { address: '127.0.0.1:0' },
    peer,
  };
  writeFileSync(file, JSON.stringify(config));
  const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--json', file, '--seconds', '120']);
  t.after(async () => { await host.stop(); rmSync(folder, { recursive: true, force: true }); });
  const [, link] = await host.line(/LINK (\S+)/);
  return link;
};

const open = async (someone, link) => {
  const page = await someone.page();
  await (page.addInitScript ?? page.evaluateOnNewDocument).call(page, keepConnections);
  await page.goto(link);
  await playing(page);
  return page;
};

test('three pages play through one UDP port, encrypted with AES-GCM', { timeout: 90_000 }, async (t) => {
  const [port] = await freePorts();
  const link = await start(t, { udp_port: port, bind_addresses: [ownAddress()] });
  const chromium = await browser();
  t.after(() => chromium.close());
  const pages = [];
  for (let i = 0; i < 3; i++) pages.push(await open(chromium, link));
  await pages.pop().close();
  const again = await open(chromium, link);
  for (const page of [...pages, again]) {
    await playing(page);
    const way = await page.evaluate(path);
    assert.deepEqual({ ...way, kind: 'host' }, { cipher: 'SRTP_AEAD_AES_128_GCM', protocol: 'udp', port, kind: 'host' });
    assert.equal((await page.evaluate(inbound)).packetsLost, 0);
  }
  await expectPatches(again);
});

test('AES-CM is used when it is configured', { timeout: 60_000 }, async (t) => {
  const link = await start(t, { srtp: 'aes-cm' });
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await open(chromium, link);
  assert.match((await page.evaluate(path)).cipher, /^SRTP_AES128_CM_HMAC_SHA1_80$/);
});

test('a Chromium that may not use UDP plays over TCP', { timeout: 60_000 }, async (t) => {
  const [, port] = await freePorts();
  const link = await start(t, { ice_tcp_port: port, bind_addresses: [ownAddress()] });
  const chromium = await browser({ args: ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] });
  t.after(() => chromium.close());
  const page = await open(chromium, link);
  const way = await page.evaluate(path);
  assert.deepEqual([way.protocol, way.port], ['tcp', port]);
  t.diagnostic(`jitter buffer over TCP: ${(await page.evaluate(inbound)).jitterBufferMs} ms`);
});

test('Firefox plays through the shared port', { timeout: 90_000 }, async (t) => {
  const fox = await firefox(t);
  if (!fox) return;
  t.after(() => fox.close());
  const [port] = await freePorts();
  const link = await start(t, { udp_port: port });
  const page = await open(fox, link);
  const way = await page.evaluate(path);
  t.diagnostic(`Firefox: ${JSON.stringify(way)}`);
});
