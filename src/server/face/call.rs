//! The call protocol (`signaling::call`), from the server's side: users with names, of whom the host is one. Pure.
//!
//! A page signs in, then calls the host with an `Offer`, or asks with `StartStreaming` to be called; the host answers, or calls,
//! once it has agreed where the configuration leaves that to it (`hub/calls`). The host may ask too, and the page accepts by
//! calling; where the page wishes it (`?request=host`) it is asked at once. Who somebody is, is what
//! they signed in as, whatever `username` a later message carries. Pages reach each other only where the configuration says so,
//! and only within their room.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FaceError, HubError, Said, page_of};
use crate::config::{ServerConfig, is_user_name};
use crate::server::hub::{CallWord, Hub, SessionId};
use crate::server::room::Room;
use crate::server::wire::{Message, ROOM_PREFIX};
use crate::signaling::ConnectionId;
use crate::signaling::call::wire::{self, Word};
use crate::signaling::sdp::ice_ufrag;

#[derive(Debug)]
pub struct Call {
    line: String,
    host_begins: bool,
    host: String,
    room: Option<Room>,
    /// Whether pages reach each other.
    forwards: bool,
    name: Option<Arc<str>>,
    /// Calls so far.
    count: u32,
    connection: Option<ConnectionId>,
    /// The page's peer connection of this call, once it has described itself.
    page: Option<u64>,
    /// Of the host's last description.
    ufrag: Option<String>,
}

impl Call {
    pub fn new(line: String, host_begins: bool, room: Option<&Room>, config: &ServerConfig) -> Self {
        let (host, room) = (config.user_name.clone(), room.cloned());
        let forwards = config.forward_calls;
        Self {
            line,
            host_begins,
            host,
            room,
            forwards,
            name: None,
            count: 0,
            connection: None,
            page: None,
            ufrag: None,
        }
    }

    pub fn handle<W: Clone>(
        &mut self,
        hub: &mut Hub<W>,
        id: &SessionId,
        text: &str,
        now: u64,
    ) -> Result<Option<String>, FaceError> {
        let Ok(Value::Object(message)) = serde_json::from_str(text) else { return Err(FaceError::Malformed) };
        let word = |key: &str| message.get(key).and_then(Value::as_str);
        let kind = word("type").ok_or(FaceError::Malformed)?;
        if kind == "SignIn" {
            return self.sign_in(hub, id, word("username").ok_or(FaceError::Malformed)?);
        }
        let own = self.name.clone().ok_or(FaceError::Refused("sign in first"))?;
        if let Some(target) = word("target").filter(|target| *target != self.host) {
            if !self.forwards {
                return Err(FaceError::Refused("only the host can be called here"));
            }
            let name = self.outer(target).ok_or(FaceError::Hub(HubError::UnknownUser))?;
            let data = message.get("data").unwrap_or(&Value::Null);
            let frame = json!({"type": kind, "username": &*own, "target": target, "data": data});
            hub.forward(&name, frame.to_string())?;
            return Ok(None);
        }
        match wire::parse(text, &self.host)?.word {
            Word::StartStreaming => {
                let is_new = self.connection.is_none();
                let connection = self.connection();
                let asked = hub.call(id, &connection, None, now);
                if asked.is_err() && is_new {
                    self.connection = None;
                }
                asked?;
            }
            Word::Offer(sdp) => {
                let page = page_of(&sdp)?;
                if self.page.is_some_and(|present| present != page) {
                    self.end(hub, id, now)?;
                }
                let connection = self.connection();
                self.page = Some(page);
                hub.call(id, &connection, Some(sdp), now)?;
            }
            Word::Answer(sdp) => {
                let page = page_of(&sdp)?;
                if let Some(connection) = &self.connection {
                    self.page = self.page.or(Some(page));
                    hub.answer(id, connection, sdp, now)?;
                }
            }
            Word::Candidate(told) => {
                if let Some(connection) = &self.connection
                    && let Some(candidate) = hub.keep_early(id, connection, told.candidate)?
                {
                    hub.candidate(id, connection, candidate, now)?;
                }
            }
            Word::EndCall => self.end(hub, id, now)?,
            Word::Nothing => {}
        }
        Ok(None)
    }

    pub fn say(&mut self, message: &Message) -> Said {
        if self.connection.as_ref() != Some(message.connection()) {
            return Said::Nothing;
        }
        let Some(name) = self.name.clone() else { return Said::Nothing };
        if let Message::Offer { sdp, .. } | Message::Answer { sdp, .. } = message {
            self.ufrag = ice_ufrag(sdp).map(str::to_owned);
        }
        let (host, ufrag) = (&self.host, self.ufrag.as_deref());
        Said::Frame(match message {
            Message::Offer { sdp, .. } => wire::offer(host, &name, sdp),
            Message::Answer { sdp, .. } => wire::answer(host, &name, sdp),
            // The end of candidates, which the protocol has no word for.
            Message::Candidate { candidate, .. } if candidate.candidate.is_empty() => return Said::Nothing,
            Message::Candidate { candidate, .. } => wire::candidate(host, &name, candidate, ufrag),
            Message::Disconnect { .. } => {
                (self.connection, self.page) = (None, None);
                wire::end_call(host, &name)
            }
            Message::Connect { .. } => return Said::Nothing,
        })
    }

    pub fn say_call(&mut self, word: CallWord) -> Said {
        let Some(name) = self.name.clone() else { return Said::Nothing };
        Said::Frame(match word {
            CallWord::Ask => wire::start_streaming(&self.host, &name),
            CallWord::End => {
                (self.connection, self.page) = (None, None);
                wire::end_call(&self.host, &name)
            }
        })
    }

    pub fn error(&self, words: &str) -> String {
        json!({"type": "Error", "username": self.host, "target": self.name.as_deref(), "data": words}).to_string()
    }

    fn sign_in<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, name: &str) -> Result<Option<String>, FaceError> {
        let Some(outer) = self.outer(name).filter(|outer| is_user_name(outer) && !name.is_empty()) else {
            return Err(FaceError::Refused(
                "a user name has 1 to 128 bytes, /room/<name>/ included, and no control characters",
            ));
        };
        if name == self.host {
            return Err(FaceError::Refused("this is the host's own user name"));
        }
        if let Some(own) = &self.name {
            return if **own == *name { Ok(None) } else { Err(FaceError::Refused("you have signed in already")) };
        }
        hub.sign_in(id, &outer, self.forwards)?;
        self.name = Some(Arc::from(name));
        Ok(self.host_begins.then(|| wire::start_streaming(&self.host, name)))
    }

    /// The user as the host and the hub know them; none for a name that poses as one of a room.
    fn outer(&self, name: &str) -> Option<Arc<str>> {
        let name = ConnectionId(name.into());
        (!name.0.starts_with(ROOM_PREFIX))
            .then(|| self.room.as_ref().map_or_else(|| name.clone(), |r| r.outer(&name)).0)
    }

    /// The present call, or a new one.
    fn connection(&mut self) -> ConnectionId {
        let (line, count, name) = (&self.line, &mut self.count, self.name.as_deref().unwrap_or_default());
        let begin = || {
            *count += 1;
            ConnectionId(format!("{name}-{line}-{count}").into())
        };
        self.connection.get_or_insert_with(begin).clone()
    }

    fn end<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, now: u64) -> Result<(), FaceError> {
        self.page = None;
        let only_asked = hub.end_request(id);
        if let Some(over) = self.connection.take().filter(|_| !only_asked) {
            hub.disconnect(id, &over, now)?;
        }
        Ok(())
    }
}
