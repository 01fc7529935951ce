// A peer connection whose signaling somebody else carries: `window.hear(message)` brings what the other side says, and what is to be
// told goes to `window.tell(message)`. ?trickle=false: descriptions go when they are complete, and no candidate alone.

const query = new URLSearchParams(location.search);
const trickles = query.get('trickle') !== 'false';
const remote = document.getElementById('remote');
window.heard = { offer: 0, answer: 0, candidate: 0 };
remote.requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });

const pc = new RTCPeerConnection();
window.channel = pc.createDataChannel('input');
pc.ontrack = ({ streams }) => { remote.srcObject = streams[0]; };
pc.onicecandidate = ({ candidate }) => {
  if (trickles && candidate) window.tell({ type: 'candidate', candidate: candidate.candidate, mid: candidate.sdpMid, line: candidate.sdpMLineIndex });
};
const complete = () => pc.iceGatheringState === 'complete' || new Promise((resolve) => {
  pc.onicegatheringstatechange = () => { if (pc.iceGatheringState === 'complete') resolve(); };
});
const describe = async () => {
  await pc.setLocalDescription();
  if (!trickles) await complete();
  window.tell({ type: pc.localDescription.type, sdp: pc.localDescription.sdp });
};

window.offer = async () => {
  for (const kind of ['video', 'audio']) pc.addTransceiver(kind, { direction: 'recvonly' });
  await describe();
};
window.hear = async ({ type, sdp, candidate, mid, line }) => {
  window.heard[type]++;
  if (type === 'candidate') return pc.addIceCandidate({ candidate, sdpMid: mid, sdpMLineIndex: line });
  if (type === 'offer' && sdp === pc.remoteDescription?.sdp) return undefined;
  await pc.setRemoteDescription({ type, sdp });
  return type === 'offer' ? describe() : undefined;
};
