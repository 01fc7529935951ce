import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const sockets = [];
globalThis.WebSocket = class {
  static OPEN = 1;
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = String(url);
    sockets.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  opens() { this.readyState = 1; this.onopen(); }
  says(frame) { this.onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) }); }
};
const { RelayLine } = await import("../src/line-relay.js");
const { CallLine } = await import("../src/line-call.js");
const { HttpLine } = await import("../src/line-http.js");
const { WebSocketLine } = await import("../src/line-websocket.js");

let heard, closed, options;
beforeEach(() => {
  sockets.length = 0;
  [heard, closed] = [[], []];
  options = {
    base: "http://host:8080/room/blue/?token=no#x", id: "me", token: "a b",
    onMessage: (message) => heard.push(message), onClose: (broken) => closed.push(broken),
  };
});
const candidate = { candidate: "c", sdpMid: "0", sdpMLineIndex: 0 };

test("relay: bare descriptions, candidates as JSON texts, and what was said too soon waits", () => {
  const line = new RelayLine(options);
  const [socket] = sockets;
  assert.equal(socket.url, "ws://host:8080/room/blue/relay?token=a+b");
  line.send("offer", { sdp: "v=0" });
  assert.deepEqual(socket.sent, []);
  socket.opens();
  line.send("candidate", candidate);
  assert.deepEqual(socket.sent, [{ type: "offer", sdp: "v=0" }, { type: "ice", ice: JSON.stringify(candidate) }]);
  for (const frame of [{ type: "answer", sdp: "v=1" }, { type: "ice", ice: JSON.stringify(candidate) }, { type: "chat" }, "no JSON"]) socket.says(frame);
  assert.deepEqual(heard, [{ type: "answer", data: { sdp: "v=1" } }, { type: "candidate", data: candidate }]);
  socket.onclose({ wasClean: false });
  assert.deepEqual([closed, line.isOpen, line.renews], [[true], false, false]);
});

test("call: the page signs in first, calls the host, and hangs up", () => {
  const line = new CallLine({ ...options, name: "ann" });
  const [socket] = sockets;
  line.send("offer", { sdp: "v=0" });
  socket.opens();
  line.send("candidate", candidate);
  assert.deepEqual(socket.sent, [
    { type: "SignIn", username: "ann" }, { type: "Offer", username: "ann", data: "v=0" },
    { type: "IceCandidates", username: "ann", data: JSON.stringify(candidate) },
  ]);
  for (const [type, data] of [["StartStreaming"], ["Answer", "v=1"], ["IceCandidates", JSON.stringify(candidate)], ["Error", "no"], ["EndCall"]]) socket.says({ type, data });
  assert.deepEqual(heard, [
    { type: "answer", data: { sdp: "v=1" } }, { type: "candidate", data: candidate }, { type: "error", message: "no" }, { type: "disconnect" },
  ]);
  line.close();
  assert.deepEqual([socket.sent.at(-1).type, closed], ["EndCall", []]);
});

test("websocket: another socket takes over, and what is said meanwhile waits", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const line = new WebSocketLine(options);
  sockets[0].opens();
  assert.match(sockets[0].url, /^ws:\/\/host:8080\/room\/blue\/\?token=a\+b&resume=/);
  line.renew();
  assert.equal(sockets.length, 1, "it was opened just now");
  now = 2000;
  line.renew();
  line.send("candidate", candidate);
  assert.deepEqual(sockets[0].sent.map(({ type }) => type), ["connect"]);
  sockets[1].opens();
  assert.deepEqual(sockets[1].sent.map(({ type }) => type), ["connect", "candidate"]);
  assert.equal(sockets[1].url, sockets[0].url, "the same key");
  line.close();
});

test("http: connects, says things in order, and hears each message once", async () => {
  const asked = [];
  const polls = [];
  const reply = (body, ok = true) => ({ ok, json: async () => body, text: async () => String(body) });
  globalThis.fetch = async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url);
    if (method === "GET") return new Promise((resolve, reject) => polls.push({ search, resolve, reject }));
    asked.push([method, pathname, headers["session-id"], body && JSON.parse(body)]);
    if (pathname.endsWith("/connection")) return reply({ connectionId: "me", polite: true });
    if (pathname.endsWith("/candidate")) return reply("too many", false);
    return reply({ sessionId: "s" });
  };
  const line = new HttpLine(options);
  line.send("offer", { sdp: "v=0" });
  while (polls.length < 1 || asked.length < 3) await new Promise(setImmediate);
  assert.deepEqual(asked, [
    ["PUT", "/room/blue/signaling", undefined, undefined],
    ["PUT", "/room/blue/signaling/connection", "s", { connectionId: "me" }],
    ["POST", "/room/blue/signaling/offer", "s", { sdp: "v=0", connectionId: "me" }],
  ]);
  assert.match(polls[0].search, /token=a\+b.*fromtime=0.*wait=\d+/);
  polls[0].resolve(reply({ datetime: 77, messages: [
    { type: "connect", connectionId: "me" }, { type: "answer", connectionId: "me", sdp: "v=1" }, { type: "offer", connectionId: "other", sdp: "x" },
  ] }));
  while (polls.length < 2) await new Promise(setImmediate);
  assert.match(polls[1].search, /fromtime=77/);
  assert.deepEqual(heard.map(({ type, data, polite }) => [type, data?.sdp, polite]), [["connect", undefined, true], ["answer", "v=1", undefined]]);
  line.send("candidate", candidate);
  while (heard.length < 3) await new Promise(setImmediate);
  assert.deepEqual(heard[2], { type: "error", message: "too many" });
  polls[1].resolve(reply("Not Found", false));
  while (closed.length === 0) await new Promise(setImmediate);
  assert.deepEqual(closed, [false]);
});
