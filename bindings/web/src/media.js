// One RTCPeerConnection from offer to end. It only receives, holds back as little as the browser allows, and follows perfect
// negotiation (W3C webrtc-pc, section 10.7); which side is the polite one the server says.

import { refusesVideo, withStereo } from "./sdp.js";

const RESEND_OFFER_MS = 5000;
// A way that was just looked for anew needs a moment to be found.
const RESTARTED_MS = 2000;
// An offer of ours that stands so long against the host's, and has no answer, gives way: neither side waits for ever.
const YIELD_AFTER_MS = 3000;

export class Media {
  /** @type {RTCPeerConnection} */
  pc;
  answered = false;
  videoRefused = false;
  #send;
  #onChange;
  #makingOffer = false;
  /** Takes its own offer back when both sides offer at once. */
  #polite = true;
  /** When the host's offer was first passed over for ours (ms); null: none was. */
  #collided = null;
  #early = [];
  #resend = 0;
  #turn = Promise.resolve();
  #restarted = -Infinity;

  /**
   * @param {{ rtc?: RTCConfiguration, send: (type: string, data: object) => void, onTrack: (track: MediaStreamTrack) => void,
   *   onChange: () => void }} options `onChange`: look at `answered`, `videoRefused` and `pc.connectionState` again
   */
  constructor({ rtc, send, onTrack, onChange }) {
    this.#send = send;
    this.#onChange = onChange;
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...rtc });
    this.pc = pc;
    for (const kind of ["video", "audio"]) {
      hurry(pc.addTransceiver(kind, { direction: "recvonly" }).receiver);
    }
    pc.ontrack = ({ track, receiver }) => {
      hurry(receiver);
      onTrack(track);
    };
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      const { sdpMLineIndex, sdpMid } = candidate;
      send("candidate", { candidate: candidate.candidate, sdpMLineIndex, sdpMid });
    };
    pc.onconnectionstatechange = onChange;
    pc.onnegotiationneeded = () => this.#offer();
  }

  /** The first offer asks for picture and sound at once, so one round trip is all it takes. */
  start() {
    return this.#offer();
  }

  /** A message of the host, in the order of arrival. */
  handle(message) {
    this.#turn = this.#turn.then(() => this.#take(message)).catch((error) => console.warn(message.type, error));
    return this.#turn;
  }

  /** Looks for a way to the host anew (ICE restart), unless one side has just done so. */
  restart() {
    const now = performance.now();
    if (now - this.#restarted < RESTARTED_MS) return;
    this.#restarted = now;
    this.pc.restartIce();
  }

  close() {
    clearInterval(this.#resend);
    this.pc.ontrack = this.pc.onicecandidate = this.pc.onconnectionstatechange = this.pc.onnegotiationneeded = null;
    this.pc.close();
  }

  async #offer() {
    if (this.#makingOffer || this.pc.signalingState !== "stable") return;
    this.#makingOffer = true;
    try {
      const offer = await this.pc.createOffer();
      if (this.pc.signalingState !== "stable") return;
      await this.#describe({ type: "offer", sdp: withStereo(offer.sdp) });
      this.#sendOffer();
      clearInterval(this.#resend);
      this.#resend = setInterval(() => this.#sendOffer(), RESEND_OFFER_MS);
    } finally {
      this.#makingOffer = false;
    }
  }

  #sendOffer() {
    if (this.pc.signalingState === "have-local-offer") this.#send("offer", { sdp: this.pc.localDescription.sdp });
    else clearInterval(this.#resend);
  }

  /** A browser may refuse a description that was touched: then it gets its own. */
  async #describe(description) {
    try {
      await this.pc.setLocalDescription(description);
    } catch {
      await this.pc.setLocalDescription();
    }
  }

  /** Both sides offer at once, and ours stands: the host takes its own back as soon as it hears ours. */
  #passesOver() {
    const collides = this.#makingOffer || this.pc.signalingState === "have-local-offer";
    if (this.#polite || !collides) return false;
    this.#collided ??= performance.now();
    return performance.now() - this.#collided < YIELD_AFTER_MS;
  }

  async #take({ type, data, polite }) {
    const pc = this.pc;
    if (pc.signalingState === "closed") return;
    if (type === "connect") this.#polite = polite !== false;
    if (type === "offer" && this.#passesOver()) {
      // It may not have heard ours, said on a line that was dead.
      this.#sendOffer();
      return;
    }
    if (type === "offer" || type === "answer") {
      this.answered = true;
      // Before the browser sees it: some reject the whole of a description whose first section is turned down.
      this.videoRefused = refusesVideo(data.sdp);
      if (this.videoRefused) this.#onChange();
    }
    if (type === "offer") {
      // Ours, if one is open, is taken back by this.
      if (pc.remoteDescription && ufrag(data.sdp) !== ufrag(pc.remoteDescription.sdp)) this.#restarted = performance.now();
      await pc.setRemoteDescription({ type, sdp: data.sdp });
      const answer = await pc.createAnswer();
      await this.#describe({ type: "answer", sdp: withStereo(answer.sdp) });
      this.#send("answer", { sdp: pc.localDescription.sdp });
      await this.#described();
    } else if (type === "answer" && pc.signalingState === "have-local-offer") {
      await pc.setRemoteDescription({ type, sdp: data.sdp });
      await this.#described();
    } else if (type === "candidate") {
      // Of an offer that was passed over: its session of ICE will never be.
      if (!data.candidate || this.#collided !== null) return;
      if (pc.remoteDescription) await pc.addIceCandidate(data);
      else this.#early.push(data);
    }
  }

  async #described() {
    this.#collided = null;
    for (const candidate of this.#early.splice(0)) {
      await this.pc.addIceCandidate(candidate).catch((error) => console.warn("candidate", error));
    }
    this.#onChange();
  }
}

/** What names a session of ICE (RFC 8839, section 5.4). */
function ufrag(sdp) {
  return sdp.match(/^a=ice-ufrag:(\S+)/m)?.[1];
}

/** Plays each frame and sound as soon as it is there. */
function hurry(receiver) {
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
}
