// What the host tells of itself, asked for once a second and drawn over the last five minutes.

import { Chart, SPAN_MS } from "./charts.js";

const EVERY_MS = 1000;
/** What a page told longer ago than this says nothing of now. */
const STALE_MS = 5000;

const element = (id) => document.getElementById(id);
const dash = (value, write) => (value === null || value === undefined ? "–" : write(value));

export const rate = (kbps) => (kbps >= 1000 ? `${(kbps / 1000).toFixed(kbps >= 99_950 ? 0 : 1)} Mbit/s` : `${Math.round(kbps)} kbit/s`);
export const ms = (value) => `${value.toFixed(value < 9.95 ? 1 : 0)} ms`;
const microseconds = (us) => ms(us / 1000);
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const whole = (value) => String(Math.round(value));

export function duration(seconds) {
  const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

const sum = (values) => values.reduce((all, value) => all + value, 0);

function median(values) {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  return known.length ? known[(known.length - 1) >> 1] : null;
}

/** What a page told of itself just now. */
const fresh = (viewer) => (viewer.page_age_ms !== null && viewer.page_age_ms < STALE_MS ? viewer.page : null);

/** What is drawn of one moment's figures. */
export function point(figures, at) {
  const { sources, layers, viewer_list: viewers } = figures;
  const pages = viewers.map(fresh).filter(Boolean);
  const late = pages.map((page) => page.end_to_end_p95_ms).filter(Number.isFinite);
  return {
    at,
    viewers: figures.viewers,
    sent: sum(viewers.map((viewer) => viewer.sent_kbps)),
    encoded: sum(layers.map((layer) => layer.actual_bitrate_kbps)),
    pushed: sources.length ? Math.max(...sources.map((source) => source.fps)) : null,
    made: layers.length ? Math.max(...layers.map((layer) => layer.actual_fps)) : null,
    shown: median(pages.map((page) => page.fps)),
    // Nothing is known before somebody watches.
    inside: layers.length ? (figures.convert_p50_us + figures.encode_p50_us + figures.transit_p50_us) / 1000 : null,
    seen: median(pages.map((page) => page.end_to_end_p50_ms)),
    latest: late.length ? Math.max(...late) : null,
  };
}

const charts = [];

function makeCharts() {
  const parent = element("charts");
  const of = (options) => charts.push(new Chart(parent, options));
  of({ title: "Latency", series: [{ key: "seen", name: "Capture to display, p50" }, { key: "latest", name: "p95 of the slowest" }, { key: "inside", name: "in the host" }], format: ms, tick: (v) => `${Math.round(v)} ms`, least: 20 });
  of({ title: "Rate", series: [{ key: "sent", name: "Sent to all" }, { key: "encoded", name: "encoded" }], format: rate, tick: (v) => (v >= 1000 ? `${+(v / 1000).toFixed(1)} M` : `${Math.round(v)} k`), least: 1000 });
  of({ title: "Pictures a second", series: [{ key: "pushed", name: "Pushed" }, { key: "made", name: "encoded" }, { key: "shown", name: "shown" }], format: whole, least: 50 });
  of({ title: "Viewers", series: [{ key: "viewers", name: "Connected" }], format: whole, tick: (v) => (Number.isInteger(v) ? String(v) : ""), least: 4 });
}

/** Puts rows into a table. A cell is a text, or a text and a fainter one below it. */
function fill(table, rows) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, at) => {
    const row = body.rows[at] ?? body.insertRow();
    cells.forEach((content, column) => {
      const [text, faint] = [content].flat();
      const cell = row.cells[column] ?? row.insertCell();
      cell.className = heads[column].className;
      cell.dataset.label = heads[column].textContent;
      const now = [text, faint].join("\n");
      if (cell.dataset.now === now) return;
      cell.dataset.now = now;
      // One child, so that it is one side of a card.
      const main = document.createElement("span");
      main.textContent = text;
      if (faint) {
        const below = document.createElement("span");
        below.className = "faint";
        below.title = below.textContent = faint;
        main.append(below);
      }
      cell.replaceChildren(main);
    });
  });
  table.hidden = rows.length === 0;
  element(`${table.id}-empty`).hidden = rows.length > 0;
}

const layerRow = (layer) => [
  [layer.codec, [layer.source ? `source ${layer.source}` : "", layer.repair ? "repair lane" : ""].filter(Boolean).join(", ")],
  [`${layer.width} × ${layer.height}`, `rung ${layer.rung}`],
  layer.encoder,
  String(layer.viewers),
  [rate(layer.actual_bitrate_kbps), `of ${rate(layer.target_bitrate_kbps)}`],
  [`${layer.actual_fps}`, `of ${layer.fps}`],
  `${microseconds(layer.encode_p50_us)} / ${microseconds(layer.encode_p99_us)}`,
  [String(layer.keyframes), `of ${layer.frames}`],
];

function viewerRow(viewer) {
  const page = fresh(viewer) ?? {};
  const pair = (a, b) => (a === null || a === undefined ? "–" : `${ms(a)} / ${dash(b, ms)}`);
  return [
    [`${viewer.viewer}${viewer.state === "connected" ? "" : ` · ${viewer.state}`}`, viewer.connection],
    viewer.width ? [`${viewer.width} × ${viewer.height}`, `${viewer.codec}, rung ${viewer.rung}, ${viewer.encoder}`] : "none",
    [rate(viewer.sent_kbps), `of ${rate(viewer.estimate_kbps)}`],
    [String(viewer.sent_fps), page.fps === null || page.fps === undefined ? "" : `shown ${whole(page.fps)}`],
    dash(viewer.rtt_ms, ms),
    percent(viewer.loss),
    pair(page.end_to_end_p50_ms, page.end_to_end_p95_ms),
    pair(page.input_to_picture_p50_ms, page.input_to_picture_p95_ms),
    dash(page.jitter_buffer_ms, ms),
    String(viewer.resyncs),
  ];
}

function showCounters(counters) {
  const list = element("counters");
  for (const [name, value] of Object.entries(counters)) {
    let entry = list.querySelector(`[data-name="${name}"]`);
    if (!entry) {
      entry = document.createElement("div");
      entry.dataset.name = name;
      const [term, number] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name.replaceAll("_", " ");
      entry.append(term, number);
      list.append(entry);
    }
    entry.lastChild.textContent = value.toLocaleString("en");
  }
}

function show(figures, now) {
  element("now-viewers").textContent = figures.viewers;
  element("now-rate").textContent = rate(now.sent);
  element("now-fps").textContent = dash(now.made ?? now.pushed, (fps) => `${fps} fps`);
  element("now-latency").textContent = dash(now.seen, ms);
  element("now-uptime").textContent = duration(figures.uptime_ms / 1000);
  fill(element("layers"), figures.layers.map(layerRow));
  fill(element("viewers"), figures.viewer_list.map(viewerRow));
  showCounters(figures.counters);
}

let history = [];

function say(state, words) {
  element("state").dataset.state = state;
  element("state").textContent = words;
}

async function ask() {
  const at = performance.now();
  try {
    const response = await fetch("../status.json", { signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(response.status === 401 || response.status === 403 ? "This link is not valid any more." : `The host answers ${response.status}.`);
    const figures = await response.json();
    const now = point(figures, at);
    history.push(now);
    show(figures, now);
    const { width, height } = figures;
    say("good", width ? `The host streams, ${width} × ${height}.` : "The host runs and has pushed no picture yet.");
  } catch (error) {
    say("trouble", error instanceof TypeError || error.name === "TimeoutError" ? "The host does not answer." : error.message);
  }
  history = history.filter((one) => at - one.at <= SPAN_MS + EVERY_MS);
  for (const chart of charts) chart.show(history, at);
  setTimeout(ask, Math.max(EVERY_MS - (performance.now() - at), 100));
}

if (globalThis.document?.getElementById("charts")) {
  makeCharts();
  ask();
}
