//! JSON of the Unity Render Streaming protocol, generation 5d, both ways: HTTP bodies and WebSocket frames. Total: any
//! bytes give a value or [`Malformed`].

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::signaling::{ConnectionId, IceCandidate};

/// Longest connection id of a page's, in bytes: what [`ConnectionId`] may have, less the longest room's prefix.
pub const MAX_ID_BYTES: usize = 216;
/// How the host's name of a connection in a room begins. No page may choose an id that begins so.
pub const ROOM_PREFIX: &str = "/room/";

/// What the hub has for a browser. `datetime` is in ms of the hub's clock.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Connect { connection: ConnectionId, polite: bool, datetime: u64 },
    Offer { connection: ConnectionId, sdp: String, polite: bool, datetime: u64 },
    Answer { connection: ConnectionId, sdp: String, datetime: u64 },
    Candidate { connection: ConnectionId, candidate: IceCandidate, datetime: u64 },
    Disconnect { connection: ConnectionId, datetime: u64 },
}

impl Message {
    pub fn connection(&self) -> &ConnectionId {
        match self {
            Self::Connect { connection, .. }
            | Self::Offer { connection, .. }
            | Self::Answer { connection, .. }
            | Self::Candidate { connection, .. }
            | Self::Disconnect { connection, .. } => connection,
        }
    }

    pub fn connection_mut(&mut self) -> &mut ConnectionId {
        match self {
            Self::Connect { connection, .. }
            | Self::Offer { connection, .. }
            | Self::Answer { connection, .. }
            | Self::Candidate { connection, .. }
            | Self::Disconnect { connection, .. } => connection,
        }
    }

    pub fn datetime(&self) -> u64 {
        match self {
            Self::Connect { datetime, .. }
            | Self::Offer { datetime, .. }
            | Self::Answer { datetime, .. }
            | Self::Candidate { datetime, .. }
            | Self::Disconnect { datetime, .. } => *datetime,
        }
    }

    /// An item of `messages`, `offers`, ... over HTTP.
    pub fn to_http(&self) -> Value {
        let id = self.connection().0.as_ref();
        match self {
            Self::Connect { datetime, .. } => json!({"connectionId": id, "type": "connect", "datetime": datetime}),
            Self::Offer { sdp, polite, datetime, .. } => {
                json!({"connectionId": id, "sdp": sdp, "polite": polite, "type": "offer", "datetime": datetime})
            }
            Self::Answer { sdp, datetime, .. } => {
                json!({"connectionId": id, "sdp": sdp, "type": "answer", "datetime": datetime})
            }
            Self::Candidate { candidate, datetime, .. } => json!({
                "connectionId": id, "candidate": candidate.candidate, "sdpMLineIndex": candidate.sdp_mline_index,
                "sdpMid": candidate.sdp_mid, "type": "candidate", "datetime": datetime,
            }),
            Self::Disconnect { datetime, .. } => {
                json!({"connectionId": id, "type": "disconnect", "datetime": datetime})
            }
        }
    }

    /// A WebSocket text frame.
    pub fn to_frame(&self) -> String {
        let id = self.connection().0.as_ref();
        match self {
            Self::Connect { polite, .. } => json!({"type": "connect", "connectionId": id, "polite": polite}),
            Self::Offer { sdp, polite, datetime, .. } => {
                relayed(id, "offer", json!({"sdp": sdp, "datetime": datetime, "polite": polite}))
            }
            Self::Answer { sdp, datetime, .. } => relayed(id, "answer", json!({"sdp": sdp, "datetime": datetime})),
            Self::Candidate { candidate, datetime, .. } => relayed(
                id,
                "candidate",
                json!({
                    "candidate": candidate.candidate, "sdpMLineIndex": candidate.sdp_mline_index,
                    "sdpMid": candidate.sdp_mid, "datetime": datetime,
                }),
            ),
            Self::Disconnect { .. } => json!({"type": "disconnect", "connectionId": id}),
        }
        .to_string()
    }
}

fn relayed(from: &str, kind: &str, data: Value) -> Value {
    json!({"from": from, "to": "", "type": kind, "data": data})
}

/// The frame that tells a browser why a request of its own was refused.
pub fn error_frame(message: &str) -> String {
    json!({"type": "error", "message": message}).to_string()
}

/// Bytes that are no request of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the body is not a JSON object")]
    NotJson,
    #[error("connectionId is missing, longer than {MAX_ID_BYTES} bytes, or begins with {ROOM_PREFIX}")]
    ConnectionId,
    #[error("{0} is missing")]
    Missing(&'static str),
}

/// What a browser asks for over a WebSocket.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Connect(ConnectionId),
    Disconnect(ConnectionId),
    Offer(ConnectionId, String),
    Answer(ConnectionId, String),
    Candidate(ConnectionId, IceCandidate),
    /// A type that this generation does not know: ignored, as its server does.
    Unknown,
}

/// Reads a WebSocket frame. Only `type`, the top-level `connectionId` and `data` are looked at.
pub fn parse_frame(bytes: &[u8]) -> Result<Request, Malformed> {
    let frame = Body::parse(bytes)?;
    let data = || match frame.0.get("data") {
        Some(Value::Object(data)) => Ok(Body(data.clone())),
        _ => Err(Malformed::Missing("data")),
    };
    Ok(match frame.0.get("type").and_then(Value::as_str) {
        Some("connect") => Request::Connect(frame.connection()?),
        Some("disconnect") => Request::Disconnect(frame.connection()?),
        Some("offer") => data().and_then(|d| Ok(Request::Offer(d.connection()?, d.sdp()?)))?,
        Some("answer") => data().and_then(|d| Ok(Request::Answer(d.connection()?, d.sdp()?)))?,
        Some("candidate") => data().and_then(|d| Ok(Request::Candidate(d.connection()?, d.candidate()?)))?,
        _ => Request::Unknown,
    })
}

/// The JSON object of an HTTP request, or the `data` of a frame.
#[derive(Clone, Debug, Default)]
pub struct Body(Map<String, Value>);

impl Body {
    /// An empty body counts as `{}`, as Express has it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            _ => Err(Malformed::NotJson),
        }
    }

    pub fn connection(&self) -> Result<ConnectionId, Malformed> {
        match self.0.get("connectionId").and_then(Value::as_str) {
            Some(id) if !id.is_empty() && id.len() <= MAX_ID_BYTES && !id.starts_with(ROOM_PREFIX) => {
                Ok(ConnectionId(Arc::from(id)))
            }
            _ => Err(Malformed::ConnectionId),
        }
    }

    pub fn sdp(&self) -> Result<String, Malformed> {
        self.text("sdp").ok_or(Malformed::Missing("sdp"))
    }

    /// A missing or null `sdpMid` or `sdpMLineIndex` is legal (W3C `RTCIceCandidateInit`).
    pub fn candidate(&self) -> Result<IceCandidate, Malformed> {
        let index = self.0.get("sdpMLineIndex").and_then(Value::as_u64);
        Ok(IceCandidate {
            candidate: self.text("candidate").ok_or(Malformed::Missing("candidate"))?,
            sdp_mid: self.text("sdpMid"),
            sdp_mline_index: index.and_then(|i| u16::try_from(i).ok()),
        })
    }

    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).and_then(Value::as_str).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(text: &str) -> ConnectionId {
        ConnectionId(Arc::from(text))
    }

    #[test]
    fn frames_of_the_recorded_page_are_understood() {
        let offer = br#"{"type":"offer","from":"conn-A","data":{"sdp":"v=0 offer","connectionId":"conn-A"}}"#;
        assert_eq!(parse_frame(offer), Ok(Request::Offer(id("conn-A"), "v=0 offer".into())));
        let candidate = br#"{"type":"candidate","from":"x","data":{"candidate":"candidate:1 1 udp 1 127.0.0.1 1 typ host","sdpMLineIndex":0,"sdpMid":"0","connectionId":"conn-A"}}"#;
        let Ok(Request::Candidate(connection, candidate)) = parse_frame(candidate) else { panic!() };
        assert_eq!(connection, id("conn-A"), "data.connectionId counts, not from");
        assert_eq!((candidate.sdp_mid.as_deref(), candidate.sdp_mline_index), (Some("0"), Some(0)));
        assert_eq!(parse_frame(br#"{"type":"bogus"}"#), Ok(Request::Unknown));
    }

    #[test]
    fn what_lacks_a_part_says_which() {
        assert_eq!(parse_frame(b"hello"), Err(Malformed::NotJson));
        assert_eq!(parse_frame(b"[1]"), Err(Malformed::NotJson));
        assert_eq!(parse_frame(br#"{"type":"connect"}"#), Err(Malformed::ConnectionId));
        assert_eq!(parse_frame(br#"{"type":"offer","connectionId":"a"}"#), Err(Malformed::Missing("data")));
        let no_sdp = br#"{"type":"offer","data":{"connectionId":"a"}}"#;
        assert_eq!(parse_frame(no_sdp), Err(Malformed::Missing("sdp")));
        let long = format!(r#"{{"type":"connect","connectionId":"{}"}}"#, "x".repeat(MAX_ID_BYTES + 1));
        assert_eq!(parse_frame(long.as_bytes()), Err(Malformed::ConnectionId));
        let in_a_room = br#"{"type":"connect","connectionId":"/room/blue/1"}"#;
        assert_eq!(parse_frame(in_a_room), Err(Malformed::ConnectionId), "a page cannot say that it is in a room");
    }

    #[test]
    fn items_and_frames_have_the_recorded_keys_in_the_recorded_places() {
        let candidate = IceCandidate { candidate: "c".into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
        let message = Message::Candidate { connection: id("a"), candidate, datetime: 7 };
        let item =
            json!({"connectionId":"a","candidate":"c","sdpMLineIndex":0,"sdpMid":"0","type":"candidate","datetime":7});
        assert_eq!(message.to_http(), item);
        let frame: Value = serde_json::from_str(&message.to_frame()).unwrap();
        let data = json!({"candidate":"c","sdpMLineIndex":0,"sdpMid":"0","datetime":7});
        assert_eq!(frame, json!({"from":"a","to":"","type":"candidate","data":data}));
    }

    proptest! {
        #[test]
        fn no_bytes_upset_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_frame(&bytes);
            let _ = Body::parse(&bytes).map(|b| (b.connection(), b.sdp(), b.candidate()));
        }
    }
}
