// Signaling that the host carries itself, with a protocol of its own: here lines between a C host and this program, which hands
// them on to a page with a plain RTCPeerConnection.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, expectPatches, keepConnections, playing } from './harness.mjs';
import { relay } from './meeting.mjs';

const HOST = process.env.RENDERCAST_SIGNAL_HOST;
const KINDS = { offer: 1, answer: 2, candidate: 3, disconnect: 4, invite: 5 };
const NAMES = Object.fromEntries(Object.entries(KINDS).map(([name, number]) => [number, name]));
const ONE_STREAM = 2;

/** The host, and pages that talk to it. */
async function scene(t, signaling) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-hosted-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'config.json');
  writeFileSync(json, JSON.stringify({
    video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
    server: { enabled: false },
    signaling,
  }));
  const host = new Program(HOST, [json], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => host.stop());
  await host.line(/^READY$/);
  const pages = await relay();
  t.after(() => pages.stop());
  const chromium = await browser();
  t.after(() => chromium.close());

  const hex = (text) => Buffer.from(text).toString('hex') || '-';
  const push = (name, { type, sdp, candidate, mid, line }) => {
    const words = [KINDS[type], ONE_STREAM * (type === 'offer' || type === 'invite'), line ?? 0, name, mid ?? '-', hex(sdp ?? candidate ?? '')];
    host.child.stdin.write(`${words.join(' ')}\n`);
  };
  const told = [];
  const listeners = new Map();
  const take = host.take.bind(host);
  host.take = (text) => {
    take(text);
    const match = text.match(/^SIGNAL (\d+) (\d+) (\S+) (\S+) (\S+)$/);
    if (!match) return;
    const [, kind, line, name, mid, words] = match;
    const type = NAMES[kind];
    const said = words === '-' ? '' : Buffer.from(words, 'hex').toString();
    told.push({ name, type });
    listeners.get(name)?.({ type, sdp: said, candidate: said, mid: mid === '-' ? undefined : mid, line: Number(line) });
  };
  const open = async (name, query = '') => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.exposeFunction('tell', (message) => push(name, message));
    // One after the other, in the order they came.
    let work = Promise.resolve();
    listeners.set(name, (message) => {
      if (message.type !== 'disconnect') work = work.then(() => page.evaluate((m) => window.hear(m), message)).catch(() => {});
    });
    await page.goto(`${pages.pages}/plain.html${query}`);
    return page;
  };
  return { host, open, push, told };
}

for (const trickle of [true, false]) {
  test(`a host that carries signaling itself, ${trickle ? 'candidate by candidate' : 'one description each way'}`, { timeout: 120_000 }, async (t) => {
    const { host, open, push, told } = await scene(t, { trickle });
    const query = `?trickle=${trickle}`;
    const offers = await open('offers', query);
    await offers.evaluate(() => window.offer());
    await playing(offers);
    await expectPatches(offers);
    await offers.waitForFunction(() => window.channel.readyState === 'open', null, { timeout: 10_000 });
    const waits = await open('waits', query);
    push('waits', { type: 'invite' });
    await playing(waits);
    await expectPatches(waits);
    await playing(offers);
    for (const page of [offers, waits]) {
      const { candidate } = await page.evaluate(() => window.heard);
      assert.ok(trickle ? candidate > 0 : candidate === 0, `${candidate} candidates came alone`);
    }
    const before = host.lines.length;
    push('offers', { type: 'disconnect' });
    await host.lineAfter(before, /viewer disconnected/, 10);
    await playing(waits);
    assert.ok(told.some(({ name, type }) => name === 'offers' && type === 'answer'));
    assert.ok(told.some(({ name, type }) => name === 'waits' && type === 'offer'));
  });
}
