//! What this viewer watches: what its page and its link allow, and the layer that follows from it.

use std::sync::Arc;

use super::Viewer;
use crate::encode::Codec;
use crate::peer::{Limits, RequestedRates};
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::source::Source;
use crate::time;
use crate::units::Bitrate;

impl Viewer {
    /// What the page asks for rules the sender, within the configuration's bounds.
    pub(super) fn set_limits(&mut self, rates: &RequestedRates) {
        let video = &self.context.shared.config.video;
        let max = rates.max.unwrap_or(video.max_bitrate()).min(video.max_bitrate());
        let min = rates.min.unwrap_or(video.min_bitrate()).max(video.min_bitrate());
        let start = self.recalled.or(rates.start).unwrap_or(video.start_bitrate());
        // The bounds are video's. Sound comes on top, and what repairs loss.
        let most = self.place.needed(Bitrate::from_bps(max.bps() / 2 * 3));
        let limits = Limits::new(start, self.place.needed(min), most);
        self.limits = Some(limits);
        let has_layer = self.place.codec().is_some();
        let estimate = if has_layer { self.feed.estimate().clamp(limits.min, limits.max) } else { limits.start };
        self.place.set_most(max);
        // What the page has bounded is no guess.
        self.place.set_estimate(estimate, rates.max.is_some() && estimate >= self.place.needed(max));
        if let Some(peer) = &self.peer {
            peer.set_limits(limits);
        }
    }

    /// Looks for the right layer, and says what its link would have to carry for a better one.
    pub(in crate::streamer) async fn review(&mut self) {
        self.place.review(time::now()).await;
        self.tell_demand();
    }

    /// From now on it is to be shown that source.
    pub(in crate::streamer) async fn show(&mut self, source: Arc<Source>) {
        self.place.show(source);
        self.review().await;
    }

    pub(super) fn tell_demand(&self) {
        if let (Some(peer), Some(demand)) = (&self.peer, self.place.demand()) {
            peer.set_demand(demand);
        }
    }

    pub(super) async fn on_video(&mut self, codec: Codec) {
        if self.place.codec() != Some(codec) {
            self.watch(codec).await;
        }
    }

    pub(super) async fn watch(&mut self, codec: Codec) {
        self.place.leave().await;
        if let Err(error) = self.place.join(codec, time::now()) {
            self.event(EventKind::ViewerRefused, Severity::Error, format!("no encoder thread: {error}"));
        }
        self.tell_demand();
        self.start_pump();
    }
}
