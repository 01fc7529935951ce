// The data channel `rendercast` of a page under test, and the messages on it.

/** Installed before any page script: `window.control` is the page's own channel `rendercast`, or one made beside what it has. */
export const keepControl = () => {
  const Native = window.RTCPeerConnection;
  window.heard = [];
  const keep = (channel) => {
    window.control = channel;
    channel.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') return;
      window.heard.push({ ...JSON.parse(data), at: performance.now() });
      if (window.heard.length > 2000) window.heard.splice(0, 1000);
    });
  };
  window.RTCPeerConnection = class extends Native {
    #has = false;

    createDataChannel(label, options) {
      const channel = super.createDataChannel(label, options);
      if (label === 'rendercast') {
        this.#has = true;
        keep(channel);
      }
      return channel;
    }

    #open() {
      if (!this.#has) this.createDataChannel('rendercast');
    }

    // Before the first description, so that it is in it.
    createOffer(...args) {
      this.#open();
      return super.createOffer(...args);
    }

    setLocalDescription(...args) {
      this.#open();
      return super.setLocalDescription(...args);
    }
  };
  // Every picture's RTP timestamp, and when it was presented.
  window.shown = [];
  const watch = () => {
    const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0);
    if (!video) return setTimeout(watch, 20);
    const onFrame = (_, { rtpTimestamp }) => {
      window.shown.push({ rtp: rtpTimestamp, at: performance.now() });
      if (window.shown.length > 2000) window.shown.splice(0, 1000);
      video.requestVideoFrameCallback(onFrame);
    };
    return video.requestVideoFrameCallback(onFrame);
  };
  watch();
};

/** Runs in the page: sends a message and waits for the first one of that type that `is` takes, 10 s at most. */
export const ask = async ({ message, type, id }) => {
  const from = performance.now();
  while (window.control?.readyState !== 'open') await new Promise((resolve) => setTimeout(resolve, 10));
  window.control.send(JSON.stringify(message));
  for (;;) {
    const answer = window.heard.find((one) => one.type === type && (id === undefined ? one.at >= from : one.id === id));
    if (answer) return answer;
    if (performance.now() - from > 10_000) throw new Error(`no ${type}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
