//! The signaling protocol of Unity Render Streaming, generation 5d, as a state machine in which this process is the one
//! and only host. Pure: time comes in as `now`, in ms of any clock that never runs backwards.
//!
//! Differences from the server it stands in for, all on purpose: a browser meets nobody but the host; a connection id
//! belongs to one session; what the host says is gone when its connection ends; every stored message has its own
//! millisecond, so polling with the last `datetime` neither repeats nor loses one; lone and unused sessions expire too.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::host_queue::HostQueue;
use super::mailbox::{MAX_CANDIDATES, Session, Transport};
use super::wire::Message;
use crate::config::SignalingMode;
use crate::signaling::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};

/// Sessions at most.
pub const MAX_SESSIONS: usize = 256;
/// Connections of one session at most.
pub const MAX_CONNECTIONS: usize = 8;
/// A session that polls is forgotten after this long without a request, in ms.
pub const SESSION_TIMEOUT_MS: u64 = 10_000;

/// Names one session; a secret of its browser.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub Arc<str>);

/// Why the hub refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    #[error("the session is unknown or has expired")]
    UnknownSession,
    #[error("{0}: This connection id is already used.")]
    Used(ConnectionId),
    #[error("{MAX_SESSIONS} viewers are here already: try again later")]
    TooManySessions,
    #[error("a session may have {MAX_CONNECTIONS} connections")]
    TooManyConnections,
    #[error("a connection may have {MAX_CANDIDATES} candidates")]
    TooManyCandidates,
    #[error("the host is busy: try again")]
    Busy,
}

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
    last_datetime: u64,
    sessions: HashMap<SessionId, Session<W>>,
    owners: HashMap<ConnectionId, SessionId>,
    queue: HostQueue,
    woken: Vec<W>,
    refused: u64,
}

impl<W: Clone> Hub<W> {
    pub fn new(mode: SignalingMode) -> Self {
        Self {
            mode,
            last_datetime: 0,
            sessions: HashMap::new(),
            owners: HashMap::new(),
            queue: HostQueue::default(),
            woken: Vec::new(),
            refused: 0,
        }
    }

    /// A browser arrives. `id` must be new and hard to guess.
    pub fn open(&mut self, id: SessionId, transport: Transport, wake: W, now: u64) -> Result<(), HubError> {
        if self.sessions.len() >= MAX_SESSIONS {
            return self.refuse(HubError::TooManySessions);
        }
        self.sessions.insert(id, Session::new(transport, wake, now));
        Ok(())
    }

    /// A browser leaves; the host hears of the end of its connections.
    pub fn close(&mut self, id: &SessionId) {
        let Some(session) = self.sessions.remove(id) else { return };
        for connection in session.connections() {
            self.owners.remove(connection);
            self.queue.end(connection);
        }
        self.woken.push(session.wake);
    }

    /// `PUT /signaling/connection`. The host is first in every connection, so the browser is always the polite one.
    pub fn connect(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<Message, HubError> {
        self.session(id, now)?;
        self.own(id, connection)?;
        let reply = Message::Connect { connection: connection.clone(), polite: true, datetime: self.tick(now) };
        self.push_to_socket(id, &reply);
        Ok(reply)
    }

    /// `DELETE /signaling/connection`. Not having the connection is fine.
    pub fn disconnect(&mut self, id: &SessionId, connection: &ConnectionId, now: u64) -> Result<(), HubError> {
        self.session(id, now)?;
        let datetime = self.tick(now);
        let removed = self.session(id, now)?.remove(connection, datetime);
        if removed {
            self.owners.remove(connection);
            self.queue.end(connection);
        } else {
            self.push_to_socket(id, &Message::Disconnect { connection: connection.clone(), datetime });
        }
        self.wake(id);
        Ok(())
    }

    /// `POST /signaling/offer`. Public mode needs no `connect` before it; private mode drops an offer without one.
    pub fn offer(&mut self, id: &SessionId, connection: &ConnectionId, sdp: String, now: u64) -> Result<(), HubError> {
        self.session(id, now)?;
        if self.mode == SignalingMode::Private && !self.owners.contains_key(connection) {
            return Ok(());
        }
        self.own(id, connection)?;
        self.session(id, now)?.heard_description(connection);
        let connection = connection.clone();
        self.tell(SignalEvent::Offer { connection, sdp, polite: false, one_stream: false })
    }

    /// `POST /signaling/answer`. An unknown connection is ignored.
    pub fn answer(&mut self, id: &SessionId, connection: &ConnectionId, sdp: String, now: u64) -> Result<(), HubError> {
        self.session(id, now)?.heard_description(connection);
        if self.owners.get(connection) != Some(id) {
            return Ok(());
        }
        self.tell(SignalEvent::Answer { connection: connection.clone(), sdp })
    }

    /// `POST /signaling/candidate`. An unknown connection is ignored.
    pub fn candidate(
        &mut self,
        id: &SessionId,
        connection: &ConnectionId,
        candidate: IceCandidate,
        now: u64,
    ) -> Result<(), HubError> {
        let session = self.session(id, now)?;
        let within_limit = session.heard_candidate(connection);
        if self.owners.get(connection) != Some(id) {
            return Ok(());
        }
        if !within_limit {
            return self.refuse(HubError::TooManyCandidates);
        }
        self.tell(SignalEvent::Candidate { connection: connection.clone(), candidate })
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
    pub fn take_frames(&mut self, id: &SessionId) -> Option<VecDeque<Message>> {
        self.sessions.get_mut(id).filter(|session| !session.overrun).map(Session::take_frames)
    }

    /// What the host says goes to the session that owns the connection, or nowhere if its browser has left.
    pub fn handle_command(&mut self, command: SignalCommand, now: u64) {
        let datetime = self.tick(now);
        let connection = match &command {
            SignalCommand::Offer { connection, .. }
            | SignalCommand::Answer { connection, .. }
            | SignalCommand::Candidate { connection, .. }
            | SignalCommand::Disconnect { connection } => connection,
        };
        let Some(owner) = self.owners.get(connection).cloned() else { return };
        let Some(session) = self.sessions.get_mut(&owner) else { return };
        match command {
            SignalCommand::Offer { connection, sdp } => {
                let polite = self.mode == SignalingMode::Private;
                session.deliver_description(connection, sdp, Some(polite), datetime);
            }
            SignalCommand::Answer { connection, sdp } => session.deliver_description(connection, sdp, None, datetime),
            SignalCommand::Candidate { connection, candidate } => {
                if !session.deliver_candidate(connection, candidate, datetime) {
                    self.refused += 1;
                }
            }
            SignalCommand::Disconnect { connection } => {
                session.remove(&connection, datetime);
                self.owners.remove(&connection);
                self.queue.forget(&connection);
            }
        }
        self.wake(&owner);
    }

    /// Forgets polling sessions that have been silent for more than [`SESSION_TIMEOUT_MS`].
    pub fn expire(&mut self, now: u64) {
        let silent = |session: &Session<W>| {
            session.transport == Transport::Http
                && session.waiting == 0
                && now.saturating_sub(session.last_seen) > SESSION_TIMEOUT_MS
        };
        let expired: Vec<_> = self.sessions.iter().filter(|(_, s)| silent(s)).map(|(id, _)| id.clone()).collect();
        for id in expired {
            self.close(&id);
        }
    }

    /// Something that the host should hear and that no browser said.
    pub fn tell(&mut self, event: SignalEvent) -> Result<(), HubError> {
        if self.queue.push(event).is_err() {
            return self.refuse(HubError::Busy);
        }
        Ok(())
    }

    /// The next event for the host.
    pub fn poll_event(&mut self) -> Option<SignalEvent> {
        self.queue.pop()
    }

    pub fn has_events(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Who has something new to read, since the last call.
    pub fn take_woken(&mut self) -> Vec<W> {
        std::mem::take(&mut self.woken)
    }

    /// Messages refused for a limit, since the last call.
    pub fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    #[cfg(test)]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    fn session(&mut self, id: &SessionId, now: u64) -> Result<&mut Session<W>, HubError> {
        let session = self.sessions.get_mut(id).ok_or(HubError::UnknownSession)?;
        session.last_seen = session.last_seen.max(now);
        Ok(session)
    }

    /// A time that no message has yet: equal ones would be delivered twice, as the filter is `>=`.
    fn tick(&mut self, now: u64) -> u64 {
        self.last_datetime = now.max(self.last_datetime + 1);
        self.last_datetime
    }

    fn own(&mut self, id: &SessionId, connection: &ConnectionId) -> Result<(), HubError> {
        match self.owners.get(connection) {
            Some(owner) if owner == id => return Ok(()),
            Some(_) => return self.refuse(HubError::Used(connection.clone())),
            None => {}
        }
        let session = self.sessions.get_mut(id).ok_or(HubError::UnknownSession)?;
        if session.connections().len() >= MAX_CONNECTIONS {
            return self.refuse(HubError::TooManyConnections);
        }
        session.add(connection.clone());
        self.owners.insert(connection.clone(), id.clone());
        Ok(())
    }

    fn refuse<T>(&mut self, error: HubError) -> Result<T, HubError> {
        self.refused += 1;
        Err(error)
    }

    fn push_to_socket(&mut self, id: &SessionId, frame: &Message) {
        if let Some(session) = self.sessions.get_mut(id).filter(|s| s.transport == Transport::WebSocket) {
            session.push_frame(frame.clone());
        }
    }

    fn wake(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get(id) {
            self.woken.push(session.wake.clone());
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
