//! What the embedded server is told. Pure.

use serde::{Deserialize, Serialize};

use super::{AnswerCalls, MAX_USER_NAME, is_user_name, out_of_range, within};
use crate::error::ConfigError;

/// How the embedded server speaks of itself in `GET /config` (Unity Render Streaming, `startupMode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalingMode {
    /// A page offers when it likes; it is told to be polite when it connects.
    #[default]
    Public,
    /// A page connects before it offers; the host offers to it if it has not done so within 0.3 s, and offers to it
    /// are marked polite.
    Private,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Whether the embedded signaling server and player page run. Default true.
    pub enabled: bool,
    /// Address and port to listen on; port 0 takes a free one. Default `127.0.0.1:8080`.
    pub address: String,
    /// What a viewer must know, at least 8 characters. Default empty: none on a loopback address, generated on any other.
    pub token: String,
    /// Default `public`, which every known player page expects.
    pub mode: SignalingMode,
    /// A file of certificates (PEM), the server's own first: with it the server speaks TLS only. Default empty: plain HTTP.
    /// Read when the server starts.
    pub certificate_file: String,
    /// The file of its private key (PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted). Goes together with `certificate_file`.
    pub private_key_file: String,
    /// Sessions at most, 1 to 10000. Default 256. A session is a browser that polls, or one WebSocket.
    pub max_sessions: u32,
    /// Sessions of one room at most, 0 to 10000. Default 0: as many as there may be at all.
    pub max_sessions_per_room: u32,
    /// TCP connections, and sessions, of one address at most, 1 to 20000; an IPv6 network of 64 bits counts as one address.
    /// Default 128. Behind a proxy everybody has the proxy's address.
    pub max_connections_per_address: u32,
    /// Longest body or WebSocket message, in bytes, 4096 to 1048576. Default 262144.
    pub max_message_bytes: u32,
    /// Messages and polls of one session in the long run, per second, 1 to 1000. Default 50. Six seconds' worth may come at
    /// once, as candidates do.
    pub max_messages_per_second: u32,
    /// The host's name in the call protocol, 1 to 128 bytes. Default `rendercast`.
    pub user_name: String,
    /// Who gets the stream that asks for it in the call protocol. Default `auto`. With `ask` a user name belongs to one page at
    /// a time.
    pub answer_calls: AnswerCalls,
    /// Whether the call protocol also connects pages with each other, by user name. Default false: the host only.
    pub forward_calls: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            address: "127.0.0.1:8080".into(),
            token: String::new(),
            mode: SignalingMode::Public,
            certificate_file: String::new(),
            private_key_file: String::new(),
            max_sessions: 256,
            max_sessions_per_room: 0,
            max_connections_per_address: 128,
            max_message_bytes: 256 * 1024,
            max_messages_per_second: 50,
            user_name: "rendercast".into(),
            answer_calls: AnswerCalls::default(),
            forward_calls: false,
        }
    }
}

impl ServerConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if self.enabled && self.address.parse::<std::net::SocketAddr>().is_err() {
            let range = "an IP address and port, like 127.0.0.1:8080";
            return Err(out_of_range("server.address", &self.address, range));
        }
        if !self.token.is_empty() && self.token.len() < 8 {
            return Err(out_of_range("server.token", "(hidden)", "at least 8 characters, or empty"));
        }
        let (certificate, key) = (&self.certificate_file, &self.private_key_file);
        if !certificate.is_empty() && key.is_empty() {
            return Err(out_of_range("server.private_key_file", key, "a file, where server.certificate_file is given"));
        }
        if certificate.is_empty() && !key.is_empty() {
            let range = "a file, where server.private_key_file is given";
            return Err(out_of_range("server.certificate_file", certificate, range));
        }
        within("server.max_sessions", self.max_sessions, 1, 10_000)?;
        within("server.max_sessions_per_room", self.max_sessions_per_room, 0, 10_000)?;
        within("server.max_connections_per_address", self.max_connections_per_address, 1, 20_000)?;
        within("server.max_message_bytes", self.max_message_bytes, 4_096, 1_048_576)?;
        within("server.max_messages_per_second", self.max_messages_per_second, 1, 1_000)?;
        if !is_user_name(&self.user_name) {
            let range = format!("1 to {MAX_USER_NAME} bytes without control characters");
            return Err(out_of_range("server.user_name", format!("{:?}", self.user_name), range));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn errors_name_the_key() {
        for (json, key) in [
            (r#"{"address":"localhost"}"#, "server.address"),
            (r#"{"token":"short"}"#, "server.token"),
            (r#"{"certificate_file":"a.pem"}"#, "server.private_key_file"),
            (r#"{"private_key_file":"a.pem"}"#, "server.certificate_file"),
            (r#"{"max_sessions":0}"#, "server.max_sessions = 0"),
            (r#"{"max_sessions":10001}"#, "1 to 10000"),
            (r#"{"max_sessions_per_room":10001}"#, "server.max_sessions_per_room"),
            (r#"{"max_connections_per_address":0}"#, "server.max_connections_per_address"),
            (r#"{"max_message_bytes":100}"#, "server.max_message_bytes"),
            (r#"{"max_messages_per_second":0}"#, "server.max_messages_per_second"),
            (r#"{"user_name":""}"#, "server.user_name"),
            (r#"{"user_name":"a\nb"}"#, "server.user_name"),
            (r#"{"max_session":1}"#, "max_sessions"),
        ] {
            let error = Config::from_json(&format!(r#"{{"server":{json}}}"#)).unwrap_err().to_string();
            assert!(error.contains(key), "{json}: {error}");
        }
        let secret = Config::from_json(r#"{"server":{"token":"short"}}"#).unwrap_err().to_string();
        assert!(!secret.contains("short"), "{secret}");
    }
}
