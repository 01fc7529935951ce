//! A client and a server under one roof, and a page that talks to the server.

use std::sync::Arc;
use std::time::Duration;

use rendercast::config::SignalingConfig;
use rendercast::signaling::client::{Timing, run_with};
use rendercast::signaling::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use serde_json::{Value, json};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::urs::Generation;
use crate::urs_server::UrsServer;

pub const NEWEST: Generation = Generation::Newest { private: false, web_socket: false };
pub const MEDIA: &str = "v=0\r\nm=video 9 x 96\r\na=recvonly\r\n";

/// Patient enough for a busy machine, quick enough for tests.
pub const TIMING: Timing = Timing {
    request: Duration::from_secs(5),
    connect: Duration::from_secs(5),
    first_retry: Duration::from_millis(10),
    last_retry: Duration::from_millis(50),
    ping: Duration::from_secs(20),
    goodbye: Duration::from_secs(5),
};

/// Ends a test that hangs. Nothing waits for this long when all is well.
pub async fn guarded(test: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(20), test).await.expect("the test hangs");
}

pub fn config(url: String) -> SignalingConfig {
    SignalingConfig { url, idle_poll_ms: 20, busy_poll_ms: 10, ..SignalingConfig::default() }
}

pub struct Client {
    pub events: Receiver<SignalEvent>,
    pub commands: Sender<SignalCommand>,
    pub counters: Counters,
    pub task: JoinHandle<()>,
}

impl Client {
    pub fn start(config: SignalingConfig, timing: Timing) -> Self {
        Self::start_with_room(config, timing, 64)
    }

    pub fn start_with_room(config: SignalingConfig, timing: Timing, room: usize) -> Self {
        let (to_us, events) = channel(room);
        let (commands, from_us) = channel(64);
        let counters = Counters::default();
        let task = tokio::spawn(run_with(config, timing, to_us, from_us, counters.clone()));
        Self { events, commands, counters, task }
    }

    pub async fn next(&mut self) -> SignalEvent {
        self.events.recv().await.expect("the client has ended")
    }

    pub async fn ready(&mut self) -> String {
        match self.next().await {
            SignalEvent::Ready { description } => description,
            other => panic!("{other:?} instead of ready"),
        }
    }

    pub async fn trouble(&mut self) -> String {
        match self.next().await {
            SignalEvent::Trouble { reason } => reason,
            other => panic!("{other:?} instead of trouble"),
        }
    }

    /// Nothing has been told that was not read.
    pub fn silent(&mut self) {
        assert_eq!(self.events.try_recv(), Err(TryRecvError::Empty));
    }

    pub async fn say(&self, command: SignalCommand) {
        self.commands.send(command).await.expect("the client has ended");
    }

    pub async fn answer(&self, page: &Page, sdp: &str) {
        self.say(SignalCommand::Answer { connection: page.id(), sdp: sdp.into() }).await;
    }

    /// Takes leave and waits until that is done.
    pub async fn close(self) {
        drop(self.commands);
        self.task.await.expect("the client panicked");
    }
}

/// A page of the server, asking without a network.
pub struct Page {
    pub session: String,
    pub connection: String,
}

impl Page {
    /// The generation decides who names the connection.
    pub fn open(server: &UrsServer, name: &str) -> Self {
        let session = text(&server.ask("PUT", "/signaling", None, "", "").body, "sessionId");
        let body = json!({ "connectionId": name }).to_string();
        let reply = server.ask("PUT", "/signaling/connection", None, &session, &body);
        Self { connection: text(&reply.body, "connectionId"), session }
    }

    pub fn id(&self) -> ConnectionId {
        ConnectionId(Arc::from(self.connection.as_str()))
    }

    pub fn offer(&self, server: &UrsServer, sdp: &str) {
        self.post(server, "/signaling/offer", json!({"connectionId": self.connection, "sdp": sdp}));
    }

    pub fn answer(&self, server: &UrsServer, sdp: &str) {
        self.post(server, "/signaling/answer", json!({"connectionId": self.connection, "sdp": sdp}));
    }

    pub fn candidate(&self, server: &UrsServer, candidate: &str) {
        let body = json!({"connectionId": self.connection, "candidate": candidate, "sdpMid": "0", "sdpMLineIndex": 0});
        self.post(server, "/signaling/candidate", body);
    }

    pub fn leave(&self, server: &UrsServer) {
        server.ask("DELETE", "/signaling", None, &self.session, "");
    }

    fn post(&self, server: &UrsServer, path: &str, body: Value) {
        assert_eq!(server.ask("POST", path, None, &self.session, &body.to_string()).status, 200);
    }

    /// What one of the list endpoints says to this page.
    pub fn list(&self, server: &UrsServer, list: &str) -> Vec<Value> {
        let path = format!("/signaling/{}", list.trim_end_matches('s'));
        let reply = server.ask("GET", &path, Some("fromtime=0"), &self.session, "");
        let value: Value = serde_json::from_slice(&reply.body).expect("JSON");
        value[list].as_array().expect("a list").clone()
    }

    /// All messages of the newest servers.
    pub fn messages(&self, server: &UrsServer) -> Vec<Value> {
        let reply = server.ask("GET", "/signaling", Some("fromtime=0"), &self.session, "");
        let value: Value = serde_json::from_slice(&reply.body).expect("JSON");
        value["messages"].as_array().expect("a list").clone()
    }

    pub fn candidate_event(&self, candidate: &str) -> SignalEvent {
        SignalEvent::Candidate { connection: self.id(), candidate: ice(candidate) }
    }

    pub fn offer_event(&self, sdp: &str, polite: bool, one_stream: bool) -> SignalEvent {
        SignalEvent::Offer { connection: self.id(), sdp: sdp.into(), polite, one_stream }
    }
}

pub fn ice(candidate: &str) -> IceCandidate {
    IceCandidate { candidate: candidate.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

/// Requests of one kind that the server has seen.
pub async fn until_requests(server: &UrsServer, method: &str, path: &str, times: usize) {
    server
        .until(|inside| {
            let seen = inside.log.iter().filter(|request| request.method == method && request.path == path).count();
            (seen >= times).then_some(())
        })
        .await;
}

/// Waits for some more polls to be asked, so that what they would bring has been brought.
pub async fn after_polls(server: &UrsServer, path: &str, more: usize) {
    let before = server.lock().log.iter().filter(|request| request.method == "GET" && request.path == path).count();
    until_requests(server, "GET", path, before + more).await;
}

fn text(body: &[u8], key: &str) -> String {
    let value: Value = serde_json::from_slice(body).expect("JSON");
    value[key].as_str().expect("text").to_owned()
}
