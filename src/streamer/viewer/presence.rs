//! How many viewers there are, and how each one's connection is.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{DISCONNECT_TIMEOUT, Viewer};
use crate::streamer::directory::ViewerState;
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::shared::Shared;
use crate::time;

impl Viewer {
    /// The connection is up: the first time, or again.
    pub(super) async fn on_connected(&mut self) {
        self.deadline = None;
        self.input.handle_sign();
        self.context.shared.directory.set_state(self.id, ViewerState::Connected);
        if self.connected {
            return self.begin_anew().await;
        }
        self.connected = true;
        self.recall().await;
        self.present = Some(Presence::new(&self.context.shared));
        self.event(EventKind::ViewerConnected, Severity::Info, self.connection.to_string());
        self.context.shared.roles.enter(self.id);
        self.start_pump();
        self.start_track_pumps();
    }

    /// Nothing is heard from it.
    pub(super) fn on_interrupted(&mut self) {
        self.deadline = Some(time::now() + DISCONNECT_TIMEOUT);
        self.input.handle_interruption(time::now());
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
