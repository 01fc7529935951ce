//! W3C `RTCIceCandidateInit` as JSON, in every shape in which pages and phones send it.

use serde_json::{Value, json};

use super::IceCandidate;
use super::candidates::MAX_CANDIDATE_LENGTH;
use super::dialect::Malformed;
use super::signature::ufrag_of;

/// Longest `sdpMid` and `usernameFragment` taken, in bytes (RFC 8839: at most 256).
const MAX_WORD_LENGTH: usize = 256;

/// A candidate, and the user fragment of whom it belongs to if that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub candidate: IceCandidate,
    pub ufrag: Option<String>,
}

/// Reads a candidate: an object, or a JSON text of one. The line is `candidate`, or `sdp` as phones' libraries have it.
/// `None` is the end of candidates: null, nothing, or an empty line.
pub fn read(value: &Value) -> Result<Option<Told>, Malformed> {
    let parsed;
    let value = match value {
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => {
            parsed = serde_json::from_str(text).map_err(|_| malformed("the candidate is no JSON text"))?;
            &parsed
        }
        value => value,
    };
    let fields = match value {
        Value::Null => return Ok(None),
        Value::Object(fields) => fields,
        _ => return Err(malformed("the candidate is no object")),
    };
    let line = match fields.get("candidate").filter(|line| !line.is_null()).or_else(|| fields.get("sdp")) {
        Some(Value::String(line)) if line.len() <= MAX_CANDIDATE_LENGTH => line,
        Some(Value::String(_)) => return Err(malformed("the candidate is too long")),
        Some(Value::Null) => return Ok(None),
        _ => return Err(malformed("the candidate has no line")),
    };
    if line.trim().is_empty() {
        return Ok(None);
    }
    let word = |key| match fields.get(key) {
        Some(Value::String(word)) if word.len() <= MAX_WORD_LENGTH => Ok(Some(word.clone())),
        None | Some(Value::Null) => Ok(None),
        _ => Err(malformed(key)),
    };
    let index = match fields.get("sdpMLineIndex") {
        None | Some(Value::Null) => None,
        Some(index) => {
            Some(index.as_u64().and_then(|i| u16::try_from(i).ok()).ok_or_else(|| malformed("sdpMLineIndex"))?)
        }
    };
    let candidate = IceCandidate { candidate: line.clone(), sdp_mid: word("sdpMid")?, sdp_mline_index: index };
    let ufrag = word("usernameFragment")?.filter(|ufrag| !ufrag.is_empty());
    let ufrag = ufrag.or_else(|| ufrag_of(&candidate).map(str::to_owned));
    Ok(Some(Told { candidate, ufrag }))
}

/// `candidate` as browsers write it. `ufrag`, of the description it belongs to, keeps it from being taken for another's.
pub fn write(candidate: &IceCandidate, ufrag: Option<&str>) -> Value {
    json!({
        "candidate": candidate.candidate,
        "sdpMid": candidate.sdp_mid,
        "sdpMLineIndex": candidate.sdp_mline_index,
        "usernameFragment": ufrag_of(candidate).or(ufrag),
    })
}

fn malformed(what: &str) -> Malformed {
    Malformed(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &str) -> Result<Option<Told>, Malformed> {
        read(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn browsers_and_phones_candidates_are_read() {
        let expected = Told {
            candidate: IceCandidate {
                candidate: "candidate:1 1 udp 1 10.0.0.1 9 typ host ufrag ab".into(),
                sdp_mid: Some("0".into()),
                sdp_mline_index: Some(0),
            },
            ufrag: Some("ab".into()),
        };
        let line = &expected.candidate.candidate;
        let init = format!(r#"{{"candidate":"{line}","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"ab"}}"#);
        let phone = format!(r#"{{"sdpMid":"0","sdpMLineIndex":0,"sdp":"{line}","serverUrl":"","adapterType":"WIFI"}}"#);
        let text = serde_json::to_string(&init).unwrap();
        for shape in [&init, &phone, &text] {
            assert_eq!(read_text(shape).unwrap().as_ref(), Some(&expected), "{shape}");
        }
        assert_eq!(read(&write(&expected.candidate, None)).unwrap(), Some(expected));
    }

    #[test]
    fn the_end_of_candidates_has_many_shapes() {
        for end in ["null", r#""""#, r#""null""#, r#"{"candidate":""}"#, r#"{"candidate":null,"sdp":" "}"#] {
            assert_eq!(read_text(end), Ok(None), "{end}");
        }
    }

    #[test]
    fn what_is_no_candidate_is_refused() {
        let long = format!(r#"{{"candidate":"{}"}}"#, "x".repeat(MAX_CANDIDATE_LENGTH + 1));
        let wrong = ["1", "[]", r#""x""#, "{}", r#"{"candidate":1}"#, r#"{"candidate":"c","sdpMLineIndex":65536}"#];
        for wrong in wrong.into_iter().chain([r#"{"candidate":"c","sdpMid":0}"#, &long]) {
            assert!(read_text(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            line in "candidate:[ -~]{1,80}", mid in prop::option::of("[a-z0-9]{0,8}"), index: Option<u16>, ufrag in "[a-z]{4}"
        ) {
            let candidate = IceCandidate { candidate: line, sdp_mid: mid, sdp_mline_index: index };
            let told = read(&write(&candidate, Some(&ufrag))).unwrap().unwrap();
            prop_assert_eq!(told.candidate, candidate);
        }
    }
}
