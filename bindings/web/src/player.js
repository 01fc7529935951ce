// The player: keeps one connection to the host going, shows its picture, sends what the viewer does, and says what is going on.

import { Attempt } from "./attempt.js";
import { elements } from "./elements.js";
import { Feedback } from "./feedback.js";
import { Gamepads } from "./gamepads.js";
import { Input } from "./input.js";
import { Frames, p50p95 } from "./latency.js";
import { WebSocketLine } from "./line-websocket.js";
import { Stats } from "./stats.js";
import { TextField } from "./text-field.js";

/** What the embedded server speaks. */
export const PROTOCOLS = ["websocket", "http", "relay", "call"];
const LINES = {
  websocket: async () => WebSocketLine,
  http: async () => (await import("./line-http.js")).HttpLine,
  relay: async () => (await import("./line-relay.js")).RelayLine,
  call: async () => (await import("./line-call.js")).CallLine,
};

const VERSION = 1;
const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];
const PROBE_LIMIT_MS = 3000;
const FIRST_PINGS_MS = [0, 100, 200, 300];

export class Player extends EventTarget {
  /** new, connecting, waiting, playing, trouble, kicked, closed */
  state = "new";
  /** Why there is no picture; null while there is one. */
  trouble = null;
  /** What the host has said of itself and of this viewer; null before. */
  welcome = null;
  role = null;
  /** What it tells of itself each second, where that is wanted. */
  host = null;
  #options;
  #elements;
  #attempt = null;
  #Line = null;
  #failures = 0;
  #retry = 0;
  #sound = false;
  #frozen = false;
  #away = false;
  #quality = null;
  #wantsStats = false;
  #lastStats = null;
  #lastProbes = [];
  #question = 0;
  #probing = new Map();
  #frames = new Frames();
  #stats = new Stats();
  #stop = new AbortController();
  #input;
  #pads;
  #field;
  #feedback;

  /**
   * @param {Element | object} target what to fill, or `{ stage, video, still, audio, field }`
   * @param {{ url?: string, token?: string | null, protocol?: "websocket" | "http" | "relay" | "call", name?: string,
   *   playerToken?: string | null, rtc?: RTCConfiguration, input?: boolean }} options
   */
  constructor(target, options = {}) {
    super();
    const { protocol = "websocket", url = "./" } = options;
    if (!PROTOCOLS.includes(protocol)) throw new RangeError(`protocol ${protocol}: one of ${PROTOCOLS.join(", ")}`);
    this.#options = { token: null, ...options, protocol, base: new URL(url, document.baseURI).href };
    const { stage, video, field } = (this.#elements = elements(target));
    const { signal } = this.#stop;
    const send = (record, time, isMove) => this.#mayPlay && (this.#attempt?.channels.input(record, time, isMove) ?? false);
    this.#pads = new Gamepads(send, signal);
    this.#feedback = new Feedback(stage, this);
    this.#input = new Input({ stage, video, send, signal, on: {
      release: () => this.release(),
      leave: () => {
        this.release();
        document.exitPointerLock?.();
        this.emit("leave");
      },
      gesture: (isPress) => {
        if (isPress) this.#feedback.gesture();
        if (this.#elements.audio.srcObject && !this.#sound) this.unmute();
        if (this.#field.isOpen) this.#field.focus();
        return !this.#field.isOpen;
      },
      pastes: () => this.welcome?.clipboard === true,
      paste: (text) => this.#tell({ type: "clipboard", text }),
    } });
    this.#field = new TextField(field, {
      send,
      tell: (words) => this.#tell(words),
      key: (event, down) => this.#input.key(event, down),
      shown: (label) => this.emit("field", { label }),
    }, signal);
    // A page in the back/forward cache must hold no connection, and needs one when it comes back.
    addEventListener("pagehide", () => {
      this.#away = this.#attempt !== null || this.retrying;
      this.#keepPicture();
      this.#end();
    }, { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#away && this.connect(), { signal });
    // Another network: sooner known here than by what no longer arrives.
    addEventListener("online", () => {
      if (this.#attempt?.connected) this.#attempt.recover();
      else if (this.#retry) this.connect();
    }, { signal });
    this.#watchFrames();
    const timer = setInterval(() => this.#second(), 1000);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** The connection that plays or is being made. */
  get pc() {
    return this.#attempt?.media.pc ?? null;
  }

  get retrying() {
    return this.#retry !== 0;
  }

  /** Connects, and again whenever the connection is lost, until `close()` or the host says otherwise. */
  async connect() {
    this.#end();
    if (!window.RTCPeerConnection) return this.#say("trouble", "unsupported");
    this.#Line ??= await LINES[this.#options.protocol]();
    if (this.#attempt || this.#stop.signal.aborted) return;
    if (this.#failures === 0) this.#say("connecting", "looking");
    const mine = new Attempt(this.#Line, this.#options, {
      track: (track) => (track.kind === "video" ? this.#showVideo(mine, track) : this.#hearAudio(track)),
      progress: (state, reason) => (reason === "answered" && this.#failures > 0) || this.#say(state, reason),
      fail: (reason, words) => this.#fail(reason, words),
      open: () => this.#hello(),
      message: (message) => this.#hear(message),
      channel: (channel) => this.emit("channel", { channel }),
    });
    this.#attempt = mine;
  }

  /** Ends the connection for good. */
  close() {
    this.#end();
    this.#stop.abort();
    this.#say("closed", null);
  }

  /** Lets go of every key, button, finger and pad. */
  release() {
    this.#input.releaseAll();
    this.#pads.forget();
  }

  /** Within a click or a key press: before, the browser lets nothing sound. */
  async unmute() {
    const { audio } = this.#elements;
    audio.muted = false;
    try {
      if (audio.srcObject) await audio.play();
      this.#sound = true;
    } catch {
      this.#sound = false;
    }
    this.emit("sound", { on: this.#sound, blocked: !this.#sound });
  }

  mute() {
    this.#elements.audio.muted = true;
    this.emit("sound", { on: false, blocked: false });
  }

  /** @param {Element} element what fills the screen */
  async fullscreen(element = this.#elements.stage) {
    if (document.fullscreenElement) return document.exitFullscreen();
    if (!element.requestFullscreen) return this.#elements.video.webkitEnterFullscreen?.(); // iPhones give only videos the whole screen.
    await element.requestFullscreen({ navigationUI: "hide" });
    // Escape and the like are the game's then, where the browser can: holding Escape leaves.
    await navigator.keyboard?.lock?.().catch(() => {});
  }

  /** The mouse is the game's alone: at once within a click, else at the next one. */
  pointerLock(on = true) {
    this.#feedback.lock(on);
    return this.#feedback.gesture();
  }

  /** Text as if typed. */
  sendText(text) {
    this.#field.commit(text);
  }

  /** A message of the page's own to the host. @returns whether there is a connection */
  sendMessage(text) {
    return this.#tell({ type: "message", text });
  }

  keyboard(on = true) {
    if (on) this.#field.show();
    else this.#field.hide();
  }

  requestControl() {
    return this.#tell({ type: "role", want: "player" });
  }

  giveUp() {
    return this.#tell({ type: "role", want: "spectator" });
  }

  handOver(viewer) {
    return this.#tell({ type: "give", viewer });
  }

  /** @param {{ rung?: number | null, codec?: string | null, maxKbps?: number | null }} wish null: automatic */
  setQuality({ rung = null, codec = null, maxKbps = null } = {}) {
    this.#quality = { type: "quality", rung, codec, max_kbps: maxKbps };
    return this.#tell(this.#quality);
  }

  /** Whether the host tells of itself each second, as part of the event "stats". */
  hostStats(on) {
    this.#wantsStats = on;
    this.#tell({ type: "stats", on });
  }

  /** A pad that the page makes up: `{ index, set({ buttons, axes, triggers }), remove() }`. */
  virtualPad(id = "virtual", onRumble = undefined) {
    return this.#pads.virtual(id, onRumble);
  }

  async stats() {
    return this.#lastStats ?? (await this.#stats.read(this.pc));
  }

  /** Ages of pictures when they are seen, and what is known of the host's clock, as of the last second. */
  latency() {
    const { endToEndMs = null, jitterBufferMs = null, decodeMs = null, displayMs = null } = this.#lastStats ?? {};
    const { rttMs, offsetMs } = this.#frames.clock;
    return { endToEndMs, jitterBufferMs, decodeMs, displayMs, inputToPictureMs: p50p95(this.#lastProbes), rttMs, offsetMs };
  }

  /** From an event to the picture that answers it, in ms; null where the host did not answer in time. */
  async probe() {
    const id = ++this.#question;
    const began = performance.now();
    const limit = new Promise((resolve) => setTimeout(resolve, PROBE_LIMIT_MS, null));
    const answer = new Promise((resolve) => this.#probing.set(id, resolve));
    if (!this.#tell({ type: "probe", id })) return null;
    const shown = await Promise.race([limit, answer.then((rtp) => this.#frames.whenShown(rtp))]);
    this.#probing.delete(id);
    if (shown === null) return null;
    this.#lastProbes = [...this.#lastProbes.slice(-99), shown - began];
    return shown - began;
  }

  /** Our own. */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  get #mayPlay() {
    return this.#options.input !== false && this.role?.role !== "spectator";
  }

  #tell(words) {
    return this.#attempt?.channels.tell(words) ?? false;
  }

  #say(state, reason, words = "") {
    this.state = state;
    this.trouble = state === "trouble" ? reason : null;
    this.emit("state", { state, reason, words });
  }

  #hello() {
    const { playerToken, language = navigator.language } = this.#options;
    this.#tell({
      type: "hello",
      version: VERSION,
      touch: navigator.maxTouchPoints > 0,
      gamepads: "getGamepads" in navigator,
      pen: matchMedia("(any-pointer: fine)").matches && navigator.maxTouchPoints > 0,
      language,
      ...(playerToken && { player_token: playerToken }),
    });
    this.#pads.announce();
    if (this.#quality) this.#tell(this.#quality);
    if (this.#wantsStats) this.hostStats(true);
    for (const ms of FIRST_PINGS_MS) setTimeout(() => this.#ping(), ms);
    this.emit("open");
  }

  #ping() {
    this.#tell({ type: "ping", id: ++this.#question, time: performance.now() });
  }

  #hear(message) {
    const { type, ...detail } = message;
    if (type === "welcome" || type === "stats") {
      const { rtp_base: rtp, host_us: us } = message;
      if (Number.isFinite(rtp) && Number.isFinite(us)) this.#frames.base = { rtp, us };
    }
    if (type === "welcome") {
      this.welcome = detail;
      this.emit(type, detail);
    }
    if ((type === "welcome" || type === "role") && detail.role) {
      // What is held is let go of while it may still be said.
      if (detail.role === "spectator") this.release();
      const mayAgain = this.role?.role === "spectator" && detail.role === "player";
      this.role = { role: detail.role, number: detail.number ?? 0, reason: detail.reason ?? "" };
      this.emit("role", this.role);
      if (mayAgain) this.#pads.announce();
    } else if (type === "pong") {
      this.#frames.clock.add(message, performance.now());
    } else if (type === "probe") {
      this.#probing.get(message.id)?.(message.rtp);
    } else if (type === "stats") {
      this.host = detail;
    } else if (type === "kick") {
      this.#keepPicture();
      this.#end();
      this.#say("kicked", "kicked", String(message.reason ?? ""));
      this.emit("kick", detail);
    } else {
      this.#feedback.handle(message, { pads: this.#pads, field: this.#field, freeze: (on) => this.#freeze(on) });
    }
  }

  /** Ends the try, says why, keeps the last picture, and tries again a little later. */
  #fail(reason, words) {
    this.#keepPicture();
    this.#end();
    // A link that is not valid will not become so by asking again.
    if (reason !== "token") {
      const delay = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)];
      this.#failures += 1;
      // Not all at the same moment when a server comes back.
      this.#retry = setTimeout(() => this.connect(), delay * (0.75 + Math.random() / 2));
    }
    this.#say("trouble", reason, words);
  }

  #end() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#attempt?.end();
    this.#attempt = null;
    [this.welcome, this.role, this.host, this.#lastStats, this.#frozen] = [null, null, null, null, false];
    this.#input.forget();
    this.#field.hide(true);
    this.#feedback.lock(false);
    this.#elements.stage.style.cursor = "";
    this.#frames = new Frames();
  }

  #freeze(on) {
    this.#frozen = on;
    if (on) this.#keepPicture();
    else this.#elements.still.hidden = true;
  }

  #keepPicture() {
    const { still, video } = this.#elements;
    if (!this.#attempt?.playing || !video.videoWidth) return;
    [still.width, still.height] = [video.videoWidth, video.videoHeight];
    still.getContext("2d").drawImage(video, 0, 0);
    still.hidden = false;
  }

  /** Picture and sound play in elements of their own: in one, each would wait for the other. */
  #showVideo(mine, track) {
    const { still, video } = this.#elements;
    if ("contentHint" in track) track.contentHint = "motion";
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => {});
    const shown = () => {
      if (this.#attempt !== mine) return;
      mine.playing = true;
      this.#failures = 0;
      still.hidden = !this.#frozen;
      this.#say("playing", null);
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
    else video.addEventListener("loadeddata", shown, { once: true });
  }

  #hearAudio(track) {
    const { audio } = this.#elements;
    audio.srcObject = new MediaStream([track]);
    if (this.#sound) audio.play().catch(() => this.emit("sound", { on: false, blocked: true }));
    else this.emit("sound", { on: false, blocked: true });
  }

  #watchFrames() {
    const { video } = this.#elements;
    const shown = (_, frame) => {
      this.#frames.add(frame);
      if (!this.#stop.signal.aborted) video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback?.(shown);
  }

  /** What there is to tell each second. */
  async #second() {
    const mine = this.#attempt;
    const now = await this.#stats.read(this.pc).catch(() => null);
    if (mine !== this.#attempt) return;
    const before = this.#lastStats;
    const isStill = mine?.playing && now && now.framesDecoded === before?.framesDecoded;
    this.#lastStats = now && { ...now, ...this.#frames.summary(), stillS: isStill ? before.stillS + 1 : 0, host: this.host };
    this.emit("stats", this.#lastStats);
    if (!this.#lastStats || !mine?.channels.isOpen) return;
    this.#ping();
    // Only the host can say then when a picture was made, and that comes with its statistics.
    if (this.#frames.isBlind && !this.#wantsStats) this.hostStats(true);
    const { jitterBufferMs, decodeMs, displayMs, endToEndMs, fps, framesDropped, frozenMs } = this.#lastStats;
    this.#tell({
      type: "latency", end_to_end_ms: endToEndMs, jitter_buffer_ms: jitterBufferMs, decode_ms: decodeMs, display_ms: displayMs,
      input_to_picture_ms: p50p95(this.#lastProbes), fps: fps ?? 0, dropped: framesDropped, frozen_ms: frozenMs,
    });
  }
}
