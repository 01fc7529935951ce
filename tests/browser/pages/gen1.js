// A page as the first generation's were: asks for media in its own offer, polls, shows only event.streams[0].

const video = document.getElementById('video');
const json = { 'Content-Type': 'application/json' };
const { sessionId } = await (await fetch('/signaling', { method: 'PUT' })).json();
const headers = { ...json, 'Session-Id': sessionId };
const { connectionId } = await (await fetch('/signaling/connection', { method: 'PUT', headers })).json();
const post = (path, body) => fetch(path, { method: 'POST', headers, body: JSON.stringify({ connectionId, ...body }) });

const pc = new RTCPeerConnection({});
window.pc = pc;
window.channel = pc.createDataChannel('data');
pc.ontrack = (event) => { video.srcObject = event.streams[0]; };
pc.onicecandidate = ({ candidate }) => {
  if (candidate) post('/signaling/candidate', { candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex });
};
// ?send: its camera and microphone go the other way.
if (new URLSearchParams(location.search).has('send')) {
  window.camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
  for (const track of window.camera.getTracks()) pc.addTrack(track, window.camera);
}
const offer = await pc.createOffer({ offerToReceiveAudio: true, offerToReceiveVideo: true });
offer.sdp = offer.sdp.replace(/useinbandfec=1/, 'useinbandfec=1;stereo=1;maxaveragebitrate=1048576');
await pc.setLocalDescription(offer);
await post('/signaling/offer', { sdp: offer.sdp });

const poll = async (what, from) => {
  const response = await fetch(`/signaling/${what}?fromtime=${from}`, { headers });
  const now = Date.parse(response.headers.get('Date'));
  return [await response.json(), now];
};
let since = 0;
const seen = new Set();
const loop = async () => {
  if (pc.signalingState === 'have-local-offer') {
    const [{ answers }] = await poll('answer', 0);
    const mine = answers.find((a) => a.connectionId === connectionId);
    if (mine) await pc.setRemoteDescription({ type: 'answer', sdp: mine.sdp });
  }
  const [{ candidates }, now] = await poll('candidate', since);
  since = now;
  for (const group of candidates) {
    if (group.connectionId !== connectionId) continue;
    for (const c of group.candidates) {
      if (seen.has(c.candidate)) continue;
      try {
        await pc.addIceCandidate(c);
        seen.add(c.candidate);
      } catch (error) {
        // Before the answer it throws. The old pages went on asking, and so the candidate came again within its second.
        console.warn(error);
      }
    }
  }
  if (pc.connectionState !== 'closed') setTimeout(loop, 100);
};
await loop();
