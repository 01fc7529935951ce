//! Whole conversations over a WebSocket.

use std::time::Duration;

use rendercast::config::{SignalingConfig, SignalingProtocol};
use rendercast::signaling::client::Timing;
use rendercast::signaling::{ConnectionId, SignalCommand, SignalEvent};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::rig::*;
use crate::urs::Generation;
use crate::urs_server::UrsServer;
use crate::urs_ws::{Mode, UrsWs};

pub const PUBLIC: Generation = Generation::Newest { private: false, web_socket: true };
pub const PRIVATE: Generation = Generation::Newest { private: true, web_socket: true };

pub async fn server(generation: Generation) -> UrsServer {
    UrsServer::start(generation, 0, None).await.unwrap()
}

pub fn over_web_socket(server: &UrsServer) -> SignalingConfig {
    SignalingConfig { protocol: SignalingProtocol::UrsWebsocket, ..config(server.url()) }
}

/// A page with a socket of its own, without a network.
pub struct SocketPage {
    number: u64,
    heard: mpsc::Receiver<Value>,
}

impl SocketPage {
    pub fn open(server: &UrsServer) -> Self {
        let (number, heard) = server.open_page();
        Self { number, heard }
    }

    pub fn say(&self, server: &UrsServer, frame: &Value) {
        server.say_as(self.number, &frame.to_string());
    }

    pub fn connect(&self, server: &UrsServer, connection: &str) {
        self.say(server, &json!({"type": "connect", "connectionId": connection}));
    }

    pub fn offer(&self, server: &UrsServer, connection: &str, sdp: &str) {
        self.say(
            server,
            &json!({"type": "offer", "from": connection, "data": {"sdp": sdp, "connectionId": connection}}),
        );
    }

    pub fn answer(&self, server: &UrsServer, connection: &str, sdp: &str) {
        self.say(
            server,
            &json!({"type": "answer", "from": connection, "data": {"sdp": sdp, "connectionId": connection}}),
        );
    }

    pub fn leave(&self, server: &UrsServer) {
        server.close_page(self.number);
    }

    /// The next frame of this type; others before it are passed over.
    pub async fn hears(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.heard.recv().await.expect("the server is there");
            if frame["type"] == kind {
                return frame;
            }
        }
    }
}

pub fn id(text: &str) -> ConnectionId {
    ConnectionId(text.into())
}

pub fn offered(connection: &str, sdp: &str, polite: bool) -> SignalEvent {
    SignalEvent::Offer { connection: id(connection), sdp: sdp.into(), polite, one_stream: false }
}

#[test]
fn test_server_answers_as_the_newest_did() {
    for (mode, text) in [
        (Mode::Public, include_str!("../vectors/urs-ws-public-newest.txt")),
        (Mode::Private, include_str!("../vectors/urs-ws-private-newest.txt")),
    ] {
        let (mut ws, mut waiting, mut compared) = (UrsWs::new(mode), Vec::new(), 0);
        let who =
            |name: &str| ["browserA", "unity", "browserB"].iter().position(|known| *known == name).unwrap() as u64;
        for line in text.lines().filter(|line| !line.starts_with('{')) {
            let (name, rest) = line.split_once([':', ' ']).unwrap();
            let (client, rest) = (who(name), rest.trim());
            if rest == "[open]" {
                ws.open(client);
            } else if rest.starts_with("(closes") || rest.starts_with("[closed") {
                waiting.extend(ws.close(client));
            } else if let Some(frame) = rest.strip_prefix("-> ") {
                waiting.extend(ws.handle(1, client, frame).unwrap());
            } else if let Some(frame) = rest.strip_prefix("<- ") {
                let at = waiting.iter().position(|(to, _)| *to == client);
                let (_, said) = waiting.remove(at.unwrap_or_else(|| panic!("{mode:?}: nobody said {line}")));
                assert_eq!(without_time(&said), without_time(frame), "{mode:?}");
                compared += 1;
            }
        }
        assert!(compared >= 14, "{compared} frames");
        assert_eq!(waiting, []);
    }
}

fn without_time(frame: &str) -> Value {
    let mut frame: Value = serde_json::from_str(frame).unwrap();
    if let Some(datetime) = frame["data"].get_mut("datetime") {
        *datetime = Value::Null;
    }
    frame
}

/// A page of the newest generation: offers a data channel, then answers our own offer.
async fn newest_conversation(server: &UrsServer, client: &mut Client) {
    let (mut page, mut other) = (SocketPage::open(server), SocketPage::open(server));
    page.connect(server, "conn-1");
    page.offer(server, "conn-1", "m=application 9 x\r\n");
    assert_eq!(client.next().await, offered("conn-1", "m=application 9 x\r\n", false));
    client.say(SignalCommand::Answer { connection: id("conn-1"), sdp: "data answer".into() }).await;
    client.say(SignalCommand::Offer { connection: id("conn-1"), sdp: "media offer".into() }).await;
    client.say(SignalCommand::Candidate { connection: id("conn-1"), candidate: ice("candidate:ours") }).await;
    assert_eq!(page.hears("answer").await["data"]["sdp"], "data answer");
    assert_eq!(page.hears("offer").await["data"]["sdp"], "media offer");
    assert_eq!(page.hears("candidate").await["data"]["candidate"], "candidate:ours");
    assert_eq!(other.hears("offer").await["from"], "conn-1", "everybody hears it");
    page.answer(server, "conn-1", "media answer");
    assert_eq!(client.next().await, SignalEvent::Answer { connection: id("conn-1"), sdp: "media answer".into() });
    page.leave(server);
    assert_eq!(client.next().await, SignalEvent::Disconnect { connection: id("conn-1") });
    other.leave(server);
}

#[tokio::test]
async fn newest_page_and_client_meet_over_a_web_socket() {
    guarded(async {
        let server = server(PUBLIC).await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        assert_eq!(client.ready().await, "Unity Render Streaming server, WebSocket");
        newest_conversation(&server, &mut client).await;
        client.close().await;
        assert_eq!(server.lock().goodbyes, 1, "the socket is closed with a word");
    })
    .await;
}

#[tokio::test]
async fn address_of_http_finds_out_that_the_pages_talk_web_socket() {
    guarded(async {
        let server = server(PUBLIC).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert!(client.ready().await.contains("WebSocket"));
        newest_conversation(&server, &mut client).await;
        let sessions = server.lock().log.iter().filter(|request| request.method == "PUT").count();
        assert_eq!(sessions, 0, "nothing is left behind in the other world");
    })
    .await;
}

#[tokio::test]
async fn page_of_generation_2_and_client_meet() {
    guarded(async {
        let server = server(Generation::Second { web_socket: true }).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert!(client.ready().await.contains("WebSocket"));
        let mut page = SocketPage::open(&server);
        page.offer(&server, "conn-1", MEDIA);
        let expected =
            SignalEvent::Offer { connection: id("conn-1"), sdp: MEDIA.into(), polite: true, one_stream: true };
        assert_eq!(client.next().await, expected);
        client.say(SignalCommand::Answer { connection: id("conn-1"), sdp: "answer".into() }).await;
        assert_eq!(page.hears("answer").await["data"]["sdp"], "answer");
        client.silent();
    })
    .await;
}

#[tokio::test]
async fn server_of_generation_2_whose_pages_talk_http_is_polled() {
    guarded(async {
        let server = server(Generation::Second { web_socket: false }).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert_eq!(client.ready().await, "Unity Render Streaming server, generation 2");
        let page = Page::open(&server, "");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, true, true));
    })
    .await;
}

#[tokio::test]
async fn server_restarted_as_something_else_is_spoken_to_as_that() {
    guarded(async {
        let mut server = server(PUBLIC).await;
        let mut client = Client::start(config(server.url()), TIMING);
        assert!(client.ready().await.contains("WebSocket"));
        server.restart(NEWEST).await.unwrap();
        client.trouble().await;
        assert!(client.ready().await.contains("newest generation"));
        let page = Page::open(&server, "conn-1");
        page.offer(&server, MEDIA);
        assert_eq!(client.next().await, page.offer_event(MEDIA, false, false));
        page.leave(&server);
        client.next().await;
        server.restart(PUBLIC).await.unwrap();
        // Whether a poll fell into the restart is chance; if so it is told, and ended.
        server.until(|inside| (inside.clients().len() == 1).then_some(())).await;
        let page = SocketPage::open(&server);
        page.offer(&server, "conn-2", MEDIA);
        loop {
            match client.next().await {
                SignalEvent::Ready { .. } | SignalEvent::Trouble { .. } => {}
                event => break assert_eq!(event, offered("conn-2", MEDIA, false)),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn idle_socket_is_pinged_and_stays() {
    guarded(async {
        let server = server(PUBLIC).await;
        let timing = Timing { ping: Duration::from_millis(5), ..TIMING };
        let mut client = Client::start(over_web_socket(&server), timing);
        client.ready().await;
        server.until(|inside| (inside.pings >= 5).then_some(())).await;
        client.silent();
        assert_eq!(server.lock().clients().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn clean_end_tells_every_living_connection_and_says_goodbye() {
    guarded(async {
        let server = server(PUBLIC).await;
        let mut client = Client::start(over_web_socket(&server), TIMING);
        client.ready().await;
        let mut pages = Vec::new();
        for name in ["conn-1", "conn-2"] {
            let page = SocketPage::open(&server);
            page.offer(&server, name, MEDIA);
            client.next().await;
            client.say(SignalCommand::Answer { connection: id(name), sdp: "answer".into() }).await;
            pages.push(page);
        }
        client.close().await;
        for (page, name) in pages.iter_mut().zip(["conn-1", "conn-2"]) {
            assert_eq!(page.hears("disconnect").await["connectionId"], name);
        }
        let inside = server.lock();
        assert_eq!(inside.goodbyes, 1);
        let ours = inside.frames.iter().filter(|(client, _)| *client == 1).map(|(_, text)| text);
        assert!(ours.clone().all(|text| serde_json::from_str::<Value>(text).is_ok_and(|frame| frame.is_object())));
        assert_eq!(ours.filter(|text| text.contains("disconnect")).count(), 2);
    })
    .await;
}
