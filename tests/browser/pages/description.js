// A page that tells {desc} and {candidate}, offers whenever the browser needs it to, and answers with its camera.
// ?start: brings its camera at once, so that it offers first; otherwise it waits.

const query = new URLSearchParams(location.search);
const socket = new WebSocket(`ws://${location.host}`);
const signaling = { send: (message) => opened.then(() => socket.send(JSON.stringify(message))) };
const opened = new Promise((resolve) => { socket.onopen = resolve; });
const constraints = { audio: true, video: true };
const self = document.getElementById('self');
const remote = document.getElementById('remote');
window.offers = 0;
window.errors = [];
remote.requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });

const pc = new RTCPeerConnection();
pc.onicecandidate = ({ candidate }) => signaling.send({ candidate });
pc.onnegotiationneeded = async () => {
  try {
    await pc.setLocalDescription(await pc.createOffer());
    window.offers++;
    signaling.send({ desc: pc.localDescription });
  } catch (error) {
    window.errors.push(error.message);
  }
};
pc.ontrack = ({ streams }) => {
  if (!remote.srcObject) remote.srcObject = streams[0];
};

const addCamera = async () => {
  if (pc.getSenders().some(({ track }) => track)) return;
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  stream.getTracks().forEach((track) => pc.addTrack(track, stream));
  self.srcObject = stream;
};

socket.onmessage = async ({ data }) => {
  const { desc, candidate } = JSON.parse(data);
  try {
    if (desc?.type === 'offer') {
      await pc.setRemoteDescription(desc);
      await addCamera();
      await pc.setLocalDescription(await pc.createAnswer());
      signaling.send({ desc: pc.localDescription });
    } else if (desc?.type === 'answer') {
      await pc.setRemoteDescription(desc);
    } else if (candidate) {
      await pc.addIceCandidate(candidate);
    }
  } catch (error) {
    window.errors.push(error.message);
  }
};
if (query.has('start')) addCamera();
