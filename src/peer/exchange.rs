//! What has been said so far in a connection's exchange of descriptions. Pure.
//!
//! The crate is told of an offer of the other side's once it is answered, and of a provisional answer never: it cannot take
//! back a first offer it was told of (its transports have started), and takes a provisional answer for an offer.

use super::choice::{Narrowed, SectionDirection};
use super::negotiation_needed::NegotiationNeeded;
use super::remote_check;
use super::sdp::Kind;
use super::signaling_state::{DescriptionKind, SignalingState};

/// A description, as whoever carries it is given it or gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    pub kind: DescriptionKind,
    pub sdp: String,
}

/// What the other side sends in a section, from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedTrack {
    pub video: bool,
    /// `a=mid`.
    pub mid: String,
    /// Its MediaStreams, by identification; none where the description names none.
    pub streams: Vec<String>,
}

/// What the other side sends, compared with before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub arrived: Vec<ReceivedTrack>,
    /// As they were when they came.
    pub removed: Vec<ReceivedTrack>,
}

/// One of our descriptions that was made and not yet applied.
#[derive(Clone, Debug)]
pub struct Made {
    /// As it was given away, with the ports at which we are reached.
    pub given: String,
    /// As the crate made it, and wants it back.
    pub own: String,
    /// It asks for new ICE credentials.
    pub restarts: bool,
}

/// An offer of the other side's that is not answered yet.
#[derive(Debug)]
pub struct RemoteOffer {
    pub narrowed: Narrowed,
    /// Our tracks are put into what it asks for.
    pub with_media: bool,
    /// The crate was told of it.
    pub applied: bool,
    /// It asks for new ICE credentials.
    pub restarts: bool,
}

#[derive(Debug, Default)]
pub struct Exchange {
    pub state: SignalingState,
    pub offer: Option<Made>,
    pub answer: Option<Made>,
    pub remote_offer: Option<RemoteOffer>,
    /// What the other side said last, and what was agreed with it.
    pub pending_remote: Option<Described>,
    pub current_remote: Option<Described>,
    /// New ICE credentials are wanted with the next offer.
    pub restart: bool,
    /// They are in the offer that waits for its answer.
    pub restarting: bool,
    /// What is received by the description that the other side said last, and by what was agreed on.
    received: Vec<ReceivedTrack>,
    agreed: Vec<ReceivedTrack>,
    /// What was told of it.
    told: Vec<ReceivedTrack>,
    pub needed: NegotiationNeeded,
    /// An answer was applied half-way: nothing can follow it.
    pub broken: bool,
}

impl Exchange {
    /// Candidates of the other side must wait: the crate does not know the description they belong to.
    pub fn holds_candidates(&self) -> bool {
        self.restarting
            || self.state == SignalingState::HaveRemotePranswer
            || self.remote_offer.as_ref().is_some_and(|offer| !offer.applied)
    }

    /// The other side's offer or answer counts from now on.
    pub fn agree(&mut self) {
        if let Some(agreed) = self.pending_remote.take() {
            self.current_remote = Some(agreed);
        }
        self.agreed.clone_from(&self.received);
        self.remote_offer = None;
        self.offer = None;
        self.answer = None;
        self.restart &= !self.restarting;
        self.restarting = false;
        self.needed.settle();
        self.state = SignalingState::Stable;
    }

    /// The offer that waits, whoever's it is, is void.
    pub fn take_back(&mut self) {
        self.pending_remote = None;
        self.received.clone_from(&self.agreed);
        self.remote_offer = None;
        self.offer = None;
        self.answer = None;
        // The credentials that the other side was to have are ours already.
        self.restart |= self.restarting;
        self.restarting = false;
        self.needed.settle();
        self.state = SignalingState::Stable;
    }

    /// Notes what the other side sends by this description of its own.
    pub fn note_received(&mut self, sdp: &str, sections: &[SectionDirection]) {
        let receives = sections.iter().filter(|section| section.receive);
        self.received = receives
            .map(|section| ReceivedTrack {
                video: section.kind == Kind::Video,
                mid: section.mid.clone(),
                streams: remote_check::streams(sdp, &section.mid),
            })
            .collect();
    }

    /// Nothing else of what it would send is taken: our answer says so.
    pub fn keep_received(&mut self, sections: &[SectionDirection]) {
        let is_taken = |mid: &str| sections.iter().any(|section| section.receive && section.mid == mid);
        self.received.retain(|track| is_taken(&track.mid));
    }

    /// What has come and what is gone since this was last asked: from then on it is told.
    pub fn take_changes(&mut self) -> Changes {
        let lacks = |list: &[ReceivedTrack], mid: &str| list.iter().all(|track| track.mid != mid);
        let (kept, removed) =
            std::mem::take(&mut self.told).into_iter().partition(|track| !lacks(&self.received, &track.mid));
        self.told = kept;
        let arrived: Vec<_> = self.received.iter().filter(|track| lacks(&self.told, &track.mid)).cloned().collect();
        self.told.extend(arrived.iter().cloned());
        Changes { arrived, removed }
    }

    /// What the other side sends in this section.
    pub fn received(&self, mid: &str) -> Option<&ReceivedTrack> {
        self.received.iter().find(|track| track.mid == mid)
    }

    /// Sections in which the other side sends, by identification.
    pub fn received_mids(&self) -> Vec<String> {
        self.received.iter().map(|track| track.mid.clone()).collect()
    }

    /// What the other side last described itself by.
    pub fn remote(&self) -> Option<&Described> {
        self.pending_remote.as_ref().or(self.current_remote.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(kind: DescriptionKind) -> Option<Described> {
        Some(Described { kind, sdp: kind.name().into() })
    }

    #[test]
    fn a_restart_that_is_taken_back_is_wanted_still_and_one_that_is_answered_is_over() {
        let mut exchange = Exchange { restarting: true, state: SignalingState::HaveLocalOffer, ..Exchange::default() };
        exchange.take_back();
        assert!(exchange.restart && !exchange.restarting && exchange.state == SignalingState::Stable);
        exchange.restarting = true;
        exchange.pending_remote = described(DescriptionKind::Answer);
        exchange.agree();
        assert!(!exchange.restart && !exchange.restarting);
        assert_eq!(exchange.current_remote, described(DescriptionKind::Answer));
    }

    const SENT: &str = "v=0\r\nm=audio 9 a 96\r\na=mid:a\r\na=msid:stream track\r\n";

    fn section(mid: &str, receive: bool) -> SectionDirection {
        SectionDirection { mid: mid.into(), kind: Kind::Audio, send: true, receive }
    }

    /// The sections that have come, and those that are gone.
    fn told(exchange: &mut Exchange) -> [String; 2] {
        let Changes { arrived, removed } = exchange.take_changes();
        [arrived, removed].map(|tracks| tracks.iter().map(|track| track.mid.as_str()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_track_arrives_once_and_is_removed_once() {
        let mut exchange = Exchange::default();
        exchange.note_received(SENT, &[section("a", true), section("b", false)]);
        let track = ReceivedTrack { video: false, mid: "a".into(), streams: vec!["stream".into()] };
        assert_eq!(exchange.take_changes(), Changes { arrived: vec![track.clone()], removed: vec![] });
        exchange.note_received("v=0\r\n", &[section("a", true), section("b", true)]);
        assert_eq!(told(&mut exchange), ["b", ""]);
        exchange.note_received("v=0\r\n", &[section("a", false), section("b", true)]);
        assert_eq!(exchange.take_changes(), Changes { arrived: vec![], removed: vec![track] });
        assert_eq!((told(&mut exchange), exchange.received_mids()), (["".into(), "".into()], vec!["b".into()]));
        exchange.note_received(SENT, &[section("a", true), section("b", true)]);
        assert_eq!(told(&mut exchange), ["a", ""]);
    }

    #[test]
    fn what_an_offer_brought_goes_with_it_where_it_is_taken_back_or_not_taken() {
        let mut exchange = Exchange::default();
        exchange.note_received(SENT, &[section("a", true), section("b", true)]);
        assert_eq!(told(&mut exchange), ["a b", ""]);
        exchange.keep_received(&[section("a", true), section("b", false)]);
        exchange.agree();
        assert_eq!(told(&mut exchange), ["", "b"]);
        exchange.note_received(SENT, &[section("b", true)]);
        assert_eq!(told(&mut exchange), ["b", "a"]);
        exchange.take_back();
        assert_eq!(told(&mut exchange), ["a", "b"]);
    }

    #[test]
    fn an_offer_taken_back_leaves_what_was_agreed() {
        let mut exchange = Exchange { current_remote: described(DescriptionKind::Answer), ..Exchange::default() };
        exchange.pending_remote = described(DescriptionKind::Offer);
        assert_eq!(exchange.remote().unwrap().kind, DescriptionKind::Offer);
        exchange.take_back();
        assert_eq!(exchange.remote().unwrap().kind, DescriptionKind::Answer);
    }
}
