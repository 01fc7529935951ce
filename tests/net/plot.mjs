// A scenario as one picture: rates, latency, queue and stops over time, as SVG. Pure.

import { BIN_MS, gaps, kbps, worstWait } from './goals.mjs';

const [WIDTH, LEFT, RIGHT, PANEL, SPACE, TOP] = [1000, 64, 180, 150, 34, 70];
const COLORS = { link: '#888888', target: '#d98200', sent: '#3465c0', arrived: '#2a9d5c', age: '#c03a3a', queue: '#7a5195', stop: '#444444' };

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A round number at or above, for the end of an axis. */
const roundUp = (value) => {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((n) => n * step).find((n) => n >= value * 0.999);
};

/** Points [s, value] of a window of `ms`, from the link's bins. */
const rate = (record, key, ms) => {
  const out = [];
  const length = ms / BIN_MS;
  for (let i = 0; i + length <= record.bins.length; i += length) {
    const bins = record.bins.slice(i, i + length);
    const bytes = bins.reduce((total, bin) => total + bin[key], 0);
    out.push([(bins.at(-1).t - record.start) / 1000, kbps(bytes, ms / 1000) / 1000]);
  }
  return out;
};

/** The series of each panel. `step`: a value holds until the next. */
function panels(record) {
  const seconds = (t) => (t - record.start) / 1000;
  const end = seconds(record.ended);
  const link = record.steps.map((step) => [Math.max(0, seconds(step.t)), step.path.rate_kbps / 1000]);
  const hosts = (key) => record.host.filter((h) => h[key]).map((h) => [seconds(h.t), h[key] / 1000]);
  const shown = link.some(([, rate]) => rate > 0);
  return [
    { title: 'Mbit/s', series: [
      ...(shown ? [{ name: 'link', color: COLORS.link, points: [...link, [end, link.at(-1)[1]]], step: true, dash: true }] : []),
      { name: 'target of the encoder', color: COLORS.target, points: hosts('target_bitrate_kbps'), step: true },
      { name: 'sent (200 ms)', color: COLORS.sent, points: rate(record, 'offered', 200) },
      { name: 'arrived (200 ms)', color: COLORS.arrived, points: rate(record, 'delivered', 200) },
    ].filter((s) => s.points.length > 0) },
    { title: 'end to end, ms', series: [
      { name: 'each picture', color: COLORS.age, points: record.frames.filter((f) => f[1] !== null).map((f) => [seconds(f[0]), f[1]]), dots: true },
    ] },
    { title: 'queue, ms', series: [
      { name: 'longest wait (20 ms)', color: COLORS.queue, points: record.bins.map((bin) => [seconds(bin.t), worstWait(bin)]) },
    ] },
    { title: 'between pictures, ms', series: [
      { name: 'gap', color: COLORS.stop, points: record.frames.slice(1).map((f, i) => [seconds(f[0]), gaps({ ...record, frames: [record.frames[i], f], ended: f[0] }, -Infinity, Infinity)[0]]), bars: true },
    ] },
  ];
}

export function svg(record, rows) {
  const drawn = panels(record);
  const end = (record.ended - record.start) / 1000;
  const inner = WIDTH - LEFT - RIGHT;
  const x = (s) => LEFT + (inner * Math.min(Math.max(s, 0), end)) / end;
  const height = TOP + drawn.length * (PANEL + SPACE) + 20 + rows.length * 17;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11" fill="#222222">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="22" font-size="16">${escape(record.name)}</text>`,
    `<text x="${LEFT}" y="40" fill="#555555">${escape(record.scenario.what)}</text>`,
  ];
  const every = [1, 2, 5, 10, 20, 30, 60].find((n) => end / n <= 16) ?? 120;
  drawn.forEach(({ title, series }, i) => {
    const top = TOP + i * (PANEL + SPACE);
    const most = roundUp(Math.max(1, ...series.flatMap((s) => s.points.filter(([s]) => s >= 0 && s <= end).map((p) => p[1])).filter(Number.isFinite)));
    const y = (value) => top + PANEL - (PANEL * Math.min(Math.max(value, 0), most)) / most;
    out.push(`<text x="${LEFT}" y="${top - 6}" font-weight="bold">${title}</text>`);
    for (let n = 0; n <= 4; n++) {
      const value = (most * n) / 4;
      out.push(`<line x1="${LEFT}" x2="${LEFT + inner}" y1="${y(value)}" y2="${y(value)}" stroke="#e4e4e4"/>`,
        `<text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${Number(value.toPrecision(3))}</text>`);
    }
    for (let s = 0; s <= end; s += every) {
      out.push(`<line x1="${x(s)}" x2="${x(s)}" y1="${top}" y2="${top + PANEL}" stroke="#f0f0f0"/>`,
        `<text x="${x(s)}" y="${top + PANEL + 13}" text-anchor="middle" fill="#777777">${s} s</text>`);
    }
    series.forEach((s, n) => {
      const points = s.points.filter(([at, value]) => at >= 0 && at <= end && Number.isFinite(value)).map(([at, value]) => [x(at).toFixed(1), y(value).toFixed(1)]);
      if (s.dots) out.push(`<g fill="${s.color}">${points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="1.3"/>`).join('')}</g>`);
      else if (s.bars) out.push(`<path stroke="${s.color}" d="${points.map(([px, py]) => `M${px} ${(top + PANEL).toFixed(1)}V${py}`).join('')}"/>`);
      else {
        const line = points.map(([px, py], k) => (k === 0 ? `M${px} ${py}` : s.step ? `H${px}V${py}` : `L${px} ${py}`)).join('');
        out.push(`<path fill="none" stroke="${s.color}" stroke-width="1.3"${s.dash ? ' stroke-dasharray="5 3"' : ''} d="${line}"/>`);
      }
      const key = top + 12 + n * 16;
      out.push(`<rect x="${LEFT + inner + 12}" y="${key - 8}" width="10" height="10" fill="${s.color}"/>`, `<text x="${LEFT + inner + 28}" y="${key + 1}">${s.name}</text>`);
    });
  });
  const first = TOP + drawn.length * (PANEL + SPACE) + 10;
  rows.forEach((row, n) => {
    const said = `${row.good ? 'reached' : 'MISSED'}   ${row.say}: ${Number.isFinite(row.measured) ? `${row.measured.toFixed(row.unit === '%' ? 1 : 0)} ${row.unit}` : 'never'} (wanted ${row.better === 'less' ? '≤' : '≥'} ${row.wanted})`;
    out.push(`<text x="${LEFT}" y="${first + n * 17}" fill="${row.good ? '#1e7d46' : '#b02a2a'}">${escape(said)}</text>`);
  });
  return `${out.join('\n')}\n</svg>\n`;
}
