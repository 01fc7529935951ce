//! One encoding: what its worker, the video worker and its viewers share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use crate::encode::{Codec, YuvFrame};
use crate::fanout::Fanout;
use crate::stats::Counters;
use crate::units::{Bitrate, ViewerId};
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

/// Which encoding of the host's picture. A ladder of sizes adds its rung here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayerKey {
    pub codec: Codec,
    pub lane: Lane,
}

/// One encoding, shared by every viewer of its codec and lane.
#[derive(Debug)]
pub struct Layer {
    pub key: LayerKey,
    pub fanout: Fanout,
    pub wake: Wake,
    /// The newest converted picture; an older one that the encoder has not begun is replaced.
    pub slot: ArrayQueue<Arc<YuvFrame>>,
    /// Round trip of the nearest viewer that asks for a keyframe, in us; `NOBODY` when none asks.
    keyframe_requested: AtomicU64,
    /// Whether the open encoder reads interleaved chroma without a copy.
    pub interleaved: AtomicBool,
    stopping: AtomicBool,
    given_up: AtomicBool,
    estimates: Mutex<HashMap<ViewerId, Bitrate>>,
    /// Name of the open encoder and its target, for the statistics.
    pub status: Mutex<(&'static str, Bitrate)>,
}

impl Layer {
    /// `start`: its target until something was measured.
    pub fn new(key: LayerKey, counters: &Counters, start: Bitrate) -> Self {
        let wake = Wake::default();
        Self {
            key,
            fanout: Fanout::new(counters, wake.clone()),
            wake,
            slot: ArrayQueue::new(1),
            keyframe_requested: AtomicU64::new(NOBODY),
            interleaved: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            estimates: Mutex::default(),
            status: Mutex::new(("", start)),
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

    /// What `viewer`'s link carries.
    pub fn set_estimate(&self, viewer: ViewerId, estimate: Bitrate) {
        lock(&self.estimates).insert(viewer, estimate);
    }

    pub fn forget_estimate(&self, viewer: ViewerId) {
        lock(&self.estimates).remove(&viewer);
    }

    /// The rate to encode at: a lone viewer's own estimate; among several the best link's, because a slow viewer must
    /// not take quality from another.
    pub fn estimate(&self) -> Option<Bitrate> {
        lock(&self.estimates).values().copied().max()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
