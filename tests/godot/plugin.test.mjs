// The add-on in a real editor, without a window: enabling it is all that a developer does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../browser/harness.mjs';
import { GODOT, Godot, errors, prepared } from './projects.mjs';

const skip = GODOT ? false : 'SKIPPED: no Godot (RENDERCAST_GODOT names one)';

/** A port that was free a moment ago. */
const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

test('a developer enables the plugin, presses play, and reads the link in the dock', { skip }, async () => {
  const project = prepared('plugin');
  const debug = `tcp://127.0.0.1:${await freePort()}`;
  const editor = new Godot(project, ['--headless', '--editor', '--debug-server', debug]);
  let game;
  try {
    const told = async (name) => {
      const [, json] = await editor.line(new RegExp(`^PROBE ${name} (.*)`), 60).catch((error) => {
        throw new Error(`${error.message}\nthe game: ${game?.tail()}`);
      });
      return JSON.parse(json);
    };
    assert.deepEqual(await told('before'), [false, false]);
    assert.deepEqual(await told('enabled'), ['res://addons/rendercast/rendercast.gd', true]);
    const settings = await told('settings');
    for (const name of ['stream/port', 'stream/address', 'stream/fps', 'stream/encoder', 'autoload/audio_bus', 'autoload/autostart']) {
      assert.ok(settings.includes(`rendercast/${name}`), `${name} is not among ${settings}`);
    }
    const idle = await told('idle');
    assert.ok(idle.words.some((words) => words.startsWith('Press play')), JSON.stringify(idle));
    assert.ok(idle.words.some((words) => words.startsWith('Only this computer')), JSON.stringify(idle));

    await told('play');
    game = new Godot(project, ['--headless', '--remote-debug', debug]);
    const playing = await told('playing');
    assert.match(playing.link, /^http:\/\/127\.0\.0\.1:\d+/);
    assert.ok(!playing.link.includes(':8080'), 'the project asks for any port');
    assert.equal(playing.code, false, 'a code that only this computer can open helps nobody');
    assert.ok(playing.words.includes('Streaming, nobody watches yet'), JSON.stringify(playing));

    assert.equal(await told('address'), '0.0.0.0');
    const network = await told('network');
    assert.match(network.link, /^http:\/\/.*token=/);
    assert.ok(!network.link.includes('127.0.0.1'), network.link);
    assert.equal((await fetch(network.link)).status, 200);
    assert.equal(network.code, true);
    assert.ok(network.buttons.includes('This computer only'), JSON.stringify(network));
    assert.match(readFileSync(join(project, 'project.godot'), 'utf8'), /stream\/address="0\.0\.0\.0"/);

    await told('stop');
    await game.stop();
    assert.deepEqual(errors(game), []);
    assert.ok((await told('stopped')).words.some((words) => words.startsWith('Press play')));
    const nonsense = await told('nonsense');
    assert.equal(nonsense.link, '', 'only pages are opened');
    const shown = await told('shown');
    for (const words of ['Streaming to 2 viewers', '60 pictures a second, 7.3 Mbit/s, h264_nvenc', 'The uplink is slow.']) {
      assert.ok(shown.words.includes(words), `${words} is not among ${JSON.stringify(shown.words)}`);
    }
    assert.equal(shown.code, true);
    assert.deepEqual(await told('disabled'), [false, false]);
    await editor.ended;
    assert.deepEqual(errors(editor), []);
  } finally {
    await game?.stop();
    await editor.stop();
  }
});

test('the editor says what is wrong where the library is missing', { skip }, async () => {
  const project = prepared('plugin', { library: false });
  const editor = new Godot(project, ['--headless', '--script', 'res://without_library.gd']);
  try {
    const [, found] = await editor.line(/^FOUND (.*)/);
    assert.match(JSON.parse(found)[0], /native library for linux\.x86_64 is missing/);
    await editor.line(/nothing is streamed/);
    assert.equal((await editor.ended).code, 0, editor.tail());
  } finally {
    await editor.stop();
  }
});

test('every script of the add-on and of the demo is read without a complaint', { skip }, async () => {
  for (const [project, scripts] of [
    [prepared('plugin'), ['plugin', 'dock', 'sessions', 'settings', 'checks', 'rendercast'].map((name) => `addons/rendercast/${name}.gd`)],
    [prepared(join(root, 'samples', 'godot')), ['main', 'game/arena', 'game/bot', 'game/controls', 'game/seats', 'look/debris', 'look/hud', 'look/island',
      'look/marble', 'look/sounds', 'look/star', 'look/view'].map((name) => `${name}.gd`)],
  ]) {
    for (const script of scripts) {
      const godot = new Godot(project, ['--headless', '--check-only', '--script', `res://${script}`]);
      assert.equal((await godot.ended).code, 0, `${script}: ${godot.tail()}`);
      assert.deepEqual(errors(godot), [], script);
    }
  }
});

test('the add-on has the version of the library', () => {
  const version = (path, pattern) => readFileSync(join(root, path), 'utf8').match(pattern)[1];
  assert.equal(version('bindings/godot/addons/rendercast/plugin.cfg', /^version="(.*)"/m), version('Cargo.toml', /^version = "(.*)"/m));
});
