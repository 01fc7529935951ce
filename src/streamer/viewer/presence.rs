//! How many viewers there are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::streamer::shared::Shared;

/// One viewer in the gauge, and its joining and leaving in the counters, however its task ends.
pub struct Presence(Arc<Shared>);

impl Presence {
    pub fn new(shared: &Arc<Shared>) -> Self {
        shared.counters.viewers_joined.add(1);
        shared.viewers.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.counters.viewers_left.add(1);
        self.0.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}
