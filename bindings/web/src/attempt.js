// One try: a line to the server and a peer connection, started side by side, and the timers that watch them.

import { watchArrivals } from "./arrivals.js";
import { Channels } from "./channels.js";
import { Media } from "./media.js";
import { diagnose, newId } from "./server.js";

const ANSWER_SOON_MS = 2000;
const ICE_LIMIT_MS = 15000;
const INTERRUPTION_LIMIT_MS = 5000;
const PICTURE_SOON_MS = 2000;

export class Attempt {
  /** A picture of it has been shown. */
  playing = false;
  connected = false;
  #on;
  #line;
  #timers = [];
  #interrupted = 0;
  #renewing = false;
  #watched = false;
  #ended = false;

  /**
   * @param {new (options: object) => object} Line of the protocol
   * @param {{ base: string, token: string | null, name?: string, rtc?: RTCConfiguration }} options
   * @param {{ track: (track: MediaStreamTrack) => void, progress: (state: "connecting" | "waiting", reason: string) => void,
   *   fail: (reason: string, words?: string) => void, open: () => void, message: (message: object) => void,
   *   channel: (channel: RTCDataChannel) => void }} on
   */
  constructor(Line, { base, token, name, rtc }, on) {
    this.#on = on;
    this.#line = new Line({
      base,
      id: newId(),
      token,
      name,
      onMessage: (message) => {
        this.#renewing = false;
        if (message.type === "error") this.#fail("refused", message.message);
        else if (message.type === "disconnect") this.#fail("ended");
        else this.media.handle(message);
      },
      onClose: async (broken) => {
        // Its line to the server may break with its network, and what plays goes on.
        if (broken && this.connected && !this.#renewing && this.#line.renews) {
          this.#renewing = true;
          this.#line.renew();
          return;
        }
        const { reason, words } = await diagnose(base, token);
        this.#fail(reason, words);
      },
    });
    this.media = new Media({
      rtc,
      send: (type, data) => this.#line.send(type, data),
      onTrack: on.track,
      onChange: () => this.#ended || this.#changed(),
    });
    this.channels = new Channels(this.media.pc, { onOpen: on.open, onMessage: on.message });
    this.media.pc.ondatachannel = ({ channel }) => on.channel(channel);
    watchArrivals(this.media.pc, (change) => {
      if (this.#ended || !this.connected) return;
      // A new line costs little, and the host may have something to say on it.
      if (change === "quiet") this.#line.renew();
      else this.recover();
    });
    this.media.start().catch((error) => this.#fail("refused", String(error)));
    this.#after(ANSWER_SOON_MS, () => {
      if (this.#line.isOpen && !this.media.answered) on.progress("waiting", "answer");
    });
  }

  /** Looks for a way to the host anew, over a new line. */
  recover() {
    this.#line.renew();
    this.media.restart();
  }

  end() {
    this.#ended = true;
    this.#timers.forEach(clearTimeout);
    clearTimeout(this.#interrupted);
    this.#line.close();
    this.media.close();
  }

  #after(ms, action) {
    this.#timers.push(setTimeout(action, ms));
  }

  #fail(reason, words) {
    if (!this.#ended) this.#on.fail(reason, words);
  }

  /** The peer connection has news. */
  #changed() {
    const state = this.media.pc.connectionState;
    if (state === "connected") {
      clearTimeout(this.#interrupted);
      this.#interrupted = 0;
    }
    if (this.media.videoRefused) {
      this.#on.progress("trouble", "codec");
    } else if (this.connected && (state === "disconnected" || state === "failed")) {
      this.#interrupted ||= setTimeout(() => this.#fail("lost"), INTERRUPTION_LIMIT_MS);
      this.recover();
    } else if (state === "failed") {
      this.#fail("ice");
    } else if (state === "connected" && !this.connected) {
      this.connected = true;
      this.#after(PICTURE_SOON_MS, () => this.playing || this.media.videoRefused || this.#on.progress("waiting", "picture"));
    } else if (this.media.answered && !this.connected && !this.#watched) {
      this.#watched = true;
      this.#on.progress("connecting", "answered");
      this.#after(ICE_LIMIT_MS, () => this.connected || this.#fail("ice"));
    }
  }
}
