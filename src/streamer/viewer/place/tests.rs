use super::*;
use crate::config::Config;
use crate::encode::select::Selector as Encoders;
use crate::streamer::event::EventKind;
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
        scene.shared.sources.first().set_size(Size::new(1920, 1080));
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
        layer.rate(at(ms), self.layers.ladder(&layer.source, Codec::H264).rung(0)).unwrap()
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

impl Scene {
    /// One more source, which another viewer watches.
    fn second(&self) -> Arc<Source> {
        let source = self.shared.sources.create(Default::default()).unwrap();
        self.layers.join(LayerKey::of(source.id, Codec::H264), ViewerId(9)).unwrap();
        source
    }

    /// What it is shown and what it is on its way to.
    fn sources(&self) -> (u32, Option<u32>) {
        let source = |layer: &Arc<Layer>| layer.key.source.0;
        (self.place.layer.as_ref().map(source).unwrap(), self.place.next.as_ref().map(source))
    }

    fn told(&self) -> Vec<String> {
        let events = std::iter::from_fn(|| self.shared.events.poll());
        events.filter(|event| event.kind == EventKind::SourceChanged).map(|event| event.message).collect()
    }
}

#[tokio::test]
async fn another_source_is_gone_to_once_it_has_a_picture_and_told_when_it_is_shown() {
    let mut scene = Scene::new();
    let second = scene.second();
    scene.place.show(Arc::clone(&second));
    scene.review(0..=500).await;
    assert_eq!(scene.sources(), (0, None), "nothing is there to be shown");
    second.set_has_picture(true);
    scene.review(550..=550).await;
    assert_eq!((scene.sources(), scene.told()), ((0, Some(1)), vec![]));
    scene.arrives(600).await;
    assert_eq!((scene.sources(), scene.told()), ((1, None), vec!["1".to_owned()]));
    scene.review(650..=2_000).await;
    assert_eq!((scene.sources(), scene.told()), ((1, None), vec![]), "it stays");
    // And back; the first one's layer was never anybody else's trouble.
    scene.place.show(Arc::clone(scene.shared.sources.first()));
    scene.shared.sources.first().set_has_picture(true);
    scene.review(2_050..=2_050).await;
    scene.arrives(2_100).await;
    assert_eq!((scene.sources(), scene.told()), ((0, None), vec!["0".to_owned()]));
}

#[tokio::test]
async fn a_change_of_source_that_is_taken_back_on_the_way_leaves_the_viewer_where_it_is() {
    let mut scene = Scene::new();
    let second = scene.second();
    second.set_has_picture(true);
    scene.shared.sources.first().set_has_picture(true);
    let before = scene.place.layer.clone().unwrap();
    scene.place.show(second);
    scene.review(0..=0).await;
    assert_eq!(scene.sources(), (0, Some(1)));
    scene.place.show(Arc::clone(scene.shared.sources.first()));
    scene.review(50..=50).await;
    assert_eq!((scene.sources(), scene.told()), ((0, None), vec![]));
    assert!(Arc::ptr_eq(&before, scene.place.layer.as_ref().unwrap()));
}

#[tokio::test]
async fn viewers_of_a_destroyed_source_go_to_the_first_one_whatever_they_were_about_to_do() {
    let mut scene = Scene::new();
    let (second, third) = (scene.second(), scene.second());
    for source in [&second, &third] {
        source.set_has_picture(true);
    }
    scene.place.show(Arc::clone(&second));
    scene.review(0..=0).await;
    scene.arrives(50).await;
    scene.place.show(Arc::clone(&third));
    scene.review(100..=100).await;
    assert_eq!(scene.sources(), (1, Some(2)));
    for source in [second, third] {
        scene.shared.sources.remove(source.id).unwrap();
    }
    // The first one has no picture, but neither has anybody else.
    scene.review(150..=150).await;
    assert_eq!(scene.sources(), (1, Some(0)));
    scene.changes += 1;
    scene.arrives(200).await;
    assert_eq!((scene.sources(), scene.told()), ((0, None), vec!["1".to_owned(), "0".to_owned()]));
}

#[tokio::test]
async fn a_viewer_begins_with_the_source_that_was_chosen_for_those_to_come_or_the_first_if_it_is_gone() {
    let mut scene = Scene::new();
    let second = scene.second();
    scene.shared.sources.choose(second.id).unwrap();
    let newcomer = || {
        let (shared, layers) = (Arc::clone(&scene.shared), Arc::clone(&scene.layers));
        Place::new(shared, layers, ViewerId(5), Feed::new(Bitrate::from_kbps(1_000)))
    };
    let mut place = newcomer();
    place.join(Codec::H264, at(0)).unwrap();
    assert_eq!(place.layer.as_ref().unwrap().key.source, second.id);
    let mut late = newcomer();
    scene.shared.sources.remove(second.id).unwrap();
    late.join(Codec::H264, at(0)).unwrap();
    assert_eq!(late.layer.as_ref().unwrap().key.source.0, 0);
    drop((place, late));
    scene.place.leave().await;
}

#[tokio::test]
async fn a_viewer_that_was_set_apart_shares_the_common_lane_of_the_source_it_goes_to() {
    let mut scene = Scene::new();
    let second = scene.second();
    second.set_has_picture(true);
    scene.needs_too_many(0).await;
    scene.arrives(100).await;
    assert_eq!(scene.lane(), Lane::Repair);
    scene.place.show(second);
    scene.review(150..=150).await;
    assert_eq!(scene.place.next.as_ref().unwrap().key.lane, Lane::Common);
    scene.arrives(200).await;
    assert_eq!((scene.lane(), scene.sources()), (Lane::Common, (1, None)));
}

#[tokio::test]
async fn a_viewer_that_the_host_bounds_goes_down_and_costs_the_other_nothing() {
    let mut scene = Scene::with_ladder(7_000).await;
    scene.place.set_most(Bitrate::from_kbps(1_000));
    scene.review(50..=50).await;
    assert_eq!((scene.rung(), scene.next_rung()), (0, Some(1)));
    assert_eq!(scene.place.demand(), Some(Bitrate::from_kbps(1_128)), "more is of no use");
    scene.arrives(100).await;
    assert_eq!(scene.top_rate(110), Bitrate::from_kbps(8_000));
    assert_eq!(scene.place.video_share(), Bitrate::from_kbps(1_000));
}

#[tokio::test]
async fn a_smaller_picture_is_taken_at_once_from_the_ladder_of_everybody_and_given_back_when_it_is_wanted() {
    let mut scene = Scene::with_ladder(7_000).await;
    scene.place.set_wish(Shape::new(2.0, 0), None);
    scene.review(50..=50).await;
    let next = scene.place.next.as_ref().unwrap().key;
    assert_eq!((next.rung, next.shape), (1, Shape::ALL));
    scene.arrives(100).await;
    scene.review(150..=3_000).await;
    assert_eq!(
        (scene.rung(), scene.next_rung(), scene.feed.is_limited()),
        (1, None, false),
        "whatever its link carries"
    );
    scene.place.set_wish(Shape::ALL, None);
    scene.review(3_050..=5_050).await;
    assert_eq!(scene.next_rung(), Some(0));
}

#[tokio::test]
async fn a_frame_rate_that_nobody_else_has_takes_an_encoding_of_its_own() {
    let mut scene = Scene::with_ladder(7_000).await;
    let slow = Shape::new(1.0, 15);
    scene.place.set_wish(slow, Some(DegradationPreference::MaintainResolution));
    scene.review(50..=50).await;
    let next = scene.place.next.clone().unwrap();
    assert_eq!((next.key.rung, next.key.shape), (0, slow));
    assert_eq!(next.group().preference(), Some(DegradationPreference::MaintainResolution));
    assert_eq!(scene.layers.ladder_of(scene.shared.sources.first(), Codec::H264, slow).rung(0).picture.fps, 15);
    scene.arrives(100).await;
    assert_eq!(scene.top_rate(110), Bitrate::from_kbps(8_000), "the others do not notice");
    let third = ViewerId(3);
    assert!(Arc::ptr_eq(&scene.layers.join(next.key, third).unwrap(), &next), "shared by all who have it");
    scene.place.set_wish(Shape::ALL, None);
    scene.review(200..=200).await;
    assert_eq!(scene.place.next.as_ref().unwrap().key, TOP);
}

#[tokio::test]
async fn another_codec_takes_over_with_its_first_keyframe_and_can_be_left_again() {
    let mut scene = Scene::with_ladder(7_000).await;
    for (codec, ms) in [(Codec::Vp8, 100), (Codec::H264, 200)] {
        let before = scene.place.codec();
        scene.place.switch(codec, at(ms)).await.unwrap();
        assert_eq!((scene.place.codec(), scene.place.next_codec()), (before, Some(codec)));
        scene.arrives(ms + 50).await;
        assert_eq!((scene.place.codec(), scene.place.next_codec()), (Some(codec), Some(codec)));
    }
    assert_eq!(scene.rung(), 0);
}

#[tokio::test]
async fn who_rests_leaves_its_layer_to_the_others_and_begins_where_its_link_is() {
    let mut scene = Scene::with_ladder(1_500).await;
    scene.place.rest().await;
    assert_eq!((scene.place.next_codec(), scene.feed.layer().is_none()), (None, true));
    assert_eq!(scene.place.demand(), Some(Bitrate::from_kbps(128)), "sound alone");
    scene.place.set_sound(Bitrate::default());
    scene.place.rest().await;
    assert_eq!(scene.place.demand(), Some(Bitrate::from_bps(1)), "nothing at all, but it is said");
    scene.place.review(at(100)).await;
    scene.place.join(Codec::H264, at(200)).unwrap();
    assert_eq!(scene.rung(), 1);
}
