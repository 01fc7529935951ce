//! Every protocol on the one port, over real sockets.

use futures_util::{SinkExt, StreamExt};
use rendercast::config::{AnswerCalls, ServerConfig, SignalingMode};
use rendercast::signaling::{CallAction, ConnectionId, SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use crate::host::{Browser, Host, candidate, cid, config, next_frame, send, within};

const SDP: &str = "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\n";

async fn host(config: ServerConfig) -> Host {
    Host::start_with(config, Counters::default()).await.unwrap()
}

async fn offered(host: &mut Host) -> ConnectionId {
    match host.next().await {
        SignalEvent::Offer { connection, sdp, polite: true, one_stream: true } if sdp == SDP => connection,
        other => panic!("{other:?}"),
    }
}

async fn answer(host: &Host, connection: &ConnectionId, sdp: &str) {
    host.say(SignalCommand::Answer { connection: connection.clone(), sdp: sdp.into() }).await;
}

#[tokio::test]
async fn two_relay_pages_talk_with_the_host_and_hear_nothing_of_each_other() {
    let mut host = host(config()).await;
    let (mut a, mut b) = (host.socket_at("/relay").await, host.socket_at("/relay/").await);
    send(&mut a, json!({"type": "offer", "sdp": SDP})).await;
    let of_a = offered(&mut host).await;
    send(&mut b, json!({"type": "offer", "sdp": SDP})).await;
    let of_b = offered(&mut host).await;
    assert_ne!(of_a, of_b);
    answer(&host, &of_b, "for b").await;
    answer(&host, &of_a, "for a").await;
    assert_eq!(next_frame(&mut a).await, json!({"type": "answer", "sdp": "for a"}));
    assert_eq!(next_frame(&mut b).await, json!({"type": "answer", "sdp": "for b"}));
    let ice = json!({"candidate": "x", "sdpMid": "0", "sdpMLineIndex": 0}).to_string();
    send(&mut a, json!({"type": "ice", "ice": ice})).await;
    let told = SignalEvent::Candidate { connection: of_a.clone(), candidate: candidate("x") };
    assert_eq!(host.next().await, told);
    drop(a);
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection: of_a });
    host.say(SignalCommand::Disconnect { connection: of_b }).await;
    assert!(matches!(within(b.next()).await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn a_relay_page_that_asks_for_it_is_offered_to() {
    let mut host = host(config()).await;
    let mut page = host.socket_at("/relay/blue?offer=host").await;
    let SignalEvent::Invite { connection, one_stream: true } = host.next().await else { panic!() };
    assert!(connection.0.starts_with("/room/blue/"), "{connection}");
    host.say(SignalCommand::Offer { connection, sdp: "offer".into() }).await;
    assert_eq!(next_frame(&mut page).await, json!({"type": "offer", "sdp": "offer"}));
}

#[tokio::test]
async fn a_page_calls_the_host_and_is_called() {
    let mut host = host(ServerConfig { user_name: "game".into(), ..config() }).await;
    let mut page = host.socket_at("/call").await;
    let say = |kind: &str, data: Value| json!({"type": kind, "username": "ann", "target": "game", "data": data});
    send(&mut page, say("Offer", json!(SDP))).await;
    assert_eq!(next_frame(&mut page).await["type"], "Error");
    send(&mut page, json!({"type": "SignIn", "username": "ann"})).await;
    assert_eq!(host.next().await, SignalEvent::UserSignedIn { user: cid("ann") });
    send(&mut page, say("Offer", json!(SDP))).await;
    let connection = offered(&mut host).await;
    answer(&host, &connection, "answer").await;
    let expected = json!({"type": "Answer", "username": "game", "target": "ann", "data": "answer"});
    assert_eq!(next_frame(&mut page).await, expected);
    send(&mut page, say("EndCall", Value::Null)).await;
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection });
    send(&mut page, say("StartStreaming", Value::Null)).await;
    let SignalEvent::Invite { connection, .. } = host.next().await else { panic!() };
    host.say(SignalCommand::Offer { connection, sdp: "offer".into() }).await;
    assert_eq!(next_frame(&mut page).await["type"], "Offer");
    let mut waiting = host.socket_at("/call?request=host").await;
    send(&mut waiting, json!({"type": "SignIn", "username": "bob"})).await;
    let asked = json!({"type": "StartStreaming", "username": "game", "target": "bob"});
    assert_eq!(next_frame(&mut waiting).await, asked);
}

#[tokio::test]
async fn calls_between_pages_are_forwarded_only_where_the_configuration_says_so() {
    for forward_calls in [false, true] {
        let host = host(ServerConfig { forward_calls, ..config() }).await;
        let (mut ann, mut bob) = (host.socket_at("/call").await, host.socket_at("/call").await);
        send(&mut bob, json!({"type": "SignIn", "username": "bob"})).await;
        // A second word to the host, which is refused: when it is answered, the name is known.
        send(&mut bob, json!({"type": "SignIn", "username": "another"})).await;
        assert_eq!(next_frame(&mut bob).await["type"], "Error");
        send(&mut ann, json!({"type": "SignIn", "username": "ann"})).await;
        send(&mut ann, json!({"type": "StartStreaming", "username": "eve", "target": "bob", "data": 7})).await;
        let heard = next_frame(if forward_calls { &mut bob } else { &mut ann }).await;
        let (kind, from) = if forward_calls { ("StartStreaming", "ann") } else { ("Error", "rendercast") };
        assert_eq!((heard["type"].as_str(), heard["username"].as_str()), (Some(kind), Some(from)));
    }
}

#[tokio::test]
async fn a_private_server_offers_to_who_connects() {
    let mut host = host(ServerConfig { mode: SignalingMode::Private, ..config() }).await;
    assert_eq!(Browser::stranger(&host).get("/config").await.json()["startupMode"], "private");
    let browser = Browser::open(&host).await;
    let reply = browser.put("/signaling/connection", json!({"connectionId": "12345"})).await;
    assert_eq!(reply.json()["polite"], true, "the host is first in every connection");
    assert_eq!(host.next().await, SignalEvent::Invite { connection: cid("12345"), one_stream: false });
    host.say(SignalCommand::Offer { connection: cid("12345"), sdp: "offer".into() }).await;
    let poll = browser.get("/signaling?fromtime=0").await.json();
    assert_eq!((&poll["messages"][0]["type"], &poll["messages"][0]["polite"]), (&json!("offer"), &json!(true)));
    let third = Browser::open(&host).await;
    let refused = third.put("/signaling/connection", json!({"connectionId": "12345"})).await;
    assert_eq!((refused.status, refused.json()), (400, json!({"error": {}})));
    let mut socket = host.socket().await;
    send(&mut socket, json!({"type": "connect", "connectionId": "12345"})).await;
    let error = next_frame(&mut socket).await;
    assert_eq!(error, json!({"type": "error", "message": "12345: This connection id is already used."}));
}

#[tokio::test]
async fn a_room_is_part_of_the_connections_name_and_of_nobody_elses() {
    let mut host = host(config()).await;
    let stranger = Browser::stranger(&host);
    let page = stranger.get("/room/blue?token=x").await;
    assert!(page.status == 200 && page.body.contains("<video"), "a link without the slash leads to the page");
    assert_eq!(stranger.get("/room/blue/page.js").await.status, 200);
    assert_eq!(stranger.get("/room/a%2Fb/").await.status, 404);
    let mut sockets = Vec::new();
    for path in ["/room/blue/", "/room/red/", "/"] {
        let mut socket = host.socket_at(path).await;
        let offer = json!({"type": "offer", "from": "1", "data": {"sdp": "offer", "connectionId": "1"}});
        send(&mut socket, offer).await;
        let SignalEvent::Offer { connection, .. } = host.next().await else { panic!() };
        assert_eq!(connection, cid(&format!("{}1", path.trim_start_matches('/').replace("room", "/room"))));
        answer(&host, &connection, path).await;
        let frame = next_frame(&mut socket).await;
        assert_eq!((frame["from"].as_str(), frame["data"]["sdp"].as_str()), (Some("1"), Some(path)));
        sockets.push(socket);
    }
    let browser = Browser::at(&host.url("/room/green"));
    let id = browser.send(reqwest::Method::PUT, "/signaling", None).await.json()["sessionId"].clone();
    let browser = browser.with("session-id", id.as_str().unwrap());
    browser.post("/signaling/offer", json!({"connectionId": "1", "sdp": "offer"})).await;
    assert!(matches!(host.next().await, SignalEvent::Offer { connection, .. } if connection == cid("/room/green/1")));
    answer(&host, &cid("/room/green/1"), "green").await;
    let poll = browser.get("/signaling?fromtime=0").await.json();
    let ids: Vec<_> = poll["messages"].as_array().unwrap().iter().map(|m| m["connectionId"].as_str()).collect();
    assert_eq!(ids, [Some("1"), Some("1")]);
    let posing = json!({"connectionId": "/room/blue/2", "sdp": "offer"});
    assert_eq!(browser.post("/signaling/offer", posing).await.status, 400);
}

#[tokio::test]
async fn pages_of_other_sites_are_turned_away_on_every_protocol() {
    let host = host(config()).await;
    for path in ["/", "/relay", "/relay/blue", "/call", "/room/blue/", "/room/blue/call"] {
        for (origin, status) in [("https://evil.example", 403), ("null", 403), ("http://localhost:3000", 101)] {
            let mut request = host.url(path).replace("http:", "ws:").into_client_request().unwrap();
            request.headers_mut().insert("origin", origin.parse().unwrap());
            match tokio_tungstenite::connect_async(request).await {
                Ok(_) => assert_eq!(status, 101, "{path} {origin}"),
                Err(WsError::Http(reply)) => assert_eq!(reply.status().as_u16(), status, "{path} {origin}"),
                Err(error) => panic!("{path} {origin}: {error}"),
            }
        }
    }
    let plain = Browser::stranger(&host).get("/relay").await;
    assert_eq!((plain.status, plain.header("upgrade")), (426, "websocket"));
}

#[tokio::test]
async fn nonsense_on_one_protocol_reaches_nobody() {
    let mut host = host(config()).await;
    let mut calm = host.socket_at("/relay").await;
    let mut sockets = Vec::new();
    for path in ["/", "/relay", "/call"] {
        let mut socket = host.socket_at(path).await;
        for nonsense in ["hello", "[]", "\u{0}", r#"{"type":{}}"#, r#"{"type":"ice","ice":"{"}"#, r#"{"type":"offer"}"#]
        {
            socket.send(Message::text(nonsense)).await.unwrap();
        }
        socket.send(Message::binary(vec![0xff; 100])).await.unwrap();
        sockets.push(socket);
    }
    send(&mut calm, json!({"type": "offer", "sdp": SDP})).await;
    let connection = offered(&mut host).await;
    answer(&host, &connection, "answer").await;
    assert_eq!(next_frame(&mut calm).await["type"], "answer");
}

#[tokio::test]
async fn the_host_is_asked_for_a_call_and_decides_over_real_sockets() {
    let mut host = host(ServerConfig { answer_calls: AnswerCalls::Ask, ..config() }).await;
    let ann = cid("ann");
    let decide = |action| SignalCommand::Call { user: cid("ann"), action };
    let say = |kind: &str, data: Value| json!({"type": kind, "username": "ann", "target": "rendercast", "data": data});
    let mut page = host.socket_at("/call").await;
    send(&mut page, json!({"type": "SignIn", "username": "ann"})).await;
    assert_eq!(host.next().await, SignalEvent::UserSignedIn { user: ann.clone() });
    send(&mut page, say("StartStreaming", Value::Null)).await;
    assert_eq!(host.next().await, SignalEvent::CallRequested { user: ann.clone() });
    host.say(decide(CallAction::Decline)).await;
    assert_eq!(next_frame(&mut page).await["type"], "EndCall");
    send(&mut page, say("Offer", json!(SDP))).await;
    assert_eq!(host.next().await, SignalEvent::CallRequested { user: ann.clone() });
    host.say(decide(CallAction::Accept)).await;
    let connection = offered(&mut host).await;
    answer(&host, &connection, "answer").await;
    assert_eq!(next_frame(&mut page).await["type"], "Answer");
    host.say(decide(CallAction::End)).await;
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection });
    assert_eq!(next_frame(&mut page).await["type"], "EndCall");
    host.say(decide(CallAction::Start)).await;
    assert_eq!(next_frame(&mut page).await["type"], "StartStreaming");
    drop(page);
    assert_eq!(host.next().await, SignalEvent::CallEnded { user: ann });
}
