// A signaling server that dies, stays away and comes back at the same address, with all it knew forgotten: how long until the host is
// joined again, and what somebody who watches notices meanwhile. node tests/bench/outage.mjs [--json FILE]
// RENDERCAST_BENCH_OUTAGE_SECONDS: for how long it is down, 60 unless told.

import { Program, browser, inbound, keepConnections } from '../browser/harness.mjs';
import { Table } from './table.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const SECONDS = Number(process.env.RENDERCAST_BENCH_OUTAGE_SECONDS ?? 60);
const FPS = 30;
const table = new Table();

/** Runs in the page: counts pictures from now on, and keeps the longest time between two. */
const watch = () => {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0);
  window.watched = { pictures: 0, longest: 0, since: performance.now(), last: performance.now() };
  const onPicture = (now) => {
    const { watched } = window;
    watched.pictures++;
    watched.longest = Math.max(watched.longest, now - watched.last);
    watched.last = now;
    video.requestVideoFrameCallback(onPicture);
  };
  video.requestVideoFrameCallback(onPicture);
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server at this port, 0 for any, and when it listened. */
async function serve(port, options) {
  const program = new Program(URS, ['--port', String(port), '--static', 'tests/browser/pages', ...options]);
  const [, listens] = await program.line(/:(\d+)/);
  return { program, port: Number(listens), at: performance.now() };
}

async function outage(name, options, page) {
  let server = await serve(0, options);
  const url = `http://127.0.0.1:${server.port}`;
  const host = new Program(HOST, ['--size', '1280x720', '--fps', String(FPS), '--bitrate', '2000', '--url', url, '--seconds', String(SECONDS + 120)]);
  const chromium = await browser();
  try {
    await host.line(/signaling ready/);
    const viewer = await chromium.page();
    await viewer.addInitScript(keepConnections);
    await viewer.goto(`${url}/${page}`);
    await viewer.waitForFunction(() => [...document.querySelectorAll('video')].some((v) => v.videoWidth > 0));
    await pause(2000);
    await viewer.evaluate(watch);
    const before = await viewer.evaluate(inbound);
    await server.program.stop('SIGKILL');
    await pause(SECONDS * 1000);
    const lines = host.lines.length;
    server = await serve(server.port, options);
    await host.lineAfter(lines, /signaling ready/);
    table.row(`${name}, down for ${SECONDS} s: from listening again to the host's joining`, 'ms', [performance.now() - server.at]);
    const watched = await viewer.evaluate(() => ({ ...window.watched, now: performance.now() }));
    const after = await viewer.evaluate(inbound);
    table.row(`${name}: pictures a second of who watched meanwhile, of ${FPS}`, '1/s', [1000 * watched.pictures / (watched.now - watched.since)]);
    table.row(`${name}: longest time between two of them`, 'ms', [watched.longest]);
    table.row(`${name}: packets lost`, 'count', [after.packetsLost - before.packetsLost]);
    table.row(`${name}: keyframes`, 'count', [after.keyFrames - before.keyFrames]);
    if (host.lines.some((line) => /viewer disconnected|viewer interrupted/.test(line))) throw new Error(`the viewer was lost\n${host.tail()}`);
    const next = await chromium.page();
    await next.goto(`${url}/${page}`);
    await next.waitForFunction(() => window.firstFrameMs, null, { timeout: 30_000 });
    table.row(`${name}: first picture of who comes after it`, 'ms', [await next.evaluate(() => window.firstFrameMs)]);
  } finally {
    await chromium.close();
    await host.stop();
    await server.program.stop();
  }
}

await outage('signaling server over HTTP', [], 'newest.html');
await outage('signaling server over a WebSocket', ['--web-socket'], 'socket.html');
table.end();
process.exit(0);
