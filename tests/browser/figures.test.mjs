// What the page measures reaches the host, what the host knows reaches the page, and the status page shows both.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, keepConnections, playing, until } from './harness.mjs';
import { ask, keepControl } from './control.mjs';
import { nearest, pieces, roundUp, spanOf } from '../../samples/web/status/charts.js';
import { duration, ms, point, rate } from '../../samples/web/status/status.js';

const HOST = process.env.RENDERCAST_C_HOST;
const ARGS = ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '120'];

test('the library answers the page with its clock, marks the picture after a probe, and tells what it knows', async () => {
  const host = new Program(HOST, ARGS);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.addInitScript(keepControl);
    await page.goto(link);
    await playing(page);
    const pings = [];
    for (const id of [900_001, 900_002, 900_003]) {
      const time = await page.evaluate(() => performance.now());
      const pong = await page.evaluate(ask, { message: { type: 'ping', id, time }, type: 'pong', id });
      assert.ok(Math.abs(pong.time - time) < 1e-6, `${pong.time} is not ${time}`);
      assert.ok(pong.sent_us >= pong.received_us && pong.at >= time);
      pings.push(pong);
    }
    assert.ok(pings[2].received_us > pings[0].received_us);

    for (const id of [900_011, 900_012]) {
      const { rtp } = await page.evaluate(ask, { message: { type: 'probe', id }, type: 'probe', id });
      await until(() => page.evaluate((marked) => window.shown.some((one) => ((one.rtp - marked) | 0) >= 0), rtp), 'the marked picture is not shown');
      const ahead = await page.evaluate((marked) => Math.min(...window.shown.map((one) => Math.abs((one.rtp - marked) | 0))), rtp);
      assert.ok(ahead <= 9000, `the nearest picture is ${ahead} ticks from the marked one`);
    }

    const stats = await page.evaluate(ask, { message: { type: 'stats', on: true }, type: 'stats' });
    const { pc } = await page.evaluate(() => ({ pc: window.connections.length }));
    assert.equal(pc, 1);
    assert.ok(stats.viewer.viewer > 0 && stats.viewer.sent_kbps > 0 && stats.viewer.estimate_kbps > 0, JSON.stringify(stats));
    assert.deepEqual([stats.layer.width, stats.layer.height], [640, 360]);
    assert.ok(stats.layer.encode_p50_us > 0 && stats.layer.convert_p50_us > 0 && stats.layer.transit_p50_us > 0);
    // One moment on both clocks: the picture that was sent last is the one that is shown about now.
    const pong = await page.evaluate(ask, { message: { type: 'ping', id: 900_020, time: 0 }, type: 'pong', id: 900_020 });
    const since = pong.received_us - stats.host_us;
    assert.ok(since > 0 && since < 5e6, `${since} us`);
    const latest = await page.evaluate(() => window.shown.at(-1).rtp);
    const ticks = (latest - stats.rtp_base) | 0;
    assert.ok(Math.abs(ticks / 90 - since / 1000) < 1000, `${ticks} ticks in ${since} us`);
  } finally {
    await chromium.close();
    await host.stop();
  }
});

test('the status page draws the stream and its viewers, in light and dark, on a desk and on a phone', async () => {
  const host = new Program(HOST, ARGS);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const player = await chromium.page();
    await player.addInitScript(keepConnections);
    await player.addInitScript(keepControl);
    await player.goto(link);
    await playing(player);
    const tell = () => player.evaluate(() => {
      const message = { type: 'latency', end_to_end_ms: { p50: 23.4, p95: 41 }, jitter_buffer_ms: 4.5, decode_ms: 2, display_ms: 9, input_to_picture_ms: { p50: 38, p95: 52 }, fps: 30, dropped: 0, frozen_ms: 0 };
      window.telling ??= setInterval(() => window.control.readyState === 'open' && window.control.send(JSON.stringify(message)), 100);
    });
    await tell();

    const page = await chromium.page();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${link}status`);
    assert.match(page.url(), /\/status\/$/);
    const cells = (table) => page.$$eval(`#${table} tbody tr`, (rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText)));
    await until(async () => (await cells('viewers'))[0]?.[6]?.includes('23 ms / 41 ms'), 'the viewer\'s latency is not shown');
    const [viewer] = await cells('viewers');
    assert.match(viewer[1], /640 × 360/);
    assert.match(viewer[7], /38 ms \/ 52 ms/);
    const [layer] = await cells('layers');
    assert.match(layer[0], /H264|VP8/);
    assert.equal(layer[3], '1');
    assert.equal(await page.textContent('#now-viewers'), '1');
    assert.match(await page.textContent('#now-latency'), /23 ms/);
    assert.match(await page.textContent('#now-rate'), /bit\/s/);
    assert.equal(await page.getAttribute('#state', 'data-state'), 'good');
    // Lines are drawn: more colours than the grid's.
    await until(async () => page.$$eval('.chart canvas', (all) => all.length === 4 && all.every((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4) coloured += data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60;
      return coloured > 10;
    })), 'no lines are drawn');
    for (const [name, size, scheme] of [['desk-light', [1280, 900], 'light'], ['desk-dark', [1280, 900], 'dark'], ['phone-dark', [390, 844], 'dark'], ['phone-light', [390, 844], 'light']]) {
      await page.setViewportSize({ width: size[0], height: size[1] });
      await page.emulateMedia({ colorScheme: scheme });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than its screen`);
      await page.screenshot({ path: join(artifacts, `status-${name}.png`), fullPage: true });
    }
    const metrics = await (await fetch(`${link}metrics`)).text();
    const [, told] = metrics.match(/^rendercast_page_end_to_end_p50_seconds\{viewer="\d+"\} (\S+)$/m) ?? [];
    assert.ok(Math.abs(told - 0.0234) < 1e-9, told);

    // Nobody is there any more, and it says so.
    await player.close();
    await until(async () => await page.isVisible('#viewers-empty') && !await page.isVisible('#viewers'), 'who has left is still there');
    assert.deepEqual(problems, []);
    await host.stop();
    await until(async () => await page.getAttribute('#state', 'data-state') === 'trouble', 'it does not notice that the host has gone');
  } finally {
    await chromium.close();
    await host.stop();
  }
});

test('axes end at round numbers, and lines have gaps where nothing is known', () => {
  assert.deepEqual([0, 0.03, 1, 3, 7, 10, 11, 42, 1e6].map(roundUp), [1, 0.05, 1, 5, 10, 10, 20, 50, 1e6]);
  assert.deepEqual([0, 60_000, 60_001, 200_000, 301_000].map(spanOf), [60_000, 60_000, 120_000, 300_000, 300_000]);
  const points = [{ at: 0, v: 1 }, { at: 1000, v: 2 }, { at: 2000, v: null }, { at: 3000, v: 4 }, { at: 9000, v: 5 }];
  assert.deepEqual(pieces(points, 'v').map((piece) => piece.map(({ value }) => value)), [[1, 2], [4], [5]]);
  assert.equal(nearest(points, 900).v, 2);
  assert.equal(nearest(points, 20_000), null);
});

test('figures are written for people, and what a page told long ago is none of now', () => {
  assert.deepEqual([rate(320), rate(2500), rate(120_000)], ['320 kbit/s', '2.5 Mbit/s', '120 Mbit/s']);
  assert.deepEqual([ms(2.34), ms(9.97), ms(41.4)], ['2.3 ms', '10 ms', '41 ms']);
  assert.deepEqual([duration(9.9), duration(61), duration(3700), duration(90_000)], ['9 s', '1 min', '1 h 1 min', '1 d 1 h']);
  const page = { fps: 30, end_to_end_p50_ms: 20, end_to_end_p95_ms: 30 };
  const viewer = (age, own) => ({ sent_kbps: 1000, page_age_ms: age, page: own });
  const figures = (...viewers) => ({ viewers: viewers.length, sources: [], layers: [], viewer_list: viewers });
  const now = point(figures(viewer(100, page), viewer(100, { ...page, end_to_end_p95_ms: 50 }), viewer(60_000, { ...page, end_to_end_p95_ms: 999 }), viewer(null, null)), 7);
  assert.deepEqual([now.at, now.viewers, now.sent, now.seen, now.latest, now.shown], [7, 4, 4000, 20, 50, 30]);
  assert.deepEqual([now.inside, now.pushed, point(figures(), 0).seen], [null, null, null]);
});
