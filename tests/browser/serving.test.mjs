// The embedded server's protocols, each with the pages that speak it, which come from another server as they do in life.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { DEVICES, Program, browser, expectPatches, inbound, keepConnections, playing } from './harness.mjs';
import { relay } from './meeting.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

/** A host with its own server only, a browser with a camera, and the pages. */
async function scene(t, server = {}, { args = [], options = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-serving-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'config.json');
  const own = typeof server === 'function' ? server(folder) : server;
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
    server: { address: '127.0.0.1:0', ...own },
  }));
  const host = new Program(HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--seconds', '150', ...options]);
  t.after(() => host.stop());
  const pages = await relay();
  t.after(() => pages.stop());
  const chromium = await browser({ args: [...DEVICES, ...args] });
  t.after(() => chromium.close());
  const [, link] = await host.line(/LINK (\S+)/);
  const visit = async (url) => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(url);
    return page;
  };
  /** A page of the tests that finds its server at this path of ours. */
  const open = (page, path, query = '') => {
    const at = new URL(path, page.startsWith('newest') ? link : link.replace(/^http/, 'ws'));
    return visit(`${pages.pages}/${page}?at=${encodeURIComponent(at.href.replace(/\/$/, ''))}${query}`);
  };
  return { host, link, visit, open };
}

const plays = async (page) => {
  await playing(page);
  await expectPatches(page);
};
const tellFirstFrame = async (t, page) => t.diagnostic(`first picture after ${Math.round(await page.evaluate(() => window.firstFrameMs))} ms`);
const hasChannel = (page) => page.waitForFunction(() => window.channel.readyState === 'open', null, { timeout: 10_000 });

test('/relay: pages that send, and one that waits, play and do not hear each other', { timeout: 120_000 }, async (t) => {
  const { host, open } = await scene(t);
  const first = await open('relay-sender.html', '/relay');
  await plays(first);
  const second = await open('relay-sender.html', '/relay');
  await plays(second);
  await tellFirstFrame(t, second);
  assert.deepEqual(await first.evaluate(() => window.errors), [], 'no answer to the other page');
  const waits = await open('relay-receiver.html', '/relay?offer=host');
  await plays(waits);
  await tellFirstFrame(t, waits);
  await first.reload();
  await plays(first);
  await playing(second);
  await host.line(/viewer disconnected/, 20);
  assert.equal(host.lines.filter((line) => /viewer connected/.test(line)).length, 4);
});

test('/call: users who ask, who offer, and who are asked play', { timeout: 120_000 }, async (t) => {
  const { host, open } = await scene(t);
  const asks = await open('call.html', '/call', '&name=ann&call=rendercast');
  await plays(asks);
  await tellFirstFrame(t, asks);
  const offers = await open('call.html', '/call', '&name=bob&offer=rendercast&object');
  await plays(offers);
  const asked = await open('call.html', '/call?request=host', '&name=cat');
  await plays(asked);
  assert.deepEqual((await asked.evaluate(() => window.heard)).slice(0, 2), ['StartStreaming', 'Answer']);
  await asks.evaluate(() => window.hangUp());
  await host.line(/viewer disconnected .*the viewer left/, 15);
  await playing(offers);
});

for (const decline of [false, true]) {
  test(`/call: the host is asked and ${decline ? 'declines' : 'accepts'}`, { timeout: 90_000 }, async (t) => {
    const options = decline ? ['--decline'] : [];
    const { host, open } = await scene(t, { answer_calls: 'ask' }, { options });
    const page = await open('call.html', '/call', '&name=ann&call=rendercast');
    await host.line(/call requested: ann$/, 15);
    if (decline) {
      await page.waitForFunction(() => window.heard.includes('EndCall'), null, { timeout: 10_000 });
      assert.equal(await page.evaluate(() => window.connections.length), 0);
    } else {
      await plays(page);
    }
  });
}

test('/call: the host calls a user who has signed in', { timeout: 90_000 }, async (t) => {
  const { open } = await scene(t, { answer_calls: 'ask' }, { options: ['--call', 'cat'] });
  const page = await open('call.html', '/call', '&name=cat');
  await plays(page);
  assert.deepEqual((await page.evaluate(() => window.heard)).slice(0, 2), ['StartStreaming', 'Answer']);
});

test('private mode over a WebSocket: pages that offer keep their channel, pages that wait are offered to', { timeout: 120_000 }, async (t) => {
  const { open } = await scene(t, { mode: 'private' });
  const offers = await open('socket.html', '/', '&connection=12345');
  await plays(offers);
  await hasChannel(offers);
  await tellFirstFrame(t, offers);
  const waits = await open('socket.html', '/', '&connection=54321&waits=1');
  await plays(waits);
  await tellFirstFrame(t, waits);
  const third = await open('socket.html', '/', '&connection=12345');
  await third.waitForFunction(() => window.refused?.includes('already used'), null, { timeout: 10_000 });
  await playing(offers);
});

test('private mode over HTTP: a page that connects, offers and polls plays and keeps its channel', { timeout: 90_000 }, async (t) => {
  const { open } = await scene(t, { mode: 'private' });
  const page = await open('newest.html', '/', '&connection=12345');
  await plays(page);
  await hasChannel(page);
  await tellFirstFrame(t, page);
});

test('rooms: viewers of two rooms play, each connection bears its room, and neither hears the other', { timeout: 120_000 }, async (t) => {
  const { host, link, visit, open } = await scene(t, { max_sessions_per_room: 1, forward_calls: true });
  const blue = await visit(new URL('/room/blue/', link).href);
  await plays(blue);
  await host.line(/viewer connected \(viewer \d+\): .*\/room\/blue\//);
  const red = await open('call.html', '/call/red', '&name=ann&call=rendercast');
  await plays(red);
  await host.line(/viewer connected \(viewer \d+\): .*\/room\/red\//);
  // In a third room nobody of that name can be called.
  const green = await open('call.html', '/call/green', '&name=bob&call=ann');
  await green.waitForFunction(() => window.heard.includes('Error'), null, { timeout: 10_000 });
  assert.deepEqual((await red.evaluate(() => window.heard)).filter((word) => word === 'StartStreaming'), []);
  const full = await open('relay-sender.html', '/relay/red');
  await full.waitForTimeout(2_000);
  assert.equal((await full.evaluate(inbound)).framesDecoded, 0, 'the room is full');
  await playing(blue);
  await playing(red);
});

test('TLS: the page over https and pages over wss play', { timeout: 120_000 }, async (t) => {
  const secured = (folder) => {
    const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    return { certificate_file: certificate, private_key_file: key, token: 'correct horse' };
  };
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
  } catch {
    t.diagnostic('SKIPPED: no openssl here: nothing was played over TLS');
    t.skip('no openssl');
    return;
  }
  const { link, visit, open } = await scene(t, secured, { args: ['--ignore-certificate-errors'] });
  assert.match(link, /^https:.*token=/);
  const page = await visit(link);
  await plays(page);
  const asks = await open('call.html', '/call?token=correct%20horse', '&name=ann&call=rendercast');
  await plays(asks);
  const sends = await open('relay-sender.html', '/relay?token=correct%20horse');
  await plays(sends);
});
