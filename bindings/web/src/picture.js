// Where a point of the page lies in the picture.

/**
 * x and y from 0 to 1 from the picture's top left, kept inside it, and how many of the page's pixels one of the picture's
 * takes. The picture is centred in `box` with its own aspect ratio, so there may be bars beside or above it. Null while there
 * is no picture.
 */
export function toPicture(clientX, clientY, box, videoWidth, videoHeight) {
  if (!videoWidth || !videoHeight || !box.width || !box.height) return null;
  const scale = Math.min(box.width / videoWidth, box.height / videoHeight);
  const [width, height] = [videoWidth * scale, videoHeight * scale];
  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  return {
    x: clamp((clientX - box.left - (box.width - width) / 2) / width),
    y: clamp((clientY - box.top - (box.height - height) / 2) / height),
    scale,
  };
}
