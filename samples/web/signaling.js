// One WebSocket to the server, speaking the protocol of Unity Render Streaming (generation 5d) for one connection.

const OPEN_LIMIT_MS = 5000;

/** Random, as an id must be. `crypto.randomUUID` exists only where the page is secure, and a LAN address is not. */
export function newConnectionId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function withToken(url, token) {
  if (token) url.searchParams.set("token", token);
  return url;
}

export class Signaling {
  #socket;
  #id;
  #waiting = [];
  #limit;

  /**
   * @param {{ id: string, token: string | null, onMessage: (message: object) => void, onClose: () => void }} options
   * `onClose` is called once, whoever closes, but not after `close()`.
   */
  constructor({ id, token, onMessage, onClose }) {
    this.#id = id;
    const url = withToken(new URL("./", location.href), token);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    this.#socket = new WebSocket(url);
    this.#limit = setTimeout(() => this.#socket.close(), OPEN_LIMIT_MS);
    this.#socket.onopen = () => {
      clearTimeout(this.#limit);
      // The offer need not wait for the reply to `connect`: all of it goes out in one flight.
      this.#write({ type: "connect", connectionId: id });
      for (const message of this.#waiting.splice(0)) this.#write(message);
    };
    this.#socket.onmessage = ({ data }) => {
      const message = parse(data);
      if (!message) return;
      const of = message.from ?? message.connectionId;
      if (of === undefined || of === id) onMessage(message);
    };
    this.#socket.onclose = () => {
      clearTimeout(this.#limit);
      onClose();
    };
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** `offer`, `answer` or `candidate`. Before the socket is open it waits. */
  send(type, data) {
    const message = { type, from: this.#id, data: { ...data, connectionId: this.#id } };
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#waiting.push(message);
    else this.#write(message);
  }

  close() {
    clearTimeout(this.#limit);
    this.#socket.onopen = this.#socket.onclose = this.#socket.onmessage = null;
    this.#write({ type: "disconnect", connectionId: this.#id });
    this.#socket.close();
  }

  #write(message) {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Why the socket does not open: a WebSocket keeps the reason to itself, plain HTTP tells. */
export async function diagnose(token) {
  try {
    const url = withToken(new URL("config", location.href), token);
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(OPEN_LIMIT_MS) });
    if (response.status === 401 || response.status === 403) return { reason: "token", words: await response.text() };
    return { reason: response.ok ? "closed" : "gone" };
  } catch {
    return { reason: "gone" };
  }
}
