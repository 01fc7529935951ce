//! From a viewer's connection, which must never wait, to the worker that decodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use super::Arrival;
use crate::stats::Counter;
use crate::wake::Wake;

/// Packets that may wait: a quarter of a second of 20 Mbit/s.
pub const CAPACITY: usize = 512;

/// Both ends of the queue. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Inlet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: ArrayQueue<Arrival>,
    wake: Wake,
    begun: AtomicBool,
    closed: AtomicBool,
    keyframe: AtomicBool,
    received: Counter,
    dropped: Counter,
    /// What the worker made of it.
    frames: AtomicU64,
    /// Of the last picture: width, height in the lower half.
    size: AtomicU64,
}

impl Inlet {
    /// Counts in `received` what comes, and in `dropped` what there was no room for.
    pub fn new(received: Counter, dropped: Counter) -> Self {
        Self(Arc::new(Inner {
            queue: ArrayQueue::new(CAPACITY),
            wake: Wake::default(),
            begun: AtomicBool::default(),
            closed: AtomicBool::default(),
            keyframe: AtomicBool::default(),
            received,
            dropped,
            frames: AtomicU64::default(),
            size: AtomicU64::default(),
        }))
    }

    /// Never waits. A full queue keeps the newest.
    pub fn push(&self, arrival: Arrival) {
        self.0.received.add(u64::from(matches!(arrival, Arrival::Packet { .. })));
        if self.0.queue.force_push(arrival).is_some() {
            self.0.dropped.add(1);
        }
        self.0.wake.ring();
    }

    /// True once, when the first packet has come.
    pub fn begins(&self) -> bool {
        !self.0.queue.is_empty() && !self.0.begun.swap(true, Ordering::AcqRel)
    }

    pub fn pop(&self) -> Option<Arrival> {
        self.0.queue.pop()
    }

    /// Names the calling thread as the one that is woken.
    pub fn listen(&self) {
        self.0.wake.listen();
    }

    /// Waits for news.
    pub fn wait(&self, at_most: Duration) {
        self.0.wake.wait(at_most);
    }

    /// The worker cannot go on without a keyframe.
    pub fn ask_for_keyframe(&self) {
        self.0.keyframe.store(true, Ordering::Release);
    }

    /// Whether it asked since.
    pub fn take_keyframe_request(&self) -> bool {
        self.0.keyframe.load(Ordering::Relaxed) && self.0.keyframe.swap(false, Ordering::AcqRel)
    }

    /// A picture of this size was decoded.
    pub fn note_decoded(&self, width: u32, height: u32) {
        self.0.frames.fetch_add(1, Ordering::Relaxed);
        self.0.size.store(u64::from(width) << 32 | u64::from(height), Ordering::Relaxed);
    }

    /// How many pictures were decoded, and the last one's width and height.
    pub fn decoded(&self) -> (u64, (u32, u32)) {
        let size = self.0.size.load(Ordering::Relaxed);
        (self.0.frames.load(Ordering::Relaxed), ((size >> 32) as u32, size as u32))
    }

    /// Ends the worker.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.wake.ring();
    }

    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::Medium;

    #[test]
    fn a_full_queue_keeps_the_newest_and_counts_the_others() {
        let (received, dropped) = (Counter::default(), Counter::default());
        let inlet = Inlet::new(received, dropped.clone());
        assert!(!inlet.begins());
        for timestamp in 0..CAPACITY as u32 + 3 {
            inlet.push(Arrival::Clock { medium: Medium::Audio, ntp: 0, timestamp });
        }
        assert!(inlet.begins() && !inlet.begins());
        assert_eq!(dropped.get(), 3);
        assert_eq!(inlet.pop(), Some(Arrival::Clock { medium: Medium::Audio, ntp: 0, timestamp: 3 }));
    }

    #[test]
    fn a_request_is_taken_once() {
        let inlet = Inlet::new(Counter::default(), Counter::default());
        inlet.ask_for_keyframe();
        assert!(inlet.take_keyframe_request() && !inlet.take_keyframe_request());
    }
}
