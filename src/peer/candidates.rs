//! The other side's candidates: each waits for the description it belongs to.

use webrtc::peer_connection::RTCIceCandidateInit;

use super::negotiate::{Negotiation, at};
use super::settings::PeerError;
use super::{Peer, ice};
use crate::signaling::IceCandidate;

impl Peer {
    /// Takes one of the browser's candidates; one that comes before its description waits for it.
    pub async fn add_candidate(&self, candidate: IceCandidate) -> Result<(), PeerError> {
        let Some(candidate) = ice::remote_candidate(candidate) else { return Ok(()) };
        let mut negotiation = self.negotiate().await?;
        self.take_candidate(&mut negotiation, candidate).await
    }

    pub(super) async fn take_candidate(
        &self,
        negotiation: &mut Negotiation,
        candidate: RTCIceCandidateInit,
    ) -> Result<(), PeerError> {
        if negotiation.candidates >= ice::MAX_REMOTE_CANDIDATES {
            let reason = format!("more than {} candidates", ice::MAX_REMOTE_CANDIDATES);
            return Err(PeerError::Negotiation { step: "candidate", reason });
        }
        negotiation.candidates += 1;
        if negotiation.has_remote && !negotiation.exchange.holds_candidates() {
            self.0.connection.add_ice_candidate(candidate).await.map_err(at("candidate"))
        } else {
            negotiation.early.push(candidate);
            Ok(())
        }
    }

    pub(super) async fn add_early(&self, negotiation: &mut Negotiation) {
        negotiation.has_remote = true;
        // Counted anew: how many belong to one session of ICE is for signaling to say.
        negotiation.candidates = 0;
        for candidate in std::mem::take(&mut negotiation.early) {
            if let Err(error) = self.0.connection.add_ice_candidate(candidate).await {
                tracing::debug!(viewer = %self.0.settings.viewer, %error, "a candidate cannot be used");
            }
        }
    }
}
