//! What comes from the page, in W3C's words (`RTCInboundRtpStreamStats`): the crate never sees it, and knows of a stream no more than
//! a description says. Pure.

use serde_json::{Map, Value, json};

use super::map;
use crate::peer::interceptors::agreed::Incoming;
use crate::receive::Medium;
use crate::time::Nanos;

/// What the crate knows of a stream.
const NAMES: [&str; 5] = ["id", "trackIdentifier", "transportId", "codecId", "remoteId"];

/// Tells of each stream that comes, in place of the crate's entry for it. What it refers to is the crate's own.
pub fn add(all: &mut Map<String, Value>, incoming: &[Incoming], now: Nanos) {
    let is_inbound = |entry: &Value| entry.get("type") == Some(&"inbound-rtp".into());
    let known: Vec<Value> = all.values().filter(|entry| is_inbound(entry)).cloned().collect();
    all.retain(|_, entry| !is_inbound(entry));
    for one in incoming {
        let own = known.iter().find(|entry| entry.get("ssrc") == Some(&one.stream.ssrc.into()));
        let (id, entry) = entry(all, one, own, now);
        all.insert(id, Value::Object(entry));
    }
}

fn entry(
    all: &Map<String, Value>,
    incoming: &Incoming,
    known: Option<&Value>,
    now: Nanos,
) -> (String, Map<String, Value>) {
    let Incoming { mid, stream, frames, size } = incoming;
    let medium = stream.encoding.medium();
    let known =
        known.and_then(Value::as_object).into_iter().flatten().filter(|(name, _)| NAMES.contains(&name.as_str()));
    let mut names: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    let id = names.get("id").and_then(Value::as_str).map(str::to_owned);
    let id = id.unwrap_or_else(|| format!("inbound-{}-{}", medium.name(), stream.ssrc));
    let timestamp = all.values().find_map(|entry| entry.get("timestamp")?.as_f64());
    let mut members = map(json!({
        "id": id, "type": "inbound-rtp", "kind": medium.name(), "mid": mid, "ssrc": stream.ssrc,
        "packetsReceived": stream.packets, "bytesReceived": stream.bytes, "packetsLost": stream.lost,
        "jitter": stream.jitter, "retransmittedPacketsReceived": stream.packets_again,
        "retransmittedBytesReceived": stream.bytes_again,
    }));
    if medium == Medium::Video {
        members.extend(map(json!({ "nackCount": stream.nacks, "pliCount": stream.plis, "framesDecoded": frames })));
        if *frames > 0 {
            members.extend(map(json!({ "frameWidth": size.0, "frameHeight": size.1 })));
        }
    }
    if let Some(timestamp) = timestamp {
        let age = now.saturating_since(stream.last).as_secs_f64() * 1e3;
        members.extend(map(json!({ "timestamp": timestamp, "lastPacketReceivedTimestamp": timestamp - age })));
    }
    if let Some(transport) = id_of(all, |entry| entry.get("type") == Some(&"transport".into())) {
        members.insert("transportId".into(), transport.into());
    }
    let payload_type = Value::from(stream.payload_type);
    let is_codec = |entry: &Value| {
        let mime = entry.get("mimeType").and_then(Value::as_str).unwrap_or_default();
        entry.get("payloadType") == Some(&payload_type) && mime.starts_with(medium.name())
    };
    if let Some(codec) = id_of(all, is_codec) {
        members.insert("codecId".into(), codec.into());
    }
    names.remove("id");
    members.extend(names);
    (id, members)
}

fn id_of(all: &Map<String, Value>, is_it: impl Fn(&Value) -> bool) -> Option<&str> {
    all.iter().find(|(_, entry)| is_it(entry)).map(|(id, _)| id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::peer::interceptors::agreed::Inbound;
    use crate::receive::Encoding;

    #[test]
    fn a_stream_that_comes_names_its_section_transport_and_codec() {
        let mut all = map(json!({
            "t": {"id": "t", "type": "transport", "timestamp": 5_000.0},
            "a": {"id": "a", "type": "codec", "payloadType": 96, "mimeType": "audio/x"},
            "c": {"id": "c", "type": "codec", "payloadType": 96, "mimeType": "video/VP8"},
        }));
        let stream = Inbound::new(7, Encoding::Video(Codec::Vp8), 96, Nanos(0));
        let stream = Inbound { packets: 3, bytes: 20, lost: 1, jitter: 0.5, ..stream };
        let incoming = Incoming { mid: "4".into(), stream, frames: 2, size: (64, 32) };
        add(&mut all, &[incoming], Nanos(250_000_000));
        let told = &all["inbound-video-7"];
        let expected = json!({
            "id": "inbound-video-7", "type": "inbound-rtp", "kind": "video", "mid": "4", "ssrc": 7, "packetsReceived": 3,
            "bytesReceived": 20, "packetsLost": 1, "jitter": 0.5, "retransmittedPacketsReceived": 0,
            "retransmittedBytesReceived": 0, "nackCount": 0, "pliCount": 0, "framesDecoded": 2, "frameWidth": 64,
            "frameHeight": 32, "timestamp": 5_000.0, "lastPacketReceivedTimestamp": 4_750.0, "transportId": "t", "codecId": "c",
        });
        assert_eq!(told, &expected);
    }

    #[test]
    fn what_the_crate_names_a_stream_stays_and_what_it_does_not_see_goes() {
        let mut all = map(json!({
            "x": {"id": "x", "type": "inbound-rtp", "ssrc": 7, "remoteId": "r", "codecId": "k", "packetsReceived": 0, "firCount": 0},
            "y": {"id": "y", "type": "inbound-rtp", "ssrc": 8},
        }));
        let stream = Inbound { packets: 4, ..Inbound::new(7, Encoding::Opus, 111, Nanos(0)) };
        add(&mut all, &[Incoming { mid: "1".into(), stream, frames: 0, size: (0, 0) }], Nanos(0));
        assert_eq!(all.keys().collect::<Vec<_>>(), ["x"]);
        let told = &all["x"];
        assert_eq!((&told["id"], &told["remoteId"], &told["codecId"]), (&json!("x"), &json!("r"), &json!("k")));
        assert_eq!((&told["packetsReceived"], told.get("firCount")), (&json!(4), None));
    }

    #[test]
    fn sound_has_no_pictures_and_an_empty_report_nothing_to_refer_to() {
        let mut all = Map::new();
        let stream = Inbound::new(9, Encoding::Opus, 111, Nanos(0));
        add(&mut all, &[Incoming { mid: "1".into(), stream, frames: 0, size: (0, 0) }], Nanos(0));
        let told = all["inbound-audio-9"].as_object().unwrap();
        assert!(["framesDecoded", "nackCount", "codecId", "transportId"].iter().all(|name| !told.contains_key(*name)));
    }
}
