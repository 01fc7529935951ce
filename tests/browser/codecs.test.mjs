// Every codec: what a page takes is what it gets, and pages that take different ones play at once.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Program, browser, expectPatches, inbound, keepConnections, playing } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const URS = process.env.RENDERCAST_URS_SERVER;

test('codecs', async (t) => {
  const server = new Program(URS, ['--port', '0', '--generation', '5', '--static', 'tests/browser/pages']);
  const [, port] = await server.line(/:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const host = new Program(HOST, ['--size', '320x180', '--fps', '15', '--bitrate', '500', '--url', url, '--port', '0', '--seconds', '120']);
  const chromium = await browser();

  const open = async (query) => {
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(`${url}/newest.html?poll=100&${query}`);
    return page;
  };
  /** Resolves with the host's words when it says, from now on, that it cannot serve a page. */
  const refusal = () => host.lineAfter(host.lines.length, /(?:viewer refused|encoder missing)(?: \(viewer \d+\))?: (.*)/, 30);
  const plays = async (page, codec) => {
    await playing(page, 15);
    assert.equal((await page.evaluate(inbound)).codec, `video/${codec}`);
    await expectPatches(page);
  };

  try {
    await host.line(/Unity Render Streaming server/);
    const missing = new Set();
    for (const codec of ['H264', 'VP8', 'VP9', 'AV1']) {
      await t.test(`a page that takes only ${codec} plays ${codec}`, async (t) => {
        const refused = refusal();
        const page = await open(`codec=${codec}`);
        try {
          const words = await Promise.race([refused.then(([, w]) => w, () => null), plays(page, codec).then(() => null)]);
          if (words === null) return;
          // An encoder that is there must not be refused: only "we can send" others excuses it.
          const sendable = words.match(/we can send \[(.*)\]/)?.[1].split(', ');
          assert.ok(sendable && !sendable.includes(codec), words);
          missing.add(codec);
          t.diagnostic(`SKIPPED: no ${codec} encoder here: ${words}`);
          t.skip(`no ${codec} encoder`);
        } finally {
          await page.close();
        }
      });
    }

    await t.test('two pages with different codecs play at once, and the one that stays is not disturbed', async (t) => {
      const [one, other] = ['VP8', 'H264', 'VP9'].filter((codec) => !missing.has(codec));
      if (!other) {
        t.diagnostic('SKIPPED: fewer than two encoders here');
        t.skip('fewer than two encoders');
        return;
      }
      const pages = [await open(`codec=${one}`), await open(`codec=${other}`)];
      await Promise.all([plays(pages[0], one), plays(pages[1], other)]);
      await pages[0].close();
      await plays(pages[1], other);
      await pages[1].close();
    });

    await t.test('a page that takes H264 in packetization mode 0 only is refused in words', async () => {
      const refused = refusal();
      const page = await open('codec=H264&mode=0');
      const [, words] = await refused;
      assert.match(words, /the browser names .* (?:we can send|we do not send)|does not receive video/);
      await page.waitForFunction(() => window.channel.readyState === 'open', null, { timeout: 10_000 });
      assert.ok(await page.evaluate(() => window.chosen.length > 0), 'this browser has no mode 0 to choose');
      assert.equal((await page.evaluate(inbound)).framesDecoded, 0);
      await page.close();
    });

    await t.test('a page that takes H264 in packetization mode 0 or VP8 gets VP8', async (t) => {
      if (missing.has('VP8')) {
        t.diagnostic('SKIPPED: no VP8 encoder here');
        t.skip('no VP8 encoder');
        return;
      }
      const page = await open('codec=H264,VP8&mode=0');
      await plays(page, 'VP8');
      await page.close();
    });
  } finally {
    await chromium.close();
    await host.stop();
    await server.stop();
  }
});
