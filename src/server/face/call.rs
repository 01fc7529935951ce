//! The call protocol (`signaling::call`), from the server's side: users with names, of whom the host is one. Pure.
//!
//! A page signs in, then calls the host with an `Offer`, or asks with `StartStreaming` to be called; the host answers, or calls.
//! Where the page wishes it (`?request=host`) the host asks first, and the page accepts by calling. Who somebody is, is what
//! they signed in as, whatever `username` a later message carries. Pages reach each other only where the configuration says so,
//! and only within their room.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FaceError, Said, page_of};
use crate::config::{ServerConfig, is_user_name};
use crate::server::hub::{Hub, SessionId};
use crate::server::room::Room;
use crate::server::wire::Message;
use crate::signaling::ConnectionId;
use crate::signaling::call::wire::{self, Word};
use crate::signaling::sdp::ice_ufrag;

#[derive(Debug)]
pub struct Call {
    line: String,
    host_begins: bool,
    host: String,
    /// What keeps equal names of different rooms apart; none where pages do not reach each other.
    scope: Option<String>,
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
        // No name holds a line feed.
        let scope = config.forward_calls.then(|| room.map_or_else(String::new, |room| format!("{room}\n")));
        let host = config.user_name.clone();
        Self { line, host_begins, host, scope, name: None, count: 0, connection: None, page: None, ufrag: None }
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
            let scope = self.scope.as_ref().ok_or(FaceError::Refused("only the host can be called here"))?;
            let data = message.get("data").unwrap_or(&Value::Null);
            let frame = json!({"type": kind, "username": &*own, "target": target, "data": data});
            hub.forward(&format!("{scope}{target}"), frame.to_string())?;
            return Ok(None);
        }
        match wire::parse(text, &self.host)?.word {
            Word::StartStreaming => {
                let is_new = self.connection.is_none();
                let connection = self.connection();
                let invited = hub.invite(id, &connection, now);
                if invited.is_err() && is_new {
                    self.connection = None;
                }
                invited?;
            }
            Word::Offer(sdp) => {
                let page = page_of(&sdp)?;
                if self.page.is_some_and(|present| present != page) {
                    self.end(hub, id, now)?;
                }
                let connection = self.connection();
                self.page = Some(page);
                hub.offer(id, &connection, sdp, now)?;
            }
            Word::Answer(sdp) => {
                let page = page_of(&sdp)?;
                if let Some(connection) = &self.connection {
                    self.page = self.page.or(Some(page));
                    hub.answer(id, connection, sdp, now)?;
                }
            }
            Word::Candidate(told) => {
                if let Some(connection) = &self.connection {
                    hub.candidate(id, connection, told.candidate, now)?;
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

    pub fn error(&self, words: &str) -> String {
        json!({"type": "Error", "username": self.host, "target": self.name.as_deref(), "data": words}).to_string()
    }

    fn sign_in<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, name: &str) -> Result<Option<String>, FaceError> {
        if !is_user_name(name) {
            return Err(FaceError::Refused("a user name has 1 to 128 bytes and no control characters"));
        }
        if name == self.host {
            return Err(FaceError::Refused("this is the host's own user name"));
        }
        if let Some(own) = &self.name {
            return if **own == *name { Ok(None) } else { Err(FaceError::Refused("you have signed in already")) };
        }
        if let Some(scope) = &self.scope {
            hub.sign_in(id, &Arc::from(format!("{scope}{name}")))?;
        }
        self.name = Some(Arc::from(name));
        Ok(self.host_begins.then(|| wire::start_streaming(&self.host, name)))
    }

    /// The present call, or a new one.
    fn connection(&mut self) -> ConnectionId {
        let (line, count) = (&self.line, &mut self.count);
        let begin = || {
            *count += 1;
            ConnectionId(format!("call-{line}-{count}").into())
        };
        self.connection.get_or_insert_with(begin).clone()
    }

    fn end<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, now: u64) -> Result<(), FaceError> {
        self.page = None;
        if let Some(over) = self.connection.take() {
            hub.disconnect(id, &over, now)?;
        }
        Ok(())
    }
}
