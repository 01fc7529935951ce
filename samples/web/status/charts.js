// Lines over the last five minutes on a canvas. Colours are the page's own, so that dark and light are one.

export const SPAN_MS = 5 * 60 * 1000;
/** What is drawn while there is less to draw. */
const SPANS_MS = [60 * 1000, 2 * 60 * 1000, SPAN_MS];
/** Points further apart than this are not joined: nothing is known of what was between. */
const GAP_MS = 3500;
const LEFT = 46;
const BOTTOM = 18;
const TOP = 8;
const RIGHT = 8;

/** The next of 1, 2, 5, 10, 20, ... that is not less: where an axis ends. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  // Written down, powers of ten below 1 are not quite what they are.
  const step = [1, 2, 5, 10].find((times) => times * power >= value * (1 - 1e-9));
  return step * power;
}

/** The point nearest to a time, if there is one as near as two points are to each other. */
export function nearest(points, at) {
  let best = null;
  for (const point of points) {
    const away = Math.abs(point.at - at);
    if (away < GAP_MS && (best === null || away < Math.abs(best.at - at))) best = point;
  }
  return best;
}

/** The span that points so old need. */
export const spanOf = (age) => SPANS_MS.find((span) => age <= span) ?? SPAN_MS;

const ago = (span) => (span >= 60000 ? `−${span / 60000} min` : `−${span / 1000} s`);

/** Pieces of a line, each of points that follow each other closely. */
export function pieces(points, key) {
  const all = [];
  let last = null;
  for (const point of points) {
    const value = point[key];
    if (!Number.isFinite(value)) {
      last = null;
      continue;
    }
    if (last === null || point.at - last > GAP_MS) all.push([]);
    all.at(-1).push({ at: point.at, value });
    last = point.at;
  }
  return all;
}

/** One chart: `series` is `[{ key, name }]`, three at most; `format` writes a value, `tick` the axis' ends. */
export class Chart {
  #canvas = document.createElement("canvas");
  #values = [];
  #series;
  #format;
  #tick;
  #title;
  #points = [];
  #now = 0;
  #hover = null;

  constructor(parent, { title, series, format, tick = format, least = 1 }) {
    this.#series = series;
    this.#format = format;
    this.#tick = tick;
    this.#title = title;
    this.least = least;
    const section = document.createElement("section");
    section.className = "chart";
    const heading = document.createElement("h2");
    heading.textContent = title;
    const legend = document.createElement("ul");
    legend.className = "legend";
    for (const { name } of series) {
      const item = document.createElement("li");
      const value = document.createElement("b");
      item.append(name, " ", value);
      legend.append(item);
      this.#values.push(value);
    }
    this.#canvas.setAttribute("role", "img");
    section.append(heading, legend, this.#canvas);
    parent.append(section);
    const hover = (x) => {
      this.#hover = x;
      this.#draw();
    };
    this.#canvas.addEventListener("pointermove", (event) => hover(event.offsetX));
    this.#canvas.addEventListener("pointerdown", (event) => hover(event.offsetX));
    this.#canvas.addEventListener("pointerleave", () => hover(null));
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** @param points `{ at, ... }` with a value by each series' key, oldest first; `at` in ms */
  show(points, now) {
    this.#points = points;
    this.#now = now;
    this.#draw();
  }

  #draw() {
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const values = this.#points.flatMap((point) => this.#series.map(({ key }) => point[key])).filter(Number.isFinite);
    const most = roundUp(Math.max(this.least, ...values));
    const area = { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
    const span = spanOf(this.#points.length ? this.#now - this.#points[0].at : 0);
    const x = (at) => LEFT + area.width * (1 - (this.#now - at) / span);
    const y = (value) => TOP + area.height * (1 - Math.min(value, most) / most);

    context.font = "11px system-ui, sans-serif";
    context.fillStyle = colour("--quiet");
    context.strokeStyle = colour("--line");
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of [0, most / 2, most]) {
      const line = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(LEFT, line);
      context.lineTo(width - RIGHT, line);
      context.stroke();
      context.fillText(value ? this.#tick(value) : "0", LEFT - 6, line);
    }
    context.textBaseline = "alphabetic";
    for (const [back, align] of [[span, "left"], [span / 2, "center"], [0, "right"]]) {
      context.textAlign = align;
      context.fillText(back ? ago(back) : "now", x(this.#now - back), height - 3);
    }

    context.lineWidth = 2;
    context.lineJoin = context.lineCap = "round";
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, area.width + RIGHT, height - BOTTOM + 2);
    context.clip();
    this.#series.forEach(({ key }, at) => {
      context.strokeStyle = colour(`--series-${at + 1}`);
      for (const piece of pieces(this.#points, key)) {
        context.beginPath();
        for (const point of piece) context.lineTo(x(point.at), y(point.value));
        // A point alone is a dot.
        if (piece.length === 1) context.lineTo(x(piece[0].at) + 0.01, y(piece[0].value));
        context.stroke();
      }
    });
    context.restore();
    const under = this.#hover === null ? null : this.#now - span * (1 - (this.#hover - LEFT) / area.width);
    const shown = under === null ? null : nearest(this.#points, under);
    if (shown) this.#mark(context, shown, { x, y, height, colour });
    this.#tell(shown ?? this.#points.at(-1));
  }

  #mark(context, point, { x, y, height, colour }) {
    context.strokeStyle = colour("--quiet");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(Math.round(x(point.at)) + 0.5, TOP);
    context.lineTo(Math.round(x(point.at)) + 0.5, height - BOTTOM);
    context.stroke();
    this.#series.forEach(({ key }, at) => {
      if (!Number.isFinite(point[key])) return;
      context.fillStyle = colour(`--series-${at + 1}`);
      context.strokeStyle = colour("--surface");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x(point.at), y(point[key]), 4.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }

  /** The values of one moment beside their names, and for those who do not see the lines. */
  #tell(point) {
    const words = this.#series.map(({ key, name }, at) => {
      const value = point?.[key];
      const text = Number.isFinite(value) ? this.#format(value) : "–";
      this.#values[at].textContent = text;
      return `${name} ${text}`;
    });
    this.#canvas.setAttribute("aria-label", `${this.#title}: ${words.join(", ")}`);
  }
}
