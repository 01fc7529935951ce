//! The sending end of one layer's video.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Notify;
use super::frame::PacketizedFrame;
use super::queue::{Offer, VideoQueue};
use super::recent::Recent;
use super::roster::Roster;
use super::subscriber::Subscriber;
use crate::stats::Counters;
use crate::wake::Wake;

/// One layer's video to everybody who watches it. Clones are the same fan-out. One thread publishes, any may subscribe.
#[derive(Clone, Debug)]
pub struct Fanout(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    roster: Roster<Watcher>,
    /// Held while the roster changes or is read for a frame: who joins misses none and gets none twice.
    recent: Mutex<Recent>,
    counters: Counters,
    worker: Wake,
}

/// A viewer as the worker sees it.
pub(super) struct Watcher {
    pub(super) queue: VideoQueue,
    notify: Arc<Notify>,
    /// Keyframes this viewer's own trouble has cost the layer; the one it began with is not counted.
    keyframes_caused: AtomicU64,
    /// Times its queue was cleared, or paused.
    resyncs: AtomicU64,
}

/// A place among the watchers, given up when dropped.
pub(super) struct Seat {
    fanout: Fanout,
    pub(super) watcher: Arc<Watcher>,
}

impl Fanout {
    /// `worker` is rung when somebody begins to need a keyframe. Counts in `viewer_resyncs` and `keyframes_requested`.
    pub fn new(counters: &Counters, worker: Wake) -> Self {
        let counters = counters.clone();
        Self(Arc::new(Shared { roster: Roster::default(), recent: Mutex::default(), counters, worker }))
    }

    /// A viewer that watches this layer: from its last keyframe on if that is new, else from the next.
    pub fn subscribe(&self, notify: Notify) -> Subscriber {
        let mut subscriber = Subscriber::new(notify);
        subscriber.watch(self);
        subscriber
    }

    /// Hands a frame to every watcher; a slow one loses its queue and goes on at a keyframe. Never waits for a viewer.
    /// A frame without payloads is nothing. Allocates nothing.
    pub fn publish(&self, frame: Arc<PacketizedFrame>) {
        if frame.payloads.is_empty() {
            return;
        }
        let listeners = {
            let mut recent = self.recent();
            recent.push(&frame);
            self.0.roster.listeners()
        };
        for watcher in listeners.iter() {
            let offer = watcher.queue.offer(&frame);
            if offer == Offer::Resynced {
                self.count_resync(watcher);
                if !frame.keyframe {
                    self.0.counters.keyframes_requested.add(1);
                    watcher.keyframes_caused.fetch_add(1, Ordering::Relaxed);
                }
            }
            if offer != Offer::Skipped {
                (watcher.notify)();
            }
        }
    }

    /// Whether somebody cannot go on, or asked, and no keyframe was published since. Ask before each frame.
    pub fn needs_keyframe(&self) -> bool {
        self.0.roster.listeners().iter().any(|watcher| watcher.queue.needs_keyframe())
    }

    /// Viewers that watch this layer or are about to.
    pub fn subscriber_count(&self) -> usize {
        self.0.roster.len()
    }

    pub(super) fn is(&self, other: &Fanout) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// `catches_up`: shows nothing yet, so that what is a moment old is welcome.
    pub(super) fn seat(&self, notify: Arc<Notify>, catches_up: bool) -> Seat {
        let (keyframes_caused, resyncs) = (AtomicU64::new(0), AtomicU64::new(0));
        let watcher = Arc::new(Watcher { queue: VideoQueue::new(), notify, keyframes_caused, resyncs });
        {
            let mut recent = self.recent();
            if self.0.roster.len() == 0 {
                // Nobody watched: nothing was encoded since then.
                recent.clear();
            }
            if catches_up {
                watcher.queue.catch_up(recent.frames());
            }
            self.0.roster.join(Arc::clone(&watcher));
        }
        if watcher.queue.needs_keyframe() {
            self.keyframe_requested();
        } else {
            (watcher.notify)();
        }
        Seat { fanout: self.clone(), watcher }
    }

    fn count_resync(&self, watcher: &Watcher) {
        self.0.counters.viewer_resyncs.add(1);
        watcher.resyncs.fetch_add(1, Ordering::Relaxed);
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keyframe_requested(&self) {
        self.0.counters.keyframes_requested.add(1);
        self.0.worker.ring();
    }
}

impl Seat {
    pub(super) fn is_at(&self, fanout: &Fanout) -> bool {
        self.fanout.is(fanout)
    }

    pub(super) fn request_keyframe(&self) {
        self.watcher.queue.ask_for_keyframe();
        self.fanout.keyframe_requested();
    }

    pub(super) fn resync(&self) {
        self.watcher.queue.discard();
        self.fanout.count_resync(&self.watcher);
        self.cause_keyframe();
    }

    /// A pause begins. The keyframe at its end is counted now: whoever may not cost one more can be served apart by then.
    pub(super) fn count_pause(&self) {
        self.fanout.count_resync(&self.watcher);
        if !self.watcher.queue.is_leaving() {
            self.watcher.keyframes_caused.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn hold(&self) {
        self.watcher.queue.hold();
    }

    pub(super) fn release(&self) {
        self.watcher.queue.release();
        if !self.watcher.queue.is_leaving() {
            self.fanout.keyframe_requested();
        }
    }

    /// The viewer changes to another layer: this one goes on as long as it needs no keyframe. Or it stays after all.
    pub(super) fn set_leaving(&self, leaving: bool) {
        self.watcher.queue.set_leaving(leaving);
        if self.watcher.queue.needs_keyframe() {
            self.cause_keyframe();
        }
    }

    pub(super) fn keyframes_caused(&self) -> u64 {
        self.watcher.keyframes_caused.load(Ordering::Relaxed)
    }

    pub(super) fn resyncs(&self) -> u64 {
        self.watcher.resyncs.load(Ordering::Relaxed)
    }

    fn cause_keyframe(&self) {
        self.watcher.keyframes_caused.fetch_add(1, Ordering::Relaxed);
        self.fanout.keyframe_requested();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.fanout.0.roster.leave(&self.watcher);
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("queue", &self.queue).finish_non_exhaustive()
    }
}
