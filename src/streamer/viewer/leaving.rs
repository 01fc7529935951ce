//! The end of a viewer.

use super::Viewer;
use crate::signaling::SignalCommand;
use crate::streamer::event::{EventKind, Severity};

impl Viewer {
    pub(super) async fn leave(mut self) {
        if let Some(pump) = self.pump.take() {
            pump.abort();
            let _ = pump.await;
        }
        self.place.leave().await;
        self.end_tracks().await;
        self.forget();
        self.channels.end();
        if let Some(peer) = self.peer.take() {
            peer.close().await;
        }
        self.context.shared.counters.signaling_messages_malformed.add(self.negotiation.candidates_dropped());
        if !self.said_goodbye {
            let _ = self.commands.try_send(SignalCommand::Disconnect { connection: self.connection.clone() });
        }
        // Its page may have closed the connection when it was told.
        let reason = self.control.parting().or(self.ended.take()).unwrap_or_default();
        self.context.shared.peers.leave(self.id, &reason);
        if self.connected {
            self.present = None;
            self.event(EventKind::ViewerDisconnected, Severity::Info, reason);
        } else if self.heard {
            self.event(EventKind::ViewerRefused, Severity::Warning, reason);
        }
    }

    /// Nobody finds it any more.
    fn forget(&mut self) {
        let shared = &self.context.shared;
        shared.orders.leave(self.id);
        shared.directory.leave(self.id);
        shared.configurations.leave(self.id);
        shared.reports.leave(self.id);
        self.context.audio_demand.leave(self.id);
        self.input.close_all();
        shared.roles.leave(self.id);
        shared.presentations.leave(self.id);
    }
}

/// What must not outlive a viewer, also when its task panics. After `leave` there is nothing left to do.
impl Drop for Viewer {
    fn drop(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.abort();
        }
        self.forget();
        self.context.shared.peers.leave(self.id, "a defect ended it");
    }
}
