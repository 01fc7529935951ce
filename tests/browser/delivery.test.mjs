// How media is delivered: what Chromium reads from our packets' extensions, and what it repairs by what we send beside them.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { Program, browser, expectPatches, expectSound, keepConnections, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;

/** A page of this generation that plays what a host with this `peer` configuration streams. */
async function scene(generation, peer, body) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-delivery-'));
  const server = new Program(URS, ['--port', '0', '--generation', String(generation), '--static', 'tests/browser/pages']);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const json = join(folder, 'config.json');
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
    peer,
    signaling: { url },
    server: { address: '127.0.0.1:0' },
  }));
  const host = new Program(HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--seconds', '120']);
  const chromium = await browser();
  try {
    await host.line(/Unity Render Streaming server/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(`${url}/${generation === 1 ? 'gen1' : 'newest'}.html?poll=100`);
    await playing(page);
    await expectPatches(page);
    await expectSound(page);
    await body(page);
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs in the page: the inbound statistics of one kind. */
const received = async (kind) => {
  for (const pc of window.connections) {
    for (const s of (await pc.getStats()).values()) {
      if (s.type === 'inbound-rtp' && s.kind === kind) return s;
    }
  }
  return {};
};

/** Runs in the page: what Chromium took from the extensions of the last frames. */
const sources = () => window.connections.flatMap((pc) => pc.getReceivers())
  .filter(({ track }) => track.kind === 'video').flatMap((receiver) => receiver.getSynchronizationSources())
  .map(({ captureTimestamp, senderCaptureTimeOffset, timestamp }) => ({ captureTimestamp, senderCaptureTimeOffset, timestamp }));

/** Runs in the page: the numbers and names that both sides agreed on. */
const agreed = () => window.connections.map(({ localDescription, remoteDescription }) =>
  ({ local: localDescription.sdp, remote: remoteDescription.sdp }));

test('Chromium reads when a frame was captured, encoded and sent', async (t) => {
  // The newest generation answers our offer, which may name extensions that Chromium does not offer by itself.
  await scene(5, {}, async (page) => {
    let timing;
    await until(async () => {
      timing = (await page.evaluate(received, 'video')).googTimingFrameInfo?.split(',').map(Number);
      return timing?.length > 5;
    }, 'no timing of a frame');
    t.diagnostic(`googTimingFrameInfo ${timing}`);
    // RTP timestamp, capture, encode start, encode finish, packetization finish, pacer exit, ...
    const [, capture, ...ways] = timing;
    const [encodeStart, encodeFinish, packetized, left] = ways;
    assert.ok(capture <= encodeStart && encodeStart <= encodeFinish && encodeFinish <= packetized && packetized <= left, `${timing}`);
    assert.ok(left - capture < 1_000, `${timing}`);
    const { remote } = (await page.evaluate(agreed))[0];
    for (const name of ['abs-send-time', 'playout-delay', 'video-timing', 'transport-wide-cc']) assert.match(remote, new RegExp(name));
    assert.doesNotMatch(remote, /color-space/);
    const { local } = (await page.evaluate(agreed))[0];
    if (/abs-capture-time/.test(local)) {
      let source;
      await until(async () => (source = (await page.evaluate(sources))[0])?.captureTimestamp, () => `no capture time: ${JSON.stringify(source)}`);
      t.diagnostic(`captured ${source.captureTimestamp}, shown ${source.timestamp}`);
    } else {
      t.diagnostic('SKIPPED: this Chromium does not agree to abs-capture-time');
    }
  });
});

for (const generation of [1, 5]) {
  test(`a protected stream comes with repair packets that Chromium takes, generation ${generation}`, async (t) => {
    await scene(generation, { protection: 'always' }, async (page) => {
      // Copies of sound that came twice are counted as packets discarded.
      let video;
      let audio;
      await until(async () => {
        [video, audio] = [await page.evaluate(received, 'video'), await page.evaluate(received, 'audio')];
        return video.fecPacketsReceived > 20 && audio.packetsDiscarded > 50;
      }, () => `repair packets: ${video.fecPacketsReceived} of video, copies of sound: ${audio.packetsDiscarded}`);
      t.diagnostic(`video: ${video.fecPacketsReceived} repair of ${video.packetsReceived} packets, ${video.freezeCount} freezes; `
        + `sound: ${audio.packetsReceived} packets, ${audio.packetsDiscarded} copies not needed`);
      assert.ok(audio.totalAudioEnergy > 0);
      await playing(page);
      await expectPatches(page);
    });
  });
}

test('a viewer is not sent what its path does not need', async () => {
  await scene(5, {}, async (page) => {
    const [video, audio] = [await page.evaluate(received, 'video'), await page.evaluate(received, 'audio')];
    assert.equal(video.fecPacketsReceived ?? 0, 0);
    assert.ok(audio.packetsDiscarded < audio.packetsReceived / 2, `${audio.packetsDiscarded} of ${audio.packetsReceived}`);
  });
});

test('what is lost comes back without being asked for, when nothing sent again arrives', async (t) => {
  const lossy = 'tests/browser/lossy.sh';
  const trial = spawnSync(lossy, ['true'], { encoding: 'utf8' });
  if (trial.status !== 0) {
    t.diagnostic(`SKIPPED: no network namespace that loses packets can be made here: ${trial.stderr ?? trial.error}`);
    t.skip('no network namespace');
    return;
  }
  const { stdout } = await promisify(execFile)(lossy, [process.execPath, 'tests/browser/loss.mjs', '{"protection":"always"}', '3', '15']);
  const { video, audio } = JSON.parse(stdout);
  t.diagnostic(stdout.trim());
  assert.ok(video.packetsLost >= 5 && audio.packetsLost >= 5, 'too little was lost to tell anything');
  assert.equal(video.retransmittedPacketsReceived, 0, 'a retransmission arrived');
  // A frame that stays incomplete is answered by a request for a keyframe.
  assert.ok(video.pliCount <= video.packetsLost / 4, `${video.pliCount} keyframes for ${video.packetsLost} lost packets`);
  // Each packet brings one copy; what is not discarded was of use.
  const used = audio.packetsReceived - audio.packetsDiscarded;
  assert.ok(used >= audio.packetsLost / 2, `${used} copies used for ${audio.packetsLost} lost packets`);
});
