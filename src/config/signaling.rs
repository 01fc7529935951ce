//! How viewers are met through somebody else's signaling server.

use serde::{Deserialize, Serialize};

use super::calls::{AnswerCalls, OfferTurn};
use super::{out_of_range, within};
use crate::error::ConfigError;

/// Longest name of a connection, in bytes.
const MAX_CONNECTION_ID: usize = 256;

/// Which protocol the signaling server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalingProtocol {
    /// Unity Render Streaming: over a WebSocket at `ws:` and `wss:`; at `http:` and `https:` as the server says that its pages
    /// do, asked anew after every loss.
    #[default]
    Auto,
    /// Unity Render Streaming over HTTP, whatever its pages talk.
    UrsHttp,
    /// Unity Render Streaming over a WebSocket.
    UrsWebsocket,
    /// A WebSocket whose server repeats every message to all others.
    Relay,
    /// A WebSocket with `{desc}` and `{candidate}`.
    Description,
    /// A WebSocket with user names that call each other.
    Call,
}

impl SignalingProtocol {
    pub const ALL: [Self; 6] =
        [Self::Auto, Self::UrsHttp, Self::UrsWebsocket, Self::Relay, Self::Description, Self::Call];

    /// As configurations say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::UrsHttp => "urs-http",
            Self::UrsWebsocket => "urs-websocket",
            Self::Relay => "relay",
            Self::Description => "description",
            Self::Call => "call",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignalingConfig {
    /// `http://`, `https://`, `ws://` or `wss://` address of a signaling server. Default empty: none.
    pub url: String,
    /// Default `auto`.
    pub protocol: SignalingProtocol,
    /// The connection that both sides name in the private mode of Unity Render Streaming, at most 256 bytes. Default empty:
    /// public mode.
    pub connection_id: String,
    /// Longest time between polls while nothing happens, in ms, 100 to 8000. Default 500. HTTP only.
    pub idle_poll_ms: u32,
    /// Time between polls while something is being negotiated, in ms, 10 to 5000. Default 250. HTTP only.
    pub busy_poll_ms: u32,
    /// Do not check the server's TLS certificate. Default false.
    pub accept_invalid_certificates: bool,
    /// Who makes the first offer (relay, description). Default `wait`.
    pub offer: OfferTurn,
    /// Whether our offer yields at once when both sides offer (relay, description, call). Default false: the page's does.
    pub polite: bool,
    /// Our name (call), 1 to 128 bytes. Default `rendercast`.
    pub user_name: String,
    /// Who gets the stream that asks for it (call). Default `auto`.
    pub answer_calls: AnswerCalls,
    /// Candidates are told one by one, as they are found. Default true. With false each description waits until all are in it,
    /// at most 1 s, for protocols that carry one description each way. The embedded server and the host's own signaling too.
    pub trickle: bool,
}

impl Default for SignalingConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            protocol: SignalingProtocol::Auto,
            connection_id: String::new(),
            idle_poll_ms: 500,
            busy_poll_ms: 250,
            accept_invalid_certificates: false,
            offer: OfferTurn::default(),
            polite: false,
            user_name: "rendercast".into(),
            answer_calls: AnswerCalls::default(),
            trickle: true,
        }
    }
}

impl SignalingConfig {
    /// Whether it begins with HTTP; where the protocol is `auto`, the server may say then that it wants a WebSocket.
    pub fn speaks_http(&self) -> bool {
        match self.protocol {
            SignalingProtocol::UrsHttp => true,
            SignalingProtocol::Auto => self.url.starts_with("http"),
            _ => false,
        }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        within("signaling.idle_poll_ms", self.idle_poll_ms, 100, 8_000)?;
        within("signaling.busy_poll_ms", self.busy_poll_ms, 10, 5_000)?;
        let bytes = u32::try_from(self.connection_id.len()).unwrap_or(u32::MAX);
        within("bytes of signaling.connection_id", bytes, 0, MAX_CONNECTION_ID as u32)?;
        self.validate_calls()?;
        let schemes: &[&str] = match self.protocol {
            SignalingProtocol::UrsHttp => &["http://", "https://"],
            _ => &["http://", "https://", "ws://", "wss://"],
        };
        if !self.url.is_empty() && !schemes.iter().any(|scheme| self.url.starts_with(scheme)) {
            let (protocol, schemes) = (self.protocol.name(), schemes.join("..., "));
            let range = format!("{schemes}... where signaling.protocol = {protocol}");
            return Err(out_of_range("signaling.url", &self.url, range));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(json: &str) -> Result<SignalingConfig, String> {
        let read = Config::from_json(&format!(r#"{{"signaling":{json}}}"#));
        read.map(|config| config.signaling).map_err(|error| error.to_string())
    }

    #[test]
    fn protocols_are_read_by_the_names_that_errors_use() {
        for protocol in SignalingProtocol::ALL {
            let json = format!(r#"{{"url":"http://h","protocol":"{}"}}"#, protocol.name());
            assert_eq!(read(&json).unwrap().protocol, protocol);
        }
        let error = read(r#"{"protocol":"whip"}"#).unwrap_err();
        assert!(error.contains("urs-websocket") && error.contains("whip"), "{error}");
    }

    #[test]
    fn errors_name_the_key_and_the_range() {
        let error = read(r#"{"url":"ftp://h"}"#).unwrap_err();
        assert!(
            error.starts_with("signaling.url = ftp://h is outside http://..., https://..., ws://..., wss://..."),
            "{error}"
        );
        let error = read(r#"{"url":"ws://h","protocol":"urs-http"}"#).unwrap_err();
        assert!(error.contains("signaling.url") && error.contains("signaling.protocol = urs-http"), "{error}");
        let error = read(&format!(r#"{{"connection_id":"{}"}}"#, "x".repeat(257))).unwrap_err();
        assert_eq!(error, "bytes of signaling.connection_id = 257 is outside 0 to 256");
        assert!(read(r#"{"busy_poll_ms":9}"#).unwrap_err().contains("signaling.busy_poll_ms"));
    }

    #[test]
    fn address_says_whether_http_comes_first() {
        for (json, expected) in [
            (r#"{"url":"https://h"}"#, true),
            (r#"{"url":"wss://h"}"#, false),
            (r#"{"url":"http://h","protocol":"urs-http"}"#, true),
            (r#"{"url":"http://h","protocol":"urs-websocket"}"#, false),
            (r#"{"url":"http://h","protocol":"relay"}"#, false),
        ] {
            assert_eq!(read(json).unwrap().speaks_http(), expected, "{json}");
        }
    }
}
