// What runs in the page: when each picture is presented and how old it is then, getStats twice a second, and when either side
// takes its network for another one. Times are Unix time in ms; the host draws its clock, this machine's own, into the picture
// (samples/c-host/scene.h).

/** Installed before any script of the page. */
export const measure = () => {
  const measured = { connected: null, frames: [], stats: [], restarts: [], lines: 0 };
  window.measured = measured;
  const Native = window.RTCPeerConnection;
  const unix = (time = performance.now()) => performance.timeOrigin + time;
  const [block, bits] = [16, 52];

  const readStats = async (pc) => {
    const reports = [...(await pc.getStats()).values()];
    const video = reports.find((r) => r.type === 'inbound-rtp' && r.kind === 'video');
    const audio = reports.find((r) => r.type === 'inbound-rtp' && r.kind === 'audio');
    const pair = reports.find((r) => r.type === 'candidate-pair' && r.nominated);
    if (!video) return;
    const names = ['bytesReceived', 'packetsReceived', 'packetsLost', 'framesDecoded', 'keyFramesDecoded', 'freezeCount', 'totalFreezesDuration',
      'jitterBufferDelay', 'jitterBufferEmittedCount', 'nackCount', 'pliCount', 'retransmittedPacketsReceived', 'retransmittedBytesReceived',
      'fecPacketsReceived', 'totalDecodeTime', 'frameHeight', 'framesDropped'];
    const out = { t: unix(), rttMs: 1000 * (pair?.currentRoundTripTime ?? 0), decoder: video.decoderImplementation };
    for (const name of names) out[name] = video[name] ?? 0;
    out.audioLost = audio?.packetsLost ?? 0;
    out.audioConcealed = audio?.concealedSamples ?? 0;
    measured.stats.push(out);
  };

  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') measured.connected ??= unix();
      });
      this.addEventListener('signalingstatechange', () => {
        // Only the page's first offer makes a connection.
        if (this.signalingState === 'have-remote-offer') measured.restarts.push({ t: unix(), by: 'host' });
      });
      const timer = setInterval(() => (this.connectionState === 'closed' ? clearInterval(timer) : readStats(this)), 500);
    }
  };

  const restartIce = Native.prototype.restartIce;
  Native.prototype.restartIce = function () {
    measured.restarts.push({ t: unix(), by: 'page' });
    restartIce.call(this);
  };
  const Line = window.WebSocket;
  window.WebSocket = class extends Line {
    constructor(...args) {
      super(...args);
      measured.lines += 1;
    }
  };

  /** Of the picture as it is drawn: it begins in full size. */
  let width = 0;
  const canvas = document.createElement('canvas');
  canvas.width = block * bits;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  /** Unix ms of the stamp; null when it cannot be read. */
  const stamp = (video, now) => {
    // A smaller picture is the same one: the row is found by what it was drawn in.
    const scale = video.videoWidth / width;
    context.drawImage(video, 0, (block / 2) * scale, canvas.width * scale, 1, 0, 0, canvas.width, 1);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    const bit = (i) => data[(i * block + block / 2) * 4 + 1] > 127;
    if (!bit(0) || bit(1) || !bit(2) || bit(3)) return null;
    let micros = 0;
    for (let i = 4; i < bits; i++) micros = micros * 2 + (bit(i) ? 1 : 0);
    const round = 2 ** 48;
    const age = (((now * 1000 - micros) % round) + round) % round;
    return now - (age > round / 2 ? age - round : age) / 1000;
  };
  const onFrame = (video) => (_, { presentationTime, presentedFrames }) => {
    const at = unix(presentationTime);
    width = Math.max(width, video.videoWidth);
    const drawn = width >= block * bits ? stamp(video, at) : null;
    measured.frames.push([at, drawn === null ? null : at - drawn, presentedFrames]);
    video.requestVideoFrameCallback(onFrame(video));
  };
  const find = () => {
    const video = document.querySelector('video');
    if (video) video.requestVideoFrameCallback(onFrame(video));
    else requestAnimationFrame(find);
  };
  find();
};
