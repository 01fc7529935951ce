use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::signaling::IceCandidate;

const PUBLIC: &str = include_str!("../../../tests/vectors/urs-ws-public-newest.txt");
const PRIVATE: &str = include_str!("../../../tests/vectors/urs-ws-private-newest.txt");
const NOW: Nanos = Nanos(0);

fn id(text: &str) -> ConnectionId {
    ConnectionId(Arc::from(text))
}

fn ice(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

fn open(private: Option<&str>) -> (UrsWebSocket, Output) {
    let (mut dialect, mut out) = (UrsWebSocket::new(Some(Generation::Newest), private.map(id)), Output::default());
    dialect.opened(NOW, &mut out);
    (dialect, out)
}

fn hear(dialect: &mut UrsWebSocket, text: &str) -> (Vec<SignalEvent>, Vec<Value>) {
    let mut out = Output::default();
    dialect.handle_text(text, NOW, &mut out).unwrap();
    let frames = json_of(&out);
    (out.events.into(), frames)
}

fn say(dialect: &mut UrsWebSocket, command: SignalCommand) -> Vec<Value> {
    let mut out = Output::default();
    dialect.handle_command(command, NOW, &mut out);
    assert_eq!(out.events, []);
    json_of(&out)
}

fn json_of(out: &Output) -> Vec<Value> {
    out.frames.iter().map(|frame| serde_json::from_str(frame).unwrap()).collect()
}

/// What a recorded frame of the other client says, as a command of ours.
fn command_of(frame: &Value) -> Option<SignalCommand> {
    let data = &frame["data"];
    let connection = id(data["connectionId"].as_str()?);
    let sdp = || data["sdp"].as_str().unwrap().to_owned();
    Some(match frame["type"].as_str()? {
        "offer" => SignalCommand::Offer { connection, sdp: sdp() },
        "answer" => SignalCommand::Answer { connection, sdp: sdp() },
        "candidate" => SignalCommand::Candidate { connection, candidate: ice(data["candidate"].as_str()?) },
        _ => return None,
    })
}

/// Hears what the recorded client heard and says what it said, up to the end of the first connection.
fn replay(text: &str, private: Option<&str>) -> Vec<SignalEvent> {
    let (mut dialect, _) = open(private);
    let (mut events, mut compared) = (Vec::new(), 0);
    let conversation = text.split("unity -> {\"type\":\"bogus\"}").next().unwrap();
    for line in conversation.lines() {
        if let Some(frame) = line.strip_prefix("unity <- ") {
            events.extend(hear(&mut dialect, frame).0);
        } else if let Some(frame) = line.strip_prefix("unity -> ") {
            let mut recorded: Value = serde_json::from_str(frame).unwrap();
            let Some(command) = command_of(&recorded) else { continue };
            // That client said which side it was; no server reads it.
            recorded["data"].as_object_mut().unwrap().remove("polite");
            assert_eq!(say(&mut dialect, command), [recorded]);
            compared += 1;
        }
    }
    assert_eq!(compared, 3);
    events
}

fn recorded_events(polite: bool) -> Vec<SignalEvent> {
    let connection = id("conn-A");
    vec![
        SignalEvent::Offer { connection: connection.clone(), sdp: "v=0 offer".into(), polite, one_stream: false },
        SignalEvent::Candidate {
            connection: connection.clone(),
            candidate: ice("candidate:1 1 udp 1 127.0.0.1 1 typ host"),
        },
        SignalEvent::Answer { connection: connection.clone(), sdp: "v=0 browser answer".into() },
        SignalEvent::Disconnect { connection },
    ]
}

#[test]
fn recorded_public_conversation_is_understood_and_said_alike() {
    assert_eq!(replay(PUBLIC, None), recorded_events(false));
}

#[test]
fn recorded_private_conversation_is_understood_and_said_alike() {
    let mut events = replay(PRIVATE, Some("conn-A"));
    let first = events.drain(..2).collect::<Vec<_>>();
    assert!(matches!(first[0], SignalEvent::Ready { .. }), "we are in");
    assert_eq!(first[1], SignalEvent::Invite { connection: id("conn-A"), one_stream: false });
    assert_eq!(events, recorded_events(true), "second one in is polite");
}

#[test]
fn generation_2_repeats_everything_to_everybody() {
    let (mut dialect, out) = open(None);
    assert_eq!(out, Output::default(), "nothing is asked for in public mode");
    dialect.generation = None;
    let offer = r#"{"from":"c","to":"","type":"offer","data":{"sdp":"v=0","datetime":1}}"#;
    let expected = SignalEvent::Offer { connection: id("c"), sdp: "v=0".into(), polite: true, one_stream: true };
    assert_eq!(hear(&mut dialect, offer).0, [expected]);
    assert_eq!(hear(&mut dialect, offer).0, [], "sent again while nobody answered");
    for command in [
        SignalCommand::Answer { connection: id("c"), sdp: "ours".into() },
        SignalCommand::Offer { connection: id("c"), sdp: "our offer".into() },
    ] {
        for frame in say(&mut dialect, command) {
            assert_eq!(hear(&mut dialect, &frame.to_string()).0, [], "an echo");
        }
    }
    let foreign = r#"{"from":"d","to":"","type":"answer","data":{"sdp":"v=0 theirs"}}"#;
    assert_eq!(hear(&mut dialect, foreign).0, []);
    let answer = r#"{"from":"c","to":"","type":"answer","data":{"sdp":"v=0 theirs"}}"#;
    assert_eq!(hear(&mut dialect, answer).0.len(), 1);
}

#[test]
fn answer_that_found_no_socket_is_said_when_there_is_one() {
    let (mut dialect, _) = open(None);
    let mut out = Output::default();
    for connection in ["a", "b"] {
        let offer = json!({"from": connection, "type": "offer", "data": {"sdp": "v=0", "polite": false}});
        hear(&mut dialect, &offer.to_string());
    }
    dialect.closed(NOW, &mut out);
    for connection in ["a", "b"] {
        assert_eq!(
            say(&mut dialect, SignalCommand::Answer { connection: id(connection), sdp: "x".into() }),
            [json!(0); 0]
        );
    }
    say(&mut dialect, SignalCommand::Disconnect { connection: id("a") });
    dialect.opened(NOW, &mut out);
    let said: Vec<_> = json_of(&out).iter().map(|frame| (frame["from"].clone(), frame["type"].clone())).collect();
    assert_eq!(said, [(json!("b"), json!("answer")), (json!("a"), json!("disconnect"))]);
}

#[test]
fn candidates_of_an_early_offer_come_again_with_it() {
    let (mut dialect, out) = open(Some("1"));
    assert_eq!(json_of(&out), [json!({"type": "connect", "connectionId": "1"})]);
    let (events, _) = hear(&mut dialect, r#"{"type":"connect","connectionId":"1","polite":false}"#);
    assert!(events.contains(&SignalEvent::Invite { connection: id("1"), one_stream: false }));
    let offer = |sdp: &str| SignalCommand::Offer { connection: id("1"), sdp: sdp.into() };
    let candidate = SignalCommand::Candidate { connection: id("1"), candidate: ice("candidate:1") };
    assert_eq!(say(&mut dialect, offer("v=0 a")).len(), 1);
    let said = say(&mut dialect, candidate);
    let again = say(&mut dialect, offer("v=0 a"));
    assert_eq!((again.len(), &again[1]), (2, &said[0]));
    assert_eq!(say(&mut dialect, offer("v=0 b")).len(), 1, "another offer has candidates of its own");
}

#[test]
fn private_connection_is_asked_for_again_after_a_loss_and_offered_in_when_it_is_free() {
    let (mut dialect, _) = open(Some("1"));
    let used = r#"{"type":"error","message":"1: This connection id is already used."}"#;
    let (events, frames) = hear(&mut dialect, used);
    assert!(matches!(&events[..], [SignalEvent::Trouble { reason }] if reason.contains("signaling.connection_id = 1")));
    assert_eq!(frames, [json!(0); 0]);
    let mut out = Output::default();
    let at = dialect.next_deadline().unwrap();
    dialect.handle_tick(at, &mut out);
    assert_eq!(json_of(&out), [json!({"type": "connect", "connectionId": "1"})]);
    dialect.closed(at, &mut out);
    assert_eq!(dialect.next_deadline(), None);
    let mut out = Output::default();
    dialect.opened(at, &mut out);
    assert_eq!(json_of(&out), [json!({"type": "connect", "connectionId": "1"})]);
}

#[test]
fn other_servers_are_told_apart() {
    let (mut dialect, _) = open(Some("1"));
    let (events, _) = hear(&mut dialect, r#"{"type":"connect","connectionId":"made-up"}"#);
    assert!(matches!(&events[..], [SignalEvent::Trouble { reason }] if reason.contains("no private mode")));
    let mut out = Output::default();
    for text in ["hello", "[]", "{}", r#"{"type":"offer"}"#, r#"{"type":"offer","from":"","data":{"sdp":"v=0"}}"#] {
        assert!(dialect.handle_text(text, NOW, &mut out).is_err(), "{text}");
    }
    assert!(dialect.handle_text(r#"{"type":"error","message":"no"}"#, NOW, &mut out).is_err());
    assert_eq!(dialect.handle_text(r#"{"type":"novelty"}"#, NOW, &mut out), Ok(()));
    assert_eq!(out, Output::default());
}

/// Frames that are right.
fn right() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["a", "b", "victim", "1", ""]);
    let kinds = prop::sample::select(vec!["offer", "answer", "candidate", "connect", "disconnect", "error", "novelty"]);
    (names, kinds, 0..4u32, any::<bool>()).prop_map(|(name, kind, n, polite)| match kind {
        "connect" | "disconnect" => json!({"type": kind, "connectionId": name, "polite": polite}),
        "error" => json!({"type": kind, "message": format!("{name}: This connection id is already used.")}),
        "candidate" => {
            json!({"from": name, "type": kind, "data": {"candidate": format!("candidate:{n}"), "sdpMid": "0", "sdpMLineIndex": 0}})
        }
        _ => json!({"from": name, "type": kind, "data": {"sdp": format!("v=0 {n}"), "polite": polite}}),
    })
}

/// What is wrong with a frame: a part taken out, put in the place of another, or made of something else.
#[derive(Clone, Debug)]
enum Wrong {
    Nothing,
    Missing(&'static str),
    Other(&'static str, Value),
    Cut(usize),
    Long(&'static str, usize),
    Deep(usize),
}

fn wrong() -> impl Strategy<Value = Wrong> {
    let keys = || {
        prop::sample::select(vec![
            "type",
            "from",
            "connectionId",
            "data",
            "sdp",
            "candidate",
            "sdpMid",
            "sdpMLineIndex",
        ])
    };
    let values = prop::sample::select(vec![
        Value::Null,
        json!(1e300),
        json!(-1),
        json!([]),
        json!({"sdp": {"sdp": []}}),
        json!("\u{0}\u{fffd}"),
        json!(true),
    ]);
    prop_oneof![
        3 => Just(Wrong::Nothing),
        1 => keys().prop_map(Wrong::Missing),
        2 => (keys(), values).prop_map(|(key, value)| Wrong::Other(key, value)),
        1 => (0..120usize).prop_map(Wrong::Cut),
        1 => (keys(), prop::sample::select(vec![257, 2049, 300_000])).prop_map(|(key, n)| Wrong::Long(key, n)),
        1 => (1..400usize).prop_map(Wrong::Deep),
    ]
}

fn text_of(mut frame: Value, wrong: &Wrong) -> String {
    let mut set = |key: &str, value: Option<Value>| {
        let inner = frame["data"].get(key).is_some();
        let map = if inner { frame["data"].as_object_mut() } else { frame.as_object_mut() };
        map.and_then(|map| match value {
            Some(value) => map.insert(key.into(), value),
            None => map.remove(key),
        });
    };
    match wrong {
        Wrong::Missing(key) => drop(set(key, None)),
        Wrong::Other(key, value) => drop(set(key, Some(value.clone()))),
        Wrong::Long(key, n) => drop(set(key, Some(json!("x".repeat(*n))))),
        Wrong::Deep(n) => return format!("{}{}", "{\"data\":".repeat(*n), "}".repeat(*n)),
        Wrong::Cut(n) => return frame.to_string().chars().take(*n).collect(),
        Wrong::Nothing => {}
    }
    frame.to_string()
}

proptest! {
    #[test]
    fn no_frames_of_others_touch_a_connection(
        frames in prop::collection::vec((right(), wrong()), 0..60),
        private in prop::option::of(Just("1")),
        repeats in 1..3usize,
    ) {
        let (mut dialect, _) = open(private);
        let victim = id("victim");
        let offer = json!({"from": "victim", "type": "offer", "data": {"sdp": "v=0 first", "polite": false}}).to_string();
        prop_assert_eq!(hear(&mut dialect, &offer).0.len(), 1);
        say(&mut dialect, SignalCommand::Answer { connection: victim.clone(), sdp: "v=0 answered".into() });
        say(&mut dialect, SignalCommand::Offer { connection: victim.clone(), sdp: "v=0 offered".into() });
        for (frame, wrong) in frames {
            let text = text_of(frame, &wrong);
            // What names the victim is its own server's word; everything else must not concern it.
            if text.contains("victim") {
                continue;
            }
            for _ in 0..repeats {
                let mut out = Output::default();
                let _ = dialect.handle_text(&text, NOW, &mut out);
                prop_assert!(out.events.len() <= 2 && out.frames.len() <= 2, "{} events, {} frames", out.events.len(), out.frames.len());
                prop_assert!(json_of(&out).iter().all(Value::is_object));
            }
        }
        let answer = json!({"from": "victim", "type": "answer", "data": {"sdp": "v=0 theirs"}}).to_string();
        let expected = SignalEvent::Answer { connection: victim, sdp: "v=0 theirs".into() };
        prop_assert_eq!(hear(&mut dialect, &answer).0, [expected]);
        prop_assert_eq!(hear(&mut dialect, &answer).0, []);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>(), frames in prop::collection::vec((right(), wrong()), 0..30)) {
        let (mut dialect, _) = open(Some("1"));
        let mut out = Output::default();
        let _ = dialect.handle_text(&text, NOW, &mut out);
        for (frame, wrong) in frames {
            let _ = dialect.handle_text(&text_of(frame, &wrong), NOW, &mut out);
        }
    }
}

#[test]
fn what_is_remembered_is_bounded() {
    let (mut dialect, _) = open(None);
    let mut out = Output::default();
    let mut refused = 0;
    for n in 0..5_000 {
        let offer = json!({"from": format!("c{n}"), "type": "offer", "data": {"sdp": "v=0", "polite": false}});
        refused += u32::from(dialect.handle_text(&offer.to_string(), NOW, &mut out).is_err());
        out.events.clear();
    }
    assert!(refused > 2_000, "{refused} refused");
    dialect.closed(NOW, &mut out);
    for n in 0..2_000 {
        say(&mut dialect, SignalCommand::Answer { connection: id(&format!("c{n}")), sdp: "v=0".into() });
    }
    dialect.opened(NOW, &mut out);
    assert_eq!(out.frames.len(), MAX_KEPT);
}
