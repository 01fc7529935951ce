//! How long viewers see nothing when an encoder fails mid-stream: from the encode call that fails to the next encoder's
//! keyframe, complete at a connected viewer. Both encoders are real; the first one is made to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rendercast::config::Config;
use rendercast::encode::select::{Candidate, Selector};
use rendercast::encode::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use rendercast::streamer::Streamer;
use rendercast::time;
use rendercast::units::Bitrate;

use crate::host::Host;
use crate::table::Row;
use crate::viewer::Viewer;

const RUNS: usize = 12;
/// Frames that the first encoder makes before it fails.
const FRAMES: usize = 30;

const CONFIG: &str = r#"{"server":{"address":"127.0.0.1:0"},"peer":{"bind_addresses":["127.0.0.1"]},
    "audio":{"enabled":false},"video":{"fps":30,"start_bitrate_kbps":2000,"max_bitrate_kbps":2000}}"#;

/// When the failing call began, in ns; 0 until then.
type FailedAt = Arc<AtomicU64>;

struct Failing {
    encoder: Box<dyn VideoEncoder>,
    frames: usize,
    failed_at: FailedAt,
}

impl VideoEncoder for Failing {
    fn name(&self) -> &'static str {
        self.encoder.name()
    }
    fn codec(&self) -> Codec {
        self.encoder.codec()
    }
    fn settings(&self) -> EncoderSettings {
        self.encoder.settings()
    }
    fn rate_change(&self) -> RateChange {
        self.encoder.rate_change()
    }
    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        if self.frames == FRAMES {
            self.failed_at.store(time::now().0, Ordering::Release);
            return Err(EncodeError::Failed { encoder: self.name().into(), reason: "made to fail".into() });
        }
        self.frames += 1;
        self.encoder.encode(frame, keyframe)
    }
    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        self.encoder.set_rate(bitrate, fps)
    }
}

/// The library's own candidate of that name.
fn real(name: &'static str, failing: Option<FailedAt>) -> Candidate {
    let selector = Selector::new(name).expect("an encoder of this build");
    Candidate::new(name, Codec::H264, move |settings| {
        let unavailable = |reason: String| EncodeError::Unavailable { encoder: name.into(), reason };
        let (encoder, _) = selector.open(Codec::H264, settings).map_err(|error| unavailable(error.to_string()))?;
        if encoder.name() != name {
            return Err(unavailable(format!("{} opened in its place", encoder.name())));
        }
        Ok(match failing.clone() {
            Some(failed_at) => Box::new(Failing { encoder, frames: 0, failed_at }),
            None => encoder,
        })
    })
}

/// Milliseconds; None: it did not come to that, which is said.
fn once(runtime: &tokio::runtime::Runtime, first: &'static str, second: &'static str) -> Option<f64> {
    let failed_at = FailedAt::default();
    let candidates = vec![real(first, Some(Arc::clone(&failed_at))), real(second, None)];
    let selector = Selector::with_candidates("auto", candidates).expect("auto");
    let config = Config::from_json(CONFIG).expect("a configuration");
    let host = Host::start(Streamer::with_selector(config, selector).expect("a streamer"), (1280, 720), 30);
    let mut viewer = runtime.block_on(Viewer::open(&host.link())).expect("a viewer");
    let at = Arc::clone(&failed_at);
    let next = move |viewer: &crate::viewer::Received| {
        let failed = at.load(Ordering::Acquire);
        let arrivals = viewer.arrivals.lock().expect("arrivals");
        arrivals.iter().find(|a| failed != 0 && a.keyframe && a.at.0 > failed).map(|a| (a.at.0 - failed) as f64 / 1e6)
    };
    let came = runtime.block_on(viewer.wait(|received| next(received).is_some()));
    let took = next(&viewer.received);
    // Playing on for a while: it has not only come, it stays.
    let frames = viewer.received.video_frames.load(Ordering::Relaxed) + 15;
    let plays = runtime.block_on(viewer.wait(|received| received.video_frames.load(Ordering::Relaxed) >= frames));
    let encoder = host.streamer.stats().encoder;
    let stayed = came && plays && host.counter("viewers_left") == 0.0 && encoder == second;
    if !stayed {
        eprintln!("{first} to {second}: the viewer was lost, or {encoder} is in use");
    }
    runtime.block_on(viewer.leave());
    took.filter(|_| stayed)
}

pub fn run(rows: &mut Vec<Row>) {
    let runtime = crate::viewers::runtime();
    for (first, second) in [("libx264", "openh264"), ("openh264", "libx264")] {
        let works = Selector::new(first).is_ok_and(|selector| selector.working(Codec::H264) == Some(first));
        if !works || Selector::new(second).map_or(None, |selector| selector.working(Codec::H264)) != Some(second) {
            eprintln!("SKIPPED takeover from {first} to {second}: one of them does not work here");
            continue;
        }
        let took: Vec<f64> = (0..RUNS).filter_map(|_| once(&runtime, first, second)).collect();
        let worst = took.iter().copied().fold(f64::NAN, f64::max);
        let what = format!("takeover, 720p30, {first} fails, {second} goes on");
        rows.push(Row::of(format!("{what}: viewers that stayed, of {RUNS}"), "count", vec![took.len() as f64]));
        rows.push(Row::of(format!("{what}: failing call to keyframe at viewer"), "ms", took));
        rows.push(Row::of(format!("{what}: the slowest"), "ms", vec![worst]));
    }
}
