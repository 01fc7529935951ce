//! One encoding: what its worker, the video worker and its viewers share.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use super::layer_tally::LayerTally;
use super::source::Source;
use crate::encode::{Codec, YuvFrame};
use crate::fanout::Fanout;
use crate::layers::{Cadence, Group, Rung, Shape, Step};
use crate::stats::Counters;
use crate::time::Nanos;
use crate::units::{Bitrate, Size, SourceId, ViewerId};
use crate::wake::Wake;

const NOBODY: u64 = u64::MAX;

/// Who shares an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Everybody.
    Common,
    /// Viewers that would cost the others too many keyframes.
    Repair,
}

/// Which encoding of which of the host's pictures. In order: the first source's come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayerKey {
    pub source: SourceId,
    pub codec: Codec,
    /// What its viewers are to have at most.
    pub shape: Shape,
    pub lane: Lane,
    /// Its place in the codec's ladder; 0 is the best.
    pub rung: usize,
}

impl LayerKey {
    /// The layer that a codec's first viewer gets, of the first source.
    #[cfg(test)]
    pub const fn first(codec: Codec) -> Self {
        Self::of(SourceId(0), codec)
    }

    /// The layer that a codec's first viewer gets.
    pub const fn of(source: SourceId, codec: Codec) -> Self {
        Self { source, codec, shape: Shape::ALL, lane: Lane::Common, rung: 0 }
    }
}

/// What is encoded now, for the statistics and for viewers that think of coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// The open encoder; empty: none.
    pub encoder: &'static str,
    pub target: Bitrate,
    pub size: Size,
    pub fps: u32,
}

/// A converted picture for a layer.
#[derive(Clone, Debug)]
pub struct Offered {
    pub picture: Arc<YuvFrame>,
    /// When its conversion began and ended, where its way is traced.
    pub converted: Option<(Nanos, Nanos)>,
}

/// One encoding, shared by every viewer of its source, codec, lane and rung.
#[derive(Debug)]
pub struct Layer {
    pub key: LayerKey,
    /// Whose pictures it encodes.
    pub source: Arc<Source>,
    pub fanout: Fanout,
    pub wake: Wake,
    /// The newest converted picture; an older one that the encoder has not begun is replaced.
    pub slot: ArrayQueue<Offered>,
    /// Round trip of the nearest viewer that asks for a keyframe, in us; `NOBODY` when none asks.
    keyframe_requested: AtomicU64,
    /// Whether the open encoder reads interleaved chroma without a copy.
    pub interleaved: AtomicBool,
    stopping: AtomicBool,
    given_up: AtomicBool,
    group: Mutex<Group>,
    /// How much of its rung's picture the worker wants.
    step: AtomicU32,
    cadence: Mutex<Cadence>,
    status: Mutex<Status>,
    /// What was made.
    pub tally: LayerTally,
}

impl Layer {
    /// `start`: its target until something was measured. The key is one of `source`.
    pub fn new(key: LayerKey, source: Arc<Source>, counters: &Counters, start: Bitrate) -> Self {
        let wake = Wake::default();
        Self {
            key,
            source,
            fanout: Fanout::new(counters, wake.clone()),
            wake,
            slot: ArrayQueue::new(1),
            keyframe_requested: AtomicU64::new(NOBODY),
            interleaved: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            group: Mutex::default(),
            step: AtomicU32::new(Step::default().to_bits()),
            cadence: Mutex::default(),
            status: Mutex::new(Status { encoder: "", target: start, size: Size::new(0, 0), fps: 0 }),
            tally: LayerTally::default(),
        }
    }

    /// A viewer that far away asks for a keyframe; requests are merged by the worker.
    pub fn request_keyframe(&self, rtt: Duration) {
        let micros = u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX).min(NOBODY - 1);
        self.keyframe_requested.fetch_min(micros, Ordering::AcqRel);
        self.wake.ring();
    }

    /// The round trip of who asked, if anybody did since the last call.
    pub fn take_keyframe_request(&self) -> Option<Duration> {
        let micros = self.keyframe_requested.swap(NOBODY, Ordering::AcqRel);
        (micros != NOBODY).then(|| Duration::from_micros(micros))
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Tells the worker to end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake.ring();
    }

    /// Nothing comes from this layer any more: its viewers must go elsewhere.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    pub fn has_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// The viewers that share it, and what their links have room for.
    pub fn group(&self) -> MutexGuard<'_, Group> {
        lock(&self.group)
    }

    /// The worker: how much of the rung's picture it wants from now on.
    pub fn set_step(&self, step: Step) {
        self.step.store(step.to_bits(), Ordering::Relaxed);
    }

    fn step(&self) -> Step {
        Step::from_bits(self.step.load(Ordering::Relaxed))
    }

    /// The video worker: the size in which this layer takes the picture of that host time. None: it leaves this one out.
    pub fn wants(&self, rung: Rung, host_time: u64) -> Option<Size> {
        let step = self.step();
        let thinned = rung.thinned || step.is_thinned();
        if thinned && !lock(&self.cadence).takes(host_time, step.fps(rung.picture.fps)) {
            return None;
        }
        Some(step.size(rung.picture.size))
    }

    /// Whether it takes the host's pictures as they are.
    pub fn takes_whole_pictures(&self) -> bool {
        self.key.rung == 0 && self.key.shape == Shape::ALL && !self.is_degraded()
    }

    /// Its rate does not carry its rung's whole picture.
    pub fn is_degraded(&self) -> bool {
        self.step() != Step::default()
    }

    pub fn status(&self) -> Status {
        *lock(&self.status)
    }

    pub fn set_status(&self, status: Status) {
        *lock(&self.status) = status;
    }

    pub fn take_viewer_out(&self, viewer: ViewerId) {
        self.group().remove(viewer);
    }

    /// The rate to encode at, from the viewers' links; None while nothing is known of any.
    pub fn rate(&self, now: Nanos, rung: Rung) -> Option<Bitrate> {
        self.group().rate(now, rung.floor, rung.ceiling)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
