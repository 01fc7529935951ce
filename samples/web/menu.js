// The settings: quality, control, statistics.

import { keep, recall } from "./kept.js";
import { Overlay } from "./overlay.js";
import { TouchControls } from "./touch.js";

const $ = (id) => document.getElementById(id);
const LIMITS_KBPS = [20000, 8000, 4000, 2000, 1000];
const PROBES = 20;
const PROBE_PAUSE_MS = 120;

const number = (value) => (value === "" ? null : Number(value));

export class Menu {
  #player;
  #t;

  /** @param {{ t: (key: string) => string, rate: (kbps: number) => string, ms: (ms: number) => string }} words */
  constructor(player, words) {
    const { t } = words;
    [this.#player, this.#t] = [player, t];
    const menu = $("menu");
    const on = (id, type, act) => $(id).addEventListener(type, act);
    const shut = () => menu.close();
    on("shut", "click", shut);
    // A click beside it.
    on("menu", "click", ({ target, clientX: x, clientY: y }) => {
      const { left, right, top, bottom } = menu.getBoundingClientRect();
      if (target === menu && (x < left || x > right || y < top || y > bottom)) shut();
    });
    on("menu", "close", () => $("typing").hidden && $("stage").focus({ preventScroll: true, focusVisible: false }));
    for (const id of ["rung", "codec", "limit"]) {
      on(id, "change", () => player.setQuality({ rung: number($("rung").value), codec: $("codec").value || null, maxKbps: number($("limit").value) }));
    }
    this.#options("limit", "none", LIMITS_KBPS.map((kbps) => [kbps, words.rate(kbps)]));
    on("control", "click", () => (player.role?.role === "player" ? player.giveUp() : player.requestControl()));
    on("lock", "click", () => {
      shut();
      player.pointerLock();
    });
    on("type", "click", () => {
      player.keyboard();
      shut();
      $("field").focus();
    });
    on("test", "click", () => this.#test(words.ms));
    for (const type of ["welcome", "role"]) player.addEventListener(type, () => this.#fill());
    this.#switch("show", new Overlay(player, words));
    this.#switch("touch", new TouchControls(player));
    this.#fill();
  }

  open() {
    this.#fill();
    $("menu").showModal();
  }

  /** `thing` has `show(on)`. */
  #switch(id, thing) {
    $(id).checked = recall(id) === "on";
    if ($(id).checked) thing.show(true);
    $(id).addEventListener("change", () => {
      keep(id, $(id).checked ? "on" : "off");
      thing.show($(id).checked);
    });
  }

  #options(id, first, options) {
    const select = $(id);
    const chosen = select.value;
    const all = [["", this.#t(first)], ...options];
    select.replaceChildren(...all.map(([value, text]) => new Option(text, value)));
    select.value = all.some(([value]) => String(value) === chosen) ? chosen : "";
  }

  #fill() {
    const { welcome, role } = this.#player;
    this.#options("rung", "automatic", (welcome?.layers ?? []).map(({ rung, width, height }) => [rung, `${width} × ${height}`]));
    this.#options("codec", "automatic", (welcome?.codecs ?? []).map((codec) => [codec, codec]));
    $("control-row").hidden = !role;
    if (!role) return;
    const plays = role.role === "player";
    $("role-line").textContent = plays ? `${this.#t("player")} ${role.number}` : this.#t("spectator");
    $("control").textContent = this.#t(plays ? "giveUp" : "ask");
    $("control").disabled = !plays && welcome?.may_ask === false;
  }

  async #test(ms) {
    const say = (words) => { $("tested").textContent = words; };
    $("test").disabled = true;
    say(this.#t("testing"));
    let answers = 0;
    for (let i = 0; i < PROBES && !(i === 2 && answers === 0); i += 1) {
      if ((await this.#player.probe()) !== null) answers += 1;
      // Not in step with the pictures.
      await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS * (0.5 + Math.random())));
    }
    const { inputToPictureMs: all } = this.#player.latency();
    say(answers && all ? `${this.#t("tested")}: ${ms(all.p50)} (p95 ${ms(all.p95)})` : this.#t("silent"));
    $("test").disabled = false;
  }
}
