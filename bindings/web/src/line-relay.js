// The relay protocol: bare descriptions, and candidates as JSON texts. The socket's end is the connection's.

import { parse } from "./channels.js";
import { SocketLine } from "./line-socket.js";

export class RelayLine extends SocketLine {
  constructor(options) {
    super(options, "relay", (frame) => {
      if (frame.type === "ice") return { type: "candidate", data: parse(frame.ice) ?? {} };
      if (frame.type === "error") return frame;
      return frame.sdp && { type: frame.type, data: { sdp: frame.sdp } };
    });
  }

  /** `offer`, `answer` or `candidate`. */
  send(type, data) {
    this.write(type === "candidate" ? { type: "ice", ice: JSON.stringify(data) } : { type, sdp: data.sdp });
  }
}
