import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames, HostClock, percentile, rtpMs } from "../src/latency.js";

test("percentiles are by nearest rank", () => {
  assert.equal(percentile([], 0.5), null);
  assert.equal(percentile([3], 0.95), 3);
  assert.deepEqual([0.5, 0.95, 1].map((p) => percentile([5, 1, 4, 2, 3], p)), [3, 5, 5]);
});

test("RTP timestamps are compared over their end", () => {
  assert.equal(rtpMs(90, 2 ** 32 - 90), 2);
  assert.equal(rtpMs(2 ** 32 - 90, 90), -2);
});

test("the host's clock is taken from the ping that took least, of the last twenty", () => {
  const clock = new HostClock();
  assert.deepEqual([clock.offsetMs, clock.rttMs], [null, null]);
  // The host is 1000 ms ahead; there and back take 4 and 4 ms, of the second 20 and 2.
  clock.add({ time: 100, received_us: 1_104_000, sent_us: 1_105_000 }, 109);
  assert.deepEqual([clock.offsetMs, clock.rttMs], [1000, 8]);
  clock.add({ time: 200, received_us: 1_220_000, sent_us: 1_220_000 }, 222);
  assert.equal(clock.offsetMs, 1000, "a slower one changes nothing");
  for (const wrong of [{}, { time: 1, received_us: "x", sent_us: 2 }]) clock.add(wrong, 5);
  assert.equal(clock.offsetMs, 1000);
  for (let i = 0; i < 20; i += 1) clock.add({ time: 300, received_us: 2_310_000, sent_us: 2_310_000 }, 320);
  assert.equal(clock.offsetMs, 2000, "what is long ago is forgotten");
});

const frame = (rtpTimestamp, shown, captureTime) => ({ rtpTimestamp, captureTime, presentationTime: shown - 5, expectedDisplayTime: shown });

test("a picture's age is from its capture to its display", () => {
  const frames = new Frames();
  for (let i = 1; i <= 20; i += 1) frames.add(frame(i * 3000, 1000 + i, 1000));
  assert.deepEqual(frames.summary(), { endToEndMs: { p50: 10, p95: 19 }, displayMs: 5 });
  assert.deepEqual(frames.summary(), { endToEndMs: null, displayMs: null }, "each one counts once");
});

test("where the browser does not say when, the host's clock does", () => {
  const frames = new Frames();
  frames.add(frame(9000, 1000));
  assert.equal(frames.summary().endToEndMs, null);
  frames.clock.add({ time: 0, received_us: 5_000_000, sent_us: 5_000_000 }, 0);
  // At 6 s of the host's clock, 1 s of ours, the timestamp was 9000; 100 ms later is 18000.
  frames.base = { rtp: 9000, us: 6_000_000 };
  frames.add(frame(18_000, 1130));
  assert.equal(frames.summary().endToEndMs.p50, 30);
});

test("a marked picture is found before and after it is shown, and where it was left out", async () => {
  const frames = new Frames();
  frames.add(frame(1000, 10));
  frames.add(frame(2000, 20));
  assert.equal(await frames.whenShown(2000), 20);
  const waited = frames.whenShown(3000);
  frames.add(frame(2500, 25));
  frames.add(frame(4000, 40));
  assert.equal(await waited, 40);
});
