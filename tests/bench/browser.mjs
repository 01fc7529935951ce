// End-to-end latency and time to the first picture, in real Chromium. node tests/bench/browser.mjs [--json FILE]
// RENDERCAST_BENCH_ONLY=protocols: only the first picture by each protocol. RENDERCAST_BENCH_CLICKS: clicks for each of those.
//
// Latency: the host draws its clock into the picture (samples/c-host/scene.h), the page reads it back when the frame is
// presented. Both clocks are this machine's.

import { firstPictures } from './first_picture.mjs';
import { Table } from './table.mjs';
import { Program, browser, inbound, keepConnections, ownAddress } from '../browser/harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const ROUNDS = Number(process.env.RENDERCAST_BENCH_CLICKS ?? 8);
const table = new Table();
const row = (name, unit, values) => table.row(name, unit, values);

/** Runs in the page: for some seconds, how old each picture is when its last packet has arrived and when it is presented, and
 *  how long its decoding took, in ms. */
const ages = (seconds) => new Promise((resolve) => {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0);
  const [block, bits] = [16, 52];
  const canvas = document.createElement('canvas');
  canvas.width = block * bits;
  canvas.height = block;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const out = [];
  const end = performance.now() + seconds * 1000;
  const onFrame = (_, { receiveTime, processingDuration }) => {
    const now = performance.timeOrigin + performance.now();
    context.drawImage(video, 0, 0, canvas.width, block, 0, 0, canvas.width, block);
    const { data } = context.getImageData(0, block / 2, canvas.width, 1);
    const bit = (i) => data[(i * block + block / 2) * 4 + 1] > 127;
    if (bit(0) && !bit(1) && bit(2) && !bit(3)) {
      let stamp = 0;
      for (let i = 4; i < bits; i++) stamp = stamp * 2 + (bit(i) ? 1 : 0);
      const micros = 2 ** 48;
      const age = ((now * 1000 - stamp) % micros + micros) % micros;
      const presented = (age > micros / 2 ? age - micros : age) / 1000;
      const arrived = presented - (now - performance.timeOrigin - receiveTime);
      out.push({ presented, arrived, decoding: 1000 * processingDuration });
    }
    if (performance.now() < end) video.requestVideoFrameCallback(onFrame);
    else resolve(out);
  };
  video.requestVideoFrameCallback(onFrame);
});

/** Several hosts, one after the other: each draws at other moments between two of the screen's, for which a picture waits. */
async function latency(name, { size = '1280x720', fps = 30, bitrate = 4000, encoder, seconds = 4, rounds = 8 } = {}) {
  const args = ['--size', size, '--fps', String(fps), '--bitrate', String(bitrate), '--address', ownAddress(), '--port', '0', '--seconds', '120', '--stamp'];
  if (encoder) args.push('--encoder', encoder);
  const chromium = await browser({ args: ['--disable-features=WebRtcHideLocalIpsWithMdns'] });
  const [pictures, buffers] = [[], []];
  try {
    for (let i = 0; i < rounds; i++) {
      const host = new Program(HOST, args);
      try {
        const [, link] = await host.line(/LINK (\S+)/);
        const page = await chromium.page();
        await page.addInitScript(keepConnections);
        await page.goto(link);
        await page.waitForFunction(() => [...document.querySelectorAll('video')].some((v) => v.videoWidth > 0));
        await page.evaluate(ages, 3); // settle
        pictures.push(...await page.evaluate(ages, seconds));
        const stats = await page.evaluate(inbound);
        buffers.push(stats.jitterBufferMs);
        console.error(`${name}: ${JSON.stringify(stats)}`);
        await page.close();
      } finally {
        await host.stop();
      }
    }
  } finally {
    await chromium.close();
  }
  row(`${name}: end to end`, 'ms', pictures.map(({ presented }) => presented));
  row(`${name}: until its last packet has arrived`, 'ms', pictures.map(({ arrived }) => arrived));
  row(`${name}: decoding`, 'ms', pictures.map(({ decoding }) => decoding));
  row(`${name}: jitter buffer`, 'ms', buffers);
}

/** `plain`: as a person at the same machine opens it, 127.0.0.1 and a Chromium that hides its addresses behind mDNS names. */
async function firstPicture(plain, rounds = 8) {
  const args = ['--size', '1280x720', '--fps', '30', '--bitrate', '4000', '--port', '0', '--seconds', '300'];
  const host = new Program(HOST, plain ? args : [...args, '--address', ownAddress()]);
  const chromium = plain ? await browser({ person: true }) : await browser({ args: ['--disable-features=WebRtcHideLocalIpsWithMdns'] });
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const values = [];
    for (let i = 0; i < rounds; i++) {
      const page = await chromium.page();
      await page.addInitScript(() => {
        const find = () => {
          const video = document.querySelector('video');
          if (video) video.requestVideoFrameCallback(() => { window.firstPicture = performance.now(); });
          else requestAnimationFrame(find);
        };
        find();
      });
      await page.goto(link);
      await page.waitForFunction(() => window.firstPicture, null, { timeout: 30_000 });
      values.push(await page.evaluate(() => window.firstPicture)); // since navigation started: the click
      await page.close();
    }
    row(`first picture after the click, embedded server, ${plain ? '127.0.0.1, mDNS' : 'own address'}`, 'ms', values);
  } finally {
    await chromium.close();
    await host.stop();
  }
}

async function firstPictureExternal(poll, rounds = 8) {
  const server = new Program(URS, ['--port', '0', '--generation', '5', '--static', 'tests/browser/pages']);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const host = new Program(HOST, ['--size', '1280x720', '--fps', '30', '--bitrate', '4000', '--url', url, '--port', '0', '--seconds', '300']);
  const chromium = await browser({ args: ['--disable-features=WebRtcHideLocalIpsWithMdns'] });
  try {
    await host.line(/Unity Render Streaming server/);
    const values = [];
    for (let i = 0; i < rounds; i++) {
      const page = await chromium.page();
      await page.goto(`${url}/newest.html?poll=${poll}`);
      await page.waitForFunction(() => window.firstFrameMs, null, { timeout: 60_000 });
      values.push(await page.evaluate(() => window.firstFrameMs));
      await page.close();
      // The host goes back to its idle poll, and the next visitor comes at any moment of it.
      await new Promise((resolve) => setTimeout(resolve, 3000 + i * 170));
    }
    row(`first picture after the click, external HTTP server, page polls every ${poll} ms`, 'ms', values);
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
  }
}

/** A second viewer, of a stream that another one watches: how long after its DTLS is up it has a picture. */
async function join(rounds = 24) {
  const host = new Program(HOST, ['--size', '1280x720', '--fps', '30', '--bitrate', '4000', '--address', ownAddress(), '--port', '0', '--seconds', '300']);
  const chromium = await browser({ args: ['--disable-features=WebRtcHideLocalIpsWithMdns'] });
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const first = await chromium.page();
    await first.goto(link);
    await first.waitForFunction(() => [...document.querySelectorAll('video')].some((v) => v.videoWidth > 0));
    const [values, decoding] = [[], []];
    for (let i = 0; i < rounds; i++) {
      const page = await chromium.page();
      await page.addInitScript(() => {
        const Native = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Native {
          constructor(...args) {
            super(...args);
            window.connection = this;
            this.addEventListener('connectionstatechange', () => {
              if (this.connectionState === 'connected') window.connectedAt ??= performance.now();
            });
          }
        };
        const find = () => {
          const video = document.querySelector('video');
          if (video) video.requestVideoFrameCallback((_, { presentationTime }) => { window.pictureAt = presentationTime; });
          else requestAnimationFrame(find);
        };
        find();
      });
      await page.goto(link);
      await page.waitForFunction(() => window.pictureAt && window.connectedAt, null, { timeout: 30_000 });
      values.push(await page.evaluate(() => window.pictureAt - window.connectedAt));
      decoding.push(await page.evaluate(async () => {
        const video = [...(await window.connection.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video');
        return 1000 * video.totalDecodeTime / video.framesDecoded;
      }));
      await page.close();
    }
    row('a viewer that joins: picture after DTLS is up', 'ms', values);
    row('a viewer that joins: decoding a picture, of that', 'ms', decoding);
  } finally {
    await chromium.close();
    await host.stop();
  }
}

if (process.env.RENDERCAST_BENCH_ONLY !== 'protocols') {
  await latency('720p30 H.264 4 Mbit/s, Chromium');
  await latency('720p30 openh264 4 Mbit/s, Chromium', { encoder: 'openh264' });
  await firstPicture(false);
  await firstPicture(true);
  await join();
}
for await (const [name, values] of firstPictures(ROUNDS)) {
  row(name, 'ms', values);
  console.error(`${name}: ${values.map(Math.round).join(' ')}`);
}
await firstPictureExternal(1000);
await firstPictureExternal(100);
table.end();
process.exit(0);
