// What W3C's RTCPeerConnection has, one by one: a C host with rendercast_peer_* and Chromium.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { playing, until } from './harness.mjs';
import { EVENT, SDP, escape, hostOffers, pageMakes, pageOffers, scene } from './peer-host.mjs';
import { stun, turn } from './servers.mjs';

const OK = 0, INVALID_CONFIG = -7, INVALID_MODIFICATION = -33, NOT_SUPPORTED = -35;
const NEW = 1, GATHERING = 2, COMPLETE = 3;
const CHECKING = 2, ICE_CONNECTED = 3, ICE_DISCONNECTED = 5;
const CONNECTING = 2, CONNECTED = 3, DISCONNECTED = 4;
const TRICKLE = { unknown: 0, no: 1, yes: 2 };

const trickles = async (host) => Number((await host.say('states')).split(' ')[5]);

test('every state is told in its order, and a page that is gone without a word is told as disconnected', { timeout: 120_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  assert.match(await host.say('states'), new RegExp(`^STATES 1 ${NEW} 1 1 ${TRICKLE.unknown}$`));
  await hostOffers(both);
  await playing(page);
  await until(() => host.told(EVENT.gathering).includes(COMPLETE), 'it gathers for ever');
  assert.deepEqual(host.told(EVENT.signaling), [2, 1]);
  assert.deepEqual(host.told(EVENT.gathering), [GATHERING, COMPLETE]);
  assert.deepEqual(host.told(EVENT.ice).slice(0, 2), [CHECKING, ICE_CONNECTED]);
  assert.deepEqual(host.told(EVENT.connection), [CONNECTING, CONNECTED]);
  const at = (kind, state) => host.events.findIndex((event) => event.kind === kind && event.state === state);
  const candidates = host.events.flatMap(({ kind, text }, at) => (kind === EVENT.candidate ? [{ at, end: text === '' }] : []));
  const order = [at(EVENT.needed, 0), at(EVENT.signaling, 2), at(EVENT.gathering, GATHERING), candidates[0].at, at(EVENT.gathering, COMPLETE)];
  assert.deepEqual(order, [...order].sort((a, b) => a - b), 'needed, offer, gathering, candidates, complete');
  assert.deepEqual(candidates.map(({ end }) => end), candidates.map((_, n) => n === candidates.length - 1), 'one end of candidates, the last of them');
  assert.ok(at(EVENT.ice, CHECKING) < at(EVENT.connection, CONNECTING) && at(EVENT.ice, ICE_CONNECTED) < at(EVENT.connection, CONNECTED));
  const theirs = await page.evaluate(() => [window.pc.signalingState, window.pc.connectionState, window.pc.iceConnectionState]);
  assert.deepEqual(theirs.slice(0, 2), ['stable', 'connected']);
  assert.match(theirs[2], /^(connected|completed)$/);

  await page.goto('chrome://crash').catch(() => {});
  await until(() => host.told(EVENT.connection).includes(DISCONNECTED), 'nobody is missed');
  assert.ok(host.told(EVENT.ice).includes(ICE_DISCONNECTED));
  t.diagnostic(`ICE: ${host.told(EVENT.ice)}; connection: ${host.told(EVENT.connection)}`);
});

test('whether the page takes candidates one by one, and where they end on either side', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  const offer = await pageMakes(page, 'Offer');
  await host.must(`remote ${SDP.offer} ${escape(offer.replace(/a=ice-options:.*\r\n/g, ''))}`);
  assert.equal(await trickles(host), TRICKLE.no);
  await host.must(`remote ${SDP.rollback} -`);
  await page.evaluate(() => window.pc.setLocalDescription({ type: 'rollback' }));
  await pageOffers(both);
  assert.equal(await trickles(host), TRICKLE.yes);
  await playing(page);
  await until(() => host.candidates.some(({ text }) => text === ''), 'no end of candidates');
  const { mid, index } = host.candidates.find(({ text }) => text === '');
  const taken = await page.evaluate((init) => window.pc.addIceCandidate(init).then(() => 'taken', String), { candidate: '', sdpMid: mid, sdpMLineIndex: index });
  assert.equal(taken, 'taken');
  assert.deepEqual(await host.end('candidate - 0 -'), { status: OK, text: '' });
  await playing(page);
});

test('a server that refuses is told to the host as to the page', { timeout: 90_000 }, async (t) => {
  const server = await turn(t);
  if (!server) return;
  const wrong = { ...server, credential: 'guessed' };
  const both = await scene(t, { peer: { ice_servers: [wrong] } });
  await hostOffers(both);
  await both.host.until(EVENT.error);
  const ours = both.host.events.find(({ kind }) => kind === EVENT.error);
  const theirs = await both.page.evaluate((wrong) => new Promise((resolve) => {
    const pc = new RTCPeerConnection({ iceServers: [wrong] });
    pc.onicecandidateerror = ({ errorCode, url, errorText }) => errorCode !== 701 && resolve({ errorCode, url, errorText });
    pc.createDataChannel('any');
    pc.setLocalDescription();
  }), wrong);
  assert.equal(ours.index, theirs.errorCode);
  assert.ok(ours.mid.startsWith(server.urls) && theirs.url.startsWith(server.urls), `${ours.mid}, ${theirs.url}`);
  t.diagnostic(`${ours.index} ${ours.text}; Chromium: ${theirs.errorCode} ${theirs.errorText}`);
  await playing(both.page);
});

test('a live connection asks another server after a change and a restart, and what cannot change is refused with a reason', { timeout: 120_000 }, async (t) => {
  const server = await stun(t);
  const both = await scene(t);
  const { host, page } = both;
  await hostOffers(both);
  await playing(page);
  assert.deepEqual((await host.json('configuration')).iceServers, []);
  assert.deepEqual(await host.outcome(`configure ${JSON.stringify({ iceServers: [{ urls: server.url }] })}`), { status: OK, reason: '' });
  const changed = await host.json('configuration');
  assert.deepEqual(changed.iceServers, [{ urls: [server.url] }]);
  await hostOffers(both);
  assert.equal(server.asked, 0, 'without a restart it asks nobody');
  for (const [change, status, reason] of [
    [{ bundlePolicy: 'max-bundle' }, INVALID_MODIFICATION, /bundlePolicy/],
    [{ iceCandidatePoolSize: 3 }, INVALID_MODIFICATION, /iceCandidatePoolSize/],
    [{ certificates: ['other.pem'] }, INVALID_MODIFICATION, /certificates/],
    [{ peerIdentity: 'somebody' }, NOT_SUPPORTED, /identity providers/],
    [{ rtcpMuxPolicy: 'negotiate' }, NOT_SUPPORTED, /removed/],
    [{ iceTransportPolicy: 'public' }, NOT_SUPPORTED, /removed/],
    [{ iceServers: [{ urls: 'turn:a', username: 'a', credential: 'b', credentialType: 'oauth' }] }, NOT_SUPPORTED, /oauth/],
    [{ iceServers: [{ urls: 'turn:a' }] }, INVALID_CONFIG, /iceServers\[0\]/],
    [{ iceServers: [{ urls: 'http://a' }] }, INVALID_CONFIG, /iceServers\[0\]/],
  ]) {
    const refused = await host.outcome(`configure ${JSON.stringify(change)}`);
    assert.equal(refused.status, status, `${JSON.stringify(change)}: ${refused.reason}`);
    assert.match(refused.reason, reason);
  }
  assert.deepEqual(await host.json('configuration'), changed);
  await hostOffers(both, '{"iceRestart":true}');
  await until(() => host.candidates.some(({ text }) => text.includes(` ${server.mapped} `)), 'its address is not told');
  assert.ok(server.asked > 0);
  await playing(page);
});

for (const bundlePolicy of ['balanced', 'max-compat', 'max-bundle']) {
  test(`a host's connection with bundlePolicy ${bundlePolicy} and a pool of candidates plays`, { timeout: 90_000 }, async (t) => {
    const configuration = { bundlePolicy, rtcpMuxPolicy: 'require', iceCandidatePoolSize: 4, peerIdentity: null };
    const both = await scene(t, null, [], configuration);
    const offer = await hostOffers(both, '{"voiceActivityDetection":false}');
    assert.equal(/^a=bundle-only/m.test(offer), bundlePolicy === 'max-bundle');
    assert.doesNotMatch(offer, / CN\//);
    await playing(both.page);
    const told = await both.host.json('configuration');
    assert.deepEqual([told.bundlePolicy, told.iceCandidatePoolSize], [bundlePolicy, 4]);
    const refused = await both.host.outcome('create {"peerIdentity":"somebody@example.org"}');
    assert.equal(refused.status, INVALID_CONFIG);
    assert.match(refused.reason, /peerIdentity = somebody@example.org is not supported: .*identity providers/);
  });
}

test('the certificate of a file is what Chromium sees, with the end that was asked for, and an expired one is refused', { timeout: 90_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-standard-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [file, short] = ['own.pem', 'short.pem'].map((name) => join(folder, name));
  const day = 86_400_000;
  const maker = (await scene(t)).host;
  assert.equal((await maker.outcome(`certificate ${file} {"expires":${day}}`)).status, OK);
  const { expires, fingerprints: [{ value }] } = await maker.json(`fingerprint ${file}`);
  assert.ok(Math.abs(expires - Date.now() - day) < 3_600_000, `${expires}`);

  const both = await scene(t, null, [], { certificates: [file] });
  await hostOffers(both);
  await playing(both.page);
  const der = await both.page.evaluate(() => {
    const { transport } = window.pc.getReceivers().find((receiver) => receiver.transport);
    const [certificate] = transport.getRemoteCertificates();
    return [...new Uint8Array(certificate)];
  });
  const certificate = new X509Certificate(Buffer.from(der));
  assert.equal(certificate.fingerprint256.toLowerCase(), value.toLowerCase());
  assert.equal(Date.parse(certificate.validTo), expires - (expires % 1000));

  assert.equal((await maker.outcome(`certificate ${short} {"expires":1000}`)).status, OK);
  const end = (await maker.json(`fingerprint ${short}`)).expires;
  await until(() => Date.now() > end + 1_000, 'time stands still');
  const expired = await maker.outcome(`create ${JSON.stringify({ certificates: [short] })}`);
  assert.equal(expired.status, INVALID_CONFIG);
  assert.match(expired.reason, /short\.pem.*expired/);
});
