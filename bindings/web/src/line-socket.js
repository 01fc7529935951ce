// A WebSocket that ends with its connection, for protocols in which no other one can take its place.

import { parse } from "./channels.js";
import { OPEN_LIMIT_MS, socketAddress } from "./server.js";

export class SocketLine {
  renews = false;
  #socket;
  #waiting = [];
  #timer;

  /**
   * @param {{ base: string, token: string | null, onMessage: (message: object) => void,
   *   onClose: (broken: boolean) => void }} options
   * @param {string} path of the protocol
   * @param {(frame: object) => object | null | undefined} read gives the message that a frame is
   */
  constructor({ base, token, onMessage, onClose }, path, read) {
    const socket = new WebSocket(socketAddress(base, path, token));
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#end(() => onClose(true)), OPEN_LIMIT_MS);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      for (const frame of this.#waiting.splice(0)) this.write(frame);
    };
    socket.onmessage = ({ data }) => {
      const message = read(parse(data) ?? {});
      if (message) onMessage(message);
    };
    socket.onclose = ({ wasClean }) => this.#end(() => onClose(!wasClean));
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  renew() {}

  /** Before the socket is open it waits. */
  write(frame) {
    if (this.isOpen) this.#socket.send(JSON.stringify(frame));
    else this.#waiting.push(frame);
  }

  close() {
    this.#end(() => {});
  }

  #end(tell) {
    clearTimeout(this.#timer);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    tell();
  }
}
