//! The relay protocol: bare session descriptions and `{"type":"ice","ice":"<candidate as JSON text>"}`. A relay repeats
//! everything to all others; here the only other is the host, so that pages do not disturb each other. Pure.
//!
//! There is no word for the end of a connection: the host ends one by closing the socket, and a page begins anew by offering
//! from another peer connection.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FaceError, Said, origin};
use crate::server::hub::{Hub, SessionId};
use crate::server::wire::Message;
use crate::signaling::{ConnectionId, IceCandidate};

#[derive(Debug)]
pub struct Relay {
    line: String,
    host_begins: bool,
    /// The page's peer connections so far.
    count: u32,
    connection: ConnectionId,
    /// The page's present peer connection, once it has described itself.
    page: Option<Arc<str>>,
}

impl Relay {
    pub fn new(line: String, host_begins: bool) -> Self {
        let connection = name(&line, 0);
        Self { line, host_begins, count: 0, connection, page: None }
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
        bytes: &[u8],
        now: u64,
    ) -> Result<(), FaceError> {
        match parse(bytes).ok_or(FaceError::Malformed)? {
            Word::Offer(sdp) => {
                let page = origin(&sdp);
                if self.page.is_some() && self.page != page {
                    let over = std::mem::replace(&mut self.connection, name(&self.line, self.count + 1));
                    self.count += 1;
                    hub.disconnect(id, &over, now)?;
                }
                self.page = page;
                hub.offer(id, &self.connection, sdp, now)?;
            }
            Word::Answer(sdp) => {
                self.page = self.page.take().or_else(|| origin(&sdp));
                hub.answer(id, &self.connection, sdp, now)?;
            }
            Word::Candidate(candidate) => hub.candidate(id, &self.connection, candidate, now)?,
            Word::Unknown => {}
        }
        Ok(())
    }

    pub fn say(&self, message: &Message) -> Said {
        if *message.connection() != self.connection {
            return Said::Nothing;
        }
        let frame = match message {
            Message::Offer { sdp, .. } => json!({"type": "offer", "sdp": sdp}),
            Message::Answer { sdp, .. } => json!({"type": "answer", "sdp": sdp}),
            // The end of candidates: pages hand what they get to `addIceCandidate`, and not every browser takes an empty one.
            Message::Candidate { candidate, .. } if candidate.candidate.is_empty() => return Said::Nothing,
            Message::Candidate { candidate, .. } => {
                let ice = json!({
                    "candidate": candidate.candidate, "sdpMid": candidate.sdp_mid,
                    "sdpMLineIndex": candidate.sdp_mline_index,
                });
                json!({"type": "ice", "ice": ice.to_string()})
            }
            Message::Disconnect { .. } => return Said::Close("the host has ended the connection"),
            Message::Connect { .. } => return Said::Nothing,
        };
        Said::Frame(frame.to_string())
    }
}

fn name(line: &str, count: u32) -> ConnectionId {
    ConnectionId(format!("relay-{line}-{count}").into())
}

#[derive(Debug, PartialEq)]
enum Word {
    Offer(String),
    Answer(String),
    Candidate(IceCandidate),
    /// Whatever else pages say to each other.
    Unknown,
}

fn parse(bytes: &[u8]) -> Option<Word> {
    let Ok(Value::Object(message)) = serde_json::from_slice(bytes) else { return None };
    let sdp = || message.get("sdp").and_then(Value::as_str).filter(|sdp| !sdp.is_empty()).map(str::to_owned);
    match message.get("type").and_then(Value::as_str) {
        Some("offer") => sdp().map(Word::Offer),
        Some("answer") => sdp().map(Word::Answer),
        Some("ice") => message.get("ice").and_then(candidate).map(Word::Candidate),
        _ => Some(Word::Unknown),
    }
}

/// A candidate as JSON text or as it is; `null` ends them, as in the event that pages take it from. Android names the text
/// `sdp`.
pub(super) fn candidate(ice: &Value) -> Option<IceCandidate> {
    let parsed;
    let ice = match ice {
        Value::String(text) => {
            parsed = serde_json::from_str(text).ok()?;
            &parsed
        }
        other => other,
    };
    match ice {
        Value::Null => Some(IceCandidate { candidate: String::new(), sdp_mid: None, sdp_mline_index: None }),
        Value::Object(ice) => {
            let text = |key: &str| ice.get(key).and_then(Value::as_str).map(str::to_owned);
            let index = ice.get("sdpMLineIndex").and_then(Value::as_u64);
            Some(IceCandidate {
                candidate: text("candidate").or_else(|| text("sdp"))?,
                sdp_mid: text("sdpMid"),
                sdp_mline_index: index.and_then(|index| u16::try_from(index).ok()),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relayed_message_is_understood_with_the_empty_fields_that_a_relay_adds() {
        let offer = br#"{"type":"offer","sdp":"v=0","ice":""}"#;
        assert_eq!(parse(offer), Some(Word::Offer("v=0".into())));
        let ice = br#"{"type":"ice","sdp":"","ice":"{\"candidate\":\"candidate:1\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":\"x\"}"}"#;
        let parsed =
            IceCandidate { candidate: "candidate:1".into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
        assert_eq!(parse(ice), Some(Word::Candidate(parsed)));
        assert_eq!(parse(br#"{"type":"chat","text":"hello"}"#), Some(Word::Unknown));
        for bad in [
            "",
            "[]",
            "hello",
            r#"{"type":"offer"}"#,
            r#"{"type":"answer","sdp":""}"#,
            r#"{"type":"ice"}"#,
            r#"{"type":"ice","ice":"{"}"#,
            r#"{"type":"ice","ice":"7"}"#,
            r#"{"type":"ice","ice":"{}"}"#,
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
