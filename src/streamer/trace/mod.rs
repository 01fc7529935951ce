//! The way of single frames, written to a file as OpenTelemetry traces (feature `trace`, `stats.trace_file`). Marks travel with
//! a frame that was picked; whoever sends its last packet puts them into a queue, and a thread of its own writes them.
//!
//! `span` (pure: the text).

mod span;

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::shared::Shared;
use crate::config::StatsConfig;
use crate::peer::Departed;
use crate::stats::Counter;
use crate::time::{self, Nanos};
use crate::units::ViewerId;
use span::{Clock, Way};

/// Traces that may wait for the file.
const WAITING: usize = 256;
/// How often the writer looks whether it is to end.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub struct Tracer {
    every: u64,
    frames: AtomicU64,
    put: Sender<Way>,
    taken: Receiver<Way>,
    dropped: Counter,
}

impl Tracer {
    /// None: nothing is to be traced. Counts in `traces_dropped`.
    pub fn new(config: &StatsConfig, dropped: Counter) -> Option<Self> {
        let (put, taken) = bounded(WAITING);
        let every = u64::from(config.trace_every.max(1));
        (!config.trace_file.is_empty()).then(|| Self { every, frames: AtomicU64::new(0), put, taken, dropped })
    }

    /// Whether the next frame is one that is traced.
    pub fn picks(&self) -> bool {
        self.frames.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.every)
    }

    /// A frame has left for a viewer. Never waits.
    pub fn handle_departed(&self, viewer: ViewerId, left: &Departed<'_>, now: Nanos) {
        let Some(marks) = left.frame.marks else { return };
        let frame = left.frame;
        let way = Way {
            viewer,
            sender: left.sender,
            codec: frame.codec.rtpmap_name(),
            size: frame.size,
            keyframe: frame.keyframe,
            bytes: frame.payloads.iter().map(bytes::Bytes::len).sum(),
            rtp_timestamp: left.rtp_timestamp,
            pushed_at: frame.pushed_at,
            marks,
            encode_started: frame.encode_started,
            encode_ended: frame.encode_ended,
            paced_at: left.paced_at,
            sent_at: now,
        };
        if self.put.try_send(way).is_err() {
            self.dropped.add(1);
        }
    }
}

/// Writes what comes until the streamer stops, and what has come by then.
pub fn run(shared: &Shared, tracer: &Tracer) {
    let path = &shared.config.stats.trace_file;
    let mut file = match OpenOptions::new().create(true).append(true).open(path) {
        Ok(file) => Some(file),
        Err(error) => {
            tracing::error!(%path, %error, "no trace is written");
            None
        }
    };
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let clock = Clock { wall, at: time::now() };
    let mut seed = [0; 8];
    // Without random numbers two runs may give the same names.
    let _ = getrandom::fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    loop {
        let way = match tracer.taken.recv_timeout(LOOK) {
            Ok(way) => way,
            Err(_) if shared.is_stopping() => return,
            Err(_) => continue,
        };
        let line = span::line(&way, clock, seed);
        let written = file.as_mut().is_some_and(|file| file.write_all(line.as_bytes()).is_ok());
        if !written {
            tracer.dropped.add(1);
        }
    }
}
