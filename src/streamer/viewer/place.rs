//! Which layer serves one viewer: of the source it is to be shown the rung that its link carries, in its codec's common lane,
//! or in the repair lane while it costs the others too many keyframes. A change is seamless: the old layer goes on until the
//! new one's first keyframe is here.

mod sources;

mod link;

use std::sync::Arc;
use std::time::Duration;

use crate::config::DegradationPreference;
use crate::encode::Codec;
use crate::fanout::{KeyframeBudget, KeyframeShare};
use crate::layers::{LinkUse, Selector, Shape};
use crate::streamer::feed::Feed;
use crate::streamer::layer::{Lane, Layer, LayerKey};
use crate::streamer::layers::{Layers, View};
use crate::streamer::shared::Shared;
use crate::streamer::source::Source;
use crate::time::Nanos;
use crate::units::{Bitrate, ViewerId};

/// How often a viewer is looked after when nothing is heard of it: others come and go, and changes end.
const CHECK_EVERY: Duration = Duration::from_millis(250);

pub struct Place {
    shared: Arc<Shared>,
    layers: Arc<Layers>,
    /// As the layers know it: a number of its own for each track.
    viewer: ViewerId,
    /// Its changes of source are told the host as this viewer's.
    told_as: Option<ViewerId>,
    feed: Arc<Feed>,
    /// What it is to be shown; what it is shown may be another one yet.
    source: Arc<Source>,
    /// What else its link carries.
    link: LinkUse,
    /// The estimate was measured or asked for, not guessed.
    firm: bool,
    /// What its page takes at most.
    most: Bitrate,
    /// What it is to have of the picture at most.
    shape: Shape,
    /// What gives way for it alone; None: as for everybody.
    preference: Option<DegradationPreference>,
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
            source: shared.sources.chosen(),
            shared,
            layers,
            viewer,
            told_as: Some(viewer),
            feed,
            firm: false,
            most,
            shape: Shape::ALL,
            preference: None,
            selector: None,
            demand: None,
            layer: None,
            next: None,
            budget: KeyframeBudget::default(),
            share: KeyframeShare::default(),
            checked_at: Nanos(0),
        }
    }

    /// Of an added track: it has no sound beside it, and the host asks for its source where it wants to know.
    pub fn of_track(mut self) -> Self {
        (self.told_as, self.link) = (None, LinkUse::default());
        self
    }

    pub fn codec(&self) -> Option<Codec> {
        self.layer.as_ref().map(|layer| layer.key.codec)
    }

    /// What it watches once a change under way is done.
    pub fn next_codec(&self) -> Option<Codec> {
        self.next.as_ref().or(self.layer.as_ref()).map(|layer| layer.key.codec)
    }

    /// Begins in the layer of `codec` that its link is taken to carry. The keyframe it takes is free.
    pub fn join(&mut self, codec: Codec, now: Nanos) -> std::io::Result<()> {
        let layer = self.enter(codec, now)?;
        self.tell_share(&layer);
        self.feed.watch(Some(Arc::clone(&layer)));
        self.layer = Some(layer);
        Ok(())
    }

    /// Changes to another codec: the present one goes on until the new one's first keyframe is here.
    pub async fn switch(&mut self, codec: Codec, now: Nanos) -> std::io::Result<()> {
        let layer = self.enter(codec, now)?;
        self.change_to(layer, now).await;
        Ok(())
    }

    /// Makes it one of the viewers of the right layer of its source.
    fn enter(&mut self, codec: Codec, now: Nanos) -> std::io::Result<Arc<Layer>> {
        match self.enter_source(codec, now) {
            // Destroyed in that moment.
            Err(_) if self.source.has_ended() => self.enter_source(codec, now),
            entered => entered,
        }
    }

    fn enter_source(&mut self, codec: Codec, now: Nanos) -> std::io::Result<Arc<Layer>> {
        self.checked_at = now;
        self.give_up_ended_source();
        let view = self.view(&self.source, codec, Lane::Common, now);
        let mut selector = Selector::new(&view.offers, self.video_share(), view.alone);
        let key = LayerKey { rung: selector.rung(), shape: view.shape, ..LayerKey::of(self.source.id, codec) };
        let layer = self.layers.join(key, self.viewer)?;
        selector.set_rung(layer.key.rung);
        self.demand = Some(self.link.needed(selector.demand(&view.offers, view.alone).min(self.most)));
        self.selector = Some(selector);
        self.feed.set_limited(view.is_limited(layer.key.rung));
        Ok(layer)
    }

    /// The estimate that would be of use to this viewer, if it watches.
    pub fn demand(&self) -> Option<Bitrate> {
        self.demand
    }

    fn video_share(&self) -> Bitrate {
        self.link.share(self.feed.estimate()).min(self.most)
    }

    fn view(&self, source: &Source, codec: Codec, lane: Lane, now: Nanos) -> View {
        self.layers.view(source, codec, lane, self.shape, self.viewer, now)
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

    /// Finishes a change, or calls it off; looks for the right source, rung and lane. Call it with each news of the link too.
    pub async fn review(&mut self, now: Nanos) {
        self.checked_at = now;
        for _ in 0..self.feed.take_keyframes_caused() {
            self.handle_keyframe_caused(now);
        }
        if self.feed.has_arrived()
            && let Some(next) = self.next.take()
        {
            let left = self.layer.replace(next);
            self.tell_source(left.as_deref());
            self.leave_one(left).await;
        } else if self.next.as_ref().is_some_and(|next| next.has_given_up()) {
            return self.call_off().await;
        }
        if self.follow_source(now).await {
            return;
        }
        let Some(layer) = self.layer.clone() else { return };
        if layer.key.lane == Lane::Repair && self.next.is_none() {
            let view = self.view(&layer.source, layer.key.codec, Lane::Common, now);
            let rung = Selector::new(&view.offers, self.video_share(), view.alone).rung();
            let key = LayerKey { rung, shape: view.shape, lane: Lane::Common, ..layer.key };
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
        let view = self.view(&present.source, present.key.codec, present.key.lane, now);
        let share = self.video_share();
        let Some(selector) = &mut self.selector else { return };
        if view.shape == present.key.shape {
            selector.set_place(present.key.rung);
            selector.handle_share(now, &view.offers, share, view.alone);
        } else {
            // Other rungs altogether.
            *selector = Selector::new(&view.offers, share, view.alone);
        }
        let key = LayerKey { rung: selector.rung(), shape: view.shape, ..present.key };
        self.demand = Some(self.link.needed(selector.demand(&view.offers, view.alone).min(self.most)));
        self.feed.set_limited(view.is_limited(key.rung));
        if key == present.key {
            return;
        }
        // What cannot be had now is tried again at the next check.
        let Ok(layer) = self.layers.join(key, self.viewer) else { return };
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

    /// Watches nothing for a while; only sound is sent.
    pub async fn rest(&mut self) {
        self.leave().await;
        // Never nothing at all, which would say that nobody knows.
        self.demand = Some(self.link.needed(Bitrate::default()).max(Bitrate::from_bps(1)));
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
mod tests;
