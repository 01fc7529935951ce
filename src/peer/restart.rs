//! ICE restarts that we begin (RFC 8445, section 9; RFC 8839, section 4.4.1.1.1).
//!
//! JSEP has both sides send on the old pair until a new one works (RFC 9429, section 3.5.1); the crate drops the old pair
//! with the description that restarts. So ours is set only when its answer is there: an alarm that was false, or an
//! offer that nobody answers, stops no media. Checks of the new session that come before that are repeated.

use rtc::peer_connection::configuration::RTCOfferOptions;
use webrtc::peer_connection::RTCSessionDescription;

use super::Peer;
use super::negotiate::{Negotiation, at};
use super::settings::PeerError;
use crate::signaling::sdp::ice_ufrag;

/// An offer of ours that restarts ICE.
#[derive(Debug, Default)]
pub struct Restart {
    /// Told, not set.
    offer: Option<RTCSessionDescription>,
    /// The crate has credentials that the next description applies, whatever it is.
    staged: bool,
}

impl Restart {
    pub fn pending(&self) -> Option<&str> {
        self.offer.as_ref().map(|offer| offer.sdp.as_str())
    }

    /// The answer has come: this is to be set first.
    pub fn take(&mut self) -> Option<RTCSessionDescription> {
        self.staged &= self.offer.is_none();
        self.offer.take()
    }

    /// Takes the offer back. Gives whether there was one.
    pub fn abandon(&mut self) -> bool {
        self.offer.take().is_some()
    }

    /// Whether an offer of the browser's can be answered: with our new credentials it has to restart ICE too.
    pub fn allows(&mut self, before: Option<&str>, offer: &str) -> bool {
        let restarts = before.and_then(ice_ufrag) != ice_ufrag(offer);
        if restarts {
            *self = Self::default();
        }
        !self.staged
    }
}

impl Peer {
    /// Offers to find a way anew, with all our candidates in it. The present one is used until the answer is taken; DTLS and
    /// what is sent go on over the new one.
    pub async fn offer_restart(&self) -> Result<String, PeerError> {
        let mut negotiation = self.negotiate().await?;
        if self.0.connection.current_remote_description().await.is_none() {
            let reason = "there is no connection to restart".into();
            return Err(PeerError::Negotiation { step: "ICE restart", reason });
        }
        let options = RTCOfferOptions { ice_restart: true };
        let offer = self.0.connection.create_offer(Some(options)).await.map_err(at("ICE restart"))?;
        let told = self.0.network.describe(&offer.sdp);
        negotiation.restart = Restart { offer: Some(offer), staged: true };
        Ok(told)
    }

    /// Sets what was told, now that it is answered.
    pub(super) async fn apply_restart(&self, negotiation: &mut Negotiation) -> Result<(), PeerError> {
        match negotiation.restart.take() {
            Some(offer) => self.put_local(negotiation, offer, true).await,
            None => Ok(()),
        }
    }

    /// Whether the browser's offer comes at a time when it can be answered.
    pub(super) async fn check_restart(&self, negotiation: &mut Negotiation, offer: &str) -> Result<(), PeerError> {
        let before = self.0.connection.current_remote_description().await;
        if negotiation.restart.allows(before.as_ref().map(|description| description.sdp.as_str()), offer) {
            return Ok(());
        }
        Err(PeerError::Negotiation { step: "offer", reason: "an ICE restart of ours comes first".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "a=ice-ufrag:old\r\n";
    const NEW: &str = "a=ice-ufrag:new\r\n";

    fn told() -> Restart {
        Restart { offer: Some(RTCSessionDescription::default()), staged: true }
    }

    #[test]
    fn an_offer_that_restarts_too_is_answered_and_another_is_not() {
        assert!(Restart::default().allows(Some(OLD), OLD));
        let mut restart = told();
        assert!(!restart.allows(Some(OLD), OLD));
        assert!(restart.abandon());
        assert!(!restart.allows(Some(OLD), OLD), "what is staged stays so");
        assert!(restart.allows(Some(OLD), NEW) && restart.allows(Some(NEW), NEW));
    }

    #[test]
    fn an_offer_that_was_answered_is_over() {
        let mut restart = told();
        assert!(restart.pending().is_some() && restart.take().is_some());
        assert!(!restart.abandon() && restart.allows(Some(OLD), OLD));
    }
}
