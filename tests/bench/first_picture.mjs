// Time from the viewer's click to the first picture, by every protocol: through servers of others and through the embedded one.
// The click is the navigation to the page; where a page brings a camera, starting that is in it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVICES, Program, browser } from '../browser/harness.mjs';
import { forwarder, relay, star } from '../browser/meeting.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const CHROMIUM = ['--disable-features=WebRtcHideLocalIpsWithMdns', ...DEVICES];
const PRIVATE = '12345';

/** A host with this part of the configuration. `ready`: the line that tells that viewers may come. */
async function host(part, ready) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-first-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ video: { fps: 30, start_bitrate_kbps: 4000, max_bitrate_kbps: 4000 }, server: { enabled: false }, ...part }));
  const program = new Program(HOST, ['--json', file, '--size', '1280x720', '--fps', '30', '--seconds', '300']);
  const match = await program.line(ready);
  return { match, async stop() { await program.stop(); rmSync(folder, { recursive: true, force: true }); } };
}

/** Runs in the page, before its own scripts. */
const watch = () => {
  const find = () => {
    const video = document.getElementById('remote') ?? document.querySelector('video');
    if (video) video.requestVideoFrameCallback(() => { window.firstPicture = performance.now(); });
    else requestAnimationFrame(find);
  };
  find();
};

async function open(chromium, url) {
  const page = await chromium.page();
  await page.addInitScript(watch);
  await page.goto(url);
  return page;
}

/** Since the click; with `since`, a time of `Date.now`, since then. */
async function picture(page, since) {
  await page.waitForFunction(() => window.firstPicture, null, { timeout: 60_000 });
  const { at, origin } = await page.evaluate(() => ({ at: window.firstPicture, origin: performance.timeOrigin }));
  return since === undefined ? at : origin + at - since;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `meet()` gives the server; `signaling(server)` the host's configuration; `page(server, round)` the address to open. */
async function external(name, rounds, { meet, signaling, page, ready = /signaling ready/, again = false }) {
  const server = await meet();
  const chromium = await browser({ args: CHROMIUM });
  const values = [];
  let own = again ? null : await host({ signaling: signaling(server) }, ready);
  try {
    for (let round = 0; round < rounds; round++) {
      // Where one page is served at a time, each has a host of its own: that the last one has gone is known only after a while.
      own ??= await host({ signaling: signaling(server) }, ready);
      // A host is met at any moment of what it repeats every 5 s.
      await pause(1_200 + round * 570);
      const here = await open(chromium, page(server, round));
      values.push(await picture(here));
      await here.close();
      if (again) {
        await own.stop();
        own = null;
      }
    }
  } finally {
    await chromium.close();
    await own?.stop();
    await server.stop();
  }
  return [`first picture after the click, ${name}`, values];
}

/** A page that is there before the host: since the host has joined. */
async function pageFirst(rounds) {
  const server = await urs(['--web-socket', '--private']);
  const chromium = await browser({ args: CHROMIUM });
  const values = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const id = `${PRIVATE}${round}`;
      const page = await open(chromium, `${server.pages}/socket.html?connection=${id}`);
      await pause(500 + round * 570);
      const own = await host({ signaling: { url: server.url, connection_id: id } }, /signaling ready/);
      values.push(await picture(page, Date.now()));
      await own.stop();
      await page.close();
    }
  } finally {
    await chromium.close();
    await server.stop();
  }
  return ['first picture after the host has joined, WebSocket private, a page that was there before', values];
}

/** `pages(link, from, round)` gives the address to open; the pages come from another server. */
async function embedded(name, rounds, server, pages) {
  const own = await host({ server: { address: '127.0.0.1:0', ...server } }, /LINK (\S+)/);
  const from = await relay();
  const chromium = await browser({ args: CHROMIUM });
  const values = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const page = await open(chromium, pages(own.match[1], from.pages, round));
      values.push(await picture(page));
      await page.close();
      await pause(200);
    }
  } finally {
    await chromium.close();
    await from.stop();
    await own.stop();
  }
  return [`first picture after the click, embedded server, ${name}`, values];
}

async function urs(options) {
  const program = new Program(URS, ['--port', '0', '--static', 'tests/browser/pages', ...options]);
  const [, port] = await program.line(/:(\d+)/);
  return { url: `http://127.0.0.1:${port}`, pages: `http://127.0.0.1:${port}`, stop: () => program.stop() };
}

const at = (link, path) => `at=${encodeURIComponent(new URL(path, link.replace(/^http/, 'ws')).href.replace(/\/$/, ''))}`;

/** Gives pairs of a name and times in ms. */
export async function* firstPictures(rounds = 8) {
  yield external('WebSocket public', rounds, {
    meet: () => urs(['--web-socket']),
    signaling: ({ url }) => ({ url }),
    page: ({ pages }) => `${pages}/socket.html`,
  });
  yield external('WebSocket private', rounds, {
    meet: () => urs(['--web-socket', '--private']),
    signaling: ({ url }) => ({ url, connection_id: PRIVATE }),
    page: ({ pages }) => `${pages}/socket.html?connection=${PRIVATE}`,
    again: true,
  });
  yield pageFirst(rounds);
  yield external('relay, a page that offers its camera', rounds, {
    meet: relay,
    signaling: ({ url }) => ({ url, protocol: 'relay' }),
    page: ({ pages }) => `${pages}/relay-sender.html`,
  });
  yield external('description, a page that offers its camera', rounds, {
    meet: star,
    signaling: ({ url }) => ({ url, protocol: 'description' }),
    page: ({ pages }) => `${pages}/description.html?start`,
  });
  yield external('call, a page that asks', rounds, {
    meet: forwarder,
    signaling: ({ url }) => ({ url, protocol: 'call' }),
    page: ({ pages }, round) => `${pages}/call.html?name=ann${round}&call=rendercast`,
  });
  yield embedded('private', rounds, { mode: 'private' }, (link, from, round) => `${from}/socket.html?${at(link, '/')}&connection=c${round}`);
  yield embedded('/relay, a page that offers its camera', rounds, {}, (link, from) => `${from}/relay-sender.html?${at(link, '/relay')}`);
  yield embedded('/relay, a page that waits', rounds, {}, (link, from) => `${from}/relay-receiver.html?${at(link, '/relay?offer=host')}`);
  yield embedded('/call, a page that asks', rounds, {}, (link, from, round) => `${from}/call.html?${at(link, '/call')}&name=ann${round}&call=rendercast`);
}
