// One line to the server, speaking the protocol of Unity Render Streaming (generation 5d) for one connection: a WebSocket,
// and when that may be dead, another one that takes its place.

import { parse } from "./channels.js";
import { OPEN_LIMIT_MS, newId, socketAddress } from "./server.js";

// Of a socket that replaces another: one that is asked for in a hole of the network is asked for again.
const RENEW_LIMIT_MS = 1000;
const RENEW_PAUSE_MS = 150;
const RENEW_FOR_MS = 5000;
// A socket that was opened so recently is alive.
const FRESH_MS = 1000;

export class WebSocketLine {
  /** It outlives its socket. */
  renews = true;
  #id;
  #url;
  #onMessage;
  #onClose;
  /** The one that counts; while it opens, `#next`. */
  #socket = null;
  #next = null;
  #opened = false;
  #openedAt = 0;
  #renewUntil = 0;
  #timer = 0;
  #waiting = [];

  /**
   * @param {{ base: string, id: string, token: string | null, onMessage: (message: object) => void,
   *   onClose: (broken: boolean) => void }} options `onClose` is called when the socket that counts closes, but not after
   *   `close()`; `broken`: without a word, as when the network changes
   */
  constructor({ base, id, token, onMessage, onClose }) {
    this.#id = id;
    this.#onMessage = onMessage;
    this.#onClose = onClose;
    this.#url = socketAddress(base, "./", token);
    // Proves to the server that a later socket is ours.
    this.#url.searchParams.set("resume", newId());
    this.#open(OPEN_LIMIT_MS);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The network may have changed: another socket goes on where this one may have ended. What is sent meanwhile waits. */
  renew() {
    if (!this.#opened || this.#next || performance.now() - this.#openedAt < FRESH_MS) return;
    this.#renewUntil = performance.now() + RENEW_FOR_MS;
    this.#open(RENEW_LIMIT_MS);
  }

  /** `offer`, `answer` or `candidate`. Before a socket is open it waits. */
  send(type, data) {
    const message = { type, from: this.#id, data: { ...data, connectionId: this.#id } };
    if (this.#next || !this.isOpen) this.#waiting.push(message);
    else this.#write(message);
  }

  close() {
    clearTimeout(this.#timer);
    this.#renewUntil = 0;
    this.#write({ type: "disconnect", connectionId: this.#id });
    for (const socket of [this.#socket, this.#next]) drop(socket);
  }

  #open(limit) {
    const socket = new WebSocket(this.#url);
    this.#next = socket;
    this.#timer = setTimeout(() => this.#failed(socket, true), limit);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      drop(this.#socket);
      [this.#socket, this.#next, this.#opened] = [socket, null, true];
      this.#openedAt = performance.now();
      // The offer need not wait for the reply to `connect`: all of it goes out in one flight.
      this.#write({ type: "connect", connectionId: this.#id });
      for (const message of this.#waiting.splice(0)) this.#write(message);
    };
    socket.onmessage = ({ data }) => {
      const message = parse(data);
      if (!message) return;
      const of = message.from ?? message.connectionId;
      if (of === undefined || of === this.#id) this.#onMessage(message);
    };
    socket.onclose = ({ wasClean }) => this.#failed(socket, !wasClean);
  }

  #failed(socket, broken) {
    drop(socket);
    if (socket !== this.#next) return this.#onClose(broken);
    clearTimeout(this.#timer);
    if (!this.#opened) return this.#onClose(broken);
    if (performance.now() < this.#renewUntil) {
      // It stays `#next` until the next try: what is sent waits.
      this.#timer = setTimeout(() => this.#open(RENEW_LIMIT_MS), RENEW_PAUSE_MS);
      return;
    }
    this.#next = null;
    if (!this.isOpen) this.#onClose(true);
  }

  #write(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }
}

function drop(socket) {
  if (!socket) return;
  socket.onopen = socket.onclose = socket.onmessage = null;
  socket.close();
}
