// The plain protocols over a WebSocket, as pages and servers of tutorials speak them: a relay, a channel of descriptions and
// candidates, and calls between users.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { DEVICES, Program, browser, expectPatches, inbound, keepConnections, playing, until } from './harness.mjs';
import { forwarder, relay, star } from './meeting.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

/** A host at this server and a browser with a camera. */
async function scene(t, server, signaling, options = []) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-calls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  t.after(() => server.stop());
  const json = join(folder, 'config.json');
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
    server: { enabled: false },
    signaling: { url: server.url, ...signaling },
  }));
  const host = new Program(HOST, ['--json', json, '--size', '640x360', '--fps', '30', '--seconds', '150', ...options]);
  t.after(() => host.stop());
  const chromium = await browser({ args: DEVICES });
  t.after(() => chromium.close());
  await host.line(/signaling ready/);
  const open = async (path) => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(`${server.pages}/${path}`);
    return page;
  };
  return { host, open };
}

const decoded = async (page) => (await page.evaluate(inbound)).framesDecoded;

/** Which ways the media of the page's last connection go. */
const directions = (page) => page.evaluate(() => window.connections.at(-1).getTransceivers().map(({ currentDirection }) => currentDirection));

/** How long after its loading began the page showed a picture. */
const tellFirstFrame = async (t, page) => t.diagnostic(`first picture after ${Math.round(await page.evaluate(() => window.firstFrameMs))} ms`);

const THREE_FIELDS = ['type', 'sdp', 'ice'];

for (const fields of [undefined, THREE_FIELDS]) {
  test(`relay${fields ? ' of three fields' : ''}: pages that offer their camera play, each for itself`, { timeout: 120_000 }, async (t) => {
    const { host, open } = await scene(t, await relay({ fields }), { protocol: 'relay' });
    const first = await open('relay-sender.html');
    await playing(first);
    await expectPatches(first);
    const second = await open('relay-sender.html');
    await playing(second);
    await tellFirstFrame(t, second);
    await playing(first);
    assert.deepEqual(await first.evaluate(() => window.errors), ['InvalidStateError'], 'the answer to the other page');
    await first.reload();
    await playing(first);
    await playing(second);
    assert.equal(host.lines.filter((line) => /viewer connected/.test(line)).length, 3);
  });
}

test('relay: a page that waits is offered to, another does not disturb it, and a reload plays again', { timeout: 150_000 }, async (t) => {
  const { open } = await scene(t, await relay({ fields: THREE_FIELDS }), { protocol: 'relay', offer: 'first' });
  const first = await open('relay-receiver.html');
  await playing(first);
  await expectPatches(first);
  const second = await open('relay-receiver.html');
  await second.waitForTimeout(6_000);
  assert.equal(await second.evaluate(() => window.offers), 0, 'one page at a time');
  await playing(first);
  await second.close();
  await first.reload();
  await playing(first);
  await expectPatches(first);
});

test('relay: a page that offers although the host begins plays', { timeout: 90_000 }, async (t) => {
  const { open } = await scene(t, await relay(), { protocol: 'relay', offer: 'first' });
  const page = await open('relay-sender.html');
  await playing(page);
  await expectPatches(page);
});

test('description: a page that offers its camera plays, and so does the next', { timeout: 120_000 }, async (t) => {
  const { open } = await scene(t, await star(), { protocol: 'description' });
  const first = await open('description.html?start');
  await playing(first);
  await expectPatches(first);
  const ways = await directions(first);
  assert.ok(ways.length === 2 && ways.every((way) => ['sendrecv', 'recvonly'].includes(way)), `${ways}`);
  const second = await open('description.html?start');
  await playing(second);
  await tellFirstFrame(t, second);
  await playing(first);
  await second.reload();
  await playing(second);
  assert.equal(await first.evaluate(() => window.offers), 1);
});

test('description: a page that waits is offered to and answers with its camera', { timeout: 90_000 }, async (t) => {
  const { open } = await scene(t, await relay(), { protocol: 'description', offer: 'first' });
  const page = await open('description.html');
  await playing(page);
  await expectPatches(page);
  t.diagnostic(`directions: ${await directions(page)}; errors: ${await page.evaluate(() => window.errors)}`);
  await page.reload();
  await playing(page);
});

for (const polite of [false, true]) {
  test(`description: both offer at once, and the ${polite ? 'host' : 'page'} yields`, { timeout: 90_000 }, async (t) => {
    const server = await relay();
    const { open } = await scene(t, server, { protocol: 'description', offer: 'first', polite });
    const page = await open('description.html?start');
    await playing(page);
    await expectPatches(page);
    const offers = server.messages.map((text) => JSON.parse(text).desc).filter((desc) => desc?.type === 'offer');
    assert.ok(new Set(offers.map(({ sdp }) => sdp)).size >= 2, 'both have offered');
    t.diagnostic(`errors: ${await page.evaluate(() => window.errors)}`);
  });
}

test('call: users who ask, who offer, and who are called play', { timeout: 150_000 }, async (t) => {
  const { host, open } = await scene(t, await forwarder(), { protocol: 'call' }, ['--call', 'cat']);
  const asks = await open('call.html?name=ann&call=rendercast');
  await playing(asks);
  await expectPatches(asks);
  const offers = await open('call.html?name=bob&offer=rendercast&object');
  await playing(offers);
  await expectPatches(offers);
  await tellFirstFrame(t, offers);
  await asks.reload();
  await playing(asks);
  await tellFirstFrame(t, asks);
  await playing(offers);
  await asks.evaluate(() => window.hangUp());
  await host.line(/viewer disconnected .*the viewer left/, 15);
  await playing(offers);
});

test('call: a user whom the host calls accepts by an offer', { timeout: 90_000 }, async (t) => {
  const server = await forwarder();
  // The page is there first: a request to nobody is lost.
  const chromium = await browser({ args: DEVICES });
  t.after(() => chromium.close());
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.goto(`${server.pages}/call.html?name=cat`);
  await until(() => server.messages.length > 0, 'the page does not sign in');
  const { host } = await scene(t, server, { protocol: 'call', user_name: 'stage' }, ['--call', 'cat']);
  await playing(page);
  await expectPatches(page);
  assert.deepEqual((await page.evaluate(() => window.heard)).slice(0, 2), ['StartStreaming', 'Answer']);
  await host.stop('SIGINT');
  await page.waitForFunction(() => window.heard.includes('EndCall'), null, { timeout: 10_000 });
});

for (const decline of [false, true]) {
  test(`call: the host is asked and ${decline ? 'declines' : 'accepts'}`, { timeout: 90_000 }, async (t) => {
    const { host, open } = await scene(t, await forwarder(), { protocol: 'call', answer_calls: 'ask' }, decline ? ['--decline'] : []);
    const page = await open('call.html?name=ann&call=rendercast');
    await host.line(/call requested: ann$/, 15);
    if (decline) {
      await page.waitForFunction(() => window.heard.includes('EndCall'), null, { timeout: 10_000 });
      assert.equal(await page.evaluate(() => window.connections.length), 0);
    } else {
      await playing(page);
      await expectPatches(page);
    }
  });
}

test('call: viewers do not notice that the server goes and comes back', { timeout: 120_000 }, async (t) => {
  const server = await forwarder();
  const { host, open } = await scene(t, server, { protocol: 'call' });
  const first = await open('call.html?name=ann&call=rendercast');
  await playing(first);
  await server.stop();
  await host.line(/signaling trouble/, 15);
  const lines = host.lines.length;
  const before = await decoded(first);
  const again = await forwarder({ port: server.port });
  t.after(() => again.stop());
  await host.lineAfter(lines, /signaling ready/, 15);
  await until(() => again.messages.some((text) => JSON.parse(text).username === 'rendercast'), 'no new SignIn');
  const second = await open('call.html?name=bob&call=rendercast');
  await playing(second);
  assert.ok(await decoded(first) > before, 'the first viewer plays on');
  await playing(first);
});
