// The page: keeps one connection to the host going, shows its picture, and says in words what is going on.

import { watchArrivals } from "./arrivals.js";
import { Input } from "./input.js";
import { Media } from "./media.js";
import { Signaling, diagnose, newConnectionId } from "./signaling.js";
import { Stats, line } from "./stats.js";

const $ = (id) => document.getElementById(id);
const [player, stage, video, still, audio] = ["player", "stage", "video", "still", "audio"].map($);
const token = new URLSearchParams(location.search).get("token");

const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];
const ANSWER_SOON_MS = 2000;
const ICE_LIMIT_MS = 15000;
const INTERRUPTION_LIMIT_MS = 5000;
const PICTURE_SOON_MS = 2000;
const STALL_S = 3;

const QUIETLY = { preventScroll: true, focusVisible: false };

const WORDS = {
  gone: ["The server does not answer", "The game may have been closed. This page tries again by itself."],
  closed: ["The server closed the connection", "The game may have been restarted. This page tries again by itself."],
  ended: ["The host ended the connection", "This page tries again by itself."],
  ice: ["No way through the network", "Signaling works, but the picture cannot reach this device: a firewall or a VPN may block UDP."],
  lost: ["The connection was lost", "The network between this device and the host broke down. This page tries again by itself."],
  codec: ["No video format in common", "This browser cannot play any format that the host can encode."],
  unsupported: ["This browser cannot receive the stream", "It has no WebRTC, or it is switched off."],
};

let attempt = null;
let failures = 0;
let retryTimer = 0;
let trouble = null;
let soundWanted = false;
let lastStats = null;
const stats = new Stats();
const input = new Input(stage, video, () => $("fullscreen").focus());

function say(state, title, detail) {
  player.dataset.state = state;
  $("title").textContent = title;
  $("detail").textContent = detail;
  $("retry").hidden = state !== "trouble" || trouble === "unsupported";
  document.title = state === "playing" ? "rendercast" : `${title} – rendercast`;
}

/** One try: a socket and a peer connection, started side by side, and the timers that watch them. */
function connect() {
  stopRetrying();
  attempt?.end();
  const timers = [];
  const after = (ms, action) => timers.push(setTimeout(action, ms));
  const id = newConnectionId();
  const me = { media: null, playing: false, connected: false, interrupted: 0, renewing: false, recover: null };
  me.end = () => {
    timers.forEach(clearTimeout);
    clearTimeout(me.interrupted);
    signaling.close();
    me.media.close();
    input.use(null);
    attempt = null;
  };
  const signaling = new Signaling({
    id,
    token,
    onMessage: (message) => {
      me.renewing = false;
      if (message.type === "error") fail("refused", message.message);
      else if (message.type === "disconnect") fail("ended");
      else me.media.handle(message);
    },
    onClose: async (broken) => {
      // Its line to the server may break with its network, and what plays goes on.
      if (broken && me.connected && !me.renewing) {
        me.renewing = true;
        signaling.renew();
        return;
      }
      const { reason, words } = await diagnose(token);
      if (attempt === me) fail(reason, words);
    },
  });
  me.media = new Media({
    send: (type, data) => signaling.send(type, data),
    onTrack: (track) => (track.kind === "video" ? showVideo(me, track) : hearAudio(track)),
    onChange: () => changed(me, after),
  });
  me.recover = () => {
    signaling.renew();
    me.media.restart();
  };
  watchArrivals(me.media.pc, (change) => {
    if (attempt !== me || !me.connected) return;
    // A new line costs little, and the host may have something to say on it.
    if (change === "quiet") signaling.renew();
    else me.recover();
  });
  attempt = me;
  if (failures === 0) say("connecting", "Connecting …", "Looking for the host.");
  me.media.start().catch((error) => attempt === me && fail("refused", String(error)));
  after(ANSWER_SOON_MS, () => {
    if (signaling.isOpen && !me.media.answered) say("waiting", "Waiting for the host", "The server is there; the game has not answered yet.");
  });
  input.use(me.media.input);
}

/** The peer connection has news. */
function changed(me, after) {
  if (attempt !== me) return;
  const state = me.media.pc.connectionState;
  if (state === "connected") {
    clearTimeout(me.interrupted);
    me.interrupted = 0;
  }
  if (me.media.videoRefused) {
    trouble = "codec";
    say("trouble", ...WORDS.codec);
  } else if (me.connected && (state === "disconnected" || state === "failed")) {
    me.interrupted ||= setTimeout(() => fail("lost"), INTERRUPTION_LIMIT_MS);
    me.recover();
  } else if (state === "failed") {
    fail("ice");
  } else if (state === "connected" && !me.connected) {
    me.connected = true;
    after(PICTURE_SOON_MS, () => {
      if (me.playing || me.media.videoRefused) return;
      say("waiting", "Connected", "The host has not sent a picture yet.");
    });
  } else if (me.media.answered && !me.connected && !me.watched) {
    me.watched = true;
    if (failures === 0) say("connecting", "Connecting …", "The host has answered.");
    after(ICE_LIMIT_MS, () => me.connected || fail("ice"));
  }
}

/** Ends the try, says why, keeps the last picture, and tries again a little later. */
function fail(reason, words) {
  keepPicture();
  attempt?.end();
  trouble = reason;
  const [title, detail] = WORDS[reason] ?? ["The server refused the connection", words ?? ""];
  stopRetrying();
  if (reason === "token") {
    // It will not become valid by asking again.
    say("trouble", "This link is not valid", words);
    return;
  }
  say("trouble", title, detail);
  const delay = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)];
  failures += 1;
  // Not all at the same moment when a server comes back.
  retryTimer = setTimeout(connect, delay * (0.75 + Math.random() / 2));
}

function stopRetrying() {
  clearTimeout(retryTimer);
  retryTimer = 0;
}

function keepPicture() {
  if (!attempt?.playing || !video.videoWidth) return;
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d").drawImage(video, 0, 0);
  still.hidden = false;
}

/** Picture and sound play in elements of their own: in one, each would wait for the other. */
function showVideo(me, track) {
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => {});
  const shown = () => {
    if (attempt !== me) return;
    me.playing = true;
    failures = 0;
    trouble = null;
    still.hidden = true;
    say("playing", "Playing", "");
    if (document.activeElement === document.body) stage.focus(QUIETLY);
  };
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
  else video.addEventListener("loadeddata", shown, { once: true });
}

function hearAudio(track) {
  audio.srcObject = new MediaStream([track]);
  if (soundWanted) playSound();
  else $("unmute").hidden = false;
}

async function playSound() {
  try {
    await audio.play();
    soundWanted = true;
    $("unmute").hidden = true;
    $("mute").hidden = false;
  } catch {
    // Without a click the browser lets nothing sound.
    $("unmute").hidden = false;
  }
}

$("unmute").addEventListener("click", () => {
  playSound();
  stage.focus(QUIETLY);
});

$("mute").addEventListener("click", () => {
  audio.muted = !audio.muted;
  $("mute").setAttribute("aria-pressed", String(!audio.muted));
  $("mute").textContent = audio.muted ? "Sound off" : "Sound on";
});

$("fullscreen").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (player.requestFullscreen) player.requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.(); // iPhones give only videos the whole screen.
  stage.focus(QUIETLY);
});

$("retry").addEventListener("click", connect);

// A page in the back/forward cache must hold no connection, and needs one when it comes back.
addEventListener("pagehide", () => {
  stopRetrying();
  keepPicture();
  attempt?.end();
});
addEventListener("pageshow", ({ persisted }) => persisted && connect());

// Another network: sooner known here than by what no longer arrives.
addEventListener("online", () => {
  if (attempt?.connected) attempt.recover();
  else if (retryTimer) connect();
});

let still_s = 0;
setInterval(async () => {
  const now = await stats.read(attempt?.media.pc).catch(() => null);
  still_s = attempt?.playing && now && now.framesDecoded === lastStats?.framesDecoded ? still_s + 1 : 0;
  lastStats = now;
  $("stats").textContent = still_s >= STALL_S ? "The host is sending no picture right now." : line(now);
}, 1000);

/** For tests and the curious. */
window.rendercast = {
  get pc() { return attempt?.media.pc ?? null; },
  get state() { return player.dataset.state; },
  get trouble() { return trouble; },
  get retrying() { return retryTimer !== 0; },
  stats: async () => lastStats ?? (await stats.read(attempt?.media.pc)),
};

if (window.RTCPeerConnection) {
  connect();
} else {
  trouble = "unsupported";
  say("trouble", ...WORDS.unsupported);
}
