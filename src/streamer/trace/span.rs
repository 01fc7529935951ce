//! One frame's way to one viewer as a line of OpenTelemetry's OTLP in JSON (opentelemetry.io/docs/specs/otel/protocol/file-exporter
//! and, for ids, times and numbers, otlp/#json-protobuf-encoding). Pure.

use std::time::Duration;

use serde_json::{Value, json};

use crate::fanout::Marks;
use crate::time::Nanos;
use crate::units::{SenderId, Size, ViewerId};

/// SPAN_KIND_INTERNAL.
const INTERNAL: u32 = 1;

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Since 1970.
    pub wall: Duration,
    pub at: Nanos,
}

impl Clock {
    /// Nanoseconds since 1970. 64 bits are written as text.
    fn unix(self, at: Nanos) -> String {
        let nanos = self.wall.as_nanos() + u128::from(at.0);
        nanos.saturating_sub(u128::from(self.at.0)).to_string()
    }
}

/// A frame and when it was where.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub viewer: ViewerId,
    pub sender: SenderId,
    pub codec: &'static str,
    pub size: Size,
    pub keyframe: bool,
    /// Of its payloads.
    pub bytes: usize,
    pub rtp_timestamp: u32,
    pub pushed_at: Nanos,
    pub marks: Marks,
    pub encode_started: Nanos,
    pub encode_ended: Nanos,
    pub paced_at: Nanos,
    pub sent_at: Nanos,
}

impl Way {
    /// Each stretch ends where the next begins, but for the wait between conversion and encoding.
    fn stretches(&self) -> [(&'static str, Nanos, Nanos); 6] {
        let Marks { converting, converted, packetized } = self.marks;
        [
            // Until a worker takes the picture.
            ("capture", self.pushed_at, converting),
            ("convert", converting, converted),
            ("encode", self.encode_started, self.encode_ended),
            ("packetize", self.encode_ended, packetized),
            // Until the viewer's link takes it.
            ("pace", packetized, self.paced_at),
            // Until its last packet has gone to encryption and the socket.
            ("send", self.paced_at, self.sent_at),
        ]
    }
}

/// With its line end. `seed`: of this run, so that names are nobody else's.
pub fn line(way: &Way, clock: Clock, seed: u64) -> String {
    let own = u64::from(way.viewer.0) << 32 | u64::from(way.sender.0);
    let trace = format!("{:016x}{:016x}", mix(seed ^ own), mix(seed.wrapping_add(way.pushed_at.0)));
    let root = mix(seed ^ own ^ way.pushed_at.0).max(1);
    let span = |id: u64, parent: Option<u64>, name: &str, from: Nanos, to: Nanos, attributes: Value| {
        json!({
            "traceId": trace, "spanId": format!("{id:016x}"),
            "parentSpanId": parent.map_or_else(String::new, |id| format!("{id:016x}")),
            "name": name, "kind": INTERNAL, "startTimeUnixNano": clock.unix(from), "endTimeUnixNano": clock.unix(to.max(from)),
            "attributes": attributes, "status": {},
        })
    };
    let whole = json!([
        number("rendercast.viewer", way.viewer.0.into()),
        number("rendercast.sender", way.sender.0.into()),
        text("rendercast.codec", way.codec),
        number("rendercast.width", way.size.width.into()),
        number("rendercast.height", way.size.height.into()),
        number("rendercast.bytes", way.bytes as u64),
        number("rendercast.rtp_timestamp", way.rtp_timestamp.into()),
        json!({"key": "rendercast.keyframe", "value": {"boolValue": way.keyframe}}),
    ]);
    let mut spans = vec![span(root, None, "frame", way.pushed_at, way.sent_at, whole)];
    for (position, (name, from, to)) in (1..).zip(way.stretches()) {
        spans.push(span(mix(root.wrapping_add(position)).max(1), Some(root), name, from, to, json!([])));
    }
    let resource =
        json!({"attributes": [text("service.name", "rendercast"), text("service.version", env!("CARGO_PKG_VERSION"))]});
    let scope = json!({"name": "rendercast", "version": env!("CARGO_PKG_VERSION")});
    let scoped = json!([{"scope": scope, "spans": spans}]);
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": scoped}]}).to_string() + "\n"
}

fn number(key: &str, value: u64) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// Spreads neighbours far apart (the finalizer of SplitMix64).
const fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn way(viewer: u32) -> Way {
        let at = |ms: u64| Nanos(ms * 1_000_000);
        Way {
            viewer: ViewerId(viewer),
            sender: SenderId(1),
            codec: "H264",
            size: Size::new(640, 360),
            keyframe: true,
            bytes: 4_000,
            rtp_timestamp: 90_000,
            pushed_at: at(1_000),
            marks: Marks { converting: at(1_001), converted: at(1_003), packetized: at(1_010) },
            encode_started: at(1_004),
            encode_ended: at(1_009),
            paced_at: at(1_011),
            sent_at: at(1_015),
        }
    }

    fn read(way: &Way) -> (Value, Vec<Value>) {
        let clock = Clock { wall: Duration::from_secs(2_000), at: Nanos(500_000_000) };
        let line = line(way, clock, 42);
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
        let value: Value = serde_json::from_str(&line).unwrap();
        let spans = value["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
        (value["resourceSpans"][0]["resource"].clone(), spans)
    }

    #[test]
    fn a_frame_is_a_trace_whose_spans_are_its_stretches() {
        let (resource, spans) = read(&way(7));
        assert_eq!(resource["attributes"][0], json!({"key": "service.name", "value": {"stringValue": "rendercast"}}));
        let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["frame", "capture", "convert", "encode", "packetize", "pace", "send"]);
        let root = &spans[0];
        // Pushed half a second after the moment at which it was second 2000.
        assert_eq!(
            (&root["startTimeUnixNano"], &root["endTimeUnixNano"]),
            (&json!("2000500000000"), &json!("2000515000000"))
        );
        assert_eq!((&root["parentSpanId"], &root["kind"]), (&json!(""), &json!(1)));
        let is_hex = |value: &Value, digits| {
            let text = value.as_str().unwrap();
            text.len() == digits
                && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
                && text.bytes().any(|c| c != b'0')
        };
        for span in &spans {
            assert_eq!(span["traceId"], root["traceId"]);
            assert!(is_hex(&span["traceId"], 32) && is_hex(&span["spanId"], 16));
        }
        assert!(spans[1..].iter().all(|span| span["parentSpanId"] == root["spanId"]));
        assert_eq!(spans.iter().map(|span| span["spanId"].as_str().unwrap()).collect::<BTreeSet<_>>().len(), 7);
        let bytes = root["attributes"].as_array().unwrap().iter().find(|one| one["key"] == "rendercast.bytes").unwrap();
        assert_eq!(bytes["value"]["intValue"], "4000", "64 bits are a text");
    }

    #[test]
    fn two_viewers_of_a_frame_have_a_trace_each_and_no_span_ends_before_it_begins() {
        let (_, first) = read(&way(7));
        let (_, second) = read(&Way { marks: Marks { converting: Nanos(0), ..way(8).marks }, ..way(8) });
        assert_ne!(first[0]["traceId"], second[0]["traceId"]);
        for span in &second {
            let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
            assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
        }
    }
}
