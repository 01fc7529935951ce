//! The call protocol's messages: `{"type", "username", "target", "data"}`, from and to users of a server that forwards them.

use serde_json::{Map, Value, json};

use crate::config::is_user_name;
use crate::signaling::IceCandidate;
use crate::signaling::candidate_json::{self, Told};
use crate::signaling::dialect::Malformed;

/// What one user says to another.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// Asks for a call. An offer is the consent.
    StartStreaming,
    Offer(String),
    Answer(String),
    Candidate(Told),
    EndCall,
    /// Something that does not concern us: the end of candidates, an echo of `SignIn`, a server's own words.
    Nothing,
}

/// A message and who says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub from: String,
    pub word: Word,
}

/// Reads a frame for `me`. One for somebody else is refused: a server should not have sent it.
pub fn parse(text: &str, me: &str) -> Result<Message, Malformed> {
    let message: Value = serde_json::from_str(text).map_err(|_| malformed("no JSON"))?;
    let Value::Object(fields) = message else { return Err(malformed("no object")) };
    let kind = fields.get("type").and_then(Value::as_str).ok_or_else(|| malformed("no type"))?;
    if !matches!(kind, "StartStreaming" | "Offer" | "Answer" | "IceCandidates" | "EndCall") {
        return Ok(Message { from: String::new(), word: Word::Nothing });
    }
    let from = match fields.get("username").and_then(Value::as_str) {
        Some(name) if is_user_name(name) => name.to_owned(),
        _ => return Err(malformed("username is missing, too long or no name")),
    };
    match fields.get("target") {
        None | Some(Value::Null) => {}
        Some(Value::String(target)) if target == me => {}
        Some(_) => return Err(malformed("target is somebody else")),
    }
    let word = match kind {
        "StartStreaming" => Word::StartStreaming,
        "Offer" => Word::Offer(description(&fields)?),
        "Answer" => Word::Answer(description(&fields)?),
        "EndCall" => Word::EndCall,
        _ => candidate_json::read(fields.get("data").unwrap_or(&Value::Null))?.map_or(Word::Nothing, Word::Candidate),
    };
    Ok(Message { from, word })
}

/// The SDP in `data`: as it is, or within an RTCSessionDescription, which may be a JSON text itself.
fn description(fields: &Map<String, Value>) -> Result<String, Malformed> {
    let within = |value: &Value| value.get("sdp").and_then(Value::as_str).map(str::to_owned);
    let sdp = match fields.get("data") {
        Some(Value::String(text)) if text.trim_start().starts_with('{') => {
            serde_json::from_str(text).ok().as_ref().and_then(within)
        }
        Some(Value::String(text)) => Some(text.clone()),
        Some(data) => within(data),
        None => None,
    };
    sdp.filter(|sdp| !sdp.is_empty()).ok_or_else(|| malformed("data is no description"))
}

/// The first frame of every socket.
pub fn sign_in(me: &str) -> String {
    json!({"type": "SignIn", "username": me}).to_string()
}

pub fn start_streaming(me: &str, target: &str) -> String {
    json!({"type": "StartStreaming", "username": me, "target": target}).to_string()
}

pub fn offer(me: &str, target: &str, sdp: &str) -> String {
    json!({"type": "Offer", "username": me, "target": target, "data": sdp}).to_string()
}

pub fn answer(me: &str, target: &str, sdp: &str) -> String {
    json!({"type": "Answer", "username": me, "target": target, "data": sdp}).to_string()
}

/// A JSON text, as phones send it. The line is there under both of its names: `sdp` for phones, `candidate` for browsers.
pub fn candidate(me: &str, target: &str, candidate: &IceCandidate, ufrag: Option<&str>) -> String {
    let mut data = candidate_json::write(candidate, ufrag);
    data["sdp"] = Value::from(candidate.candidate.as_str());
    json!({"type": "IceCandidates", "username": me, "target": target, "data": data.to_string()}).to_string()
}

pub fn end_call(me: &str, target: &str) -> String {
    json!({"type": "EndCall", "username": me, "target": target}).to_string()
}

fn malformed(what: &str) -> Malformed {
    Malformed(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word(fields: &str) -> Result<Word, Malformed> {
        parse(&format!(r#"{{"username":"ann",{fields}}}"#), "me").map(|message| message.word)
    }

    #[test]
    fn messages_are_read_with_their_data_as_a_text_or_an_object() {
        let message = parse(r#"{"type":"StartStreaming","username":"ann","target":"me","data":null}"#, "me").unwrap();
        assert_eq!((message.from.as_str(), message.word), ("ann", Word::StartStreaming));
        let offers = [r#""v=0""#, r#"{"type":"offer","sdp":"v=0"}"#, r#""{\"type\":\"offer\",\"sdp\":\"v=0\"}""#];
        for data in offers {
            assert_eq!(word(&format!(r#""type":"Offer","target":"me","data":{data}"#)), Ok(Word::Offer("v=0".into())));
        }
        for data in [r#"{"sdpMid":"0","sdpMLineIndex":0,"sdp":"c"}"#, r#""{\"candidate\":\"c\",\"sdpMid\":\"0\"}""#] {
            let Ok(Word::Candidate(told)) = word(&format!(r#""type":"IceCandidates","data":{data}"#)) else { panic!() };
            assert_eq!((told.candidate.candidate.as_str(), told.candidate.sdp_mid.as_deref()), ("c", Some("0")));
        }
        for nothing in [r#""type":"IceCandidates""#, r#""type":"SignIn""#, r#""type":"Welcome","data":[1]"#] {
            assert_eq!(word(nothing), Ok(Word::Nothing), "{nothing}");
        }
        assert_eq!(word(r#""type":"EndCall","target":"me""#), Ok(Word::EndCall));
    }

    #[test]
    fn what_is_for_others_or_from_nobody_is_refused() {
        let wrong = [r#""type":"EndCall","target":"you""#, r#""type":"Offer""#, r#""type":"Offer","data":{}"#];
        for wrong in wrong.into_iter().chain([r#""type":"Answer","data":"""#, r#""type":7"#, r#""data":1"#]) {
            assert!(word(wrong).is_err(), "{wrong}");
        }
        let long = format!(r#"{{"type":"EndCall","username":"{}"}}"#, "x".repeat(129));
        let nobody = [r#"{"type":"EndCall"}"#, r#"{"type":"EndCall","username":""}"#, r#"[]"#, ""];
        for wrong in nobody.into_iter().chain([r#"{"type":"EndCall","username":"a\nb"}"#, &long]) {
            assert!(parse(wrong, "me").is_err(), "{wrong}");
        }
    }

    #[test]
    fn messages_are_written_with_the_recorded_names() {
        let value = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        assert_eq!(value(sign_in("me")), json!({"type": "SignIn", "username": "me"}));
        let offer = value(offer("me", "ann", "v=0"));
        assert_eq!(offer, json!({"type": "Offer", "username": "me", "target": "ann", "data": "v=0"}));
        let line = IceCandidate { candidate: "c".into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) };
        let sent = value(candidate("me", "ann", &line, None));
        let data: Value = serde_json::from_str(sent["data"].as_str().unwrap()).unwrap();
        assert_eq!((&data["sdp"], &data["candidate"], &data["sdpMLineIndex"]), (&json!("c"), &json!("c"), &json!(0)));
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_parser(
            kind in "(SignIn|StartStreaming|Offer|Answer|IceCandidates|EndCall|[a-z]{0,4})", data in "[ -~]{0,60}", any: String
        ) {
            let _ = parse(&any, "me");
            let _ = word(&format!(r#""type":"{kind}","data":{data}"#));
            let _ = word(&format!(r#""type":"{kind}","data":{}"#, Value::from(data)));
        }
    }
}
