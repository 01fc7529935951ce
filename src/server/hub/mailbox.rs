//! What one session of the hub holds: its connections, and what waits for its browser.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use super::calls::CallWord;
use super::expecting::Expecting;
use super::limits::Allowance;
use crate::server::room::Room;
use crate::server::wire::Message;
use crate::signaling::{ConnectionId, IceCandidate};

/// Candidates of one connection in each direction. Older ones of the host make room for newer ones.
pub const MAX_CANDIDATES: usize = 256;
/// Frames that may wait for a WebSocket.
pub const MAX_FRAMES: usize = 1024;
/// Text of other pages that may wait for a WebSocket, in bytes.
const MAX_FORWARDED_BYTES: usize = 2 * 1024 * 1024;
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

/// What a page can be expected to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Of Unity Render Streaming: yields where both sides offer at once, shows every track.
    Unity,
    /// Of a protocol that knows no roles: the host yields. It shows only `event.streams[0]`.
    Plain,
}

/// What is known of a session when it begins.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub transport: Transport,
    pub room: Option<Room>,
    /// Where it comes from; none is not counted.
    pub address: Option<IpAddr>,
    pub page: Page,
}

impl Arrival {
    /// A page of Unity Render Streaming, in no room.
    #[cfg(test)]
    pub fn of(transport: Transport) -> Self {
        Self { transport, room: None, address: None, page: Page::Unity }
    }
}

/// What a socket is to be told.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// By the host; its face says it in the words of its protocol.
    Message(Message),
    /// By another page, as it is.
    Text(String),
    /// Of a call that is not live.
    Call(CallWord),
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
    pub arrival: Arrival,
    pub wake: W,
    pub allowance: Allowance,
    pub last_seen: u64,
    /// Long polls that are open: such a session is not silent.
    pub waiting: usize,
    pub expecting: Expecting,
    /// The browser reads too slowly: its socket is to be closed.
    pub overrun: bool,
    connections: BTreeMap<ConnectionId, Connection>,
    disconnects: VecDeque<(ConnectionId, u64)>,
    frames: VecDeque<Frame>,
    forwarded_bytes: usize,
}

impl<W> Session<W> {
    pub fn new(arrival: Arrival, wake: W, messages_per_second: u32, now: u64) -> Self {
        Self {
            arrival,
            wake,
            allowance: Allowance::new(messages_per_second),
            last_seen: now,
            waiting: 0,
            expecting: Expecting::Begun { at: now },
            overrun: false,
            connections: BTreeMap::new(),
            disconnects: VecDeque::new(),
            frames: VecDeque::new(),
            forwarded_bytes: 0,
        }
    }

    /// The host's name of this session's connection.
    pub fn outer(&self, connection: &ConnectionId) -> ConnectionId {
        self.arrival.room.as_ref().map_or_else(|| connection.clone(), |room| room.outer(connection))
    }

    fn inner(&self, mut message: Message) -> Message {
        if let Some(room) = &self.arrival.room {
            *message.connection_mut() = room.inner(message.connection());
        }
        message
    }

    pub fn connections(&self) -> impl ExactSizeIterator<Item = &ConnectionId> {
        self.connections.keys()
    }

    pub fn add(&mut self, connection: ConnectionId) {
        self.connections.entry(connection).or_default();
    }

    /// Without a word to anybody.
    pub fn forget(&mut self, connection: &ConnectionId) {
        self.connections.remove(connection);
    }

    /// Gives false if the session does not have the connection.
    pub fn remove(&mut self, connection: &ConnectionId, datetime: u64) -> bool {
        if self.connections.remove(connection).is_none() {
            return false;
        }
        match self.arrival.transport {
            Transport::Http => {
                if self.disconnects.len() >= MAX_DISCONNECTS {
                    self.disconnects.pop_front();
                }
                self.disconnects.push_back((connection.clone(), datetime));
            }
            Transport::WebSocket => {
                self.push_frame(Frame::Message(Message::Disconnect { connection: connection.clone(), datetime }));
            }
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
        self.expecting.hear(offer.is_some(), datetime);
        let first = !std::mem::replace(&mut c.described, true);
        if self.arrival.transport == Transport::Http {
            let slot = if offer.is_some() { &mut c.offer } else { &mut c.answer };
            *slot = Some((sdp, datetime));
            if first {
                c.candidates.iter_mut().for_each(|(_, stored)| *stored = datetime);
            }
            return;
        }
        let waited = std::mem::take(&mut c.candidates);
        self.push_frame(Frame::Message(match offer {
            Some(polite) => Message::Offer { connection: connection.clone(), sdp, polite, datetime },
            None => Message::Answer { connection: connection.clone(), sdp, datetime },
        }));
        for (candidate, _) in waited {
            self.push_frame(Frame::Message(Message::Candidate { connection: connection.clone(), candidate, datetime }));
        }
    }

    /// Gives false when an older candidate had to go.
    pub fn deliver_candidate(&mut self, connection: ConnectionId, candidate: IceCandidate, datetime: u64) -> bool {
        let Some(c) = self.connections.get_mut(&connection) else { return true };
        if self.arrival.transport == Transport::WebSocket && c.described {
            self.push_frame(Frame::Message(Message::Candidate { connection, candidate, datetime }));
            return true;
        }
        let fits = c.candidates.len() < MAX_CANDIDATES;
        if !fits {
            c.candidates.pop_front();
        }
        c.candidates.push_back((candidate, datetime));
        fits
    }

    /// A socket that takes nothing for so long is given up. Text of other pages never brings that about: it is dropped.
    pub fn push_frame(&mut self, frame: Frame) -> bool {
        if let Frame::Text(text) = &frame {
            if self.frames.len() >= MAX_FRAMES / 2 || self.forwarded_bytes + text.len() > MAX_FORWARDED_BYTES {
                return false;
            }
            self.forwarded_bytes += text.len();
        }
        if self.frames.len() >= MAX_FRAMES {
            self.overrun = true;
            return false;
        }
        self.frames.push_back(frame);
        true
    }

    pub fn take_frames(&mut self) -> Vec<Frame> {
        self.forwarded_bytes = 0;
        let frames = std::mem::take(&mut self.frames);
        let inner = |frame| match frame {
            Frame::Message(message) => Frame::Message(self.inner(message)),
            other => other,
        };
        frames.into_iter().map(inner).collect()
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
        messages.into_iter().map(|message| self.inner(message)).collect()
    }
}
