// One line to the server over plain HTTP: Unity Render Streaming's other transport, with polls that wait for news.

import { OPEN_LIMIT_MS, address } from "./server.js";

const WAIT_MS = 10000;
const RETRY_MS = 150;
const RETRY_FOR_MS = 5000;

export class HttpLine {
  renews = true;
  isOpen = false;
  #options;
  #session = null;
  #since = 0;
  #poll = null;
  #closed = false;
  /** One request after the other, so that they arrive in order. */
  #turn;

  /**
   * @param {{ base: string, id: string, token: string | null, onMessage: (message: object) => void,
   *   onClose: (broken: boolean) => void }} options
   */
  constructor(options) {
    this.#options = options;
    this.#turn = this.#open();
    this.#turn.then(() => this.#listen()).catch(() => this.#end());
  }

  /** The network may have changed: the poll that waits may wait for ever. */
  renew() {
    this.#poll?.abort();
  }

  /** `offer`, `answer` or `candidate`. */
  send(type, data) {
    this.#turn = this.#turn.then(() => this.#write(type, data)).catch(() => {});
  }

  close() {
    this.#closed = true;
    this.#poll?.abort();
    if (this.#session) this.#ask("DELETE", "", undefined, { keepalive: true }).catch(() => {});
  }

  async #open() {
    const { sessionId } = await (await this.#ask("PUT", "")).json();
    this.#session = sessionId;
    const connected = await (await this.#ask("PUT", "/connection", {})).json();
    this.isOpen = true;
    this.#hear({ ...connected, type: "connect" });
  }

  async #write(type, data) {
    const response = await this.#ask("POST", `/${type}`, data);
    if (!response.ok && !this.#closed) this.#hear({ type: "error", message: await response.text() });
  }

  async #listen() {
    let failing = null;
    while (!this.#closed) {
      this.#poll = new AbortController();
      try {
        const response = await this.#ask("GET", `?fromtime=${this.#since}&wait=${WAIT_MS}`, undefined, { signal: this.#poll.signal });
        if (!response.ok) return this.#end();
        const { messages, datetime } = await response.json();
        failing = null;
        this.#since = datetime;
        for (const message of messages) {
          if (message.connectionId === this.#options.id && message.type !== "connect") this.#hear({ ...message, data: message });
        }
      } catch {
        failing ??= performance.now();
        if (performance.now() - failing > RETRY_FOR_MS) return this.#end();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #hear(message) {
    if (!this.#closed) this.#options.onMessage(message);
  }

  #end() {
    if (this.#closed) return;
    this.#closed = true;
    // Not broken: it has tried for long enough.
    this.#options.onClose(false);
  }

  #ask(method, path, body, init = { signal: AbortSignal.timeout(OPEN_LIMIT_MS) }) {
    const [folder, query] = path.split("?");
    const url = address(this.#options.base, `signaling${folder}`, this.#options.token);
    for (const [key, value] of new URLSearchParams(query)) url.searchParams.set(key, value);
    return fetch(url, {
      method,
      cache: "no-store",
      headers: { "content-type": "application/json", ...(this.#session && { "session-id": this.#session }) },
      body: body && JSON.stringify({ ...body, connectionId: this.#options.id }),
      ...init,
    });
  }
}
