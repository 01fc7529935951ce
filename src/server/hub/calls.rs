//! Calls between a page and the host before they are live: who asks whom, and what the host decides. Pure.
//!
//! ```text
//!          the page asks or offers: the host decides, or it is decided already
//!   (none) ───────────────► Asking ── accepted ────────────────► live: a connection as any other
//!      │  the host asks                                            ▲
//!      └──────────────────► Asked ── the page asks or offers ──────┘
//! ```
//!
//! A user is who signed in under the name: one page at a time has it where the host or other pages rely on it, else it is
//! the last one's.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Frame, Hub, HubError, SessionId};
use crate::config::AnswerCalls;
use crate::signaling::call::REQUEST_LIMIT;
use crate::signaling::{CallAction, ConnectionId, IceCandidate, SignalEvent};

/// Requests that may wait for somebody's decision.
pub const MAX_UNDECIDED: usize = 64;
/// Candidates kept with a request.
const MAX_EARLY: usize = 64;

/// What a page of the call protocol is to be told of a call that is not live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallWord {
    /// The host asks it to watch.
    Ask,
    /// There is no call.
    End,
}

#[derive(Debug)]
enum State {
    /// The page asks, on this connection of its own; its offer, if it came already, and what followed.
    Asking { connection: ConnectionId, offer: Option<String>, early: Vec<IceCandidate> },
    /// The host asks.
    Asked,
}

#[derive(Debug)]
struct Request {
    state: State,
    /// It ends then, in ms.
    until: u64,
}

/// Who waits for whom.
#[derive(Debug, Default)]
pub struct Requests(HashMap<SessionId, Request>);

impl Requests {
    fn insert(&mut self, id: &SessionId, state: State, now: u64) {
        let limit = u64::try_from(REQUEST_LIMIT.as_millis()).unwrap_or(u64::MAX);
        self.0.insert(id.clone(), Request { state, until: now.saturating_add(limit) });
    }

    fn has_room(&self) -> bool {
        self.0.len() < MAX_UNDECIDED
    }

    fn is_asked(&self, id: &SessionId) -> bool {
        matches!(self.0.get(id), Some(Request { state: State::Asked, .. }))
    }

    fn is_asking(&self, id: &SessionId) -> bool {
        matches!(self.0.get(id), Some(Request { state: State::Asking { .. }, .. }))
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<W: Clone> Hub<W> {
    /// Gives a session a name that the host and others find it by. It keeps its first one.
    pub fn sign_in(&mut self, id: &SessionId, name: &Arc<str>, forwards: bool) -> Result<(), HubError> {
        // Somebody who comes later must not get what was granted to the name.
        let alone = forwards || self.answer_calls == AnswerCalls::Ask;
        if !self.sessions.contains_key(id) {
            return Err(HubError::UnknownSession);
        }
        if !self.users.enter(name, id, alone) {
            return self.refuse(HubError::NameTaken);
        }
        // A host that is too busy to hear of it hears of the user's own words.
        let _ = self.tell(SignalEvent::UserSignedIn { user: ConnectionId(name.clone()) });
        Ok(())
    }

    /// Whether somebody has signed in under this name.
    pub fn has_user(&self, name: &str) -> bool {
        self.users.find(name).is_some()
    }

    /// Hands text of one session to the one that signed in as `name`.
    pub fn forward(&mut self, name: &str, text: String) -> Result<(), HubError> {
        let Some(id) = self.users.find(name).cloned() else { return self.refuse(HubError::UnknownUser) };
        if !self.sessions.get_mut(&id).is_some_and(|session| session.push_frame(Frame::Text(text))) {
            return self.refuse(HubError::UserBusy);
        }
        self.wake(&id);
        Ok(())
    }

    /// The page asks for the stream, by an offer of its own or for one of the host's.
    pub fn call(
        &mut self,
        id: &SessionId,
        connection: &ConnectionId,
        offer: Option<String>,
        now: u64,
    ) -> Result<(), HubError> {
        let live = self.owns(id, connection);
        if live || self.answer_calls == AnswerCalls::Auto || self.requests.is_asked(id) {
            self.begin(id, connection, offer, now)?;
            self.requests.0.remove(id);
            return Ok(());
        }
        if let Some(Request { state: State::Asking { connection: held, offer: old, early }, .. }) =
            self.requests.0.get_mut(id)
        {
            if offer.is_some() {
                held.clone_from(connection);
                *old = offer;
                early.clear();
            }
            return Ok(());
        }
        let Some(user) = self.users.name(id).cloned() else { return Err(HubError::UnknownSession) };
        if !self.requests.has_room() {
            return self.refuse(HubError::Busy);
        }
        self.tell(SignalEvent::CallRequested { user: ConnectionId(user) })?;
        let state = State::Asking { connection: connection.clone(), offer, early: Vec::new() };
        self.requests.insert(id, state, now);
        Ok(())
    }

    fn begin(
        &mut self,
        id: &SessionId,
        connection: &ConnectionId,
        offer: Option<String>,
        now: u64,
    ) -> Result<(), HubError> {
        match offer {
            Some(sdp) => self.offer(id, connection, sdp, now),
            None => self.invite(id, connection, now),
        }
    }

    /// A candidate of a page whose request still waits is kept with it; gives back one that is for a live call.
    pub fn keep_early(
        &mut self,
        id: &SessionId,
        connection: &ConnectionId,
        candidate: IceCandidate,
    ) -> Result<Option<IceCandidate>, HubError> {
        match self.requests.0.get_mut(id).map(|request| &mut request.state) {
            Some(State::Asking { connection: held, early, .. }) if held == connection => {
                if early.len() >= MAX_EARLY {
                    return self.refuse(HubError::TooManyCandidates);
                }
                early.push(candidate);
                Ok(None)
            }
            _ => Ok(Some(candidate)),
        }
    }

    /// The page takes its request back, or declines the host's. Gives whether there was one.
    pub fn end_request(&mut self, id: &SessionId) -> bool {
        let ended = self.requests.0.remove(id).is_some();
        if ended && let Some(user) = self.users.name(id) {
            let user = ConnectionId(user.clone());
            self.queue.end_call(user);
        }
        ended
    }

    /// Requests that nobody has decided on end, for both sides.
    pub(super) fn expire_requests(&mut self, now: u64) {
        let due = self.requests.0.iter().filter(|(_, request)| request.until <= now);
        let due: Vec<_> = due.map(|(id, _)| id.clone()).collect();
        for id in due {
            self.end_request(&id);
            self.say(&id, CallWord::End);
        }
    }

    /// What the host decides about a user; `CallEnded` tells that there is nothing to decide on.
    pub(super) fn decide(&mut self, user: &ConnectionId, action: CallAction, now: u64) {
        let found = self.users.find(&user.0).cloned();
        let Some(id) = found.filter(|id| self.sessions.contains_key(id)) else {
            return self.queue.end_call(user.clone());
        };
        let live = self.sessions.get(&id).is_some_and(|session| session.connections().len() > 0);
        let (asking, asked) = (self.requests.is_asking(&id), self.requests.is_asked(&id));
        match action {
            CallAction::Start | CallAction::Accept if asking => self.accept(&id, now),
            CallAction::Start if asked => self.say(&id, CallWord::Ask),
            CallAction::Start | CallAction::Accept if live => {}
            CallAction::Start if self.requests.has_room() => {
                self.requests.insert(&id, State::Asked, now);
                self.say(&id, CallWord::Ask);
            }
            CallAction::Decline if asking => {
                self.requests.0.remove(&id);
                self.say(&id, CallWord::End);
            }
            CallAction::End if asking || asked => {
                self.end_request(&id);
                self.say(&id, CallWord::End);
            }
            CallAction::End if live => self.end_calls(&id, now),
            _ => self.queue.end_call(user.clone()),
        }
    }

    fn accept(&mut self, id: &SessionId, now: u64) {
        let Some(Request { state: State::Asking { connection, offer, early }, .. }) = self.requests.0.remove(id) else {
            return;
        };
        if self.begin(id, &connection, offer, now).is_err() {
            // The host takes events too slowly; the user can ask again.
            self.say(id, CallWord::End);
            return;
        }
        for candidate in early {
            // Each that is refused is counted.
            let _ = self.candidate(id, &connection, candidate, now);
        }
    }

    /// The host hangs up.
    fn end_calls(&mut self, id: &SessionId, now: u64) {
        let datetime = self.tick(now);
        let Some(session) = self.sessions.get_mut(id) else { return };
        let ended: Vec<_> = session.connections().cloned().collect();
        for connection in ended {
            session.remove(&connection, datetime);
            self.owners.remove(&connection);
            self.queue.end(&connection);
        }
        self.wake(id);
    }

    fn say(&mut self, id: &SessionId, word: CallWord) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.push_frame(Frame::Call(word));
        }
        self.wake(id);
    }
}
