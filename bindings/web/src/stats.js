// Numbers of the running connection, once a second, from W3C webrtc-stats.

export class Stats {
  #before = null;

  /** @returns rates since the last call with the same connection (null at the first one), and totals */
  async read(pc) {
    if (!pc) return null;
    const reports = new Map();
    (await pc.getStats()).forEach((report) => reports.set(report.id, report));
    const all = [...reports.values()];
    const video = all.find((report) => report.type === "inbound-rtp" && report.kind === "video");
    const audio = all.find((report) => report.type === "inbound-rtp" && report.kind === "audio");
    const transport = all.find((report) => report.type === "transport");
    const pair =
      reports.get(transport?.selectedCandidatePairId) ??
      all.find((report) => report.type === "candidate-pair" && report.nominated && report.state === "succeeded");
    const now = {
      pc,
      time: video?.timestamp ?? audio?.timestamp ?? 0,
      bytes: (video?.bytesReceived ?? 0) + (audio?.bytesReceived ?? 0),
      frames: video?.framesDecoded ?? 0,
      delay: video?.jitterBufferDelay ?? 0,
      emitted: video?.jitterBufferEmittedCount ?? 0,
      decoding: video?.totalDecodeTime ?? 0,
      lost: video?.packetsLost ?? 0,
      packets: video?.packetsReceived ?? 0,
    };
    const before = this.#before?.pc === pc ? this.#before : null;
    this.#before = now;
    const seconds = before ? (now.time - before.time) / 1000 : 0;
    const rate = (value, unit = 1) => (seconds > 0 ? Math.round(value / seconds / unit) : null);
    const since = (name) => (before ? now[name] - before[name] : 0);
    const mean = (sum, count) => (count > 0 ? (1000 * sum) / count : 0);
    return {
      fps: rate(now.frames - (before?.frames ?? 0)),
      bitrateKbps: rate(8 * (now.bytes - (before?.bytes ?? 0)), 1000),
      rttMs: pair?.currentRoundTripTime === undefined ? null : 1000 * pair.currentRoundTripTime,
      jitterBufferMs: mean(now.delay - (before?.delay ?? 0), now.emitted - (before?.emitted ?? 0)),
      decodeMs: mean(now.decoding - (before?.decoding ?? 0), now.frames - (before?.frames ?? 0)),
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      codec: reports.get(video?.codecId)?.mimeType?.replace("video/", "") ?? "",
      packetsLost: (video?.packetsLost ?? 0) + (audio?.packetsLost ?? 0),
      framesDecoded: now.frames,
      freezes: video?.freezeCount ?? 0,
      framesDropped: video?.framesDropped ?? 0,
      frozenMs: Math.round(1000 * (video?.totalFreezesDuration ?? 0)),
      lossPercent: (100 * Math.max(since("lost"), 0)) / Math.max(since("lost") + since("packets"), 1),
    };
  }
}
