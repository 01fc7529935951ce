//! The plainest of protocols, for one page at one relay: bare session descriptions `{"type":"offer","sdp":..}` and
//! `{"type":"answer","sdp":..}`, and `{"type":"ice","ice":"<candidate as JSON text>"}`. The relay repeats each message to all
//! others; one that knows the three fields only sends all of them, empty where they say nothing.

use serde_json::{Value, json};

use super::IceCandidate;
use super::candidate_json;
use super::channel::{Channel, Message, Wording};
use super::dialect::Malformed;

/// This protocol.
pub type Relay = Channel<RelayWording>;

#[derive(Clone, Copy, Debug)]
pub struct RelayWording;

impl Wording for RelayWording {
    const NAME: &'static str = "relay";

    fn parse(text: &str) -> Result<Message, Malformed> {
        let message: Value = serde_json::from_str(text).map_err(|_| Malformed("no JSON".into()))?;
        let sdp = || match message.get("sdp") {
            Some(Value::String(sdp)) if !sdp.is_empty() => Ok(sdp.clone()),
            _ => Err(Malformed("a description without sdp".into())),
        };
        match message.get("type").and_then(Value::as_str) {
            Some("offer") => sdp().map(Message::Offer),
            Some("answer") => sdp().map(Message::Answer),
            Some("ice") => {
                let told = candidate_json::read(message.get("ice").unwrap_or(&Value::Null))?;
                Ok(told.map_or(Message::Nothing, Message::Candidate))
            }
            // Pages at the same relay may have more to say to each other.
            Some(_) => Ok(Message::Nothing),
            None => Err(Malformed("no type".into())),
        }
    }

    fn offer(sdp: &str) -> String {
        json!({"type": "offer", "sdp": sdp}).to_string()
    }

    fn answer(sdp: &str) -> String {
        json!({"type": "answer", "sdp": sdp}).to_string()
    }

    fn candidate(candidate: &IceCandidate, ufrag: Option<&str>) -> String {
        json!({"type": "ice", "ice": candidate_json::write(candidate, ufrag).to_string()}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_read_as_pages_and_as_the_three_field_relay_write_them() {
        let parse = RelayWording::parse;
        assert_eq!(parse(r#"{"type":"offer","sdp":"v=0"}"#), Ok(Message::Offer("v=0".into())));
        assert_eq!(parse(r#"{"type":"answer","sdp":"v=0","ice":""}"#), Ok(Message::Answer("v=0".into())));
        let ice =
            r#"{"type":"ice","sdp":"","ice":"{\"candidate\":\"candidate:1\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}"}"#;
        let Ok(Message::Candidate(told)) = parse(ice) else { panic!() };
        assert_eq!(told.candidate.candidate, "candidate:1");
        let ends = [r#"{"type":"ice"}"#, r#"{"type":"ice","sdp":"","ice":""}"#, r#"{"type":"ice","ice":null}"#];
        for end in ends.into_iter().chain([r#"{"type":"ice","ice":"null"}"#, r#"{"type":"chat"}"#]) {
            assert_eq!(parse(end), Ok(Message::Nothing), "{end}");
        }
        for wrong in ["", "offer", "[]", "{}", r#"{"type":1}"#, r#"{"type":"offer","sdp":"","ice":""}"#] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn messages_are_written_as_the_pages_write_them() {
        assert_eq!(RelayWording::offer("v=0\r\n"), r#"{"sdp":"v=0\r\n","type":"offer"}"#);
        let candidate = IceCandidate { candidate: "c".into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
        let message: Value = serde_json::from_str(&RelayWording::candidate(&candidate, Some("u"))).unwrap();
        let inner: Value = serde_json::from_str(message["ice"].as_str().unwrap()).unwrap();
        let whole = json!({"candidate": "c", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "u"});
        assert_eq!((message["type"].as_str(), inner), (Some("ice"), whole));
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_parser(text in prop_oneof![any::<String>(), "\\{\"type\":\"(ice|offer|answer)\",\"(ice|sdp)\":[ -~]{0,40}\\}"]) {
            let _ = RelayWording::parse(&text);
        }
    }
}
