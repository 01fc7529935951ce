//! The call protocol: `{"type","username","target","data"}` between users with names, of whom the host is one. Pure.
//!
//! A page signs in, then calls the host with an `Offer`, or asks with `StartStreaming` to be called; the host answers, or calls.
//! Where the page wishes it (`?request=host`) the host asks first, and the page accepts by calling. Who somebody is, is what
//! they signed in as, whatever `username` a later message carries. Pages reach each other only where the configuration says so,
//! and only within their room.

use std::sync::Arc;

use serde_json::{Value, json};

use super::relay::candidate;
use super::{FaceError, Said, origin};
use crate::config::{MAX_USER_NAME_BYTES, ServerConfig};
use crate::server::hub::{Hub, SessionId};
use crate::server::room::Room;
use crate::server::wire::Message;
use crate::signaling::{ConnectionId, IceCandidate};

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
    page: Option<Arc<str>>,
}

impl Call {
    pub fn new(line: String, host_begins: bool, room: Option<&Room>, config: &ServerConfig) -> Self {
        // No name holds a line feed.
        let scope = config.forward_calls.then(|| room.map_or_else(String::new, |room| format!("{room}\n")));
        let host = config.user_name.clone();
        Self { line, host_begins, host, scope, name: None, count: 0, connection: None, page: None }
    }

    pub fn handle<W: Clone>(
        &mut self,
        hub: &mut Hub<W>,
        id: &SessionId,
        bytes: &[u8],
        now: u64,
    ) -> Result<Option<String>, FaceError> {
        let Ok(Value::Object(message)) = serde_json::from_slice(bytes) else { return Err(FaceError::Malformed) };
        let text = |key: &str| message.get(key).and_then(Value::as_str);
        let kind = text("type").ok_or(FaceError::Malformed)?;
        if kind == "SignIn" {
            return self.sign_in(hub, id, text("username").ok_or(FaceError::Malformed)?);
        }
        let own = self.name.clone().ok_or(FaceError::Refused("sign in first"))?;
        let data = message.get("data").unwrap_or(&Value::Null);
        let target = text("target").filter(|target| !target.is_empty() && *target != self.host);
        if let Some(target) = target {
            let scope = self.scope.as_ref().ok_or(FaceError::Refused("only the host can be called here"))?;
            let frame = json!({"type": kind, "username": &*own, "target": target, "data": data});
            hub.forward(&format!("{scope}{target}"), frame.to_string())?;
            return Ok(None);
        }
        match kind {
            "StartStreaming" => {
                let connection = self.connection();
                if let Err(error) = hub.invite(id, &connection, now) {
                    self.connection = None;
                    return Err(error.into());
                }
            }
            "Offer" => {
                let sdp = data.as_str().filter(|sdp| !sdp.is_empty()).ok_or(FaceError::Malformed)?.to_owned();
                let page = origin(&sdp);
                if self.page.is_some() && self.page != page {
                    self.end(hub, id, now)?;
                }
                let connection = self.connection();
                self.page = page;
                hub.offer(id, &connection, sdp, now)?;
            }
            "Answer" => {
                let sdp = data.as_str().filter(|sdp| !sdp.is_empty()).ok_or(FaceError::Malformed)?.to_owned();
                if let Some(connection) = &self.connection {
                    self.page = self.page.take().or_else(|| origin(&sdp));
                    hub.answer(id, connection, sdp, now)?;
                }
            }
            "IceCandidates" => {
                let candidate = candidate(data).ok_or(FaceError::Malformed)?;
                if let Some(connection) = &self.connection {
                    hub.candidate(id, connection, candidate, now)?;
                }
            }
            "EndCall" => self.end(hub, id, now)?,
            _ => {}
        }
        Ok(None)
    }

    pub fn say(&mut self, message: &Message) -> Said {
        if self.connection.as_ref() != Some(message.connection()) {
            return Said::Nothing;
        }
        Said::Frame(match message {
            Message::Offer { sdp, .. } => self.frame("Offer", json!(sdp)),
            Message::Answer { sdp, .. } => self.frame("Answer", json!(sdp)),
            Message::Candidate { candidate, .. } if candidate.candidate.is_empty() => return Said::Nothing,
            Message::Candidate { candidate, .. } => self.frame("IceCandidates", json!(candidate_text(candidate))),
            Message::Disconnect { .. } => {
                (self.connection, self.page) = (None, None);
                self.frame("EndCall", Value::Null)
            }
            Message::Connect { .. } => return Said::Nothing,
        })
    }

    pub fn error(&self, words: &str) -> String {
        self.frame("Error", json!(words))
    }

    fn sign_in<W: Clone>(&mut self, hub: &mut Hub<W>, id: &SessionId, name: &str) -> Result<Option<String>, FaceError> {
        if name.is_empty() || name.len() > MAX_USER_NAME_BYTES || name.chars().any(char::is_control) {
            return Err(FaceError::Refused("a user name has 1 to 64 bytes and no control characters"));
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
        Ok(self.host_begins.then(|| self.frame("StartStreaming", Value::Null)))
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

    fn frame(&self, kind: &str, data: Value) -> String {
        json!({"type": kind, "username": self.host, "target": self.name.as_deref(), "data": data}).to_string()
    }
}

/// In the words of browsers (`candidate`) and of Android (`sdp`).
fn candidate_text(candidate: &IceCandidate) -> String {
    let text = &candidate.candidate;
    let (mid, index) = (&candidate.sdp_mid, candidate.sdp_mline_index);
    json!({"candidate": text, "sdp": text, "sdpMid": mid, "sdpMLineIndex": index}).to_string()
}
