import assert from "node:assert/strict";
import { test } from "node:test";
import { refusesVideo, withStereo } from "../src/sdp.js";

test("stereo is asked for once, on Opus only", () => {
  const sdp = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:9 G722/8000\r\na=fmtp:9 x=1\r\n";
  const once = withStereo(sdp);
  assert.ok(once.includes("a=fmtp:111 stereo=1;minptime=10;useinbandfec=1\r\n"), once);
  assert.ok(once.includes("a=fmtp:9 x=1\r\n"), once);
  assert.equal(withStereo(once), once);
});

test("only a description that turns all video down refuses video", () => {
  assert.equal(refusesVideo("m=audio 9 x\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\n"), true);
  assert.equal(refusesVideo("m=video 0 x\r\nm=video 9 x\r\n"), false);
  assert.equal(refusesVideo("m=application 9 x\r\n"), false);
});
