// A C host that has rendercast_peer_* only, a page that knows no protocol of the library's, and what carries the texts between the two, as
// two programmers of a protocol of their own would.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { browser, keepConnections, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_PEER_HOST;
export const SDP = { offer: 1, pranswer: 2, answer: 3, rollback: 4 };
const KIND = ['', 'offer', 'pranswer', 'answer', 'rollback'];
export const EVENT = { done: 1, signaling: 2, gathering: 3, ice: 4, connection: 5, needed: 6, candidate: 7, error: 8, track: 9, closed: 10, removed: 11 };
export const escape = (text) => text.replace(/[\\\r\n]/g, (c) => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n' })[c]);
const unescape = (text) => text.replace(/\\(.)/g, (_, c) => ({ r: '\r', n: '\n' })[c] ?? c);

/** The host: one connection, its events, and calls that end when the host says so. */
export class Host {
  constructor(config = []) {
    this.child = spawn(HOST, ['640', '360', '30', ...config], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.events = [];
    this.candidates = [];
    /** Of the streamer: "kind: message". */
    this.others = [];
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
    } else {
      this.others.push(line);
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

  /** The number of a sender that was asked for. */
  async sender(line) {
    const [, sender, status] = (await this.say(line)).match(/^TRACK (\d+) (-?\d+)$/);
    assert.equal(+status, 0, line);
    return +sender;
  }

  /** What is done at once. */
  async does(line) { assert.equal(await this.say(line), 'REQUEST 0 0', line); }

  /** Status and reason of what is answered at once. */
  async outcome(line) {
    const [, status, reason] = (await this.say(line)).match(/^[A-Z]+ (?:\d+ )?(-?\d+) (.*)$/);
    return { status: +status, reason: unescape(reason) };
  }

  async json(line) { return JSON.parse(unescape((await this.say(line)).replace(/^[A-Z]+ /, ''))); }

  told(kind) { return this.events.filter((event) => event.kind === kind).map(({ state }) => state); }

  async until(kind, times = 1) {
    await until(() => this.events.filter((event) => event.kind === kind).length >= times, `event ${kind} is not told`);
  }

  async stop() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await new Promise((resolve) => this.child.once('exit', resolve));
  }
}

/**
 * A host with a connection, and a page with one. Candidates go both ways as they come. `args` are Chromium's; with them the page is
 * one that may use cameras. `configuration`: the host's connection's own.
 */
export async function scene(t, config = null, args = [], configuration = null) {
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-peer-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'config.json');
  if (config) writeFileSync(json, JSON.stringify({ server: { enabled: false }, ...config }));
  const host = new Host(config ? [json] : []);
  t.after(() => host.stop());
  const chromium = await browser({ args });
  t.after(() => chromium.close());
  const page = await chromium.page();
  if (args.length > 0) await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: '<title>page</title>' }));
  await page.goto(args.length > 0 ? 'http://localhost/' : 'about:blank');
  await page.exposeFunction('tellCandidate', (candidate) => host.end(
    `candidate ${candidate?.sdpMid || '-'} ${candidate?.sdpMLineIndex ?? 0} ${candidate?.candidate ? escape(candidate.candidate) : '-'}`));
  await page.evaluate(keepConnections);
  await page.evaluate(() => {
    const pc = new RTCPeerConnection();
    window.pc = pc;
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.onicecandidate = ({ candidate }) => candidate && window.tellCandidate(candidate.toJSON());
    // One element for each track, as long as its stream has it.
    pc.ontrack = ({ track, streams: [stream] }) => {
      const element = document.createElement(track.kind);
      element.muted = track.kind === 'video';
      element.autoplay = true;
      element.dataset.stream = stream?.id ?? '';
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
      stream?.addEventListener('removetrack', (event) => event.track === track && element.remove());
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
  assert.match(await host.say(`create ${configuration ? JSON.stringify(configuration) : '-'}`), /^CREATED [1-9]/);
  await host.until(EVENT.needed);
  return { host, page };
}

export const pageSets = (page, side, description) => page.evaluate(([side, description]) => window.pc[`set${side}Description`](description), [side, description]);
export const pageMakes = (page, what, options) => page.evaluate(async ([what, options]) => {
  await window.pc.setLocalDescription(await window.pc[`create${what}`](options));
  return window.pc.localDescription.sdp;
}, [what, options]);

/** `between`: what the page does before it answers. */
export async function hostOffers({ host, page }, options = '-', between = async () => {}) {
  const offer = await host.must(`offer ${options}`);
  await host.must(`local ${SDP.offer} ${escape(offer)}`);
  await pageSets(page, 'Remote', { type: 'offer', sdp: offer });
  await between();
  await host.must(`remote ${SDP.answer} ${escape(await pageMakes(page, 'Answer'))}`);
  return offer;
}

export async function pageOffers({ host, page }, options) {
  await host.must(`remote ${SDP.offer} ${escape(await pageMakes(page, 'Offer', options))}`);
  await pageAnswered({ host, page });
}

export async function pageAnswered({ host, page }) {
  const answer = await host.must('answer');
  await host.must(`local ${SDP.answer} ${escape(answer)}`);
  await pageSets(page, 'Remote', { type: 'answer', sdp: answer });
}
