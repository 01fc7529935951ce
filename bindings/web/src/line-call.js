// The call protocol: the page signs in and calls the host.

import { parse } from "./channels.js";
import { SocketLine } from "./line-socket.js";

const WORDS = { offer: "Offer", answer: "Answer", candidate: "IceCandidates" };

export class CallLine extends SocketLine {
  #name;

  constructor(options) {
    super(options, "call", ({ type, data }) => {
      if (type === "Offer" || type === "Answer") return { type: type.toLowerCase(), data: { sdp: data } };
      if (type === "IceCandidates") return { type: "candidate", data: parse(data) ?? {} };
      if (type === "EndCall") return { type: "disconnect" };
      return type === "Error" && { type: "error", message: data };
    });
    this.#name = options.name || options.id;
    this.#say("SignIn");
  }

  /** `offer`, `answer` or `candidate`. */
  send(type, data) {
    this.#say(WORDS[type], type === "candidate" ? JSON.stringify(data) : data.sdp);
  }

  close() {
    if (this.isOpen) this.#say("EndCall");
    super.close();
  }

  /** Who is called need not be named: it is the host. */
  #say(type, data) {
    this.write({ type, username: this.#name, data });
  }
}
