//! Which layer serves one viewer: the common one of its codec, or the repair lane while it costs the others too many
//! keyframes. A change is seamless: the old layer goes on until the new one's first keyframe is here.

use std::sync::Arc;
use std::time::Duration;

use crate::encode::Codec;
use crate::fanout::{KeyframeBudget, KeyframeShare};
use crate::streamer::feed::Feed;
use crate::streamer::layer::{Lane, Layer};
use crate::streamer::layers::Layers;
use crate::streamer::shared::Shared;
use crate::time::Nanos;
use crate::units::{Bitrate, ViewerId};

/// How often a viewer that is changing its layer, or apart from the others, is looked after.
const CHECK_EVERY: Duration = Duration::from_millis(500);

pub struct Place {
    shared: Arc<Shared>,
    layers: Arc<Layers>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    /// Serves the viewer.
    layer: Option<Arc<Layer>>,
    /// Takes over with its first keyframe.
    next: Option<Arc<Layer>>,
    budget: KeyframeBudget,
    share: KeyframeShare,
    checked_at: Nanos,
}

impl Place {
    pub fn new(shared: Arc<Shared>, layers: Arc<Layers>, viewer: ViewerId, feed: Arc<Feed>) -> Self {
        let (budget, share) = Default::default();
        Self { shared, layers, viewer, feed, layer: None, next: None, budget, share, checked_at: Nanos(0) }
    }

    pub fn codec(&self) -> Option<Codec> {
        self.layer.as_ref().map(|layer| layer.key.codec)
    }

    /// Begins in the common layer of `codec`. The keyframe it takes is free.
    pub fn join(&mut self, codec: Codec) -> std::io::Result<()> {
        let layer = self.layers.join(codec, self.viewer)?;
        // Until its link is measured it is taken to carry the start rate, so that another's slow link, measured first,
        // does not rule this one.
        layer.set_estimate(self.viewer, self.feed.estimate());
        self.feed.watch(Some(Arc::clone(&layer)));
        self.layer = Some(layer);
        Ok(())
    }

    pub fn set_estimate(&self, estimate: Bitrate) {
        self.feed.set_estimate(estimate);
        for layer in [&self.layer, &self.next].into_iter().flatten() {
            layer.set_estimate(self.viewer, estimate);
        }
    }

    /// The viewer lost its picture (PLI, FIR).
    pub fn handle_keyframe_request(&mut self, now: Nanos, rtt: Duration) {
        self.share.needed(now);
        if let Some(next) = &self.next {
            next.request_keyframe(rtt);
            return;
        }
        let Some(layer) = self.layer.clone() else { return };
        match layer.key.lane {
            Lane::Repair => layer.request_keyframe(rtt),
            Lane::Common if self.share.is_spent(now) && self.set_apart(&layer, now) => {
                if let Some(next) = &self.next {
                    next.request_keyframe(rtt);
                }
            }
            Lane::Common if self.budget.allows(now) => {
                layer.request_keyframe(rtt);
                self.share.spend(now);
            }
            Lane::Common => {}
        }
    }

    /// Its own trouble made its layer spend a keyframe: a pause has ended, or its media begins anew.
    pub fn handle_keyframe_caused(&mut self, now: Nanos) {
        self.share.needed(now);
        let Some(layer) = self.layer.clone().filter(|layer| layer.key.lane == Lane::Common && self.next.is_none())
        else {
            return;
        };
        let spent = self.share.is_spent(now);
        self.share.spend(now);
        if spent {
            self.set_apart(&layer, now);
        }
    }

    /// When [`review`](Self::review) is due.
    pub fn next_check(&self) -> Option<Nanos> {
        let apart = self.layer.as_ref().is_some_and(|layer| layer.key.lane == Lane::Repair);
        (apart || self.next.is_some()).then(|| self.checked_at + CHECK_EVERY)
    }

    /// Finishes a change, or calls it off, or goes back.
    pub async fn review(&mut self, now: Nanos) {
        self.checked_at = now;
        for _ in 0..self.feed.take_keyframes_caused() {
            self.handle_keyframe_caused(now);
        }
        if let Some(next) = self.next.take() {
            if self.feed.has_arrived() {
                let left = self.layer.replace(next);
                self.leave_one(left).await;
            } else if next.has_given_up() {
                self.feed.watch(self.layer.clone());
                self.leave_one(Some(next)).await;
            } else {
                self.next = Some(next);
            }
            return;
        }
        let Some(layer) = self.layer.clone().filter(|layer| layer.key.lane == Lane::Repair) else { return };
        let codec = layer.key.codec;
        if layer.has_given_up() || self.share.may_return(now) && self.carries_common(codec) {
            // Else it stays: what cannot be had now is tried again at the next check.
            if let Ok(common) = self.layers.join(codec, self.viewer) {
                tracing::info!(viewer = self.viewer.0, "back with the others");
                self.change_to(common);
            }
        }
    }

    /// A slow link would be behind again at once.
    fn carries_common(&self, codec: Codec) -> bool {
        let target = self.layers.common_target(codec);
        // It need not have been measured to the last bit: encoders and estimates differ by as much.
        target.is_none_or(|target| self.feed.estimate().bps() >= target.bps() / 5 * 4)
    }

    fn set_apart(&mut self, layer: &Layer, now: Nanos) -> bool {
        let Some(repair) = self.layers.set_apart(layer, self.viewer, now) else { return false };
        tracing::info!(viewer = self.viewer.0, "needs too many keyframes to share an encoder with others");
        self.shared.counters.viewers_isolated.add(1);
        self.share.set_apart(now);
        self.checked_at = now;
        self.change_to(repair);
        true
    }

    fn change_to(&mut self, layer: Arc<Layer>) {
        layer.set_estimate(self.viewer, self.feed.estimate());
        self.feed.watch(Some(Arc::clone(&layer)));
        self.next = Some(layer);
    }

    /// Gives up the viewer's layers.
    pub async fn leave(&mut self) {
        self.feed.watch(None);
        let (layer, next) = (self.layer.take(), self.next.take());
        self.leave_one(next).await;
        self.leave_one(layer).await;
    }

    async fn leave_one(&self, layer: Option<Arc<Layer>>) {
        if let Some(layer) = layer {
            let (layers, viewer) = (Arc::clone(&self.layers), self.viewer);
            // Ending a layer waits for its encoder: not on a network thread.
            let _ = tokio::task::spawn_blocking(move || layers.leave(&layer, viewer)).await;
        }
    }
}

/// What must not outlive a viewer, also when its task panics.
impl Drop for Place {
    fn drop(&mut self) {
        for layer in [self.layer.take(), self.next.take()].into_iter().flatten() {
            self.layers.leave(&layer, self.viewer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::encode::select::Selector;

    const OTHER: ViewerId = ViewerId(1);
    const VIEWER: ViewerId = ViewerId(2);

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    /// A viewer, and another one that shares its layer. There are no pictures, so no encoder is ever opened.
    struct Scene {
        layers: Arc<Layers>,
        shared: Arc<Shared>,
        feed: Arc<Feed>,
        place: Place,
        changes: u64,
    }

    impl Scene {
        fn new() -> Self {
            let shared = Shared::new(Config::default());
            let selector = Selector::with_candidates("auto", Vec::new()).unwrap();
            let layers = Layers::new(Arc::clone(&shared), Arc::new(selector));
            layers.join(Codec::H264, OTHER).unwrap();
            let feed = Feed::new(shared.config.video.start_bitrate());
            let mut place = Place::new(Arc::clone(&shared), Arc::clone(&layers), VIEWER, Arc::clone(&feed));
            place.join(Codec::H264).unwrap();
            Self { layers, shared, feed, place, changes: 1 }
        }

        /// Four keyframes that pauses cost, within a second.
        async fn needs_too_many(&mut self, now_ms: u64) {
            self.feed.add_keyframes_caused(4);
            self.place.review(at(now_ms)).await;
            assert!(self.place.next.is_some(), "it is on its way");
        }

        /// The pump shows what was last asked for.
        async fn arrives(&mut self, now_ms: u64) {
            self.changes += 1;
            self.feed.arrived(self.changes);
            assert!(self.feed.has_arrived());
            self.place.review(at(now_ms)).await;
        }

        fn lane(&self) -> Lane {
            assert!(self.place.next.is_none(), "a change is under way");
            self.place.layer.as_ref().unwrap().key.lane
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            self.layers.stop_all();
        }
    }

    #[tokio::test]
    async fn who_needs_too_many_keyframes_is_set_apart_and_comes_back_after_a_quiet_while() {
        let mut scene = Scene::new();
        scene.needs_too_many(0).await;
        scene.arrives(100).await;
        assert_eq!((scene.lane(), scene.shared.counters.viewers_isolated.get()), (Lane::Repair, 1));
        // Asking there costs nobody anything, but it is no quiet.
        scene.place.handle_keyframe_request(at(20_000), Duration::ZERO);
        scene.place.review(at(49_999)).await;
        assert_eq!(scene.lane(), Lane::Repair);
        scene.place.review(at(50_000)).await;
        scene.arrives(50_100).await;
        assert_eq!((scene.lane(), scene.place.next_check()), (Lane::Common, None));
    }

    #[tokio::test]
    async fn requests_of_a_viewer_that_is_set_apart_reach_only_its_own_layer() {
        let mut scene = Scene::new();
        let common = scene.place.layer.clone().unwrap();
        scene.needs_too_many(0).await;
        let repair = scene.place.next.clone().unwrap();
        scene.layers.stop_all(); // their workers take no request away any more
        let asked = |layer: &Layer| layer.take_keyframe_request().is_some();
        common.take_keyframe_request();
        scene.place.handle_keyframe_request(at(10), Duration::ZERO);
        assert!(asked(&repair) && !asked(&common), "on its way");
        scene.arrives(100).await;
        scene.place.handle_keyframe_request(at(110), Duration::ZERO);
        assert!(asked(&repair) && !asked(&common), "there");
    }

    #[tokio::test]
    async fn who_keeps_asking_is_passed_on_three_times_and_then_set_apart() {
        let mut scene = Scene::new();
        let common = scene.place.layer.clone().unwrap();
        scene.layers.leave(&common, VIEWER);
        scene.layers.stop_all(); // the worker takes no request away
        scene.layers.join(Codec::H264, OTHER).unwrap();
        scene.layers.join(Codec::H264, VIEWER).unwrap();
        common.take_keyframe_request();
        let mut passed_on = 0;
        for ms in (0..1_000).step_by(20) {
            scene.place.handle_keyframe_request(at(ms), Duration::ZERO);
            passed_on += usize::from(common.take_keyframe_request().is_some());
        }
        assert_eq!(passed_on, 3);
        assert!(scene.place.next.as_ref().is_some_and(|next| next.key.lane == Lane::Repair));
    }

    #[tokio::test]
    async fn a_lone_viewer_stays_whatever_it_needs() {
        let mut scene = Scene::new();
        scene.layers.leave(&scene.place.layer.clone().unwrap(), OTHER);
        scene.feed.add_keyframes_caused(100);
        scene.place.review(at(0)).await;
        assert_eq!((scene.lane(), scene.shared.counters.viewers_isolated.get()), (Lane::Common, 0));
    }

    #[tokio::test]
    async fn a_change_to_a_lane_without_encoder_is_called_off_and_one_that_lost_its_encoder_is_left() {
        let mut scene = Scene::new();
        scene.needs_too_many(0).await;
        let repair = scene.place.next.clone().unwrap();
        scene.layers.refuse_repair(&repair, "no session", at(0));
        scene.place.review(at(500)).await;
        assert_eq!(scene.lane(), Lane::Common);
        scene.changes += 2; // there, and back to what it watches
        scene.needs_too_many(60_000).await;
        scene.arrives(60_100).await;
        let repair = scene.place.layer.clone().unwrap();
        scene.layers.refuse_repair(&repair, "lost", at(60_200));
        scene.place.review(at(60_500)).await;
        scene.arrives(60_600).await;
        assert_eq!(scene.lane(), Lane::Common);
    }

    #[tokio::test]
    async fn a_slow_link_stays_apart_until_it_carries_the_common_rate() {
        let mut scene = Scene::new();
        let target = scene.layers.common_target(Codec::H264).unwrap();
        scene.needs_too_many(0).await;
        scene.arrives(100).await;
        scene.place.set_estimate(Bitrate::from_bps(target.bps() / 2));
        scene.place.review(at(100_000)).await;
        assert_eq!(scene.lane(), Lane::Repair);
        scene.place.set_estimate(target);
        scene.place.review(at(100_500)).await;
        scene.arrives(100_600).await;
        assert_eq!(scene.lane(), Lane::Common);
    }
}
