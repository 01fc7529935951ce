// A page at the plainest of relays that offers its camera and microphone as soon as the socket is open. It takes the answer,
// sends its candidates as JSON texts, and is deaf to those of the other side. ?at=URL: the relay, where that is not the page's own server.

const signaling = new WebSocket(new URLSearchParams(location.search).get('at') ?? `ws://${location.host}`);
let pc = null;
window.errors = [];
document.getElementById('remote').requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });

signaling.onopen = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  document.getElementById('local').srcObject = stream;
  pc = new RTCPeerConnection();
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) signaling.send(JSON.stringify({ type: 'ice', ice: JSON.stringify(candidate) }));
  };
  pc.ontrack = ({ streams }) => { document.getElementById('remote').srcObject = streams[0]; };
  stream.getTracks().forEach((track) => pc.addTrack(track, stream));
  const offer = await pc.createOffer();
  pc.setLocalDescription(offer);
  signaling.send(JSON.stringify(offer));
};

signaling.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  // Everybody's answers come; the one that comes when there is no offer of ours left fails.
  if (message.type === 'answer') pc?.setRemoteDescription(message).catch(({ name }) => window.errors.push(name));
};
