// What was measured against what is wanted. Pure.
//
// A record: `start` (Unix ms of the first packet), `steps` [{ t, path }], `bins` (the link's log, 20 ms each: { t at its end,
// offered, delivered, waits, standing }), `frames` [[t, age or null, presented so far]], `stats` (getStats, twice a second),
// `restarts` of ICE [{ t, by }], `host` (the library's figures, each with its t), `scenario`. Times below are seconds since `start`.

export const BIN_MS = 20;

const percentile = (values, percent) => {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.max(1, Math.ceil((sorted.length * percent) / 100)) - 1] : NaN;
};
export const median = (values) => percentile(values, 50);
export const p95 = (values) => percentile(values, 95);

/** Those of `list` with `from` <= time < `to`, in seconds since the start. */
export const between = (record, list, from, to, time = (item) => item.t) =>
  list.filter((item) => time(item) >= record.start + from * 1000 && time(item) < record.start + to * 1000);

/** Bins are stamped at their end. */
const binsBetween = (record, from, to) => between(record, record.bins, from, to, (bin) => bin.t - BIN_MS / 2);

export const kbps = (bytes, seconds) => (bytes * 8) / 1000 / seconds;
const sum = (list, key) => list.reduce((total, item) => total + item[key], 0);

/** When the step at `at` was really made, in seconds. */
const moment = (record, at) => {
  const step = record.steps.find((s) => s.at === at);
  return step ? (step.t - record.start) / 1000 : at;
};

/** Longest wait of a packet in the bin, or what one would have waited, in ms. */
export const worstWait = (bin) => Math.max(bin.standing, ...bin.waits) / 1000;
export const waits = (record, from, to) => binsBetween(record, from, to).flatMap((bin) => bin.waits.map((us) => us / 1000));

/** The first window of `ms` from `at` on for which `holds(bins, seconds)`; its begin in s, or null. */
function firstWindow(record, at, ms, holds, limit = Infinity) {
  const bins = binsBetween(record, at, Infinity);
  const length = Math.round(ms / BIN_MS);
  for (let i = 0; i + length <= bins.length; i++) {
    const begin = (bins[i].t - BIN_MS - record.start) / 1000;
    if (begin >= limit) return null;
    if (holds(bins.slice(i, i + length), (length * BIN_MS) / 1000)) return Math.max(begin, at);
  }
  return null;
}

/** Gaps between presented pictures, in ms, those that end within the time. A callback that was skipped counts as a picture in time. */
export function gaps(record, from, to) {
  const interval = 1000 / record.scenario.host.fps;
  const out = [];
  record.frames.forEach(([t, , presented], i) => {
    const before = record.frames[i - 1];
    if (!before || t < record.start + from * 1000 || before[0] >= record.start + to * 1000) return;
    out.push(Math.max(0, t - before[0] - interval * Math.max(0, presented - before[2] - 1)));
  });
  // A picture that stands at the end has not been followed.
  const last = record.frames.at(-1)?.[0] ?? record.start;
  const end = Math.min(record.start + to * 1000, record.ended ?? last);
  if (end > last) out.push(end - last);
  return out;
}

/** Pictures presented within the time, those that no callback told of included. */
function presentedIn(record, from, to) {
  const before = record.frames.findLast(([t]) => t < record.start + from * 1000)?.[2] ?? 0;
  const last = between(record, record.frames, from, to, (f) => f[0]).at(-1);
  return last ? last[2] - before : 0;
}

/** What a counter grows by in a second; NaN: it was read less than twice. */
function perSecondOf(list, key) {
  const [first, last] = [list[0], list.at(-1)];
  return list.length > 1 ? (1000 * (last[key] - first[key])) / (last.t - first.t) : NaN;
}

const nextStep = (record, at) => {
  const next = record.scenario.steps?.find((s) => s.at > at);
  return next ? moment(record, next.at) : Infinity;
};

/** Each gives what was measured; NaN: it never came to that. `better`: whether less or more is wanted. */
const KINDS = {
  below_link_ms: {
    say: (g) => `sending below the link after the drop at ${g.at} s`, unit: 'ms', better: 'less',
    of: (record, g) => {
      const at = moment(record, g.at);
      const rate = record.steps.find((s) => s.at === g.at).path.rate_kbps;
      const begin = firstWindow(record, at, 200, (bins, s) => kbps(sum(bins, 'offered'), s) <= rate, nextStep(record, g.at));
      return begin === null ? NaN : (begin - at) * 1000;
    },
  },
  queue_back_ms: {
    say: (g) => `queue under ${g.under_ms} ms for 1 s, ${g.at === undefined ? 'after the first picture' : `after ${g.at} s`}`, unit: 'ms', better: 'less',
    of: (record, g) => {
      const at = g.at === undefined ? (record.frames[0]?.[0] - record.start) / 1000 : moment(record, g.at);
      if (!Number.isFinite(at)) return NaN;
      const begin = firstWindow(record, at, 1000, (bins) => bins.every((bin) => worstWait(bin) <= g.under_ms), nextStep(record, g.at ?? 0));
      return begin === null ? NaN : (begin - at) * 1000;
    },
  },
  rate_back_ms: {
    say: (g) => `${g.percent} % of ${g.of_kbps} kbit/s ${g.at === undefined ? 'after the first packet' : `after ${g.at} s`}`, unit: 'ms', better: 'less',
    of: (record, g) => {
      const at = g.at === undefined ? 0 : moment(record, g.at);
      const window = 300;
      const begin = firstWindow(record, at, window, (bins, s) => kbps(sum(bins, 'delivered'), s) >= (g.of_kbps * g.percent) / 100);
      return begin === null ? NaN : (begin - at) * 1000 + window;
    },
  },
  link_use_percent: {
    say: (g) => `use of ${g.of_kbps} kbit/s, ${g.from} to ${g.to} s`, unit: '%', better: 'more',
    of: (record, g) => (100 * kbps(sum(binsBetween(record, g.from, g.to), 'delivered'), g.to - g.from)) / g.of_kbps,
  },
  queue_median_ms: {
    say: (g) => `median queueing delay of a packet, ${g.from} to ${g.to} s`, unit: 'ms', better: 'less',
    of: (record, g) => median(waits(record, g.from, g.to)),
  },
  longest_gap_ms: {
    say: (g) => `longest stop of the picture, ${g.from} to ${g.to} s`, unit: 'ms', better: 'less',
    of: (record, g) => Math.max(...gaps(record, g.from, g.to)),
  },
  first_picture_ms: {
    say: () => 'first picture after the first packet', unit: 'ms', better: 'less',
    of: (record) => (record.frames[0]?.[0] ?? NaN) - record.start,
  },
  picture_back_ms: {
    say: (g) => `a new picture after the link came back at ${g.at} s`, unit: 'ms', better: 'less',
    of: (record, g) => {
      const at = record.start + moment(record, g.at) * 1000;
      return (record.frames.find(([t, age]) => t > at && age !== null && t - age > at - 1000)?.[0] ?? NaN) - at;
    },
  },
  restarts: {
    say: () => 'ICE restarts of either side', unit: '', better: 'less',
    of: (record) => record.restarts.length,
  },
  latency_p95_ms: {
    say: (g) => `end to end, 95th percentile, ${g.from} to ${g.to} s`, unit: 'ms', better: 'less',
    of: (record, g) => p95(between(record, record.frames, g.from, g.to, (f) => f[0]).map((f) => f[1] ?? NaN)),
  },
  goodput_percent: {
    say: (g) => `encoded video that was decoded, of ${g.of_kbps} kbit/s, ${g.from} to ${g.to} s`, unit: '%', better: 'more',
    // Not what was received: that counts packets sent again, and those that repair.
    of: (record, g) => {
      const decoded = perSecondOf(between(record, record.stats, g.from, g.to), 'framesDecoded');
      const host = between(record, record.host, g.from, g.to);
      const [frames, bytes] = ['video_frames_encoded', 'video_bytes_encoded'].map((key) => perSecondOf(host, key));
      return (100 * kbps(bytes * Math.min(1, decoded / frames), 1)) / g.of_kbps;
    },
  },
};

export const kinds = Object.keys(KINDS);

/** @returns rows { say, unit, wanted, measured, good } */
export function judge(record) {
  return (record.scenario.goals ?? []).map((goal) => {
    const kind = KINDS[goal.kind];
    const measured = kind.of(record, goal);
    const good = kind.better === 'less' ? measured <= goal.wanted : measured >= goal.wanted;
    return { say: kind.say(goal), unit: kind.unit, better: kind.better, wanted: goal.wanted, measured, good };
  });
}

/** One row a second. */
export function perSecond(record) {
  const seconds = Math.floor((record.ended - record.start) / 1000);
  const rows = [];
  for (let s = 0; s < seconds; s++) {
    const bins = binsBetween(record, s, s + 1);
    const ages = between(record, record.frames, s, s + 1, (f) => f[0]).map((f) => f[1]).filter((age) => age !== null);
    const host = between(record, record.host, s, s + 1);
    const stats = between(record, record.stats, s - 0.5, s + 1);
    const delta = (list, key) => (list.length > 1 ? list.at(-1)[key] - list[0][key] : NaN);
    const span = (list) => (list.length > 1 ? (list.at(-1).t - list[0].t) / 1000 : NaN);
    const inGaps = gaps(record, s, s + 1);
    const queue = bins.flatMap((bin) => bin.waits.map((us) => us / 1000));
    const last = stats.at(-1) ?? {};
    rows.push({
      t: s,
      link: record.steps.filter((step) => step.t <= record.start + s * 1000 + 500).at(-1)?.path.rate_kbps || null,
      target: host.at(-1)?.target_bitrate_kbps,
      encoded: kbps(delta(host, 'video_bytes_encoded'), span(host)),
      sent: kbps(sum(bins, 'offered'), 1),
      arrived: kbps(sum(bins, 'delivered'), 1),
      fps: presentedIn(record, s, s + 1),
      stop: inGaps.length ? Math.max(...inGaps) : 0,
      age: median(ages), age95: p95(ages),
      queue: median(queue), queueMax: bins.length ? Math.max(...bins.map(worstWait)) : NaN,
      jitterBuffer: (1000 * delta(stats, 'jitterBufferDelay')) / Math.max(1, delta(stats, 'jitterBufferEmittedCount')),
      dropped: sum(bins, 'dropped'), lost: sum(bins, 'lost'),
      missing: delta(stats, 'packetsLost'), nack: delta(stats, 'nackCount'), rtx: delta(stats, 'retransmittedPacketsReceived'),
      keyframes: delta(stats, 'keyFramesDecoded'), height: last.frameHeight, frozen: last.totalFreezesDuration,
    });
  }
  return rows;
}
