//! Which layer serves one viewer: the rung that its link carries, in its codec's common lane, or in the repair lane while it
//! costs the others too many keyframes. A change is seamless: the old layer goes on until the new one's first keyframe is
//! here.

use std::sync::Arc;
use std::time::Duration;

use crate::encode::Codec;
use crate::fanout::{KeyframeBudget, KeyframeShare};
use crate::layers::{LinkUse, Selector};
use crate::streamer::feed::Feed;
use crate::streamer::layer::{Lane, Layer, LayerKey};
use crate::streamer::layers::{Layers, View};
use crate::streamer::shared::Shared;
use crate::time::Nanos;
use crate::units::{Bitrate, ViewerId};

/// How often a viewer is looked after when nothing is heard of it: others come and go, and changes end.
const CHECK_EVERY: Duration = Duration::from_millis(250);

pub struct Place {
    shared: Arc<Shared>,
    layers: Arc<Layers>,
    viewer: ViewerId,
    feed: Arc<Feed>,
    /// What else its link carries.
    link: LinkUse,
    /// The estimate was measured or asked for, not guessed.
    firm: bool,
    /// What its page takes at most.
    most: Bitrate,
    selector: Option<Selector>,
    /// The estimate that would be of use to it.
    demand: Option<Bitrate>,
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
        let (audio, most) = (&shared.config.audio, shared.config.video.max_bitrate());
        let audio = if audio.enabled { audio.bitrate_kbps } else { 0 };
        Self {
            link: LinkUse::new(Bitrate::from_kbps(audio.into())),
            shared,
            layers,
            viewer,
            feed,
            firm: false,
            most,
            selector: None,
            demand: None,
            layer: None,
            next: None,
            budget: KeyframeBudget::default(),
            share: KeyframeShare::default(),
            checked_at: Nanos(0),
        }
    }

    pub fn codec(&self) -> Option<Codec> {
        self.layer.as_ref().map(|layer| layer.key.codec)
    }

    /// Begins in the layer of `codec` that its link is taken to carry. The keyframe it takes is free.
    pub fn join(&mut self, codec: Codec, now: Nanos) -> std::io::Result<()> {
        self.checked_at = now;
        let view = self.view(codec, Lane::Common, now);
        let mut selector = Selector::new(&view.offers, self.video_share(), view.alone);
        let layer = self.layers.join(LayerKey { rung: selector.rung(), ..LayerKey::first(codec) }, self.viewer)?;
        selector.set_rung(layer.key.rung);
        self.demand = Some(self.link.needed(selector.demand(&view.offers, view.alone).min(self.most)));
        self.selector = Some(selector);
        self.tell_share(&layer);
        self.feed.watch(Some(Arc::clone(&layer)));
        self.layer = Some(layer);
        Ok(())
    }

    /// What the link carries, all streams together. `firm`: measured or asked for; a guess rules nobody else.
    pub fn set_estimate(&mut self, estimate: Bitrate, firm: bool) {
        // What the page does not take is of no use, however much its link carries.
        self.feed.set_estimate(estimate.min(self.link.needed(self.most)));
        self.feed.set_firm(firm);
        self.firm = firm;
        self.tell_shares();
    }

    /// From a receiver report: 0 to 1.
    pub fn set_loss(&mut self, fraction_lost: f32) {
        self.link.handle_loss(fraction_lost);
        self.tell_shares();
    }

    /// The part of the estimate that forward error correction takes, 0 to 1.
    pub fn set_protection(&mut self, share: f32) {
        self.link.set_protection(share);
        self.tell_shares();
    }

    /// The most video it takes, whatever its link carries.
    pub fn set_most(&mut self, most: Bitrate) {
        self.most = most;
        self.tell_shares();
    }

    /// What a link carries that has room for so much video.
    pub fn needed(&self, video: Bitrate) -> Bitrate {
        self.link.needed(video)
    }

    /// The estimate that would be of use to this viewer, if it watches.
    pub fn demand(&self) -> Option<Bitrate> {
        self.demand
    }

    fn video_share(&self) -> Bitrate {
        self.link.share(self.feed.estimate()).min(self.most)
    }

    fn tell_share(&self, layer: &Layer) {
        layer.group().set_share(self.viewer, self.video_share(), self.firm);
    }

    fn tell_shares(&self) {
        [&self.layer, &self.next].into_iter().flatten().for_each(|layer| self.tell_share(layer));
    }

    fn view(&self, codec: Codec, lane: Lane, now: Nanos) -> View {
        self.layers.view(codec, lane, self.viewer, now)
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
        self.layer.as_ref().map(|_| self.checked_at + CHECK_EVERY)
    }

    /// Finishes a change, or calls it off; looks for the right rung and lane. Call it with each news of the link too.
    pub async fn review(&mut self, now: Nanos) {
        self.checked_at = now;
        for _ in 0..self.feed.take_keyframes_caused() {
            self.handle_keyframe_caused(now);
        }
        if self.feed.has_arrived()
            && let Some(next) = self.next.take()
        {
            let left = self.layer.replace(next);
            self.leave_one(left).await;
        } else if self.next.as_ref().is_some_and(|next| next.has_given_up()) {
            return self.call_off().await;
        }
        let Some(layer) = self.layer.clone() else { return };
        let codec = layer.key.codec;
        if layer.key.lane == Lane::Repair && self.next.is_none() {
            let view = self.view(codec, Lane::Common, now);
            let rung = Selector::new(&view.offers, self.video_share(), view.alone).rung();
            let key = LayerKey { rung, ..LayerKey::first(codec) };
            if layer.has_given_up() || self.share.may_return(now) && self.carries(key) {
                // Else it stays: what cannot be had now is tried again at the next check.
                if let Ok(common) = self.layers.join(key, self.viewer) {
                    tracing::info!(viewer = self.viewer.0, "back with the others");
                    self.change_to(common, now).await;
                }
                return;
            }
        }
        self.choose_rung(now).await;
    }

    /// A slow link would be behind again at once.
    fn carries(&self, key: LayerKey) -> bool {
        let target = self.layers.status_of(key).map(|status| status.target);
        // It need not have been measured to the last bit: encoders and estimates differ by as much.
        target.is_none_or(|target| self.feed.estimate().bps() >= target.bps() / 5 * 4)
    }

    async fn choose_rung(&mut self, now: Nanos) {
        let Some(present) = self.next.as_ref().or(self.layer.as_ref()).cloned() else { return };
        let view = self.view(present.key.codec, present.key.lane, now);
        let share = self.video_share();
        let Some(selector) = &mut self.selector else { return };
        selector.set_place(present.key.rung);
        let rung = selector.handle_share(now, &view.offers, share, view.alone);
        self.demand = Some(self.link.needed(selector.demand(&view.offers, view.alone).min(self.most)));
        if rung == present.key.rung {
            return;
        }
        // What cannot be had now is tried again at the next check.
        let Ok(layer) = self.layers.join(LayerKey { rung, ..present.key }, self.viewer) else { return };
        if Arc::ptr_eq(&layer, &present) {
            return;
        }
        tracing::debug!(viewer = self.viewer.0, rung = layer.key.rung, share_kbps = share.kbps(), "another rung");
        self.change_to(layer, now).await;
    }

    fn set_apart(&mut self, layer: &Layer, now: Nanos) -> bool {
        let Some(repair) = self.layers.set_apart(layer, self.viewer, now) else { return false };
        tracing::info!(viewer = self.viewer.0, "needs too many keyframes to share an encoder with others");
        self.shared.counters.viewers_isolated.add(1);
        self.share.set_apart(now);
        self.checked_at = now;
        self.begin_change(repair, now);
        true
    }

    fn begin_change(&mut self, layer: Arc<Layer>, now: Nanos) {
        self.tell_share(&layer);
        if let Some(left) = &self.layer {
            left.group().set_leaving(self.viewer, Some(now));
        }
        self.feed.watch(Some(Arc::clone(&layer)));
        self.next = Some(layer);
    }

    /// Goes there; from a change under way, too.
    async fn change_to(&mut self, layer: Arc<Layer>, now: Nanos) {
        if self.layer.as_ref().is_some_and(|present| Arc::ptr_eq(present, &layer)) {
            return self.call_off().await;
        }
        let given_up = self.next.take();
        self.begin_change(layer, now);
        self.leave_one(given_up).await;
    }

    /// Stays where it is.
    async fn call_off(&mut self) {
        let next = self.next.take();
        if let Some(layer) = &self.layer {
            layer.group().set_leaving(self.viewer, None);
        }
        self.feed.watch(self.layer.clone());
        self.leave_one(next).await;
    }

    /// Gives up the viewer's layers.
    pub async fn leave(&mut self) {
        self.feed.watch(None);
        (self.selector, self.demand) = (None, None);
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
    use crate::encode::select::Selector as Encoders;
    use crate::units::Size;

    const OTHER: ViewerId = ViewerId(1);
    const VIEWER: ViewerId = ViewerId(2);
    /// Nothing is known of the host's picture: there is one rung.
    const SIZE: Size = Size::new(0, 0);
    const TOP: LayerKey = LayerKey::first(Codec::H264);

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
            let selector = Encoders::with_candidates("auto", Vec::new()).unwrap();
            let layers = Layers::new(Arc::clone(&shared), Arc::new(selector));
            layers.join(TOP, OTHER).unwrap();
            let feed = Feed::new(shared.config.video.start_bitrate());
            let mut place = Place::new(Arc::clone(&shared), Arc::clone(&layers), VIEWER, Arc::clone(&feed));
            place.join(Codec::H264, at(0)).unwrap();
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

        /// As above, with a picture that has three rungs, and another viewer whose link carries 8 Mbit/s.
        async fn with_ladder(estimate_kbps: u64) -> Self {
            let mut scene = Self::new();
            scene.shared.set_source_size(Size::new(1920, 1080));
            let top = scene.layers.join(TOP, OTHER).unwrap();
            top.group().set_share(OTHER, Bitrate::from_kbps(8_000), true);
            scene.place.leave().await;
            scene.estimate(estimate_kbps);
            scene.place.join(Codec::H264, at(0)).unwrap();
            scene.changes += 2;
            scene
        }

        fn estimate(&mut self, kbps: u64) {
            self.place.set_estimate(Bitrate::from_kbps(kbps), true);
        }

        async fn review(&mut self, ms: std::ops::RangeInclusive<u64>) {
            for ms in ms.step_by(50) {
                self.place.review(at(ms)).await;
            }
        }

        fn rung(&self) -> usize {
            self.place.layer.as_ref().unwrap().key.rung
        }

        fn next_rung(&self) -> Option<usize> {
            self.place.next.as_ref().map(|next| next.key.rung)
        }

        /// What the other viewer's layer is encoded at.
        fn top_rate(&self, ms: u64) -> Bitrate {
            let layer = self.layers.join(TOP, OTHER).unwrap();
            layer.rate(at(ms), self.layers.ladder(Codec::H264).rung(0)).unwrap()
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
    async fn a_slow_viewer_begins_on_its_rung_and_costs_a_fast_one_nothing() {
        let mut scene = Scene::with_ladder(428).await;
        assert_eq!((scene.rung(), scene.top_rate(0)), (2, Bitrate::from_kbps(8_000)));
        // Next is half of what the other one could have, and its rung needs 816 kbit/s.
        scene.review(0..=0).await;
        let needed = Bitrate::from_bps(128_000 + 816_480 * 130 / 100);
        assert_eq!(scene.place.demand(), Some(needed));
    }

    #[tokio::test]
    async fn a_link_that_falls_takes_its_viewer_down_at_once_and_no_other() {
        let mut scene = Scene::with_ladder(7_000).await;
        assert_eq!((scene.rung(), scene.top_rate(0)), (0, Bitrate::from_kbps(7_000 - 128)));
        scene.estimate(1_500);
        scene.review(50..=50).await;
        assert_eq!((scene.rung(), scene.next_rung()), (0, Some(1)));
        assert_eq!(scene.top_rate(60), Bitrate::from_kbps(7_000 - 128), "it pulls nobody down");
        scene.arrives(100).await;
        assert_eq!(scene.top_rate(110), Bitrate::from_kbps(8_000));
        assert_eq!((scene.rung(), scene.next_rung()), (1, None));
    }

    #[tokio::test]
    async fn a_link_that_rises_takes_its_viewer_up_and_one_that_falls_on_the_way_keeps_it() {
        let mut scene = Scene::with_ladder(1_500).await;
        assert_eq!(scene.rung(), 1);
        scene.estimate(6_000);
        scene.review(0..=1_950).await;
        assert_eq!(scene.next_rung(), None);
        scene.review(2_000..=2_000).await;
        assert_eq!(scene.next_rung(), Some(0));
        scene.estimate(1_500);
        scene.review(2_050..=2_050).await;
        assert_eq!((scene.rung(), scene.next_rung()), (1, None), "called off");
        scene.changes += 2;
        scene.estimate(6_000);
        scene.review(3_000..=7_000).await;
        assert_eq!(scene.next_rung(), Some(0), "after twice the wait");
        scene.arrives(7_100).await;
        assert_eq!(scene.rung(), 0);
    }

    #[tokio::test]
    async fn a_viewer_that_cannot_share_a_fast_ones_layer_is_set_apart_on_its_own_rung() {
        let mut scene = Scene::with_ladder(1_500).await;
        let third = ViewerId(3);
        scene.layers.join(LayerKey { rung: 1, ..TOP }, third).unwrap();
        scene.needs_too_many(0).await;
        assert_eq!(scene.place.next.as_ref().unwrap().key, LayerKey { lane: Lane::Repair, rung: 1, ..TOP });
        scene.arrives(100).await;
        scene.estimate(400);
        scene.review(200..=200).await;
        assert_eq!(scene.place.next.as_ref().unwrap().key, LayerKey { lane: Lane::Repair, rung: 2, ..TOP });
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
        assert_eq!(scene.lane(), Lane::Common);
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
        scene.layers.join(TOP, OTHER).unwrap();
        scene.layers.join(TOP, VIEWER).unwrap();
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
        scene.layers.refuse(&repair, SIZE, "no session", at(0));
        scene.place.review(at(500)).await;
        assert_eq!(scene.lane(), Lane::Common);
        scene.changes += 2; // there, and back to what it watches
        scene.needs_too_many(60_000).await;
        scene.arrives(60_100).await;
        let repair = scene.place.layer.clone().unwrap();
        scene.layers.refuse(&repair, SIZE, "lost", at(60_200));
        scene.place.review(at(60_500)).await;
        scene.arrives(60_600).await;
        assert_eq!(scene.lane(), Lane::Common);
    }

    #[tokio::test]
    async fn a_slow_link_stays_apart_until_it_carries_the_common_rate() {
        let mut scene = Scene::new();
        let target = scene.layers.status_of(TOP).unwrap().target;
        scene.needs_too_many(0).await;
        scene.arrives(100).await;
        scene.place.set_estimate(Bitrate::from_bps(target.bps() / 2), true);
        scene.place.review(at(100_000)).await;
        assert_eq!(scene.lane(), Lane::Repair);
        scene.place.set_estimate(target, true);
        scene.place.review(at(100_500)).await;
        scene.arrives(100_600).await;
        assert_eq!(scene.lane(), Lane::Common);
    }
}
