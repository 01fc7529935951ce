// Data channels with every option of W3C's, between Chromium and a host in C: whoever opens and closes them, the other side sees it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { Program, browser, root, until } from './harness.mjs';

const LIBRARY = resolve(root, dirname(process.env.RENDERCAST_C_HOST));
const UNORDERED = 1, MAX_RETRANSMITS = 2, MAX_PACKET_LIFE_TIME = 4, NEGOTIATED = 8, BY_PAGE = 16;
const OPEN = 2, CLOSED = 4;
const OFFER = 1, ANSWER = 2;

const folder = mkdtempSync(join(tmpdir(), 'rendercast-channels-'));
const PROGRAM = join(folder, 'channels-host');
test.before(() => execFileSync('cc', ['-std=c99', '-O1', '-Wall', '-Wextra', '-Werror', '-Iinclude', 'tests/browser/channels.c',
  '-o', PROGRAM, `-L${LIBRARY}`, '-lrendercast', `-Wl,-rpath,${LIBRARY}`], { cwd: root, stdio: 'inherit' }));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The host and one page, whose signaling it carries. */
class Host extends Program {
  constructor() {
    const config = { server: { enabled: false }, signaling: { trickle: false }, video: { codecs: ['h264'] } };
    super(PROGRAM, [JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.told = Promise.resolve();
  }

  take(line) {
    const [word, kind, text] = line.split('\t');
    if (word === 'SIGNAL') this.told = this.told.then(() => this.pass(Number(kind), text.replaceAll('\\r', '\r').replaceAll('\\n', '\n')));
    super.take(line);
  }

  /** What the host has to say to the page. */
  async pass(kind, sdp) {
    if (kind === ANSWER) await this.page.evaluate((sdp) => window.pc.setRemoteDescription({ type: 'answer', sdp }), sdp);
    if (kind === OFFER) await this.say('signal', ANSWER, await this.page.evaluate(describe, sdp));
  }

  /** Orders something, and gives the number that comes back. */
  async say(...words) {
    const from = this.lines.length;
    this.child.stdin.write(`${words.join('\t').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}\n`);
    const [, status, number] = await this.lineAfter(from, new RegExp(`^DONE\t${words[0]}\t(\\w+)\t(\\d+)`));
    assert.equal(status, 'RENDERCAST_OK', words.join(' '));
    return Number(number);
  }

  open(label, { flags = 0, retransmits = 0, life = 0, id = 0, protocol = '' } = {}) {
    return this.say('open', this.viewer, flags, retransmits, life, id, label, protocol);
  }

  async info(channel) {
    const from = this.lines.length;
    await this.say('info', channel);
    const words = (await this.lineAfter(from, /^INFO\t(.*)/))[1].split('\t');
    const [, state, flags, retransmits, life, id, buffered, max] = words.slice(0, 8).map(Number);
    return { state, flags, retransmits, life, id, buffered, max, label: words[8], protocol: words[9] };
  }

  /** The number of the channel of this label that opened, closed or is low. */
  async event(name, label) {
    const [, channel] = await this.line(new RegExp(`^EVENT\tchannel ${name}\t\\d+\t(\\d+)\t${label}$`));
    return Number(channel);
  }
}

/** Runs in the page: its answer to an offer, or its own offer, with every candidate. */
const describe = async (offer) => {
  const { pc } = window;
  if (offer) await pc.setRemoteDescription({ type: 'offer', sdp: offer });
  await pc.setLocalDescription();
  while (pc.iceGatheringState !== 'complete') await new Promise((resolve) => { pc.onicegatheringstatechange = resolve; });
  return pc.localDescription.sdp;
};

/** Runs in the page: opens these channels, keeps every one by its label, and what it hears. */
const prepare = ([channels, media]) => {
  window.channels = {};
  window.heard = {};
  window.pc = new RTCPeerConnection();
  const keep = (channel) => {
    window.channels[channel.label] = channel;
    const heard = window.heard[channel.label] = [];
    channel.onmessage = ({ data }) => heard.push(data);
  };
  window.open = (label, init) => keep(window.pc.createDataChannel(label, init));
  window.pc.ondatachannel = ({ channel }) => keep(channel);
  if (media) window.pc.addTransceiver('video', { direction: 'recvonly' });
  for (const [label, init] of channels) window.open(label, init);
};

const seen = (page, label) => page.evaluate((label) => {
  const c = window.channels[label];
  return c && {
    ordered: c.ordered, maxRetransmits: c.maxRetransmits, maxPacketLifeTime: c.maxPacketLifeTime, protocol: c.protocol,
    negotiated: c.negotiated, id: c.id, state: c.readyState,
  };
}, label);

const is = (page, label, state) => until(async () => (await seen(page, label))?.state === state, `${label} is not ${state}`);

async function meet(channels, body, { media = false } = {}) {
  const host = new Host();
  const chromium = await browser();
  try {
    const page = host.page = await chromium.page();
    await page.goto('about:blank');
    await page.evaluate(prepare, [channels, media]);
    await host.say('signal', OFFER, await page.evaluate(describe));
    const [, viewer] = await host.line(/^EVENT\tviewer connected\t(\d+)/);
    host.viewer = Number(viewer);
    await body(host, page);
  } finally {
    await chromium.close();
    host.child.stdin.end();
    assert.deepEqual(await host.ended, { code: 0, signal: null }, host.tail());
  }
}

test('the host sees what the page chose for its channels, and hears and answers on each', { timeout: 120_000 }, async () => {
  const chosen = [
    ['plain', {}],
    ['moves', { ordered: false, maxRetransmits: 0, protocol: 'v1' }],
    ['timed', { ordered: false, maxPacketLifeTime: 300 }],
  ];
  await meet(chosen, async (host, page) => {
    for (const [label, init] of chosen) {
      const channel = await host.event('opened', label);
      const { id, ...info } = await host.info(channel);
      assert.equal(id, (await seen(page, label)).id);
      assert.deepEqual(info, {
        state: OPEN, flags: BY_PAGE | (init.ordered === false ? UNORDERED : 0), retransmits: 0, life: 0, buffered: 0, max: 65536, label, protocol: init.protocol ?? '',
      });
      await page.evaluate((label) => window.channels[label].send(`from ${label}`), label);
      await host.line(new RegExp(`^MESSAGE\t${channel}\t1\tfrom ${label}$`));
      await host.say('send', channel, 1, `to ${label}`, 1);
      await page.waitForFunction((label) => window.heard[label][0] === `to ${label}`, label);
    }
    await page.evaluate(() => window.channels.plain.close());
    const closed = await host.event('closed', 'plain');
    assert.equal((await host.info(closed)).state, CLOSED);
    await is(page, 'plain', 'closed');
    // The others live, and the host closes one of theirs.
    await host.say('close', await host.event('opened', 'moves'));
    await is(page, 'moves', 'closed');
    await host.event('closed', 'moves');
    assert.equal((await seen(page, 'timed')).state, 'open');
  });
});

test('the page sees what the host chose for its channels, whichever side closes them', { timeout: 120_000 }, async () => {
  await meet([['data', {}]], async (host, page) => {
    const none = { ordered: true, maxRetransmits: null, maxPacketLifeTime: null, protocol: '', negotiated: false, state: 'open' };
    const chosen = [
      ['plain', {}, {}],
      ['unordered', { flags: UNORDERED, protocol: 'v1' }, { ordered: false, protocol: 'v1' }],
      ['never again', { flags: UNORDERED | MAX_RETRANSMITS }, { ordered: false, maxRetransmits: 0 }],
      ['three times', { flags: MAX_RETRANSMITS, retransmits: 3 }, { maxRetransmits: 3 }],
      ['for a while', { flags: MAX_PACKET_LIFE_TIME, life: 250 }, { maxPacketLifeTime: 250 }],
    ];
    const numbers = {};
    for (const [label, options] of chosen) numbers[label] = await host.open(label, options);
    for (const [label, options, expected] of chosen) {
      assert.equal(await host.event('opened', label), numbers[label]);
      await is(page, label, 'open');
      const { id, ...rest } = await seen(page, label);
      assert.deepEqual(rest, { ...none, ...expected }, label);
      const info = await host.info(numbers[label]);
      assert.deepEqual([info.id, info.flags, info.retransmits, info.life], [id, options.flags ?? 0, options.retransmits ?? 0, options.life ?? 0]);
      await host.say('send', numbers[label], 1, 'hello', 1);
      await page.waitForFunction((label) => window.heard[label].length === 1, label);
      await page.evaluate((label) => window.channels[label].send('you too'), label);
      await host.line(new RegExp(`^MESSAGE\t${numbers[label]}\t1\tyou too$`));
    }
    // What was sent before the close arrives; then the next of that label opens.
    await host.say('low', numbers.plain, 20_000);
    await host.say('send', numbers.plain, 1, 'x'.repeat(30_000), 60);
    await host.say('close', numbers.plain);
    await is(page, 'plain', 'closed');
    assert.equal(await page.evaluate(() => window.heard.plain.length), 61);
    assert.equal(await host.event('closed', 'plain'), numbers.plain);
    assert.equal(await host.event('low', 'plain'), numbers.plain);
    const again = await host.open('again');
    assert.equal(await host.event('opened', 'again'), again);
    await is(page, 'again', 'open');
    await page.evaluate(() => window.channels['three times'].close());
    assert.equal(await host.event('closed', 'three times'), numbers['three times']);
  });
});

test('a negotiated channel is open on both sides without an announcement', { timeout: 120_000 }, async () => {
  await meet([['data', {}]], async (host, page) => {
    await page.evaluate(() => window.open('both', { negotiated: true, id: 100, ordered: false, maxRetransmits: 1 }));
    const both = await host.open('both', { flags: NEGOTIATED | UNORDERED | MAX_RETRANSMITS, id: 100, retransmits: 1 });
    assert.equal(await host.event('opened', 'both'), both);
    assert.equal((await host.info(both)).id, 100);
    await host.say('send', both, 1, 'hello', 1);
    await page.waitForFunction(() => window.heard.both[0] === 'hello');
    await page.evaluate(() => window.channels.both.send('you too'));
    await host.line(new RegExp(`^MESSAGE\t${both}\t1\tyou too$`));
    await page.evaluate(() => window.channels.both.close());
    assert.equal(await host.event('closed', 'both'), both);
  });
});

test('the first channel on a connection that has only a picture makes the host offer', { timeout: 120_000 }, async () => {
  await meet([], async (host, page) => {
    const channel = await host.open('first');
    assert.equal(await host.event('opened', 'first'), channel);
    await is(page, 'first', 'open');
    await host.say('send', channel, 1, 'hello', 1);
    await page.waitForFunction(() => window.heard.first[0] === 'hello');
  }, { media: true });
});
