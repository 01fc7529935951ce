//! All sessions of the server as a state machine in which this process is the one and only host. It follows the signaling
//! protocol of Unity Render Streaming, generation 5d; other protocols are translated to it by their `face`. Pure: time comes
//! in as `now`, in ms of any clock that never runs backwards.
//!
//! Differences from the server it stands in for, all on purpose: a browser meets nobody but the host, which is first in every
//! connection; a connection id belongs to one session (of its room); what the host says is gone when its connection ends;
//! every stored message has its own millisecond, so polling with the last `datetime` neither repeats nor loses one; lone and
//! unused sessions expire too.
//!
//! `mailbox` (one session) · `resume` (one that outlives its socket) · `host_side` and `host_queue` (the host, and its events) ·
//! `limits` · `calls` (of the call protocol, before they are live) · `users` (its names) · `invites` (private pages that the
//! host may have to offer to) · `error`.

mod calls;
mod error;
mod expecting;
mod host_queue;
mod host_side;
mod invites;
mod limits;
mod mailbox;
mod resume;
mod users;

use std::collections::HashMap;
use std::sync::Arc;

use super::wire::Message;
use crate::config::{AnswerCalls, SignalingMode};
use crate::signaling::{ConnectionId, IceCandidate, SignalEvent};
pub use calls::CallWord;
#[cfg(test)]
pub use calls::MAX_UNDECIDED;
use calls::Requests;
pub use error::{HubError, MAX_CONNECTIONS};
use expecting::Expecting;
use host_queue::HostQueue;
use invites::Invites;
use limits::Census;
pub use limits::{Limits, network, take_one};
#[cfg(test)]
pub use mailbox::MAX_CANDIDATES;
use mailbox::Session;
pub use mailbox::{Arrival, Frame, Page, Transport};
use resume::Lines;
pub use resume::{Line, ResumeKey};
use users::Users;

/// A session that polls is forgotten after this long without a request, in ms.
pub const SESSION_TIMEOUT_MS: u64 = 10_000;

/// Names one session; a secret of its browser.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub Arc<str>);

/// What `GET /signaling` answers with.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    pub messages: Vec<Message>,
    /// The next `fromtime`, in ms.
    pub datetime: u64,
}

impl Poll {
    /// Whether there is more than the `connect` items that come with every poll.
    pub fn has_news(&self) -> bool {
        !self.messages.iter().all(|message| matches!(message, Message::Connect { .. }))
    }
}

/// `W` is whatever wakes the task that serves a session.
pub struct Hub<W> {
    mode: SignalingMode,
    limits: Limits,
    last_datetime: u64,
    census: Census,
    sessions: HashMap<SessionId, Session<W>>,
    /// By the host's names of connections.
    owners: HashMap<ConnectionId, SessionId>,
    users: Users,
    answer_calls: AnswerCalls,
    requests: Requests,
    invites: Invites,
    lines: Lines,
    queue: HostQueue,
    woken: Vec<W>,
    refused: u64,
}

impl<W: Clone> Hub<W> {
    pub fn new(mode: SignalingMode, limits: Limits) -> Self {
        Self {
            mode,
            limits,
            last_datetime: 0,
            census: Census::default(),
            sessions: HashMap::new(),
            owners: HashMap::new(),
            users: Users::default(),
            answer_calls: AnswerCalls::default(),
            requests: Requests::default(),
            invites: Invites::default(),
            lines: Lines::default(),
            queue: HostQueue::default(),
            woken: Vec::new(),
            refused: 0,
        }
    }

    pub fn with_calls(self, answer_calls: AnswerCalls) -> Self {
        Self { answer_calls, ..self }
    }

    /// A browser arrives. `id` must be new and hard to guess.
    pub fn open(&mut self, id: SessionId, arrival: Arrival, wake: W, now: u64) -> Result<(), HubError> {
        if let Err(error) = self.census.admit(&self.limits, arrival.room.as_ref(), arrival.address) {
            return self.refuse(error);
        }
        self.sessions.insert(id, Session::new(arrival, wake, self.limits.messages_per_second, now));
        Ok(())
    }

    /// A browser leaves; the host hears of the end of its connections.
    pub fn close(&mut self, id: &SessionId) {
        self.end_request(id);
        let Some(session) = self.sessions.remove(id) else { return };
        for connection in session.connections() {
            self.owners.remove(connection);
            self.queue.end(connection);
        }
        self.invites.forget(id, None);
        self.census.leave(session.arrival.room.as_ref(), session.arrival.address);
        if let Some(name) = self.users.leave(id) {
            self.queue.forget_user(&name);
        }
        self.lines.leave(id);
        self.woken.push(session.wake);
    }

    /// A message of a session arrives, whatever it says; an error if it comes too soon after the others.
    pub fn spend(&mut self, id: &SessionId, now: u64) -> Result<(), HubError> {
        if self.session(id, now)?.allowance.take(now) {
            return Ok(());
        }
        self.refuse(HubError::TooFast(self.limits.messages_per_second))
    }

    /// `PUT /signaling/connection`. The host is first in every connection, so the browser is the polite one, unless its
    /// network may change under it (`resume`). In private mode the host, which has what is to be seen, offers if the browser
    /// does not.
    pub fn connect(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<Message, HubError> {
        let is_new = !self.owns(id, connection);
        self.own(id, connection, now)?;
        if self.mode == SignalingMode::Private && is_new {
            self.invites.wait_for(id, connection, now);
        }
        let polite = !self.lines.has(id);
        let reply = Message::Connect { connection: connection.clone(), polite, datetime: self.tick(now) };
        self.push_to_socket(id, &reply);
        Ok(reply)
    }

    /// The page waits for an offer of the host's. Leaves nothing behind where it is refused.
    pub fn invite(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<(), HubError> {
        let is_new = !self.owns(id, connection);
        let outer = self.own(id, connection, now)?;
        let one_stream = self.session(id, now)?.arrival.page == Page::Plain;
        let told = self.tell(SignalEvent::Invite { connection: outer.clone(), one_stream });
        if told.is_err() && is_new {
            self.owners.remove(&outer);
            self.session(id, now)?.forget(&outer);
        }
        told
    }

    /// `DELETE /signaling/connection`. Not having the connection is fine.
    pub fn disconnect(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<(), HubError> {
        let outer = self.outer(id, connection, now)?;
        self.invites.forget(id, Some(connection));
        let datetime = self.tick(now);
        if self.session(id, now)?.remove(&outer, datetime) {
            self.owners.remove(&outer);
            self.queue.end(&outer);
        } else {
            self.push_to_socket(id, &Message::Disconnect { connection: outer, datetime });
        }
        self.wake(id);
        Ok(())
    }

    /// `POST /signaling/offer`. Public mode needs no `connect` before it; private mode drops an offer without one.
    pub fn offer(&mut self, id: &SessionId, connection: &ConnectionId, sdp: String, now: u64) -> Result<(), HubError> {
        let outer = self.outer(id, connection, now)?;
        let is_plain = self.session(id, now)?.arrival.page == Page::Plain;
        if self.mode == SignalingMode::Private && !is_plain && !self.owners.contains_key(&outer) {
            return Ok(());
        }
        self.own(id, connection, now)?;
        self.invites.forget(id, Some(connection));
        let session = self.session(id, now)?;
        session.heard_description(&outer);
        session.expecting = Expecting::asked(now, &sdp);
        let polite = is_plain || self.lines.has(id);
        self.tell(SignalEvent::Offer { connection: outer, sdp, polite, one_stream: is_plain })
    }

    /// `POST /signaling/answer`. An unknown connection is ignored.
    pub fn answer(&mut self, id: &SessionId, connection: &ConnectionId, sdp: String, now: u64) -> Result<(), HubError> {
        let outer = self.outer(id, connection, now)?;
        self.session(id, now)?.heard_description(&outer);
        if self.owners.get(&outer) != Some(id) {
            return Ok(());
        }
        self.tell(SignalEvent::Answer { connection: outer, sdp })
    }

    /// `POST /signaling/candidate`. An unknown connection is ignored.
    pub fn candidate(
        &mut self,
        id: &SessionId,
        connection: &ConnectionId,
        candidate: IceCandidate,
        now: u64,
    ) -> Result<(), HubError> {
        let outer = self.outer(id, connection, now)?;
        let within_limit = self.session(id, now)?.heard_candidate(&outer);
        if self.owners.get(&outer) != Some(id) {
            return Ok(());
        }
        if !within_limit {
            return self.refuse(HubError::TooManyCandidates);
        }
        self.tell(SignalEvent::Candidate { connection: outer, candidate })
    }

    /// `GET /signaling`: everything since `fromtime`, 0 for all.
    pub fn poll(&mut self, id: &SessionId, fromtime: u64, now: u64) -> Result<Poll, HubError> {
        self.session(id, now)?;
        let datetime = self.tick(now);
        let polite = self.mode == SignalingMode::Private;
        Ok(Poll { messages: self.session(id, now)?.read(fromtime, polite, datetime), datetime })
    }

    /// Any checked request keeps a session alive. Gives false for an unknown one.
    pub fn touch(&mut self, id: &SessionId, now: u64) -> bool {
        self.session(id, now).is_ok()
    }

    /// A long poll begins: until [`Self::end_wait`] the session is not silent. Gives what wakes it.
    pub fn begin_wait(&mut self, id: &SessionId, now: u64) -> Result<W, HubError> {
        let session = self.session(id, now)?;
        session.waiting += 1;
        Ok(session.wake.clone())
    }

    pub fn end_wait(&mut self, id: &SessionId, now: u64) {
        if let Ok(session) = self.session(id, now) {
            session.waiting = session.waiting.saturating_sub(1);
        }
    }

    /// Frames for a WebSocket session; none when it is unknown or so slow that it must be closed.
    pub fn take_frames(&mut self, id: &SessionId) -> Option<Vec<Frame>> {
        self.sessions.get_mut(id).filter(|session| !session.overrun).map(Session::take_frames)
    }

    /// Forgets polling sessions that have been silent for more than [`SESSION_TIMEOUT_MS`], and requests that nobody decides on.
    /// Sockets are watched by pings.
    pub fn expire(&mut self, now: u64) {
        self.expire_requests(now);
        let silent = |session: &Session<W>| {
            session.arrival.transport == Transport::Http
                && session.waiting == 0
                && now.saturating_sub(session.last_seen) > SESSION_TIMEOUT_MS
        };
        let mut expired: Vec<_> = self.sessions.iter().filter(|(_, s)| silent(s)).map(|(id, _)| id.clone()).collect();
        expired.extend(self.lines.expired(now));
        for id in expired {
            self.close(&id);
        }
    }

    /// Who has something new to read, since the last call.
    pub fn take_woken(&mut self) -> Vec<W> {
        std::mem::take(&mut self.woken)
    }

    /// Messages refused for a limit, since the last call.
    pub fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    fn session(&mut self, id: &SessionId, now: u64) -> Result<&mut Session<W>, HubError> {
        let session = self.sessions.get_mut(id).ok_or(HubError::UnknownSession)?;
        session.last_seen = session.last_seen.max(now);
        Ok(session)
    }

    fn outer(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<ConnectionId, HubError> {
        Ok(self.session(id, now)?.outer(connection))
    }

    fn owns(&self, id: &SessionId, connection: &ConnectionId) -> bool {
        self.sessions.get(id).is_some_and(|session| self.owners.get(&session.outer(connection)) == Some(id))
    }

    /// A time that no message has yet: equal ones would be delivered twice, as the filter is `>=`.
    fn tick(&mut self, now: u64) -> u64 {
        self.last_datetime = now.max(self.last_datetime + 1);
        self.last_datetime
    }

    /// Gives the host's name of the connection.
    fn own(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<ConnectionId, HubError> {
        let outer = self.outer(id, connection, now)?;
        match self.owners.get(&outer) {
            Some(owner) if owner == id => return Ok(outer),
            Some(_) => return self.refuse(HubError::Used(connection.clone())),
            None => {}
        }
        let session = self.session(id, now)?;
        if session.connections().len() >= MAX_CONNECTIONS {
            return self.refuse(HubError::TooManyConnections);
        }
        session.add(outer.clone());
        self.owners.insert(outer.clone(), id.clone());
        Ok(outer)
    }

    fn refuse<T>(&mut self, error: HubError) -> Result<T, HubError> {
        self.refused += 1;
        Err(error)
    }

    fn push_to_socket(&mut self, id: &SessionId, frame: &Message) {
        if let Some(session) = self.sessions.get_mut(id).filter(|s| s.arrival.transport == Transport::WebSocket) {
            session.push_frame(Frame::Message(frame.clone()));
        }
    }

    fn wake(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get(id) {
            self.woken.push(session.wake.clone());
        }
    }

    #[cfg(test)]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// Whether nothing is kept of anybody.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let nobody = self.sessions.is_empty() && self.owners.is_empty() && self.census.is_empty();
        let nothing = self.requests.is_empty() && self.invites.next().is_none() && self.lines.is_empty();
        nobody && nothing && self.users.is_empty() && self.queue.remembers_nobody()
    }
}

#[cfg(test)]
mod tests;
