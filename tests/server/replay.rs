//! Recorded exchanges of the real web app, played against our server: what its browsers sent gets an answer of the same
//! status and shape, and what its sender received reaches our host. The recorded sender is played by the host.

use std::collections::{BTreeSet, HashMap};

use futures_util::SinkExt;
use rendercast::config::{ServerConfig, SignalingMode};
use rendercast::signaling::{IceCandidate, SignalCommand, SignalEvent};
use rendercast::stats::Counters;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::host::{Browser, Host, Socket, cid, config, next_frame};

fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

async fn host(mode: SignalingMode) -> Host {
    Host::start_with(ServerConfig { mode, ..config() }, Counters::default()).await.unwrap()
}

/// One recorded HTTP exchange.
struct Exchange {
    title: String,
    method: String,
    path: String,
    session: String,
    request: Option<String>,
    status: u16,
    response: String,
}

fn exchanges(text: &str) -> Vec<Exchange> {
    format!("\n{text}")
        .split("\n### ")
        .skip(1)
        .map(|part| {
            let (head, response) = part.split_once("# response body:\n").expect("a response body");
            let lines: Vec<_> = head.lines().collect();
            let words: Vec<_> = lines[1].trim_start_matches("# ").split_whitespace().collect();
            let status = lines.iter().find_map(|l| l.strip_prefix("< HTTP/1.1 ")).expect("a status");
            Exchange {
                title: lines[0].into(),
                method: words[0].into(),
                path: words[1].into(),
                session: words[2].trim_start_matches("session=").into(),
                request: lines.iter().find_map(|l| l.strip_prefix("# request body: ")).map(Into::into),
                status: status[..3].parse().expect("a number"),
                response: response.trim().into(),
            }
        })
        .collect()
}

/// Times are the recorded server's: everything stored there is "since the beginning" here.
fn replayed_path(path: &str) -> String {
    match path.split_once("fromtime=") {
        Some((path, time)) if time.starts_with("17") => format!("{path}fromtime=0"),
        _ => path.into(),
    }
}

/// What one HTTP request of the recorded sender means when our host says it.
fn command(method: &str, path: &str, body: &Value) -> Option<SignalCommand> {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let connection = cid(body["connectionId"].as_str()?);
    Some(match (method, path) {
        ("POST", "/signaling/offer") => SignalCommand::Offer { connection, sdp: text("sdp") },
        ("POST", "/signaling/answer") => SignalCommand::Answer { connection, sdp: text("sdp") },
        ("POST", "/signaling/candidate") => SignalCommand::Candidate { connection, candidate: ice(body) },
        ("DELETE", "/signaling/connection") => SignalCommand::Disconnect { connection },
        _ => return None,
    })
}

fn ice(body: &Value) -> IceCandidate {
    IceCandidate {
        candidate: body["candidate"].as_str().unwrap().into(),
        sdp_mid: body["sdpMid"].as_str().map(Into::into),
        sdp_mline_index: body["sdpMLineIndex"].as_u64().map(|i| i as u16),
    }
}

/// The value with every leaf replaced by its type, but for `type` itself and what was said.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let said = matches!(key.as_str(), "type" | "connectionId" | "from" | "sdp" | "candidate" | "message");
                (key.clone(), if said { value.clone() } else { shape(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("bool"),
        Value::Null => Value::Null,
    }
}

/// Takes out of a recorded answer what the session hears only because the recorded server broadcasts, and what it still
/// lists of a connection that has ended.
fn for_this_browser(recorded: &mut Value, own: &BTreeSet<String>) {
    for list in ["messages", "offers", "answers", "candidates", "connections"] {
        let Some(items) = recorded.get_mut(list).and_then(Value::as_array_mut) else { continue };
        let ended: Vec<_> =
            items.iter().filter(|m| m["type"] == "disconnect").map(|m| m["connectionId"].clone()).collect();
        items.retain(|m| m["connectionId"].as_str().is_some_and(|id| own.contains(id)));
        items.retain(|m| m["type"] == "disconnect" || !ended.contains(&m["connectionId"]));
    }
}

async fn replay_http(name: &str, mode: SignalingMode, sender: &str, deviations: &[&str]) {
    let host = host(mode).await;
    let stranger = Browser::stranger(&host);
    let mut sessions: HashMap<String, String> = HashMap::new();
    let mut own: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut sender_session = String::new();
    let mut replayed = 0;
    for exchange in exchanges(&vector(name)) {
        let title = &exchange.title;
        if deviations.iter().any(|d| title.starts_with(d)) {
            continue;
        }
        let recorded: Option<Value> = serde_json::from_str(&exchange.response).ok();
        let recorded_id = recorded.as_ref().and_then(|r| r["sessionId"].as_str()).map(str::to_owned);
        if let Some(id) = recorded_id.as_ref().filter(|_| title.contains(sender)) {
            sender_session = id.clone();
            continue;
        }
        let request: Option<Value> = exchange.request.as_deref().and_then(|r| serde_json::from_str(r).ok());
        if !sender_session.is_empty() && exchange.session == sender_session {
            let request = request.unwrap_or_default();
            if let Some(command) = command(&exchange.method, &exchange.path, &request) {
                host.say(command).await;
            }
            continue;
        }
        let browser = match exchange.session.as_str() {
            "<none>" => stranger.clone(),
            id => stranger.with("session-id", sessions.get(id).map_or(id, String::as_str)),
        };
        let method = exchange.method.parse().unwrap();
        let reply = browser.send(method, &replayed_path(&exchange.path), exchange.request.clone()).await;
        assert_eq!(reply.status, exchange.status, "{name} {title}: {}", reply.body);
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{name} {title}");
        replayed += 1;
        if let (Some(id), Some(connection)) =
            (exchange.path.ends_with("/connection").then_some(&exchange.session), &request)
        {
            own.entry(id.clone()).or_default().extend(connection["connectionId"].as_str().map(str::to_owned));
        }
        if let Some(id) = recorded_id {
            sessions.insert(id, reply.json()["sessionId"].as_str().unwrap().to_owned());
        } else if let Some(mut recorded) = recorded {
            for_this_browser(&mut recorded, own.get(&exchange.session).unwrap_or(&BTreeSet::new()));
            assert_eq!(shape(&reply.json()), shape(&recorded), "{name} {title}");
        } else if !exchange.response.starts_with('<') {
            assert_eq!(reply.body, exchange.response, "{name} {title}");
        }
    }
    assert!(replayed >= 8, "{name}: only {replayed} exchanges replayed");
}

#[tokio::test]
async fn recorded_browsers_of_a_public_server_get_the_recorded_answers() {
    // No page of theirs; a missing session is not found rather than an internal error.
    let deviations = ["02 static", "32 GET /signaling no query"];
    replay_http("urs-http-public-newest.txt", SignalingMode::Public, "Unity creates session", &deviations).await;
}

#[tokio::test]
async fn two_recorded_browsers_get_the_recorded_answers_less_each_others() {
    replay_http("urs-http-public-two-browsers.txt", SignalingMode::Public, "sender session", &[]).await;
}

#[tokio::test]
async fn recorded_browsers_of_a_private_server_get_the_recorded_answers() {
    replay_http("urs-http-private-newest.txt", SignalingMode::Private, "session A", &[]).await;
}

/// What our host must hear where the recorded sender received `frame`; none where it concerns only HTTP or WebSocket ends.
fn expected_event(frame: &Value) -> Option<SignalEvent> {
    let from = || cid(frame["from"].as_str().unwrap());
    let sdp = || frame["data"]["sdp"].as_str().unwrap().to_owned();
    Some(match frame["type"].as_str()? {
        "offer" => SignalEvent::Offer { connection: from(), sdp: sdp(), polite: false, one_stream: false },
        "answer" => SignalEvent::Answer { connection: from(), sdp: sdp() },
        "candidate" => SignalEvent::Candidate { connection: from(), candidate: ice(&frame["data"]) },
        "disconnect" => SignalEvent::Disconnect { connection: cid(frame["connectionId"].as_str().unwrap()) },
        _ => return None,
    })
}

async fn replay_ws(name: &str, mode: SignalingMode) {
    let mut host = host(mode).await;
    let mut sockets: HashMap<&str, Socket> = HashMap::new();
    let mut own: HashMap<&str, BTreeSet<String>> = HashMap::new();
    let (mut heard, mut answered) = (0, 0);
    let mut unheard_offer = false;
    let text = vector(name);
    for line in text.lines() {
        if let Some(who) = line.strip_suffix(": [open]").filter(|who| *who != "unity") {
            sockets.insert(who, host.socket().await);
        } else if let Some(frame) = line.strip_prefix("unity <- ").map(|f| serde_json::from_str(f).unwrap()) {
            let Some(expected) = expected_event(&frame) else { continue };
            // Our host is there from the start, so it also hears what was too early for the recorded sender.
            while host.next().await != expected {}
            if matches!(expected, SignalEvent::Offer { .. }) {
                unheard_offer = false;
            }
            heard += 1;
        } else if let Some(frame) = line.strip_prefix("unity -> ").map(|f| serde_json::from_str::<Value>(f).unwrap()) {
            let path = format!("/signaling/{}", frame["type"].as_str().unwrap());
            if let Some(command) = command("POST", &path, &frame["data"]) {
                host.say(command).await;
            }
        } else if let Some((who, frame)) = line.split_once(" -> ") {
            let sent: Value = serde_json::from_str(frame).unwrap();
            unheard_offer |= sent["type"] == "offer";
            let offered = sent["data"]["connectionId"].as_str().or(sent["connectionId"].as_str());
            own.entry(who).or_default().extend(offered.map(str::to_owned));
            sockets.get_mut(who).unwrap().send(Message::text(frame)).await.unwrap();
        } else if let Some((who, frame)) = line.split_once(" <- ") {
            let recorded: Value = serde_json::from_str(frame).unwrap();
            let of = recorded["from"].as_str().or(recorded["connectionId"].as_str());
            if of.is_some_and(|id| !own.get(who).is_some_and(|own| own.contains(id))) {
                continue; // a broadcast of somebody else's connection
            }
            let frame = next_frame(sockets.get_mut(who).unwrap()).await;
            assert_eq!(shape(&frame), shape(&recorded), "{name}: {line}");
            if mode == SignalingMode::Public || recorded["type"] == "offer" {
                assert_eq!(frame.pointer("/data/polite"), recorded.pointer("/data/polite"), "{name}: {line}");
            }
            answered += 1;
        } else if let Some((who, _)) = line.split_once(": (closes") {
            // The host hears of the end only if it heard of the beginning, so let it.
            while unheard_offer && !matches!(host.next().await, SignalEvent::Offer { .. }) {}
            drop(sockets.remove(who));
        }
    }
    assert!(heard >= 5 && answered >= 5, "{name}: {heard} events, {answered} frames");
}

#[tokio::test]
async fn recorded_sockets_of_a_public_server_are_answered_as_recorded() {
    replay_ws("urs-ws-public-newest.txt", SignalingMode::Public).await;
}

#[tokio::test]
async fn recorded_sockets_of_a_private_server_are_answered_as_recorded() {
    replay_ws("urs-ws-private-newest.txt", SignalingMode::Private).await;
}
