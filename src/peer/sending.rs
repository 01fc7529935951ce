//! Media on its way out of a peer: which lane it takes, and whether it may.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::lane::Lane;
use super::settings::PeerError;
use super::{Inner, Peer};
use crate::fanout::{AudioPacket, Media, PacketizedFrame};
use crate::units::SenderId;

impl Peer {
    /// Sends one frame on the first track, of any codec that was agreed on. Waits while earlier ones have not left, at most
    /// [`SEND_TIMEOUT`](super::SEND_TIMEOUT).
    pub async fn send_video(&self, frame: &Arc<PacketizedFrame>) -> Result<(), PeerError> {
        self.send_frame(&self.0.video, frame).await
    }

    async fn send_frame(&self, lane: &Lane, frame: &Arc<PacketizedFrame>) -> Result<(), PeerError> {
        self.sendable()?;
        let negotiated = lane.codec().ok_or(PeerError::NotNegotiated)?;
        if frame.codec != negotiated && lane.formats.payload_type(frame.codec).is_none() {
            return Err(PeerError::WrongCodec { frame: frame.codec, negotiated });
        }
        self.0.send(lane, Media::Video(Arc::clone(frame))).await
    }

    /// Sends one Opus packet.
    pub async fn send_audio(&self, packet: &Arc<AudioPacket>) -> Result<(), PeerError> {
        self.sendable()?;
        self.0.send(&self.0.audio, Media::Audio(Arc::clone(packet))).await
    }

    /// Sends one frame on a track, as [`send_video`](Self::send_video) does on the first.
    pub async fn send_track(&self, sender: SenderId, frame: &Arc<PacketizedFrame>) -> Result<(), PeerError> {
        if sender == SenderId::VIDEO {
            return self.send_video(frame).await;
        }
        let lane = self.0.lanes.of(sender).ok_or(PeerError::NoTrack)?;
        self.send_frame(&lane, frame).await
    }

    fn sendable(&self) -> Result<(), PeerError> {
        if self.0.closed.load(Ordering::Acquire) {
            Err(PeerError::Closed)
        } else if !self.0.shared.is_connected() {
            Err(PeerError::NotConnected)
        } else {
            Ok(())
        }
    }
}

impl Inner {
    async fn send(&self, lane: &Lane, media: Media) -> Result<(), PeerError> {
        let sent = lane.send(media).await;
        if matches!(sent, Err(PeerError::Closed)) && !self.lanes.has(lane.ssrc) {
            // It was removed while this waited for its turn.
            return Err(PeerError::NoTrack);
        }
        if matches!(sent, Err(PeerError::Closed)) && !self.closed.load(Ordering::Acquire) {
            self.shared.lost("the connection's driver has stopped");
        }
        sent
    }
}
