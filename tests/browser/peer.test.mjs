// A page that knows no protocol of the library's, and a C host that has rendercast_peer_* only: the test carries the texts
// between the page's RTCPeerConnection and the host, as two programmers of a protocol of their own would.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { browser, expectPatches, expectSound, keepConnections, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_PEER_HOST;
const SDP = { offer: 1, pranswer: 2, answer: 3, rollback: 4 };
const KIND = ['', 'offer', 'pranswer', 'answer', 'rollback'];
const EVENT = { done: 1, signaling: 2, gathering: 3, ice: 4, connection: 5, needed: 6, candidate: 7, error: 8, track: 9, closed: 10 };
const escape = (text) => text.replace(/[\\\r\n]/g, (c) => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n' })[c]);
const unescape = (text) => text.replace(/\\(.)/g, (_, c) => ({ r: '\r', n: '\n' })[c] ?? c);

/** The host: one connection, its events, and calls that end when the host says so. */
class Host {
  constructor() {
    this.child = spawn(HOST, ['640', '360', '30'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.events = [];
    this.candidates = [];
    this.answers = [];
    this.chain = Promise.resolve();
    createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(line));
  }

  hear(line) {
    const [word] = line.split(' ', 1);
    if (word === 'EVENT') {
      const [, kind, request, status, state, index, mid, text] = line.match(/^EVENT (\d+) (\d+) (-?\d+) (\d+) (\d+) (\S+) (.*)$/);
      const event = { kind: +kind, request: +request, status: +status, state: +state, index: +index, mid, text: unescape(text) };
      this.events.push(event);
      if (event.kind === EVENT.candidate) this.candidates.push(event);
      this.onEvent?.(event);
    } else if (/^[A-Z]+ /.test(line)) {
      this.answers.push(line);
    }
  }

  /** Says it and gives the answer, one after the other. */
  say(line) {
    const asked = this.chain.then(async () => {
      const before = this.answers.length;
      this.child.stdin.write(`${line}\n`);
      await until(() => this.answers.length > before, `no answer to ${line.slice(0, 40)}`);
      return this.answers[before];
    });
    this.chain = asked.catch(() => {});
    return asked;
  }

  /** Status and text of an operation's end. */
  async end(line) {
    const [, request, status] = (await this.say(line)).match(/^REQUEST (\d+) (-?\d+)$/);
    assert.equal(+status, 0, line.slice(0, 40));
    const is = (event) => event.kind === EVENT.done && event.request === +request;
    await until(() => this.events.some(is), `${line.slice(0, 40)} has no end`);
    const { status: end, text } = this.events.find(is);
    return { status: end, text };
  }

  async must(line) {
    const { status, text } = await this.end(line);
    assert.equal(status, 0, text);
    return text;
  }

  async description(which) {
    const [, kind, text] = (await this.say(`describe ${which}`)).match(/^DESCRIPTION \d+ (\d+) (.*)$/);
    return { type: KIND[+kind], sdp: unescape(text) };
  }

  told(kind) { return this.events.filter((event) => event.kind === kind).map(({ state }) => state); }

  async until(kind, times = 1) {
    await until(() => this.events.filter((event) => event.kind === kind).length >= times, `event ${kind} is not told`);
  }

  async stop() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await new Promise((resolve) => this.child.once('exit', resolve));
  }
}

/** A host with a connection, and a page with one. Candidates go both ways as they come. */
async function scene(t) {
  const host = new Host();
  t.after(() => host.stop());
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await chromium.page();
  await page.goto('about:blank');
  await page.exposeFunction('tellCandidate', (candidate) => host.end(
    `candidate ${candidate?.sdpMid || '-'} ${candidate?.sdpMLineIndex ?? 0} ${candidate?.candidate ? escape(candidate.candidate) : '-'}`));
  await page.evaluate(keepConnections);
  await page.evaluate(() => {
    const pc = new RTCPeerConnection();
    window.pc = pc;
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.onicecandidate = ({ candidate }) => candidate && window.tellCandidate(candidate.toJSON());
    pc.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.muted = track.kind === 'video';
      element.autoplay = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
    };
  });
  const add = (event) => page.evaluate((init) => window.pc.addIceCandidate(init).catch((error) => error.message),
    { candidate: event.text, sdpMid: event.mid, sdpMLineIndex: event.index });
  let carried = 0;
  const carry = async () => {
    const ready = await page.evaluate(() => window.pc.remoteDescription !== null);
    while (ready && carried < host.candidates.length) {
      const event = host.candidates[carried++];
      if (event.text) assert.equal(await add(event), undefined, event.text);
    }
  };
  const timer = setInterval(() => carry().catch(() => {}), 100);
  t.after(() => clearInterval(timer));
  assert.match(await host.say('create'), /^CREATED [1-9]/);
  await host.until(EVENT.needed);
  return { host, page };
}

const pageSets = (page, side, description) => page.evaluate(([side, description]) => window.pc[`set${side}Description`](description), [side, description]);
const pageMakes = (page, what, options) => page.evaluate(async ([what, options]) => {
  await window.pc.setLocalDescription(await window.pc[`create${what}`](options));
  return window.pc.localDescription.sdp;
}, [what, options]);

async function hostOffers({ host, page }, options = '-') {
  const offer = await host.must(`offer ${options}`);
  await host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageSets(page, 'Remote', { type: 'offer', sdp: offer });
  await host.must(`remote ${SDP.answer} ${escape(await pageMakes(page, 'Answer'))}`);
  return offer;
}

async function pageOffers({ host, page }, options) {
  await host.must(`remote ${SDP.offer} ${escape(await pageMakes(page, 'Offer', options))}`);
  await pageAnswered({ host, page });
}

async function pageAnswered({ host, page }) {
  const answer = await host.must('answer');
  await host.must(`local ${SDP.answer} ${escape(answer)}`);
  await pageSets(page, 'Remote', { type: 'answer', sdp: answer });
}

async function expectPlaying(page) {
  await playing(page);
  await expectPatches(page);
  await expectSound(page);
}

const ufrag = (sdp) => sdp.match(/a=ice-ufrag:(\S+)/)[1];

test('the host offers, and the page plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  await hostOffers(both);
  await expectPlaying(both.page);
  assert.deepEqual(both.host.told(EVENT.signaling), [2, 1]);
  assert.deepEqual(both.host.told(EVENT.connection), [2, 3]);
  assert.equal(await both.page.evaluate(() => window.pc.connectionState), 'connected');
  const current = await both.host.description(2);
  assert.equal(current.type, 'offer');
  assert.match(current.sdp, /a=candidate:/);
  assert.match(await both.host.say('states'), /^STATES 1 \d 3 3 2$/);
  t.diagnostic(`ICE: ${both.host.told(EVENT.ice)}; gathering: ${both.host.told(EVENT.gathering)}`);
});

test('the page offers, the host answers, and the connection ends', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  await pageOffers(both);
  await expectPlaying(both.page);
  assert.deepEqual(both.host.told(EVENT.signaling), [3, 1]);
  await both.host.say('close');
  await both.host.until(EVENT.closed);
  await until(() => both.page.evaluate(() => window.pc.connectionState !== 'connected'), 'the page does not notice');
});

test('both offer at once: the host yields, and plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  const offer = await host.must('offer -');
  await host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageOffers(both);
  await expectPlaying(page);
  assert.deepEqual(host.told(EVENT.signaling), [2, 3, 1]);
});

test('both offer at once: the page yields, and plays', { timeout: 90_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  await host.must(`remote ${SDP.offer} ${escape(await pageMakes(page, 'Offer'))}`);
  await host.must(`remote ${SDP.rollback} -`);
  await host.until(EVENT.needed, 2);
  // Chromium takes its own offer back when it is given this one.
  await hostOffers(both);
  await expectPlaying(page);
  assert.deepEqual(host.told(EVENT.signaling), [3, 1, 2, 1]);
});

test('provisional answers of either side are followed by final ones', { timeout: 120_000 }, async (t) => {
  const ours = await scene(t);
  await ours.host.must(`remote ${SDP.offer} ${escape(await pageMakes(ours.page, 'Offer'))}`);
  const provisional = await ours.host.must('answer');
  await ours.host.must(`local ${SDP.pranswer} ${escape(provisional)}`);
  await pageSets(ours.page, 'Remote', { type: 'pranswer', sdp: provisional });
  await pageAnswered(ours);
  await expectPlaying(ours.page);
  assert.deepEqual(ours.host.told(EVENT.signaling), [3, 4, 1]);

  const theirs = await scene(t);
  const offer = await theirs.host.must('offer -');
  await theirs.host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageSets(theirs.page, 'Remote', { type: 'offer', sdp: offer });
  const answer = await theirs.page.evaluate(async () => (await window.pc.createAnswer()).sdp);
  await pageSets(theirs.page, 'Local', { type: 'pranswer', sdp: answer });
  await theirs.host.must(`remote ${SDP.pranswer} ${escape(answer)}`);
  await theirs.host.must(`remote ${SDP.answer} ${escape(await pageMakes(theirs.page, 'Answer'))}`);
  await expectPlaying(theirs.page);
  assert.deepEqual(theirs.host.told(EVENT.signaling), [2, 5, 1]);
});

test('either side restarts ICE, and the picture goes on', { timeout: 120_000 }, async (t) => {
  const both = await scene(t);
  const { host, page } = both;
  const first = await hostOffers(both);
  await expectPlaying(page);
  await host.say('restart');
  await host.until(EVENT.needed, 2);
  const second = await hostOffers(both);
  assert.notEqual(ufrag(second), ufrag(first));
  await playing(page);
  await pageOffers(both, { iceRestart: true });
  await playing(page);
  const third = await hostOffers(both, '{"iceRestart":true}');
  assert.notEqual(ufrag(third), ufrag(second));
  await playing(page);
  await until(() => page.evaluate(() => window.pc.connectionState === 'connected'), 'not connected');
  t.diagnostic(`ICE: ${host.told(EVENT.ice)}; connection: ${host.told(EVENT.connection)}`);
});
