//! Both ends of the server under test: a host on the channels, and browsers.

use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rendercast::config::ServerConfig;
use rendercast::server::{Running, ServerError, serve};
use rendercast::signaling::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use rendercast::stats::snapshot::Snapshot;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub fn cid(text: &str) -> ConnectionId {
    ConnectionId(Arc::from(text))
}

pub fn candidate(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

pub fn config() -> ServerConfig {
    ServerConfig { address: "127.0.0.1:0".into(), ..ServerConfig::default() }
}

/// A test that waits for what never comes must fail rather than hang.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("nothing came")
}

pub struct Host {
    running: Running,
    events: mpsc::Receiver<SignalEvent>,
    commands: mpsc::Sender<SignalCommand>,
    pub counters: Counters,
}

impl Host {
    pub async fn start() -> Self {
        Self::start_with(config(), Counters::default()).await.unwrap()
    }

    pub async fn start_with(config: ServerConfig, counters: Counters) -> Result<Self, ServerError> {
        let (event_sender, events) = mpsc::channel(4);
        let (commands, command_receiver) = mpsc::channel(1);
        let figures = Arc::new(|| Snapshot { viewers: 5, ..Snapshot::default() });
        let running = serve(&config, event_sender, command_receiver, counters.clone(), figures).await?;
        let mut host = Self { running, events, commands, counters };
        assert!(matches!(host.next().await, SignalEvent::Ready { .. }));
        Ok(host)
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub fn link(&self) -> &str {
        &self.running.link
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub async fn next(&mut self) -> SignalEvent {
        within(self.events.recv()).await.expect("the server lives")
    }

    /// Returns when the server has dealt with the command: the channel holds one, so the second no-op is let in when the
    /// first has been taken, which is after the command.
    pub async fn say(&self, command: SignalCommand) {
        let nothing = SignalCommand::Disconnect { connection: cid("nobody") };
        for command in [command, nothing.clone(), nothing] {
            self.commands.send(command).await.expect("the server lives");
        }
    }

    pub async fn socket(&self) -> Socket {
        self.socket_at("/").await
    }

    pub async fn socket_at(&self, path: &str) -> Socket {
        tokio_tungstenite::connect_async(format!("ws://{}{path}", self.address())).await.unwrap().0
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// The next text frame.
pub async fn next_frame(socket: &mut Socket) -> Value {
    loop {
        match within(socket.next()).await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("no frame but {other:?}"),
        }
    }
}

pub async fn send(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

pub struct Reply {
    pub status: u16,
    pub body: String,
    headers: reqwest::header::HeaderMap,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Clone)]
pub struct Browser {
    client: Client,
    base: String,
    headers: Vec<(String, String)>,
}

impl Browser {
    /// Without a session.
    pub fn at(base: &str) -> Self {
        static CRYPTO: Once = Once::new();
        // reqwest wants a TLS provider even where nothing is encrypted.
        CRYPTO.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        Self { client: Client::builder().no_proxy().build().unwrap(), base: base.into(), headers: Vec::new() }
    }

    pub fn stranger(host: &Host) -> Self {
        Self::at(&host.url(""))
    }

    /// With a session of its own.
    pub async fn open(host: &Host) -> Self {
        let browser = Self::stranger(host);
        let reply = browser.send(Method::PUT, "/signaling", None).await.json();
        browser.with("session-id", reply["sessionId"].as_str().unwrap())
    }

    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut browser = self.clone();
        browser.headers.push((name.into(), value.into()));
        browser
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body.to_string())).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str, body: Value) -> Reply {
        self.send(Method::DELETE, path, Some(body.to_string())).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Reply {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, body: response.text().await.unwrap() }
    }
}
