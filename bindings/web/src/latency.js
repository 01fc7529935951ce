// How old pictures are when they are seen. Pure: times are in ms of the page's clock unless a name says otherwise.

const PINGS = 20;
const FRAMES = 240;
const LONGEST_MS = 10000;

/** The `p`th part (0 to 1) of numbers in any order, by nearest rank; null of none. */
export function percentile(values, p) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(p * sorted.length) - 1, 0)];
}

export const p50p95 = (values) => values.length ? { p50: percentile(values, 0.5), p95: percentile(values, 0.95) } : null;

/** What lies between two RTP timestamps, in ms of a clock of 90 kHz. */
export const rtpMs = (later, earlier) => ((later - earlier) | 0) / 90;

/** The host's clock, by pings: the one that took least says most (RFC 5905, section 10). */
export class HostClock {
  #pings = [];

  /** @param {{ time: number, received_us: number, sent_us: number }} pong with the time of its ping */
  add({ time, received_us: received, sent_us: sent }, now) {
    const away = (sent - received) / 1000;
    const rtt = now - time - away;
    const offset = (received / 1000 - time + sent / 1000 - now) / 2;
    if (!Number.isFinite(offset) || !(rtt >= 0)) return;
    this.#pings = [...this.#pings.slice(1 - PINGS), { rtt, offset }];
  }

  get #best() {
    return this.#pings.reduce((best, ping) => (best && best.rtt <= ping.rtt ? best : ping), null);
  }

  /** How far the host's clock is before ours; null before the first answer. */
  get offsetMs() {
    return this.#best?.offset ?? null;
  }

  get rttMs() {
    return this.#best?.rtt ?? null;
  }
}

/** Pictures as they are shown, with what `requestVideoFrameCallback` tells of each. */
export class Frames {
  clock = new HostClock();
  /** An RTP timestamp and the host's clock (µs) at one moment: where the browser does not say when a picture was made. */
  base = null;
  /** Nobody has said when the last picture was made. */
  isBlind = false;
  #shown = [];
  #ages = [];
  #waits = [];
  #probes = [];

  add({ captureTime, rtpTimestamp, presentationTime, expectedDisplayTime }) {
    const shown = expectedDisplayTime;
    const made = captureTime ?? this.#made(rtpTimestamp);
    const age = shown - made;
    this.isBlind = captureTime === undefined && !this.base;
    if (age > 0 && age < LONGEST_MS) this.#ages.push(age);
    this.#waits.push(Math.max(shown - presentationTime, 0));
    if (rtpTimestamp === undefined) return;
    this.#shown = [...this.#shown.slice(1 - FRAMES), { rtp: rtpTimestamp, shown }];
    const isThere = ({ rtp }) => rtpMs(rtpTimestamp, rtp) >= 0;
    for (const { resolve } of this.#probes.filter(isThere)) resolve(shown);
    this.#probes = this.#probes.filter((probe) => !isThere(probe));
  }

  /** When the picture of that RTP timestamp, or if it was left out the one after it, is or was shown. */
  whenShown(rtp) {
    // The oldest that counts: `#shown` begins before the question was asked.
    const found = this.#shown.find((frame) => rtpMs(frame.rtp, rtp) >= 0);
    return found ? Promise.resolve(found.shown) : new Promise((resolve) => this.#probes.push({ rtp, resolve }));
  }

  /** Of the pictures since the last call. */
  summary() {
    const [ages, waits] = [this.#ages, this.#waits];
    [this.#ages, this.#waits] = [[], []];
    return { endToEndMs: p50p95(ages), displayMs: percentile(waits, 0.5) };
  }

  #made(rtp) {
    const { offsetMs } = this.clock;
    if (!this.base || offsetMs === null || rtp === undefined) return NaN;
    return this.base.us / 1000 + rtpMs(rtp, this.base.rtp) - offsetMs;
  }
}
