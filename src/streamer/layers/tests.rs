use super::*;
use crate::config::Config;
use crate::units::Bitrate;

const NOW: Nanos = Nanos(0);
const TOP: LayerKey = LayerKey::first(Codec::H264);
const VIEWERS: [ViewerId; 4] = [ViewerId(1), ViewerId(2), ViewerId(3), ViewerId(4)];

/// No pictures come, so no encoder is ever opened.
fn layers_with(json: &str) -> (Arc<Layers>, Arc<Shared>) {
    let shared = Shared::new(Config::from_json(json).unwrap());
    shared.sources.first().set_size(Size::new(1920, 1080));
    let selector = Selector::with_candidates("auto", Vec::new()).unwrap();
    (Layers::new(Arc::clone(&shared), Arc::new(selector)), shared)
}

fn layers() -> (Arc<Layers>, Arc<Shared>) {
    layers_with("{}")
}

fn at(rung: usize) -> LayerKey {
    LayerKey { rung, ..TOP }
}

fn available(layers: &Layers, viewer: ViewerId) -> Vec<bool> {
    layers
        .view(layers.shared.sources.first(), Codec::H264, Lane::Common, Shape::ALL, viewer, NOW)
        .offers
        .iter()
        .map(|offer| offer.available)
        .collect()
}

#[test]
fn a_slow_link_takes_no_rate_from_another_viewer_and_a_lone_viewer_has_its_own() {
    let (layers, _) = layers();
    let [slow, fast, ..] = VIEWERS;
    let layer = layers.join(TOP, slow).unwrap();
    layers.join(TOP, fast).unwrap();
    let rung = layers.ladder(&layer.source, Codec::H264).rung(0);
    layer.group().set_share(fast, Bitrate::from_kbps(8_000), true);
    layer.group().set_share(slow, Bitrate::from_kbps(500), true);
    assert_eq!(layer.rate(NOW, rung), Some(Bitrate::from_kbps(8_000)));
    layers.leave(&layer, fast);
    assert_eq!(layer.rate(NOW, rung), Some(Bitrate::from_kbps(500)));
    layers.leave(&layer, slow);
    assert!(layers.status(NOW).is_empty());
    layers.stop_all();
}

#[test]
fn keyframe_requests_keep_the_nearest_viewers_round_trip() {
    let (layers, _) = layers();
    let layer = layers.join(LayerKey::first(Codec::Vp8), VIEWERS[0]).unwrap();
    layers.stop_all(); // its worker takes nothing any more
    layer.take_keyframe_request();
    layer.request_keyframe(Duration::from_millis(300));
    layer.request_keyframe(Duration::from_millis(20));
    assert_eq!(layer.take_keyframe_request(), Some(Duration::from_millis(20)));
    assert_eq!(layer.take_keyframe_request(), None);
}

#[test]
fn a_lone_viewer_is_not_set_apart_and_one_repair_lane_serves_all_that_are() {
    let (layers, _) = layers();
    let viewers = VIEWERS;
    let common = layers.join(TOP, viewers[0]).unwrap();
    layers.join(LayerKey::first(Codec::Vp8), viewers[2]).unwrap();
    assert!(layers.set_apart(&common, viewers[0], NOW).is_none(), "a viewer of another codec is not touched");
    viewers[..3].iter().for_each(|viewer| drop(layers.join(TOP, *viewer)));
    let repair = layers.set_apart(&common, viewers[0], NOW).unwrap();
    assert_eq!(repair.key, LayerKey { lane: Lane::Repair, ..TOP });
    layers.leave(&common, viewers[0]);
    assert!(Arc::ptr_eq(&repair, &layers.set_apart(&common, viewers[1], NOW).unwrap()));
    layers.leave(&common, viewers[1]);
    assert!(layers.set_apart(&common, viewers[2], NOW).is_none(), "it is the last");
    layers.leave(&repair, viewers[0]);
    layers.leave(&repair, viewers[1]);
    assert_eq!(lock(&layers.running).len(), 2);
    layers.stop_all();
}

#[test]
fn a_repair_lane_without_an_encoder_is_told_once_and_tried_again_later() {
    let (layers, shared) = layers();
    let common = layers.join(TOP, VIEWERS[0]).unwrap();
    layers.join(TOP, VIEWERS[1]).unwrap();
    let size = shared.sources.first().size();
    for start in [0, 60_000_000_000] {
        let repair = layers.set_apart(&common, VIEWERS[0], Nanos(start)).unwrap();
        assert!(layers.refuse(&repair, size, "no session", Nanos(start)));
        assert!(repair.has_given_up());
        layers.leave(&repair, VIEWERS[0]);
        assert!(layers.set_apart(&common, VIEWERS[0], Nanos(start + 59_999_999_999)).is_none());
    }
    let told: Vec<_> = std::iter::from_fn(|| shared.events.poll()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].message.contains("no session"), "{told:?}");
    layers.stop_all();
}

#[test]
fn a_rung_without_an_encoder_is_not_offered_and_its_viewers_go_to_the_nearest() {
    let (layers, _) = layers();
    let [fast, slow, ..] = VIEWERS;
    let top = layers.join(TOP, fast).unwrap();
    let half = layers.join(at(1), slow).unwrap();
    assert!(layers.refuse(&half, Size::new(960, 540), "no session", time::now()));
    assert_eq!(available(&layers, slow), [true, false, true]);
    let quarter = layers.join(at(1), slow).unwrap();
    assert_eq!(quarter.key, at(2), "lower ones first");
    assert!(layers.refuse(&quarter, Size::new(480, 270), "no session", time::now()));
    assert!(Arc::ptr_eq(&layers.join(at(1), slow).unwrap(), &top), "then upper ones");
    assert!(!layers.refuse(&top, Size::new(1920, 1080), "lost", time::now()), "nothing else is left");
    assert!(!top.has_given_up());
    layers.stop_all();
}

#[test]
fn no_more_encoders_are_started_than_allowed_but_for_a_codecs_first() {
    let (layers, _) = layers_with(r#"{"video":{"max_encoders":2}}"#);
    let [a, b, c, d] = VIEWERS;
    layers.join(TOP, a).unwrap();
    layers.join(at(1), b).unwrap();
    assert_eq!(layers.join(at(2), c).unwrap().key, at(1), "shares the next one that runs");
    assert_eq!(available(&layers, c), [true, true, false]);
    let vp8 = LayerKey { rung: 1, ..LayerKey::first(Codec::Vp8) };
    assert_eq!(layers.join(vp8, d).unwrap().key, vp8);
    layers.leave(&layers.join(at(1), b).unwrap(), b);
    layers.leave(&layers.join(at(1), c).unwrap(), c);
    assert_eq!(available(&layers, a), [true, true, true], "one that nobody watches makes room");
    layers.stop_all();
}

#[test]
fn a_layer_waits_a_moment_for_another_viewer_and_then_ends() {
    let (layers, _) = layers();
    let layer = layers.join(at(1), VIEWERS[0]).unwrap();
    layers.leave(&layer, VIEWERS[0]);
    let left = time::now() + GRACE;
    assert!(!layers.retire(&layer, Nanos(left.0 - 1_000_000_000)));
    assert!(Arc::ptr_eq(&layers.join(at(1), VIEWERS[1]).unwrap(), &layer));
    assert!(!layers.retire(&layer, left + GRACE * 10), "somebody came");
    layers.leave(&layer, VIEWERS[1]);
    assert!(layers.retire(&layer, time::now() + GRACE));
    assert!(!Arc::ptr_eq(&layers.join(at(1), VIEWERS[2]).unwrap(), &layer));
    layers.leave(&layer, VIEWERS[2]);
    assert_eq!(lock(&layers.running)[&at(1)].viewers, [VIEWERS[2]], "an old layer of the same name is not this one");
    layer.stop();
    layers.stop_all();
}

#[test]
fn who_is_alone_in_its_codec_is_told_so_wherever_others_are() {
    let (layers, _) = layers();
    layers.join(TOP, VIEWERS[0]).unwrap();
    layers.join(LayerKey::first(Codec::Vp8), VIEWERS[1]).unwrap();
    let source = layers.shared.sources.first();
    let alone = |viewer| layers.view(source, Codec::H264, Lane::Common, Shape::ALL, viewer, NOW).alone;
    assert!(alone(VIEWERS[0]));
    layers.join(at(2), VIEWERS[2]).unwrap();
    assert!(!alone(VIEWERS[0]) && !alone(VIEWERS[2]));
    layers.stop_all();
}

/// One more source, with a picture of half the size.
fn second(shared: &Shared) -> Arc<Source> {
    let source = shared.sources.create(Default::default()).unwrap();
    source.set_size(Size::new(960, 540));
    source
}

#[test]
fn sources_share_no_layer_and_each_has_its_own_ladder_and_its_own_lone_viewer() {
    let (layers, shared) = layers();
    let source = second(&shared);
    let [a, b, ..] = VIEWERS;
    let first = layers.join(TOP, a).unwrap();
    let other = layers.join(LayerKey::of(source.id, Codec::H264), b).unwrap();
    assert!(!Arc::ptr_eq(&first, &other));
    assert_eq!(layers.ladder(&source, Codec::H264).rungs().len(), 3);
    assert_eq!(layers.ladder(&source, Codec::H264).rung(0).picture.size, Size::new(960, 540));
    let alone = |source, viewer| layers.view(source, Codec::H264, Lane::Common, Shape::ALL, viewer, NOW).alone;
    assert!(alone(shared.sources.first(), a) && alone(&source, b), "the other one watches something else");
    assert!(layers.set_apart(&other, b, NOW).is_none(), "it disturbs nobody");
    // A picture goes to the layers of its source only.
    let _watching = [&first, &other].map(|layer| layer.fanout.subscribe(Box::new(|| {})));
    let mut readers = Vec::new();
    for (source, layer) in [(SourceId(0), &first), (source.id, &other)] {
        layers.readers(source, 0, &mut readers);
        assert!(matches!(&readers[..], [(_, reader)] if Arc::ptr_eq(reader, layer)));
    }
    layers.stop_all();
}

#[test]
fn the_bound_on_encoders_is_over_all_sources_but_each_source_gets_its_first_one() {
    let (layers, shared) = layers_with(r#"{"video":{"max_encoders":2}}"#);
    let source = second(&shared);
    let [a, b, c, d] = VIEWERS;
    layers.join(TOP, a).unwrap();
    layers.join(at(1), b).unwrap();
    let own = LayerKey { rung: 1, ..LayerKey::of(source.id, Codec::H264) };
    assert_eq!(layers.join(own, c).unwrap().key, own);
    assert_eq!(layers.join(LayerKey { rung: 0, ..own }, d).unwrap().key, own, "shares the one that runs");
    assert_eq!(available(&layers, d), [true, true, false]);
    layers.stop_all();
}

#[test]
fn layers_of_a_destroyed_source_end_with_their_last_viewer_and_nobody_joins_them() {
    let (layers, shared) = layers();
    let source = second(&shared);
    let key = LayerKey::of(source.id, Codec::H264);
    let layer = layers.join(key, VIEWERS[0]).unwrap();
    let idle = layers.join(LayerKey { rung: 1, ..key }, VIEWERS[1]).unwrap();
    layers.leave(&idle, VIEWERS[1]);
    shared.sources.remove(source.id).unwrap();
    layers.forget(source.id);
    assert!(layers.join(key, VIEWERS[2]).is_err());
    layers.leave(&layer, VIEWERS[0]);
    assert!(layer.is_stopping());
    while lock(&layers.running).contains_key(&idle.key) {
        std::thread::yield_now(); // its worker retires it
    }
    assert!(!layers.refuse(&layer, source.size(), "lost", NOW) || lock(&layers.refused).is_empty());
    layers.stop_all();
}

#[test]
fn threads_of_the_first_source_bear_no_number() {
    let source = SourceId(3);
    let repair = LayerKey { lane: Lane::Repair, rung: 1, ..TOP };
    assert_eq!([TOP, repair].map(thread_name), ["rc-h264", "rc-h264-rep-2"]);
    assert_eq!([TOP, repair].map(|key| thread_name(LayerKey { source, ..key })), ["rc3-h264", "rc3-h264-rep-2"]);
}

#[test]
fn a_shape_without_an_encoder_of_its_own_gets_everybodys_nearest_smaller_one() {
    let (layers, _) = layers_with(r#"{"video":{"max_encoders":2}}"#);
    let [a, b, c, _] = VIEWERS;
    layers.join(TOP, a).unwrap();
    layers.join(at(1), b).unwrap();
    let half = layers.join(at(1), c).unwrap();
    let shape = Shape::new(1.5, 0);
    let view = |viewer| layers.view(layers.shared.sources.first(), Codec::H264, Lane::Common, shape, viewer, NOW);
    let available = |view: &View| view.offers.iter().map(|offer| offer.available).collect::<Vec<_>>();
    let shared = view(c);
    assert_eq!((shared.shape, available(&shared)), (Shape::ALL, vec![false, true, false]));
    layers.leave(&half, c);
    assert_eq!(view(b).shape, shape, "the encoder that it leaves makes room");
    let own = layers.join(LayerKey { shape, ..TOP }, b).unwrap();
    layers.leave(&half, b);
    assert_eq!(
        layers.ladder_of(layers.shared.sources.first(), Codec::H264, shape).rung(0).picture.size,
        Size::new(1280, 720)
    );
    assert!(view(b).alone && own.key.shape == shape);
    // A driver that is out of sessions.
    assert!(layers.refuse(&own, Size::new(1280, 720), "no session", time::now()));
    layers.leave(&own, b);
    let refused = layers.view(layers.shared.sources.first(), Codec::H264, Lane::Common, shape, b, time::now());
    assert!(refused.shape == Shape::ALL || refused.offers.iter().skip(1).any(|offer| offer.available), "{refused:?}");
    layers.stop_all();
}
