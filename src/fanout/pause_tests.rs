//! Viewers that lost a frame on the way, or whose link is behind.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::tests::{drain, fanout, frame, packet, silent};
use super::*;
use crate::stats::Counter;

#[test]
fn resync_throws_away_what_waits_and_goes_on_at_the_keyframe_it_asks_for() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    let mut other = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    fanout.publish(frame(1, false));
    assert!(!fanout.needs_keyframe());
    let requested = counters.keyframes_requested.get();
    viewer.resync();
    assert!(fanout.needs_keyframe() && viewer.needs_keyframe() && !other.needs_keyframe());
    assert_eq!((viewer.resyncs(), other.resyncs()), (1, 0), "whose trouble it was");
    assert_eq!((counters.viewer_resyncs.get(), counters.keyframes_requested.get()), (1, requested + 1));
    fanout.publish(frame(2, false));
    fanout.publish(frame(3, true));
    fanout.publish(frame(4, false));
    assert!(!fanout.needs_keyframe());
    assert_eq!(drain(&mut viewer), [3, 4]);
    assert_eq!(drain(&mut other), [0, 1, 2, 3, 4]);
}

#[test]
fn paused_viewer_gets_no_video_and_asks_for_none_until_it_goes_on() {
    let (fanout, counters) = fanout();
    let audio = AudioFanout::new(Counter::default());
    let mut viewer = fanout.subscribe(silent());
    viewer.listen(&audio);
    fanout.publish(frame(0, true));
    fanout.publish(frame(1, false));
    let requested = counters.keyframes_requested.get();
    viewer.pause();
    viewer.pause();
    assert_eq!((counters.viewer_resyncs.get(), counters.keyframes_requested.get()), (1, requested));
    for number in 2..50 {
        fanout.publish(frame(number, number == 20));
        assert!(!fanout.needs_keyframe());
    }
    audio.publish(packet(7));
    assert!(matches!(viewer.pop(), Some(Media::Audio(_))));
    assert!(viewer.pop().is_none());
    assert_eq!(counters.viewer_resyncs.get(), 1, "a paused queue is no slow one");
    viewer.resume();
    viewer.resume();
    assert!(fanout.needs_keyframe());
    assert_eq!(counters.keyframes_requested.get(), requested + 1);
    fanout.publish(frame(50, false));
    fanout.publish(frame(51, true));
    assert!(!fanout.needs_keyframe());
    assert_eq!(drain(&mut viewer), [51]);
}

#[test]
fn layer_that_is_watched_during_a_pause_waits_for_its_end_too() {
    let (low, _) = fanout();
    let (high, _) = fanout();
    let mut viewer = high.subscribe(silent());
    high.publish(frame(0, true));
    viewer.pause();
    viewer.watch(&low);
    assert!(!low.needs_keyframe());
    low.publish(frame(1, true));
    assert!(viewer.pop().is_none());
    assert!(!low.needs_keyframe());
    viewer.resume();
    assert!(low.needs_keyframe());
    low.publish(frame(2, true));
    assert_eq!(drain(&mut viewer), [2]);
    assert!(!viewer.is_changing());
}

#[test]
fn layer_that_is_left_is_asked_for_no_keyframe_unless_the_viewer_stays_after_all() {
    let (old, _) = fanout();
    let (new, _) = fanout();
    let mut viewer = old.subscribe(silent());
    old.publish(frame(0, true));
    viewer.watch(&new);
    // Far behind: what waits is thrown away.
    (1..40).for_each(|number| old.publish(frame(number * 10, false)));
    assert!(!old.needs_keyframe() && new.needs_keyframe());
    viewer.pause();
    viewer.resume();
    assert!(!old.needs_keyframe() && new.needs_keyframe());
    let caused = viewer.keyframes_caused();
    viewer.watch(&old);
    assert!(old.needs_keyframe() && new.subscriber_count() == 0);
    assert_eq!(viewer.keyframes_caused(), caused + 1);
    old.publish(frame(401, true));
    assert_eq!(drain(&mut viewer), [401]);
}

#[test]
fn keyframes_that_a_viewers_own_trouble_costs_are_counted_but_not_the_first() {
    let (fanout, _) = fanout();
    let (other, _) = super::tests::fanout();
    let mut viewer = fanout.subscribe(silent());
    let healthy = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    assert_eq!(viewer.keyframes_caused(), 0);
    viewer.resync();
    viewer.pause();
    assert_eq!(viewer.keyframes_caused(), 2, "a pause's keyframe is known when it begins");
    viewer.resume();
    assert_eq!(viewer.keyframes_caused(), 2);
    viewer.watch(&other);
    other.publish(frame(1, true));
    assert_eq!(drain(&mut viewer), [1]);
    assert_eq!((viewer.keyframes_caused(), healthy.keyframes_caused()), (2, 0), "a change is none, and forgets none");
    assert_eq!((viewer.resyncs(), healthy.resyncs()), (2, 0));
}

#[test]
fn viewer_that_is_moved_during_a_pause_costs_its_old_layer_no_keyframe() {
    let (old, _) = fanout();
    let (new, _) = super::tests::fanout();
    let mut viewer = old.subscribe(silent());
    old.publish(frame(0, true));
    viewer.pause();
    assert_eq!(viewer.keyframes_caused(), 1);
    viewer.watch(&new);
    viewer.resume();
    assert!(!old.needs_keyframe() && new.needs_keyframe());
    new.publish(frame(1, true));
    assert_eq!(drain(&mut viewer), [1]);
}

/// Runs of consecutive frames, each of which begins with a keyframe, also when the viewer clears its queue while the worker
/// fills it.
#[test]
fn viewer_that_resyncs_at_any_moment_never_gets_a_frame_without_the_one_before_it() {
    const FRAMES: u32 = 100_000;
    let (fanout, _) = fanout();
    let (done, ready) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let viewers: Vec<_> = (1..3u64)
            .map(|seed| {
                let (fanout, done, ready) = (&fanout, &done, &ready);
                scope.spawn(move || {
                    let mut viewer = fanout.subscribe(silent());
                    ready.fetch_add(1, Ordering::Release);
                    let (mut last, mut received, mut seed) = (None, 0u64, seed);
                    loop {
                        let finished = done.load(Ordering::Acquire);
                        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        match seed >> 60 {
                            0 => viewer.resync(),
                            1 => viewer.pause(),
                            _ => viewer.resume(),
                        }
                        if seed >> 60 < 2 {
                            last = None;
                        }
                        match viewer.pop() {
                            Some(Media::Video(frame)) => {
                                let follows = last.is_some_and(|last: u64| frame.host_time == last + 1);
                                assert!(frame.keyframe || follows, "{last:?} then {}", frame.host_time);
                                last = Some(frame.host_time);
                                received += 1;
                            }
                            Some(Media::Audio(_)) => unreachable!(),
                            None if finished => return received,
                            None => std::thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        while ready.load(Ordering::Acquire) < 2 {
            std::thread::yield_now();
        }
        for number in 0..FRAMES {
            fanout.publish(frame(number, fanout.needs_keyframe()));
            (0..20).for_each(|_| std::hint::spin_loop());
        }
        done.store(true, Ordering::Release);
        for viewer in viewers {
            assert!(viewer.join().unwrap() > 0);
        }
    });
}
