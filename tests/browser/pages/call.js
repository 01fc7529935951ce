// A user of the call server. ?name=NAME: who it is. ?call=USER: asks that user. Otherwise it waits to be asked, and accepts by
// offering to receive video. ?offer=USER: offers to that user unasked. ?object: candidates go as objects, not as JSON texts.
// ?at=URL: the server, where that is not the page's own.

const query = new URLSearchParams(location.search);
const username = query.get('name') ?? 'ann';
const signaling = new WebSocket(query.get('at') ?? `ws://${location.host}`);
let target = query.get('call') ?? query.get('offer');
let pc = null;
window.heard = [];
document.getElementById('remote').requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });

const tell = (type, data) => signaling.send(JSON.stringify({ type, username, target, data }));
const connect = () => {
  pc?.close();
  pc = new RTCPeerConnection();
  pc.onicecandidate = ({ candidate }) => {
    if (!candidate) return;
    const data = { sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex, sdp: candidate.candidate };
    tell('IceCandidates', query.has('object') ? data : JSON.stringify(data));
  };
  pc.ontrack = ({ streams }) => { document.getElementById('remote').srcObject = streams[0]; };
};
const offer = async () => {
  connect();
  await pc.setLocalDescription(await pc.createOffer({ offerToReceiveVideo: true }));
  tell('Offer', pc.localDescription.sdp);
};
window.hangUp = () => { tell('EndCall'); pc?.close(); };

signaling.onopen = () => {
  signaling.send(JSON.stringify({ type: 'SignIn', username }));
  if (query.has('call')) tell('StartStreaming');
  if (query.has('offer')) offer();
};
signaling.onmessage = async ({ data: text }) => {
  const { type, username: from, data } = JSON.parse(text);
  window.heard.push(type);
  if (type === 'StartStreaming') {
    target = from;
    await offer();
  } else if (type === 'Offer') {
    // The same one comes again until it is answered.
    if (pc?.remoteDescription?.sdp === data) return;
    target = from;
    connect();
    await pc.setRemoteDescription({ type: 'offer', sdp: data });
    await pc.setLocalDescription(await pc.createAnswer());
    tell('Answer', pc.localDescription.sdp);
  } else if (type === 'Answer') {
    await pc.setRemoteDescription({ type: 'answer', sdp: data });
  } else if (type === 'IceCandidates') {
    const { sdpMid, sdpMLineIndex, sdp } = JSON.parse(data);
    await pc.addIceCandidate({ candidate: sdp, sdpMid, sdpMLineIndex });
  } else if (type === 'EndCall') {
    pc?.close();
  }
};
