// The game of the C host: two browsers take a seat each, by key and by mouse, a third watches, and a page that is gone frees its seat.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, expectSound, keepConnections, pixels, playing, until } from './harness.mjs';

const HOST = process.env.RENDERCAST_C_HOST;

/** The table's units, 1280 across, in the picture of this test. */
const SCALE = 0.5;

/** How bright the right side's hint key of a direction is: it is lit while it is held. [x, y] in units, inside of the key's frame. */
async function brightness(page, [x, y]) {
  const [color] = await page.evaluate(pixels, [[Math.round(x * SCALE), Math.round(y * SCALE)]]) ?? [[0, 0, 0]];
  return Math.max(...color);
}

test('two viewers play against each other, and another one watches', async () => {
  const host = new Program(HOST, ['--scene', 'game', '--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '150']);
  const chromium = await browser();
  try {
    const [, link] = await host.line(/LINK (\S+)/);
    const open = async () => {
      const before = host.lines.length;
      const page = await chromium.page();
      await page.addInitScript(keepConnections);
      await page.goto(link);
      const [, viewer] = await host.lineAfter(before, /viewer connected \(viewer (\d+)\)/);
      await playing(page);
      return { page, viewer };
    };
    const first = await open();
    await first.page.screenshot({ path: join(artifacts, 'game-nobody.png') });
    await first.page.locator('video').first().hover();
    await first.page.mouse.down();
    await first.page.mouse.up();
    const [, side] = await host.line(new RegExp(`viewer ${first.viewer} plays on side ([12])`), 10);
    const cursor = (page) => page.evaluate(() => getComputedStyle(document.getElementById('stage')).cursor);
    await until(async () => await cursor(first.page) === 'none', 'the mallet is the cursor');
    await first.page.getByRole('button', { name: /sound/i }).first().click();
    await expectSound(first.page);
    const second = await open();
    await second.page.locator('video').first().hover();
    await second.page.keyboard.press('Space');
    await host.line(new RegExp(`viewer ${second.viewer} plays on side ${3 - Number(side)}`), 10);
    const third = await open();
    await third.page.keyboard.press('Space');
    assert.notEqual(await cursor(third.page), 'none', 'who watches keeps its own');
    // A held key is lit in what everybody sees.
    const up = [side === '1' ? 1220 - 83 + 29 + 4 : 60 + 29 + 4, 648];
    const dark = await brightness(third.page, up);
    await second.page.keyboard.down('ArrowUp');
    await until(async () => await brightness(third.page, up) > dark + 100, 'the key is not lit');
    await third.page.screenshot({ path: join(artifacts, 'game.png') });
    await second.page.keyboard.up('ArrowUp');
    await until(async () => await brightness(third.page, up) < dark + 60, 'the key stays lit');
    assert.ok(!host.lines.some((line) => line.startsWith(`viewer ${third.viewer} plays`)), 'there are two seats');
    await first.page.close();
    await host.line(new RegExp(`viewer ${first.viewer} plays no more`), 20);
    await third.page.keyboard.press('Space');
    await host.line(new RegExp(`viewer ${third.viewer} plays on side ${side}`), 10);
    await second.page.keyboard.press('Escape');
    await host.line(new RegExp(`viewer ${second.viewer} plays no more`), 10);
  } finally {
    await chromium.close();
    const { code } = await host.stop();
    assert.equal(code, 0, host.tail());
  }
});
