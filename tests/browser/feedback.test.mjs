// What a host has its viewers' pages show and do, ordered through its C functions and seen in the page; what a viewer does there,
// polled by the host.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { artifacts, expectPatches, playing, until } from './harness.mjs';
import { LOCAL, channelOpen, order, placeOf, polled, start, viewerOf } from './hosting.mjs';

const ORDERS = { args: ['--console', '--inputs'] };

/** Two pages of one host: the second is to notice nothing. */
async function two(t, options = {}) {
  const all = await start(t, { ...ORDERS, ...options });
  const [page, other] = [await all.open(), await all.open()];
  for (const one of [page, other]) await channelOpen(one);
  const viewer = await viewerOf(page);
  assert.notEqual(viewer, await viewerOf(other));
  await page.bringToFront();
  return { ...all, page, other, viewer };
}

const style = (page) => page.evaluate(() => getComputedStyle(document.getElementById('stage')).cursor);

test('the host shakes one viewer\'s gamepad, and stops it', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  for (const one of [page, other]) {
    await one.evaluate(() => {
      window.felt = [];
      window.made = window.rendercast.player.virtualPad('of the test', (...all) => window.felt.push(all));
    });
  }
  await polled(host, 0, { type: 'gamepad_connected', viewer, index: 0, id: 'of the test' });
  await page.evaluate(() => window.made.set({ buttons: 5, axes: [0.5, -1, 0, 0], triggers: [0, 1] }));
  const pad = await polled(host, 0, { type: 'gamepad', viewer, index: 0, buttons: 5 });
  assert.ok(pad.axes.every((axis, i) => Math.abs(axis - [0.5, -1, 0, 0, 0, 1][i]) < 0.01), JSON.stringify(pad));
  await order(host, `rumble ${viewer} 0 0.5 1 300`);
  await order(host, `rumble ${viewer} 0 0 0 0`);
  const felt = () => page.evaluate(() => window.felt);
  await until(async () => (await felt()).length === 2, 'it does not shake');
  assert.deepEqual(await felt(), [[300, 1], [0, 0]]);
  assert.deepEqual(await other.evaluate(() => window.felt), []);
  // A real pad's own interface: what the page asks of it.
  await page.evaluate(() => {
    window.made.remove();
    const vibrationActuator = { effects: ['dual-rumble', 'trigger-rumble'], playEffect: async (...all) => window.felt.push(all) };
    const pad = { index: 0, id: 'real', mapping: 'standard', axes: [0, 0, 0, 0], buttons: [], timestamp: 0, connected: true, vibrationActuator };
    navigator.getGamepads = () => [pad];
    dispatchEvent(Object.assign(new Event('gamepadconnected'), { gamepad: pad }));
  });
  await polled(host, 0, { type: 'gamepad_connected', viewer, index: 0, id: 'real', dual_rumble: true, trigger_rumble: true });
  await order(host, `rumble ${viewer} 0 1 0.25 200`);
  await until(async () => (await felt()).length === 3, 'it does not shake');
  assert.deepEqual((await felt())[2], ['dual-rumble', { duration: 200, strongMagnitude: 1, weakMagnitude: 0.25 }]);
});

test('the host says how the cursor looks and whether there is one', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  const before = await style(other);
  for (const [shape, shown] of [['crosshair', 'crosshair'], ['none', 'none'], ['auto', 'default']]) {
    await order(host, `cursor ${viewer} ${shape}`);
    await until(async () => await style(page) === shown, `never ${shape}`);
  }
  assert.equal(await style(other), before);
  await order(host, 'cursor 0 grab');
  await until(async () => await style(page) === 'grab' && await style(other) === 'grab', 'not everybody has it');
  await assert.rejects(order(host, `cursor ${viewer} url(x)`), /not done/);
});

test('the host locks the pointer, and movements are all there is of it', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  const locked = (one) => one.evaluate(() => document.pointerLockElement?.id ?? null);
  await order(host, `lock ${viewer} on`);
  await page.waitForFunction(() => window.rendercast.player.welcome !== null);
  assert.equal(await locked(page), null, 'browsers want a gesture first');
  const middle = await placeOf(page, 0.5, 0.5);
  await until(async () => {
    await page.mouse.click(middle.x, middle.y);
    return await locked(page) === 'stage';
  }, 'it is not locked');
  assert.equal(await locked(other), null);
  const from = host.lines.length;
  await page.mouse.move(middle.x + 40, middle.y - 20, { steps: 4 });
  const moved = () => host.lines.slice(from).filter((line) => line.startsWith('INPUT ')).map((line) => JSON.parse(line.slice(6)))
    .filter(({ type }) => type === 'mouse').reduce(([x, y], { dx, dy }) => [x + dx, y + dy], [0, 0]);
  await until(() => moved()[0] > 0 && moved()[1] < 0, () => `it moved by ${moved()}`);
  await order(host, `lock ${viewer} off`);
  await until(async () => await locked(page) === null, 'it is still locked');
});

test('the host opens a text field, hears what is typed, and closes it', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  await order(host, `keyboard ${viewer} email hé日`);
  const field = page.locator('#field');
  await field.waitFor();
  assert.equal(await field.inputValue(), 'hé日');
  assert.deepEqual(await field.evaluate((one) => [one.inputMode, one.selectionStart, document.activeElement.id]), ['email', 3, 'field']);
  await page.keyboard.type('x');
  const typed = await polled(host, 0, { type: 'text_field', viewer, text: 'hé日x', done: false });
  assert.deepEqual([typed.selection_start, typed.selection_end], [4, 4]);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await polled(host, 0, { type: 'composition', viewer, phase: 'updated', text: 'に', caret: 1 });
  await cdp.send('Input.insertText', { text: '日本' });
  await polled(host, 0, { type: 'composition', viewer, phase: 'ended', text: '日本' });
  await polled(host, 0, { type: 'text', viewer, text: '日' });
  await polled(host, 0, { type: 'text', viewer, text: '本' });
  await polled(host, 0, { type: 'text_field', viewer, text: 'hé日x日本', selection_start: 6, selection_end: 6, done: false });
  await page.keyboard.press('Enter');
  await polled(host, 0, { type: 'text_field', viewer, text: 'hé日x日本', done: true });
  await order(host, `keyboard ${viewer} numeric`);
  await field.waitFor();
  await order(host, `keyboard ${viewer} off`);
  await field.waitFor({ state: 'hidden' });
  assert.equal(await other.locator('#field').isVisible(), false);
});

test('texts of the clipboard go from the host to a page, and from the page to the host', { timeout: 60_000 }, async (t) => {
  const { host, page, viewer, chromium, link } = await two(t, { json: { ...LOCAL, input: { clipboard: true } } });
  await chromium.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(link).origin });
  await order(host, `clipboard ${viewer} von drüben, 日本`);
  await until(() => page.evaluate(async () => await navigator.clipboard.readText() === 'von drüben, 日本'), 'it is not in the clipboard');
  await page.evaluate(() => navigator.clipboard.writeText('of the viewer'));
  await page.locator('#stage').focus();
  const from = host.lines.length;
  await page.keyboard.press('Control+KeyV');
  await polled(host, from, { type: 'clipboard', viewer, text: 'of the viewer' });
  await polled(host, from, { type: 'key', viewer, code: 'KeyV', down: true });
  const kinds = host.lines.slice(from).filter((line) => line.startsWith('INPUT ')).map((line) => JSON.parse(line.slice(6)));
  const at = (wanted) => kinds.findIndex(({ type, code }) => type === wanted || code === wanted);
  assert.ok(at('clipboard') < at('KeyV'), 'the text is there before the key');
});

test('a picture that the host freezes stands still while input goes on, and moves again', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  const still = page.locator('#still');
  const drawn = () => page.evaluate(() => {
    const { width, height } = document.getElementById('still');
    return [width, height, ...document.getElementById('still').getContext('2d').getImageData(width - 16, height - 16, 1, 1).data];
  });
  await order(host, `freeze ${viewer} on`);
  await still.waitFor();
  const frozen = await drawn();
  assert.deepEqual(frozen.slice(0, 2), [640, 360]);
  assert.ok(frozen.slice(2, 5).every((value) => value > 230), `the last picture, with its white corner: ${frozen}`);
  const from = host.lines.length;
  await page.locator('#stage').focus();
  await page.keyboard.press('KeyW');
  await polled(host, from, { type: 'key', viewer, code: 'KeyW', down: true, character: 'w' });
  await playing(page, 10);
  assert.equal(await still.isVisible(), true);
  assert.equal(await other.locator('#still').isVisible(), false);
  await order(host, `freeze ${viewer} off`);
  await still.waitFor({ state: 'hidden' });
  await expectPatches(page);
});

test('who is sent away reads why, stays away, and may come back', { timeout: 60_000 }, async (t) => {
  const { host, page, other, viewer } = await two(t);
  await page.locator('#stage').focus();
  await page.keyboard.down('KeyW');
  await polled(host, 0, { type: 'key', viewer, code: 'KeyW', down: true });
  const [from, made] = [host.lines.length, await page.evaluate(() => window.connections.length)];
  await order(host, `kick ${viewer} The round is over, für dich.`);
  await polled(host, from, { type: 'key', viewer, code: 'KeyW', down: false });
  await host.lineAfter(from, new RegExp(`viewer disconnected \\(viewer ${viewer}\\): sent away: The round is over, für dich\\.`), 10);
  await page.waitForFunction(() => window.rendercast.state === 'kicked');
  assert.equal(await page.locator('#detail').innerText(), 'The round is over, für dich.');
  assert.deepEqual(await page.evaluate(() => [window.rendercast.retrying, window.connections.length]), [false, made]);
  await page.screenshot({ path: join(artifacts, 'feedback-kicked.png') });
  await playing(other, 10);
  await assert.rejects(order(host, `kick ${viewer} again`), /not done/);
  await page.getByRole('button', { name: 'Join again' }).click();
  await page.waitForFunction(() => window.rendercast.state === 'playing');
  assert.notEqual(await viewerOf(page), viewer);
});
