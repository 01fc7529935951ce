// The player page: each of its protocols, what it sends of what a viewer does, what a host may have it show, and its settings.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { firefox } from './firefox.mjs';
import { Program, artifacts, expectPatches, inbound, keepConnections, playing, until } from './harness.mjs';
import { HEIGHT, LOCAL, WIDTH, channelOpen, placeOf, start } from './hosting.mjs';
import { keepChannels, say, takeSent } from './records.mjs';

const HOST = process.env.RENDERCAST_C_HOST;
const SCRIPT_BYTES = 61_440;

const near = (got, want, by = 0.01) => Math.abs(got - want) <= by;

/** Records of one type that come until `enough`. */
async function heard(page, type, enough) {
  const all = [];
  await until(async () => {
    all.push(...(await takeSent(page)).filter((one) => one.type === type));
    return enough(all);
  }, () => `${type}: ${JSON.stringify(all)}`);
  return all;
}

for (const protocol of ['websocket', 'http', 'relay', 'call']) {
  test(`the page plays over ${protocol}, and comes back`, { timeout: 90_000 }, async (t) => {
    const { link, open, host } = await start(t);
    const url = new URL(link);
    url.searchParams.set('protocol', protocol);
    const page = await open(url.href);
    await playing(page);
    await expectPatches(page);
    const before = host.lines.length;
    await page.evaluate(() => window.rendercast.player.connect());
    await host.lineAfter(before, /viewer connected/, 20);
    await page.waitForFunction(() => window.rendercast.state === 'playing');
    await page.waitForFunction(() => window.connections.at(-1).connectionState === 'connected');
    await playing(page);
  });
}

test('what a page needs to play is little script', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  const scripts = await page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.endsWith('.js'))
    .map(({ name, decodedBodySize }) => [new URL(name).pathname, decodedBodySize]));
  const bytes = scripts.reduce((sum, [, size]) => sum + size, 0);
  t.diagnostic(`${bytes} bytes in ${scripts.length} scripts`);
  assert.ok(scripts.length > 10 && bytes > 10_000 && bytes <= SCRIPT_BYTES, JSON.stringify(scripts));
});

test('keys, mouse, wheel and what is held leave the page as they happen', { timeout: 90_000 }, async (t) => {
  const { host, open } = await start(t);
  const page = await open();
  await channelOpen(page);
  await page.mouse.move(5, 5);
  await takeSent(page);

  const middle = await placeOf(page, 0.5, 0.5);
  await page.mouse.move(middle.x, middle.y);
  const arrived = (all) => all.filter(({ x }) => near(x, 0.5));
  const moved = arrived(await heard(page, 'mouse', (all) => arrived(all).some(({ label }) => label === 'rendercast')));
  assert.equal(moved[0].label, 'rendercast-moves');
  const rest = moved.at(-1);
  assert.ok(near(rest.x, 0.5) && near(rest.y, 0.5) && rest.dx === 0, `where it came to rest arrives: ${JSON.stringify(rest)}`);
  const corner = await placeOf(page, 0.25, 0.75);
  await page.mouse.move(corner.x, corner.y);
  await page.mouse.down();
  await page.mouse.up();
  const pressed = await heard(page, 'mouse', (all) => all.filter(({ label }) => label === 'rendercast').length >= 2);
  assert.deepEqual(pressed.filter(({ label }) => label === 'rendercast').map(({ buttons }) => buttons).slice(0, 2), [1, 0]);
  const travelled = pressed.reduce((sum, { dx, dy }) => [sum[0] + dx, sum[1] + dy], [0, 0]);
  assert.ok(near(travelled[0], -0.25 * WIDTH, 3) && near(travelled[1], 0.25 * HEIGHT, 3), `movement adds up: ${travelled}`);

  await page.mouse.wheel(0, 120);
  const [turned] = await heard(page, 'wheel', (all) => all.length > 0);
  assert.deepEqual([turned.dy, near(turned.x, 0.25), turned.label], [120, true, 'rendercast']);

  await page.keyboard.press('KeyW');
  await page.keyboard.press('ArrowUp');
  const keys = await heard(page, 'key', (all) => all.length >= 4);
  assert.deepEqual(keys.map(({ key, down, character }) => [key, down, character]), [[37, true, 119], [37, false, 0], [63, true, 0], [63, false, 0]]);
  const sequences = [...moved, ...pressed, turned, ...keys].map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [...sequences].sort((a, b) => a - b), 'one count over both channels');

  await page.keyboard.down('KeyA');
  await page.keyboard.press('Control+F8');
  await heard(page, 'release', (all) => all.length > 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'open');
  await page.keyboard.up('KeyA');

  await host.line(/input of viewer \d+: mouse 1(59|60|61),2(69|70|71) buttons 1/, 10);
  await host.line(/input of viewer \d+: key 37 down/, 10);
});

test('a key that is held when its page is killed goes up at the host', { timeout: 60_000 }, async (t) => {
  const { host, open } = await start(t);
  const page = await open();
  await channelOpen(page);
  await page.locator('#stage').focus();
  await page.keyboard.down('KeyW');
  await host.line(/input of viewer \d+: key 37 down/, 10);
  const before = host.lines.length;
  const cdp = await page.context().newCDPSession(page);
  // A process that is gone says nothing any more.
  cdp.send('Page.crash').catch(() => {});
  await host.lineAfter(before, /input of viewer \d+: key 37 up/, 20);
});

test('of two viewers one plays, and hands control over to the other', { timeout: 90_000 }, async (t) => {
  const { host, open } = await start(t, { json: { ...LOCAL, input: { players: 'first', max_players: 1, ask: true } } });
  const [one, two] = [await open(), await open()];
  const role = (page, wanted) => until(async () => await page.locator('#role').innerText() === wanted, `never ${wanted}`);
  await role(one, 'Player 1');
  await role(two, 'Spectator');
  await two.locator('#open').click();
  await two.getByRole('button', { name: 'Ask for control' }).click();
  await two.locator('#shut').click();
  await one.bringToFront();
  await one.getByRole('button', { name: 'Hand over' }).click();
  await role(one, 'Spectator');
  await role(two, 'Player 1');
  const before = host.lines.length;
  await one.locator('#stage').focus();
  await one.keyboard.press('KeyD');
  await two.bringToFront();
  await two.locator('#stage').focus();
  await two.keyboard.press('KeyW');
  await host.lineAfter(before, /input of viewer \d+: key 37 down/, 10);
  assert.ok(!host.lines.slice(before).some((line) => /key 18 down/.test(line)), 'spectators play nothing');
});

test('fingers leave the page, each with a number of its own', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t, { browserArgs: ['--touch-events=enabled'] });
  const page = await open();
  await channelOpen(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  const [one, two, moved] = [await placeOf(page, 0.25, 0.5), await placeOf(page, 0.75, 0.5), await placeOf(page, 0.5, 0.25)];
  const touch = (type, touchPoints) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
  const finger = (at, id) => ({ x: at.x, y: at.y, id, force: 0.5, radiusX: 10, radiusY: 10 });
  await touch('touchStart', [finger(one, 7)]);
  await touch('touchStart', [finger(one, 7), finger(two, 9)]);
  await touch('touchMove', [finger(moved, 7), finger(two, 9)]);
  await touch('touchEnd', []);
  const all = await heard(page, 'touch', (list) => list.filter(({ phase }) => phase === 3).length === 2);
  const began = all.filter(({ phase }) => phase === 1);
  assert.deepEqual(began.map(({ id }) => id), [0, 1]);
  assert.ok(near(began[0].x, 0.25) && near(began[1].x, 0.75));
  const move = all.find(({ phase, id }) => phase === 2 && id === 0);
  assert.ok(move && near(move.x, 0.5) && near(move.y, 0.25) && move.label === 'rendercast-moves');
});

test('a pen leaves the page with its pressure and tilt', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  const cdp = await page.context().newCDPSession(page);
  const at = await placeOf(page, 0.5, 0.5);
  const pen = (type, more) => cdp.send('Input.dispatchMouseEvent', { type, ...at, pointerType: 'pen', tiltX: 20, tiltY: -30, twist: 90, ...more });
  await pen('mouseMoved', {});
  await pen('mousePressed', { button: 'left', buttons: 1, clickCount: 1, force: 0.5 });
  await pen('mouseReleased', { button: 'left', clickCount: 1 });
  const all = await heard(page, 'pen', (list) => list.some(({ phase }) => phase === 3));
  const down = all.find(({ phase }) => phase === 1);
  assert.deepEqual([down.tiltX, down.tiltY, down.twist, down.buttons, down.pressure], [20, -30, 90, 1, 0.5]);
  assert.equal(all[0].phase, 0, 'it hovered first');
});

test('an input method composes in the text field, and its text is committed', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  await say(page, { type: 'keyboard', show: true, text: 'ab', start: 1, end: 1, mode: 'text', label: 'Your name' });
  assert.equal(await page.locator('#typing-label').innerText(), 'Your name');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field');
  await takeSent(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
  await cdp.send('Input.imeSetComposition', { text: '日本', selectionStart: 2, selectionEnd: 2 });
  await cdp.send('Input.insertText', { text: '日本' });
  await page.keyboard.press('KeyC');
  const sent = [];
  await until(async () => {
    sent.push(...await takeSent(page));
    return sent.some(({ json }) => json?.type === 'field' && json.text === 'a日本cb') && sent.some(({ type, down }) => type === 'key' && !down);
  }, () => JSON.stringify(sent));
  const composed = sent.filter(({ type }) => type === 'composition');
  assert.deepEqual([composed[0].phase, composed.at(-1).phase, composed.at(-1).text], [1, 3, '日本']);
  assert.ok(composed.some(({ phase, text }) => phase === 2 && text === 'に'));
  assert.deepEqual(sent.filter(({ type }) => type === 'text').map(({ text }) => text), ['日本'], 'what a key types is said by the key alone');
  const field = sent.findLast(({ json }) => json?.type === 'field').json;
  assert.deepEqual([field.start, field.end, field.done], [4, 4, false]);
  await page.screenshot({ path: join(artifacts, 'page-typing.png') });
  await page.locator('#typed').click();
  assert.equal(await page.locator('#typing').isVisible(), false);
  assert.ok((await takeSent(page)).some(({ json }) => json?.type === 'field' && json.done), 'the host hears that it is done');
});

test('a pad that the page makes up, and the one for fingers, reach the channel and feel the rumble', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  await takeSent(page);
  await page.evaluate(() => {
    window.felt = [];
    window.made = window.rendercast.player.virtualPad('of the test', (...all) => window.felt.push(all));
    window.made.set({ buttons: 1, axes: [0.5, 1, 0, 0], triggers: [0, 1] });
  });
  const [plugged] = await heard(page, 'plugged', (all) => all.length > 0);
  assert.deepEqual([plugged.index, plugged.connected, plugged.flags, plugged.id], [0, true, 4, 'of the test']);
  await page.evaluate(() => window.made.set({ axes: [0, 0, 0, 0] }));
  const pads = await heard(page, 'gamepad', (all) => all.some(({ label, axes }) => label === 'rendercast' && axes[1] === 0));
  assert.ok(pads.some(({ axes }) => axes[0] === 0), 'and at rest');
  await say(page, { type: 'rumble', pad: 0, strong: 0.5, weak: 1, ms: 30 });
  assert.deepEqual(await page.evaluate(() => window.felt), [[30, 1]]);

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Touch controls' }).click();
  await page.keyboard.press('Escape');
  const stick = await page.locator('#stick').boundingBox();
  await page.mouse.move(stick.x + stick.width / 2, stick.y + stick.height / 2);
  await page.mouse.down();
  await page.mouse.move(stick.x + stick.width, stick.y + stick.height / 2);
  await heard(page, 'gamepad', (all) => all.some(({ index, axes }) => index === 1 && axes[0] > 32_000));
  await page.screenshot({ path: join(artifacts, 'page-pad.png') });
  await page.mouse.up();
  await heard(page, 'gamepad', (all) => all.some(({ axes, label }) => axes[0] === 0 && label === 'rendercast'));
  const button = await page.locator('[data-button="0"]').boundingBox();
  await page.mouse.move(button.x + 5, button.y + button.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  await heard(page, 'gamepad', (all) => all.some(({ buttons }) => buttons === 1) && all.at(-1).buttons === 0);
});

test('what the host wants shown is shown: role, cursor, messages, a frozen picture', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  await until(async () => (await takeSent(page)).some(({ json }) => json?.type === 'hello' && json.version === 1), 'no hello');
  const welcome = {
    type: 'welcome', version: 1, viewer: 7, role: 'player', number: 2, players: 2, may_ask: true, clipboard: false,
    layers: [{ rung: 0, width: 1280, height: 720 }, { rung: 1, width: 640, height: 360 }], codecs: ['H264', 'VP8'],
  };
  await say(page, welcome);
  assert.equal(await page.locator('#role').innerText(), 'Player 2');
  await say(page, { type: 'cursor', shape: 'crosshair' });
  await say(page, { type: 'cursor', shape: 'url(//elsewhere/x)' });
  assert.equal(await page.evaluate(() => document.getElementById('stage').style.cursor), 'crosshair');
  await say(page, { type: 'freeze', on: true });
  assert.equal(await page.locator('#still').isVisible(), true);
  await say(page, { type: 'freeze', on: false });
  assert.equal(await page.locator('#still').isVisible(), false);
  await say(page, { type: 'message', text: '<b>You are it</b>' });
  assert.match(await page.locator('.toast').innerText(), /<b>You are it<\/b>/);
  await say(page, { type: 'asked', viewer: 9 });
  await takeSent(page);
  await page.getByRole('button', { name: 'Hand over' }).click();
  assert.deepEqual((await takeSent(page)).filter(({ json }) => json?.type === 'give').map(({ json }) => json), [{ type: 'give', viewer: 9 }]);

  await page.locator('#stage').focus();
  await page.keyboard.down('KeyD');
  await say(page, { type: 'role', role: 'spectator', number: 0, reason: 'handed over' });
  assert.equal(await page.locator('#role').innerText(), 'Spectator');
  await page.keyboard.up('KeyD');
  await page.keyboard.press('KeyE');
  const sent = await takeSent(page);
  assert.ok(sent.some(({ type }) => type === 'release'), 'what is held is let go of');
  assert.ok(!sent.some(({ type, key }) => type === 'key' && key === 19), 'spectators say nothing');
  for (const junk of ['', 'null', '[]', '{"type":7}', '{"type":"rumble"}', '{"type":"keyboard","show":false}', '{"type":"pong"}', '{"type":"probe"}']) {
    await page.evaluate((text) => window.channels[0].dispatchEvent(new MessageEvent('message', { data: text })), junk);
  }
  await playing(page);
});

test('the clipboard goes both ways where the host has turned it on', { timeout: 60_000 }, async (t) => {
  const { open, chromium, link } = await start(t);
  await chromium.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(link).origin });
  const page = await open();
  await channelOpen(page);
  await page.bringToFront();
  const clipboard = (on) => say(page, { type: 'welcome', version: 1, viewer: 7, role: 'player', number: 1, players: 1, may_ask: true, clipboard: on });
  await clipboard(false);
  await page.evaluate(() => navigator.clipboard.writeText('of the viewer'));
  await page.locator('#stage').focus();
  await takeSent(page);
  await page.keyboard.press('Control+KeyV');
  const off = await takeSent(page);
  assert.ok(!off.some(({ json }) => json?.type === 'clipboard') && off.some(({ type, key }) => type === 'key' && key === 36));
  await clipboard(true);
  await page.keyboard.press('Control+KeyV');
  const sent = [];
  await until(async () => {
    sent.push(...(await takeSent(page)).filter(({ json, key }) => json?.type === 'clipboard' || key === 36));
    return sent.length >= 3;
  }, () => JSON.stringify(sent));
  assert.deepEqual(sent[0].json, { type: 'clipboard', text: 'of the viewer' });
  assert.deepEqual(sent.slice(1).map(({ down }) => down), [true, false], 'the key comes after the text');
  await say(page, { type: 'clipboard', text: 'of the host' });
  await until(() => page.evaluate(async () => await navigator.clipboard.readText() === 'of the host'), 'it is not in the clipboard');
});

test('who is removed is told why, and does not come back by itself', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  const made = await page.evaluate(() => window.connections.length);
  await say(page, { type: 'kick', reason: 'The round is over.' });
  assert.equal(await page.evaluate(() => window.rendercast.state), 'kicked');
  assert.match(await page.locator('#title').innerText(), /removed/);
  assert.equal(await page.locator('#detail').innerText(), 'The round is over.');
  assert.equal(await page.locator('#still').isVisible(), true, 'the last picture stays');
  assert.deepEqual(await page.evaluate(() => [window.rendercast.retrying, window.connections.length]), [false, made]);
  await page.screenshot({ path: join(artifacts, 'page-kicked.png') });
  await page.getByRole('button', { name: 'Join again' }).click();
  await page.waitForFunction(() => window.rendercast.state === 'playing');
});

test('the settings are led by the keyboard, and say what they are', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t, { json: { ...LOCAL, input: { players: 'host' } } });
  const page = await open();
  await channelOpen(page);
  await page.waitForFunction(() => window.rendercast.player.welcome?.layers.length === 2);
  await page.keyboard.press('Control+F8');
  await page.keyboard.press('Enter');
  const menu = page.getByRole('dialog', { name: 'Settings' });
  await menu.waitFor();
  await takeSent(page);
  await page.getByLabel('Quality').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.getByLabel('Format').selectOption('VP8');
  await page.getByLabel('At most').selectOption('2000');
  const wishes = (await takeSent(page)).filter(({ json }) => json?.type === 'quality').map(({ json }) => json);
  assert.deepEqual(wishes.at(-1), { type: 'quality', rung: 1, codec: 'VP8', max_kbps: 2000 });
  await page.getByRole('button', { name: 'Ask for control' }).click();
  assert.deepEqual((await takeSent(page)).filter(({ json }) => json?.type === 'role').map(({ json }) => json.want), ['player']);
  await page.getByRole('switch', { name: 'Show over the picture' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  await until(() => page.evaluate(() => document.activeElement.id === 'stage'), 'the game has the keys again');
  assert.equal(await menu.isVisible(), false);
  await until(async () => /Latency/.test(await page.locator('#overlay').innerText()), 'no figures');
  const sent = await takeSent(page);
  assert.ok(sent.some(({ json }) => json?.type === 'stats' && json.on === true));
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, select, input')]
    .filter((one) => !one.textContent.trim() && !one.ariaLabel && !one.labels?.length).map((one) => one.id));
  assert.deepEqual(nameless, []);
  await page.reload();
  await page.waitForFunction(() => window.rendercast.state === 'playing');
  await page.locator('#overlay').waitFor();
});

test('the latency of pictures is measured and reported each second, and from an event to its picture when asked', { timeout: 60_000 }, async (t) => {
  const { open } = await start(t);
  const page = await open();
  await channelOpen(page);
  let report;
  await until(async () => {
    report = (await takeSent(page)).findLast(({ json }) => json?.type === 'latency')?.json ?? report;
    return report?.end_to_end_ms?.p50 > 0 && report.fps > 0;
  }, () => `no figure: ${JSON.stringify(report)}`);
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.end_to_end_ms.p50 < 1000 && report.end_to_end_ms.p95 >= report.end_to_end_ms.p50);
  assert.deepEqual(await page.evaluate(() => window.rendercast.player.latency().endToEndMs !== null), true);
  const ms = await page.evaluate(() => window.rendercast.player.probe());
  assert.ok(ms > 0 && ms < 3000, String(ms));
});

for (const [name, size, scheme, touch] of [
  ['desktop-dark', { width: 1280, height: 800 }, 'dark'], ['desktop-light', { width: 1280, height: 800 }, 'light'],
  ['phone-dark', { width: 390, height: 844 }, 'dark', true], ['phone-light', { width: 390, height: 844 }, 'light', true],
]) {
  test(`the page fits: ${name}`, { timeout: 60_000 }, async (t) => {
    const { open } = await start(t, { size });
    const page = await open();
    await page.emulateMedia({ colorScheme: scheme });
    await channelOpen(page);
    await say(page, { type: 'welcome', version: 1, viewer: 1, role: 'player', number: 1, players: 2, may_ask: true, clipboard: false,
      layers: [{ rung: 0, width: 640, height: 360 }], codecs: ['H264', 'VP8'], quality: { rung: null, codec: null, max_kbps: null } });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.bar .button, .card, .menu[open]')]
      .every((one) => one.getBoundingClientRect().right <= innerWidth + 1));
    await page.locator('#open').click();
    await page.getByRole('switch', { name: 'Show over the picture' }).click();
    if (touch) await page.getByRole('switch', { name: 'Touch controls' }).click();
    assert.ok(await fits());
    await page.screenshot({ path: join(artifacts, `page-${name}-menu.png`) });
    await page.locator('#shut').click();
    await until(async () => /Mbit|kbit/.test(await page.locator('#overlay').innerText()), 'no figures');
    assert.ok(await fits());
    await page.screenshot({ path: join(artifacts, `page-${name}.png`) });
  });
}

test('Firefox plays over plain HTTP too, and sends the same bytes', { timeout: 90_000 }, async (t) => {
  const fox = await firefox(t);
  if (!fox) return;
  t.after(() => fox.close());
  const host = new Program(HOST, ['--size', '640x360', '--fps', '30', '--bitrate', '2000', '--port', '0', '--seconds', '120']);
  t.after(() => host.stop());
  const [, link] = await host.line(/LINK (\S+)/);
  const page = await fox.page();
  await page.evaluateOnNewDocument(keepConnections);
  await page.evaluateOnNewDocument(keepChannels);
  await page.goto(`${link}${link.includes('?') ? '&' : '?'}protocol=http`);
  await playing(page);
  await until(() => page.evaluate(() => window.channels.every((one) => one.readyState === 'open')), 'its channels do not open');
  await page.mouse.move(640, 300);
  await page.mouse.down();
  await page.mouse.up();
  await page.keyboard.press('KeyW');
  const keys = await heard(page, 'key', (all) => all.length >= 2);
  assert.deepEqual(keys.map(({ key, down, character }) => [key, down, character]), [[37, true, 119], [37, false, 0]]);
  await host.line(/input of viewer \d+: key 37 down/, 10);
  assert.ok((await page.evaluate(inbound)).framesDecoded > 30);
});
