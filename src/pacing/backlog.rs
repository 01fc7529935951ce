//! What a viewer's pump knows of the pacer behind it, without asking it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::Nanos;
use crate::units::SenderId;

/// Written by the connection's task, read by the pump.
#[derive(Debug, Default)]
pub struct Backlog {
    /// When what waits now will have left, if the rate stays.
    empty_at: AtomicU64,
    /// Times the queue was cut, counted.
    cuts: AtomicU64,
    bell: Mutex<Bell>,
}

#[derive(Default)]
struct Bell(Vec<(SenderId, Box<dyn Fn() + Send>)>);

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bell")
    }
}

impl Backlog {
    pub fn set(&self, now: Nanos, queued: Duration) {
        self.empty_at.store((now + queued).0, Ordering::Relaxed);
    }

    /// How long what waits at `now` takes to leave.
    pub fn queued(&self, now: Nanos) -> Duration {
        Nanos(self.empty_at.load(Ordering::Relaxed)).saturating_since(now)
    }

    /// Frames were thrown away: what follows cannot be decoded before the next keyframe.
    pub fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::Release);
        self.bell().0.iter().for_each(|(_, ring)| ring());
    }

    /// Rings at each cut from now on, in place of what this sender had before. It must not wait.
    pub fn on_cut(&self, sender: SenderId, ring: Box<dyn Fn() + Send>) {
        let mut bell = self.bell();
        bell.0.retain(|(other, _)| *other != sender);
        bell.0.push((sender, ring));
    }

    /// For a sender that is gone.
    pub fn forget(&self, sender: SenderId) {
        self.bell().0.retain(|(other, _)| *other != sender);
    }

    fn bell(&self) -> MutexGuard<'_, Bell> {
        self.bell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often frames were thrown away so far.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Acquire)
    }
}
