//! Where an exchange of descriptions stands, and which description may come next (W3C WebRTC, section 4.3.1; RFC 9429,
//! section 3.2). Pure.

/// W3C `RTCSignalingState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignalingState {
    #[default]
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
    HaveLocalPranswer,
    HaveRemotePranswer,
    Closed,
}

/// W3C `RTCSdpType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptionKind {
    Offer,
    Pranswer,
    Answer,
    Rollback,
}

/// Whose description it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Local,
    Remote,
}

/// What a description leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub next: SignalingState,
    /// Our unanswered offer is taken back first: both sides have offered.
    pub rolls_back: bool,
}

impl SignalingState {
    /// As W3C writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::HaveLocalOffer => "have-local-offer",
            Self::HaveRemoteOffer => "have-remote-offer",
            Self::HaveLocalPranswer => "have-local-pranswer",
            Self::HaveRemotePranswer => "have-remote-pranswer",
            Self::Closed => "closed",
        }
    }

    /// None: such a description cannot come now.
    pub fn after(self, side: Side, kind: DescriptionKind) -> Option<Change> {
        use DescriptionKind::{Answer, Offer, Pranswer, Rollback};
        use SignalingState::{HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, HaveRemotePranswer, Stable};
        let next = match (side, kind, self) {
            (Side::Local, Offer, Stable | HaveLocalOffer) => HaveLocalOffer,
            (Side::Local, Pranswer, HaveRemoteOffer | HaveLocalPranswer) => HaveLocalPranswer,
            (Side::Local, Answer, HaveRemoteOffer | HaveLocalPranswer) => Stable,
            (Side::Remote, Offer, Stable | HaveRemoteOffer | HaveLocalOffer) => HaveRemoteOffer,
            (Side::Remote, Pranswer, HaveLocalOffer | HaveRemotePranswer) => HaveRemotePranswer,
            (Side::Remote, Answer, HaveLocalOffer | HaveRemotePranswer) => Stable,
            // A provisional answer cannot be taken back.
            (_, Rollback, HaveLocalOffer | HaveRemoteOffer) => Stable,
            _ => return None,
        };
        Some(Change { next, rolls_back: (side, kind, self) == (Side::Remote, Offer, HaveLocalOffer) })
    }

    /// What `setLocalDescription` without a description sets.
    pub const fn implied(self) -> DescriptionKind {
        match self {
            Self::Stable | Self::HaveLocalOffer | Self::HaveRemotePranswer => DescriptionKind::Offer,
            _ => DescriptionKind::Answer,
        }
    }

    /// Whether an offer can be made (W3C `createOffer`).
    pub const fn can_offer(self) -> bool {
        matches!(self, Self::Stable | Self::HaveLocalOffer)
    }

    /// Whether an answer can be made (W3C `createAnswer`).
    pub const fn can_answer(self) -> bool {
        matches!(self, Self::HaveRemoteOffer | Self::HaveLocalPranswer)
    }
}

impl DescriptionKind {
    /// As W3C writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Pranswer => "pranswer",
            Self::Answer => "answer",
            Self::Rollback => "rollback",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DescriptionKind::{Answer, Offer, Pranswer, Rollback};
    use Side::{Local, Remote};
    use SignalingState::{Closed, HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, HaveRemotePranswer, Stable};

    const STATES: [SignalingState; 6] =
        [Stable, HaveLocalOffer, HaveRemoteOffer, HaveLocalPranswer, HaveRemotePranswer, Closed];

    #[test]
    fn every_step_of_the_standards_figure_is_possible_and_no_other() {
        let figure = [
            (Stable, Local, Offer, HaveLocalOffer),
            (Stable, Remote, Offer, HaveRemoteOffer),
            (HaveLocalOffer, Local, Offer, HaveLocalOffer),
            (HaveLocalOffer, Remote, Offer, HaveRemoteOffer),
            (HaveLocalOffer, Remote, Pranswer, HaveRemotePranswer),
            (HaveLocalOffer, Remote, Answer, Stable),
            (HaveLocalOffer, Local, Rollback, Stable),
            (HaveLocalOffer, Remote, Rollback, Stable),
            (HaveRemoteOffer, Remote, Offer, HaveRemoteOffer),
            (HaveRemoteOffer, Local, Pranswer, HaveLocalPranswer),
            (HaveRemoteOffer, Local, Answer, Stable),
            (HaveRemoteOffer, Local, Rollback, Stable),
            (HaveRemoteOffer, Remote, Rollback, Stable),
            (HaveLocalPranswer, Local, Pranswer, HaveLocalPranswer),
            (HaveLocalPranswer, Local, Answer, Stable),
            (HaveRemotePranswer, Remote, Pranswer, HaveRemotePranswer),
            (HaveRemotePranswer, Remote, Answer, Stable),
        ];
        for state in STATES {
            for side in [Local, Remote] {
                for kind in [Offer, Pranswer, Answer, Rollback] {
                    let wanted = figure.iter().find(|(from, s, k, _)| (*from, *s, *k) == (state, side, kind));
                    let got = state.after(side, kind).map(|change| change.next);
                    assert_eq!(got, wanted.map(|(_, _, _, next)| *next), "{state:?} {side:?} {kind:?}");
                }
            }
        }
    }

    #[test]
    fn only_an_offer_against_ours_takes_ours_back() {
        for state in STATES {
            let rolls_back = state.after(Remote, Offer).is_some_and(|change| change.rolls_back);
            assert_eq!(rolls_back, state == HaveLocalOffer);
        }
    }

    #[test]
    fn what_is_implied_can_be_made_except_within_a_provisional_answer_of_theirs() {
        for state in [Stable, HaveLocalOffer, HaveRemoteOffer, HaveLocalPranswer] {
            let possible = if state.implied() == Offer { state.can_offer() } else { state.can_answer() };
            assert!(possible && state.after(Local, state.implied()).is_some(), "{state:?}");
        }
        assert!(HaveRemotePranswer.after(Local, HaveRemotePranswer.implied()).is_none());
        assert!(!Closed.can_offer() && !Closed.can_answer() && !HaveRemotePranswer.can_offer());
    }
}
