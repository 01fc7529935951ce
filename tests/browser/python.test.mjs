// samples/python streams a game of pygame's that knows nothing of it: picture and sound are there, keys and the mouse reach it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { Program, artifacts, browser, expectSound, keepConnections, pixels, playing, root, until } from './harness.mjs';

const PYTHON = process.env.RENDERCAST_PYTHON ?? 'python3';
const library = resolve(root, dirname(process.env.RENDERCAST_C_HOST ?? ''), 'librendercast.so');

async function expectColor(page, want) {
  let got;
  await until(async () => {
    [got] = await page.evaluate(pixels, [[160, 90]]) ?? [[]];
    return got.every((value, i) => Math.abs(value - want[i]) <= 24);
  }, () => `${got} is not ${want}`);
}

test('a pygame program is streamed by the Python sample', async (t) => {
  const asked = spawnSync(PYTHON, ['-c', 'import pygame; assert pygame.IS_CE'], { encoding: 'utf8' });
  if (asked.status !== 0) {
    t.diagnostic(`SKIPPED: ${PYTHON} has no pygame-ce (${asked.error ?? asked.stderr.trim().split('\n').pop()}); the Python sample was not run`);
    t.skip('no pygame-ce');
    return;
  }
  const env = { ...process.env, RENDERCAST_LIBRARY: library, RENDERCAST_ADDRESS: '127.0.0.1:0', PYTHONUNBUFFERED: '1' };
  const game = new Program(PYTHON, ['samples/python/stream.py', 'tests/browser/game.py'], { env });
  const chromium = await browser();
  try {
    const [, link] = await game.line(/(http:\S+)/);
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(link);
    await playing(page);
    await expectColor(page, [255, 0, 0]);
    await page.getByRole('button', { name: /sound/i }).first().click();
    await expectSound(page);
    const video = page.locator('video').first();
    const box = await video.boundingBox();
    await page.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);
    await expectColor(page, [0, 0, 255]);
    await page.keyboard.down('KeyW');
    await expectColor(page, [0, 255, 0]);
    await page.keyboard.up('KeyW');
    await expectColor(page, [0, 0, 255]);
    await page.screenshot({ path: join(artifacts, 'python.png') });
    await page.keyboard.press('KeyQ');
    const { code } = await game.ended;
    assert.equal(code, 0, game.tail());
  } finally {
    await chromium.close();
    await game.stop();
  }
});
