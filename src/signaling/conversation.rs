//! One connection as its protocol sees it, where messages say neither which offer an answer answers nor whose a candidate
//! is: what both sides have said last, and whether what comes fits to it. Pure.
//!
//! Glare has two ends. A side that is impolite drops the other's offer and waits for the answer to its own, which comes at
//! once where the other side is polite, as every newer browser's page is that simply sets our offer. Old pages and phones only fail at it.
//! So an offer that was dropped is offered to the negotiation again when ours is still unanswered after [`YIELD_AFTER`], and then we yield.

use std::time::Duration;

use super::candidates::identity;
use super::signature::Signature;
use super::{ConnectionId, IceCandidate, SignalEvent, sdp};
use crate::time::Nanos;

/// How long a page may take to answer our offer that collided with its own, its question for a camera included.
pub const YIELD_AFTER: Duration = Duration::from_secs(3);
/// Candidates of an unanswered offer that are repeated with it.
const MAX_REPEATED: usize = 64;

/// An offer of ours without an answer.
#[derive(Clone, Debug)]
struct Outstanding {
    identity: u64,
    signature: Signature,
    candidates: Vec<IceCandidate>,
}

/// An offer of theirs without an answer.
#[derive(Clone, Debug)]
pub struct Pending {
    pub from: Signature,
    pub sdp: String,
    yield_at: Option<Nanos>,
    yielded: bool,
}

#[derive(Clone, Debug)]
pub struct Conversation {
    pub connection: ConnectionId,
    /// We were asked to offer, and nobody has answered yet.
    invited: bool,
    theirs: Option<Signature>,
    our_ufrag: Option<String>,
    outstanding: Option<Outstanding>,
    pending: Option<Pending>,
}

impl Conversation {
    pub fn new(connection: ConnectionId) -> Self {
        Self { connection, invited: false, theirs: None, our_ufrag: None, outstanding: None, pending: None }
    }

    /// One that begins with our offer.
    pub fn invited(connection: ConnectionId) -> (Self, SignalEvent) {
        let event = SignalEvent::Invite { connection: connection.clone(), one_stream: true };
        (Self { invited: true, ..Self::new(connection) }, event)
    }

    /// Whether the other side is this one.
    pub fn is_with(&self, session: u64) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| theirs.session == session)
    }

    /// Whether the other side is known.
    pub fn is_answered(&self) -> bool {
        self.theirs.is_some()
    }

    /// Whether an offer of ours was made or sent that nobody answered.
    pub fn has_own_offer(&self) -> bool {
        self.invited || self.outstanding.is_some()
    }

    /// Whether an offer of ours was sent.
    pub fn has_sent_offer(&self) -> bool {
        self.outstanding.is_some()
    }

    pub fn has_ufrag(&self, ufrag: u64) -> bool {
        self.theirs.as_ref().is_some_and(|theirs| theirs.has_ufrag(ufrag))
    }

    /// Whether this offer of ours looks for another way to a side that has fallen silent.
    pub fn is_restart(&self, sdp: &str) -> bool {
        self.is_answered() && self.our_ufrag.as_deref() != sdp::ice_ufrag(sdp)
    }

    pub fn our_ufrag(&self) -> Option<&str> {
        self.our_ufrag.as_deref()
    }

    /// Their offer. `polite`: whether ours yields at once.
    pub fn take_offer(&mut self, from: Signature, sdp: String, polite: bool, now: Nanos) -> SignalEvent {
        let yield_at = (self.has_own_offer() && !polite).then(|| now + YIELD_AFTER);
        if yield_at.is_none() {
            self.theirs = Some(from.clone());
        }
        let event = self.offer_event(sdp.clone(), polite);
        self.pending = Some(Pending { from, sdp, yield_at, yielded: false });
        event
    }

    /// An answer, if it can be one to our offer. What is given besides is an offer of somebody else that ours had beaten.
    pub fn take_answer(&mut self, from: &Signature, sdp: &str) -> Option<(SignalEvent, Option<Pending>)> {
        let outstanding = self.outstanding.take_if(|offer| from.answers(&offer.signature))?;
        if self.theirs.as_ref().is_some_and(|theirs| theirs.session != from.session) {
            self.outstanding = Some(outstanding);
            return None;
        }
        self.invited = false;
        self.theirs = Some(from.clone());
        let left = self.pending.take().filter(|pending| pending.from.session != from.session);
        Some((SignalEvent::Answer { connection: self.connection.clone(), sdp: sdp.to_owned() }, left))
    }

    /// We offer. Gives the candidates to repeat: whoever has come since has not heard them.
    pub fn say_offer(&mut self, sdp: &str, now: Nanos) -> Vec<IceCandidate> {
        let id = identity(&sdp);
        if let Some(outstanding) = &self.outstanding
            && outstanding.identity == id
        {
            return outstanding.candidates.clone();
        }
        self.our_ufrag = sdp::ice_ufrag(sdp).map(str::to_owned);
        let signature = Signature::of(sdp).unwrap_or_default();
        self.outstanding = Some(Outstanding { identity: id, signature, candidates: Vec::new() });
        if let Some(pending) = &mut self.pending
            && !pending.yielded
        {
            // Both were under way at once.
            pending.yield_at.get_or_insert(now + YIELD_AFTER);
        }
        Vec::new()
    }

    /// We answer: an offer of ours was taken back for it.
    pub fn say_answer(&mut self, sdp: &str) {
        self.our_ufrag = sdp::ice_ufrag(sdp).map(str::to_owned);
        self.invited = false;
        self.outstanding = None;
        if let Some(pending) = self.pending.take() {
            self.theirs.get_or_insert(pending.from);
        }
    }

    pub fn say_candidate(&mut self, candidate: &IceCandidate) {
        if let Some(outstanding) = &mut self.outstanding
            && outstanding.candidates.len() < MAX_REPEATED
        {
            outstanding.candidates.push(candidate.clone());
        }
    }

    pub fn next_deadline(&self) -> Option<Nanos> {
        self.pending.as_ref().and_then(|pending| pending.yield_at)
    }

    /// Yields, if it is time.
    pub fn tick(&mut self, now: Nanos) -> Option<SignalEvent> {
        let pending = self.pending.as_mut().filter(|pending| pending.yield_at.is_some_and(|at| at <= now))?;
        pending.yield_at = None;
        pending.yielded = true;
        self.theirs = Some(pending.from.clone());
        let sdp = pending.sdp.clone();
        Some(self.offer_event(sdp, true))
    }

    fn offer_event(&self, sdp: String, polite: bool) -> SignalEvent {
        SignalEvent::Offer { connection: self.connection.clone(), sdp, polite, one_stream: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdp(session: u32, sections: &str) -> String {
        format!("v=0\r\no=- {session} 2 IN IP4 0.0.0.0\r\na=ice-ufrag:u{session}\r\n{sections}")
    }
    fn signed(session: u32) -> (Signature, String) {
        let sdp = sdp(session, "m=video 9 x\r\n");
        (Signature::of(&sdp).unwrap(), sdp)
    }
    fn begun() -> Conversation {
        let (mut conversation, _) = Conversation::invited(ConnectionId("c".into()));
        assert!(conversation.say_offer(&signed(1).1, Nanos(0)).is_empty());
        conversation
    }
    fn is_offer(event: &SignalEvent, session: u32, as_polite: bool) -> bool {
        matches!(event, SignalEvent::Offer { sdp, polite, .. } if *sdp == signed(session).1 && *polite == as_polite)
    }

    #[test]
    fn an_answer_is_taken_once_and_from_the_one_side_only() {
        let mut conversation = begun();
        let (from, sdp) = signed(2);
        let other = Signature::of("o=- 3 1 IN IP4 0\r\nm=audio 9 x\r\n").unwrap();
        assert!(conversation.take_answer(&other, "").is_none(), "it answers something else");
        assert!(matches!(conversation.take_answer(&from, &sdp), Some((SignalEvent::Answer { .. }, None))));
        assert!(conversation.take_answer(&from, &sdp).is_none());
        conversation.say_offer(&signed(1).1.replace("2 IN", "3 IN"), Nanos(9));
        let (stranger, text) = signed(4);
        assert!(conversation.take_answer(&stranger, &text).is_none());
        assert!(conversation.take_answer(&from, &sdp).is_some(), "the stranger has not spoilt it");
    }

    #[test]
    fn a_repeated_offer_repeats_its_candidates() {
        let mut conversation = begun();
        let candidate = IceCandidate { candidate: "c".into(), sdp_mid: None, sdp_mline_index: None };
        (0..100).for_each(|_| conversation.say_candidate(&candidate));
        assert_eq!(conversation.say_offer(&signed(1).1, Nanos(0)).len(), MAX_REPEATED);
        assert_eq!(conversation.our_ufrag(), Some("u1"));
    }

    #[test]
    fn an_offer_that_ours_beat_is_yielded_to_when_nobody_answers() {
        let mut conversation = begun();
        let (from, sdp) = signed(2);
        assert!(is_offer(&conversation.take_offer(from.clone(), sdp, false, Nanos(0)), 2, false));
        assert!(!conversation.is_with(from.session));
        let due = conversation.next_deadline().unwrap();
        assert_eq!(due, Nanos(0) + YIELD_AFTER);
        assert!(conversation.tick(Nanos(due.0 - 1)).is_none());
        assert!(is_offer(&conversation.tick(due).unwrap(), 2, true));
        assert!(conversation.is_with(from.session) && conversation.next_deadline().is_none());
        conversation.say_answer("");
        assert!(!conversation.has_own_offer());
    }

    #[test]
    fn an_answer_ends_the_glare_and_leaves_a_third_sides_offer() {
        let mut conversation = begun();
        let ((second, sdp), (third, other)) = (signed(2), signed(3));
        conversation.take_offer(second.clone(), sdp.clone(), false, Nanos(0));
        assert!(matches!(conversation.take_answer(&second, &sdp), Some((_, None))));
        assert!(conversation.next_deadline().is_none());
        let mut conversation = begun();
        conversation.take_offer(third, other, false, Nanos(0));
        let Some((_, Some(left))) = conversation.take_answer(&second, &sdp) else { panic!() };
        assert_eq!(left.sdp, signed(3).1);
    }

    #[test]
    fn an_offer_of_ours_that_was_under_way_is_glare_too() {
        let mut conversation = Conversation::new(ConnectionId("c".into()));
        let (from, sdp) = signed(2);
        conversation.take_offer(from, sdp, false, Nanos(0));
        assert_eq!(conversation.next_deadline(), None);
        conversation.say_offer(&signed(1).1, Nanos(5));
        assert_eq!(conversation.next_deadline(), Some(Nanos(5) + YIELD_AFTER));
        assert!(is_offer(&conversation.tick(Nanos(5) + YIELD_AFTER).unwrap(), 2, true));
        conversation.say_offer(&signed(1).1.replace("2 IN", "3 IN"), Nanos(9));
        assert_eq!(conversation.next_deadline(), None, "once");
    }
}
