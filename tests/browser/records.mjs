// What the player page sends, read back in the test, and what a host would say to it.

/** Installed before any page script: keeps every data channel of the page, and what is sent on it. */
export const keepChannels = () => {
  window.channels = [];
  window.sent = [];
  const make = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    const channel = make.apply(this, args);
    const { send } = channel;
    channel.send = (data) => {
      window.sent.push({ label: channel.label, data: typeof data === 'string' ? data : Array.from(data) });
      return send.call(channel, data);
    };
    window.channels.push(channel);
    return channel;
  };
};

const READ = {
  b: [1, 'readUInt8'], h: [2, 'readUInt16LE'], s: [2, 'readInt16LE'], i: [4, 'readInt32LE'], u: [4, 'readUInt32LE'],
  f: [4, 'readFloatLE'], d: [8, 'readDoubleLE'],
};

/** Each record of a message, with the label of its channel, the page's time and the sequence number. */
export function records({ label, data }) {
  const bytes = Buffer.from(data);
  let at = 0;
  const take = (layout) => [...layout].map((letter) => {
    const [size, read] = READ[letter];
    at += size;
    return bytes[read](at - size);
  });
  const text = (length) => bytes.toString('utf8', at, (at += length));
  const [, sequence, time] = take('bud');
  const all = [];
  while (at < bytes.length) {
    const [type] = take('b');
    const record = { label, sequence, time };
    if (type === 1) {
      const [flags, key, character] = take('bhu');
      Object.assign(record, { type: 'key', down: (flags & 1) > 0, repeat: (flags & 2) > 0, key, character });
    } else if (type === 2) {
      Object.assign(record, { type: 'text', text: text(take('h')[0]) });
    } else if (type === 3) {
      const [phase, caret, length] = take('bhh');
      Object.assign(record, { type: 'composition', phase, caret, text: text(length) });
    } else if (type === 4) {
      const [x, y, dx, dy, buttons] = take('ffffh');
      Object.assign(record, { type: 'mouse', x, y, dx, dy, buttons });
    } else if (type === 5) {
      const [x, y, dx, dy] = take('ffff');
      Object.assign(record, { type: 'wheel', x, y, dx, dy });
    } else if (type === 6) {
      const [id, phase, x, y, force, radiusX, radiusY] = take('ibfffff');
      Object.assign(record, { type: 'touch', id, phase, x, y, force, radiusX, radiusY });
    } else if (type === 7) {
      const [phase, buttons, x, y, pressure, tiltX, tiltY, twist] = take('bhfffssh');
      Object.assign(record, { type: 'pen', phase, buttons, x, y, pressure, tiltX, tiltY, twist });
    } else if (type === 8) {
      const [index, buttons, lx, ly, rx, ry, lt, rt] = take('bussssbb');
      Object.assign(record, { type: 'gamepad', index, buttons, axes: [lx, ly, rx, ry], triggers: [lt, rt] });
    } else if (type === 9) {
      const [index, connected, flags, length] = take('bbbb');
      Object.assign(record, { type: 'plugged', index, connected: connected === 1, flags, id: text(length) });
    } else if (type === 10) {
      Object.assign(record, { type: 'release' });
    } else {
      throw new Error(`record type ${type}`);
    }
    all.push(record);
  }
  return all;
}

/** Everything the page has sent since the last call: records, and JSON messages as `{ json }`. */
export async function takeSent(page) {
  const sent = await page.evaluate(() => window.sent.splice(0));
  return sent.flatMap((one) => (typeof one.data === 'string' ? [{ label: one.label, json: JSON.parse(one.data) }] : records(one)));
}

/** Says this to the page on its channel, as the host would. */
export const say = (page, words) => page.evaluate((text) => {
  const channel = window.channels.findLast((one) => one.label === 'rendercast');
  channel.dispatchEvent(new MessageEvent('message', { data: text }));
}, JSON.stringify(words));
