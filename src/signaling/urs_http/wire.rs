//! The bytes of Unity Render Streaming's HTTP signaling, every generation: what servers answer, and what is posted.
//! Total on any input: an item that cannot be understood is counted and passed over, a body that cannot is an error.

use serde_json::Value;

use crate::signaling::ConnectionId;
use crate::signaling::urs::message::{self, MAX_CONNECTION_ID, Message, connection, whole_number};

/// Why an answer of the server is no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("its answer is not JSON")]
    NotJson,
    #[error("its answer has no {0:?}")]
    Missing(&'static str),
}

/// The useful part of `GET /config` (generation 3 on) or `GET /protocol` (generation 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerConfig {
    /// The server's pages talk WebSocket, not HTTP.
    pub use_web_socket: bool,
    /// Only two sessions that name the same connection meet.
    pub is_private: bool,
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

fn id(item: &Value) -> Option<ConnectionId> {
    connection(item.get("connectionId"))
}

/// Reads the answer of `PUT /signaling/connection`, from generation 3 on: whether we are the polite side, or nothing when
/// it speaks of another connection than ours, as older servers do. Generation 3 says `peerExists` instead.
pub fn parse_connect(ours: &ConnectionId, body: &[u8]) -> Result<Option<bool>, WireError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| WireError::NotJson)?;
    let named = id(&value).ok_or(WireError::Missing("connectionId"))?;
    let polite = value.get("polite").or_else(|| value.get("peerExists")).and_then(Value::as_bool);
    Ok((named == *ours).then_some(polite.unwrap_or(true)))
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
    let mut batch = Batch { datetime: value.get("datetime").and_then(whole_number), ..Batch::default() };
    for item in items {
        match item.get("type").and_then(Value::as_str) {
            Some("offer") => batch.take(message::offer(id(item), item)),
            Some("answer") => batch.take(message::answer(id(item), item)),
            Some("candidate") => batch.take(message::candidate(id(item), item)),
            Some("disconnect") => {
                batch.take(id(item).map(|connection| Message::Disconnect { connection }));
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
            Kind::Offer => batch.take(message::offer(id(item), item)),
            Kind::Answer => batch.take(message::answer(id(item), item)),
            Kind::Candidate => match item.get("candidates").and_then(Value::as_array) {
                Some(group) => {
                    let connection = id(item);
                    group.iter().for_each(|item| batch.take(message::candidate(connection.clone(), item)));
                }
                None => batch.take(message::candidate(id(item), item)),
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
