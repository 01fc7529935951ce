//! What a negotiation is told, and what it asks for in return.

use crate::signaling::{IceCandidate, SignalCommand};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The other side offers; `polite` says whether we yield when both sides offer at once.
    RemoteOffer {
        sdp: String,
        polite: bool,
    },
    RemoteAnswer {
        sdp: String,
    },
    RemoteCandidate(IceCandidate),
    LocalCandidate(IceCandidate),
    /// We want to offer (media changed, or the protocol has us begin).
    Renegotiate,
    /// The way to the other side may be gone: we want to find another (ICE restart). Nothing before there was one.
    RestartIce,
    /// It is gone no more, or never was: an offer to restart that was not made yet need not be.
    PathWorks,
    /// The other side can be told something again, and may have missed what was said last.
    Resumed,
    /// [`Action::Answer`] is done; this is our answer, already set as local description.
    Answered {
        sdp: String,
    },
    /// [`Action::Offer`] is done; this is our offer, already set as local description.
    Offered {
        sdp: String,
    },
    /// [`Action::AcceptAnswer`] is done.
    AnswerAccepted,
    /// The last `Answer`, `Offer`, `RestartIce` or `AcceptAnswer` failed. A failed candidate is not reported.
    Failed {
        reason: String,
    },
    /// The other side left.
    Disconnected,
    /// Time passed; due at [`Negotiation::next_deadline`](super::Negotiation::next_deadline), harmless at any other time.
    Tick,
}

/// What to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Set this remote offer, add the tracks when `with_media`, make an answer, set it: then `Answered` or `Failed`.
    Answer {
        offer_sdp: String,
        with_media: bool,
    },
    /// Add the tracks if they are not there, make an offer, set it: then `Offered` or `Failed`.
    Offer,
    /// Make an offer that restarts ICE; the present way stays in use until it is answered. Then `Offered` or `Failed`.
    RestartIce,
    /// Take our offer back (W3C rollback); nothing is reported. An `Offer` given before is still reported first, as ever.
    Rollback,
    /// Set this remote answer: then `AnswerAccepted` or `Failed`.
    AcceptAnswer {
        sdp: String,
    },
    /// Hand to ICE; errors are of no consequence.
    AddCandidate(IceCandidate),
    Send(SignalCommand),
    /// Drop the connection. Nothing follows.
    Close {
        reason: String,
    },
}
