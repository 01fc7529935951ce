//! What this viewer watches: what its page and its link allow, and the layer that follows from it.

use std::sync::Arc;

use super::Viewer;
use super::place::Place;
use crate::encode::Codec;
use crate::peer::Limits;
use crate::streamer::event::{EventKind, Severity};
use crate::streamer::source::Source;
use crate::time;
use crate::units::Bitrate;

impl Viewer {
    /// What the page, its viewer and the host ask for rules the sender, within the configuration's bounds.
    pub(super) fn set_limits(&mut self) {
        let (video, rates) = (&self.context.shared.config.video, self.granted.rates);
        // An encoder makes no less than the configuration's least.
        let granted = self.granted.chosen.most(self.granted.wishes.video.max_bitrate);
        let granted = granted.map(|most| most.max(video.min_bitrate()));
        let asked = rates.max.into_iter().chain(granted).min();
        let max = asked.unwrap_or(video.max_bitrate()).min(video.max_bitrate());
        let min = rates.min.unwrap_or(video.min_bitrate()).max(video.min_bitrate());
        let start = self.recalled.or(rates.start).unwrap_or(video.start_bitrate());
        // The bounds are video's. Sound comes on top, and what repairs loss.
        let tracks = 1 + self.tracks.len() as u64;
        let most = self.place.needed(Bitrate::from_bps((max.bps() / 2 * 3).saturating_mul(tracks)));
        let limits = Limits::new(start, self.place.needed(min), most);
        self.limits = Some(limits);
        // What it is bounded to now may be less than what was measured, and more than it was bounded to before.
        let present = || self.place.codec().map(|_| self.feed.link());
        let known = self.measured.or_else(present);
        let estimate = known.map_or(limits.start, |estimate| estimate.clamp(limits.min, limits.max));
        self.place.set_most(max);
        // What was measured, or is bounded, is no guess.
        let bounded = asked.is_some() && estimate >= self.place.needed(max);
        self.set_estimates(estimate, bounded || self.measured.is_some());
        if let Some(peer) = &self.peer {
            peer.set_limits(limits);
        }
    }

    /// Looks for the right layer, and says what its link would have to carry for a better one.
    pub(in crate::streamer) async fn review(&mut self) {
        self.follow_wishes();
        self.place.review(time::now()).await;
        self.review_tracks().await;
        self.tell_demand();
    }

    /// From now on it is to be shown that source.
    pub(in crate::streamer) async fn show(&mut self, source: Arc<Source>) {
        self.place.show(source);
        self.review().await;
    }

    pub(super) fn tell_demand(&self) {
        let demands = self.places().filter_map(Place::demand).map(Bitrate::bps);
        if let (Some(peer), Some(demand)) = (&self.peer, demands.reduce(u64::saturating_add)) {
            peer.set_demand(Bitrate::from_bps(demand));
        }
    }

    /// The host's bounds are others now.
    pub(super) fn bound(&mut self) {
        if self.limits.is_some() {
            self.set_limits();
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
