// What goes wrong in real life: reloads, hosts and servers that restart, links that are not valid.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, expectPatches, keepConnections, ownAddress, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const SMALL = ['--size', '320x180', '--fps', '30', '--bitrate', '500', '--seconds', '120'];
const CONNECTED = /viewer connected \(viewer (\d+)\):/;
const state = (wanted) => window.rendercast.state === wanted;

async function open(chromium, link) {
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.goto(link);
  return page;
}

test('a reload ends the old viewer and plays as a new one', async () => {
  const host = new Program(HOST, [...SMALL, '--port', '0']);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await open(chromium, link);
    await playing(page);
    const [, old] = await host.line(CONNECTED);
    const before = host.lines.length;
    await page.reload();
    await host.lineAfter(before, new RegExp(`viewer disconnected \\(viewer ${old}\\): .+`), 10);
    const [, next] = await host.lineAfter(before, CONNECTED, 10);
    assert.notEqual(next, old);
    await playing(page);
    await expectPatches(page);
  } finally {
    await chromium.close();
    await host.stop();
  }
});

test('the demo page comes back by itself when the host is killed and started again', async () => {
  let host = new Program(HOST, [...SMALL, '--port', '0']);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await open(chromium, link);
    await page.waitForFunction(state, 'playing');
    await host.stop('SIGKILL');
    await page.waitForFunction(state, 'trouble', { timeout: 10_000 });
    await page.screenshot({ path: join(artifacts, 'host-gone.png') });
    assert.match(await page.locator('#title').innerText(), /server|host|connection/i);
    host = new Program(HOST, [...SMALL, '--port', new URL(link).port]);
    await page.waitForFunction(state, 'playing', { timeout: 20_000 });
    await playing(page);
    await expectPatches(page);
  } finally {
    await chromium.close();
    await host.stop();
  }
});

test('a viewer plays on while the external signaling server restarts, and a new one can join after', async () => {
  const start = (port) => new Program(URS, ['--port', String(port), '--generation', '5', '--static', 'tests/browser/pages']);
  let server = start(0);
  const [, port] = await server.line(/:(\d+)/);
  const link = `http://127.0.0.1:${port}/newest.html?poll=100`;
  const host = new Program(HOST, [...SMALL, '--url', `http://127.0.0.1:${port}`, '--port', '0']);
  const chromium = await browser();
  try {
    await host.line(/Unity Render Streaming server/);
    const page = await open(chromium, link);
    await playing(page);
    const before = host.lines.length;
    await server.stop('SIGKILL');
    await host.lineAfter(before, /signaling trouble: .+/, 20); // said in words, once the host has noticed
    await playing(page);
    server = start(port);
    await host.lineAfter(before, /signaling ready: .+/, 30);
    const late = await open(chromium, link);
    await playing(late);
    await expectPatches(late);
    await playing(page);
    assert.ok(!host.lines.slice(before).some((line) => /viewer disconnected/.test(line)), host.tail());
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
  }
});

test('a link without a valid token is refused in words, at the door and on an open page', async () => {
  const address = ownAddress();
  const start = (port) => new Program(HOST, [...SMALL, '--address', address, '--port', port]);
  let host = start('0');
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const wrong = await open(chromium, link.replace(/token=.*/, 'token=wrong'));
    assert.match(await wrong.locator('body').innerText(), /not this stream's token/);
    const page = await open(chromium, link);
    await page.waitForFunction(state, 'playing');
    // The host that comes back has made a new token: the old link is worth nothing any more.
    await host.stop();
    host = start(new URL(link).port);
    await host.line(/LINK (\S+)/);
    await page.waitForFunction(() => window.rendercast.trouble === 'token', null, { timeout: 20_000 });
    assert.match(await page.locator('#title').innerText(), /link is not valid/);
    assert.match(await page.locator('#detail').innerText(), /token/);
    assert.equal(await page.evaluate(() => window.rendercast.retrying), false, 'asking again helps nobody');
    await page.screenshot({ path: join(artifacts, 'token.png') });
  } finally {
    await chromium.close();
    await host.stop();
  }
});
