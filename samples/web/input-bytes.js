// Messages of the `data` channel, byte for byte. Everything is little-endian; one event is one message.

const LITTLE_ENDIAN = true;

export const Phase = Object.freeze({ began: 1, moved: 2, ended: 3, canceled: 4, stationary: 5 });

/** A key went down or up. `key` is KeyboardEvent.key: its character counts if it is just one. */
export function keyboard(down, repeat, number, key) {
  const character = key.length === 1 ? key.charCodeAt(0) & 0xff : 0;
  return new Uint8Array([0, down ? 1 : 0, repeat ? 1 : 0, number, character]);
}

/** The pointer is at x, y (pixels of the picture, from its bottom left) with `buttons` down (MouseEvent.buttons). */
export function mouse(x, y, buttons) {
  const view = new DataView(new ArrayBuffer(6));
  view.setUint8(0, 1);
  view.setInt16(1, x, LITTLE_ENDIAN);
  view.setInt16(3, y, LITTLE_ENDIAN);
  view.setUint8(5, buttons & 0xff);
  return new Uint8Array(view.buffer);
}

/** The wheel turned, in pixels as the DOM has them: down and right are positive. */
export function wheel(deltaX, deltaY) {
  const view = new DataView(new ArrayBuffer(9));
  view.setUint8(0, 2);
  view.setFloat32(1, deltaX, LITTLE_ENDIAN);
  view.setFloat32(5, deltaY, LITTLE_ENDIAN);
  return new Uint8Array(view.buffer);
}

/** All fingers that are down or have just been lifted: `{ id, phase, x, y, force }`, 255 at most. */
export function touch(fingers) {
  const count = Math.min(fingers.length, 255);
  const view = new DataView(new ArrayBuffer(2 + 13 * count));
  view.setUint8(0, 3);
  view.setUint8(1, count);
  fingers.slice(0, count).forEach(({ id, phase, x, y, force }, i) => {
    const at = 2 + 13 * i;
    view.setInt32(at, id, LITTLE_ENDIAN);
    view.setUint8(at + 4, phase);
    view.setInt16(at + 5, x, LITTLE_ENDIAN);
    view.setInt16(at + 7, y, LITTLE_ENDIAN);
    view.setFloat32(at + 9, force, LITTLE_ENDIAN);
  });
  return new Uint8Array(view.buffer);
}

/**
 * Where a point of the page lies in the picture: pixels of the video from its bottom left, kept inside it. The picture is
 * centred in `box` with its own aspect ratio, so there may be bars beside or above it. Null while there is no picture.
 */
export function toPicture(clientX, clientY, box, videoWidth, videoHeight) {
  if (!videoWidth || !videoHeight || !box.width || !box.height) return null;
  const scale = Math.min(box.width / videoWidth, box.height / videoHeight);
  const x = (clientX - box.left - (box.width - videoWidth * scale) / 2) / scale;
  const y = (clientY - box.top - (box.height - videoHeight * scale) / 2) / scale;
  const clamp = (value, most) => Math.trunc(Math.min(Math.max(value, 0), most));
  return { x: clamp(x, videoWidth), y: clamp(videoHeight - y, videoHeight) };
}
