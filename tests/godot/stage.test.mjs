// A game in real Godot, streamed to a real Chromium: its picture, its sound, and input on the way back.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { artifacts, browser, expectSound, keepConnections, playing, until } from '../browser/harness.mjs';
import { DRIVERS, Display, Godot, errors, prepared } from './projects.mjs';

const near = (got, want, by = 24) => got.every((value, at) => Math.abs(value - want[at]) <= by);

/** Godot with the stage, on a display of its own, and a browser. */
async function start(t, { driver = 'opengl', args = [], options = {}, godot: more = [], env: own = {} } = {}) {
  const display = new Display();
  t.after(() => display.stop());
  const env = { ...await display.env(), ...own };
  const godot = new Godot(prepared('stage'), [...DRIVERS[driver], ...more, '--', ...args], env);
  t.after(() => godot.stop());
  const [, link] = await godot.line(/^LINK (\S+)/);
  const chromium = await browser(options);
  t.after(() => chromium.close());
  const open = async () => {
    const before = godot.lines.length;
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.goto(link);
    const [, viewer] = await godot.lineAfter(before, /^CONNECTED (\d+)/);
    await page.waitForFunction(() => window.rendercast?.state === 'playing', null, { timeout: 20_000 });
    return { page, viewer: Number(viewer) };
  };
  return { godot, link, open, env };
}

/** Ends the game as a player does, and looks at what Godot says of it. */
async function quit(godot, page) {
  await page.keyboard.press('F4');
  await until(() => godot.exit, 'Godot does not end');
  assert.deepEqual(godot.exit, { code: 0, signal: null }, godot.tail());
  assert.ok(godot.lines.includes('STOPPED'));
  assert.deepEqual(errors(godot), []);
}

/** The patches in the corners, as shares of the picture; and the ground in its middle. */
async function expectStage(page, ground) {
  const want = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], ground];
  let got;
  await until(async () => {
    got = await page.evaluate(shares, [[0.03, 0.06], [0.97, 0.06], [0.03, 0.94], [0.97, 0.94], [0.5, 0.8]]);
    return got?.every((color, at) => near(color, want[at]));
  }, () => `${JSON.stringify(got)} are not ${JSON.stringify(want)}`);
}

/** Runs in the page: colours at shares of the picture's sides. */
const shares = (points) => {
  const video = [...document.querySelectorAll('video')].find((one) => one.videoWidth > 0);
  if (!video) return null;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  return points.map(([x, y]) => [...context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data.slice(0, 3)]);
};

/** Where the yellow bar is, in pixels of a row of the picture; `down`: which one, as a share of its height. */
const bar = (page, down) => page.evaluate((down) => {
  const video = document.getElementById('video');
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const { data } = context.getImageData(0, Math.floor(canvas.height * down), canvas.width, 1);
  for (let x = 0; x < canvas.width; x += 1) if (data[4 * x] > 180 && data[4 * x + 1] > 180 && data[4 * x + 2] < 90) return x;
  return -1;
}, down);

async function expectMovement(page, down = 0.5) {
  const places = new Set();
  await until(async () => places.add(await bar(page, down)).size >= 4, () => `the bar stands at ${[...places]}`);
}

/** Input events of Godot's that come from line `from` on. */
const inputs = (godot, from) => godot.lines.slice(from).filter((line) => line.startsWith('INPUT ')).map((line) => JSON.parse(line.slice(6)));

/** Waits for an event that matches. */
async function told(godot, from, what, matches) {
  let found;
  await until(() => (found = inputs(godot, from).find(matches)), () => `${what}: ${JSON.stringify(inputs(godot, from).slice(-8))}`);
  return found;
}

/** The page's pixel of a place of the picture, given in parts of it. */
const placeOf = (page, x, y) => page.evaluate(([px, py]) => {
  const video = document.getElementById('video');
  const box = video.getBoundingClientRect();
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  return { x: box.left + (box.width - width) / 2 + px * width, y: box.top + (box.height - height) / 2 + py * height };
}, [x, y]);

for (const driver of Object.keys(DRIVERS)) {
  // What is drawn with here is the CPU, of which pixels are copied as they are.
  test(`pictures are converted as on a GPU (${driver})`, { timeout: 120_000 }, async (t) => {
    const { godot, open } = await start(t, { driver, env: { RENDERCAST_GODOT_CONVERT: '1' } });
    const { page } = await open();
    await expectStage(page, [0, 0, 0]);
    await expectMovement(page);
    await page.keyboard.press('F7');
    await page.waitForFunction(() => document.getElementById('video').videoWidth === 480, null, { timeout: 20_000 });
    // The stage keeps its size in a smaller window.
    await expectMovement(page, 180 / 270);
    assert.ok(!godot.lines.some((line) => /slow way/.test(line)), godot.tail());
    await quit(godot, page);
  });

  test(`a viewer sees, hears and leaves the game (${driver})`, { timeout: 150_000 }, async (t) => {
    const { godot, open } = await start(t, { driver });
    assert.ok(godot.lines.includes('FOUND true true'), godot.tail());
    const { page } = await open();
    await playing(page, 10);
    await expectStage(page, [0, 0, 0]);
    await expectMovement(page);
    await page.screenshot({ path: join(artifacts, `godot-${driver}.png`) });
    assert.ok(!godot.lines.some((line) => /slow way/.test(line)), godot.tail());
    await page.getByRole('button', { name: /sound/i }).first().click();
    await expectSound(page);
    const [, json] = await godot.lineAfter(godot.lines.length, /^STATS (.*)/);
    const stats = JSON.parse(json);
    assert.ok(stats.fps > 0 && stats.kbps > 0 && stats.viewers === 1 && stats.list === 1 && stats.encoder && stats.sound > 10, json);
    assert.deepEqual([stats.width, stats.height], [640, 360]);
    // Another scene, and another size of the window.
    await page.keyboard.press('F2');
    await godot.line(/^SCENE Second/, 10);
    await expectStage(page, [255, 0, 255]);
    await page.keyboard.press('F7');
    await page.waitForFunction(() => document.getElementById('video').videoWidth === 480, null, { timeout: 20_000 });
    await playing(page, 10);
    await quit(godot, page);
  });
}

test('keys, mouse, wheel, fingers and a pad arrive as input events', { timeout: 150_000 }, async (t) => {
  const { godot, open } = await start(t, { args: ['silent'], options: { args: ['--touch-events=enabled'] } });
  const { page, viewer } = await open();
  await godot.line(new RegExp(`^ROLE ${viewer} 1 8$`), 10);

  let from = godot.lines.length;
  await page.locator('#stage').focus();
  await page.keyboard.press('Shift+KeyA');
  const down = await told(godot, from, 'A', (event) => event.keycode === 65 && event.pressed);
  assert.deepEqual([down.type, down.device, down.physical_keycode, down.unicode, down.echo, down.shift_pressed],
    ['InputEventKey', 8, 65, 65, false, true]);
  await told(godot, from, 'A goes up', (event) => event.keycode === 65 && !event.pressed);
  const shift = inputs(godot, from).find((event) => event.keycode === 4194325);
  assert.deepEqual([shift.pressed, shift.location], [true, 1]);
  await godot.lineAfter(from, new RegExp(`^RECEIVED ${viewer} 8 Shift\\+A$`), 10);

  // Into a field: what is typed is there once.
  from = godot.lines.length;
  const field = await placeOf(page, 320 / 640, 60 / 360);
  await page.mouse.click(field.x, field.y);
  await page.keyboard.type('o');
  await page.evaluate(() => window.rendercast.player.sendText('ü'));
  await page.keyboard.type('!');
  await godot.lineAfter(from, /^TYPED oü!$/, 10);
  const press = await told(godot, from, 'click', (event) => event.type === 'InputEventMouseButton' && event.pressed);
  assert.ok(near(press.position, [320, 60], 2), JSON.stringify(press));
  assert.deepEqual([press.button_index, press.button_mask, press.device, press.double_click], [1, 1, 8, false]);

  from = godot.lines.length;
  const corner = await placeOf(page, 0.25, 0.75);
  await page.mouse.move(corner.x, corner.y);
  const moved = await told(godot, from, 'move', (event) => event.type === 'InputEventMouseMotion' && near(event.position, [160, 270], 2));
  assert.equal(moved.device, 8);
  const travelled = inputs(godot, from).filter((event) => event.relative).reduce((sum, { relative: [x, y] }) => [sum[0] + x, sum[1] + y], [0, 0]);
  assert.ok(near(travelled, [-160, 210], 4), `${travelled}`);
  await page.mouse.wheel(0, 100);
  const wheel = await told(godot, from, 'wheel', (event) => event.button_index === 5 && event.pressed);
  assert.ok(near(wheel.position, [160, 270], 2) && wheel.factor === 1);
  await page.mouse.click(corner.x, corner.y, { clickCount: 2 });
  await told(godot, from, 'double click', (event) => event.double_click);

  from = godot.lines.length;
  await page.evaluate(() => {
    window.made = window.rendercast.player.virtualPad('of the test', () => {});
    window.made.set({ buttons: 1 | 1 << 12, axes: [0, 1, 0, 0], triggers: [0, 1] });
  });
  await told(godot, from, 'A of the pad', (event) => event.type === 'InputEventJoypadButton' && event.button_index === 0 && event.pressed && event.device === 8);
  await told(godot, from, 'up of the pad', (event) => event.type === 'InputEventJoypadButton' && event.button_index === 11 && event.pressed);
  await told(godot, from, 'stick', (event) => event.axis === 1 && event.axis_value === -1 && event.device === 8);
  await told(godot, from, 'trigger', (event) => event.axis === 5 && event.axis_value === 1);

  from = godot.lines.length;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  const [one, two] = [await placeOf(page, 0.25, 0.5), await placeOf(page, 0.5, 0.75)];
  const touch = (type, at) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [{ ...at, id: 7, force: 1, radiusX: 5, radiusY: 5 }] : [] });
  await touch('touchStart', one);
  const began = await told(godot, from, 'finger', (event) => event.type === 'InputEventScreenTouch' && event.pressed);
  assert.ok(near(began.position, [160, 180], 2) && began.index === 0 && began.device === 8, JSON.stringify(began));
  await touch('touchMove', two);
  const drag = await told(godot, from, 'drag', (event) => event.type === 'InputEventScreenDrag' && near(event.position, [320, 270], 2));
  assert.ok(drag.relative[0] > 0 && drag.relative[1] > 0);
  await touch('touchEnd');
  await told(godot, from, 'finger lifts', (event) => event.type === 'InputEventScreenTouch' && !event.pressed);

  // What is held goes up when its viewer is gone.
  from = godot.lines.length;
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  await page.keyboard.down('KeyW');
  await told(godot, from, 'W', (event) => event.keycode === 87 && event.pressed);
  await page.close();
  await told(godot, from, 'W goes up', (event) => event.keycode === 87 && !event.pressed);
  await told(godot, from, 'the pad lets go', (event) => event.type === 'InputEventJoypadButton' && event.button_index === 0 && !event.pressed);
  await godot.lineAfter(from, new RegExp(`^DISCONNECTED ${viewer}`), 20);
});

test('messages go both ways, and a second viewer has a device of its own', { timeout: 120_000 }, async (t) => {
  const { godot, open } = await start(t, { args: ['silent'] });
  const first = await open();
  const heard = first.page.evaluate(() => new Promise((resolve) => {
    window.rendercast.player.addEventListener('message', ({ detail }) => resolve(detail));
    window.rendercast.player.sendMessage('hello');
  }));
  await godot.line(new RegExp(`^MESSAGE ${first.viewer} \\S+ String hello$`), 10);
  assert.match(JSON.stringify(await heard), /echo of hello/);
  const second = await open();
  await godot.line(new RegExp(`^ROLE ${second.viewer} 2 9$`), 10);
  const from = godot.lines.length;
  await second.page.locator('#stage').focus();
  await second.page.keyboard.press('KeyD');
  await told(godot, from, 'D', (event) => event.keycode === 68 && event.device === 9);
  await second.page.close();
  await godot.lineAfter(from, new RegExp(`^DISCONNECTED ${second.viewer}`), 20);
  await playing(first.page, 10);
});

test('a second viewer is shown a viewport of its own', { timeout: 120_000 }, async (t) => {
  const { godot, open } = await start(t, { args: ['silent', 'split'] });
  const first = await open();
  const second = await open();
  await godot.line(/^SHOWN OK/, 10);
  await second.page.waitForFunction(() => document.getElementById('video').videoWidth === 320, null, { timeout: 20_000 });
  await until(async () => near((await second.page.evaluate(shares, [[0.5, 0.5]]))[0], [0, 255, 255]), 'the own picture is not cyan');
  await expectStage(first.page, [0, 0, 0]);
});

test('a viewport of floats is shown in the same colours', { timeout: 120_000 }, async (t) => {
  const { open } = await start(t, { driver: 'vulkan', args: ['silent', 'hdr'] });
  const { page } = await open();
  await expectStage(page, [0, 0, 0]);
});

test('a game whose window cannot be drawn to goes on drawing', { timeout: 120_000 }, async (t) => {
  // To Godot a hidden window and no window at all are the same: it draws nothing unless somebody else wants pictures.
  const godot = new Godot(prepared('stage'), ['--headless', '--', 'silent']);
  t.after(() => godot.stop());
  await godot.line(/^DRAWS false/);
  const drawn = () => godot.lines.filter((line) => line.startsWith('STATS ')).map((line) => JSON.parse(line.slice(6)).drawn);
  await until(() => drawn().at(-1) >= 20, () => `only ${drawn().at(-1)} frames were drawn`);
});

test('the game ends while it streams, again and again, and nothing is left', { timeout: 240_000 }, async (t) => {
  for (const driver of ['vulkan', 'opengl', 'vulkan']) {
    const { godot, open } = await start(t, { driver });
    const { page } = await open();
    await playing(page, 3);
    await quit(godot, page);
    await page.context().close();
  }
});

/** Whether somebody listens on a port of this machine. */
const answers = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); }).once('error', () => resolve(false));
});

test('the game opens its port, and the editor that has the same scene open does not', { timeout: 120_000 }, async (t) => {
  const port = 18_473;
  const project = prepared('stage');
  const run = (...args) => {
    const godot = new Godot(project, ['--headless', ...args]);
    t.after(() => godot.stop());
    return godot;
  };
  const game = run('res://server.tscn');
  await until(() => answers(port), () => `nobody listens: ${game.tail()}`);
  await game.stop();
  const editor = run('--editor', 'res://server.tscn', '--quit-after', '120');
  let opened = false;
  while (!editor.exit) {
    opened ||= await answers(port);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(editor.exit.code, 0, editor.tail());
  assert.equal(opened, false);
  assert.deepEqual(errors(editor), []);
});
