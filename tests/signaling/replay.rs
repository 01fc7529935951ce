//! Recorded exchanges: the test server must answer as the real ones did, and the client must get along with what the
//! real ones said.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rendercast::signaling::{ConnectionId, SignalCommand, SignalEvent};
use serde_json::Value;

use crate::http::{Handler, HttpServer, Reply, Response, http_date};
use crate::rig::*;
use crate::transcript::{Exchange, parse};
use crate::urs::{Generation, Urs};

const SEED: &str = include_str!("../vectors/urs-http-v1-seed-era-1.1.1-preview.txt");
const PUBLIC: &str = include_str!("../vectors/urs-http-public-newest.txt");
const PRIVATE: &str = include_str!("../vectors/urs-http-private-newest.txt");
const TIMEOUT: &str = include_str!("../vectors/urs-http-public-session-timeout.txt");
const TWO: &str = include_str!("../vectors/urs-http-public-two-browsers.txt");

/// The recorded times differ by the network's delay; everything else must be equal.
fn without_times(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            if let Some(datetime) = map.get_mut("datetime") {
                assert!(datetime.is_u64());
                *datetime = Value::Null;
            }
            map.remove("logging");
            map.values_mut().for_each(|value| *value = without_times(value.take()));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = without_times(value.take())),
        _ => {}
    }
    value
}

/// Asks the test server what the real one was asked, at the same times, and compares every answer.
fn replay_against_the_test_server(generation: Generation, text: &str, at_least: usize) {
    let mut urs = Urs::new(generation);
    // Names the servers made up, recorded to ours.
    let mut names: HashMap<String, String> = HashMap::new();
    let mut compared = 0;
    for exchange in parse(text) {
        let Exchange { title, mut request, .. } = exchange.clone();
        if !Urs::serves(&request.path) {
            continue;
        }
        for (recorded, ours) in &names {
            request.body = request.body.replace(recorded, ours);
            request.session = request.session.map(|session| session.replace(recorded, ours));
        }
        let response = urs.handle(exchange.time, &request);
        let body = String::from_utf8(response.body).unwrap();
        assert_eq!(response.status, exchange.status, "{title}: {body}");
        assert_eq!(response.content_type, exchange.content_type, "{title}");
        if exchange.content_type.starts_with("application/json") {
            let recorded: Value = serde_json::from_str(&exchange.body).unwrap();
            let ours: Value = serde_json::from_str(&body).unwrap();
            for key in ["sessionId", "connectionId"] {
                if let (Some(recorded), Some(ours)) = (recorded[key].as_str(), ours[key].as_str()) {
                    names.insert(recorded.to_owned(), ours.to_owned());
                }
            }
            let mut text = recorded.to_string();
            names.iter().for_each(|(recorded, ours)| text = text.replace(recorded, ours));
            let recorded: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(without_times(ours), without_times(recorded), "{title}");
        } else if exchange.content_type.starts_with("text/plain") {
            assert_eq!(body, exchange.body, "{title}");
        } else if let Some(reason) = exchange.body.split("<pre>").nth(1) {
            assert!(body.contains(reason.split("</pre>").next().unwrap()), "{title}: {body}");
        }
        compared += 1;
    }
    assert!(compared >= at_least, "{compared} exchanges compared");
}

#[test]
fn test_server_answers_as_the_seed_did() {
    replay_against_the_test_server(Generation::First, SEED, 32);
}

#[test]
fn test_server_answers_as_the_newest_did() {
    replay_against_the_test_server(NEWEST, PUBLIC, 38);
    replay_against_the_test_server(NEWEST, TWO, 19);
}

#[test]
fn test_server_answers_as_the_newest_did_in_private_mode() {
    replay_against_the_test_server(Generation::Newest { private: true, web_socket: false }, PRIVATE, 20);
}

#[test]
fn test_server_forgets_silent_sessions_as_the_newest_did() {
    replay_against_the_test_server(NEWEST, TIMEOUT, 12);
}

#[test]
fn recorded_dates_are_written_the_same() {
    let dates: Vec<_> = parse(SEED).into_iter().map(|exchange| (exchange.date, exchange.time)).collect();
    assert!(dates.iter().any(|(date, time)| *date == http_date(*time)), "most fall into the same second");
}

/// A server that says what a real one said to its sender, in that order, and checks what it is asked.
struct Recording {
    /// The recorded sender's exchanges that are still to come.
    script: Vec<Exchange>,
    at: usize,
    session: String,
    complaints: Vec<String>,
    posted: Vec<String>,
    changes: tokio::sync::watch::Sender<()>,
}

impl Recording {
    fn new(text: &str, sender_session: &str) -> Self {
        let script = parse(text).into_iter().filter(|exchange| {
            let is_senders = exchange.request.session.as_deref() == Some(sender_session);
            let opens = exchange.body.contains(sender_session);
            // The recorded sender told the seed more about other viewers than it had been asked.
            let unasked = exchange.status == 500;
            (is_senders || opens) && !unasked
        });
        Self {
            script: script.collect(),
            at: 0,
            session: sender_session.into(),
            complaints: Vec::new(),
            posted: Vec::new(),
            changes: tokio::sync::watch::Sender::new(()),
        }
    }

    /// The exchange to answer with: the next one for this method and path. A recorded message of the sender's holds back
    /// everything after it until the client has sent its own; meanwhile polls bring what the first one did: nothing.
    fn next(&mut self, method: &str, path: &str) -> Option<Exchange> {
        let is_poll = method == "GET";
        let rest = self.script.iter().enumerate().skip(self.at);
        for (index, exchange) in rest {
            let same = exchange.request.method == method && exchange.request.path == path;
            if same {
                self.at = index + 1;
                return Some(exchange.clone());
            }
            if is_poll && exchange.request.method != "GET" {
                break;
            }
        }
        let first = self.script.iter().find(|e| e.request.method == method && e.request.path == path);
        first.filter(|_| is_poll).cloned()
    }

    fn answer(&mut self, request: crate::http::Request, optional: &[Exchange]) -> Reply {
        let Some(known) = self.next(&request.method, &request.path).or_else(|| {
            let same = |e: &&Exchange| e.request.method == request.method && e.request.path == request.path;
            optional.iter().find(same).cloned()
        }) else {
            self.complaints.push(format!("{} {} was never asked", request.method, request.path));
            return Reply::Close;
        };
        let path = request.path.as_str();
        let needs_session = path.starts_with("/signaling/") || (path == "/signaling" && request.method != "PUT");
        if needs_session && request.session.as_deref() != Some(&self.session) {
            self.complaints.push(format!("{path} with session {:?}", request.session));
        }
        if request.method == "GET" && path.starts_with("/signaling") {
            let from = request.query.as_deref().and_then(|query| query.strip_prefix("fromtime="));
            if from.and_then(|from| from.parse::<u64>().ok()).is_none() {
                self.complaints.push(format!("{path} with query {:?}", request.query));
            }
        }
        if !request.body.is_empty() {
            let keys = |text: &str| -> Vec<String> {
                let value: Value = serde_json::from_str(text).unwrap_or_default();
                let optional = ["type", "polite"];
                let keys = value.as_object().into_iter().flat_map(|map| map.keys().cloned());
                keys.filter(|key| !optional.contains(&key.as_str())).collect()
            };
            if keys(&request.body) != keys(&known.request.body) {
                self.complaints.push(format!("{} instead of {}", request.body, known.request.body));
            }
            self.posted.push(format!("{path} {}", request.body));
            self.changes.send_replace(());
        }
        let content_type = if known.content_type.contains("json") { "application/json" } else { "text/html" };
        let date = known.time;
        Reply::Response(Response { status: known.status, content_type, body: known.body.into(), date, cors: false })
    }
}

/// Starts a recorded server; `others` are exchanges with anybody that answer what the recorded sender never asked.
async fn recorded(text: &'static str, sender_session: &str) -> (HttpServer, Arc<Mutex<Recording>>) {
    let recording = Arc::new(Mutex::new(Recording::new(text, sender_session)));
    let mut others: Vec<Exchange> = parse(text).into_iter().filter(|e| e.request.session.is_none()).collect();
    others.extend(parse(text).into_iter().filter(|e| e.request.session.as_deref() == Some("deadbeef")));
    others.extend(parse(text).into_iter().filter(|e| e.status == 500 || e.request.method == "POST"));
    // Asked by nobody then: a page that no server of this generation has, and a list that is empty.
    let mut protocol = parse(SEED).into_iter().find(|e| e.request.path == "/config").unwrap();
    protocol.request.path = "/protocol".into();
    protocol.body = protocol.body.replace("/config", "/protocol");
    others.push(protocol);
    let inside = recording.clone();
    let handler: Handler = Arc::new(move |request| inside.lock().unwrap().answer(request, &others));
    let http = HttpServer::start(SocketAddr::from(([127, 0, 0, 1], 0)), handler).await.unwrap();
    (http, recording)
}

fn id(text: &str) -> ConnectionId {
    ConnectionId(Arc::from(text))
}

/// Waits until the client has told the recorded server so many things.
async fn posted(recording: &Mutex<Recording>, times: usize) {
    let mut changes = recording.lock().unwrap().changes.subscribe();
    while recording.lock().unwrap().posted.len() < times {
        changes.changed().await.unwrap();
    }
}

async fn expect_offer(client: &mut Client, expected: &str) -> String {
    match client.next().await {
        SignalEvent::Offer { connection, sdp, .. } if *connection.0 == *expected => sdp,
        other => panic!("{other:?} instead of an offer of {expected}"),
    }
}

#[tokio::test]
async fn client_gets_along_with_the_recorded_seed() {
    guarded(async {
        let (http, recording) = recorded(SEED, "668589f2-cd33-4de6-891a-4180ecca524c").await;
        let mut client = Client::start(config(format!("http://{}", http.address)), TIMING);
        assert!(client.ready().await.contains("generation 1"));
        let first = "d7b58a2b-2da7-40cd-a124-7267c17e6d07";
        assert!(expect_offer(&mut client, first).await.contains("H264/90000"));
        client.say(SignalCommand::Answer { connection: id(first), sdp: "answer 1".into() }).await;
        let heard = client.next().await;
        let SignalEvent::Candidate { candidate, .. } = &heard else { panic!("{heard:?}") };
        assert_eq!(candidate.candidate, "candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host");
        client.say(SignalCommand::Candidate { connection: id(first), candidate: ice("candidate:2") }).await;
        // The answer that made the real server stumble: it counts as stored, and what follows it follows.
        let second = "a177c59b-83c1-4b13-8708-739053780290";
        expect_offer(&mut client, second).await;
        client.say(SignalCommand::Answer { connection: id(second), sdp: "answer 2".into() }).await;
        client.say(SignalCommand::Candidate { connection: id(second), candidate: ice("candidate:3") }).await;
        posted(&recording, 4).await;
        client.silent();
        assert_eq!(client.counters.signaling_errors.get(), 0);
        client.close().await;
        let recording = recording.lock().unwrap();
        assert!(recording.complaints.is_empty(), "{:?}", recording.complaints);
        let paths: Vec<_> = recording.posted.iter().map(|text| text.split(' ').next().unwrap()).collect();
        assert_eq!(paths, ["/signaling/answer", "/signaling/candidate"].repeat(2));
    })
    .await;
}

#[tokio::test]
async fn client_gets_along_with_the_recorded_newest() {
    guarded(async {
        let (http, recording) = recorded(PUBLIC, "65e803e6-f2b3-4221-9985-d87e9be231a0").await;
        let mut client = Client::start(config(format!("http://{}", http.address)), TIMING);
        assert!(client.ready().await.contains("newest"));
        expect_offer(&mut client, "conn-0001").await;
        client.say(SignalCommand::Answer { connection: id("conn-0001"), sdp: "answer".into() }).await;
        client.say(SignalCommand::Candidate { connection: id("conn-0001"), candidate: ice("candidate:2") }).await;
        assert!(matches!(client.next().await, SignalEvent::Candidate { .. }));
        client.say(SignalCommand::Offer { connection: id("conn-0001"), sdp: "media".into() }).await;
        assert_eq!(
            client.next().await,
            SignalEvent::Answer { connection: id("conn-0001"), sdp: "v=0\r\nBROWSER-ANSWER\r\n".into() }
        );
        assert_eq!(client.next().await, SignalEvent::Disconnect { connection: id("conn-0001") });
        client.silent();
        client.close().await;
        let recording = recording.lock().unwrap();
        assert!(recording.complaints.is_empty(), "{:?}", recording.complaints);
        assert_eq!(recording.posted.len(), 3);
    })
    .await;
}
