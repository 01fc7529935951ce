//! The part of a report that is about one section (W3C WebRTC, section 8.6, "stats selection algorithm"). Pure.

use serde_json::{Map, Value};

/// The RTP streams of a section, and everything they refer to, at whatever distance.
pub fn of_section(report: &Map<String, Value>, mid: &str) -> Map<String, Value> {
    let is_stream = |entry: &Value| {
        let kind = entry.get("type").and_then(Value::as_str);
        matches!(kind, Some("outbound-rtp" | "inbound-rtp")) && entry.get("mid").and_then(Value::as_str) == Some(mid)
    };
    let mut wanted: Vec<&String> = report.iter().filter(|(_, entry)| is_stream(entry)).map(|(id, _)| id).collect();
    // The other side's word on a stream names it, not always the other way round.
    let remote = report.iter().filter(|(_, entry)| {
        entry.get("localId").and_then(Value::as_str).is_some_and(|id| wanted.iter().any(|own| *own == id))
    });
    let remote: Vec<&String> = remote.map(|(id, _)| id).collect();
    wanted.extend(remote);
    let mut selected = Map::new();
    while let Some(id) = wanted.pop() {
        let Some(entry) = report.get(id).filter(|_| !selected.contains_key(id)) else { continue };
        let members = entry.as_object().into_iter().flatten().filter(|(name, _)| name.ends_with("Id"));
        wanted.extend(members.filter_map(|(_, value)| Some(report.get_key_value(value.as_str()?)?.0)));
        selected.insert(id.clone(), entry.clone());
    }
    selected
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(report: &Value, mid: &str) -> String {
        let selected = of_section(report.as_object().unwrap(), mid);
        selected.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_section_has_its_streams_and_what_they_refer_to_and_nothing_else() {
        let report = json!({
            "out": {"type": "outbound-rtp", "mid": "0", "codecId": "codec", "transportId": "t", "mediaSourceId": "source"},
            "other": {"type": "outbound-rtp", "mid": "1", "codecId": "codec2", "transportId": "t"},
            "in": {"type": "inbound-rtp", "mid": "0", "transportId": "t"},
            "remote": {"type": "remote-inbound-rtp", "localId": "out"},
            "remote2": {"type": "remote-inbound-rtp", "localId": "other"},
            "codec": {"type": "codec", "transportId": "t"},
            "codec2": {"type": "codec", "transportId": "t"},
            "source": {"type": "media-source", "trackIdentifier": "other"},
            "t": {"type": "transport", "selectedCandidatePairId": "pair", "localCertificateId": "gone"},
            "pair": {"type": "candidate-pair", "transportId": "t", "localCandidateId": "here"},
            "pair2": {"type": "candidate-pair", "transportId": "t"},
            "here": {"type": "local-candidate"},
            "connection": {"type": "peer-connection"},
        });
        assert_eq!(ids(&report, "0"), "codec here in out pair remote source t");
        assert_eq!(ids(&report, "1"), "codec2 here other pair remote2 t");
        assert_eq!((ids(&report, "2"), ids(&json!({}), "0")), (String::new(), String::new()));
    }

    proptest::proptest! {
        #[test]
        fn any_web_of_references_has_an_end(links in proptest::collection::vec((0..8_usize, 0..8_usize), 0..20)) {
            let mut report = Map::new();
            for (from, to) in links {
                let entry = report.entry(from.to_string()).or_insert(json!({"type": "inbound-rtp", "mid": "0"}));
                entry[format!("{to}Id")] = to.to_string().into();
            }
            let selected = of_section(&report, "0");
            proptest::prop_assert_eq!(selected, report);
        }
    }
}
