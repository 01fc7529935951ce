//! The one object a host holds: `graph` (wires the rooms together; the only place that spawns threads), the workers,
//! `session` (viewers, negotiations, peers), `event` (what the host is told).

pub mod event;

use crate::config::Config;
use crate::error::{ConfigError, PushError};
use crate::frame::{FrameBuffer, PixelFormat};
use crate::input::InputEvent;
use crate::stats::snapshot::Snapshot;
use crate::units::Size;
pub use event::{Event, EventKind, EventQueue, Severity};

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
    config: Config,
}

impl Streamer {
    pub fn new(config: Config) -> Result<Self, StreamerError> {
        config.validate()?;
        Ok(Self { config })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Starts workers, encoders' proofs, the embedded server and signaling. Returns at once; events tell how it went.
    pub fn start(&self) -> Result<(), StreamerError> {
        Ok(())
    }

    /// Closes every viewer's connection and ends every thread. Blocks until they have ended, at most about a second. Idempotent.
    pub fn stop(&self) {}

    pub fn is_started(&self) -> bool {
        false
    }

    /// Copies a picture in. Never blocks. One entry of `planes` for each plane of the format.
    pub fn push_video(
        &self,
        _format: PixelFormat,
        _size: Size,
        _planes: &[PlaneSource<'_>],
        _host_time: u64,
        _flipped: bool,
    ) -> Result<(), PushError> {
        Ok(())
    }

    /// Lends a buffer to write a picture into. Dropping it without `commit_video` gives it back.
    pub fn acquire_video(&self, format: PixelFormat, size: Size) -> Result<FrameBuffer, PushError> {
        crate::frame::FramePool::new(1).acquire(format, size)
    }

    /// Hands a written buffer to the encoders.
    pub fn commit_video(&self, _buffer: FrameBuffer, _host_time: u64, _flipped: bool) {}

    /// Copies sound in: interleaved, -1 to 1. NaN and infinities play as silence and are counted.
    pub fn push_audio(
        &self,
        _samples: &[f32],
        _sample_rate: u32,
        _channels: u32,
        _host_time: u64,
    ) -> Result<(), PushError> {
        Ok(())
    }

    pub fn poll_event(&self) -> Option<Event> {
        None
    }

    pub fn poll_input(&self) -> Option<InputEvent> {
        None
    }

    pub fn stats(&self) -> Snapshot {
        Snapshot::default()
    }

    /// The link to open in a browser, once the embedded server listens.
    pub fn link(&self) -> Option<String> {
        None
    }
}
