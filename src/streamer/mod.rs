//! The one object a host holds: `graph` (wires the rooms together; the only place that spawns threads), the workers,
//! `session` (viewers, negotiations, peers), `event` (what the host is told).

mod audio_demand;
mod audio_worker;
mod calls;
mod capabilities;
mod channels;
mod configurations;
mod control_json;
mod directory;
pub mod event;
mod feed;
mod feedback;
mod gpu_intake;
mod graph;
mod host_signals;
mod layer;
mod layer_tally;
mod layer_worker;
mod layers;
mod log;
mod media_pump;
mod orders;
mod peer_calls;
mod peer_events;
mod peers;
mod presentation;
mod proofs;
mod rate_bounds;
mod received;
mod receiver;
mod reports;
mod roles;
mod senders;
mod session;
mod shared;
mod snapshot;
mod source;
mod sources;
mod tally;
#[cfg(feature = "trace")]
mod trace;
mod tracks;
mod video_worker;
mod viewer;

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;
/// Of received sound, in Hz.
pub use crate::decode::opus::RATE as RECEIVED_RATE;
use crate::encode::select::Selector;
use crate::error::{ConfigError, PushError};
use crate::frame::{FrameBuffer, PixelFormat};
use crate::graphics::{Device, GraphicsError, Pushed};
use crate::input::{InputEvent, InputKind};
pub use crate::peer::{
    CandidateError, ConnectionState, Described, Description, DescriptionKind, GatheringState, IceConnectionState,
    OperationError, PeerStates, ReceivedTrack, SignalingState, StateChange,
};
pub use crate::peer::{Capabilities, Direction, ReceiverState};
pub use crate::peer::{ChannelOptions, MAX_TEXT_BYTES, OptionsError, Reliability};
pub use crate::signaling::CallAction;
use crate::signaling::{SignalCommand, SignalEvent};
use crate::stats::snapshot::Snapshot;
use crate::time;
use crate::units::{Size, ViewerId};
pub use calls::CallError;
pub use channels::{ChannelError, ChannelInfo, LONGEST_MESSAGE, ReadyState, SendError};
pub use configurations::{Certificate, CertificateError, ConfigurationError, ConfigureError};
pub use control_json::{LABEL as CONTROL_LABEL, Rumble};
pub use directory::{PresentViewer, ViewerState};
pub use event::{Event, EventKind, EventQueue, Severity};
pub use feedback::FeedbackError;
use graph::Graph;
pub use host_signals::SignalError;
pub use orders::OrderError;
pub use peer_events::PeerNews;
pub use peers::{Operation, PeerCallError};
pub use presentation::{Keyboard, KeyboardMode};
pub use received::{Polled, ReceivedPicture, ReceivedSound};
pub use reports::{ReportError, ViewerFigures};
pub use senders::{MediaKind, SenderError, SenderParameters};
use shared::Shared;
pub use source::{
    LONGEST_LABEL, MOST_SOURCES, PlaneSource, Source, SourceError, SourceFigures, SourceOptions, TextureFrame,
};
pub use tracks::{TrackError, TrackOptions, Transceiver};

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

/// Streams pictures, of one source or several, and one sound to any number of viewers. Every method may be called from any
/// thread.
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

    /// Copies a picture of source 0 in. Never blocks. One entry of `planes` for each plane of the format. `host_time` 0: now.
    pub fn push_video(
        &self,
        format: PixelFormat,
        size: Size,
        planes: &[PlaneSource<'_>],
        host_time: u64,
        flipped: bool,
    ) -> Result<(), PushError> {
        self.shared.sources.first().push_video(format, size, planes, host_time, flipped)
    }

    /// Lends a buffer to write a picture of source 0 into. Dropping it without `commit_video` gives it back.
    pub fn acquire_video(&self, format: PixelFormat, size: Size) -> Result<FrameBuffer, PushError> {
        self.shared.sources.first().acquire_video(format, size)
    }

    /// Hands a written buffer to the encoders. `host_time` 0: now.
    pub fn commit_video(&self, buffer: FrameBuffer, host_time: u64, flipped: bool) {
        self.shared.sources.first().commit_video(buffer, host_time, flipped);
    }

    /// Takes a texture of `device` for source 0: records its conversion and returns. Never waits for the GPU. Call it on the
    /// thread that `device` belongs to.
    pub fn push_texture(&self, device: &mut dyn Device, frame: &TextureFrame) -> Result<Pushed, GraphicsError> {
        self.shared.sources.first().push_texture(device, frame)
    }

    /// Counts a texture whose device was in use by another thread.
    pub fn count_dropped_texture(&self) {
        self.shared.counters.video_frames_pushed.add(1);
        self.shared.counters.video_frames_dropped.add(1);
    }

    /// Counts a texture that makes no sense.
    pub fn count_refused_texture(&self) {
        self.shared.counters.video_frames_refused.add(1);
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

    /// Bounds the encoders' rate from the next picture on, and tells rate control how many pictures a second to expect.
    /// 0 is the configuration's value, and the bounds stay within the configuration's.
    pub fn set_video_rate(&self, min_kbps: u32, max_kbps: u32, fps: u32) -> Result<(), ConfigError> {
        self.shared.rate_bounds.set(min_kbps, max_kbps, fps)
    }

    /// Asks a user to watch, or decides on a user's request, where the signaling protocol has calls. Waits for nothing.
    pub fn decide_call(&self, user: &str, action: CallAction) -> Result<(), CallError> {
        self.shared.calls.decide(user, action)
    }

    /// Tells what the other side of a connection said, where the host carries signaling itself. Waits for nothing.
    pub fn push_signal(&self, event: SignalEvent) -> Result<(), SignalError> {
        self.shared.host_signals.push(event)
    }

    /// What the other side of a connection is to be told, where the host carries signaling itself. It stays where `read` fails.
    pub fn poll_signal<T, E>(&self, read: impl FnOnce(&SignalCommand) -> Result<T, E>) -> Option<Result<T, E>> {
        self.shared.host_signals.poll(read)
    }

    pub fn poll_event(&self) -> Option<Event> {
        self.shared.events.poll()
    }

    pub fn poll_input(&self) -> Option<InputEvent> {
        let event = self.shared.input.poll()?;
        if event.kind == InputKind::Probe {
            self.shared.reports.probe_polled(event.viewer);
        }
        Some(event)
    }

    /// Takes the picture of a viewer's camera that has waited longest, of this viewer or of any, if its RGBA fits into so many
    /// bytes. [`give_back`](Self::give_back) it.
    pub fn poll_received_video(&self, viewer: Option<ViewerId>, capacity: usize) -> Polled<ReceivedPicture> {
        self.shared.received.poll_picture(viewer, capacity)
    }

    /// Gives a picture's buffer back, so that the next one needs none.
    pub fn give_back(&self, picture: ReceivedPicture) {
        self.shared.received.give_back(picture);
    }

    /// Takes the sound of a viewer's microphone that has waited longest, of this viewer or of any, if it fits into so many
    /// samples.
    pub fn poll_received_audio(&self, viewer: Option<ViewerId>, capacity: usize) -> Polled<ReceivedSound> {
        self.shared.received.poll_sound(viewer, capacity)
    }

    pub fn stats(&self) -> Snapshot {
        let graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        snapshot::take(&self.shared, graph.as_ref().map(|g| &*g.layers))
    }

    /// Figures of one viewer. Waits for nothing.
    pub fn viewer_figures(&self, viewer: ViewerId) -> Result<ViewerFigures, ReportError> {
        self.shared.reports.figures(viewer)
    }

    /// What a viewer's connection tells of itself, or of one section (`a=mid`), as JSON (W3C `RTCStatsReport`). Waits for it, at
    /// most 250 ms.
    pub fn viewer_report(&self, viewer: ViewerId, section: Option<&str>) -> Result<String, ReportError> {
        self.shared.reports.report(viewer, section)
    }

    /// The link to open in a browser, once the embedded server listens.
    pub fn link(&self) -> Option<String> {
        self.shared.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
