//! What a page and the host tell each other about latency, on the data channel `rendercast`: JSON texts, each with a `type`.
//! Pure; a page may send anything.
//!
//! From the page: `latency` (what it measures, once a second), `ping` (its clock against ours), `probe` (how long from an input
//! to the picture), `stats` (what we know of it, please). To the page: `pong`, `probe`, `stats`.

use serde::Serialize;
use serde_json::{Value, json};

use super::snapshot::{LayerSnapshot, ViewerSnapshot};

/// The data channel's label.
pub const LABEL: &str = "rendercast";

/// The longest time that is taken for one, in ms: an hour.
const LONGEST_MS: f64 = 3_600_000.0;
/// More pictures a second than any screen has.
const MOST_FPS: f64 = 1_000.0;
/// JavaScript's `Number.MAX_SAFE_INTEGER`.
const MOST: u64 = (1 << 53) - 1;

/// What a page measures of itself. None: it did not say, or what it said makes no sense. Times in ms, 0 to an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PageFigures {
    /// From the capture of a picture to its display.
    pub end_to_end_p50_ms: Option<f64>,
    pub end_to_end_p95_ms: Option<f64>,
    /// How long pictures wait in the jitter buffer, are decoded, and wait for the display.
    pub jitter_buffer_ms: Option<f64>,
    pub decode_ms: Option<f64>,
    pub display_ms: Option<f64>,
    /// From an input to the first picture that the host has drawn after it.
    pub input_to_picture_p50_ms: Option<f64>,
    pub input_to_picture_p95_ms: Option<f64>,
    /// Pictures shown a second.
    pub fps: Option<f64>,
    /// Pictures that were decoded and not shown, since the page began.
    pub dropped: Option<u64>,
    /// How long the picture stood still, since the page began.
    pub frozen_ms: Option<f64>,
}

/// What a page says or asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PageMessage {
    Latency(PageFigures),
    /// `time` is the page's clock, in ms; it is given back as it is, but for the last of its 53 bits.
    Ping {
        id: u64,
        time: f64,
    },
    Probe {
        id: u64,
    },
    /// Whether it wants the statistics once a second.
    Stats {
        on: bool,
    },
}

/// A message of a known type without what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of type {0} lacks a member, or has one of another kind")]
pub struct Malformed(pub &'static str);

impl PageMessage {
    /// None: it is of another type.
    pub fn parse(message: &Value) -> Option<Result<Self, Malformed>> {
        let id = || message.get("id").and_then(Value::as_u64).filter(|id| *id <= MOST);
        let time = || message.get("time").and_then(Value::as_f64).filter(|time| time.is_finite());
        Some(match message.get("type")?.as_str()? {
            "latency" => Ok(Self::Latency(PageFigures::of(message))),
            "ping" => id().zip(time()).map(|(id, time)| Self::Ping { id, time }).ok_or(Malformed("ping")),
            "probe" => id().map(|id| Self::Probe { id }).ok_or(Malformed("probe")),
            "stats" => {
                let on = message.get("on").and_then(Value::as_bool);
                on.map(|on| Self::Stats { on }).ok_or(Malformed("stats"))
            }
            _ => return None,
        })
    }
}

impl PageFigures {
    fn of(message: &Value) -> Self {
        let most = |value: Option<&Value>, most: f64| {
            let number = value.and_then(Value::as_f64).filter(|number| number.is_finite())?;
            // A clock that is estimated may say that a picture was shown just before it was drawn.
            Some(number.clamp(0.0, most))
        };
        let ms = |name: &str| most(message.get(name), LONGEST_MS);
        let share = |name: &str, percentile: &str| most(message.get(name)?.get(percentile), LONGEST_MS);
        Self {
            end_to_end_p50_ms: share("end_to_end_ms", "p50"),
            end_to_end_p95_ms: share("end_to_end_ms", "p95"),
            jitter_buffer_ms: ms("jitter_buffer_ms"),
            decode_ms: ms("decode_ms"),
            display_ms: ms("display_ms"),
            input_to_picture_p50_ms: share("input_to_picture_ms", "p50"),
            input_to_picture_p95_ms: share("input_to_picture_ms", "p95"),
            fps: most(message.get("fps"), MOST_FPS),
            dropped: message.get("dropped").and_then(Value::as_u64).map(|dropped| dropped.min(MOST)),
            frozen_ms: ms("frozen_ms"),
        }
    }
}

/// The answer to a ping: when it came and when this leaves, in us of our clock.
pub fn pong(id: u64, time: f64, received_us: u64, sent_us: u64) -> String {
    json!({"type": "pong", "id": id, "time": time, "received_us": received_us, "sent_us": sent_us}).to_string()
}

/// The answer to a probe: the RTP timestamp of the first picture that the host has pushed since it knows of the probe.
pub fn probe(id: u64, rtp_timestamp: u32) -> String {
    json!({"type": "probe", "id": id, "rtp": rtp_timestamp}).to_string()
}

/// What a page is told of itself once a second, where it wants that.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Without what the page told itself.
    pub viewer: ViewerSnapshot,
    /// The encoding that it is served from.
    pub layer: Option<LayerSnapshot>,
    /// Medians of the last 256 frames, in us.
    pub convert_p50_us: u32,
    pub transit_p50_us: u32,
    /// The RTP timestamp of the last frame that has left, and when it was pushed, in us of the clock of `pong`.
    pub clock: Option<(u32, u64)>,
}

pub fn stats(told: &Told) -> String {
    let member = |value: serde_json::Result<Value>| value.unwrap_or_default();
    let viewer = member(serde_json::to_value(ViewerSnapshot { page: None, page_age_ms: None, ..told.viewer.clone() }));
    let mut layer = told.layer.as_ref().map_or(Value::Null, |layer| member(serde_json::to_value(layer)));
    if let Some(layer) = layer.as_object_mut() {
        layer.insert("convert_p50_us".into(), told.convert_p50_us.into());
        layer.insert("transit_p50_us".into(), told.transit_p50_us.into());
    }
    let mut message = json!({"type": "stats", "viewer": viewer, "layer": layer});
    if let (Some((rtp, us)), Some(message)) = (told.clock, message.as_object_mut()) {
        message.insert("rtp_base".into(), rtp.into());
        message.insert("host_us".into(), us.into());
    }
    message.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(message: Value) -> PageMessage {
        PageMessage::parse(&message).unwrap().unwrap()
    }

    #[test]
    fn a_page_tells_of_itself_and_what_makes_no_sense_is_left_out() {
        let told = json!({
            "type": "latency", "end_to_end_ms": {"p50": 21.5, "p95": 40}, "jitter_buffer_ms": -3, "decode_ms": 2.25,
            "display_ms": 1e300, "input_to_picture_ms": null, "fps": 60, "dropped": 4, "frozen_ms": "long",
        });
        let PageMessage::Latency(figures) = parse(told) else { panic!() };
        let expected = PageFigures {
            end_to_end_p50_ms: Some(21.5),
            end_to_end_p95_ms: Some(40.0),
            jitter_buffer_ms: Some(0.0),
            decode_ms: Some(2.25),
            display_ms: Some(LONGEST_MS),
            fps: Some(60.0),
            dropped: Some(4),
            ..Default::default()
        };
        assert_eq!(figures, expected);
        let probed = json!({"type": "latency", "input_to_picture_ms": {"p50": 30, "p95": 44.5}, "dropped": -1});
        let PageMessage::Latency(figures) = parse(probed) else { panic!() };
        assert_eq!((figures.input_to_picture_p50_ms, figures.input_to_picture_p95_ms), (Some(30.0), Some(44.5)));
        assert_eq!(figures.dropped, None);
    }

    #[test]
    fn requests_need_their_members_and_other_types_are_somebody_elses() {
        assert_eq!(parse(json!({"type": "ping", "id": 3, "time": 17.25})), PageMessage::Ping { id: 3, time: 17.25 });
        assert_eq!(parse(json!({"type": "probe", "id": 4})), PageMessage::Probe { id: 4 });
        assert_eq!(parse(json!({"type": "stats", "on": true})), PageMessage::Stats { on: true });
        for message in [
            json!({"type": "ping", "id": 3}),
            json!({"type": "ping", "id": -3, "time": 1}),
            json!({"type": "probe", "id": 1.5}),
            json!({"type": "probe", "id": 1u64 << 53}),
            json!({"type": "stats", "on": 1}),
        ] {
            assert!(PageMessage::parse(&message).unwrap().is_err(), "{message}");
        }
        for message in [json!({"type": "hello"}), json!({"type": 7}), json!([]), json!("ping"), Value::Null] {
            assert_eq!(PageMessage::parse(&message), None);
        }
    }

    #[test]
    fn answers_give_back_what_they_answer() {
        let pong: Value = serde_json::from_str(&pong(9, 1234.5, 10, 11)).unwrap();
        assert_eq!(pong, json!({"type": "pong", "id": 9, "time": 1234.5, "received_us": 10, "sent_us": 11}));
        let probe: Value = serde_json::from_str(&probe(2, u32::MAX)).unwrap();
        assert_eq!(probe, json!({"type": "probe", "id": 2, "rtp": 4_294_967_295u32}));
    }

    #[test]
    fn a_page_is_told_what_it_is_sent_and_a_moment_of_both_clocks() {
        let viewer = ViewerSnapshot {
            viewer: 7,
            estimate_kbps: 9_000,
            page: Some(PageFigures::default()),
            ..Default::default()
        };
        let layer = LayerSnapshot { codec: "VP8", rung: 1, encode_p50_us: 800, ..Default::default() };
        let told =
            Told { viewer, layer: Some(layer), convert_p50_us: 300, transit_p50_us: 500, clock: Some((90_000, 12)) };
        let message: Value = serde_json::from_str(&stats(&told)).unwrap();
        assert_eq!((&message["type"], &message["viewer"]["estimate_kbps"]), (&json!("stats"), &json!(9_000)));
        assert!(message["viewer"]["page"].is_null(), "it knows that itself");
        let layer = &message["layer"];
        assert_eq!(
            (&layer["rung"], &layer["encode_p50_us"], &layer["convert_p50_us"]),
            (&json!(1), &json!(800), &json!(300))
        );
        assert_eq!((&message["rtp_base"], &message["host_us"]), (&json!(90_000), &json!(12)));
        let silent: Value = serde_json::from_str(&stats(&Told::default())).unwrap();
        assert!(silent["layer"].is_null() && silent.get("rtp_base").is_none());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z_]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            let name = prop_oneof![Just("p50".to_owned()), Just("p95".to_owned()), "[a-z]{0,3}"];
            proptest::collection::hash_map(name, inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn whatever_a_page_says_every_number_is_within_its_bounds(
            kind in prop_oneof![Just("latency"), Just("ping"), Just("probe"), Just("stats"), Just("else")],
            members in proptest::collection::vec(any_json(), 8),
        ) {
            let names = ["end_to_end_ms", "jitter_buffer_ms", "decode_ms", "fps", "dropped", "frozen_ms", "id", "time"];
            let mut message: serde_json::Map<_, _> = names.map(str::to_owned).into_iter().zip(members).collect();
            message.insert("type".into(), kind.into());
            if let Some(Ok(PageMessage::Latency(figures))) = PageMessage::parse(&Value::Object(message)) {
                let times = [figures.end_to_end_p50_ms, figures.end_to_end_p95_ms, figures.jitter_buffer_ms, figures.decode_ms,
                    figures.frozen_ms];
                prop_assert!(times.into_iter().flatten().all(|ms| (0.0..=LONGEST_MS).contains(&ms)));
                prop_assert!(figures.fps.is_none_or(|fps| (0.0..=MOST_FPS).contains(&fps)));
                prop_assert!(figures.dropped.is_none_or(|dropped| dropped <= MOST));
            }
        }
    }
}
