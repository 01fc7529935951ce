// What a viewer does in Firefox reaches the host with the right values; what the host wants shown is shown there.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { firefox } from './firefox.mjs';
import { artifacts, keepConnections, playing, until } from './harness.mjs';
import { HEIGHT, LOCAL, WIDTH, channelOpen, order, placeOf, polled, startHost } from './hosting.mjs';
import { keepChannels } from './records.mjs';

const near = (got, want, by) => Math.abs(got - want) <= by;

test('keys, mouse, wheel, fingers, text, clipboard and pads of Firefox reach the host', { timeout: 150_000 }, async (t) => {
  const fox = await firefox(t);
  if (!fox) return;
  t.after(() => fox.close());
  const { host, link } = await startHost(t, { json: { ...LOCAL, input: { clipboard: true } }, args: ['--console', '--inputs'] });
  const page = await fox.page();
  await page.evaluateOnNewDocument(keepConnections);
  await page.evaluateOnNewDocument(keepChannels);
  await page.goto(link);
  await playing(page);
  await channelOpen(page);
  await page.waitForFunction(() => window.rendercast.player.welcome !== null);
  const viewer = await page.evaluate(() => window.rendercast.player.welcome.viewer);
  await page.evaluate(() => document.getElementById('stage').focus());
  const lines = () => host.lines.length;

  await t.test('keys', async () => {
    for (const [code, key, character, press = code] of [['KeyW', 37, 'w'], ['ArrowUp', 63, undefined], ['Space', 1, ' ', ' ']]) {
      const from = lines();
      await page.keyboard.press(press);
      const down = await polled(host, from, { type: 'key', viewer, code, down: true });
      assert.deepEqual([down.key, down.repeat, down.character], [key, false, character]);
      await polled(host, from, { type: 'key', viewer, code, down: false });
    }
  });

  await t.test('mouse and wheel', async () => {
    const from = lines();
    const at = await placeOf(page, 0.25, 0.75);
    await page.mouse.move(at.x - 30, at.y);
    await page.mouse.move(at.x, at.y);
    for (const [button, buttons] of [['left', 1], ['right', 2], ['middle', 4]]) {
      await page.mouse.down({ button });
      const down = await polled(host, from, { type: 'mouse', viewer, buttons });
      assert.ok(near(down.x, WIDTH / 4, 2) && near(down.y, HEIGHT * 3 / 4, 2), JSON.stringify(down));
      await page.mouse.up({ button });
      await polled(host, from, { type: 'mouse', viewer, buttons: 0 });
    }
    await page.mouse.wheel({ deltaY: 120 });
    const turned = await polled(host, from, { type: 'wheel', viewer, delta_x: 0, delta_y: 120 });
    assert.ok(near(turned.normalized_x, 0.25, 0.01) && near(turned.normalized_y, 0.75, 0.01), JSON.stringify(turned));
  });

  await t.test('fingers', async () => {
    const from = lines();
    const [at, to] = [await placeOf(page, 0.5, 0.5), await placeOf(page, 0.75, 0.25)];
    await page.touchscreen.touchStart(at.x, at.y);
    const began = await polled(host, from, { type: 'touch', viewer, phase: 'began', id: 0 });
    assert.ok(near(began.normalized_x, 0.5, 0.01) && near(began.normalized_y, 0.5, 0.01) && began.force > 0, JSON.stringify(began));
    await page.touchscreen.touchMove(to.x, to.y);
    const moved = await polled(host, from, { type: 'touch', viewer, phase: 'moved', id: 0 });
    assert.ok(near(moved.normalized_x, 0.75, 0.01) && near(moved.normalized_y, 0.25, 0.01), JSON.stringify(moved));
    await page.touchscreen.touchEnd();
    await polled(host, from, { type: 'touch', viewer, phase: 'ended', id: 0 });
  });

  await t.test('text, as far as its automation has input methods', async () => {
    const from = lines();
    await order(host, `keyboard ${viewer} text hé`);
    await page.waitForFunction(() => document.activeElement.id === 'field');
    await page.keyboard.press('KeyX');
    await polled(host, from, { type: 'text_field', viewer, text: 'héx', selection_start: 3, selection_end: 3, done: false });
    // What an input method commits comes to the page so: there is no way to compose in Firefox from outside.
    await page.evaluate(() => {
      const field = document.getElementById('field');
      const compose = (type, data) => field.dispatchEvent(new CompositionEvent(type, { data, bubbles: true }));
      compose('compositionstart', '');
      compose('compositionupdate', '日本');
      compose('compositionend', '日本');
      field.setRangeText('日本', 3, 3, 'end');
      field.dispatchEvent(new InputEvent('input', { data: '日本', inputType: 'insertCompositionText', bubbles: true }));
    });
    const composed = await polled(host, from, { type: 'composition', viewer, phase: 'updated', text: '日本' });
    assert.equal(composed.caret, 2);
    await polled(host, from, { type: 'composition', viewer, phase: 'ended', text: '日本' });
    await polled(host, from, { type: 'text', viewer, text: '日' });
    await polled(host, from, { type: 'text', viewer, text: '本' });
    await polled(host, from, { type: 'text_field', viewer, text: 'héx日本', selection_start: 5, done: false });
    await page.keyboard.press('Enter');
    await polled(host, from, { type: 'text_field', viewer, text: 'héx日本', done: true });
  });

  await t.test('clipboard both ways', async () => {
    const from = lines();
    await page.evaluate(() => document.getElementById('stage').focus());
    await order(host, `clipboard ${viewer} von drüben`);
    await until(() => page.evaluate(async () => await navigator.clipboard.readText() === 'von drüben'), 'it is not in the clipboard');
    await page.evaluate(() => navigator.clipboard.writeText('of the viewer'));
    await page.keyboard.down('Control');
    await page.keyboard.press('KeyV');
    await page.keyboard.up('Control');
    await polled(host, from, { type: 'clipboard', viewer, text: 'of the viewer' });
    await polled(host, from, { type: 'key', viewer, code: 'KeyV', down: true });
  });

  await t.test('pads, and their rumble', async () => {
    const from = lines();
    await page.evaluate(() => {
      window.felt = [];
      window.made = window.rendercast.player.virtualPad('of the test', (...all) => window.felt.push(all));
      window.made.set({ buttons: 3, axes: [1, 0, 0, 0], triggers: [0, 0] });
    });
    const pad = await polled(host, from, { type: 'gamepad', viewer, index: 0, buttons: 3 });
    assert.deepEqual(pad.axes, [1, 0, 0, 0, 0, 0]);
    await order(host, `rumble ${viewer} 0 1 0 250`);
    await until(() => page.evaluate(() => window.felt.length === 1 && window.felt[0][0] === 250), 'it does not shake');
  });

  await t.test('cursor, a frozen picture, and being sent away', async () => {
    await order(host, `cursor ${viewer} none`);
    await until(() => page.evaluate(() => getComputedStyle(document.getElementById('stage')).cursor === 'none'), 'it has a cursor');
    await order(host, `freeze ${viewer} on`);
    await until(() => page.evaluate(() => !document.getElementById('still').hidden), 'it is not frozen');
    const from = lines();
    await page.keyboard.down('KeyD');
    await polled(host, from, { type: 'key', viewer, code: 'KeyD', down: true });
    await order(host, `kick ${viewer} Enough.`);
    await polled(host, from, { type: 'key', viewer, code: 'KeyD', down: false });
    await page.waitForFunction(() => window.rendercast.state === 'kicked');
    assert.equal(await page.evaluate(() => document.getElementById('detail').textContent), 'Enough.');
    await page.screenshot({ path: join(artifacts, 'firefox-kicked.png') });
  });
});
