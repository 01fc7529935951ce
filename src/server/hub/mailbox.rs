//! What one session of the hub holds: its connections, and what waits for its browser.

use std::collections::{BTreeMap, VecDeque};

use super::wire::Message;
use crate::signaling::{ConnectionId, IceCandidate};

/// Candidates of one connection in each direction. Older ones of the host make room for newer ones.
pub const MAX_CANDIDATES: usize = 256;
/// Frames that may wait for a WebSocket.
pub const MAX_FRAMES: usize = 1024;
/// Ended connections that a polling browser can still read of.
const MAX_DISCONNECTS: usize = 64;

/// How a session hears from the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Polls: everything stays readable until its connection ends.
    Http,
    /// Is pushed to: everything is handed out once.
    WebSocket,
}

/// One end of a connection: what the host has said on it.
#[derive(Debug, Default)]
struct Connection {
    offer: Option<(String, u64)>,
    answer: Option<(String, u64)>,
    candidates: VecDeque<(IceCandidate, u64)>,
    /// The host has sent a description, so its candidates are of use (`addIceCandidate` before it would throw).
    described: bool,
    /// Candidates of the browser since its last description.
    heard_candidates: usize,
}

#[derive(Debug)]
pub struct Session<W> {
    pub transport: Transport,
    pub wake: W,
    pub last_seen: u64,
    /// Long polls that are open: such a session is not silent.
    pub waiting: usize,
    /// The browser reads too slowly: its socket is to be closed.
    pub overrun: bool,
    connections: BTreeMap<ConnectionId, Connection>,
    disconnects: VecDeque<(ConnectionId, u64)>,
    frames: VecDeque<Message>,
}

impl<W> Session<W> {
    pub fn new(transport: Transport, wake: W, now: u64) -> Self {
        Self {
            transport,
            wake,
            last_seen: now,
            waiting: 0,
            overrun: false,
            connections: BTreeMap::new(),
            disconnects: VecDeque::new(),
            frames: VecDeque::new(),
        }
    }

    pub fn connections(&self) -> impl ExactSizeIterator<Item = &ConnectionId> {
        self.connections.keys()
    }

    pub fn add(&mut self, connection: ConnectionId) {
        self.connections.entry(connection).or_default();
    }

    /// Gives false if the session does not have the connection.
    pub fn remove(&mut self, connection: &ConnectionId, datetime: u64) -> bool {
        if self.connections.remove(connection).is_none() {
            return false;
        }
        match self.transport {
            Transport::Http => {
                if self.disconnects.len() >= MAX_DISCONNECTS {
                    self.disconnects.pop_front();
                }
                self.disconnects.push_back((connection.clone(), datetime));
            }
            Transport::WebSocket => self.push_frame(Message::Disconnect { connection: connection.clone(), datetime }),
        }
        true
    }

    /// The browser described itself: its candidates are counted anew.
    pub fn heard_description(&mut self, connection: &ConnectionId) {
        if let Some(c) = self.connections.get_mut(connection) {
            c.heard_candidates = 0;
        }
    }

    /// Gives false when the browser has sent its share of candidates.
    pub fn heard_candidate(&mut self, connection: &ConnectionId) -> bool {
        let Some(c) = self.connections.get_mut(connection) else { return false };
        c.heard_candidates += 1;
        c.heard_candidates <= MAX_CANDIDATES
    }

    /// The host's offer or answer, and with the first of them the candidates that waited for it.
    pub fn deliver_description(&mut self, connection: ConnectionId, sdp: String, offer: Option<bool>, datetime: u64) {
        let Some(c) = self.connections.get_mut(&connection) else { return };
        let first = !std::mem::replace(&mut c.described, true);
        if self.transport == Transport::Http {
            let slot = if offer.is_some() { &mut c.offer } else { &mut c.answer };
            *slot = Some((sdp, datetime));
            if first {
                c.candidates.iter_mut().for_each(|(_, stored)| *stored = datetime);
            }
            return;
        }
        let waited = std::mem::take(&mut c.candidates);
        self.push_frame(match offer {
            Some(polite) => Message::Offer { connection: connection.clone(), sdp, polite, datetime },
            None => Message::Answer { connection: connection.clone(), sdp, datetime },
        });
        for (candidate, _) in waited {
            self.push_frame(Message::Candidate { connection: connection.clone(), candidate, datetime });
        }
    }

    /// Gives false when an older candidate had to go.
    pub fn deliver_candidate(&mut self, connection: ConnectionId, candidate: IceCandidate, datetime: u64) -> bool {
        let Some(c) = self.connections.get_mut(&connection) else { return true };
        if self.transport == Transport::WebSocket && c.described {
            self.push_frame(Message::Candidate { connection, candidate, datetime });
            return true;
        }
        let fits = c.candidates.len() < MAX_CANDIDATES;
        if !fits {
            c.candidates.pop_front();
        }
        c.candidates.push_back((candidate, datetime));
        fits
    }

    pub fn push_frame(&mut self, frame: Message) {
        if self.frames.len() >= MAX_FRAMES {
            self.overrun = true;
            return;
        }
        self.frames.push_back(frame);
    }

    pub fn take_frames(&mut self) -> VecDeque<Message> {
        std::mem::take(&mut self.frames)
    }

    /// Everything stored since `fromtime`, oldest first, and after it one `connect` for each connection.
    pub fn read(&self, fromtime: u64, offer_polite: bool, datetime: u64) -> Vec<Message> {
        let mut messages = Vec::new();
        for (id, c) in &self.connections {
            if let Some((sdp, stored)) = &c.offer {
                messages.push(Message::Offer {
                    connection: id.clone(),
                    sdp: sdp.clone(),
                    polite: offer_polite,
                    datetime: *stored,
                });
            }
            if let Some((sdp, stored)) = &c.answer {
                messages.push(Message::Answer { connection: id.clone(), sdp: sdp.clone(), datetime: *stored });
            }
            if c.described {
                messages.extend(c.candidates.iter().map(|(candidate, stored)| Message::Candidate {
                    connection: id.clone(),
                    candidate: candidate.clone(),
                    datetime: *stored,
                }));
            }
        }
        messages.extend(
            self.disconnects
                .iter()
                .map(|(id, stored)| Message::Disconnect { connection: id.clone(), datetime: *stored }),
        );
        messages.retain(|message| message.datetime() >= fromtime);
        messages.sort_by_key(Message::datetime);
        messages.extend(self.connections.keys().map(|id| Message::Connect {
            connection: id.clone(),
            polite: true,
            datetime,
        }));
        messages
    }
}
