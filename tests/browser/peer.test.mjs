// A page that knows no protocol of the library's, and a C host that has rendercast_peer_* only: the test carries the texts
// between the page's RTCPeerConnection and the host, as two programmers of a protocol of their own would.

import assert from 'node:assert/strict';
import test from 'node:test';
import { expectPatches, expectSound, playing, until } from './harness.mjs';
import { EVENT, SDP, escape, hostOffers, pageAnswered, pageMakes, pageOffers, pageSets, scene } from './peer-host.mjs';

async function expectPlaying(page) {
  await playing(page);
  await expectPatches(page);
  await expectSound(page);
}

const ufrag = (sdp) => sdp.match(/a=ice-ufrag:(\S+)/)[1];

test('the host offers, and the page plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  await hostOffers(both);
  await expectPlaying(both.page);
  assert.deepEqual(both.host.told(EVENT.signaling), [2, 1]);
  assert.deepEqual(both.host.told(EVENT.connection), [2, 3]);
  assert.equal(await both.page.evaluate(() => window.pc.connectionState), 'connected');
  const current = await both.host.description(2);
  assert.equal(current.type, 'offer');
  assert.match(current.sdp, /a=candidate:/);
  assert.match(await both.host.say('states'), /^STATES 1 \d 3 3 2$/);
  t.diagnostic(`ICE: ${both.host.told(EVENT.ice)}; gathering: ${both.host.told(EVENT.gathering)}`);
});

test('the page offers, the host answers, and the connection ends', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  await pageOffers(both);
  await expectPlaying(both.page);
  assert.deepEqual(both.host.told(EVENT.signaling), [3, 1]);
  await both.host.say('close');
  await both.host.until(EVENT.closed);
  await until(() => both.page.evaluate(() => window.pc.connectionState !== 'connected'), 'the page does not notice');
});

test('both offer at once: the host yields, and plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  const offer = await host.must('offer -');
  await host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageOffers(both);
  await expectPlaying(page);
  assert.deepEqual(host.told(EVENT.signaling), [2, 3, 1]);
});

test('both offer at once: the page yields, and plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  await host.must(`remote ${SDP.offer} ${escape(await pageMakes(page, 'Offer'))}`);
  await host.must(`remote ${SDP.rollback} -`);
  await host.until(EVENT.needed, 2);
  // Chromium takes its own offer back when it is given this one.
  await hostOffers(both);
  await expectPlaying(page);
  assert.deepEqual(host.told(EVENT.signaling), [3, 1, 2, 1]);
});

test('provisional answers of either side are followed by final ones', { timeout: 120_000 }, async (t) => {
  const ours = await scene(t);
  await ours.host.must(`remote ${SDP.offer} ${escape(await pageMakes(ours.page, 'Offer'))}`);
  const provisional = await ours.host.must('answer');
  await ours.host.must(`local ${SDP.pranswer} ${escape(provisional)}`);
  await pageSets(ours.page, 'Remote', { type: 'pranswer', sdp: provisional });
  await pageAnswered(ours);
  await expectPlaying(ours.page);
  assert.deepEqual(ours.host.told(EVENT.signaling), [3, 4, 1]);

  const theirs = await scene(t);
  const offer = await theirs.host.must('offer -');
  await theirs.host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageSets(theirs.page, 'Remote', { type: 'offer', sdp: offer });
  const answer = await theirs.page.evaluate(async () => (await window.pc.createAnswer()).sdp);
  await pageSets(theirs.page, 'Local', { type: 'pranswer', sdp: answer });
  await theirs.host.must(`remote ${SDP.pranswer} ${escape(answer)}`);
  await theirs.host.must(`remote ${SDP.answer} ${escape(await pageMakes(theirs.page, 'Answer'))}`);
  await expectPlaying(theirs.page);
  assert.deepEqual(theirs.host.told(EVENT.signaling), [2, 5, 1]);
});

test('either side restarts ICE, and the picture goes on', { timeout: 120_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  const first = await hostOffers(both);
  await expectPlaying(page);
  await host.say('restart');
  await host.until(EVENT.needed, 2);
  const second = await hostOffers(both);
  assert.notEqual(ufrag(second), ufrag(first));
  await playing(page);
  await pageOffers(both, { iceRestart: true });
  await playing(page);
  const third = await hostOffers(both, '{"iceRestart":true}');
  assert.notEqual(ufrag(third), ufrag(second));
  await playing(page);
  await until(() => page.evaluate(() => window.pc.connectionState === 'connected'), 'not connected');
  t.diagnostic(`ICE: ${host.told(EVENT.ice)}; connection: ${host.told(EVENT.connection)}`);
});
