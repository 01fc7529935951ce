// A release build, exported as a player gets it: the library lies beside it, and it streams.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Program, browser, keepConnections, playing } from '../browser/harness.mjs';
import { DRIVERS, Display, Godot, errors, prepared } from './projects.mjs';

// The release template; and what runs a program that it made, where that needs more than its path.
const TEMPLATE = process.env.RENDERCAST_GODOT_TEMPLATE;
const RUN = process.env.RENDERCAST_GODOT_RUN;
const skip = TEMPLATE ? false : 'RENDERCAST_GODOT_TEMPLATE does not name a release template';

const preset = (path) => `[preset.0]

name="Linux"
platform="Linux"
runnable=true
export_filter="all_resources"
export_path="${path}"

[preset.0.options]

custom_template/release="${TEMPLATE}"
binary_format/embed_pck=false
binary_format/architecture="x86_64"
`;

test('an exported release streams with the library beside it', { timeout: 180_000, skip }, async (t) => {
  const project = prepared('stage');
  const folder = join(project, '.godot', 'exported');
  const game = join(folder, 'game.x86_64');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(project, 'export_presets.cfg'), preset(game));
  const exporting = new Godot(project, ['--headless', '--export-release', 'Linux', game]);
  t.after(() => exporting.stop());
  assert.deepEqual(await exporting.ended, { code: 0, signal: null }, exporting.tail());
  assert.ok(existsSync(game) && existsSync(join(folder, 'librendercast_godot.so')), exporting.tail());

  const display = new Display();
  t.after(() => display.stop());
  const command = [...RUN ? [RUN] : [], game, '--audio-driver', 'Dummy', ...DRIVERS.opengl];
  const env = { ...process.env, ...await display.env(), XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const running = new Program(command[0], command.slice(1), { env });
  t.after(() => running.stop());
  const [, link] = await running.line(/^LINK (\S+)/);
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await chromium.page();
  await page.addInitScript(keepConnections);
  await page.goto(link);
  await page.waitForFunction(() => window.rendercast?.state === 'playing', null, { timeout: 20_000 });
  await playing(page, 10);
  assert.deepEqual(errors(running), []);
  await page.keyboard.press('F4');
  assert.deepEqual(await running.ended, { code: 0, signal: null }, running.tail());
  assert.deepEqual(errors(running), []);
});
