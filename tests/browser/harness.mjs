// Starts the real programs and a real browser, and stops each of them by its own handle.

import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, existsSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const artifacts = join(root, 'target', 'test-artifacts');
mkdirSync(artifacts, { recursive: true });

const CHROMIUM = [process.env.RENDERCAST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path));

/** Chromium's own camera and microphone, which ask nobody. */
export const DEVICES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** A program whose lines can be waited for. */
export class Program {
  constructor(command, args, options = {}) {
    this.name = command.split('/').pop();
    this.lines = [];
    this.waiting = [];
    // Colours at fixed places and the clock are in that picture; the game is asked for by name.
    if (command === process.env.RENDERCAST_C_HOST && !args.includes('--scene')) args = [...args, '--scene', 'test'];
    this.child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => {
      this.exit = { code, signal };
      for (const w of this.waiting.splice(0)) w.reject(new Error(`${this.name} ended (${code ?? signal}) before ${w.pattern}\n${this.tail()}`));
      resolve(this.exit);
    }));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop();
        for (const line of parts) this.take(line);
      });
    }
  }

  take(line) {
    this.lines.push(line);
    this.waiting = this.waiting.filter((w) => {
      const match = line.match(w.pattern);
      if (match) w.resolve(match);
      return !match;
    });
  }

  tail() { return this.lines.slice(-30).join('\n'); }

  /** The first line, past or coming, that matches. */
  line(pattern, seconds = 60) { return this.lineAfter(0, pattern, seconds); }

  /** The same among the lines from number `first` on: `lines.length` means only those to come. */
  lineAfter(first, pattern, seconds = 60) {
    for (const line of this.lines.slice(first)) {
      const match = line.match(pattern);
      if (match) return Promise.resolve(match);
    }
    if (this.exit) return Promise.reject(new Error(`${this.name} has ended\n${this.tail()}`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name}: no line ${pattern} in ${seconds} s\n${this.tail()}`)), seconds * 1000);
      const done = (f) => (value) => { clearTimeout(timer); f(value); };
      this.waiting.push({ pattern, resolve: done(resolve), reject: done(reject) });
    });
  }

  async stop(signal = 'SIGTERM') {
    if (!this.exit) this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(late);
    return this.exit;
  }
}

/** Asks again and again until the answer is yes, 30 s at most. `otherwise`: what to say when it never is, or who knows it. */
export async function until(condition, otherwise) {
  const end = Date.now() + 30_000;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(typeof otherwise === 'function' ? await otherwise() : otherwise);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Closer than a picture of BT.709 shown as one of BT.601, which turns pure red to 232. */
const near = (got, want) => got.every((v, i) => Math.abs(v - want[i]) <= 18);

/** Waits until `frames` pictures more than now are decoded. */
export async function playing(page, frames = 30) {
  const { framesDecoded } = await page.evaluate(inbound);
  const wanted = framesDecoded + frames;
  await until(async () => (await page.evaluate(inbound)).framesDecoded >= wanted,
    async () => `not ${wanted} frames decoded: ${await page.evaluate(connectionStates)}`);
}

/** Runs in the page: how far each connection has come, as text. */
const connectionStates = async () => {
  const all = await Promise.all(window.connections.map(async (pc) => {
    const kept = ['inbound-rtp', 'candidate-pair'];
    const stats = [...(await pc.getStats()).values()].filter(({ type, kind }) => kept.includes(type) && kind !== 'audio');
    const { connectionState, iceConnectionState, iceGatheringState, signalingState } = pc;
    return { connectionState, iceConnectionState, iceGatheringState, signalingState, stats };
  }));
  return JSON.stringify(all);
};

/** The colour patches in the bottom-right corner of the sample host's scene. */
export async function expectPatches(page) {
  const want = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];
  let got;
  await until(async () => {
    got = await page.evaluate(pixels, [[-112, -16], [-80, -16], [-48, -16], [-16, -16]]);
    return got?.every((c, i) => near(c, want[i]));
  }, () => `patches ${JSON.stringify(got)} are not ${JSON.stringify(want)}`);
}

export async function expectSound(page) {
  await until(async () => (await page.evaluate(inbound)).audioEnergy > 0, 'no sound is heard');
}

/** The machine's own address: a browser connects faster to it than to loopback. */
export function ownAddress() {
  for (const list of Object.values(networkInterfaces())) {
    for (const a of list ?? []) if (a.family === 'IPv4' && !a.internal) return a.address;
  }
  return '127.0.0.1';
}

/**
 * A Chromium of its own, with a fresh profile; `close()` leaves nothing behind. `person`: connects as one that a person
 * starts does, without candidates of loopback.
 */
export async function browser({ size = { width: 1280, height: 800 }, args = [], person = false } = {}) {
  if (!CHROMIUM) throw new Error('no Chromium: install it, or name it in RENDERCAST_CHROMIUM');
  const profile = mkdtempSync(join(tmpdir(), 'rendercast-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: size,
    ignoreDefaultArgs: ['--disable-field-trial-config'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--mute-audio',
      ...(person ? [] : ['--allow-loopback-in-peer-connection']), '--autoplay-policy=no-user-gesture-required', ...args],
  });
  return {
    context,
    page: () => context.newPage(),
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Installed before any page script: keeps every connection the page makes. */
export const keepConnections = () => {
  window.connections = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); window.connections.push(this); }
  };
};

/** Runs in the page: sums of the inbound statistics of every connection. */
export const inbound = async () => {
  const sum = { framesDecoded: 0, audioEnergy: 0, packetsLost: 0, jitterBufferMs: null, codec: null, keyFrames: 0, keyframeRequests: 0 };
  for (const pc of window.connections) {
    const stats = await pc.getStats();
    for (const s of stats.values()) {
      if (s.type !== 'inbound-rtp') continue;
      sum.packetsLost += s.packetsLost ?? 0;
      if (s.kind === 'audio') sum.audioEnergy += s.totalAudioEnergy ?? 0;
      if (s.kind === 'video') {
        sum.framesDecoded += s.framesDecoded ?? 0;
        sum.keyFrames += s.keyFramesDecoded ?? 0;
        sum.keyframeRequests += (s.pliCount ?? 0) + (s.firCount ?? 0);
        sum.codec = stats.get(s.codecId)?.mimeType ?? null;
        if (s.jitterBufferEmittedCount) sum.jitterBufferMs = 1000 * s.jitterBufferDelay / s.jitterBufferEmittedCount;
      }
    }
  }
  return sum;
};

/** Runs in the page: the colours of pixels of the playing video, each given as [x, y]; negative counts from the far side. */
export const pixels = (points) => {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0);
  if (!video) return null;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  return points.map(([x, y]) => [...context.getImageData(x < 0 ? canvas.width + x : x, y < 0 ? canvas.height + y : y, 1, 1).data.slice(0, 3)]);
};

/** Runs in the page: a colour of `window.camera`, as shares of its sides from the top left corner. */
export const ownCamera = async ([x, y]) => {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = window.camera;
  await video.play();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return [...context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data.slice(0, 3)];
};
