// A page's own configuration: each bundle policy, certificates it makes, relays on both sides; and the host's certificate over restarts.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, expectPatches, playing } from './harness.mjs';
import { turn } from './servers.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

/** A host with this configuration of its peers, for one test; its link. */
async function start(t, peer) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-configuration-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 }, server: { address: '127.0.0.1:0' }, peer,
  }));
  const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--json', file, '--seconds', '120']);
  t.after(async () => { await host.stop(); rmSync(folder, { recursive: true, force: true }); });
  const [, link] = await host.line(/LINK (\S+)/);
  return { host, link };
}

/** Installed before any page script: every connection is made with these members, and with a certificate of this algorithm. */
const configure = ({ members, algorithm }) => {
  window.connections = [];
  const Native = window.RTCPeerConnection;
  const algorithms = {
    ECDSA: { name: 'ECDSA', namedCurve: 'P-256' },
    RSA: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  };
  window.made = algorithm
    ? Native.generateCertificate(algorithms[algorithm]).then((certificate) => { window.certificate = certificate; })
    : Promise.resolve();
  window.RTCPeerConnection = class extends Native {
    constructor(configuration) {
      super({ ...configuration, ...members, ...(window.certificate && { certificates: [window.certificate] }) });
      window.connections.push(this);
    }
  };
};

async function open(chromium, link, { members = {}, algorithm = null } = {}) {
  const page = await chromium.page();
  await page.addInitScript(configure, { members, algorithm });
  // The page's own script waits until there is a certificate.
  await page.route('**/player.js', async (route) => {
    await page.evaluate(() => window.made);
    await route.continue();
  });
  await page.goto(link);
  await playing(page);
  return page;
}

for (const bundlePolicy of ['max-compat', 'balanced', 'max-bundle']) {
  test(`a page with bundlePolicy ${bundlePolicy} plays`, { timeout: 60_000 }, async (t) => {
    const { link } = await start(t, {});
    const chromium = await browser();
    t.after(() => chromium.close());
    const page = await open(chromium, link, { members: { bundlePolicy } });
    const told = await page.evaluate(async () => {
      const [pc] = window.connections;
      const stats = [...(await pc.getStats()).values()];
      return {
        policy: pc.getConfiguration().bundlePolicy,
        transports: stats.filter((s) => s.type === 'transport').length,
        answer: pc.remoteDescription.sdp,
      };
    });
    assert.equal(told.policy, bundlePolicy);
    assert.equal(told.transports, 1, 'everything shares one transport');
    assert.match(told.answer, /^a=group:BUNDLE /m);
    await expectPatches(page);
  });
}

for (const members of [{ iceCandidatePoolSize: 4 }, { rtcpMuxPolicy: 'require' }, { peerIdentity: 'somebody@example.org' }]) {
  test(`a page with ${Object.keys(members)[0]} plays`, { timeout: 60_000 }, async (t) => {
    const { link } = await start(t, {});
    const chromium = await browser();
    t.after(() => chromium.close());
    const page = await open(chromium, link, { members });
    const told = await page.evaluate(() => window.connections[0].getConfiguration());
    // Chromium knows no peerIdentity: it passes it over, and has no such member.
    assert.deepEqual(Object.entries(members).filter(([key, value]) => told[key] !== value).map(([key]) => key), Object.keys(members).filter((key) => key === 'peerIdentity'));
  });
}

for (const algorithm of ['ECDSA', 'RSA']) {
  test(`a page with a certificate of ${algorithm} that it has made plays`, { timeout: 60_000 }, async (t) => {
    const { link } = await start(t, {});
    const chromium = await browser();
    t.after(() => chromium.close());
    const page = await open(chromium, link, { algorithm });
    const { own, used } = await page.evaluate(async () => {
      const stats = await window.connections[0].getStats();
      const transport = [...stats.values()].find((s) => s.type === 'transport');
      return {
        own: window.certificate.getFingerprints().map((print) => print.value.toLowerCase()),
        used: stats.get(transport.localCertificateId).fingerprint.toLowerCase(),
      };
    });
    assert.ok(own.includes(used), `${used} is none of ${own}`);
  });
}

test("a host's certificate in a file is the same after a restart", { timeout: 90_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-certificate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'own.pem');
  const chromium = await browser();
  t.after(() => chromium.close());
  const seen = [];
  for (let run = 0; run < 2; run++) {
    const { host, link } = await start(t, { certificate_file: file });
    const page = await open(chromium, link);
    seen.push(await page.evaluate(() => window.connections[0].remoteDescription.sdp.match(/^a=fingerprint:sha-256 (\S+)/m)[1]));
    await page.close();
    await host.stop();
  }
  assert.equal(seen[0], seen[1]);
  assert.match(readFileSync(file, 'utf8'), /BEGIN PRIVATE KEY[\s\S]*BEGIN CERTIFICATE/);
});

test('relay on both sides: media cross the TURN server and no address is told', { timeout: 90_000 }, async (t) => {
  const server = await turn(t);
  if (!server) return;
  const { link } = await start(t, { ice_transport: 'relay', ice_servers: [server] });
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await open(chromium, link, { members: { iceServers: [server], iceTransportPolicy: 'relay' } });
  const pair = await page.evaluate(async () => {
    const stats = await window.connections[0].getStats();
    const transport = [...stats.values()].find((s) => s.type === 'transport');
    const { localCandidateId, remoteCandidateId } = stats.get(transport.selectedCandidatePairId);
    return [stats.get(localCandidateId).candidateType, stats.get(remoteCandidateId).candidateType];
  });
  // What comes from a relay may be known by its packets before it is told of.
  assert.equal(pair[0], 'relay');
  assert.match(pair[1], /^(relay|prflx)$/);
  await expectPatches(page);
});
