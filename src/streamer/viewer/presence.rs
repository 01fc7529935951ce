//! How many viewers there are, and how each one's connection is.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{DISCONNECT_TIMEOUT, Viewer};
use crate::streamer::directory::ViewerState;
use crate::streamer::shared::Shared;
use crate::time;

impl Viewer {
    /// Nothing is heard from it.
    pub(super) fn on_interrupted(&mut self) {
        self.deadline = Some(time::now() + DISCONNECT_TIMEOUT);
        self.context.shared.directory.set_state(self.id, ViewerState::Interrupted);
    }
}

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
