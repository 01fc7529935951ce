//! The frames of Unity Render Streaming over a WebSocket, every generation. Total on any text.

use serde_json::{Value, json};

use crate::signaling::dialect::Malformed;
use crate::signaling::urs::message::{self, Message, candidate_body, connection_body, description_body};
use crate::signaling::{ConnectionId, SignalCommand};

/// Longest text of an error that is kept.
const MAX_ERROR: usize = 256;

/// A frame of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// We are in. Generation 3 says `peerExists` in place of `polite`, generation 2 neither.
    Connect {
        connection: ConnectionId,
        polite: bool,
    },
    Message(Message),
    Error(String),
    /// Of a type that is newer than this client.
    Unknown,
}

/// Reads a frame. The server names the connection as `from`, or at the top where it speaks for itself, or in `data`, as
/// pages do: older servers pass on what they get.
pub fn parse(text: &str) -> Result<Frame, Malformed> {
    let frame: Value = serde_json::from_str(text).map_err(|_| Malformed("no JSON".into()))?;
    let kind = frame.get("type").and_then(Value::as_str).ok_or_else(|| Malformed("no type".into()))?;
    let data = frame.get("data").unwrap_or(&Value::Null);
    let connection = || {
        let named = [frame.get("connectionId"), frame.get("from"), data.get("connectionId")];
        // An empty one names nothing.
        message::connection(named.into_iter().flatten().find(|id| id.as_str() != Some("")))
    };
    let read = match kind {
        "connect" => {
            let polite = frame.get("polite").or_else(|| frame.get("peerExists")).and_then(Value::as_bool);
            connection().map(|connection| Frame::Connect { connection, polite: polite.unwrap_or(true) })
        }
        "offer" => message::offer(connection(), data).map(Frame::Message),
        "answer" => message::answer(connection(), data).map(Frame::Message),
        "candidate" => message::candidate(connection(), data).map(Frame::Message),
        "disconnect" => connection().map(|connection| Frame::Message(Message::Disconnect { connection })),
        "error" => {
            let text = frame.get("message").and_then(Value::as_str).unwrap_or("an error");
            Some(Frame::Error(text.chars().take(MAX_ERROR).collect()))
        }
        _ => Some(Frame::Unknown),
    };
    read.ok_or_else(|| Malformed("a part is missing or too long".into()))
}

/// Asks for a place in a connection.
pub fn connect(connection: &ConnectionId) -> String {
    json!({"type": "connect", "connectionId": &*connection.0}).to_string()
}

/// What we say in a connection. The newest servers read `data.connectionId`, and of a disconnect the name at the top;
/// generation 2 passes on `from` and `data`.
pub fn command(command: &SignalCommand) -> String {
    let (kind, data) = match command {
        SignalCommand::Offer { connection, sdp } => ("offer", description_body(connection, sdp)),
        SignalCommand::Answer { connection, sdp } => ("answer", description_body(connection, sdp)),
        SignalCommand::Candidate { connection, candidate } => ("candidate", candidate_body(connection, candidate)),
        SignalCommand::Disconnect { connection } => ("disconnect", connection_body(connection)),
        // The memory lets none pass, and no server knows the type.
        SignalCommand::Call { .. } => ("call", Value::Null),
    };
    let id = &*command.connection().0;
    let mut frame = json!({"from": id, "to": "", "type": kind, "data": data});
    match command {
        SignalCommand::Offer { .. } | SignalCommand::Answer { .. } => frame["data"]["type"] = kind.into(),
        SignalCommand::Disconnect { .. } => frame["connectionId"] = id.into(),
        SignalCommand::Candidate { .. } | SignalCommand::Call { .. } => {}
    }
    frame.to_string()
}
