// What the add-on costs a game in real Godot at 720p, and how soon a viewer sees it, on each renderer.
// node tests/bench/godot.mjs [--json FILE]; RENDERCAST_GODOT names Godot, bindings/godot/build.sh has built the add-on.
//
// The cost is what the add-on's own calls take of the main thread in a frame, while one Chromium watches, sound included; where
// Godot renders on that thread (its default) recording the conversion and taking its result are in it. Beside it Godot's own frame time,
// with nobody and with a viewer: on a software renderer the encoder and the browser take their share of that. Where the CPU draws,
// pixels are copied as they are; what a game with a GPU has, conversion in compute or fragment shaders, is measured beside it.
// First picture: the page is opened in the moment in which the game tells its link.

import { Display, DRIVERS, GODOT, Godot, prepared } from '../godot/projects.mjs';
import { browser, keepConnections, playing } from '../browser/harness.mjs';
import { Table } from './table.mjs';

const GAMES = 5;
/** As many frames as the add-on keeps, and some. */
const FRAMES = 300;
const table = new Table();

if (!GODOT) {
  console.error('SKIPPED Godot: RENDERCAST_GODOT does not name it');
  process.exit(0);
}

const stats = (godot) => godot.lines.filter((line) => line.startsWith('STATS ')).map((line) => JSON.parse(line.slice(6)));

/** Waits for so many more of the game's own reports, and gives them. */
async function reports(godot, count) {
  const before = stats(godot).length;
  while (stats(godot).length < before + count) await godot.lineAfter(godot.lines.length, /^STATS /, 30);
  return stats(godot).slice(before);
}

/** Runs in the page: when the first picture is presented, on the wall clock in ms. */
const firstPicture = () => {
  window.first = new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector('video');
      if (!video) return setTimeout(look, 1);
      return video.requestVideoFrameCallback((now) => resolve(performance.timeOrigin + now));
    };
    look();
  });
};

const WAYS = { 'pixels as they are': {}, 'converted as on a GPU': { RENDERCAST_GODOT_CONVERT: '1' } };
const cases = Object.entries(DRIVERS).flatMap(([name, args]) => Object.entries(WAYS).map(([way, own]) => [`${name}, ${way}`, args, own]));

for (const [driver, args, own] of cases) {
  const first = [];
  for (let game = 0; game < GAMES; game += 1) {
    const display = new Display();
    const chromium = await browser();
    const page = await chromium.page();
    await page.addInitScript(keepConnections);
    await page.addInitScript(firstPicture);
    const godot = new Godot(prepared('stage'), [...args, '--resolution', '1280x720'], { ...await display.env(), ...own });
    const [, link] = await godot.line(/^LINK (\S+)/);
    const told = Date.now();
    // Alone, for the last game only.
    let alone;
    if (game === GAMES - 1) alone = await reports(godot, 5);
    const opened = alone ? null : told;
    await page.goto(link);
    const seen = await page.evaluate(() => window.first);
    if (opened) first.push(seen - opened);
    if (alone) {
      await playing(page, FRAMES);
      const watched = await reports(godot, 3);
      const last = watched.at(-1);
      table.row(`Godot 720p, ${driver}: the add-on on the main thread, p50 of 256 frames`, 'ms', [last.main_p50_us / 1000]);
      table.row(`Godot 720p, ${driver}: the add-on on the main thread, p99 of 256 frames`, 'ms', [last.main_p99_us / 1000]);
      table.row(`Godot 720p, ${driver}: a frame of the game, nobody watches`, 'ms', alone.map((one) => one.frame_ms));
      table.row(`Godot 720p, ${driver}: a frame of the game, one viewer`, 'ms', watched.map((one) => one.frame_ms));
      table.row(`Godot 720p, ${driver}: pictures a second`, 'fps', watched.map((one) => one.fps));
    }
    await chromium.close();
    await godot.stop();
    await display.stop();
  }
  table.row(`Godot 720p, ${driver}: first picture after the game has told its link`, 'ms', first);
}
table.end();
