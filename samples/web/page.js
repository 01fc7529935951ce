// The page around the player: says in words what is going on, and leads what a viewer may do to it.

import { recall } from "./kept.js";
import { PROTOCOLS, Player } from "./rendercast/index.js";
import { choose, translator, LANGUAGES } from "./strings.js";

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const language = choose([query.get("lang") ?? "", ...navigator.languages]);
const t = translator(language);
const [main, stage] = [$("player"), $("stage")];
const QUIETLY = { preventScroll: true, focusVisible: false };
const STALL_S = 3;
const TOAST_MS = 8000;

const protocol = query.get("protocol");
const player = new Player({ stage, video: $("video"), still: $("still"), audio: $("audio"), field: $("field") }, {
  token: query.get("token"),
  protocol: PROTOCOLS.includes(protocol) ? protocol : undefined,
  name: query.get("name") ?? undefined,
  playerToken: query.get("player"),
});

/** For tests and the curious. */
window.rendercast = {
  player,
  get pc() { return player.pc; },
  get state() { return player.state; },
  get trouble() { return player.trouble; },
  get retrying() { return player.retrying; },
  stats: () => player.stats(),
};

player.addEventListener("state", ({ detail: { state, reason, words } }) => {
  main.dataset.state = state;
  document.title = "rendercast";
  if (state === "playing") {
    if (document.activeElement === document.body) stage.focus(QUIETLY);
    return;
  }
  const key = { looking: "connecting", answered: "connecting", answer: "waiting" }[reason] ?? reason;
  $("title").textContent = t(key);
  $("detail").textContent = words || t(key === "connecting" ? reason : `${key}More`) || t("again");
  $("retry").hidden = !(state === "trouble" && reason !== "unsupported") && state !== "kicked";
  $("retry").textContent = t(state === "kicked" ? "join" : "retry");
  document.title = `${t(key)} – rendercast`;
});

player.addEventListener("sound", ({ detail: { on, blocked } }) => {
  $("unmute").hidden = !blocked;
  $("mute").hidden = blocked;
  $("mute").setAttribute("aria-pressed", String(on));
  $("mute-word").textContent = t(on ? "soundOn" : "soundOff");
});

player.addEventListener("role", ({ detail: { role, number } }) => {
  $("role").hidden = false;
  $("role").dataset.role = role;
  $("role").textContent = role === "player" ? `${t("player")} ${number}` : t("spectator");
});

player.addEventListener("asked", ({ detail: { viewer } }) => toast(t("asked"), t("handOver"), () => player.handOver(viewer)));
player.addEventListener("message", ({ detail: { text } }) => toast(String(text)));

player.addEventListener("field", ({ detail: { label } }) => {
  $("typing").hidden = label === null;
  $("typing-label").textContent = label || t("type");
  if (label === null) stage.focus(QUIETLY);
});

player.addEventListener("leave", () => $("open").focus());
player.addEventListener("stats", ({ detail }) => {
  $("stats").textContent = detail?.stillS >= STALL_S ? t("still") : line(detail);
});

/** One line for people. */
function line(stats) {
  if (!stats?.framesDecoded) return "–";
  const { fps, bitrateKbps, rttMs, width, height, codec } = stats;
  const parts = [fps === null ? "" : `${fps} fps`, rate(bitrateKbps), rttMs === null ? "" : ms(rttMs), `${width}×${height}`, codec];
  // Lines break between the parts, not in one.
  return parts.filter(Boolean).map((part) => part.replaceAll(" ", "\u00a0")).join(" · ");
}

function rate(kbps) {
  if (kbps === null) return "";
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${kbps} kbit/s`;
}

const ms = (value) => `${value < 1 ? "<1" : value.toFixed(value < 10 ? 1 : 0)} ms`;

function toast(words, action, act) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(words);
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: action });
    button.addEventListener("click", () => (act(), box.remove()));
    box.append(button);
  }
  $("toasts").replaceChildren(...[...$("toasts").children].slice(-2), box);
  setTimeout(() => box.remove(), TOAST_MS);
}

document.documentElement.lang = LANGUAGES[language];
for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));

const on = (id, act) => $(id).addEventListener("click", act);
on("unmute", () => (player.unmute(), stage.focus(QUIETLY)));
on("mute", () => ($("mute").getAttribute("aria-pressed") === "true" ? player.mute() : player.unmute()));
on("fullscreen", () => {
  player.fullscreen(main).catch(() => {});
  stage.focus(QUIETLY);
});
on("retry", () => player.connect());
on("typed", () => player.keyboard(false));

// Made when it is wanted: no picture needs it.
let menu = null;
const settings = () => (menu ??= import("./menu.js").then(({ Menu }) => new Menu(player, { t, rate, ms })));
on("open", async () => (await settings()).open());

player.connect();
if (["show", "touch"].some((id) => recall(id) === "on")) settings();
