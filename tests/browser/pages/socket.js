// A page as the newest generation's are, over a WebSocket: offers only a data channel, then answers the sender's own offer.
// ?connection=ID: names that connection, as pages do in private mode. ?waits=1: offers nothing by itself.
// ?at=URL: the server, where that is not the page's own.

const query = new URLSearchParams(location.search);

const video = document.getElementById('video');
const stream = new MediaStream();
const connectionId = query.get('connection') ?? crypto.randomUUID();
const socket = new WebSocket(query.get('at') ?? `${location.protocol.replace('http', 'ws')}//${location.host}`);
const send = (type, data) => socket.send(JSON.stringify({ type, from: connectionId, data: { connectionId, ...data } }));

let pc = null;
let polite = true;
let making = false;
let ignoring = false;
let answered = '';

const describe = async (type) => {
  await pc.setLocalDescription();
  send(type, { sdp: pc.localDescription.sdp });
};

const begin = () => {
  pc = new RTCPeerConnection({});
  window.pc = pc;
  pc.ontrack = ({ track }) => { stream.addTrack(track); video.srcObject = stream; };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) send('candidate', { candidate: candidate.candidate, sdpMid: candidate.sdpMid, sdpMLineIndex: candidate.sdpMLineIndex });
  };
  pc.onnegotiationneeded = async () => {
    making = true;
    await describe('offer');
    making = false;
  };
  // Nobody keeps an offer for one who is not there yet.
  setInterval(() => { if (pc.signalingState === 'have-local-offer') send('offer', { sdp: pc.localDescription.sdp }); }, 5000);
  video.requestVideoFrameCallback(() => { window.firstFrameMs = performance.now() - window.clickedAt; });
  if (!query.has('waits')) window.channel = pc.createDataChannel('input');
};

const handle = async ({ type, from, data, ...top }) => {
  if (type === 'connect' && top.connectionId === connectionId) {
    polite = top.polite;
    begin();
  } else if (type === 'error') {
    window.refused = top.message;
  } else if (type === 'disconnect' && top.connectionId === connectionId) {
    pc?.close();
    window.left = true;
  }
  if (from !== connectionId || !pc) return;
  if (type === 'offer' && data.sdp !== answered) {
    ignoring = !polite && (making || pc.signalingState !== 'stable');
    if (ignoring) return;
    answered = data.sdp;
    await pc.setRemoteDescription({ type: 'offer', sdp: data.sdp });
    await describe('answer');
  } else if (type === 'answer' && pc.signalingState === 'have-local-offer') {
    await pc.setRemoteDescription({ type: 'answer', sdp: data.sdp });
  } else if (type === 'candidate') {
    try {
      await pc.addIceCandidate({ candidate: data.candidate, sdpMid: data.sdpMid, sdpMLineIndex: data.sdpMLineIndex });
    } catch (error) {
      // Of an offer that was ignored, or of one that is not there yet and comes again with its candidates.
      if (!ignoring && pc.remoteDescription) throw error;
    }
  }
};

let work = Promise.resolve();
socket.onmessage = ({ data }) => { work = work.then(() => handle(JSON.parse(data))).catch(console.error); };
socket.onopen = () => {
  window.clickedAt = performance.now();
  socket.send(JSON.stringify({ type: 'connect', connectionId }));
};
