import assert from "node:assert/strict";
import test from "node:test";

let clock = 0;
globalThis.performance = { now: () => clock };

/** A browser's, as far as who yields is concerned (W3C webrtc-pc, section 4.4.1.6). */
class Connection {
  signalingState = "stable";
  localDescription = null;
  remoteDescription = null;
  candidates = [];
  rolledBack = 0;
  #offers = 0;

  addTransceiver() { return { receiver: {} }; }
  createDataChannel() { return {}; }
  restartIce() { this.onnegotiationneeded(); }
  async createOffer() { return { type: "offer", sdp: `a=ice-ufrag:page${++this.#offers}\n` }; }
  async createAnswer() { return { type: "answer", sdp: "a=ice-ufrag:page\n" }; }
  async setLocalDescription(description) {
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
  }
  async setRemoteDescription(description) {
    if (description.type === "offer" && this.signalingState === "have-local-offer") this.rolledBack += 1;
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
  }
  async addIceCandidate({ candidate }) { this.candidates.push(candidate); }
  getReceivers() { return []; }
  close() { this.signalingState = "closed"; }
}
globalThis.RTCPeerConnection = Connection;
const { Media } = await import("../src/media.js");

const offer = (name) => ({ type: "offer", data: { sdp: `a=ice-ufrag:${name}\n` } });
const answer = (name) => ({ type: "answer", data: { sdp: `a=ice-ufrag:${name}\n` } });
const candidate = (name) => ({ type: "candidate", data: { candidate: name } });

/** A page that plays, was told whether it is polite, and has just offered to restart ICE. */
async function restarting(t, polite) {
  clock = 100_000;
  const sent = [];
  const media = new Media({ send: (type) => sent.push(type), onTrack() {}, onChange() {} });
  t.after(() => media.close());
  if (polite !== undefined) await media.handle({ type: "connect", polite });
  await media.start();
  await media.handle(answer("host1"));
  media.restart();
  while (media.pc.signalingState !== "have-local-offer") await new Promise(setImmediate);
  assert.deepEqual(sent.splice(0), ["offer", "offer"]);
  return { media, pc: media.pc, sent };
}

test("a page that is not polite keeps its offer, says it again, and takes the answer to it", async (t) => {
  const { media, pc, sent } = await restarting(t, false);
  await media.handle(offer("host2"));
  await media.handle(candidate("of what was passed over"));
  assert.deepEqual([sent.splice(0), pc.signalingState, pc.rolledBack], [["offer"], "have-local-offer", 0]);
  await media.handle(answer("host3"));
  await media.handle(candidate("of the answer"));
  assert.deepEqual([pc.signalingState, pc.candidates], ["stable", ["of the answer"]]);
  // What comes when nothing of ours is open is answered as ever.
  await media.handle(offer("host4"));
  assert.deepEqual([sent, pc.rolledBack], [["answer"], 0]);
});

test("an offer that stays without an answer gives way after all", async (t) => {
  const { media, pc, sent } = await restarting(t, false);
  await media.handle(offer("host2"));
  clock += 2_900;
  await media.handle(offer("host2"));
  assert.equal(pc.rolledBack, 0);
  clock += 200;
  await media.handle(offer("host2"));
  assert.deepEqual([sent.at(-1), pc.rolledBack, pc.signalingState], ["answer", 1, "stable"]);
  await media.handle(candidate("of the host's"));
  assert.deepEqual(pc.candidates, ["of the host's"]);
});

test("a page that is polite, or was told nothing, takes its offer back", async (t) => {
  for (const polite of [true, undefined]) {
    const { media, pc, sent } = await restarting(t, polite);
    await media.handle(offer("host2"));
    assert.deepEqual([sent, pc.rolledBack, pc.signalingState], [["answer"], 1, "stable"]);
  }
});
