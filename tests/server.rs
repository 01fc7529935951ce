//! The embedded server from outside: a browser's HTTP and WebSocket on one end, a host on the channels at the other.

#[path = "server/host.rs"]
mod host;
#[path = "server/limits.rs"]
mod limits;
#[path = "server/protocols.rs"]
mod protocols;
#[path = "server/replay.rs"]
mod replay;
#[path = "server/tls.rs"]
mod tls;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rendercast::config::ServerConfig;
use rendercast::server::ServerError;
use rendercast::signaling::{SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use host::{Browser, Host, candidate, cid, within};

const TOKEN: &str = "correct horse";

fn locked() -> ServerConfig {
    ServerConfig { token: TOKEN.into(), ..host::config() }
}

#[tokio::test]
async fn offer_and_answer_take_one_round_trip_over_http() {
    let mut host = Host::start().await;
    let browser = Browser::open(&host).await;
    let reply = browser.put("/signaling/connection", json!({"connectionId": "c"})).await;
    assert_eq!((reply.status, &reply.json()["polite"]), (200, &json!(true)));
    browser.post("/signaling/offer", json!({"connectionId": "c", "sdp": "offer"})).await;
    let SignalEvent::Offer { connection, sdp, polite, one_stream } = host.next().await else { panic!() };
    assert_eq!((connection, sdp.as_str(), polite, one_stream), (cid("c"), "offer", false, false));
    host.say(SignalCommand::Answer { connection: cid("c"), sdp: "answer".into() }).await;
    let poll = browser.get("/signaling?fromtime=0").await.json();
    assert_eq!(poll["messages"][0]["sdp"], "answer");
    let sorted: Vec<_> = poll["messages"].as_array().unwrap().iter().map(|m| m["datetime"].as_u64()).collect();
    assert!(sorted.is_sorted() && poll["datetime"].as_u64() >= sorted[1]);
    browser.delete("/signaling", Value::Null).await;
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection: cid("c") });
    assert_eq!(browser.get("/signaling?fromtime=0").await.body, "Not Found");
}

#[tokio::test]
async fn a_long_poll_brings_the_hosts_words_once() {
    let mut host = Host::start().await;
    let browser = Browser::open(&host).await;
    browser.post("/signaling/offer", json!({"connectionId": "c", "sdp": "offer"})).await;
    host.next().await;
    let since = browser.get("/signaling?fromtime=0").await.json()["datetime"].clone();
    let path = format!("/signaling?fromtime={since}&wait=10000");
    let started = tokio::time::Instant::now();
    // The answer is given only when the poll is on its way; either order must work.
    let (poll, ()) = tokio::join!(
        browser.get(&path),
        host.say(SignalCommand::Answer { connection: cid("c"), sdp: "answer".into() })
    );
    assert_eq!(poll.json()["messages"][0]["type"], "answer");
    assert!(started.elapsed() < Duration::from_secs(9), "it waited out its time");
    let next = poll.json()["datetime"].clone();
    let empty = browser.get(&format!("/signaling?fromtime={next}&wait=1")).await.json();
    assert_eq!(empty["messages"].as_array().unwrap().len(), 1, "only connect: nothing comes twice");
}

#[tokio::test]
async fn stopping_ends_long_polls_and_sockets_and_frees_the_port() {
    let host = Host::start().await;
    let address = host.address();
    let browser = Browser::open(&host).await;
    let mut socket = host.socket().await;
    let poll = tokio::spawn(async move { browser.get("/signaling?fromtime=0&wait=10000").await.status });
    socket.send(Message::text(r#"{"type":"connect","connectionId":"c"}"#)).await.unwrap();
    within(socket.next()).await.unwrap().unwrap();
    host.stop().await;
    assert!(matches!(within(socket.next()).await, Some(Ok(Message::Close(_)))));
    // Answered, or cut off if it had not arrived yet: it must not hang.
    let _ = within(poll).await;
    let config = ServerConfig { address: address.to_string(), ..host::config() };
    Host::start_with(config, Counters::default()).await.unwrap();
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let host = Host::start().await;
    let config = ServerConfig { address: host.address().to_string(), ..host::config() };
    let Err(error) = Host::start_with(config, Counters::default()).await else { panic!("two servers on one port") };
    assert!(matches!(error, ServerError::PortBusy { .. }));
    assert!(error.to_string().contains(&host.address().port().to_string()), "{error}");
}

#[tokio::test]
async fn the_page_comes_with_its_rules_and_all_its_files() {
    let host = Host::start().await;
    let browser = Browser::stranger(&host);
    let page = browser.get("/").await;
    assert!(page.body.contains("<video") && page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-content-type-options"), page.header("referrer-policy")), ("nosniff", "no-referrer"));
    let script = browser.get("/page.js").await;
    assert!(script.header("content-type").starts_with("text/javascript"));
    assert_eq!(browser.get("/../Cargo.toml").await.status, 404);
    assert_eq!(browser.get("/metrics").await.body, "rendercast_test 1\n");
    let config = browser.get("/config").await.json();
    assert_eq!(config, json!({"useWebSocket": true, "startupMode": "public", "logging": "none"}));
}

#[tokio::test]
async fn the_token_opens_everything_and_nothing_opens_without() {
    let host = Host::start_with(locked(), Counters::default()).await.unwrap();
    let stranger = Browser::stranger(&host);
    for path in ["/", "/page.js", "/config", "/metrics", "/signaling?fromtime=0", "/nothing"] {
        let reply = stranger.get(path).await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.body.contains("link") && !reply.body.contains(TOKEN), "{}", reply.body);
    }
    assert_eq!(stranger.get("/?token=wrong").await.status, 403);
    assert_eq!(stranger.send(Method::PUT, "/signaling", None).await.status, 401);
    assert_eq!(stranger.send(Method::OPTIONS, "/signaling", None).await.status, 204, "preflights carry no token");

    let page = stranger.get(host.link().strip_prefix(&host.url("")).unwrap()).await;
    assert_eq!(page.status, 200);
    let cookie = page.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(stranger.with("cookie", pair).get("/page.js").await.status, 200);
    assert_eq!(stranger.with("authorization", &format!("Bearer {TOKEN}")).get("/config").await.status, 200);
    assert_eq!(stranger.with("authorization", "Bearer wrong").get("/config").await.status, 403);
}

#[tokio::test]
async fn sockets_need_the_token_and_our_own_origin() {
    let host = Host::start_with(locked(), Counters::default()).await.unwrap();
    let own = format!("http://{}", host.address());
    let cookie = format!("rendercast_{}=correct%20horse", host.address().port());
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Headers, Option<u16>); 6] = [
        ("/", &[], Some(401)),
        ("/?token=wrong", &[], Some(403)),
        ("/?token=correct%20horse", &[("origin", &own)], None),
        ("/any/path", &[("cookie", &cookie), ("origin", &own)], None),
        ("/", &[("cookie", &cookie), ("origin", "http://evil.example")], Some(403)),
        ("/", &[("cookie", &cookie)], None),
    ];
    for (path, headers, refused) in cases {
        let mut request = host.url(path).replace("http:", "ws:").into_client_request().unwrap();
        for (name, value) in headers {
            let name = http_name(name);
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match (tokio_tungstenite::connect_async(request).await, refused) {
            (Ok(_), None) => {}
            (Err(WsError::Http(reply)), Some(status)) => assert_eq!(reply.status().as_u16(), status, "{path}"),
            (result, _) => panic!("{path} {headers:?}: {:?}", result.map(|_| "let in")),
        }
    }
}

fn http_name(name: &str) -> tokio_tungstenite::tungstenite::http::HeaderName {
    name.parse().unwrap()
}

#[tokio::test]
async fn an_open_address_gets_a_token_of_its_own() {
    let config = ServerConfig { address: "0.0.0.0:0".into(), ..host::config() };
    let host = Host::start_with(config, Counters::default()).await.unwrap();
    let (base, token) = host.link().split_once("/?token=").expect("the link carries the token");
    assert!(token.len() >= 26 && !base.contains("0.0.0.0"), "{base}");
    let local = Browser::at(&format!("http://127.0.0.1:{}", host.address().port()));
    assert_eq!(local.get("/").await.status, 401);
    assert_eq!(local.get(&format!("/?token={token}")).await.status, 200);
}

#[tokio::test]
async fn other_sites_cannot_use_an_open_server_through_the_viewers_browser() {
    let host = Host::start().await;
    let stranger = Browser::stranger(&host);
    assert_eq!(stranger.with("origin", "https://evil.example").get("/config").await.status, 403);
    assert_eq!(stranger.with("host", "evil.example").get("/config").await.status, 403);
    assert_eq!(stranger.with("origin", "http://localhost:3000").get("/config").await.status, 200);
}

#[tokio::test]
async fn malformed_requests_are_counted_and_answered_with_400() {
    let host = Host::start().await;
    let browser = Browser::open(&host).await;
    for body in
        ["{\"sdp\":", "[]", "7", "{\"connectionId\":\"c\"}", "{\"sdp\":\"x\"}", "{\"connectionId\":7,\"sdp\":\"x\"}"]
    {
        let reply = browser.send(Method::POST, "/signaling/offer", Some(body.into())).await;
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(host.counters.signaling_messages_malformed.get(), 6);
    let long = json!({"connectionId": "c", "sdp": "x".repeat(256 * 1024)}).to_string();
    assert_eq!(browser.send(Method::POST, "/signaling/offer", Some(long)).await.status, 413);
    assert_eq!(host.counters.signaling_messages_malformed.get(), 7);
    assert_eq!(browser.get("/signaling?fromtime=nonsense&wait=nonsense").await.status, 200);
}

#[tokio::test]
async fn a_socket_survives_nonsense_but_not_a_giant() {
    let mut host = Host::start().await;
    let mut socket = host.socket().await;
    for nonsense in ["hello", "", "{}", "null", r#"{"type":"bogus"}"#, r#"{"type":"offer","data":7}"#] {
        socket.send(Message::text(nonsense)).await.unwrap();
    }
    socket.send(Message::binary(vec![0xff, 0, 1])).await.unwrap();
    let offer = json!({"type": "offer", "from": "x", "data": {"sdp": "offer", "connectionId": "c"}});
    socket.send(Message::text(offer.to_string())).await.unwrap();
    assert!(matches!(host.next().await, SignalEvent::Offer { .. }));
    // "", "{}" and the unknown type are objects without a known type, which is legal.
    assert_eq!(host.counters.signaling_messages_malformed.get(), 4);
    let giant = json!({"type": "offer", "data": {"sdp": "x".repeat(256 * 1024), "connectionId": "c"}});
    let _ = socket.send(Message::text(giant.to_string())).await;
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection: cid("c") });
    assert_eq!(host.counters.signaling_messages_malformed.get(), 5);
}

#[tokio::test]
async fn a_lost_line_ends_the_connection_and_is_no_malformed_message() {
    let mut host = Host::start().await;
    let mut socket = host.socket().await;
    let offer = json!({"type": "offer", "from": "x", "data": {"sdp": "offer", "connectionId": "c"}});
    socket.send(Message::text(offer.to_string())).await.unwrap();
    host.next().await;
    drop(socket);
    assert_eq!(host.next().await, SignalEvent::Disconnect { connection: cid("c") });
    assert_eq!(host.counters.signaling_messages_malformed.get(), 0);
}

#[tokio::test]
async fn candidates_trickle_to_a_socket_after_the_answer() {
    let mut host = Host::start().await;
    let mut socket = host.socket().await;
    socket.send(Message::text(r#"{"type":"connect","connectionId":"c"}"#)).await.unwrap();
    let offer = json!({"type": "offer", "from": "c", "data": {"sdp": "offer", "connectionId": "c"}});
    socket.send(Message::text(offer.to_string())).await.unwrap();
    host.next().await;
    host.say(SignalCommand::Candidate { connection: cid("c"), candidate: candidate("early") }).await;
    host.say(SignalCommand::Answer { connection: cid("c"), sdp: "answer".into() }).await;
    host.say(SignalCommand::Candidate { connection: cid("c"), candidate: candidate("late") }).await;
    let mut kinds = Vec::new();
    while kinds.len() < 4 {
        let Some(Ok(Message::Text(frame))) = within(socket.next()).await else { panic!() };
        let frame: Value = serde_json::from_str(&frame).unwrap();
        kinds.push((frame["type"].clone(), frame["data"]["candidate"].clone()));
    }
    let null = || Value::Null;
    let expected =
        [("connect", null()), ("answer", null()), ("candidate", json!("early")), ("candidate", json!("late"))];
    assert_eq!(kinds, expected.map(|(kind, candidate)| (json!(kind), candidate)));
}

/// The page's own tests, in the language of the page.
#[test]
fn the_player_and_its_page_pass_their_own_tests() {
    let folders =
        ["bindings/web/test", "samples/web/test"].map(|path| format!("{}/{path}", env!("CARGO_MANIFEST_DIR")));
    let tests = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("a folder of tests"));
    let tests: Vec<_> = tests.map(|entry| entry.expect("a test").path()).collect();
    assert!(tests.len() >= 5, "{tests:?}");
    match std::process::Command::new("node").arg("--test").args(tests).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => eprintln!("SKIPPED: node cannot be run ({error}), so the page's own code goes untested"),
    }
}
