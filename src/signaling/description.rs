//! The channel of W3C's perfect negotiation example: `{"desc": RTCSessionDescription}` and `{"candidate":
//! RTCIceCandidateInit}`. Either side offers when it needs to, so glare is ordinary; whether we yield in it is configured.

use serde_json::{Value, json};

use super::IceCandidate;
use super::candidate_json;
use super::channel::{Channel, Message, Wording};
use super::dialect::Malformed;

/// This protocol.
pub type Description = Channel<DescriptionWording>;

#[derive(Clone, Copy, Debug)]
pub struct DescriptionWording;

impl Wording for DescriptionWording {
    const NAME: &'static str = "description";

    fn parse(text: &str) -> Result<Message, Malformed> {
        let message: Value = serde_json::from_str(text).map_err(|_| Malformed("no JSON".into()))?;
        let Value::Object(message) = message else { return Err(Malformed("no object".into())) };
        // The example's name, and the one that later texts of W3C have.
        let description = ["desc", "description"].iter().find_map(|key| message.get(*key)).filter(|d| !d.is_null());
        if let Some(description) = description {
            let sdp = description.get("sdp").and_then(Value::as_str).unwrap_or_default();
            return match description.get("type").and_then(Value::as_str) {
                Some("offer" | "answer") if sdp.is_empty() => Err(Malformed("a description without sdp".into())),
                Some("offer") => Ok(Message::Offer(sdp.to_owned())),
                Some("answer") => Ok(Message::Answer(sdp.to_owned())),
                Some("pranswer") => Err(Malformed("a provisional answer: only the final one counts".into())),
                Some("rollback") => Err(Malformed("a rollback: it concerns the side that does it only".into())),
                _ => Err(Malformed("a description of no known type".into())),
            };
        }
        match message.get("candidate") {
            // `{candidate: undefined}` is `{}` as a text.
            None => Ok(Message::Nothing),
            Some(candidate) => Ok(candidate_json::read(candidate)?.map_or(Message::Nothing, Message::Candidate)),
        }
    }

    fn offer(sdp: &str) -> String {
        json!({"desc": {"type": "offer", "sdp": sdp}}).to_string()
    }

    fn answer(sdp: &str) -> String {
        json!({"desc": {"type": "answer", "sdp": sdp}}).to_string()
    }

    fn candidate(candidate: &IceCandidate, ufrag: Option<&str>) -> String {
        json!({"candidate": candidate_json::write(candidate, ufrag)}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_read_as_the_example_writes_them() {
        let parse = DescriptionWording::parse;
        assert_eq!(parse(r#"{"desc":{"type":"offer","sdp":"v=0"}}"#), Ok(Message::Offer("v=0".into())));
        assert_eq!(parse(r#"{"description":{"type":"answer","sdp":"v=0"}}"#), Ok(Message::Answer("v=0".into())));
        let Ok(Message::Candidate(told)) = parse(r#"{"candidate":{"candidate":"c","sdpMid":"0"}}"#) else { panic!() };
        assert_eq!(told.candidate.sdp_mid.as_deref(), Some("0"));
        for end in
            [r#"{"candidate":null}"#, r#"{"candidate":{"candidate":""}}"#, r#"{"desc":null,"candidate":""}"#, "{}"]
        {
            assert_eq!(parse(end), Ok(Message::Nothing), "{end}");
        }
    }

    #[test]
    fn types_that_no_page_needs_to_send_are_refused_by_name() {
        let error = |kind: &str| {
            DescriptionWording::parse(&json!({"desc": {"type": kind, "sdp": "v=0"}}).to_string()).unwrap_err().0
        };
        assert!(error("pranswer").contains("provisional") && error("rollback").contains("rollback"));
        assert!(error("bid").contains("type"));
        for wrong in ["", "1", "[]", r#"{"desc":{"type":"offer"}}"#, r#"{"desc":"v=0"}"#, r#"{"candidate":7}"#] {
            assert!(DescriptionWording::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_parser(text in prop_oneof![any::<String>(), "\\{\"(desc|candidate)\":[ -~]{0,60}\\}"]) {
            let _ = DescriptionWording::parse(&text);
        }
    }
}
