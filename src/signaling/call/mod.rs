//! Calls between users of a server that forwards their messages: `SignIn`, then `StartStreaming` asks, an `Offer` of the one
//! who was asked is the consent, and `EndCall` ends. Whoever offers without being asked is answered as if it had asked.
//!
//! ```text
//!            StartStreaming, Offer: the host decides, or it is decided already
//!   (none) ───────────────► Asking ── accepted ──────────► Live ── EndCall ──► (none)
//!      │  the host calls: StartStreaming goes out            ▲
//!      └──────────────────► Calling ── their Offer ──────────┘
//! ```
//!
//! There is one call with each user. Each has a connection id of its own, so that what is left of one does not end the next.
//! The protocol knows no passwords: who is who is for the server to check.

mod speak;
pub mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use super::candidate_json::Told;
use super::candidates::identity;
use super::conversation::Conversation;
use super::dialect::{Malformed, Output};
use super::link::Link;
use super::signature::Signature;
use super::{CallAction, ConnectionId, IceCandidate, SignalEvent};
use crate::config::{AnswerCalls, SignalingConfig};
use crate::time::Nanos;

/// A request, theirs or ours, that nobody decides on ends after this long.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(60);
/// Calls at once: more than there can be viewers.
const MAX_CALLS: usize = 1024;
/// Of which this many may wait to be decided on.
const MAX_UNDECIDED: usize = 64;
/// Candidates kept until their call is live.
const MAX_EARLY: usize = 64;

/// What one user and we are to each other.
struct Call {
    connection: ConnectionId,
    state: State,
    /// Candidates that came before the call was live.
    early: Vec<IceCandidate>,
}

enum State {
    /// They ask; their offer, if it came already.
    Asking {
        offer: Option<(Signature, String)>,
        until: Nanos,
    },
    /// We ask.
    Calling {
        until: Nanos,
    },
    Live(Box<Conversation>),
}

/// This protocol.
pub struct CallDialect {
    me: String,
    answer: AnswerCalls,
    polite: bool,
    link: Link,
    calls: BTreeMap<String, Call>,
    next_id: u64,
}

impl CallDialect {
    pub fn new(config: &SignalingConfig) -> Self {
        Self {
            me: config.user_name.clone(),
            answer: config.answer_calls,
            polite: config.polite,
            link: Link::default(),
            calls: BTreeMap::new(),
            next_id: 1,
        }
    }

    /// They ask, by a request or by an offer.
    fn ask(&mut self, user: &str, offer: Option<(Signature, String)>, now: Nanos, out: &mut Output) {
        if let Some(Call { state: State::Asking { offer: held, .. }, .. }) = self.calls.get_mut(user) {
            if offer.is_some() {
                *held = offer;
            }
            return;
        }
        if !self.has_room() {
            self.send_end(user, out);
            return;
        }
        let until = now + REQUEST_LIMIT;
        self.begin(user, State::Asking { offer, until });
        match self.answer {
            AnswerCalls::Auto => self.accept(user, now, out),
            AnswerCalls::Ask => out.events.push_back(SignalEvent::CallRequested { user: connection_of(user) }),
        }
    }

    /// Their request is granted: their offer is passed on, or ours is made.
    fn accept(&mut self, user: &str, now: Nanos, out: &mut Output) {
        let Some(call) = self.calls.get_mut(user) else { return };
        let State::Asking { offer, .. } = &mut call.state else { return };
        let conversation = match offer.take() {
            Some((from, sdp)) => {
                let mut conversation = Conversation::new(call.connection.clone());
                out.events.push_back(conversation.take_offer(from, sdp, self.polite, now));
                conversation
            }
            None => {
                let (conversation, event) = Conversation::invited(call.connection.clone());
                out.events.push_back(event);
                conversation
            }
        };
        call.go_live(conversation, out);
    }

    fn handle_request(&mut self, user: &str, now: Nanos, out: &mut Output) {
        match self.calls.get(user).map(|call| &call.state) {
            // Both call each other: that is consent.
            Some(State::Calling { .. }) => {
                if let Some(call) = self.calls.get_mut(user) {
                    let (conversation, event) = Conversation::invited(call.connection.clone());
                    out.events.push_back(event);
                    call.go_live(conversation, out);
                }
            }
            // Our offer is on its way, and comes again.
            Some(State::Live(conversation)) if !conversation.is_answered() => {}
            // It begins anew, as a page does that was loaded again.
            Some(State::Live(_)) => {
                self.end(user, out);
                self.ask(user, None, now, out);
            }
            Some(State::Asking { .. }) | None => self.ask(user, None, now, out),
        }
    }

    fn handle_offer(&mut self, user: &str, sdp: String, now: Nanos, out: &mut Output) -> Result<(), Malformed> {
        let from = sign(&sdp)?;
        let polite = self.polite;
        match self.calls.get_mut(user) {
            Some(call) => match &mut call.state {
                State::Calling { .. } => {
                    let mut conversation = Conversation::new(call.connection.clone());
                    out.events.push_back(conversation.take_offer(from, sdp, polite, now));
                    call.go_live(conversation, out);
                }
                State::Live(conversation) if !conversation.is_answered() || conversation.is_with(from.session) => {
                    out.events.push_back(conversation.take_offer(from, sdp, polite, now));
                }
                State::Live(_) => {
                    self.end(user, out);
                    self.ask(user, Some((from, sdp)), now, out);
                }
                State::Asking { .. } => self.ask(user, Some((from, sdp)), now, out),
            },
            None => self.ask(user, Some((from, sdp)), now, out),
        }
        Ok(())
    }

    fn handle_answer(&mut self, user: &str, sdp: &str, out: &mut Output) -> Result<(), Malformed> {
        let from = sign(sdp)?;
        let live = match self.calls.get_mut(user).map(|call| &mut call.state) {
            Some(State::Live(conversation)) => conversation,
            _ => return Err(Malformed("an answer from somebody who was offered nothing".into())),
        };
        let Some((event, _)) = live.take_answer(&from, sdp) else {
            return Err(Malformed("an answer to no offer of ours".into()));
        };
        out.events.push_back(event);
        Ok(())
    }

    fn handle_candidate(&mut self, user: &str, told: Told, out: &mut Output) -> Result<(), Malformed> {
        let Some(call) = self.calls.get_mut(user) else {
            return Err(Malformed("a candidate of somebody without a call".into()));
        };
        match &call.state {
            State::Live(conversation) => {
                let ufrag = told.ufrag.as_ref().map(|ufrag| identity(&ufrag.as_str()));
                if conversation.is_answered() && ufrag.is_some_and(|ufrag| !conversation.has_ufrag(ufrag)) {
                    return Err(Malformed("a candidate of an earlier connection".into()));
                }
                let connection = call.connection.clone();
                out.events.push_back(SignalEvent::Candidate { connection, candidate: told.candidate });
            }
            _ if call.early.len() < MAX_EARLY => call.early.push(told.candidate),
            _ => return Err(Malformed("too many candidates".into())),
        }
        Ok(())
    }

    /// It is over, for the session and the host.
    fn end(&mut self, user: &str, out: &mut Output) {
        let Some(call) = self.calls.remove(user) else { return };
        self.link.forget(&call.connection);
        out.events.push_back(match call.state {
            State::Live(_) => SignalEvent::Disconnect { connection: call.connection },
            State::Asking { .. } | State::Calling { .. } => SignalEvent::CallEnded { user: connection_of(user) },
        });
    }

    fn handle_action(&mut self, user: &ConnectionId, action: CallAction, now: Nanos, out: &mut Output) {
        let (name, state) = (&*user.0, self.calls.get(&*user.0).map(|call| &call.state));
        match (action, state) {
            (CallAction::Start | CallAction::Accept, Some(State::Asking { .. })) => self.accept(name, now, out),
            (CallAction::Start, Some(State::Calling { .. })) => self.send_request(name, out),
            (CallAction::Start, None) if name != self.me && self.has_room() => {
                self.begin(name, State::Calling { until: now + REQUEST_LIMIT });
                self.send_request(name, out);
            }
            (CallAction::Start | CallAction::Accept, Some(State::Live(_))) => {}
            (CallAction::Decline, Some(State::Asking { .. })) => {
                if let Some(call) = self.calls.remove(name) {
                    self.link.forget(&call.connection);
                    self.send_end(name, out);
                }
            }
            (CallAction::End, Some(_)) => {
                self.end(name, out);
                self.send_end(name, out);
            }
            _ => out.events.push_back(SignalEvent::CallEnded { user: user.clone() }),
        }
    }

    fn begin(&mut self, user: &str, state: State) {
        let connection = ConnectionId(format!("{user}-{}", self.next_id).into());
        self.next_id += 1;
        self.calls.insert(user.to_owned(), Call { connection, state, early: Vec::new() });
    }

    fn has_room(&self) -> bool {
        let undecided = self.calls.values().filter(|call| !matches!(call.state, State::Live(_))).count();
        self.calls.len() < MAX_CALLS && undecided < MAX_UNDECIDED
    }

    fn send_request(&mut self, user: &str, out: &mut Output) {
        let Some(call) = self.calls.get(user) else { return };
        self.link.send(&call.connection, wire::start_streaming(&self.me, user), out);
    }

    fn send_end(&mut self, user: &str, out: &mut Output) {
        self.link.send(&connection_of(user), wire::end_call(&self.me, user), out);
    }

    /// The live call with this connection, and its user.
    fn find(&mut self, connection: &ConnectionId) -> Option<(&String, &mut Conversation)> {
        self.calls.iter_mut().find_map(|(user, call)| match &mut call.state {
            State::Live(conversation) if conversation.connection == *connection => Some((user, &mut **conversation)),
            _ => None,
        })
    }
}

impl Call {
    /// The session has it from now on.
    fn go_live(&mut self, conversation: Conversation, out: &mut Output) {
        self.state = State::Live(Box::new(conversation));
        for candidate in self.early.drain(..) {
            out.events.push_back(SignalEvent::Candidate { connection: self.connection.clone(), candidate });
        }
    }

    fn deadline(&self) -> Option<Nanos> {
        match &self.state {
            State::Asking { until, .. } | State::Calling { until } => Some(*until),
            State::Live(conversation) => conversation.next_deadline(),
        }
    }
}

/// A user where a connection is named.
fn connection_of(user: &str) -> ConnectionId {
    ConnectionId(user.into())
}

fn sign(sdp: &str) -> Result<Signature, Malformed> {
    Signature::of(sdp).ok_or_else(|| Malformed("a description without an o= line, or one that is too long".into()))
}
