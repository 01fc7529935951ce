//! Layers, viewers and time as the stream's own timestamps; threads only in the last test.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;

use super::queue::CAPACITY;
use super::*;
use crate::encode::Codec;
use crate::stats::{Counter, Counters};
use crate::time::Nanos;
use crate::units::Size;
use crate::wake::Wake;

/// 90 kHz ticks of a frame at 60 frames a second.
const FRAME: u32 = 1_500;

pub(super) fn frame(number: u32, keyframe: bool) -> Arc<PacketizedFrame> {
    Arc::new(PacketizedFrame {
        codec: Codec::Vp8,
        size: Size::new(64, 64),
        keyframe,
        temporal_id: 0,
        discardable: false,
        rtp_timestamp: number.wrapping_mul(FRAME),
        payloads: vec![Bytes::from(vec![number as u8; 100])],
        host_time: u64::from(number),
        pushed_at: Nanos(0),
        encode_started: Nanos(0),
        encode_ended: Nanos(0),
        marks: None,
    })
}

pub(super) fn packet(number: u32) -> Arc<AudioPacket> {
    Arc::new(AudioPacket { rtp_timestamp: number, payload: Bytes::from_static(b"opus"), pushed_at: Nanos(0) })
}

pub(super) fn silent() -> Notify {
    Box::new(|| {})
}

pub(super) fn fanout() -> (Fanout, Counters) {
    let counters = Counters::default();
    (Fanout::new(&counters, Wake::default()), counters)
}

/// The numbers of all frames that wait, sound left out.
pub(super) fn drain(subscriber: &mut Subscriber) -> Vec<u64> {
    std::iter::from_fn(|| subscriber.pop())
        .filter_map(|media| match media {
            Media::Video(frame) => Some(frame.host_time),
            Media::Audio(_) => None,
        })
        .collect()
}

#[test]
fn late_viewer_starts_on_a_keyframe() {
    let (fanout, _) = fanout();
    fanout.publish(frame(0, true));
    let mut viewer = fanout.subscribe(silent());
    assert!(fanout.needs_keyframe() && viewer.needs_keyframe());
    fanout.publish(frame(1, false));
    assert!(viewer.pop().is_none());
    assert!(fanout.needs_keyframe());
    fanout.publish(frame(2, true));
    assert!(!fanout.needs_keyframe() && !viewer.needs_keyframe());
    fanout.publish(frame(3, false));
    assert_eq!(drain(&mut viewer), [2, 3]);
}

#[test]
fn who_watches_nothing_for_a_while_holds_no_place_and_begins_anew() {
    let ((fanout, _), sound) = (fanout(), AudioFanout::new(Counter::default()));
    let mut viewer = fanout.subscribe(silent());
    viewer.listen(&sound);
    viewer.listen(&sound);
    fanout.publish(frame(0, true));
    viewer.unwatch();
    assert_eq!((fanout.subscriber_count(), sound.subscriber_count()), (0, 1));
    sound.publish(packet(0));
    assert!(matches!(viewer.pop(), Some(Media::Audio(_))) && viewer.pop().is_none());
    viewer.unlisten();
    assert_eq!(sound.subscriber_count(), 0);
    viewer.watch(&fanout);
    assert!(viewer.needs_keyframe() && !viewer.is_changing());
    fanout.publish(frame(9, true));
    assert_eq!(drain(&mut viewer), [9]);
    assert_eq!(viewer.keyframes_caused(), 0);
}

#[test]
fn a_viewer_that_joins_just_after_a_keyframe_is_given_it_and_what_followed() {
    let (fanout, counters) = fanout();
    let mut first = fanout.subscribe(silent());
    for number in 0..=12 {
        fanout.publish(frame(number, number == 0));
        drain(&mut first);
    }
    let requested = counters.keyframes_requested.get();
    let mut late = fanout.subscribe(silent());
    assert!(!fanout.needs_keyframe() && counters.keyframes_requested.get() == requested);
    // A fifth of a second waits, and the viewer is not taken to be slow for it.
    fanout.publish(frame(13, false));
    assert_eq!(drain(&mut late), (0..=13).collect::<Vec<_>>());
    assert_eq!((drain(&mut first), counters.viewer_resyncs.get()), (vec![13], 0));
    // What is older than a keyframe may be asked for again helps nobody.
    (14..=16).for_each(|number| fanout.publish(frame(number, false)));
    let mut too_late = fanout.subscribe(silent());
    assert!(fanout.needs_keyframe() && drain(&mut too_late).is_empty());
}

#[test]
fn nobody_is_given_what_was_encoded_before_everybody_had_left() {
    let (fanout, _) = fanout();
    drop(fanout.subscribe(silent()));
    fanout.publish(frame(0, true));
    let mut viewer = fanout.subscribe(silent());
    assert!(viewer.needs_keyframe() && drain(&mut viewer).is_empty());
}

#[test]
fn a_viewer_that_changes_its_layer_is_shown_nothing_again() {
    let ((old, _), (new, _)) = (fanout(), fanout());
    let _other = new.subscribe(silent());
    let mut viewer = old.subscribe(silent());
    old.publish(frame(0, true));
    new.publish(frame(0, true));
    viewer.watch(&new);
    old.publish(frame(1, false));
    new.publish(frame(1, false));
    assert_eq!(drain(&mut viewer), [0, 1]);
    assert!(new.needs_keyframe() && viewer.is_changing());
}

#[test]
fn slow_viewer_resyncs_on_keyframe_and_others_notice_nothing() {
    let (fanout, counters) = fanout();
    let mut slow = fanout.subscribe(silent());
    let mut fast = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    // Six frame times are 100 ms: still in time. The seventh is not.
    for number in 1..=6 {
        fanout.publish(frame(number, false));
        drain(&mut fast);
    }
    assert_eq!(counters.viewer_resyncs.get(), 0);
    fanout.publish(frame(7, false));
    assert_eq!(counters.viewer_resyncs.get(), 1);
    assert!(drain(&mut slow).is_empty());
    assert!(slow.needs_keyframe() && fanout.needs_keyframe() && !fast.needs_keyframe());
    fanout.publish(frame(8, false));
    assert!(drain(&mut slow).is_empty());
    fanout.publish(frame(9, true));
    assert_eq!(drain(&mut slow), [9]);
    assert_eq!(drain(&mut fast), [7, 8, 9]);
    assert_eq!(counters.viewer_resyncs.get(), 1);
}

#[test]
fn keyframe_that_finds_a_full_queue_replaces_what_waits() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    fanout.publish(frame(1, false));
    let requested = counters.keyframes_requested.get();
    fanout.publish(frame(20, true));
    assert_eq!(drain(&mut viewer), [20]);
    assert_eq!((counters.viewer_resyncs.get(), counters.keyframes_requested.get()), (1, requested));
}

#[test]
fn queue_is_bounded_even_when_timestamps_stand_still() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    for _ in 1..CAPACITY {
        fanout.publish(frame(0, false));
    }
    assert_eq!(counters.viewer_resyncs.get(), 0);
    fanout.publish(frame(0, false));
    assert_eq!(counters.viewer_resyncs.get(), 1);
    assert!(drain(&mut viewer).is_empty());
}

#[test]
fn one_waiting_frame_is_no_backlog_at_five_frames_a_second() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    fanout.publish(frame(12, false));
    assert_eq!(drain(&mut viewer), [0, 12]);
    assert_eq!(counters.viewer_resyncs.get(), 0);
}

#[test]
fn age_is_right_after_many_frames_and_across_the_wrap_of_the_timestamp() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    let before_wrap = u32::MAX / FRAME - 40;
    for number in before_wrap..before_wrap + 1_000 {
        let mut frame = Arc::unwrap_or_clone(frame(0, number == before_wrap));
        frame.rtp_timestamp = number.wrapping_mul(FRAME);
        fanout.publish(Arc::new(frame));
        if number % 5 == 0 {
            drain(&mut viewer);
        }
    }
    assert_eq!(counters.viewer_resyncs.get(), 0);
}

#[test]
fn payload_memory_is_shared_between_viewers() {
    let (fanout, _) = fanout();
    let mut viewers = [fanout.subscribe(silent()), fanout.subscribe(silent())];
    let sent = frame(0, true);
    fanout.publish(Arc::clone(&sent));
    for viewer in &mut viewers {
        let Some(Media::Video(received)) = viewer.pop() else { panic!("no frame") };
        assert_eq!(received.payloads[0].as_ptr(), sent.payloads[0].as_ptr());
    }
}

#[test]
fn lost_picture_asks_for_a_keyframe_and_keeps_what_waits() {
    let (fanout, counters) = fanout();
    let mut viewer = fanout.subscribe(silent());
    fanout.publish(frame(0, true));
    fanout.publish(frame(1, false));
    viewer.request_keyframe();
    assert!(fanout.needs_keyframe());
    assert_eq!(drain(&mut viewer), [0, 1]);
    fanout.publish(frame(2, false));
    assert!(fanout.needs_keyframe());
    fanout.publish(frame(3, true));
    assert!(!fanout.needs_keyframe());
    assert_eq!(drain(&mut viewer), [2, 3]);
    // One for the start, one for the lost picture.
    assert_eq!(counters.keyframes_requested.get(), 2);
}

#[test]
fn worker_is_rung_when_a_viewer_needs_a_keyframe() {
    let wake = Wake::default();
    let fanout = Fanout::new(&Counters::default(), wake.clone());
    let rung = || wake.wait(std::time::Duration::ZERO);
    assert!(!rung());
    let viewer = fanout.subscribe(silent());
    assert!(rung());
    viewer.request_keyframe();
    assert!(rung());
}

#[test]
fn sound_comes_first_and_video_never_displaces_it() {
    let (fanout, counters) = fanout();
    let audio = AudioFanout::new(Counter::default());
    let mut viewer = fanout.subscribe(silent());
    viewer.listen(&audio);
    audio.publish(packet(7));
    for number in 0..100 {
        fanout.publish(frame(number, number % 30 == 0));
    }
    assert!(counters.viewer_resyncs.get() > 0);
    fanout.publish(frame(100, true));
    assert!(matches!(viewer.pop(), Some(Media::Audio(p)) if p.rtp_timestamp == 7));
    assert!(matches!(viewer.pop(), Some(Media::Video(f)) if f.keyframe));
}

#[test]
fn slow_listener_loses_its_oldest_sound() {
    let dropped = Counter::default();
    let audio = AudioFanout::new(dropped.clone());
    let mut viewer = Subscriber::new(silent());
    viewer.listen(&audio);
    for number in 0..15 {
        audio.publish(packet(number));
    }
    assert!(matches!(viewer.pop(), Some(Media::Audio(p)) if p.rtp_timestamp == 5));
    assert_eq!(dropped.get(), 5);
}

#[test]
fn dropped_subscriber_is_unsubscribed() {
    let (fanout, _) = fanout();
    let audio = AudioFanout::new(Counter::default());
    let mut viewer = fanout.subscribe(silent());
    viewer.listen(&audio);
    viewer.listen(&audio);
    assert_eq!((fanout.subscriber_count(), audio.subscriber_count()), (1, 1));
    drop(viewer);
    assert_eq!((fanout.subscriber_count(), audio.subscriber_count()), (0, 0));
    assert!(!fanout.needs_keyframe());
}

#[test]
fn change_of_layer_shows_the_old_one_until_the_new_ones_keyframe() {
    let (low, _) = fanout();
    let (high, _) = fanout();
    let mut viewer = low.subscribe(silent());
    low.publish(frame(0, true));
    viewer.watch(&high);
    viewer.watch(&high);
    assert_eq!((low.subscriber_count(), high.subscriber_count()), (1, 1));
    high.publish(frame(1, false));
    low.publish(frame(1, false));
    assert_eq!(drain(&mut viewer), [0, 1]);
    assert!(viewer.is_changing());
    low.publish(frame(2, false));
    high.publish(frame(3, true));
    high.publish(frame(4, false));
    assert_eq!(drain(&mut viewer), [3, 4]);
    assert_eq!((low.subscriber_count(), high.subscriber_count()), (0, 1));
    assert!(!viewer.is_changing());
}

#[test]
fn change_of_layer_can_be_called_off() {
    let (low, _) = fanout();
    let (high, _) = fanout();
    let mut viewer = low.subscribe(silent());
    low.publish(frame(0, true));
    viewer.watch(&high);
    viewer.watch(&low);
    high.publish(frame(1, true));
    assert_eq!(high.subscriber_count(), 0);
    assert_eq!(drain(&mut viewer), [0]);
}

#[test]
fn viewer_is_notified_only_of_what_it_can_take() {
    let (fanout, _) = fanout();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let _viewer = fanout.subscribe(Box::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    }));
    fanout.publish(frame(0, false));
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    fanout.publish(frame(1, true));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn frame_without_payloads_is_nothing() {
    let (fanout, _) = fanout();
    let mut viewer = fanout.subscribe(silent());
    let mut empty = Arc::unwrap_or_clone(frame(0, true));
    empty.payloads.clear();
    fanout.publish(Arc::new(empty));
    assert!(fanout.needs_keyframe());
    assert!(viewer.pop().is_none());
}

/// Every viewer, however its thread is scheduled, gets runs of consecutive frames that each begin with a keyframe.
#[test]
fn no_viewer_ever_gets_a_frame_without_the_one_before_it() {
    const FRAMES: u32 = 100_000;
    let (fanout, _) = fanout();
    let done = AtomicBool::new(false);
    let ready = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let viewers: Vec<_> = (0..3u64)
            .map(|slowness| {
                let (fanout, done, ready) = (&fanout, &done, &ready);
                scope.spawn(move || {
                    let mut viewer = fanout.subscribe(silent());
                    ready.fetch_add(1, Ordering::Release);
                    let (mut last, mut received, mut seed) = (None, 0u64, slowness);
                    loop {
                        let finished = done.load(Ordering::Acquire);
                        match viewer.pop() {
                            Some(Media::Video(frame)) => {
                                let follows = last.is_some_and(|last: u64| frame.host_time == last + 1);
                                assert!(frame.keyframe || follows, "{last:?} then {}", frame.host_time);
                                last = Some(frame.host_time);
                                received += 1;
                                // Bursts that come near the limit, so that taking out and clearing meet.
                                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                                (0..(seed >> 60) * slowness).for_each(|_| std::hint::spin_loop());
                            }
                            Some(Media::Audio(_)) => unreachable!(),
                            None if finished => return received,
                            None => std::thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        while ready.load(Ordering::Acquire) < 3 {
            std::thread::yield_now();
        }
        for number in 0..FRAMES {
            fanout.publish(frame(number, fanout.needs_keyframe() || number + 1 == FRAMES));
            (0..20).for_each(|_| std::hint::spin_loop());
        }
        done.store(true, Ordering::Release);
        for viewer in viewers {
            assert!(viewer.join().unwrap() > 0);
        }
    });
}
