// What the player draws on: what it is given, and what it makes where nothing is given.

const FILL = { position: "absolute", inset: "0", width: "100%", height: "100%", objectFit: "contain" };

/**
 * @param {Element | { stage?: HTMLElement, video?: HTMLVideoElement, still?: HTMLCanvasElement, audio?: HTMLAudioElement,
 *   field?: HTMLInputElement }} target an empty element to fill, or the parts of a page
 */
export function elements(target) {
  const parts = target instanceof Element ? (target.localName === "video" ? { video: target } : { stage: target }) : target;
  const stage = parts.stage ?? parts.video.parentElement;
  const make = (name, style, attributes = {}) => {
    const element = Object.assign(document.createElement(name), attributes);
    Object.assign(element.style, style);
    return stage.appendChild(element);
  };
  if (!parts.stage && !stage.style.position) stage.style.position = "relative";
  if (stage.tabIndex < 0) stage.tabIndex = 0;
  stage.style.touchAction = "none";
  const video = parts.video ?? make("video", FILL);
  Object.assign(video, { autoplay: true, muted: true, playsInline: true, disablePictureInPicture: true });
  return {
    stage,
    video,
    still: parts.still ?? make("canvas", FILL, { hidden: true }),
    audio: parts.audio ?? make("audio", {}, { hidden: true }),
    // Of 16 pixels: a phone would enlarge the page for less.
    field: parts.field ?? make("input", { position: "absolute", bottom: "0", opacity: "0", fontSize: "16px", pointerEvents: "none" }),
  };
}
