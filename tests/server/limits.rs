//! What one visitor may use of the server, and what becomes of the others meanwhile.

use futures_util::{SinkExt, StreamExt};
use rendercast::config::ServerConfig;
use rendercast::signaling::SignalEvent;
use rendercast::stats::Counters;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::host::{Browser, Host, Socket, config, next_frame, send, within};

async fn host(config: ServerConfig) -> Host {
    Host::start_with(config, Counters::default()).await.unwrap()
}

async fn close_code(socket: &mut Socket) -> CloseCode {
    loop {
        match within(socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code,
            Some(Ok(_)) => {}
            other => panic!("no goodbye but {other:?}"),
        }
    }
}

#[tokio::test]
async fn limits_are_answered_in_words() {
    let host = host(ServerConfig { max_sessions: 3, ..config() }).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(Browser::open(&host).await);
    }
    let full = Browser::stranger(&host).send(Method::PUT, "/signaling", None).await;
    assert_eq!(full.status, 503);
    for path in ["/", "/relay", "/call"] {
        let mut socket = host.socket_at(path).await;
        let error = next_frame(&mut socket).await.to_string();
        assert!(error.to_lowercase().contains("error") && error.contains("3 viewers"), "{path}: {error}");
        assert_eq!(close_code(&mut socket).await, CloseCode::Again);
    }
    for i in 0..8 {
        let reply = browsers[0].put("/signaling/connection", json!({"connectionId": i.to_string()})).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(browsers[0].put("/signaling/connection", json!({"connectionId": "one more"})).await.status, 429);
    assert_eq!(host.counters.signaling_messages_malformed.get(), 5);
    browsers[1].delete("/signaling", Value::Null).await;
    Browser::open(&host).await;
}

#[tokio::test]
async fn among_many_connections_one_ends_with_its_answer_and_a_web_socket_stays() {
    let host = host(ServerConfig { max_connections_per_address: 500, ..config() }).await;
    let connection = async || Browser::stranger(&host).get("/config").await.header("connection").to_owned();
    assert_eq!(connection().await, "");
    let mut idle = Vec::new();
    for _ in 0..128 {
        idle.push(tokio::net::TcpStream::connect(host.address()).await.unwrap());
    }
    assert_eq!(connection().await, "close");
    let mut socket = host.socket().await;
    send(&mut socket, json!({"type": "connect", "connectionId": "c"})).await;
    assert_eq!(next_frame(&mut socket).await["type"], "connect");
    drop(idle);
    within(async { while connection().await == "close" {} }).await;
}

#[tokio::test]
async fn rooms_and_addresses_have_limits_of_their_own() {
    let host = host(ServerConfig { max_sessions_per_room: 1, max_connections_per_address: 4, ..config() }).await;
    let blue = host.socket_at("/room/blue/").await;
    let mut second = host.socket_at("/relay/blue").await;
    assert!(next_frame(&mut second).await["message"].as_str().unwrap().contains("room"));
    let _red = host.socket_at("/room/red/").await;
    let _none = host.socket_at("/").await;
    drop((blue, second));
    // The place is free as soon as the server has seen the end.
    let again = async {
        loop {
            let mut socket = host.socket_at("/room/blue/").await;
            send(&mut socket, json!({"type": "connect", "connectionId": "1"})).await;
            if next_frame(&mut socket).await["type"] == "connect" {
                return;
            }
        }
    };
    within(again).await;
}

#[tokio::test]
async fn a_flood_is_refused_counted_and_cut_off_and_others_are_served() {
    let mut host = host(ServerConfig { max_messages_per_second: 1, ..config() }).await;
    let calm = Browser::open(&host).await;
    let browser = Browser::open(&host).await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(browser.get("/signaling?fromtime=0").await.status);
    }
    assert_eq!(statuses[..6], [200; 6]);
    assert!(statuses.contains(&429), "{statuses:?}");
    for path in ["/", "/relay", "/call"] {
        let mut socket = host.socket_at(path).await;
        let flood = async {
            while socket.feed(Message::text("{}")).await.is_ok() && socket.flush().await.is_ok() {
                if host.counters.signaling_messages_malformed.get() > 100_000 {
                    panic!("nobody stops it");
                }
            }
        };
        within(flood).await;
    }
    assert!(host.counters.signaling_messages_malformed.get() >= 1_500);
    calm.post("/signaling/offer", json!({"connectionId": "c", "sdp": "offer"})).await;
    assert!(matches!(host.next().await, SignalEvent::Offer { .. }));
}

#[tokio::test]
async fn a_socket_that_sends_too_fast_is_told_once_and_why() {
    let host = host(ServerConfig { max_messages_per_second: 1, ..config() }).await;
    let mut socket = host.socket().await;
    for _ in 0..200 {
        socket.feed(Message::text("{}")).await.unwrap();
    }
    socket.flush().await.unwrap();
    let error = next_frame(&mut socket).await;
    assert!(error["message"].as_str().unwrap().contains("1 messages a second"), "{error}");
}

#[tokio::test]
async fn the_longest_message_is_the_configured_one_on_every_protocol() {
    let host = host(ServerConfig { max_message_bytes: 4_096, ..config() }).await;
    let browser = Browser::open(&host).await;
    let of = |length: usize| json!({"connectionId": "c", "sdp": "x".repeat(length)});
    assert_eq!(browser.post("/signaling/offer", of(4_000)).await.status, 200);
    assert_eq!(browser.post("/signaling/offer", of(4_096)).await.status, 413);
    for path in ["/", "/relay", "/call"] {
        let mut socket = host.socket_at(path).await;
        let _ = socket.send(Message::text("x".repeat(4_097))).await;
        assert_eq!(close_code(&mut socket).await, CloseCode::Size, "{path}");
    }
    assert_eq!(host.counters.signaling_messages_malformed.get(), 4);
}
