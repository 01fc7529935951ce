//! The messages of Unity Render Streaming's signaling, and the JSON that is the same over HTTP and WebSocket. Total on any
//! input: what cannot be understood, or is over a limit, is `None`.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::signaling::candidates::MAX_CANDIDATE_LENGTH;
use crate::signaling::{ConnectionId, IceCandidate};

/// Longest connection id, in bytes.
pub const MAX_CONNECTION_ID: usize = 256;
/// Longest description, in bytes. Browsers' are below 20 KiB.
pub const MAX_SDP: usize = 256 * 1024;

/// Which protocol the server speaks; numbers as in the project's signaling notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// 0.1 to 1.2: neither `/protocol` nor `/config`.
    First,
    /// 2.x: `/protocol`.
    Second,
    /// 3.0 to 3.1.0-exp.3: `/config`, one endpoint for each kind of message.
    Third,
    /// From 3.1.0-exp.4: `GET /signaling` returns every kind.
    Newest,
}

impl Generation {
    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "generation 1",
            Self::Second => "generation 2",
            Self::Third => "generation 3",
            Self::Newest => "newest generation",
        }
    }

    /// Whether one `GET /signaling` returns every kind of message.
    pub const fn is_combined(self) -> bool {
        matches!(self, Self::Newest)
    }

    /// Pages that show only `event.streams[0]`.
    pub const fn pages_want_one_stream(self) -> bool {
        matches!(self, Self::First | Self::Second)
    }
}

/// One message for us.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `polite` is missing before generation 4.
    Offer {
        connection: ConnectionId,
        sdp: String,
        polite: Option<bool>,
    },
    Answer {
        connection: ConnectionId,
        sdp: String,
    },
    Candidate {
        connection: ConnectionId,
        candidate: IceCandidate,
    },
    Disconnect {
        connection: ConnectionId,
    },
}

/// Reads a connection id: 1 to 256 bytes of text.
pub fn connection(id: Option<&Value>) -> Option<ConnectionId> {
    let id = id?.as_str()?;
    (!id.is_empty() && id.len() <= MAX_CONNECTION_ID).then(|| ConnectionId(Arc::from(id)))
}

/// Reads `{sdp[, polite]}`.
pub fn offer(connection: Option<ConnectionId>, body: &Value) -> Option<Message> {
    let polite = body.get("polite").and_then(Value::as_bool);
    Some(Message::Offer { connection: connection?, sdp: sdp(body)?, polite })
}

/// Reads `{sdp}`.
pub fn answer(connection: Option<ConnectionId>, body: &Value) -> Option<Message> {
    Some(Message::Answer { connection: connection?, sdp: sdp(body)? })
}

/// Reads `{candidate, sdpMid, sdpMLineIndex}`.
pub fn candidate(connection: Option<ConnectionId>, body: &Value) -> Option<Message> {
    let candidate = body.get("candidate")?.as_str().filter(|text| text.len() <= MAX_CANDIDATE_LENGTH)?;
    let sdp_mid = match body.get("sdpMid") {
        Some(Value::String(mid)) if mid.len() <= MAX_CONNECTION_ID => Some(mid.clone()),
        Some(Value::Number(mid)) => Some(mid.to_string()),
        _ => None,
    };
    let index = body.get("sdpMLineIndex").and_then(whole_number).and_then(|index| u16::try_from(index).ok());
    let candidate = IceCandidate { candidate: candidate.to_owned(), sdp_mid, sdp_mline_index: index };
    Some(Message::Candidate { connection: connection?, candidate })
}

fn sdp(body: &Value) -> Option<String> {
    body.get("sdp")?.as_str().filter(|sdp| sdp.len() <= MAX_SDP).map(str::to_owned)
}

/// A whole number, written as a number or as text.
pub fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Writes a description, the same in every generation.
pub fn description_body(connection: &ConnectionId, sdp: &str) -> Value {
    json!({ "connectionId": &*connection.0, "sdp": sdp })
}

/// Writes a candidate. Index 0 where there is none: the seed's page refuses null for both.
pub fn candidate_body(connection: &ConnectionId, candidate: &IceCandidate) -> Value {
    let index = match (candidate.sdp_mline_index, &candidate.sdp_mid) {
        (None, None) => Some(0),
        (index, _) => index,
    };
    json!({
        "connectionId": &*connection.0,
        "candidate": candidate.candidate,
        "sdpMid": candidate.sdp_mid,
        "sdpMLineIndex": index,
    })
}

/// Writes what only names a connection.
pub fn connection_body(connection: &ConnectionId) -> Value {
    json!({ "connectionId": &*connection.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posted_bodies_have_the_recorded_keys() {
        let connection = ConnectionId(Arc::from("c"));
        let candidate =
            IceCandidate { candidate: "candidate:2".into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
        assert_eq!(
            candidate_body(&connection, &candidate),
            json!({"connectionId":"c","candidate":"candidate:2","sdpMid":"0","sdpMLineIndex":0})
        );
        assert_eq!(description_body(&connection, "v=0\r\n"), json!({"connectionId":"c","sdp":"v=0\r\n"}));
    }

    #[test]
    fn what_is_over_a_limit_is_nothing() {
        let long = |n: usize| json!("x".repeat(n));
        assert!(connection(Some(&long(MAX_CONNECTION_ID))).is_some());
        assert_eq!(connection(Some(&long(MAX_CONNECTION_ID + 1))), None);
        let id = || connection(Some(&json!("c")));
        assert_eq!(offer(id(), &json!({"sdp": long(MAX_SDP + 1)})), None);
        assert_eq!(candidate(id(), &json!({"candidate": long(MAX_CANDIDATE_LENGTH + 1)})), None);
    }
}
