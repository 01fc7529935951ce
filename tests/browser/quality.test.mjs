// The quality menu: what a viewer chooses for itself is what it is sent, and the other viewer notices nothing.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { artifacts, expectPatches, inbound, playing, until } from './harness.mjs';
import { LOCAL, channelOpen, start, viewerOf } from './hosting.mjs';

const size = (page) => page.evaluate(() => [document.getElementById('video').videoWidth, document.getElementById('video').videoHeight]);
const sized = (page, want) => until(async () => String(await size(page)) === String(want), `never ${want}`);
const codec = (page, name) => until(async () => (await page.evaluate(inbound)).codec === `video/${name}`, `never ${name}`);
const chosen = (page, wanted) => until(
  () => page.evaluate((want) => JSON.stringify(window.rendercast.player.welcome.quality) === want, JSON.stringify(wanted)),
  async () => `never ${JSON.stringify(wanted)}`,
);
/** Runs in the page: keeps a count of what gives it a keyframe of its own accord, whatever another viewer does. */
const watchOwnKeyframes = () => {
  const { player } = window.rendercast;
  window.own = { rungs: new Set(), resyncs: 0 };
  player.hostStats(true);
  player.addEventListener('stats', () => {
    if (player.host?.layer) window.own.rungs.add(player.host.layer.rung);
    window.own.resyncs = player.host?.viewer.resyncs ?? window.own.resyncs;
  });
};
/** What it has watched for keyframes: those it decoded, and why it may have been sent some, on a busy machine. */
const keyframes = async (page) => {
  const [{ keyFrames, keyframeRequests }, own] = [await page.evaluate(inbound),
    await page.evaluate(() => ({ rungs: [...window.own.rungs], resyncs: window.own.resyncs }))];
  return { keyFrames, ...own, asked: keyframeRequests + own.resyncs };
};
const AUTOMATIC = { rung: null, codec: null, max_kbps: null };

async function menu(page) {
  await page.bringToFront();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
}

test('a smaller picture, another format and a lower rate are chosen in the menu, by one viewer for itself', { timeout: 90_000 }, async (t) => {
  const { open } = await start(t, { json: LOCAL });
  const [page, other] = [await open(), await open()];
  for (const one of [page, other]) await channelOpen(one);
  await page.waitForFunction(() => window.rendercast.player.welcome?.layers.length === 2);
  for (const one of [page, other]) await sized(one, [640, 360]);
  await other.evaluate(watchOwnKeyframes);
  await other.waitForFunction(() => window.own.rungs.size > 0);
  const before = await keyframes(other);
  const { keyframeRequests: shared } = await page.evaluate(inbound);
  await menu(page);
  const [quality, format, limit] = ['#rung', '#codec', '#limit'].map((select) => page.locator(select));

  await quality.selectOption('320 × 180');
  await sized(page, [320, 180]);
  // What it asked for while it watched the same encoder, both got.
  before.asked -= (await page.evaluate(inbound)).keyframeRequests - shared;
  await chosen(page, { ...AUTOMATIC, rung: 1 });
  await expectPatches(other);

  await format.selectOption('VP8');
  await codec(page, 'VP8');
  await chosen(page, { ...AUTOMATIC, rung: 1, codec: 'VP8' });
  await sized(page, [320, 180]);

  await quality.selectOption('');
  await sized(page, [640, 360]);
  await limit.selectOption('1000');
  await chosen(page, { rung: null, codec: 'VP8', max_kbps: 1000 });
  await page.evaluate(() => window.rendercast.player.hostStats(true));
  await page.waitForFunction(() => {
    const { layer } = window.rendercast.player.host ?? {};
    return layer?.codec === 'VP8' && layer.target_bitrate_kbps > 0 && layer.target_bitrate_kbps <= 1000;
  });
  await until(async () => /VP8/.test(await page.locator('#stats').innerText()), 'the line below says something else');
  await page.screenshot({ path: join(artifacts, 'quality-menu.png') });

  // The menu shows what counts, also when it is opened anew.
  await page.keyboard.press('Escape');
  await menu(page);
  assert.deepEqual(await Promise.all([quality, format, limit].map((one) => one.inputValue())), ['', 'VP8', '1000']);
  assert.match(await quality.locator('option').first().innerText(), /^Automatic \(360p\)$/);

  assert.equal((await other.evaluate(inbound)).codec, 'video/H264');
  const after = await keyframes(other);
  t.diagnostic(`the other viewer: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`);
  if (after.asked === before.asked && String(after.rungs) === '0') {
    assert.equal(after.keyFrames, before.keyFrames, 'its encoder was not opened anew, nor asked for a keyframe');
  }
  await sized(other, [640, 360]);
  await playing(other, 10);

  // A connection that is made anew asks for the same again.
  const viewer = await viewerOf(page);
  await page.evaluate(() => window.rendercast.player.connect());
  await page.waitForFunction((old) => ![old, undefined].includes(window.rendercast.player.welcome?.viewer), viewer);
  await chosen(page, { rung: null, codec: 'VP8', max_kbps: 1000 });
  await codec(page, 'VP8');
});

test('where the host lets nobody choose there is nothing to choose', { timeout: 60_000 }, async (t) => {
  const { open, host } = await start(t, { json: { ...LOCAL, input: { choose_quality: false } } });
  const page = await open();
  await channelOpen(page);
  await viewerOf(page);
  await menu(page);
  for (const select of ['#rung', '#codec', '#limit']) assert.equal(await page.locator(select).isVisible(), false);
  await page.evaluate(() => window.rendercast.player.setQuality({ rung: 1 }));
  await host.line(/^viewer \d+ on rendercast: \{"type":"quality","rung":1,/, 10);
  await playing(page, 30);
  assert.deepEqual(await size(page), [640, 360]);
});
