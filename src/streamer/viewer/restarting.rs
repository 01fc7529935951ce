//! A viewer whose network changes: it is looked for anew while media goes on, and begins with a keyframe when it is back.

use std::time::Duration;

use super::Viewer;
use crate::signaling::negotiation::Input;
use crate::streamer::directory::ViewerState;
use crate::streamer::event::{EventKind, Severity};
use crate::time;

impl Viewer {
    pub(super) async fn on_silent(&mut self) {
        self.input.handle_silence(time::now());
        if !self.interrupted {
            self.interrupted = true;
            self.context.shared.directory.set_state(self.id, ViewerState::Interrupted);
            self.event(EventKind::ViewerInterrupted, Severity::Warning, "interrupted");
        }
        self.negotiate_path(Input::RestartIce).await;
    }

    pub(super) async fn on_heard(&mut self, after: Duration) {
        self.input.handle_sign();
        if std::mem::take(&mut self.interrupted) {
            tracing::debug!(viewer = self.id.0, ?after, "heard again");
            self.context.shared.directory.set_state(self.id, ViewerState::Connected);
            self.event(EventKind::ViewerInterrupted, Severity::Info, "back");
            self.negotiate_path(Input::PathWorks).await;
            self.begin_anew().await;
        }
    }

    /// Where the host negotiates, it sees the connection's states and restarts itself.
    async fn negotiate_path(&mut self, input: Input) {
        if self.hosted.is_none() {
            self.negotiate(input).await;
        }
    }

    /// Its packets come from elsewhere.
    pub(super) async fn on_moved(&mut self) {
        self.locate().await;
    }

    async fn locate(&mut self) {
        if let Some(peer) = self.peer.clone() {
            self.address = peer.remote_address().await.or(self.address);
        }
    }

    /// What was sent meanwhile is lost, and what comes next refers to it: a keyframe is needed, and no request for one that
    /// would take a round trip. Half of what the old path carried is tried first (`congestion`); what this one carries is
    /// remembered by the address it leads to.
    pub(super) async fn begin_anew(&mut self) {
        self.locate().await;
        self.start_pump();
        self.start_track_pumps();
    }
}
