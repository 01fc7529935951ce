//! The bytes of Unity Render Streaming's HTTP signaling, every generation: what servers answer, and what is posted.
//! Total on any input: an item that cannot be understood is counted and passed over, a body that cannot is an error.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::signaling::candidates::MAX_CANDIDATE_LENGTH;
use crate::signaling::{ConnectionId, IceCandidate};

/// Longest connection id, in bytes.
pub const MAX_CONNECTION_ID: usize = 256;
/// Longest description, in bytes. Browsers' are below 20 KiB.
pub const MAX_SDP: usize = 256 * 1024;

/// Why an answer of the server is no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("its answer is not JSON")]
    NotJson,
    #[error("its answer has no {0:?}")]
    Missing(&'static str),
}

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

/// The useful part of `GET /config` (generation 3 on) or `GET /protocol` (generation 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerConfig {
    /// The server's pages talk WebSocket, not HTTP.
    pub use_web_socket: bool,
    /// Only two sessions that name the same connection meet.
    pub is_private: bool,
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

/// What one poll brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    pub messages: Vec<Message>,
    /// Items that could not be understood or were over a limit.
    pub malformed: u64,
    /// The server's clock when it answered, in ms since 1970: the next `fromtime`.
    pub datetime: Option<u64>,
}

/// The list endpoints of generations 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Offer,
    Answer,
    Candidate,
}

impl Kind {
    pub const fn path(self) -> &'static str {
        match self {
            Self::Offer => "/signaling/offer",
            Self::Answer => "/signaling/answer",
            Self::Candidate => "/signaling/candidate",
        }
    }

    const fn list(self) -> &'static str {
        match self {
            Self::Offer => "offers",
            Self::Answer => "answers",
            Self::Candidate => "candidates",
        }
    }
}

/// Reads `{"useWebSocket", "startupMode"}`. An error when `useWebSocket` is not there: it is some other page.
pub fn parse_config(body: &[u8]) -> Result<ServerConfig, WireError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| WireError::NotJson)?;
    let use_web_socket =
        value.get("useWebSocket").and_then(Value::as_bool).ok_or(WireError::Missing("useWebSocket"))?;
    let is_private = value.get("startupMode").and_then(Value::as_str) == Some("private");
    Ok(ServerConfig { use_web_socket, is_private })
}

/// Reads `{"sessionId"}`. Only what can stand in a header is a session id.
pub fn parse_session(body: &[u8]) -> Result<String, WireError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| WireError::NotJson)?;
    let id = value.get("sessionId").and_then(Value::as_str).unwrap_or("");
    if id.is_empty() || id.len() > MAX_CONNECTION_ID || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(WireError::Missing("sessionId"));
    }
    Ok(id.to_owned())
}

/// Reads the answer of `GET /signaling`: `{"messages": [...], "datetime"}`.
pub fn parse_messages(body: &[u8]) -> Result<Batch, WireError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| WireError::NotJson)?;
    let items = value.get("messages").and_then(Value::as_array).ok_or(WireError::Missing("messages"))?;
    let mut batch = Batch { datetime: value.get("datetime").and_then(milliseconds), ..Batch::default() };
    for item in items {
        match item.get("type").and_then(Value::as_str) {
            Some("offer") => batch.take(offer(item)),
            Some("answer") => batch.take(answer(item)),
            Some("candidate") => batch.take(candidate(item, connection(item))),
            Some("disconnect") => {
                batch.take(connection(item).map(|connection| Message::Disconnect { connection }));
            }
            // "connect" comes on every poll for each connection we own; a newer server may have other types.
            Some(_) => {}
            None => batch.malformed += 1,
        }
    }
    Ok(batch)
}

/// Reads the answer of a list endpoint. Candidates come flat (generation 5) or grouped by connection (before).
pub fn parse_list(kind: Kind, body: &[u8]) -> Result<Batch, WireError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| WireError::NotJson)?;
    let items = value.get(kind.list()).and_then(Value::as_array).ok_or(WireError::Missing(kind.list()))?;
    let mut batch = Batch::default();
    for item in items {
        match kind {
            Kind::Offer => batch.take(offer(item)),
            Kind::Answer => batch.take(answer(item)),
            Kind::Candidate => match item.get("candidates").and_then(Value::as_array) {
                Some(group) => {
                    let connection = connection(item);
                    group.iter().for_each(|item| batch.take(candidate(item, connection.clone())));
                }
                None => batch.take(candidate(item, connection(item))),
            },
        }
    }
    Ok(batch)
}

impl Batch {
    fn take(&mut self, message: Option<Message>) {
        match message {
            Some(message) => self.messages.push(message),
            None => self.malformed += 1,
        }
    }
}

fn connection(item: &Value) -> Option<ConnectionId> {
    let id = item.get("connectionId")?.as_str()?;
    (!id.is_empty() && id.len() <= MAX_CONNECTION_ID).then(|| ConnectionId(Arc::from(id)))
}

fn sdp(item: &Value) -> Option<String> {
    item.get("sdp")?.as_str().filter(|sdp| sdp.len() <= MAX_SDP).map(str::to_owned)
}

fn offer(item: &Value) -> Option<Message> {
    let polite = item.get("polite").and_then(Value::as_bool);
    Some(Message::Offer { connection: connection(item)?, sdp: sdp(item)?, polite })
}

fn answer(item: &Value) -> Option<Message> {
    Some(Message::Answer { connection: connection(item)?, sdp: sdp(item)? })
}

fn candidate(item: &Value, connection: Option<ConnectionId>) -> Option<Message> {
    let candidate = item.get("candidate")?.as_str().filter(|text| text.len() <= MAX_CANDIDATE_LENGTH)?;
    let sdp_mid = match item.get("sdpMid") {
        Some(Value::String(mid)) if mid.len() <= MAX_CONNECTION_ID => Some(mid.clone()),
        Some(Value::Number(mid)) => Some(mid.to_string()),
        _ => None,
    };
    let index = item.get("sdpMLineIndex").and_then(milliseconds).and_then(|index| u16::try_from(index).ok());
    let candidate = IceCandidate { candidate: candidate.to_owned(), sdp_mid, sdp_mline_index: index };
    Some(Message::Candidate { connection: connection?, candidate })
}

/// A whole number, written as a number or as text.
fn milliseconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The body of `POST /signaling/offer` and `/signaling/answer`, the same in every generation.
pub fn description_body(connection: &ConnectionId, sdp: &str) -> String {
    json!({ "connectionId": &*connection.0, "sdp": sdp }).to_string()
}

/// The body of `POST /signaling/candidate`. Index 0 where there is none: the seed's page refuses null for both.
pub fn candidate_body(connection: &ConnectionId, candidate: &IceCandidate) -> String {
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
    .to_string()
}

/// The body of `DELETE /signaling/connection`.
pub fn connection_body(connection: &ConnectionId) -> String {
    json!({ "connectionId": &*connection.0 }).to_string()
}

/// Reads a `Date` header (RFC 9110, section 5.6.7, the IMF-fixdate form every server sends) as ms since 1970.
pub fn parse_date(header: &str) -> Option<u64> {
    let mut words = header.trim().split_once(", ")?.1.split(' ');
    let day: u64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month_name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if words.next() != Some("GMT") || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000)
}

/// Days from 1970-01-01 in the Gregorian calendar, counting years from March so that the leap day is the last one.
const fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1;
    days - 719_468
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
