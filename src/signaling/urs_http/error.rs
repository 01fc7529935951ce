//! Why a request brought nothing, in sentences for the person who has to put the address right: they are the text of
//! [`SignalEvent::Trouble`](crate::signaling::SignalEvent::Trouble). None names an address.

use super::client::MAX_BODY;
use super::wire::WireError;
use crate::signaling::failure::{explain, status_text};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("signaling.url is no address of a server: {0}")]
    Address(String),
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
    #[error("the signaling server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the signaling server did not answer in time: is the address right, and does a firewall let us through?")]
    TimedOut,
    #[error("the signaling server's answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("the signaling server does not know our session")]
    SessionUnknown,
    #[error("what answers at signaling.url is not a Unity Render Streaming server: it has no {0}")]
    NoEndpoint(&'static str),
    #[error("the signaling server answered {path} with status {}", status_text(*.status))]
    Status { path: &'static str, status: u16 },
    #[error("what answers at signaling.url does not look like a Unity Render Streaming server: {0}")]
    Wire(#[from] WireError),
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::TimedOut } else { Self::Unreachable(explain(&error, error.is_connect())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_told_with_its_name() {
        let text = RequestError::Status { path: "/config", status: 502 }.to_string();
        assert!(text.contains("/config with status 502 (Bad Gateway)"), "{text}");
    }
}
