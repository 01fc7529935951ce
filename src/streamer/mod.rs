//! The one object a host holds: `graph` (wires the rooms together; the only place that spawns threads), the workers,
//! `session` (viewers, negotiations, peers), `event` (what the host is told).

mod audio_demand;
mod audio_worker;
pub mod event;
mod graph;
mod layer_worker;
mod layers;
mod log;
mod media_pump;
mod session;
mod shared;
mod video_worker;
mod viewer;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;
use crate::encode::select::Selector;
use crate::error::{ConfigError, PushError};
use crate::frame::{FrameBuffer, PixelFormat, VideoFrame};
use crate::input::InputEvent;
use crate::stats::snapshot::Snapshot;
use crate::time::{self, Nanos};
use crate::units::Size;
pub use event::{Event, EventKind, EventQueue, Severity};
use graph::Graph;
use layers::Layers;
use shared::Shared;

/// Why a streamer cannot be made or started.
#[derive(Debug, thiserror::Error)]
pub enum StreamerError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the streamer is already started")]
    AlreadyStarted,
    #[error("a thread or runtime could not be started: {0}")]
    Resources(String),
}

/// One plane of a picture in the host's memory: its bytes and the distance from one row to the next, in bytes.
pub type PlaneSource<'a> = (&'a [u8], usize);

/// Streams one picture and one sound to any number of viewers. Every method may be called from any thread.
#[derive(Debug)]
pub struct Streamer {
    shared: Arc<Shared>,
    selector: Arc<Selector>,
    /// Held through a start or a stop, so that they follow each other.
    life: Mutex<()>,
    graph: Mutex<Option<Graph>>,
}

impl Streamer {
    pub fn new(config: Config) -> Result<Self, StreamerError> {
        let selector = Selector::new(&config.video.encoder)?;
        Self::with_selector(config, selector)
    }

    /// With other encoders: for tests.
    #[doc(hidden)]
    pub fn with_selector(config: Config, selector: Selector) -> Result<Self, StreamerError> {
        log::init();
        config.validate()?;
        Ok(Self {
            shared: Shared::new(config),
            selector: Arc::new(selector),
            life: Mutex::default(),
            graph: Mutex::default(),
        })
    }

    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Starts workers, encoders' proofs, the embedded server and signaling. Returns at once; events tell how it went.
    pub fn start(&self) -> Result<(), StreamerError> {
        let _life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_started() {
            return Err(StreamerError::AlreadyStarted);
        }
        let graph = Graph::start(Arc::clone(&self.shared), Arc::clone(&self.selector))?;
        *self.graph.lock().unwrap_or_else(PoisonError::into_inner) = Some(graph);
        Ok(())
    }

    /// Closes every viewer's connection and ends every thread. Blocks until they have ended, at most about two seconds.
    /// Idempotent.
    pub fn stop(&self) {
        let _life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out first: whoever asks for statistics meanwhile does not wait for the end.
        let graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(graph);
    }

    pub fn is_started(&self) -> bool {
        self.graph.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Copies a picture in. Never blocks. One entry of `planes` for each plane of the format. `host_time` 0: now.
    pub fn push_video(
        &self,
        format: PixelFormat,
        size: Size,
        planes: &[PlaneSource<'_>],
        host_time: u64,
        flipped: bool,
    ) -> Result<(), PushError> {
        let copied = self.acquire_video(format, size).and_then(|mut buffer| {
            let needed = buffer.plane_count();
            if planes.len() < needed {
                self.shared.counters.video_frames_refused.add(1);
                return Err(PushError::Length { plane: planes.len(), len: 0, needed: buffer.stride(planes.len()) });
            }
            for (plane, (bytes, stride)) in planes.iter().take(needed).enumerate() {
                buffer
                    .copy_plane_from(plane, bytes, *stride)
                    .inspect_err(|_| self.shared.counters.video_frames_refused.add(1))?;
            }
            Ok(buffer)
        });
        self.commit_video(copied?, host_time, flipped);
        Ok(())
    }

    /// Lends a buffer to write a picture into. Dropping it without `commit_video` gives it back.
    pub fn acquire_video(&self, format: PixelFormat, size: Size) -> Result<FrameBuffer, PushError> {
        let counters = &self.shared.counters;
        self.shared.frame_pool.acquire(format, size).inspect_err(|error| match error {
            PushError::NoBuffer => {
                counters.video_frames_pushed.add(1);
                counters.video_frames_dropped.add(1);
            }
            _ => counters.video_frames_refused.add(1),
        })
    }

    /// Hands a written buffer to the encoders. `host_time` 0: now.
    pub fn commit_video(&self, buffer: FrameBuffer, host_time: u64, flipped: bool) {
        let now = time::now();
        let host_time = if host_time == 0 { now.0 } else { host_time };
        self.shared.counters.video_frames_pushed.add(1);
        self.shared.frames.push(VideoFrame { buffer, host_time, pushed_at: now, flipped });
    }

    /// Copies sound in: interleaved, -1 to 1. NaN and infinities play as silence and are counted. `host_time` 0: now.
    pub fn push_audio(
        &self,
        samples: &[f32],
        sample_rate: u32,
        channels: u32,
        host_time: u64,
    ) -> Result<(), PushError> {
        let now = time::now();
        let host_time = if host_time == 0 { now.0 } else { host_time };
        let counters = &self.shared.counters;
        match self.shared.audio.push(samples, sample_rate, channels, host_time, now) {
            Ok(()) => counters.audio_blocks_pushed.add(1),
            Err(PushError::AudioFull) => {
                counters.audio_blocks_pushed.add(1);
                return Err(PushError::AudioFull);
            }
            Err(error) => {
                counters.audio_blocks_refused.add(1);
                return Err(error);
            }
        }
        Ok(())
    }

    pub fn poll_event(&self) -> Option<Event> {
        self.shared.events.poll()
    }

    pub fn poll_input(&self) -> Option<InputEvent> {
        self.shared.input.poll()
    }

    pub fn stats(&self) -> Snapshot {
        let graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        snapshot(&self.shared, graph.as_ref().map(|g| &*g.layers))
    }

    /// The link to open in a browser, once the embedded server listens.
    pub fn link(&self) -> Option<String> {
        self.shared.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads every gauge and counter.
fn snapshot(shared: &Shared, layers: Option<&Layers>) -> Snapshot {
    let status = layers.map(Layers::status).unwrap_or_default();
    let first = status.first().copied();
    let size = shared.source_size();
    let started = Nanos(shared.started_at.load(Ordering::Relaxed));
    let quantiles = |window: &Mutex<shared::Latencies>| {
        let window = window.lock().unwrap_or_else(PoisonError::into_inner);
        (window.percentile(50), window.percentile(99))
    };
    let (convert, encode, transit) =
        (quantiles(&shared.convert_us), quantiles(&shared.encode_us), quantiles(&shared.transit_us));
    Snapshot {
        uptime_ms: if started.0 == 0 { 0 } else { time::now().saturating_since(started).as_millis() as u64 },
        viewers: shared.viewers.load(Ordering::Relaxed),
        encoders: status.len() as u32,
        width: size.width,
        height: size.height,
        encoder: first.map_or_else(String::new, |(_, name, _)| name.to_owned()),
        target_bitrate_kbps: first.map_or(0, |(_, _, target)| target.kbps()),
        convert_p50_us: convert.0,
        convert_p99_us: convert.1,
        encode_p50_us: encode.0,
        encode_p99_us: encode.1,
        transit_p50_us: transit.0,
        transit_p99_us: transit.1,
        counters: shared.counters.iter().collect(),
    }
}
