// A page as the newest generation's are: first offers only a data channel, then answers the sender's own offer.
// ?codec=VP8, or several as H264,VP8: takes these video formats only, as the page does whose user picks one.
// ?send: its camera and microphone go the other way.
// ?at=URL: the server, where that is not the page's own. ?connection=ID: names that connection, as pages do in private mode.
// ?max=KBPS: takes no more video than that. ?mode=0: and of H264 only that packetization mode. ?poll=MS: asks the server for news that often.

const query = new URLSearchParams(location.search);

const video = document.getElementById('video');
const stream = new MediaStream();
const at = query.get('at') ?? '';
const { sessionId } = await (await fetch(`${at}/signaling`, { method: 'PUT' })).json();
const headers = { 'Content-Type': 'application/json', 'Session-Id': sessionId };
const connectionId = query.get('connection') ?? crypto.randomUUID();
const post = (path, body, method = 'POST') => fetch(`${at}${path}`, { method, headers, body: JSON.stringify({ connectionId, ...body }) });
await post('/signaling/connection', {}, 'PUT');

const pc = new RTCPeerConnection({});
window.pc = pc;
window.channel = pc.createDataChannel('input');
pc.ontrack = ({ track }) => { stream.addTrack(track); video.srcObject = stream; };
video.requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });
pc.onicecandidate = ({ candidate }) => {
  if (candidate) post('/signaling/candidate', { candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex });
};
await pc.setLocalDescription();
await post('/signaling/offer', { sdp: pc.localDescription.sdp });

/** Before the answer: what it leaves out, the sender may not send. */
const chooseCodecs = () => {
  const names = query.get('codec')?.split(',');
  if (!names) return;
  const mode = query.get('mode') ?? '1';
  const all = RTCRtpReceiver.getCapabilities('video').codecs.filter(({ mimeType, sdpFmtpLine = '' }) =>
    names.includes(mimeType.replace('video/', '')) && (mimeType !== 'video/H264' || sdpFmtpLine.includes(`packetization-mode=${mode}`)));
  window.chosen = names.flatMap((name) => all.filter(({ mimeType }) => mimeType === `video/${name}`));
  for (const transceiver of pc.getTransceivers()) {
    if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences(window.chosen);
  }
};

const limited = (sdp) => {
  const max = query.get('max');
  return max ? sdp.replace(/m=video[^]*?\r\nc=[^\r]*\r\n/, (section) => `${section}b=AS:${max}\r\n`) : sdp;
};

if (query.has('send')) window.camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });

let since = Date.now() - 30_000;
let done = '';
const loop = async () => {
  const { messages, datetime } = await (await fetch(`${at}/signaling?fromtime=${since}`, { headers })).json();
  since = datetime;
  for (const m of messages.filter((m) => m.connectionId === connectionId)) {
    if (m.type === 'answer' && pc.signalingState === 'have-local-offer') {
      await pc.setRemoteDescription({ type: 'answer', sdp: m.sdp });
    } else if (m.type === 'offer' && m.sdp !== done) {
      done = m.sdp;
      await pc.setRemoteDescription({ type: 'offer', sdp: m.sdp });
      chooseCodecs();
      for (const track of window.camera?.getTracks() ?? []) pc.addTrack(track, window.camera);
      await pc.setLocalDescription();
      await post('/signaling/answer', { sdp: limited(pc.localDescription.sdp) });
    } else if (m.type === 'candidate' && pc.remoteDescription) {
      await pc.addIceCandidate({ candidate: m.candidate, sdpMid: m.sdpMid, sdpMLineIndex: m.sdpMLineIndex });
    }
  }
  setTimeout(loop, Number(query.get('poll') ?? 1000));
};
await loop();
