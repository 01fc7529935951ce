// Types of the player module.

export type Protocol = "websocket" | "http" | "relay" | "call";
export const PROTOCOLS: readonly Protocol[];

/** The page's own parts; what is missing is made. One of `stage` and `video` must be there. */
export interface PlayerElements {
  /** Takes the focus, the keys and the pointers. Default: what holds the video. */
  stage?: HTMLElement;
  video?: HTMLVideoElement;
  /** Shows the last picture while there is none. */
  still?: HTMLCanvasElement;
  audio?: HTMLAudioElement;
  /** Where the viewer types, once text is asked for. */
  field?: HTMLInputElement;
}

export interface PlayerOptions {
  /** The embedded server, or a room of it (`…/room/blue/`). Default: where the page is. */
  url?: string;
  /** The server's token. Default: none. */
  token?: string | null;
  /** Default: `websocket`. Only `websocket` and `http` outlive a change of network. */
  protocol?: Protocol;
  /** Protocol `call`: who signs in. Default: a random name. */
  name?: string;
  /** What makes a viewer a player where the host's policy is `token`. */
  playerToken?: string | null;
  /** Language of the viewer, told to the host. Default: the browser's. */
  language?: string;
  rtc?: RTCConfiguration;
  /** `false`: nothing is sent of what the viewer does. Default: true. */
  input?: boolean;
}

export type PlayerState = "new" | "connecting" | "waiting" | "playing" | "trouble" | "kicked" | "closed";

/**
 * Why a state is: `looking` for the host, it has `answered`, it gave no `answer` yet, there is no `picture` yet; of trouble: the
 * server is `gone`, `closed` the connection or `refused` it (with words), the host `ended` it, no way through the network
 * (`ice`), the connection was `lost`, no `codec` in common, the browser has no WebRTC (`unsupported`), the `token` is wrong (with
 * words; no further try); `kicked` (with the host's words; no further try).
 */
export type Reason = "looking" | "answered" | "answer" | "picture" | "gone" | "closed" | "refused" | "ended" | "ice" | "lost"
  | "codec" | "unsupported" | "token" | "kicked";

export interface Percentiles { p50: number; p95: number }

export interface Role { role: "player" | "spectator"; /** From 1; 0 for spectators. */ number: number; reason: string }

export interface Welcome {
  version: number;
  viewer: number;
  role: "player" | "spectator";
  number: number;
  players: number;
  may_ask: boolean;
  clipboard: boolean;
  layers?: { rung: number; width: number; height: number }[];
  codecs?: string[];
  /** What counts of `setQuality`; null: the host lets nobody choose. */
  quality?: { rung: number | null; codec: string | null; max_kbps: number | null } | null;
}

/** Since the second before; times are in ms. */
export interface PlayerStats {
  /** Null in the first second. */
  fps: number | null;
  bitrateKbps: number | null;
  rttMs: number | null;
  jitterBufferMs: number;
  decodeMs: number;
  displayMs: number | null;
  /** From capture to display; null where neither the browser nor the host tells when a picture was made. */
  endToEndMs: Percentiles | null;
  width: number;
  height: number;
  codec: string;
  /** Sums of the connection. */
  packetsLost: number;
  framesDecoded: number;
  freezes: number;
  framesDropped: number;
  frozenMs: number;
  /** Of the second. */
  lossPercent: number;
  /** For how many seconds no new picture came. */
  stillS: number;
  /** What the host tells, once `hostStats(true)` was called. */
  host: { viewer?: Record<string, unknown>; layer?: Record<string, unknown> } | null;
}

export interface Latency {
  endToEndMs: Percentiles | null;
  jitterBufferMs: number | null;
  decodeMs: number | null;
  displayMs: number | null;
  /** Of the last hundred `probe()`. */
  inputToPictureMs: Percentiles | null;
  rttMs: number | null;
  /** How far the host's clock is before `performance.now()`. */
  offsetMs: number | null;
}

export interface PadState {
  /** Bit n: button n of W3C's standard mapping. */
  buttons: number;
  /** Left x and y, right x and y: -1 to 1, up is positive. */
  axes: [number, number, number, number];
  /** Left and right: 0 to 1. */
  triggers: [number, number];
}

export interface VirtualPad { readonly index: number; set(change: Partial<PadState>): void; remove(): void }

export interface PlayerEvents {
  state: CustomEvent<{ state: PlayerState; reason: Reason | null; words: string }>;
  /** The channel for messages is open. */
  open: CustomEvent<null>;
  welcome: CustomEvent<Welcome>;
  role: CustomEvent<Role>;
  /** Another viewer asks for control: `handOver(viewer)` gives it. */
  asked: CustomEvent<{ viewer: number }>;
  message: CustomEvent<{ text: string }>;
  kick: CustomEvent<{ reason: string }>;
  /** Each second; null while there is no connection. */
  stats: CustomEvent<PlayerStats | null>;
  /** `blocked`: the browser wants a gesture first. */
  sound: CustomEvent<{ on: boolean; blocked: boolean }>;
  /** The text field is shown with this label, or hidden (null). */
  field: CustomEvent<{ label: string | null }>;
  /** The viewer pressed Ctrl + F8: the keyboard is the page's again. */
  leave: CustomEvent<null>;
  /** A data channel that the host has opened. */
  channel: CustomEvent<{ channel: RTCDataChannel }>;
  rumble: CustomEvent<{ pad: number; strong: number; weak: number; left_trigger: number; right_trigger: number; ms: number }>;
  cursor: CustomEvent<{ shape: string }>;
  pointer_lock: CustomEvent<{ on: boolean }>;
  keyboard: CustomEvent<{ show: boolean; text?: string; start?: number; end?: number; mode?: string; label?: string }>;
  clipboard: CustomEvent<{ text: string }>;
  freeze: CustomEvent<{ on: boolean }>;
}

export class Player extends EventTarget {
  /** @param target an empty element to fill, a video, or the page's own parts */
  constructor(target: Element | PlayerElements, options?: PlayerOptions);
  readonly state: PlayerState;
  readonly trouble: Reason | null;
  readonly welcome: Welcome | null;
  readonly role: Role | null;
  readonly pc: RTCPeerConnection | null;
  readonly retrying: boolean;
  /** Connects, and again whenever the connection is lost. */
  connect(): Promise<void>;
  /** Ends it for good; the object is of no use then. */
  close(): void;
  /** Lets go of every key, button, finger and pad. */
  release(): void;
  unmute(): Promise<void>;
  mute(): void;
  /** Enters or leaves; default: the stage. */
  fullscreen(element?: Element): Promise<void>;
  pointerLock(on?: boolean): Promise<void>;
  sendText(text: string): void;
  sendMessage(text: string): boolean;
  /** Shows the text field without being asked. */
  keyboard(on?: boolean): void;
  requestControl(): boolean;
  giveUp(): boolean;
  handOver(viewer: number): boolean;
  /** Less than the host gives, or another of its codecs, for this viewer. Null or left out: automatic. It is asked for again after each reconnection. */
  setQuality(wish?: { rung?: number | null; codec?: string | null; maxKbps?: number | null }): boolean;
  hostStats(on: boolean): void;
  /** Null when all four places are taken. `onRumble`: for how long (ms) and how strongly (0 to 1). */
  virtualPad(id?: string, onRumble?: (ms: number, strength: number) => void): VirtualPad | null;
  stats(): Promise<PlayerStats | null>;
  latency(): Latency;
  /** From an event to the picture that answers it (ms); null where the host does not answer within 3 s. */
  probe(): Promise<number | null>;
  addEventListener<K extends keyof PlayerEvents>(type: K, listener: (event: PlayerEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

/** The number of a key in the library's table, by KeyboardEvent.code; 0: it has none. */
export function keyNumber(code: string): number;
