//! Why there is no WebSocket, in sentences for the person who has to put the address right: they are the text of
//! [`SignalEvent::Trouble`](crate::signaling::SignalEvent::Trouble). None names an address.

use std::io;

use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

use super::connect::MAX_MESSAGE;
use crate::signaling::failure::{cause, explain, status_text};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    #[error("signaling.url is no address of a server: {0}")]
    Address(String),
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    #[error("the signaling server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the signaling server did not answer in time: is the address right, and does a firewall let us through?")]
    TimedOut,
    #[error("what answers at signaling.url takes no WebSocket: it answered with status {}", status_text(*.0))]
    Refused(u16),
    #[error("what answers at signaling.url does not talk WebSocket: {0}")]
    NotWebSocket(String),
    #[error("the signaling server closed the connection{0}")]
    Closed(String),
    #[error("the connection to the signaling server broke: {0}")]
    Broken(String),
    #[error("the signaling server answers no ping any more")]
    Silent,
    #[error("the signaling server takes no messages any more")]
    Stuck,
    #[error("a message of the signaling server is larger than {MAX_MESSAGE} bytes")]
    TooLarge,
}

impl SocketError {
    /// While a connection is made: what is there at all?
    pub fn unreachable(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::TimedOut,
            _ => Self::Unreachable(explain(error, true)),
        }
    }

    /// While the WebSocket is opened.
    pub fn handshake(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Http(response) => Self::Refused(response.status().as_u16()),
            WebSocketError::Io(error) => Self::Unreachable(explain(&error, false)),
            WebSocketError::Url(error) => Self::Address(error.to_string()),
            other => Self::NotWebSocket(cause(&other)),
        }
    }

    /// While it is open.
    pub fn lost(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Capacity(CapacityError::MessageTooLong { .. }) => Self::TooLarge,
            WebSocketError::ConnectionClosed
            | WebSocketError::AlreadyClosed
            | WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Closed(String::new()),
            WebSocketError::Io(error) => Self::Broken(cause(&error)),
            other => Self::NotWebSocket(cause(&other)),
        }
    }

    /// Whether the server said what no server of ours says.
    pub fn is_malformed(&self) -> bool {
        matches!(self, Self::TooLarge | Self::NotWebSocket(_))
    }
}
