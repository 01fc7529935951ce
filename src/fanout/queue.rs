//! One viewer's video queue: one worker puts frames in, one task takes them out, neither ever waits for the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;

use super::frame::PacketizedFrame;

/// Frames a queue holds at most: 100 ms at 240 frames a second.
pub(super) const CAPACITY: usize = 24;
/// A waiting frame this much older than the newest, in 90 kHz ticks, means that the viewer cannot follow: 100 ms.
const MAX_AGE: u32 = 9_000;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Queued,
    /// The viewer waits for a keyframe, and this is none.
    Skipped,
    /// The viewer was too slow: what waited is gone. A keyframe is queued all the same, anything else is skipped.
    Resynced,
}

#[derive(Debug)]
pub(super) struct VideoQueue {
    frames: ArrayQueue<(u32, Arc<PacketizedFrame>)>,
    /// Grows when the queue is cleared. A frame of an earlier epoch, taken out while the worker clears, is not delivered:
    /// a frame before it may already be lost.
    epoch: AtomicU32,
    /// Nothing is delivered before the next keyframe.
    starved: AtomicBool,
    /// The viewer asked for a keyframe (PLI, FIR) since the last one.
    asked: AtomicBool,
    /// The viewer's video is paused: nothing is put in, and nobody is asked for anything.
    held: AtomicBool,
    /// The viewer changes to another layer and asks this one for nothing more.
    leaving: AtomicBool,
    /// The viewer's own: it threw away what waited, and frames the worker was just putting in may follow.
    discarding: AtomicBool,
    /// RTP timestamps of the frames last put in, by count modulo capacity; only the worker uses them.
    stamps: [AtomicU32; CAPACITY],
    count: AtomicUsize,
}

impl VideoQueue {
    /// A queue that begins with a keyframe.
    pub(super) fn new() -> Self {
        Self {
            frames: ArrayQueue::new(CAPACITY),
            epoch: AtomicU32::new(0),
            starved: AtomicBool::new(true),
            asked: AtomicBool::new(false),
            held: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            discarding: AtomicBool::new(false),
            stamps: [const { AtomicU32::new(0) }; CAPACITY],
            count: AtomicUsize::new(0),
        }
    }

    /// The worker's side.
    pub(super) fn offer(&self, frame: &Arc<PacketizedFrame>) -> Offer {
        self.offer_as(frame, frame.rtp_timestamp)
    }

    /// As if it were of that time.
    fn offer_as(&self, frame: &Arc<PacketizedFrame>, rtp_timestamp: u32) -> Offer {
        if self.held.load(Ordering::Acquire) {
            return Offer::Skipped;
        }
        let slow = self.is_behind(rtp_timestamp);
        if slow {
            self.clear();
        }
        if frame.keyframe {
            self.starved.store(false, Ordering::Release);
            self.asked.store(false, Ordering::Release);
        }
        let outcome = if slow { Offer::Resynced } else { Offer::Queued };
        if self.starved.load(Ordering::Acquire) {
            return if slow { outcome } else { Offer::Skipped };
        }
        let count = self.count.load(Ordering::Relaxed);
        if let Some(stamp) = self.stamps.get(count % CAPACITY) {
            stamp.store(rtp_timestamp, Ordering::Relaxed);
        }
        self.count.store(count.wrapping_add(1), Ordering::Relaxed);
        let epoch = self.epoch.load(Ordering::Acquire);
        if self.frames.push((epoch, Arc::clone(frame))).is_err() {
            // Only if two threads publish to one layer at once.
            self.clear();
            return Offer::Resynced;
        }
        outcome
    }

    /// Before the worker knows of this queue: begins with frames that others had already, a keyframe first. They are to be
    /// sent as fast as can be, so none of them counts as waiting for longer than the last.
    pub(super) fn catch_up(&self, frames: &[Arc<PacketizedFrame>]) {
        let Some(last) = frames.last() else { return };
        for frame in frames {
            self.offer_as(frame, last.rtp_timestamp);
        }
    }

    /// The viewer's side.
    pub(super) fn pop(&self) -> Option<Arc<PacketizedFrame>> {
        loop {
            let (epoch, frame) = self.frames.pop()?;
            if self.discarding.load(Ordering::Relaxed) && !frame.keyframe {
                continue;
            }
            if epoch == self.epoch.load(Ordering::Acquire) {
                self.discarding.store(false, Ordering::Relaxed);
                return Some(frame);
            }
        }
    }

    pub(super) fn needs_keyframe(&self) -> bool {
        let wants = self.starved.load(Ordering::Acquire) || self.asked.load(Ordering::Acquire);
        wants && !self.held.load(Ordering::Acquire) && !self.is_leaving()
    }

    /// The viewer's side: whether it is on its way to another layer.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    pub(super) fn set_leaving(&self, leaving: bool) {
        self.leaving.store(leaving, Ordering::Release);
    }

    /// The viewer's side: throws away what waits; nothing is delivered before the next keyframe.
    pub(super) fn discard(&self) {
        self.discarding.store(true, Ordering::Relaxed);
        while self.frames.pop().is_some() {}
        // Last: a keyframe thrown away above has already ended the starving.
        self.starved.store(true, Ordering::Release);
    }

    /// The viewer's side: nothing more is put in, until [`release`](Self::release).
    pub(super) fn hold(&self) {
        self.held.store(true, Ordering::Release);
        self.discard();
    }

    /// The viewer's side: goes on at the next keyframe.
    pub(super) fn release(&self) {
        // What the worker was putting in when the hold began.
        self.discard();
        self.held.store(false, Ordering::Release);
    }

    pub(super) fn ask_for_keyframe(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// Full, or the oldest of at least two waiting frames is too old: one waiting frame is no backlog, however few
    /// frames a second there are.
    fn is_behind(&self, timestamp: u32) -> bool {
        let waiting = self.frames.len();
        if waiting >= CAPACITY {
            return true;
        }
        if waiting < 2 {
            return false;
        }
        let oldest = self.count.load(Ordering::Relaxed).wrapping_sub(waiting) % CAPACITY;
        let oldest = self.stamps.get(oldest).map_or(timestamp, |stamp| stamp.load(Ordering::Relaxed));
        timestamp.wrapping_sub(oldest) > MAX_AGE
    }

    fn clear(&self) {
        self.starved.store(true, Ordering::Release);
        // Before the first frame is taken out: whoever takes a later one sees the new epoch.
        self.epoch.fetch_add(1, Ordering::AcqRel);
        while self.frames.pop().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::time::Nanos;
    use crate::units::Size;

    fn frame(rtp_timestamp: u32, keyframe: bool) -> Arc<PacketizedFrame> {
        Arc::new(PacketizedFrame {
            codec: Codec::Vp8,
            size: Size::new(2, 2),
            keyframe,
            temporal_id: 0,
            discardable: false,
            rtp_timestamp,
            payloads: Vec::new(),
            host_time: 0,
            pushed_at: Nanos(0),
            encode_started: Nanos(0),
            encode_ended: Nanos(0),
            marks: None,
        })
    }

    #[test]
    fn frame_taken_out_in_the_middle_of_a_clearing_is_not_delivered() {
        let queue = VideoQueue::new();
        for (stamp, keyframe) in [(0, true), (1, false), (2, false)] {
            assert_eq!(queue.offer(&frame(stamp, keyframe)), Offer::Queued);
        }
        // What the worker does first, and its first take, before the viewer's take.
        queue.epoch.fetch_add(1, Ordering::AcqRel);
        queue.frames.pop();
        assert!(queue.pop().is_none());
        queue.clear();
        assert_eq!(queue.offer(&frame(3, true)), Offer::Queued);
        assert_eq!(queue.pop().map(|f| f.rtp_timestamp), Some(3));
    }

    #[test]
    fn frame_put_in_in_the_middle_of_a_discarding_is_not_delivered() {
        let queue = VideoQueue::new();
        queue.offer(&frame(0, true));
        queue.discard();
        // The worker had seen a viewer that is not starved, and puts in what refers to the frame thrown away.
        assert!(queue.frames.push((0, frame(1, false))).is_ok());
        assert!(queue.pop().is_none());
        assert!(queue.needs_keyframe());
        for (stamp, keyframe) in [(2, true), (3, false)] {
            assert_eq!(queue.offer(&frame(stamp, keyframe)), Offer::Queued);
        }
        assert_eq!([queue.pop(), queue.pop()].map(|f| f.map(|f| f.rtp_timestamp)), [Some(2), Some(3)]);
    }

    #[test]
    fn frame_put_in_as_a_hold_begins_is_not_delivered_after_it() {
        let queue = VideoQueue::new();
        queue.offer(&frame(0, true));
        queue.hold();
        assert!(queue.frames.push((0, frame(1, true))).is_ok());
        queue.starved.store(false, Ordering::Release);
        queue.release();
        assert!(queue.pop().is_none());
        assert_eq!(queue.offer(&frame(2, false)), Offer::Skipped);
    }
}
