// A page at the plainest of relays that waits for an offer: a connection for each one, whoever it is from. It sends no candidates.
// ?at=URL: the relay, where that is not the page's own server.

const signaling = new WebSocket(new URLSearchParams(location.search).get('at') ?? `ws://${location.host}`);
let pc = null;
window.offers = 0;
document.getElementById('remote').requestVideoFrameCallback(() => { window.firstFrameMs = performance.now(); });

signaling.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === 'offer') {
    window.offers++;
    pc = new RTCPeerConnection();
    pc.ontrack = ({ streams }) => { document.getElementById('remote').srcObject = streams[0]; };
    pc.setRemoteDescription(message);
    const answer = await pc.createAnswer();
    pc.setLocalDescription(answer);
    signaling.send(JSON.stringify(answer));
  } else if (message.type === 'ice') {
    pc?.addIceCandidate(JSON.parse(message.ice));
  }
};
