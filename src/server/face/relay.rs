//! The relay protocol (`signaling::relay`), from the server's side. A relay repeats everything to all others; here the only
//! other is the host, so that pages do not disturb each other. Pure.
//!
//! There is no word for the end of a connection: the host ends one by closing the socket, and a page begins anew by offering
//! from another peer connection.

use super::{FaceError, Said, page_of};
use crate::server::hub::{Hub, SessionId};
use crate::server::wire;
use crate::signaling::ConnectionId;
use crate::signaling::channel::{Message, Wording};
use crate::signaling::relay::RelayWording;
use crate::signaling::sdp::ice_ufrag;

#[derive(Debug)]
pub struct Relay {
    line: String,
    host_begins: bool,
    /// The page's peer connections so far.
    count: u32,
    connection: ConnectionId,
    /// The page's present peer connection, once it has described itself.
    page: Option<u64>,
    /// Of the host's last description.
    ufrag: Option<String>,
}

impl Relay {
    pub fn new(line: String, host_begins: bool) -> Self {
        let connection = name(&line, 0);
        Self { line, host_begins, count: 0, connection, page: None, ufrag: None }
    }

    pub fn opened<W: Clone>(&self, hub: &mut Hub<W>, id: &SessionId, now: u64) -> Result<(), FaceError> {
        if self.host_begins {
            hub.invite(id, &self.connection, now)?;
        }
        Ok(())
    }

    pub fn handle<W: Clone>(
        &mut self,
        hub: &mut Hub<W>,
        id: &SessionId,
        text: &str,
        now: u64,
    ) -> Result<(), FaceError> {
        match RelayWording::parse(text)? {
            Message::Offer(sdp) => {
                let page = page_of(&sdp)?;
                if self.page.is_some_and(|present| present != page) {
                    self.count += 1;
                    let over = std::mem::replace(&mut self.connection, name(&self.line, self.count));
                    hub.disconnect(id, &over, now)?;
                }
                self.page = Some(page);
                hub.offer(id, &self.connection, sdp, now)?;
            }
            Message::Answer(sdp) => {
                self.page = self.page.or(Some(page_of(&sdp)?));
                hub.answer(id, &self.connection, sdp, now)?;
            }
            Message::Candidate(told) => hub.candidate(id, &self.connection, told.candidate, now)?,
            Message::Nothing => {}
        }
        Ok(())
    }

    pub fn say(&mut self, message: &wire::Message) -> Said {
        if *message.connection() != self.connection {
            return Said::Nothing;
        }
        if let wire::Message::Offer { sdp, .. } | wire::Message::Answer { sdp, .. } = message {
            self.ufrag = ice_ufrag(sdp).map(str::to_owned);
        }
        Said::Frame(match message {
            wire::Message::Offer { sdp, .. } => RelayWording::offer(sdp),
            wire::Message::Answer { sdp, .. } => RelayWording::answer(sdp),
            // The end of candidates: pages hand what they get to `addIceCandidate`, and not every browser takes an empty one.
            wire::Message::Candidate { candidate, .. } if candidate.candidate.is_empty() => return Said::Nothing,
            wire::Message::Candidate { candidate, .. } => RelayWording::candidate(candidate, self.ufrag.as_deref()),
            wire::Message::Disconnect { .. } => return Said::Close("the host has ended the connection"),
            wire::Message::Connect { .. } => return Said::Nothing,
        })
    }
}

fn name(line: &str, count: u32) -> ConnectionId {
    ConnectionId(format!("relay-{line}-{count}").into())
}
