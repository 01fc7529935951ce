// A page is asked for its camera by a section of the host's (rendercast_peer_add_transceiver): its pictures reach the host that polls, stop
// and come back as either side turns the section, and the host is told each time.

import assert from 'node:assert/strict';
import test from 'node:test';
import { DEVICES, ownCamera, playing, until } from './harness.mjs';
import { EVENT, hostOffers, pageOffers, scene } from './peer-host.mjs';

const VIDEO = 2;
const DIRECTION = { sendonly: 1, inactive: 2, recvonly: 3 };
const CONFIG = {
  video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
  peer: { receive: { video: true } },
};
/** Of the camera's picture, in hundredths: near the bottom left nothing moves. */
const PLACE = [6, 90];

/** Runs in the page: its camera goes into the last section. */
const sendCamera = async () => {
  window.camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
  const transceiver = window.pc.getTransceivers().at(-1);
  transceiver.direction = 'sendonly';
  await transceiver.sender.replaceTrack(window.camera.getVideoTracks()[0]);
};
const turn = (direction) => { window.pc.getTransceivers().at(-1).direction = direction; };
const direction = (page) => page.evaluate(() => window.pc.getTransceivers().at(-1).currentDirection);

/** The last picture that the host has polled. */
async function camera(host) {
  const line = await host.say(`camera ${PLACE.join(' ')}`);
  const [count, width, height, ...colour] = line.replace('CAMERA ', '').split(' ').map(Number);
  return { count, width, height, colour };
}

/** Waits until the host has more pictures, the last of them of the camera's colour. */
async function arrives({ host, page }) {
  const want = await page.evaluate(ownCamera, PLACE.map((share) => share / 100));
  const { count } = await camera(host);
  let got;
  await until(async () => {
    got = await camera(host);
    return got.count > count + 10 && got.colour.every((value, i) => Math.abs(value - want[i]) <= 30);
  }, () => `the camera shows ${want}, the host has ${JSON.stringify(got)}`);
  return got;
}

const told = (host, text) => until(() => host.others.includes(text), () => `not told: ${text}`);
const times = (host, text) => host.others.filter((line) => line === text).length;

test('a page that is asked for its camera sends it until either side stops it, and the host is told', { timeout: 180_000 }, async (t) => {
  const both = await scene(t, CONFIG, DEVICES);
  const { host, page } = both;
  await host.does(`turn 1 ${DIRECTION.sendonly}`);
  await hostOffers(both);
  await playing(page);
  assert.equal(host.told(EVENT.track).length, 0, 'nobody has sent yet');

  const sender = await host.sender(`transceiver ${VIDEO} ${DIRECTION.recvonly}`);
  await host.until(EVENT.needed, 2);
  await hostOffers(both, '-', () => page.evaluate(sendCamera));
  assert.equal(await direction(page), 'sendonly');
  await host.until(EVENT.track);
  const first = await arrives(both);
  t.diagnostic(`the camera at the host: ${JSON.stringify(first)}`);
  await told(host, 'receiving started: video');
  const [track] = host.events.filter(({ kind }) => kind === EVENT.track);
  const { mid } = (await host.json('transceivers')).find((one) => one.sender === sender);
  assert.deepEqual([track.state, track.mid], [VIDEO, mid]);
  await playing(page);

  // The page stops it, and sends again.
  await page.evaluate(turn, 'inactive');
  await pageOffers(both);
  await host.until(EVENT.removed);
  await told(host, 'receiving stopped: video');
  const { count } = await camera(host);
  await playing(page);
  assert.equal((await camera(host)).count, count, 'it goes on');
  await page.evaluate(turn, 'sendonly');
  await pageOffers(both);
  await host.until(EVENT.track, 2);
  await arrives(both);

  // The host does, by the section's direction.
  await host.does(`turn ${sender} ${DIRECTION.inactive}`);
  await host.until(EVENT.needed, 3);
  await hostOffers(both);
  assert.equal(await direction(page), 'inactive');
  await host.until(EVENT.removed, 2);
  await until(() => times(host, 'receiving stopped: video') === 2, 'it is not told that it stopped');
  await host.does(`turn ${sender} ${DIRECTION.recvonly}`);
  await host.until(EVENT.needed, 4);
  await hostOffers(both);
  assert.equal(await direction(page), 'sendonly');
  await host.until(EVENT.track, 3);
  await arrives(both);

  // The page ends the section for good.
  await page.evaluate(() => window.pc.getTransceivers().at(-1).stop());
  await pageOffers(both);
  await host.until(EVENT.removed, 3);
  const removed = host.events.filter(({ kind }) => kind === EVENT.removed);
  assert.deepEqual(removed.map((event) => [event.state, event.mid]), Array(3).fill([VIDEO, mid]));
  await playing(page);
});
