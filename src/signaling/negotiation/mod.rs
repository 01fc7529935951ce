//! The negotiation of one connection (JSEP, RFC 9429; W3C perfect negotiation): what to do with offers, answers and
//! candidates as they come, whatever protocol brings them. Pure: the viewer's task carries the actions out and reports
//! back. `step` has the words of both.
//!
//! ```text
//!            RemoteOffer                  Answered
//!   Stable ─────────────► Answering ─────────────────► Stable   (and Offer, while the viewer has no media)
//!     │  Offer                ▲ polite glare: Rollback
//!     ▼                       │
//!   Offering ── Offered ─► Offered ── RemoteAnswer ─► Accepting ── AnswerAccepted ─► Stable
//! ```
//!
//! Actions are carried out one after the other, in the order given, also across calls.

mod step;

use std::collections::VecDeque;
use std::time::Duration;

pub use step::{Action, Input};

use super::candidates::{CandidateGate, identity};
use super::sdp::{MediaKinds, ice_ufrag};
use super::{ConnectionId, SignalCommand};
use crate::time::Nanos;

/// An unanswered offer is sent again after this long, as Unity's own clients do.
pub const RESEND_AFTER: Duration = Duration::from_secs(5);
/// So often an offer is sent again before it is taken back (a minute in all).
pub const MAX_RESENDS: u32 = 12;
/// A way that was just begun to be looked for is not given up sooner.
pub const RESTART_TAKES: Duration = Duration::from_secs(1);
/// Candidates kept while they may not pass yet, in each direction.
pub const MAX_WAITING_CANDIDATES: usize = 64;
/// Different candidates let through between two ICE restarts, in each direction.
pub const MAX_CANDIDATES: usize = 256;
/// Descriptions remembered to recognise one that is delivered again.
const MAX_SEEN_DESCRIPTIONS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum State {
    Stable,
    Answering { ufrag: Option<String> },
    Offering,
    Offered { sdp: String, resend_at: Nanos, resends: u32 },
    Accepting { ufrag: Option<String> },
    Closed,
}

/// One connection's negotiation.
#[derive(Clone, Debug)]
pub struct Negotiation {
    connection: ConnectionId,
    state: State,
    /// Offers answered or being answered, and answers accepted, by identity.
    seen: VecDeque<u64>,
    /// The newest offer that came while another operation ran.
    next_offer: Option<(String, bool)>,
    wants_offer: bool,
    wants_restart: bool,
    /// The offer that is being made or out restarts ICE.
    restarting: bool,
    /// When ICE was last restarted, by either side.
    restarted_at: Option<Nanos>,
    /// An `Offer` that had to yield before it was made has still to be reported.
    late_offer: bool,
    /// An answer or offer of ours with media was accepted by both sides.
    has_media: bool,
    /// Whether the description being answered now holds media.
    answering_media: bool,
    remote_set: bool,
    local_sent: bool,
    remote_ufrag: Option<String>,
    remote_candidates: CandidateGate,
    local_candidates: CandidateGate,
}

impl Negotiation {
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            state: State::Stable,
            seen: VecDeque::new(),
            next_offer: None,
            wants_offer: false,
            wants_restart: false,
            restarting: false,
            restarted_at: None,
            late_offer: false,
            has_media: false,
            answering_media: false,
            remote_set: false,
            local_sent: false,
            remote_ufrag: None,
            remote_candidates: CandidateGate::new(MAX_WAITING_CANDIDATES, MAX_CANDIDATES),
            local_candidates: CandidateGate::new(MAX_WAITING_CANDIDATES, MAX_CANDIDATES),
        }
    }

    pub fn handle(&mut self, now: Nanos, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.state == State::Closed {
            return actions;
        }
        match input {
            Input::RemoteOffer { sdp, polite } => self.handle_offer(sdp, polite, &mut actions),
            Input::RemoteAnswer { sdp } => self.handle_answer(sdp, &mut actions),
            Input::RemoteCandidate(candidate) => self.remote_candidates.push(candidate),
            Input::LocalCandidate(candidate) => self.local_candidates.push(candidate),
            Input::Renegotiate => self.wants_offer = true,
            Input::RestartIce => self.wants_restart |= self.lacks_restart(now),
            Input::PathWorks => self.wants_restart = false,
            Input::Resumed => self.say_again(now, &mut actions),
            Input::Answered { sdp } => self.handle_answered(now, sdp, &mut actions),
            Input::Offered { sdp } => self.handle_offered(now, sdp, &mut actions),
            Input::AnswerAccepted => {
                if let State::Accepting { ufrag } = &self.state {
                    let ufrag = ufrag.clone();
                    self.has_media |= !self.restarting;
                    self.remote_description_set(now, ufrag);
                }
            }
            Input::Failed { reason } => self.handle_failed(reason, &mut actions),
            Input::Disconnected => self.close("the other side left".into(), &mut actions),
            Input::Tick => self.handle_tick(now, &mut actions),
        }
        self.go_on(&mut actions);
        actions
    }

    /// When the next [`Input::Tick`] is due.
    pub fn next_deadline(&self) -> Option<Nanos> {
        match self.state {
            State::Offered { resend_at, .. } => Some(resend_at),
            _ => None,
        }
    }

    /// Whether an operation or an offer of ours is outstanding.
    pub fn is_negotiating(&self) -> bool {
        !matches!(self.state, State::Stable | State::Closed)
    }

    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether audio or video was agreed on.
    pub fn has_media(&self) -> bool {
        self.has_media
    }

    /// Candidates dropped because there were too many, both directions.
    pub fn candidates_dropped(&self) -> u64 {
        self.remote_candidates.dropped().saturating_add(self.local_candidates.dropped())
    }

    fn handle_offer(&mut self, sdp: String, polite: bool, actions: &mut Vec<Action>) {
        // Servers deliver the same offer again and again; our answer is posted until the server has it, so a repetition
        // never means that it was lost.
        if self.seen.contains(&identity(&sdp)) {
            return;
        }
        match self.state {
            State::Stable => self.answer(sdp, actions),
            State::Answering { .. } | State::Accepting { .. } => self.next_offer = Some((sdp, polite)),
            State::Offering | State::Offered { .. } if polite => {
                // A first offer of ours is settled by answering theirs with media; a later one still has to be made.
                self.wants_offer |= self.has_media && !self.restarting;
                self.wants_restart |= self.restarting && ice_ufrag(&sdp) == self.remote_ufrag.as_deref();
                self.yield_to(sdp, actions);
            }
            // The polite side takes its offer back and answers ours.
            State::Offering | State::Offered { .. } | State::Closed => {}
        }
    }

    fn yield_to(&mut self, sdp: String, actions: &mut Vec<Action>) {
        actions.push(Action::Rollback);
        self.late_offer = self.state == State::Offering;
        self.restarting = false;
        self.answer(sdp, actions);
    }

    fn answer(&mut self, sdp: String, actions: &mut Vec<Action>) {
        self.remember(&sdp);
        self.answering_media = MediaKinds::of(&sdp).has_media();
        self.state = State::Answering { ufrag: ice_ufrag(&sdp).map(str::to_owned) };
        actions.push(Action::Answer { offer_sdp: sdp, with_media: self.answering_media });
    }

    fn handle_answered(&mut self, now: Nanos, sdp: String, actions: &mut Vec<Action>) {
        let State::Answering { ufrag } = &self.state else {
            return;
        };
        let ufrag = ufrag.clone();
        actions.push(Action::Send(SignalCommand::Answer { connection: self.connection.clone(), sdp }));
        self.local_sent = true;
        self.late_offer = false;
        self.has_media |= self.answering_media;
        self.wants_offer |= !self.has_media;
        self.remote_description_set(now, ufrag);
    }

    fn handle_offered(&mut self, now: Nanos, sdp: String, actions: &mut Vec<Action>) {
        if self.state != State::Offering {
            // One that had to yield while it was being made.
            self.late_offer = false;
            return;
        }
        self.send_offer(&sdp, actions);
        self.local_sent = true;
        self.state = State::Offered { sdp, resend_at: now + RESEND_AFTER, resends: 0 };
    }

    fn handle_answer(&mut self, sdp: String, actions: &mut Vec<Action>) {
        if !matches!(self.state, State::Offered { .. }) || self.seen.contains(&identity(&sdp)) {
            return;
        }
        self.remember(&sdp);
        self.state = State::Accepting { ufrag: ice_ufrag(&sdp).map(str::to_owned) };
        actions.push(Action::AcceptAnswer { sdp });
    }

    fn handle_failed(&mut self, reason: String, actions: &mut Vec<Action>) {
        if std::mem::take(&mut self.late_offer) {
            return;
        }
        match self.state {
            State::Stable | State::Closed | State::Offered { .. } => {}
            // What already flows goes on; only the change failed.
            State::Answering { .. } if self.has_media => self.state = State::Stable,
            State::Offering | State::Accepting { .. } if self.has_media || self.restarting => {
                actions.push(Action::Rollback);
                self.state = State::Stable;
            }
            _ => {
                let connection = self.connection.clone();
                actions.push(Action::Send(SignalCommand::Disconnect { connection }));
                self.close(reason, actions);
            }
        }
    }

    fn handle_tick(&mut self, now: Nanos, actions: &mut Vec<Action>) {
        let State::Offered { sdp, resend_at, resends } = &mut self.state else {
            return;
        };
        if now < *resend_at {
            return;
        }
        if *resends >= MAX_RESENDS {
            // The data channel, if that was agreed on, is worth keeping.
            actions.push(Action::Rollback);
            self.state = State::Stable;
            return;
        }
        *resend_at = now + RESEND_AFTER;
        *resends += 1;
        let sdp = sdp.clone();
        self.send_offer(&sdp, actions);
    }

    fn say_again(&mut self, now: Nanos, actions: &mut Vec<Action>) {
        if let State::Offered { sdp, resend_at, .. } = &mut self.state {
            *resend_at = now + RESEND_AFTER;
            let sdp = sdp.clone();
            self.send_offer(&sdp, actions);
        }
    }

    /// Whether nobody looks for a way, or has just begun to.
    fn lacks_restart(&self, now: Nanos) -> bool {
        let offering = self.restarting && matches!(self.state, State::Offering | State::Offered { .. });
        let recent = self.restarted_at.is_some_and(|at| now.saturating_since(at) < RESTART_TAKES);
        self.remote_set && !offering && !recent
    }

    fn send_offer(&self, sdp: &str, actions: &mut Vec<Action>) {
        let (connection, sdp) = (self.connection.clone(), sdp.to_owned());
        actions.push(Action::Send(SignalCommand::Offer { connection, sdp }));
    }

    fn remote_description_set(&mut self, now: Nanos, ufrag: Option<String>) {
        if self.remote_set && ufrag != self.remote_ufrag {
            self.remote_candidates.restart();
            self.local_candidates.restart();
            // Whoever asked for it.
            self.wants_restart = false;
            self.restarted_at = Some(now);
        }
        self.remote_ufrag = ufrag;
        self.remote_set = true;
        self.state = State::Stable;
    }

    fn close(&mut self, reason: String, actions: &mut Vec<Action>) {
        self.state = State::Closed;
        actions.push(Action::Close { reason });
    }

    /// Whatever the new state allows: candidates first, then the next offer, theirs before ours.
    fn go_on(&mut self, actions: &mut Vec<Action>) {
        if self.state == State::Closed {
            return;
        }
        if self.local_sent {
            let connection = &self.connection;
            actions.extend(
                self.local_candidates.drain().map(|candidate| {
                    Action::Send(SignalCommand::Candidate { connection: connection.clone(), candidate })
                }),
            );
        }
        let applying = matches!(self.state, State::Answering { .. } | State::Accepting { .. });
        if self.remote_set && !applying {
            actions.extend(self.remote_candidates.drain().map(Action::AddCandidate));
        }
        if self.state != State::Stable {
            return;
        }
        if let Some((sdp, polite)) = self.next_offer.take() {
            self.handle_offer(sdp, polite, actions);
        }
        if self.state != State::Stable {
            return;
        }
        // The one that restarts goes first: without a way the other one is of no use.
        self.restarting = std::mem::take(&mut self.wants_restart);
        if self.restarting || std::mem::take(&mut self.wants_offer) {
            self.state = State::Offering;
            actions.push(if self.restarting { Action::RestartIce } else { Action::Offer });
        }
    }

    fn remember(&mut self, sdp: &String) {
        if self.seen.len() >= MAX_SEEN_DESCRIPTIONS {
            self.seen.pop_front();
        }
        self.seen.push_back(identity(sdp));
    }
}

#[cfg(test)]
mod tests;
