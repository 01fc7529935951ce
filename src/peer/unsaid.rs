//! Tracks whose offer was taken back before it was answered.
//!
//! The crate takes one for agreed on as soon as an offer names it, also one that is taken back; with our next answer, which
//! does not name it, it would begin to be sent, as nothing that anybody knows, and for good: later answers begin nothing that
//! has begun. So such a track is hidden from the crate while our answer is applied.

use std::sync::Arc;

use rtc::media_stream::MediaStreamTrack;
use rtc::shared::error::Result;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::PeerConnection;
use webrtc::rtp_transceiver::RtpSender;

/// What is hidden.
pub struct Unsaid(Vec<Arc<dyn RtpSender>>);

/// Hides the tracks that no section of a description is for. They are of no codec yet.
pub async fn hide(connection: &Arc<dyn PeerConnection>) -> Result<Unsaid> {
    let mut hidden = Vec::new();
    for transceiver in connection.get_transceivers().await {
        if transceiver.mid().await?.is_none()
            && let Some(sender) = transceiver.sender().await?
        {
            let (track, nothing) = (sender.track(), String::new);
            let empty =
                MediaStreamTrack::new(track.stream_id().await, nothing(), nothing(), track.kind().await, Vec::new());
            sender.replace_track(Arc::new(TrackLocalStaticRTP::new(empty))).await?;
            hidden.push(sender);
        }
    }
    Ok(Unsaid(hidden))
}

impl Unsaid {
    /// Ready to be offered again.
    pub async fn show(self) -> Result<()> {
        for sender in self.0 {
            sender.replace_track(Arc::clone(sender.track())).await?;
        }
        Ok(())
    }
}
