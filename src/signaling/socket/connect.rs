//! From an address to an open WebSocket: name, TCP, TLS, handshake.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::Url;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::error::SocketError;
use super::tls;
use crate::config::SignalingConfig;
use crate::signaling::patience::Timing;

/// Largest message taken, in bytes.
pub const MAX_MESSAGE: usize = 1024 * 1024;
/// What is read at once; messages are mostly a few kilobytes.
const READ_BUFFER: usize = 16 * 1024;

/// TCP, or TLS over it.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub type Socket = WebSocketStream<Box<dyn Stream>>;

/// Where to connect to.
#[derive(Clone, Debug)]
pub struct Target {
    url: Url,
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
}

impl Target {
    /// Takes `ws:`, `wss:`, and `http:` and `https:` for the same. Reads the system's certificates: blocks.
    pub fn new(config: &SignalingConfig) -> Result<Self, SocketError> {
        // Two letters make `ws` of `http`; changing the scheme of a parsed address is only allowed among its like.
        let text = match config.url.strip_prefix("http") {
            Some(rest) => format!("ws{rest}"),
            None => config.url.clone(),
        };
        let mut url = Url::parse(&text).map_err(|error| SocketError::Address(error.to_string()))?;
        url.set_fragment(None);
        let host = url.host_str().ok_or_else(|| SocketError::Address("no host in it".into()))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = match url.scheme() {
            "wss" => Some(tls::configure(config.accept_invalid_certificates)),
            _ => None,
        };
        let tls = tls.transpose().map_err(|error| SocketError::Tls(error.to_string()))?;
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self { url, host, port, tls })
    }
}

/// Opens a WebSocket, within `timing.request`.
pub async fn open(target: Target, timing: Timing) -> Result<Socket, SocketError> {
    timeout(timing.request, open_unlimited(&target, &timing)).await.unwrap_or(Err(SocketError::TimedOut))
}

async fn open_unlimited(target: &Target, timing: &Timing) -> Result<Socket, SocketError> {
    let tcp = reach(target, timing).await?;
    // Messages are few and wanted at once. A system that refuses is slower, no more.
    let _ = tcp.set_nodelay(true);
    let stream: Box<dyn Stream> = match &target.tls {
        None => Box::new(tcp),
        Some(config) => {
            let name = ServerName::try_from(target.host.clone());
            let name = name.map_err(|_| SocketError::Address("no server name for TLS in it".into()))?;
            let connected = TlsConnector::from(Arc::clone(config)).connect(name, tcp).await;
            Box::new(connected.map_err(|error| SocketError::unreachable(&error))?)
        }
    };
    let limits = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let opened = client_async_with_config(target.url.as_str(), stream, Some(limits)).await;
    opened.map(|(socket, _)| socket).map_err(SocketError::handshake)
}

/// The first of the host's addresses that answers.
async fn reach(target: &Target, timing: &Timing) -> Result<TcpStream, SocketError> {
    let addresses = lookup_host((target.host.as_str(), target.port)).await;
    let addresses: Vec<SocketAddr> = addresses.map_err(|error| SocketError::unreachable(&error))?.collect();
    let mut failed = SocketError::Unreachable("its name has no address".into());
    for address in addresses {
        match timeout(timing.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = SocketError::unreachable(&error),
            Err(_) => failed = SocketError::TimedOut,
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, SocketError> {
        let accept_invalid_certificates = true;
        Target::new(&SignalingConfig { url: url.into(), accept_invalid_certificates, ..SignalingConfig::default() })
    }

    #[test]
    fn addresses_of_http_stand_for_web_sockets() {
        for (url, expected, host, port, tls) in [
            ("http://h", "ws://h/", "h", 80, false),
            ("https://h/room?token=x#top", "wss://h/room?token=x", "h", 443, true),
            ("ws://[::1]:8080", "ws://[::1]:8080/", "::1", 8080, false),
            ("wss://127.0.0.1", "wss://127.0.0.1/", "127.0.0.1", 443, true),
        ] {
            let target = target(url).unwrap();
            assert_eq!((target.url.as_str(), target.host.as_str(), target.port), (expected, host, port));
            assert_eq!(target.tls.is_some(), tls, "{url}");
        }
        assert!(matches!(target("ws://"), Err(SocketError::Address(_))));
    }
}
