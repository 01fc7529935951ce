//! Which of the codecs that were agreed on is sent (W3C `setCodecPreferences`).

use super::choice::VideoChoice;
use super::negotiate::{Negotiation, at};
use super::settings::{PeerError, PeerEvent};
use super::{Peer, spare};
use crate::encode::Codec;

/// What a preference came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preferred {
    /// Nothing is agreed on yet: it counts when something is.
    NotYet,
    /// This one is sent.
    Sent(Codec),
    /// None of the preferred ones was agreed on: this one goes on.
    Without(Codec),
}

impl VideoChoice {
    /// Tells of this choice, beside which `others` are agreed on.
    pub(super) fn negotiated(&self, others: &[Self]) -> PeerEvent {
        let others = others.iter().map(|other| other.codec).collect();
        PeerEvent::VideoNegotiated { codec: self.codec, others, rates: self.rates }
    }
}

impl Peer {
    /// The codecs to send, best first; empty: as configured. What was agreed on stays agreed on, and the first of these among it
    /// is sent from now on; `VideoNegotiated` tells of a change. Without any, the present one goes on.
    pub async fn prefer(&self, codecs: Vec<Codec>) -> Result<Preferred, PeerError> {
        let mut negotiation = self.negotiate().await?;
        let wanted = if codecs.is_empty() { self.0.settings.codecs.clone() } else { codecs.clone() };
        negotiation.preferred = codecs;
        self.prefer_on_added(&mut negotiation, &wanted);
        let Negotiation { tracks, video: Some(choice), others, .. } = &mut *negotiation else {
            return Ok(Preferred::NotYet);
        };
        let before = choice.codec;
        if !spare::prefer(choice, others, &wanted) {
            return Ok(Preferred::Without(before));
        }
        if choice.codec != before {
            self.0.video.set_codec(Some(choice.codec));
            self.0.shared.mailbox.push(choice.negotiated(others));
            // So that the crate's statistics name it.
            tracks.name_video(&self.0.video, &self.0.settings, choice).await.map_err(at("video track"))?;
        }
        Ok(Preferred::Sent(choice.codec))
    }
}
