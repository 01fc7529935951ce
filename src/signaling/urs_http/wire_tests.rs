use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::signaling::IceCandidate;

fn id(text: &str) -> ConnectionId {
    ConnectionId(Arc::from(text))
}

fn candidate_message(connection: &str, text: &str) -> Message {
    let candidate = IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
    Message::Candidate { connection: id(connection), candidate }
}

#[test]
fn both_shapes_of_candidates_are_read() {
    let item = r#"{"candidate":"candidate:1","sdpMLineIndex":0,"sdpMid":"0""#;
    let grouped = format!(r#"{{"candidates":[{{"connectionId":"c","candidates":[{item}}},{item}}}]}}]}}"#);
    let batch = parse_list(Kind::Candidate, grouped.as_bytes()).unwrap();
    assert_eq!(batch.messages, vec![candidate_message("c", "candidate:1"); 2]);
    let flat = format!(r#"{{"candidates":[{item},"connectionId":"c","type":"candidate","datetime":1}}]}}"#);
    let batch = parse_list(Kind::Candidate, flat.as_bytes()).unwrap();
    assert_eq!(batch.messages, vec![candidate_message("c", "candidate:1")]);
}

#[test]
fn combined_messages_are_read_and_own_connects_passed_over() {
    let body = br#"{"messages":[{"connectionId":"c","sdp":"o","polite":false,"type":"offer","datetime":1},
        {"connectionId":"c","sdp":"a","type":"answer"},{"connectionId":"c","type":"connect"},
        {"connectionId":"c","type":"disconnect"},{"connectionId":"c","type":"novelty"}],"datetime":1795225115754}"#;
    let batch = parse_messages(body).unwrap();
    assert_eq!(batch.datetime, Some(1_795_225_115_754));
    assert_eq!(batch.malformed, 0);
    assert_eq!(
        batch.messages,
        vec![
            Message::Offer { connection: id("c"), sdp: "o".into(), polite: Some(false) },
            Message::Answer { connection: id("c"), sdp: "a".into() },
            Message::Disconnect { connection: id("c") },
        ]
    );
}

#[test]
fn bad_items_are_counted_and_the_rest_is_read() {
    let long = "x".repeat(MAX_CONNECTION_ID + 1);
    let body = format!(
        r#"{{"offers":[{{"connectionId":"{long}","sdp":"x"}},{{"sdp":"x"}},null,7,{{"connectionId":"","sdp":"x"}},
        {{"connectionId":"c","sdp":5}},{{"connectionId":"c","sdp":"good"}}]}}"#
    );
    let batch = parse_list(Kind::Offer, body.as_bytes()).unwrap();
    assert_eq!(batch.malformed, 6);
    assert_eq!(batch.messages, vec![Message::Offer { connection: id("c"), sdp: "good".into(), polite: None }]);
}

#[test]
fn bodies_that_are_something_else_are_errors() {
    assert_eq!(parse_messages(b"<!DOCTYPE html>"), Err(WireError::NotJson));
    assert_eq!(parse_messages(b"{}"), Err(WireError::Missing("messages")));
    assert_eq!(parse_list(Kind::Answer, br#"{"answers":{}}"#), Err(WireError::Missing("answers")));
    assert_eq!(parse_config(b"{}"), Err(WireError::Missing("useWebSocket")));
    assert_eq!(parse_session(br#"{"sessionId":"a\r\nb: c"}"#), Err(WireError::Missing("sessionId")));
    assert_eq!(parse_messages("[".repeat(100_000).as_bytes()), Err(WireError::NotJson));
}

#[test]
fn configurations_are_read() {
    let newest = br#"{"useWebSocket":true,"startupMode":"private","logging":"dev"}"#;
    assert_eq!(parse_config(newest), Ok(ServerConfig { use_web_socket: true, is_private: true }));
    assert_eq!(parse_config(br#"{"useWebSocket":false}"#), Ok(ServerConfig::default()));
    assert_eq!(parse_session(br#"{"sessionId":"3e7cc9ca"}"#), Ok("3e7cc9ca".into()));
}

#[test]
fn dates_are_read_as_the_recorded_ones() {
    assert_eq!(parse_date("Sat, 21 Nov 2026 01:42:05 GMT"), Some(1_795_225_325_000));
    assert_eq!(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(parse_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199_000));
    for junk in [
        "",
        "Sat",
        "Sat, 21 Nov 2026",
        "Sat, 21 Foo 2026 01:42:05 GMT",
        "Sat, 21 Nov 1 01:42:05 GMT",
        "x, 0 Jan 1970 0:0:0 GMT",
    ] {
        assert_eq!(parse_date(junk), None, "{junk}");
    }
}

#[test]
fn politeness_is_read_in_both_shapes() {
    let read = |text: &str| parse_connect(&id("01234"), text.as_bytes());
    assert_eq!(read(r#"{"connectionId":"01234","polite":false,"type":"connect","datetime":1}"#), Ok(Some(false)));
    assert_eq!(read(r#"{"connectionId":"01234","peerExists":true}"#), Ok(Some(true)));
    assert_eq!(read(r#"{"connectionId":"a name of the server's own"}"#), Ok(None));
    assert_eq!(read(r#"{"error":{}}"#), Err(WireError::Missing("connectionId")));
}

/// JSON that is nearly right.
fn json_like() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"messages\"",
        "\"offers\"",
        "\"candidates\"",
        "\"candidate\"",
        "\"type\"",
        "\"offer\"",
        "\"sdp\"",
        "\"connectionId\"",
        "\"datetime\"",
        "1e999",
        "-1",
        "null",
        "\"\\ud800\"",
        "{\"messages\":[",
        "]}",
    ]);
    prop::collection::vec(words, 0..30).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_taken(body in prop_oneof![json_like().prop_map(String::into_bytes), any::<Vec<u8>>()]) {
        super::super::decode(&body);
    }

    #[test]
    fn any_date_shape_is_taken(text in "[A-Z][a-z]{2}, [0-9]{1,20} (Jan|Feb|Dec) [0-9]{1,20} [0-9:]{0,20} (GMT|CET)") {
        let _ = parse_date(&text);
    }
}
