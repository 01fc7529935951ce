//! How many viewers there are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Viewer;
use crate::streamer::event::{EventKind, Severity};
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

impl Viewer {
    pub(super) async fn on_connected(&mut self) {
        self.deadline = None;
        if !self.connected {
            self.connected = true;
            self.recall().await;
            self.present = Some(Presence::new(&self.context.shared));
            self.event(EventKind::ViewerConnected, Severity::Info, self.connection.to_string());
        }
        self.start_pump();
    }
}
