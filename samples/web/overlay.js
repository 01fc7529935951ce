// The statistics over the picture: figures, and a graph of the last two minutes.

const $ = (id) => document.getElementById(id);
const SECONDS = 120;
const GAP = 8;

export class Overlay {
  #player;
  #words;
  #history = [];
  #shown = false;

  constructor(player, words) {
    [this.#player, this.#words] = [player, words];
    player.addEventListener("stats", ({ detail }) => {
      if (!detail) return;
      this.#history = [...this.#history.slice(1 - SECONDS), detail];
      if (this.#shown) this.#draw();
    });
  }

  show(on) {
    this.#shown = on;
    $("overlay").hidden = !on;
    this.#player.hostStats(on);
    if (on) this.#draw();
  }

  #draw() {
    const now = this.#history.at(-1);
    if (!now) return;
    const { t, ms, rate } = this.#words;
    const maybe = (value, say) => (value === null || value === undefined ? "–" : say(value));
    const { viewer, layer } = now.host ?? {};
    const rows = {
      latency: maybe(now.endToEndMs, ({ p50, p95 }) => `${ms(p50)} · p95 ${ms(p95)}`),
      trip: maybe(now.rttMs, ms),
      buffer: ms(now.jitterBufferMs),
      decoding: ms(now.decodeMs),
      frames: `${now.fps ?? "–"} fps · ${now.width}×${now.height} ${now.codec}`,
      rate: maybe(now.bitrateKbps, rate),
      loss: `${now.lossPercent.toFixed(1)} % · ${now.packetsLost}`,
      ...(layer && {
        encoder: `${layer.encoder} · ${ms((layer.encode_p50_us ?? 0) / 1000)}`,
        layer: `${layer.rung} · ${layer.width}×${layer.height} · ${rate(viewer?.target_kbps ?? 0)}`,
      }),
    };
    $("figures").replaceChildren(...Object.entries(rows).flatMap(([key, value]) => {
      const [name, figure] = ["dt", "dd"].map((kind) => document.createElement(kind));
      [name.textContent, figure.textContent] = [t(key), value];
      name.dataset.line = key;
      return [name, figure];
    }));
    const canvas = $("graph");
    const colors = getComputedStyle(canvas);
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    const half = (canvas.height - GAP) / 2;
    const plot = (top, color, value) => curve(context, { top, height: half, width: canvas.width, color, values: this.#history.map(value) });
    plot(0, colors.getPropertyValue("--accent"), (one) => one.endToEndMs?.p50 ?? one.rttMs);
    plot(half + GAP, colors.getPropertyValue("--second"), (one) => one.bitrateKbps);
  }
}

function curve(context, { top, height, width, color, values }) {
  const most = Math.max(1, ...values.map((value) => value ?? 0)) * 1.1;
  const step = width / (SECONDS - 1);
  const at = (value, i) => [width - (values.length - 1 - i) * step, top + height * (1 - value / most)];
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.beginPath();
  values.forEach((value, i) => (value === null || value === undefined ? null : context.lineTo(...at(value, i))));
  context.stroke();
  context.globalAlpha = 0.25;
  context.fillStyle = color;
  context.fillRect(0, top + height - 1, width, 1);
  context.globalAlpha = 1;
}
