// Several video tracks in one connection: the page shows each in an element of its own, while the host adds, replaces, turns and removes
// them; where the host negotiates, and where the library does.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { browser, expectPatches, inbound, playing, until } from './harness.mjs';
import { EVENT, Host, hostOffers, pageOffers, scene } from './peer-host.mjs';

/** What samples/c-host/views.c fills its second and third picture with. */
const GREEN = [40, 160, 60];
const BLUE = [50, 80, 200];
const DIRECTION = { sendonly: 1, inactive: 2 };

/** Runs in the page: the colour at the bottom left of the element that shows this stream; null where there is none. */
const corner = (stream) => {
  const videos = [...document.querySelectorAll('video')].filter((v) => v.dataset.stream === stream && v.videoWidth > 0);
  const video = videos.at(-1);
  if (!video) return null;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  return [...context.getImageData(4, canvas.height - 4, 1, 1).data.slice(0, 3)];
};

async function shows(page, stream, colour) {
  let got;
  await until(async () => {
    got = await page.evaluate(corner, stream);
    return got?.every((value, i) => Math.abs(value - colour[i]) <= 25);
  }, () => `${stream} shows ${got}, not ${colour}`);
}

/** Runs in the page: of each video section, what came in it. */
const sections = async () => {
  const [pc] = window.connections;
  const all = [...(await pc.getStats()).values()].filter((s) => s.type === 'inbound-rtp' && s.kind === 'video');
  return Object.fromEntries(all.map((s) => [s.mid, { frames: s.framesDecoded ?? 0, lost: s.packetsLost, ssrc: s.ssrc }]));
};

/** Waits until more pictures have come in each of these sections. */
async function advancing(page, mids, frames = 15) {
  const before = await page.evaluate(sections);
  await until(async () => {
    const now = await page.evaluate(sections);
    return mids.every((mid) => (now[mid]?.frames ?? 0) >= (before[mid]?.frames ?? 0) + frames);
  }, `no pictures in ${mids} beside ${JSON.stringify(before)}`);
}

/** Runs in the page: the section whose track is in this stream. */
const midOf = (stream) => {
  const video = [...document.querySelectorAll('video')].findLast((v) => v.dataset.stream === stream);
  const [track] = video.srcObject.getTracks();
  return window.connections[0].getTransceivers().find(({ receiver }) => receiver.track === track).mid;
};

const streams = (page) => page.evaluate(() => [...document.querySelectorAll('video')].map((v) => v.dataset.stream));

test('two pictures play in one connection while one is added, replaced, turned and removed', { timeout: 180_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  await host.does('views 3');
  await hostOffers(both);
  await playing(page);
  await expectPatches(page);
  const first = await page.evaluate(midOf, 'rendercast-video');

  const sender = await host.sender('track 1 map');
  await host.until(EVENT.needed, 2);
  const began = Date.now();
  await hostOffers(both);
  await shows(page, 'map', GREEN);
  t.diagnostic(`from addTrack's offer to its picture, looked at every 50 ms: ${Date.now() - began} ms`);
  const map = await page.evaluate(midOf, 'map');
  assert.notEqual(map, first);
  await advancing(page, [first, map]);
  const ssrcs = await page.evaluate(sections);

  await host.does(`replace ${sender} 2`);
  await shows(page, 'map', BLUE);
  await advancing(page, [first, map]);
  assert.equal((await page.evaluate(sections))[map].ssrc, ssrcs[map].ssrc);
  assert.equal(host.told(EVENT.needed).length, 2, 'nothing is negotiated for another source');

  const direction = () => page.evaluate((mid) => window.pc.getTransceivers().find((one) => one.mid === mid).currentDirection, map);
  await host.does(`turn ${sender} ${DIRECTION.inactive}`);
  await host.until(EVENT.needed, 3);
  await hostOffers(both);
  assert.equal(await direction(), 'inactive');
  assert.deepEqual(await streams(page), ['rendercast-video']);
  const stopped = (await page.evaluate(sections))[map]?.frames ?? 0;
  await advancing(page, [first]);
  assert.ok(((await page.evaluate(sections))[map]?.frames ?? 0) <= stopped + 2, 'it goes on');
  await host.does(`turn ${sender} ${DIRECTION.sendonly}`);
  await host.until(EVENT.needed, 4);
  await hostOffers(both);
  assert.equal(await direction(), 'recvonly');
  await shows(page, 'map', BLUE);
  await advancing(page, [first, map]);

  // A page that asks for one more gets what waits.
  await host.sender('track 1 -');
  await host.until(EVENT.needed, 5);
  await page.evaluate(() => { window.pc.addTransceiver('video', { direction: 'recvonly' }); });
  await pageOffers(both);
  await shows(page, 'rendercast-video-4', GREEN);
  await advancing(page, [first, map, await page.evaluate(midOf, 'rendercast-video-4')]);

  await host.does(`untrack ${sender}`);
  await host.until(EVENT.needed, 6);
  await hostOffers(both);
  assert.deepEqual(await streams(page), ['rendercast-video', 'rendercast-video-4']);
  await advancing(page, [first]);
  await shows(page, 'rendercast-video-4', GREEN);
  const after = await page.evaluate(sections);
  assert.equal(after[first].ssrc, ssrcs[first].ssrc);
  assert.equal(after[first].lost, 0);
  const senders = (await host.json('transceivers')).map(({ sender: of, source }) => [of, source]);
  assert.deepEqual(senders.filter(([of]) => of === 4), [[4, 1]], JSON.stringify(senders));
});

test('the first picture and the sound stop by agreement, and come back', { timeout: 120_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  await hostOffers(both);
  await playing(page);
  const energy = async () => (await page.evaluate(inbound)).audioEnergy;
  await host.does('untrack 1');
  await host.until(EVENT.needed, 2);
  await hostOffers(both);
  await host.does(`turn 2 ${DIRECTION.inactive}`);
  await host.until(EVENT.needed, 3);
  await hostOffers(both);
  const states = (await host.json('transceivers')).map(({ sender, currentDirection }) => [sender, currentDirection]);
  assert.deepEqual(states, [[1, 'inactive'], [2, 'inactive']]);
  assert.deepEqual(await streams(page), []);
  await host.does(`turn 1 ${DIRECTION.sendonly}`);
  await host.does(`turn 2 ${DIRECTION.sendonly}`);
  await host.until(EVENT.needed, 4);
  await hostOffers(both);
  await playing(page);
  await expectPatches(page);
  const before = await energy();
  await until(async () => await energy() > before, 'no sound comes back');
});

/** Installed before any page script: each track that comes is shown in one more element. */
const showEach = () => {
  window.connections = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
      this.addEventListener('track', ({ track, streams: [stream] }) => {
        if (track.kind !== 'video') return;
        const element = document.createElement('video');
        element.muted = element.autoplay = true;
        element.dataset.stream = stream?.id ?? '';
        element.srcObject = new MediaStream([track]);
        document.body.append(element);
        stream?.addEventListener('removetrack', (event) => event.track === track && element.remove());
      });
    }
  };
};

test('a viewer that the library negotiates with is shown another picture beside the first, and loses it again', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-tracks-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'config.json');
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 }, server: { address: '127.0.0.1:0' },
  }));
  const host = new Host([json]);
  t.after(() => host.stop());
  await host.does('views 2');
  const link = (await host.say('link')).replace('LINK ', '');
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await chromium.page();
  await page.addInitScript(showEach);
  await page.goto(link);
  await playing(page);
  assert.match(await host.say('first'), /^CREATED [1-9]/);
  const first = await page.evaluate(() => window.connections[0].getTransceivers().find((one) => one.receiver.track.kind === 'video').mid);
  const sender = await host.sender('track 1 map');
  await shows(page, 'map', GREEN);
  const map = await page.evaluate(midOf, 'map');
  await advancing(page, [first, map]);
  await host.does(`untrack ${sender}`);
  await until(async () => !(await streams(page)).includes('map'), 'its stream goes on');
  await advancing(page, [first]);
  assert.equal((await page.evaluate(sections))[first].lost, 0);
  assert.equal(await page.evaluate(() => window.connections.length), 1);
});
