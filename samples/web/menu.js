// The settings: quality, control, statistics.

import { keep, recall } from "./kept.js";
import { Overlay } from "./overlay.js";
import { TouchControls } from "./touch.js";

const $ = (id) => document.getElementById(id);
const LIMITS_KBPS = [20000, 8000, 4000, 2000, 1000];
const SETTLE_MS = 1500;
const PROBES = 20;
const PROBE_PAUSE_MS = 120;

const size = (width, height) => `${width} × ${height}`;
const number = (value) => (value === "" ? null : Number(value));

export class Menu {
  #player;
  #words;
  #t;
  #wish = {};
  #settling = 0;
  #shown = null;

  /** @param {{ t: (key: string) => string, rate: (kbps: number) => string, ms: (ms: number) => string }} words */
  constructor(player, words) {
    [this.#player, this.#words, this.#t] = [player, words, words.t];
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
    on("rung", "change", () => this.#choose(player, { rung: number($("rung").value) }));
    on("codec", "change", () => this.#choose(player, { codec: $("codec").value || null }));
    on("limit", "change", () => this.#choose(player, { maxKbps: number($("limit").value) }));
    player.addEventListener("stats", ({ detail }) => {
      this.#shown = detail;
      this.#nameShown();
    });
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

  /** `chosen` is what counts at the host, whatever was asked for. */
  #options(id, first, options, chosen) {
    const all = [["", this.#t(first)], ...options];
    $(id).replaceChildren(...all.map(([value, text]) => new Option(text, value)));
    $(id).value = String(chosen ?? "");
  }

  #fill() {
    const { welcome, role } = this.#player;
    this.#choices(welcome ?? {});
    $("control-row").hidden = !role;
    if (!role) return;
    const plays = role.role === "player";
    $("role-line").textContent = plays ? `${this.#t("player")} ${role.number}` : this.#t("spectator");
    $("control").textContent = this.#t(plays ? "giveUp" : "ask");
    $("control").disabled = !plays && welcome?.may_ask === false;
  }

  /** What the host lets this viewer choose, and what counts of what it has chosen. */
  #choices({ layers = [], codecs = [], quality }) {
    $("choices").hidden = !quality;
    // What it answers to an older choice is not to undo a newer one.
    if (!quality || this.#settling) return;
    const { rung, codec, max_kbps: kbps } = quality;
    const limits = kbps === null || LIMITS_KBPS.includes(kbps) ? LIMITS_KBPS : [...LIMITS_KBPS, kbps];
    this.#options("rung", "automatic", layers.map(({ rung: one, width, height }) => [one, size(width, height)]), rung);
    this.#options("codec", "automatic", codecs.map((one) => [one, one]), codec);
    this.#options("limit", "none", limits.map((one) => [one, this.#words.rate(one)]), kbps);
    this.#nameShown();
  }

  /** Where nothing is chosen: what is shown. */
  #nameShown() {
    const shown = this.#shown;
    if (!shown?.height) return;
    for (const [id, name] of [["rung", `${shown.height}p`], ["codec", shown.codec]]) {
      const [first] = $(id).options;
      if (first) first.text = this.#t("automatic") + ($(id).value === "" ? ` (${name})` : "");
    }
  }

  #choose(player, wish) {
    this.#wish = { ...this.#wish, ...wish };
    player.setQuality(this.#wish);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = 0;
      this.#fill();
    }, SETTLE_MS);
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
