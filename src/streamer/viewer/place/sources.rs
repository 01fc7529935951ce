//! Which source a viewer is shown.

use std::sync::Arc;

use super::Place;
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::layer::Layer;
use crate::streamer::source::Source;
use crate::time::Nanos;
use crate::units::SourceId;

impl Place {
    /// From the next [`review`](Self::review) on it is to be shown that source.
    pub fn show(&mut self, source: Arc<Source>) {
        self.source = source;
    }

    /// The source that it is to be shown.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Its number.
    pub fn wanted(&self) -> SourceId {
        self.source.id
    }

    pub(super) fn give_up_ended_source(&mut self) {
        if self.source.has_ended() {
            self.source = Arc::clone(self.shared.sources.first());
        }
    }

    /// Goes to the source that it is to be shown, as soon as that has a picture: until then the old one is better than none.
    /// True: it is on its way.
    pub(super) async fn follow_source(&mut self, now: Nanos) -> bool {
        self.give_up_ended_source();
        let Some(present) = self.next.as_ref().or(self.layer.as_ref()).cloned() else { return false };
        let waits = !self.source.has_picture() && !present.source.has_ended();
        if present.key.source == self.source.id || waits {
            return false;
        }
        // What cannot be had now is tried again at the next check.
        let Ok(layer) = self.enter(present.key.codec, now) else { return false };
        tracing::debug!(viewer = self.viewer.0, source = layer.key.source.0, "another source");
        self.change_to(layer, now).await;
        true
    }

    /// A change has ended; `left` is where it was before.
    pub(super) fn tell_source(&self, left: Option<&Layer>) {
        let (Some(left), Some(layer)) = (left, &self.layer) else { return };
        if left.key.source != layer.key.source
            && let Some(viewer) = self.told_as
        {
            let shown = layer.key.source.0.to_string();
            self.shared.events.push(EventKind::SourceChanged, Severity::Info, viewer, shown);
        }
    }
}
