// Plays scenarios between a host and a Chromium at the two ends of a link. Called by tests/net.sh, within the host's
// namespace:  node tests/net/run.mjs --host-namespace A --viewer-namespace B SCENARIO...

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, browser, root } from '../browser/harness.mjs';
import { judge, perSecond } from './goals.mjs';
import { measure } from './page.mjs';
import { svg } from './plot.mjs';
import { goalTable, seriesTable } from './table.mjs';

// Of the range for measurements (RFC 2544, appendix C.2.2).
const [ABOVE, BELOW] = ['198.18.79.1', '198.18.79.2'];
const SEED = 20_261_121;
const out = join(root, 'target', 'net');

const now = () => performance.timeOrigin + performance.now();
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function readScenario(name) {
  const text = readFileSync(join(root, 'tests', 'net', 'scenarios', `${name}.json`), 'utf8');
  const scenario = JSON.parse(text);
  return { ...scenario, host: { size: '960x540', fps: 30, grain: 32, start_kbps: 4000, max_kbps: 12_000, ...scenario.host } };
}

/** Both directions of a path: what goes down has the rate, and what goes up the same way through the air. */
function directions({ up, ...down }) {
  const { delay_ms = 0, jitter_ms = 0, loss_both = false, loss_percent = 0, ...others } = down;
  const way = { delay_ms, jitter_ms, ...(loss_both ? { loss_percent } : {}) };
  return { down: { ...others, delay_ms, jitter_ms, loss_percent }, up: { ...way, ...up } };
}

class Link {
  constructor(namespaces) {
    this.bins = [];
    this.late = [];
    this.program = new Program('target/debug/examples/link', [...namespaces, String(SEED)], { stdio: ['pipe', 'pipe', 'pipe'] });
    const take = this.program.take.bind(this.program);
    this.program.take = (line) => {
      if (!line.startsWith('{')) return take(line);
      const { t, late_us, down } = JSON.parse(line);
      this.late.push(late_us);
      this.bins.push({ t, ...down });
    };
  }

  async start(namespaces) {
    const [, device] = await this.program.line(/^READY (\S+)/);
    const addresses = [ABOVE, BELOW];
    namespaces.forEach((name, i) => {
      const ip = (...args) => execFileSync('ip', ['-n', name, ...args]);
      ip('link', 'set', 'lo', 'up');
      ip('addr', 'add', addresses[i], 'peer', addresses[1 - i], 'dev', device);
      ip('link', 'set', device, 'txqueuelen', '10000', 'up');
      // A machine without a way out counts as offline.
      ip('route', 'add', 'default', 'via', addresses[1 - i]);
    });
  }

  set(path) { this.program.child.stdin.write(`${JSON.stringify(directions(path))}\n`); }

  async stop() {
    this.program.child.stdin.end();
    await this.program.stop();
  }
}

function startHost({ size, fps, grain, start_kbps, max_kbps, min_kbps = 100, config = {} }, folder) {
  const merged = {
    ...config,
    server: { address: `${ABOVE}:0`, token: 'measuring', ...config.server },
    peer: { bind_addresses: [ABOVE], ...config.peer },
    video: { fps, start_bitrate_kbps: start_kbps, max_bitrate_kbps: max_kbps, min_bitrate_kbps: min_kbps, codecs: ['h264'], ...config.video },
  };
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(merged));
  const host = new Program(process.env.RENDERCAST_NET_HOST, [file, ...size.split('x'), String(fps), String(grain)], { stdio: ['pipe', 'pipe', 'pipe'] });
  host.figures = [];
  const take = host.take.bind(host);
  host.take = (line) => {
    const [, t, text] = line.match(/^STATS (\S+) (.*)$/) ?? [];
    if (!t) return take(line);
    const { counters, ...others } = JSON.parse(text);
    host.figures.push({ t: Number(t), ...others, ...counters });
  };
  return host;
}

/** Plays one scenario and gives its record (see goals.mjs). */
async function play(name, namespaces) {
  const scenario = readScenario(name);
  const folder = mkdtempSync(join(tmpdir(), 'rendercast-net-'));
  const link = new Link(namespaces);
  let host, chromium;
  try {
    await link.start(namespaces);
    link.set(scenario.path);
    const steps = [{ at: null, t: now(), path: scenario.path }];
    host = startHost(scenario.host, folder);
    const [, address] = await host.line(/^LINK (\S+)/);
    chromium = await browser({ args: ['--disable-features=WebRtcHideLocalIpsWithMdns'] });
    const page = await chromium.page();
    await page.addInitScript(measure);
    await page.goto(address);
    while (!host.figures.at(-1)?.packets_sent) await rest(10);
    const begun = host.figures.find((figure) => figure.packets_sent > 0).t;
    let path = scenario.path;
    for (const { at, ...change } of scenario.steps ?? []) {
      await rest(begun + at * 1000 - now());
      path = { ...path, ...change };
      link.set(path);
      steps.push({ at, t: now(), path });
    }
    await rest(begun + scenario.seconds * 1000 - now());
    const ended = now();
    const { connected, frames, stats, restarts, lines } = await page.evaluate(() => window.measured);
    if (process.env.RENDERCAST_NET_VERBOSE) console.error(host.lines.join('\n'));
    const start = Math.min(begun, connected ?? begun);
    return { name, scenario, start, ended, steps, bins: link.bins, late: link.late, frames, stats, restarts, lines, host: host.figures };
  } finally {
    await chromium?.close().catch((error) => console.error(`closing Chromium: ${error.message}`));
    if (host) {
      host.child.stdin.end();
      await host.stop();
    }
    await link.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = [];
const namespaces = [];
for (let i = 2; i < process.argv.length; i++) {
  if (process.argv[i].endsWith('-namespace')) namespaces.push(process.argv[++i]);
  else names.push(process.argv[i]);
}
mkdirSync(out, { recursive: true });
const all = [];
let failed = false;
for (const name of names) {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
  let record;
  try {
    record = await play(name, namespaces);
  } catch (error) {
    console.error(`${name}: ${error.stack}`);
    failed = true;
    continue;
  }
  const [rows, goals] = [perSecond(record), judge(record)];
  console.log(`\n${name}: ${record.scenario.what}\n${seriesTable(rows)}`);
  const late = record.late.toSorted((a, b) => a - b);
  const busy = `packets late at the link: p99 ${late[Math.floor(late.length * 0.99)] / 1000} ms, worst ${late.at(-1) / 1000} ms; load ${load}`;
  console.log(busy);
  const searches = record.restarts.map(({ t, by }) => `${by} at ${((t - record.start) / 1000).toFixed(1)} s`);
  console.log(`ICE restarts: ${searches.join(', ') || 'none'}; WebSockets opened: ${record.lines}`);
  all.push(...goals.map((goal) => ({ name, load, ...goal })));
  writeFileSync(join(out, `${name}.json`), JSON.stringify({ name, load, busy, goals, rows, record }));
  writeFileSync(join(out, `${name}.svg`), svg(record, goals));
}
console.log(`\n${goalTable(all)}\nplots and records: target/net/`);
writeFileSync(join(out, 'goals.json'), JSON.stringify(all, null, 1));
// A smoke run must play; whether it reaches its goals is for people, except where a scenario says `must`.
const broken = all.filter((goal) => !goal.good && readScenario(goal.name).must);
for (const goal of broken) console.error(`${goal.name}: ${goal.say}: ${goal.measured}, wanted ${goal.wanted}`);
process.exit(failed || broken.length > 0 ? 1 : 0);
