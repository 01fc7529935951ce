//! Our place in the one connection of private mode: both sides name it, the first one in is impolite, the second polite,
//! a third is refused. The server tells nobody that the other side has come, and keeps no offer for it (over a WebSocket no
//! candidate either); so we offer, and go on offering, from when we are in. Pure.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::signaling::{ConnectionId, SignalCommand, SignalEvent};
use crate::time::Nanos;

/// We ask to be let in, and invite ourselves to offer, once in this time at most: whoever leaves at once and comes back
/// costs no more than that.
pub const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// After a refusal we ask again after this long: two others are in.
pub const REFUSED_FOR: Duration = Duration::from_secs(5);

/// Candidates of one offer that are said again with it.
const MAX_CANDIDATES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// No server.
    Nowhere,
    /// To be asked for at this time.
    Outside {
        ask_at: Nanos,
    },
    /// Asked for.
    Asking,
    In {
        polite: bool,
    },
}

/// Our place in a named connection.
#[derive(Clone, Debug)]
pub struct Membership {
    connection: ConnectionId,
    place: Place,
    invite_at: Option<Nanos>,
    last_asked: Option<Nanos>,
    /// The other side has said something since we are in.
    heard: bool,
    /// Our last offer and its candidates, which may have found nobody.
    said: Vec<SignalCommand>,
    said_at: Nanos,
    /// So long after an offer of ours one of the other side's may have been made without it: between these, by how far the
    /// server is.
    crossing: RangeInclusive<Duration>,
    round_trip: Duration,
    /// An offer of the other side's that may have crossed ours: to be taken then, unless an answer to ours comes before.
    held: Option<(Nanos, SignalEvent)>,
}

impl Membership {
    /// `crossing`: what a message may need to the other side and back, at least and at most.
    pub fn new(connection: ConnectionId, crossing: RangeInclusive<Duration>) -> Self {
        Self {
            connection,
            place: Place::Nowhere,
            invite_at: None,
            last_asked: None,
            heard: false,
            said: Vec::new(),
            said_at: Nanos(0),
            round_trip: *crossing.end(),
            crossing,
            held: None,
        }
    }

    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// The server is there.
    pub fn opened(&mut self, now: Nanos) {
        if self.place == Place::Nowhere {
            // How often that happens, reconnecting bounds.
            self.place = Place::Outside { ask_at: now };
        }
    }

    /// The server is gone, and our place with it. The connection itself may live on.
    pub fn closed(&mut self) {
        self.place = Place::Nowhere;
        self.invite_at = None;
    }

    /// True when the server has to be asked now.
    pub fn take_asking(&mut self, now: Nanos) -> bool {
        let due = matches!(self.place, Place::Outside { ask_at } if ask_at <= now);
        if due {
            self.place = Place::Asking;
            self.last_asked = Some(now);
        }
        due
    }

    /// The server let us in. `living`: the connection goes on from before, and nobody has to be invited.
    pub fn entered(&mut self, polite: bool, living: bool, now: Nanos) {
        if self.place == Place::Asking {
            self.place = Place::In { polite };
            self.round_trip = self.last_asked.map_or(self.round_trip, |at| now.saturating_since(at));
            self.invite_at = (!living).then_some(now);
        }
    }

    /// The server did not let us in.
    pub fn refused(&mut self, now: Nanos) {
        if self.place == Place::Asking {
            self.place = Place::Outside { ask_at: now + REFUSED_FOR };
        }
    }

    /// Notes an event of the server, and puts our own politeness in the place of what the server says of every offer in
    /// private mode, to both sides alike. `None`: it has to wait.
    pub fn place(&mut self, event: SignalEvent, now: Nanos) -> Option<SignalEvent> {
        match event {
            SignalEvent::Offer { connection, sdp, polite, one_stream } if connection == self.connection => {
                let first = !std::mem::replace(&mut self.heard, true);
                let polite = if let Place::In { polite } = self.place { polite } else { polite };
                if polite || !(first || self.held.is_some()) {
                    return Some(SignalEvent::Offer { connection, sdp, polite, one_stream });
                }
                // One that has just come has heard no offer of ours, so there is nothing that it could yield to, and we do.
                // That is better than having it take its own back: Chromium loses its data channel that way. Where our offer
                // may just have reached it, its answer says so.
                let yielded = SignalEvent::Offer { connection, sdp, polite: true, one_stream };
                self.held = Some((self.said_at + self.crossing_time(), yielded));
                self.take_held(now)
            }
            SignalEvent::Answer { connection, sdp } if connection == self.connection => {
                self.heard = true;
                self.held = None;
                Some(SignalEvent::Answer { connection, sdp })
            }
            SignalEvent::Disconnect { connection } if connection == self.connection => {
                self.lost(now);
                Some(SignalEvent::Disconnect { connection })
            }
            event => Some(event),
        }
    }

    /// The other side is taken to be as far from the server as we are, four times over.
    fn crossing_time(&self) -> Duration {
        self.round_trip.saturating_mul(4).clamp(*self.crossing.start(), *self.crossing.end())
    }

    /// What had to wait, when its time has come.
    pub fn take_held(&mut self, now: Nanos) -> Option<SignalEvent> {
        self.held.take_if(|(at, _)| *at <= now).map(|(_, event)| event)
    }

    /// Notes what we say in this connection. Gives what has to be said with it: the candidates of an offer that is said again.
    pub fn say(&mut self, command: &SignalCommand, now: Nanos) -> &[SignalCommand] {
        if command.connection() != &self.connection {
            return &[];
        }
        if matches!(command, SignalCommand::Offer { .. }) {
            self.said_at = now;
        }
        match command {
            SignalCommand::Offer { .. } if self.said.first() == Some(command) => {
                return self.said.get(1..).unwrap_or(&[]);
            }
            SignalCommand::Offer { .. } => self.said = vec![command.clone()],
            SignalCommand::Candidate { .. } if (1..=MAX_CANDIDATES).contains(&self.said.len()) => {
                self.said.push(command.clone());
            }
            _ => {}
        }
        &[]
    }

    /// The other side left, and the connection with it.
    fn lost(&mut self, now: Nanos) {
        self.heard = false;
        self.held = None;
        self.invite_at = None;
        self.said.clear();
        if matches!(self.place, Place::In { .. }) {
            let soonest = self.last_asked.map_or(now, |at| at + AGAIN_AFTER);
            self.place = Place::Outside { ask_at: soonest.max(now) };
        }
    }

    /// We left. True when the server has to be told; where the other side never came, we only stop waiting for a while.
    pub fn leave(&mut self, now: Nanos) -> bool {
        let heard = std::mem::take(&mut self.heard);
        self.held = None;
        self.said.clear();
        if heard {
            if matches!(self.place, Place::In { .. }) {
                self.place = Place::Outside { ask_at: now + AGAIN_AFTER };
            }
            self.invite_at = None;
        } else if matches!(self.place, Place::In { .. }) {
            self.invite_at = Some(now + AGAIN_AFTER);
        }
        heard
    }

    /// The invitation to offer, when it is due.
    pub fn take_invite(&mut self, now: Nanos) -> Option<SignalEvent> {
        self.invite_at.take_if(|at| *at <= now)?;
        Some(SignalEvent::Invite { connection: self.connection.clone(), one_stream: false })
    }

    /// When [`Self::take_asking`], [`Self::take_invite`] or [`Self::take_held`] is due.
    pub fn next_deadline(&self) -> Option<Nanos> {
        let asking = if let Place::Outside { ask_at } = self.place { Some(ask_at) } else { None };
        let held = self.held.as_ref().map(|(at, _)| *at);
        asking.into_iter().chain(self.invite_at).chain(held).min()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn membership() -> Membership {
        Membership::new(ConnectionId(Arc::from("12345")), SECOND..=SECOND)
    }

    /// Asks as often as it may for so long; gives when.
    fn askings(member: &mut Membership, until: Nanos) -> Vec<Nanos> {
        let mut all = Vec::new();
        while let Some(at) = member.next_deadline().filter(|at| *at <= until) {
            if member.take_asking(at) {
                all.push(at);
                member.entered(false, false, at);
            }
            if member.take_invite(at).is_some() {
                let connection = member.connection().clone();
                member.place(SignalEvent::Disconnect { connection }, at);
            }
        }
        all
    }

    #[test]
    fn who_is_let_in_is_to_offer_at_once_but_not_into_a_living_connection() {
        let (mut member, now) = (membership(), Nanos(5));
        assert!(!member.take_asking(now), "no server");
        member.opened(now);
        assert!(member.take_asking(now) && !member.take_asking(now));
        member.entered(false, false, now);
        assert!(matches!(member.take_invite(now), Some(SignalEvent::Invite { .. })));
        assert_eq!((member.take_invite(now), member.next_deadline()), (None, None));
        member.closed();
        member.opened(now);
        assert!(member.take_asking(now), "asked anew after a reconnect");
        member.entered(true, true, now);
        assert_eq!(member.take_invite(now), None);
    }

    #[test]
    fn other_side_that_leaves_at_once_again_and_again_costs_one_invitation_a_second() {
        let mut member = membership();
        member.opened(Nanos(0));
        let all = askings(&mut member, Nanos(0) + 10 * SECOND);
        assert!(all.len() == 11, "{all:?}");
    }

    #[test]
    fn nobody_came_is_no_reason_to_leave() {
        let mut member = membership();
        member.opened(Nanos(0));
        member.take_asking(Nanos(0));
        member.entered(false, false, Nanos(0));
        member.take_invite(Nanos(0));
        assert!(!member.leave(Nanos(0)));
        assert_eq!(member.next_deadline(), Some(Nanos(0) + AGAIN_AFTER));
        assert!(!member.take_asking(Nanos(0) + AGAIN_AFTER), "we are still in");
        assert!(member.take_invite(Nanos(0) + AGAIN_AFTER).is_some());
        let connection = member.connection().clone();
        member.place(SignalEvent::Answer { connection, sdp: "v=0".into() }, Nanos(0) + AGAIN_AFTER);
        assert!(member.leave(Nanos(0)), "the other side has to hear of it");
        assert_eq!(member.take_invite(Nanos(0) + 9 * SECOND), None);
        assert!(member.take_asking(Nanos(0) + AGAIN_AFTER));
    }

    fn offer(member: &Membership, polite: bool) -> SignalEvent {
        let connection = member.connection().clone();
        SignalEvent::Offer { connection, sdp: "v=0".into(), polite, one_stream: false }
    }

    /// The first one in, which has offered at zero.
    fn first_in() -> (Membership, SignalCommand) {
        let (mut member, now) = (membership(), Nanos(0));
        let ours = SignalCommand::Offer { connection: member.connection().clone(), sdp: "v=0 ours".into() };
        member.opened(now);
        member.take_asking(now);
        member.entered(false, false, now);
        assert!(member.take_invite(now).is_some());
        assert_eq!(member.say(&ours, now), []);
        (member, ours)
    }

    #[test]
    fn candidates_of_an_offer_are_said_again_with_it() {
        let (mut member, ours) = first_in();
        let candidate = crate::signaling::IceCandidate { candidate: "c".into(), sdp_mid: None, sdp_mline_index: None };
        let candidate = SignalCommand::Candidate { connection: member.connection().clone(), candidate };
        assert_eq!(member.say(&candidate, Nanos(0)), []);
        assert_eq!(member.say(&ours, Nanos(0)), std::slice::from_ref(&candidate));
    }

    #[test]
    fn one_that_has_just_come_is_yielded_to_once() {
        let (mut member, _) = first_in();
        let (theirs, later) = (offer(&member, true), Nanos(0) + SECOND);
        assert_eq!(member.place(theirs.clone(), later), Some(theirs.clone()));
        assert_eq!(member.place(theirs, later), Some(offer(&member, false)), "from then on it is the polite side");
    }

    #[test]
    fn offer_that_may_have_crossed_ours_waits_for_an_answer_to_ours() {
        let (mut member, _) = first_in();
        let (theirs, later) = (offer(&member, true), Nanos(0) + SECOND);
        assert_eq!(member.place(theirs.clone(), Nanos(1)), None);
        assert_eq!((member.take_held(Nanos(1)), member.next_deadline()), (None, Some(later)));
        assert_eq!(member.take_held(later), Some(theirs.clone()), "there was no answer");
        let (mut member, _) = first_in();
        assert_eq!(member.place(theirs, Nanos(1)), None);
        let answer = SignalEvent::Answer { connection: member.connection().clone(), sdp: "v=0".into() };
        assert_eq!(member.place(answer.clone(), Nanos(2)), Some(answer));
        assert_eq!((member.take_held(later), member.next_deadline()), (None, None), "it has taken its own back");
    }

    #[test]
    fn how_long_an_offer_waits_follows_the_way_to_the_server() {
        let least = Duration::from_millis(300);
        for (round_trip_ms, expected_ms) in [(1, 300), (100, 400), (9_000, 1_000)] {
            let mut member = Membership::new(ConnectionId(Arc::from("12345")), least..=SECOND);
            member.opened(Nanos(0));
            member.take_asking(Nanos(0));
            let in_at = Nanos(0) + Duration::from_millis(round_trip_ms);
            member.entered(false, false, in_at);
            let ours = SignalCommand::Offer { connection: member.connection().clone(), sdp: "v=0 ours".into() };
            assert!(member.take_invite(in_at).is_some());
            member.say(&ours, in_at);
            let theirs = offer(&member, true);
            assert_eq!(member.place(theirs, in_at), None);
            assert_eq!(member.next_deadline(), Some(in_at + Duration::from_millis(expected_ms)), "{round_trip_ms} ms");
        }
    }

    #[test]
    fn refused_one_asks_again_after_a_while() {
        let mut member = membership();
        member.opened(Nanos(0));
        member.take_asking(Nanos(0));
        member.refused(Nanos(0));
        assert_eq!(member.next_deadline(), Some(Nanos(0) + REFUSED_FOR));
        assert!(member.take_asking(Nanos(0) + REFUSED_FOR));
    }

    #[test]
    fn offers_of_others_are_none_of_its_business() {
        let (mut member, _) = first_in();
        let other = SignalEvent::Offer {
            connection: ConnectionId(Arc::from("other")),
            sdp: "v=0".into(),
            polite: true,
            one_stream: false,
        };
        assert_eq!(member.place(other.clone(), Nanos(0)), Some(other));
        let (mut second, now) = (membership(), Nanos(0));
        second.opened(now);
        second.take_asking(now);
        second.entered(true, false, now);
        assert_eq!(
            second.place(offer(&second.clone(), false), now),
            Some(offer(&second.clone(), true)),
            "the second one in"
        );
    }
}
