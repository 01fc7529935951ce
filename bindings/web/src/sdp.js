// What has to be read from or written into session descriptions.

/** Asks for stereo Opus: without `stereo=1` a browser receives mono (RFC 7587, section 6.1). */
export function withStereo(sdp) {
  const payloads = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map((match) => match[1]);
  return payloads.reduce((text, payload) => {
    const line = new RegExp(`^(a=fmtp:${payload} )(?!.*\\bstereo=)(.*)$`, "m");
    return text.replace(line, "$1stereo=1;$2");
  }, sdp);
}

/** Whether a description turns every video section down (port 0: RFC 8843, section 7.3.4). */
export function refusesVideo(sdp) {
  const ports = [...sdp.matchAll(/^m=video (\d+) /gm)].map((match) => Number(match[1]));
  return ports.length > 0 && ports.every((port) => port === 0);
}
