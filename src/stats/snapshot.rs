//! Everything worth knowing about a streamer at one moment.

use serde::Serialize;

use super::page::PageFigures;

/// Gauges and latencies; the counters are listed by name in `counters`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// Time since the start, in ms.
    pub uptime_ms: u64,
    /// Viewers connected now.
    pub viewers: u32,
    /// Encoders open now.
    pub encoders: u32,
    /// Picture size of the last frame of source 0.
    pub width: u32,
    pub height: u32,
    /// The encoder of the first active layer, empty when none is open.
    pub encoder: String,
    /// The target of the first active layer, in kbit/s.
    pub target_bitrate_kbps: u64,
    /// Over the last 256 frames, in microseconds.
    pub convert_p50_us: u32,
    pub convert_p99_us: u32,
    pub encode_p50_us: u32,
    pub encode_p99_us: u32,
    /// From push to the hand-over of the frame's last packet to encryption and the socket, less encoding.
    pub transit_p50_us: u32,
    pub transit_p99_us: u32,
    /// Every source, source 0 first.
    pub sources: Vec<SourceSnapshot>,
    /// Every open encoder: of each source the first codec's best layer first.
    pub layers: Vec<LayerSnapshot>,
    /// Everybody who is here, connected or on the way, in the order of their numbers.
    pub viewer_list: Vec<ViewerSnapshot>,
    /// Every counter by name, since the start.
    pub counters: Vec<(&'static str, u64)>,
}

/// Pictures of the host that viewers can be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceSnapshot {
    pub source: u32,
    pub label: String,
    /// Picture size of its last frame.
    pub width: u32,
    pub height: u32,
    /// Frames pushed in the last second, or about.
    pub fps: u32,
    /// Frames pushed since it was made.
    pub frames: u64,
    /// Viewers that watch it or are about to.
    pub viewers: usize,
}

/// One encoding that viewers share.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LayerSnapshot {
    /// Whose pictures.
    pub source: u32,
    /// As in SDP: `H264`, `VP8`, `VP9`, `AV1`.
    pub codec: &'static str,
    /// Its place in the codec's ladder; 0 is the best.
    pub rung: usize,
    /// For viewers that would cost the others too many keyframes.
    pub repair: bool,
    /// For viewers whose host's picture is scaled down so far; 0: for everybody.
    pub scale_resolution_down_by: f64,
    /// For viewers that get so many pictures a second at most; 0: for everybody.
    pub max_framerate: u32,
    pub encoder: &'static str,
    pub width: u32,
    pub height: u32,
    /// Pictures a second it is meant to have at most.
    pub fps: u32,
    pub target_bitrate_kbps: u64,
    /// Viewers that watch it or are about to.
    pub viewers: usize,
    /// Over its last 256 frames, in microseconds.
    pub encode_p50_us: u32,
    pub encode_p99_us: u32,
    /// Since it was started.
    pub frames: u64,
    pub keyframes: u64,
    pub bytes: u64,
    /// Frames and kbit that it made in the last second.
    pub actual_fps: u32,
    pub actual_bitrate_kbps: u64,
}

/// One person at a browser. Of what is sent: the first video track and the sound, but for packets and bytes, which are all of
/// the connection's.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ViewerSnapshot {
    /// Its number, as events and input carry it.
    pub viewer: u32,
    /// The connection's name in its signaling protocol. A page may have chosen it.
    pub connection: String,
    /// `connecting`, `connected`, or `interrupted`: nothing is heard from it.
    pub state: &'static str,
    /// Its number among the players, from 1; 0: it watches.
    pub player: u32,
    /// Whose pictures it is shown, or is about to be.
    pub source: u32,
    /// Its layer's place in the codec's ladder; 0 is the best. None while it is sent no picture.
    pub rung: Option<usize>,
    /// As in SDP; empty while it is sent no picture, as is `encoder`.
    pub codec: &'static str,
    pub encoder: &'static str,
    /// Of the picture it is sent; 0 while it is sent none.
    pub width: u32,
    pub height: u32,
    /// Pictures a second that its encoder is asked for.
    pub fps: u32,
    /// What its encoder is asked for, in kbit/s.
    pub target_kbps: u64,
    /// What its link is estimated to carry, in kbit/s.
    pub estimate_kbps: u64,
    /// What it was sent in the last second: kbit of RTP payload, and pictures.
    pub sent_kbps: u64,
    pub sent_fps: u32,
    /// Round trip, smoothed; None before one was measured.
    pub rtt_ms: Option<f64>,
    /// Share of packets lost, 0 to 1, smoothed over some seconds.
    pub loss: f32,
    /// Since it connected; packets and bytes with those sent again.
    pub packets_sent: u64,
    pub bytes_sent: u64,
    pub packets_retransmitted: u64,
    pub bytes_retransmitted: u64,
    pub frames_sent: u64,
    /// Times its queue was cleared until a keyframe.
    pub resyncs: u64,
    /// How long what waits in its pacer takes to leave.
    pub pacer_queue_ms: f64,
    /// What its page tells of itself; None: nothing yet.
    pub page: Option<PageFigures>,
    /// How long ago it told that, in ms.
    pub page_age_ms: Option<u64>,
}

impl Snapshot {
    /// As one JSON object. The counters become an object; as pairs they would be lists of lists.
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let counters = self.counters.iter().map(|(name, count)| ((*name).to_owned(), (*count).into()));
        if let Some(object) = value.as_object_mut() {
            object.insert("counters".into(), serde_json::Value::Object(counters.collect()));
        }
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Counters;

    #[test]
    fn json_names_every_counter_and_lists_every_layer_and_viewer() {
        let counters: Vec<_> = Counters::default().iter().collect();
        let viewer = ViewerSnapshot { viewer: 7, connection: "a \"name\"".into(), ..Default::default() };
        let snapshot = Snapshot {
            viewers: 2,
            layers: vec![LayerSnapshot { codec: "VP8", frames: 3, ..Default::default() }],
            viewer_list: vec![viewer],
            counters: counters.clone(),
            ..Default::default()
        };
        let value: serde_json::Value = serde_json::from_str(&snapshot.to_json()).unwrap();
        assert_eq!((&value["viewers"], &value["layers"][0]["frames"]), (&2.into(), &3.into()));
        assert_eq!(value["viewer_list"][0]["connection"], "a \"name\"");
        assert!(value["viewer_list"][0]["page"].is_null());
        assert_eq!(value["counters"].as_object().unwrap().len(), counters.len());
        assert_eq!(value["counters"]["bytes_sent"], 0);
    }
}
