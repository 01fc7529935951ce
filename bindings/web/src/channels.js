// The page's two data channels: one for what must arrive, in order, and one for moves, of which only the newest is of use.

import { message } from "./input-bytes.js";

// Beyond this, in bytes, moves are skipped: the line is behind.
const BEHIND = 16 * 1024;

export class Channels {
  #reliable;
  #moves;
  #sequence = 0;

  /**
   * @param {RTCPeerConnection} pc before its first offer
   * @param {{ onOpen: () => void, onMessage: (message: { type: string }) => void }} options
   */
  constructor(pc, { onOpen, onMessage }) {
    this.#reliable = pc.createDataChannel("rendercast", { ordered: true });
    this.#moves = pc.createDataChannel("rendercast-moves", { ordered: false, maxRetransmits: 0 });
    this.#reliable.onopen = onOpen;
    this.#reliable.onmessage = ({ data }) => {
      const heard = typeof data === "string" && parse(data);
      if (typeof heard?.type === "string") onMessage(heard);
    };
  }

  get isOpen() {
    return this.#reliable.readyState === "open";
  }

  /** A record of input of that time (ms). @returns whether it was sent: a move may be passed over */
  input(record, time, isMove = false) {
    const channel = isMove && this.#moves.readyState === "open" ? this.#moves : this.#reliable;
    if (channel.readyState !== "open" || (isMove && channel.bufferedAmount > BEHIND)) return false;
    channel.send(message(this.#sequence++, time, record));
    return true;
  }

  /** @param {{ type: string }} words JSON */
  tell(words) {
    if (this.isOpen) this.#reliable.send(JSON.stringify(words));
    return this.isOpen;
  }
}

/** Null for what is no JSON. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
