// Notices that nothing arrives any more, as when this device has changed its network: browsers say so only after seconds.

const LOOK_MS = 150;
// A timer that comes so late says that the page was held up, not that nothing arrived.
const LATE_MS = 600;
// The host repeats a picture that stands still each second, so a longer silence is more than a pause.
const QUIET_MS = 600;
const LOST_MS = 1250;
const AGAIN_MS = 2000;
const WINDOW_MS = 5000;

/** Pure: is told what time it is (ms) and whether something has arrived since the last look. */
export class Silence {
  #heard = null;
  #looked = 0;
  #window = 0;
  #pauses = [0, 0];
  #quiet = false;
  #again = 0;

  /** @returns {"quiet" | "lost" | null} `quiet` once in a silence, `lost` again and again while it lasts */
  look(now, arrived) {
    const late = now - this.#looked > LATE_MS;
    this.#looked = now;
    if (arrived || (late && this.#heard !== null)) {
      if (arrived && this.#heard !== null && !late) this.#learn(now, now - this.#heard);
      this.#heard = now;
      this.#quiet = false;
      this.#again = 0;
      return null;
    }
    if (this.#heard === null) return null;
    const silence = now - this.#heard;
    const pause = Math.max(...this.#pauses);
    if (silence >= Math.max(LOST_MS, 2 * pause) && now >= this.#again) {
      this.#again = now + AGAIN_MS;
      return "lost";
    }
    if (silence >= Math.max(QUIET_MS, 2 * pause) && !this.#quiet) {
      this.#quiet = true;
      return "quiet";
    }
    return null;
  }

  /** Pauses of the last seconds are usual; what was taken for a loss was none of them. */
  #learn(now, pause) {
    if (now - this.#window > WINDOW_MS) {
      this.#pauses = [this.#pauses[1], 0];
      this.#window = now;
    }
    if (pause < LOST_MS) this.#pauses[1] = Math.max(this.#pauses[1], pause);
  }
}

/** Looks at what `pc` receives until it is closed; `onChange` is called with "quiet" and "lost". */
export function watchArrivals(pc, onChange) {
  const silence = new Silence();
  let before = "";
  const timer = setInterval(() => {
    if (pc.signalingState === "closed") return clearInterval(timer);
    const latest = pc.getReceivers().flatMap((receiver) => receiver.getSynchronizationSources?.() ?? []);
    const now = latest.map(({ source, timestamp, rtpTimestamp }) => `${source} ${timestamp} ${rtpTimestamp}`).join();
    const arrived = now !== "" && now !== before;
    before = now;
    const change = silence.look(performance.now(), arrived);
    if (change) onChange(change);
  }, LOOK_MS);
}
