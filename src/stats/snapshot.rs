//! Everything worth knowing about a streamer at one moment.

use serde::Serialize;

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
}
