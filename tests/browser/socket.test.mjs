// The newest protocol over a WebSocket: pages of an external signaling server, public and private.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, expectPatches, expectSound, keepConnections, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;
const PAGES = 'tests/browser/pages';

const CASES = [
  { name: 'public', mode: [], id: '', query: '' },
  { name: 'private, the host is the first one in', mode: ['--private'], id: '12345', query: '?connection=12345' },
  { name: 'private, the page waits to be offered something', mode: ['--private'], id: '12345', query: '?connection=12345&waits=1' },
  { name: 'private, the page is the first one in', mode: ['--private'], id: '12345', query: '?connection=12345', pageFirst: true },
];

for (const { name, mode, id, query, pageFirst } of CASES) {
  test(`newest protocol over WebSocket: ${name}`, { timeout: 120_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rendercast-socket-'));
    const server = new Program(URS, ['--port', '0', '--web-socket', '--static', PAGES, ...mode]);
    const [, port] = await server.line(/:(\d+)/);
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({
      video: { fps: 30, start_bitrate_kbps: 2000, max_bitrate_kbps: 2000 },
      // Found out by GET /config.
      signaling: { url: `http://127.0.0.1:${port}`, connection_id: id },
      server: { enabled: false },
    }));
    const start = () => new Program(HOST, ['--size', '640x360', '--fps', '30', '--json', file, '--seconds', '100']);
    const chromium = await browser();
    let host = pageFirst ? null : start();
    try {
      await host?.line(/Unity Render Streaming server, WebSocket/);
      const page = await chromium.page();
      await page.addInitScript(keepConnections);
      await page.goto(`http://127.0.0.1:${port}/socket.html${query}`);
      if (pageFirst) {
        await page.waitForFunction(() => window.connections.length > 0);
        host = start();
      }
      await playing(page);
      await expectPatches(page);
      await expectSound(page);
      t.diagnostic(`first picture ${Math.round(await page.evaluate(() => window.firstFrameMs))} ms after the connect`);
      if (!query.includes('waits')) {
        await page.waitForFunction(() => window.channel.readyState === 'open', null, { timeout: 10_000 });
      }
      await page.screenshot({ path: join(artifacts, `socket-${CASES.findIndex((c) => c.name === name)}.png`) });
      await host.stop();
      await page.waitForFunction(() => window.left === true, null, { timeout: 10_000 });
    } finally {
      await chromium.close();
      await host?.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    assert.ok(!server.lines.some((line) => line.includes('panicked')), server.tail());
  });
}

test('newest protocol over WebSocket: viewers do not notice that the server goes, and it is joined again within 3 s', { timeout: 120_000 }, async (t) => {
  const start = (port) => new Program(URS, ['--port', String(port), '--web-socket', '--static', PAGES]);
  let server = start(0);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const host = new Program(HOST, ['--size', '320x180', '--fps', '30', '--bitrate', '500', '--url', url, '--port', '0', '--seconds', '110']);
  const chromium = await browser();
  const open = async () => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(`${url}/socket.html`);
    await playing(page);
    return page;
  };
  try {
    await host.line(/Unity Render Streaming server, WebSocket/);
    const page = await open();
    const lines = host.lines.length;
    await server.stop('SIGKILL');
    await host.lineAfter(lines, /signaling trouble: .+/, 20);
    // Long enough for the host's patience to be at its end.
    await page.waitForTimeout(8_000);
    await playing(page);
    server = start(port);
    await server.line(/:(\d+)/);
    const back = Date.now();
    await host.lineAfter(lines, /signaling ready: .+/, 15);
    const took = Date.now() - back;
    t.diagnostic(`joined again ${took} ms after the server was back`);
    assert.ok(took <= 3_000, `${took} ms`);
    await open();
    await expectPatches(page);
    assert.ok(!host.lines.slice(lines).some((line) => /viewer disconnected/.test(line)), host.tail());
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
  }
});
