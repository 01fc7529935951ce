//! What a connection tells of itself, in W3C's words ("Identifiers for WebRTC's Statistics API"): the crate's report, filled
//! with what only our stations and encoders know, and without the members that nobody fills.

mod inbound;
mod selection;

use rtc::statistics::StatsSelector;
use rtc::statistics::report::RTCStatsReportEntry as Entry;
use serde_json::{Map, Value, json};

use super::lane::Lane;
use super::{Inner, Peer};
use crate::units::{Bitrate, SenderId, Size, SourceId};

/// Zeros of the crate's that say nothing.
const UNKNOWN: [&str; 14] = [
    "encodingIndex",
    "framesEncoded",
    "hugeFramesSent",
    "keyFramesEncoded",
    "packetsSentWithEct1",
    "packetsWithBleachedEct1Marking",
    "powerEfficientEncoder",
    "psnrMeasurements",
    "qpSum",
    "qualityLimitationReason",
    "qualityLimitationResolutionChanges",
    "totalEncodedBytesTarget",
    "totalEncodeTime",
    "totalPacketSendDelay",
];
const OF_VIDEO: [&str; 8] =
    ["firCount", "frameHeight", "frameWidth", "framesPerSecond", "framesSent", "nackCount", "pliCount", "rtxSsrc"];

/// What it is encoded from. W3C's media source: another one with each source that the viewer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pictures {
    pub source: SourceId,
    pub size: Size,
    /// In the last second.
    pub fps: u32,
    pub frames: u64,
}

/// What its picture is encoded like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub encoder: &'static str,
    pub target: Bitrate,
    pub size: Size,
    pub fps: u32,
    pub source: Pictures,
}

/// What the host lets be sent, and whether the link carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    pub video: bool,
    pub audio: bool,
    /// The picture is smaller, or rarer, because the link carries no more.
    pub limited: bool,
}

/// What one of the senders of video sends; the sound's is told with the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub sender: SenderId,
    pub encoding: Option<Encoding>,
    pub sending: Sending,
}

/// What a host shows of a viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// In microseconds, smoothed; None before the first was measured.
    pub rtt_us: Option<u32>,
    /// Share of packets lost, 0 to 1, smoothed over some seconds.
    pub loss: f32,
    /// RTP packets, those sent again among them.
    pub packets_sent: u64,
    /// Of their payload.
    pub bytes_sent: u64,
    pub packets_sent_again: u64,
    pub bytes_sent_again: u64,
    pub frames_sent: u64,
}

impl Peer {
    pub fn figures(&self) -> Figures {
        let (path, traffic) = (&self.0.desk.path, &self.0.desk.traffic);
        let [audio, video, again] = [&traffic.audio, &traffic.video, &traffic.again].map(|sending| sending.get());
        let added = self.0.lanes.sum_of_added();
        Figures {
            rtt_us: path.rtt().map(|rtt| u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX)),
            loss: path.loss(),
            packets_sent: audio[0] + video[0] + again[0] + added.first[0] + added.again[0],
            bytes_sent: audio[1] + video[1] + again[1] + added.first[1] + added.again[1],
            packets_sent_again: again[0] + added.again[0],
            bytes_sent_again: again[1] + added.again[1],
            frames_sent: traffic.frames() + added.frames,
        }
    }

    /// An object of objects by their ids, as `Object.fromEntries(await pc.getStats())` is in a browser. `estimate`: what the
    /// link carries, in total.
    pub async fn report(&self, estimate: Bitrate, sent: &[Sent]) -> Map<String, Value> {
        let report = self.0.connection.get_stats(crate::time::instant(), StatsSelector::None).await;
        let mut all = Map::new();
        for entry in report.iter() {
            if let Some(mut members) = members(entry) {
                tidy(&mut members);
                self.0.complete(&mut members, estimate, sent);
                all.extend(sent.iter().filter_map(|one| media_source(&members, one.encoding)));
                all.insert(entry.id().to_owned(), Value::Object(members));
            }
        }
        inbound::add(&mut all, &self.0.receiving.incoming(), crate::time::now());
        all
    }

    /// The report of one section (W3C `getStats` with a track): its streams both ways and what they refer to. None: there is no
    /// such section.
    pub async fn section_report(&self, mid: &str, estimate: Bitrate, sent: &[Sent]) -> Option<Map<String, Value>> {
        for transceiver in self.0.connection.get_transceivers().await {
            if transceiver.mid().await.ok().flatten().is_some_and(|own| own == mid) {
                return Some(selection::of_section(&self.report(estimate, sent).await, mid));
            }
        }
        None
    }
}

impl Inner {
    fn complete(&self, members: &mut Map<String, Value>, estimate: Bitrate, sent: &[Sent]) {
        match members.get("type").and_then(Value::as_str) {
            Some("outbound-rtp") => self.complete_outbound(members, sent),
            Some("remote-inbound-rtp") => match self.desk.path.rtt_total() {
                Some((latest, total, measurements)) => {
                    members.insert("roundTripTime".into(), latest.as_secs_f64().into());
                    members.insert("totalRoundTripTime".into(), total.as_secs_f64().into());
                    members.insert("roundTripTimeMeasurements".into(), measurements.into());
                }
                None => {
                    members.remove("roundTripTime");
                }
            },
            Some("candidate-pair") => {
                members.remove("availableIncomingBitrate");
                if members.get("nominated") == Some(&Value::Bool(true)) {
                    members.insert("availableOutgoingBitrate".into(), estimate.bps().into());
                } else {
                    members.remove("availableOutgoingBitrate");
                }
            }
            _ => {}
        }
    }

    fn complete_outbound(&self, members: &mut Map<String, Value>, sent: &[Sent]) {
        let traffic = &self.desk.traffic;
        let of = |sender| sent.iter().find(|one| one.sender == sender);
        let ssrc = members.get("ssrc").and_then(Value::as_u64);
        if let Some(lane) = ssrc.and_then(|ssrc| self.lanes.beside(u32::try_from(ssrc).ok()?)) {
            count(members, lane.traffic.video.get(), lane.traffic.again.get());
            return complete_video(members, &lane, lane.traffic.frames(), of(lane.sender));
        }
        let is_video = ssrc == Some(self.video.ssrc.into());
        if !is_video && ssrc != Some(self.audio.ssrc.into()) {
            return;
        }
        let (first, again) =
            if is_video { (traffic.video.get(), traffic.again.get()) } else { (traffic.audio.get(), [0; 3]) };
        count(members, first, again);
        if is_video {
            return complete_video(members, &self.video, traffic.frames(), of(SenderId::VIDEO));
        }
        members.insert("active".into(), of(SenderId::VIDEO).is_some_and(|one| one.sending.audio).into());
        members.retain(|name, _| !OF_VIDEO.contains(&name.as_str()) && name != "targetBitrate");
    }
}

fn count(members: &mut Map<String, Value>, first: [u64; 3], again: [u64; 3]) {
    let whole: [u64; 3] = std::array::from_fn(|i| first[i] + again[i]);
    let [packets, bytes, header_bytes] = whole;
    members.extend(map(json!({
        "packetsSent": packets, "bytesSent": bytes, "headerBytesSent": header_bytes,
        "retransmittedPacketsSent": again[0], "retransmittedBytesSent": again[1],
    })));
}

/// What is known of a video track, but for its packets.
fn complete_video(members: &mut Map<String, Value>, lane: &Lane, frames: u64, sent: Option<&Sent>) {
    let is_active = sent.is_some_and(|one| one.sending.video) && lane.codec().is_some();
    let is_limited = is_active && sent.is_some_and(|one| one.sending.limited);
    let own = ["targetBitrate", "frameWidth", "frameHeight", "framesPerSecond"];
    members.retain(|name, _| !own.contains(&name.as_str()));
    members.extend(map(json!({
        "framesSent": frames, "rtxSsrc": lane.rtx_ssrc, "active": is_active,
        "qualityLimitationReason": if is_limited { "bandwidth" } else { "none" },
    })));
    if let Some(Encoding { encoder, target, size, fps, source }) = sent.and_then(|one| one.encoding) {
        members.extend(map(json!({
            "targetBitrate": target.bps(), "frameWidth": size.width, "frameHeight": size.height, "framesPerSecond": fps,
            "encoderImplementation": encoder, "mediaSourceId": media_source_id(source),
        })));
    }
}

fn media_source_id(pictures: Pictures) -> String {
    format!("video-source-{}", pictures.source.0)
}

/// The entry that an outbound stream of video refers to; the crate knows no sources. The track's name is that of the source.
fn media_source(outbound: &Map<String, Value>, encoding: Option<Encoding>) -> Option<(String, Value)> {
    let pictures = encoding?.source;
    let id = media_source_id(pictures);
    let refers = outbound.get("mediaSourceId").and_then(Value::as_str) == Some(id.as_str());
    refers.then(|| {
        let entry = json!({
            "id": id, "type": "media-source", "kind": "video", "timestamp": outbound.get("timestamp"),
            "trackIdentifier": format!("source-{}", pictures.source.0), "width": pictures.size.width,
            "height": pictures.size.height, "framesPerSecond": pictures.fps, "frames": pictures.frames,
        });
        (id, entry)
    })
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn members(entry: &Entry) -> Option<Map<String, Value>> {
    let value = match entry {
        Entry::PeerConnection(stats) => serde_json::to_value(stats),
        Entry::Transport(stats) => serde_json::to_value(stats),
        Entry::IceCandidatePair(stats) => serde_json::to_value(stats),
        Entry::LocalCandidate(stats) | Entry::RemoteCandidate(stats) => serde_json::to_value(stats),
        Entry::Certificate(stats) => serde_json::to_value(stats),
        Entry::Codec(stats) => serde_json::to_value(stats),
        Entry::DataChannel(stats) => serde_json::to_value(stats),
        Entry::InboundRtp(stats) => serde_json::to_value(stats),
        Entry::OutboundRtp(stats) => serde_json::to_value(stats),
        Entry::RemoteInboundRtp(stats) => serde_json::to_value(stats),
        Entry::RemoteOutboundRtp(stats) => serde_json::to_value(stats),
        Entry::AudioSource(stats) => serde_json::to_value(stats),
        Entry::VideoSource(stats) => serde_json::to_value(stats),
        Entry::AudioPlayout(stats) => serde_json::to_value(stats),
        _ => return None,
    };
    value.ok().map(map)
}

/// As W3C has it: what is not known is left out, times are in ms, fingerprints in capitals.
fn tidy(members: &mut Map<String, Value>) {
    // The crate writes hexadecimal digits under that name.
    members.remove("base64Certificate");
    for (name, value) in members.iter_mut() {
        match value {
            Value::Number(seconds) if name.to_lowercase().ends_with("timestamp") => {
                *value = seconds.as_f64().map_or(Value::Null, |seconds| (seconds * 1e3).into());
            }
            Value::String(text) if name == "fingerprint" => text.make_ascii_uppercase(),
            _ => {}
        }
    }
    members.retain(|name, value| {
        let empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        !empty && !UNKNOWN.contains(&name.as_str())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_left_out_and_the_rest_is_in_w3cs_units() {
        let tidied = |value| {
            let mut members = map(value);
            tidy(&mut members);
            Value::Object(members)
        };
        let report = json!({"id": "a", "mid": "", "qpSum": 0, "psnrSum": {}, "packetsSent": 0, "x": null});
        assert_eq!(tidied(report), json!({"id": "a", "packetsSent": 0}));
        let report = json!({"timestamp": 2.5, "lastPacketSentTimestamp": 1.0, "fingerprint": "ab:01", "base64Certificate": "30"});
        assert_eq!(
            tidied(report),
            json!({"timestamp": 2500.0, "lastPacketSentTimestamp": 1000.0, "fingerprint": "AB:01"})
        );
    }

    #[test]
    fn what_is_encoded_is_told_beside_the_stream_that_refers_to_it_and_nothing_else() {
        let source = Pictures { source: SourceId(2), size: Size::new(64, 32), fps: 30, frames: 7 };
        let (target, size) = (Bitrate::default(), Size::new(32, 16));
        let encoding = Encoding { encoder: "fake", target, size, fps: 30, source };
        let told = |outbound| media_source(&map(outbound), Some(encoding));
        let (id, entry) = told(json!({"mediaSourceId": "video-source-2", "timestamp": 5})).unwrap();
        assert_eq!((&*id, &entry["width"], &entry["timestamp"]), ("video-source-2", &json!(64), &json!(5)));
        assert!(told(json!({"type": "transport"})).is_none());
    }
}
