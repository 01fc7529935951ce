// The demo project: two browsers take a marble each and move it, with keys and with a finger, and hear it.

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { artifacts, browser, expectSound, keepConnections, playing, root, until } from '../browser/harness.mjs';
import { DRIVERS, Display, GODOT, Godot, errors, prepared } from './projects.mjs';

const skip = GODOT ? false : 'SKIPPED: no Godot (RENDERCAST_GODOT names one)';

/** Of the newest line `WISH seat x y`. */
function wish(game, seat) {
  const line = game.lines.findLast((text) => text.startsWith(`WISH ${seat} `));
  return line ? line.split(' ').slice(2).map(Number) : null;
}

async function leans(game, seat, [x, y]) {
  await until(() => {
    const now = wish(game, seat);
    return now && Math.abs(now[0] - x) < 0.2 && Math.abs(now[1] - y) < 0.2;
  }, () => `seat ${seat} leans ${wish(game, seat)} and not ${[x, y]}\n${game.tail()}`);
}

test('the rules of the demo, and what its controls mean', { skip }, async () => {
  const project = prepared(join(root, 'samples', 'godot'));
  copyFileSync(join(root, 'tests', 'godot', 'demo_rules.gd'), join(project, 'demo_rules.gd'));
  const godot = new Godot(project, ['--headless', '--script', 'res://demo_rules.gd']);
  await godot.ended;
  const failed = godot.lines.filter((line) => line.startsWith('FAILED'));
  assert.deepEqual([...failed, ...errors(godot)], []);
  assert.ok(godot.lines.filter((line) => line.startsWith('OK')).length >= 20, godot.tail());
});

for (const [name, driver] of Object.entries(DRIVERS)) {
  test(`the demo is played from two browsers (${name})`, { skip }, async () => {
    const display = new Display();
    const project = prepared(join(root, 'samples', 'godot'));
    const game = new Godot(project, [...driver, '--resolution', '640x360', '--', '--trace', '--rendercast-port=0'], await display.env());
    const chromium = await browser({ size: { width: 1280, height: 800 } });
    try {
      const [, link] = await game.line(/RenderCast: open (\S+)/);
      assert.ok(!link.includes(':8080'), 'the command line asks for any port');
      const open = async () => {
        const page = await chromium.page();
        await page.addInitScript(keepConnections);
        await page.goto(link);
        await playing(page, 5);
        return page;
      };
      const first = await open();
      await first.screenshot({ path: join(artifacts, `godot-demo-bots-${name}.png`) });
      await first.locator('#stage').focus();
      await first.keyboard.down('KeyD');
      const [, seat] = await game.line(/^SEAT ([01]) player 1/, 20);
      await leans(game, seat, [1, 0]);
      await first.keyboard.down('KeyW');
      await leans(game, seat, [Math.SQRT1_2, -Math.SQRT1_2]);
      await first.keyboard.up('KeyD');
      await first.keyboard.up('KeyW');
      await leans(game, seat, [0, 0]);
      await expectSound(first);

      // The second one is a phone: a finger is drawn down the picture.
      const second = await open();
      const touch = await second.context().newCDPSession(second);
      const { x, y, width, height } = await second.locator('#video').boundingBox();
      const at = (dy) => [{ x: x + width / 2, y: y + height * (0.4 + dy), id: 1 }];
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
      const [, other] = await game.line(/^SEAT ([01]) player 2/, 20);
      assert.equal(Number(other), 1 - Number(seat));
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(0.2) });
      await leans(game, other, [0, 1]);
      await second.screenshot({ path: join(artifacts, `godot-demo-${name}.png`) });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await leans(game, other, [0, 0]);

      await first.close();
      await game.line(new RegExp(`^SEAT ${seat} free`), 20);
    } finally {
      await chromium.close();
      await game.stop();
      await display.stop();
    }
    assert.deepEqual(errors(game), []);
  });
}
