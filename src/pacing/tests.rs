//! Scenarios in virtual time: a driver that wakes the pacer when it asks, a millisecond late at most, and what left when.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::congestion::{Probe, Probed};
use crate::time::Nanos;
use crate::units::Bitrate;

const MS: u64 = 1_000_000;
const PACKET: usize = 1_200;
const BURST: f64 = 2.0;

/// Class, frame, bytes; padding has no class.
type Left = (Nanos, Option<Class>, u32, usize);

struct Scene {
    pacer: Pacer<(Class, u32, usize)>,
    now: Nanos,
    left: Vec<Left>,
    dropped: usize,
    probed: Vec<Probed>,
    /// Whether there is anything to pad with.
    pads: bool,
    wakings: usize,
}

impl Scene {
    fn new(estimate_kbps: u64) -> Self {
        let pacer = Pacer::new(Bitrate::from_kbps(estimate_kbps));
        let (left, probed) = (Vec::new(), Vec::new());
        Self { pacer, now: Nanos(1_000 * MS), left, dropped: 0, probed, pads: true, wakings: 0 }
    }

    fn turn(&mut self) {
        loop {
            while let Some((class, frame, bytes)) = self.pacer.pop(self.now) {
                self.left.push((self.now, Some(class), frame, bytes));
            }
            if self.pads && self.pacer.wants_padding(self.now) {
                self.pacer.sent(self.now, PACKET);
                self.left.push((self.now, None, 0, PACKET));
                continue;
            }
            match self.pacer.take_probed(self.now) {
                Some(probed) => self.probed.push(probed),
                None => return,
            }
        }
    }

    fn push(&mut self, class: Class, frame: u32, packets: usize, bytes: usize) {
        for _ in 0..packets {
            self.dropped += self.pacer.push(class, bytes, frame, (class, frame, bytes));
            self.turn();
        }
    }

    /// A video frame of so many bytes.
    fn frame(&mut self, frame: u32, bytes: usize) {
        self.push(Class::Video, frame, bytes.div_ceil(PACKET), PACKET);
    }

    fn begin(&mut self, id: u32, rate_kbps: u64, ms: u64) {
        let (rate, duration) = (Bitrate::from_kbps(rate_kbps), Duration::from_millis(ms));
        self.pacer.begin(self.now, Probe { id, rate, duration });
        self.turn();
    }

    /// Up to `ms` later, with a waking whenever the pacer wants one, on the driver's grid of a millisecond.
    fn run(&mut self, ms: u64) {
        let until = Nanos(self.now.0 + ms * MS);
        while let Some(due) = self.pacer.due().filter(|due| *due <= until) {
            self.now = Nanos(due.0.div_ceil(MS) * MS).max(self.now);
            self.wakings += 1;
            assert!(self.wakings < 1_000_000, "the pacer does not come to rest");
            self.turn();
        }
        self.now = until;
    }

    /// From the frame's push to its last packet.
    fn frame_time(&self, frame: u32, pushed: Nanos) -> Duration {
        let last = self.left.iter().rfind(|(_, class, f, _)| (*class, *f) == (Some(Class::Video), frame));
        last.expect("the frame has left").0.saturating_since(pushed)
    }

    fn sent_bytes(&self, from: Nanos, until: Nanos) -> usize {
        self.left.iter().filter(|(at, ..)| *at >= from && *at <= until).map(|(.., bytes)| bytes).sum()
    }
}

#[test]
fn frame_leaves_at_once_when_the_link_has_room_and_within_its_period_when_it_is_just_enough() {
    // 720p30 at 4 Mbit/s.
    for (estimate_kbps, most_ms) in [(16_000, 0), (8_000, 5), (5_000, 12), (4_000, 15)] {
        let mut scene = Scene::new(estimate_kbps);
        let mut longest = Duration::ZERO;
        for frame in 0..300 {
            let pushed = scene.now;
            scene.frame(frame, 16_700);
            scene.run(33);
            longest = longest.max(scene.frame_time(frame, pushed));
        }
        assert!(longest <= Duration::from_millis(most_ms), "{estimate_kbps} kbit/s: {longest:?}");
        assert!(scene.pacer.is_empty() && scene.dropped == 0);
    }
}

#[test]
fn large_keyframe_is_spread_and_sound_stays_on_time() {
    let mut scene = Scene::new(4_000);
    // 150 ms of the link's rate.
    let pushed = scene.now;
    scene.frame(0, 75_000);
    let at_once = scene.left.len() * PACKET;
    assert!(at_once <= 8_000, "{at_once} bytes in one burst");
    for packet in 1..=10 {
        let now = scene.now;
        scene.push(Class::Audio, packet, 1, 200);
        assert!(scene.left.contains(&(now, Some(Class::Audio), packet, 200)), "late sound");
        scene.run(10);
    }
    let time = scene.frame_time(0, pushed);
    assert!((65..=80).contains(&time.as_millis()), "{time:?}");
    let half = scene.sent_bytes(pushed, pushed + time / 2);
    assert!((32_000..=46_000).contains(&half), "{half} bytes in the first half of {time:?}");
}

#[test]
fn sound_that_takes_all_of_the_rate_leaves_half_of_it_to_video() {
    let mut scene = Scene::new(100);
    for frame in 0..100 {
        scene.frame(frame, 2 * PACKET);
        for _ in 0..10 {
            // 240 kbit/s.
            scene.push(Class::Audio, frame, 1, 300);
            scene.run(10);
        }
    }
    let video: usize = scene.left.iter().filter(|(_, class, ..)| *class == Some(Class::Video)).map(|left| left.3).sum();
    // Twice 100 kbit/s for 10 s, and half of it.
    assert!((100_000..=130_000).contains(&video), "{video}");
}

#[test]
fn retransmissions_go_before_video_and_repair_after_it() {
    let mut scene = Scene::new(1_000);
    scene.frame(0, 10 * PACKET);
    let before = scene.left.len();
    scene.push(Class::Repair, 0, 2, PACKET);
    scene.push(Class::Retransmission, 0, 2, PACKET);
    scene.run(200);
    let order: Vec<Class> = scene.left[before..].iter().filter_map(|(_, class, ..)| *class).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.iter().filter(|class| **class == Class::Repair).count(), 2);
}

#[test]
fn link_that_becomes_slow_loses_the_frames_behind_the_first_and_nothing_more() {
    let mut scene = Scene::new(16_000);
    scene.frame(1, 200 * PACKET);
    scene.frame(2, 20 * PACKET);
    scene.frame(3, 20 * PACKET);
    assert_eq!(scene.dropped, 0);
    let begun = scene.left.len();
    assert!(begun > 0 && begun < 200);
    let dropped = scene.pacer.set_estimate(Bitrate::from_kbps(400), BURST);
    assert_eq!(dropped, 40);
    scene.run(2_500);
    let finished = scene.left.iter().filter(|(_, _, frame, _)| *frame == 1).count();
    assert_eq!((finished, scene.left.len()), (200, 200), "the frame that was begun is finished");
    // A keyframe of any size gets through, with a quarter second of frames behind it.
    scene.frame(4, 100 * PACKET);
    for frame in 5..10 {
        scene.frame(frame, 3 * PACKET);
    }
    assert_eq!(scene.dropped, 0);
    scene.frame(10, 30 * PACKET);
    assert!(scene.dropped > 15, "{}", scene.dropped);
    assert!(scene.pacer.queued(scene.now) < Duration::from_millis(1_300));
}

#[test]
fn probe_is_sent_at_its_rate_with_padding_and_with_media() {
    for (rate_kbps, media) in
        [(2_000, false), (8_000, false), (24_000, false), (50_000, false), (8_000, true), (24_000, true)]
    {
        let mut scene = Scene::new(3_000);
        let from = scene.now;
        if media {
            scene.frame(0, 12_000);
        }
        let early = scene.sent_bytes(from, Nanos(u64::MAX));
        scene.begin(7, rate_kbps, 30);
        scene.run(60);
        let [probed] = scene.probed[..] else { panic!("{:?}", scene.probed) };
        assert_eq!((probed.id, probed.from), (7, from));
        let took = probed.until.saturating_since(probed.from).as_secs_f64();
        let told = probed.bytes as f64 * 8.0 / took / 1_000.0;
        assert!((told / rate_kbps as f64 - 1.0).abs() < 0.1, "{rate_kbps}: told {told} kbit/s");
        assert!((0.029..0.042).contains(&took), "{took}");
        assert_eq!(scene.sent_bytes(from, probed.until) - early, probed.bytes, "what left meanwhile, and no more");
        // Even within the probe: half of its bytes in half of its time.
        let half = scene.sent_bytes(from, probed.from + Duration::from_secs_f64(took / 2.0)) - early;
        assert!(
            half.abs_diff(probed.bytes / 2) <= probed.bytes / 10 + PACKET,
            "{rate_kbps}: {half} of {}",
            probed.bytes
        );
        // No padding before or after, and media first.
        let padded = scene.left.iter().position(|(_, class, ..)| class.is_none());
        let last_media = scene.left.iter().rposition(|(_, class, ..)| class.is_some());
        assert!(last_media < padded || !media);
    }
}

#[test]
fn padding_is_sent_only_in_a_probe_and_only_while_media_lacks() {
    let mut scene = Scene::new(8_000);
    scene.frame(0, 3 * PACKET);
    scene.run(1_000);
    assert_eq!(scene.left.len(), 3);
    // More media than the probe takes.
    scene.frame(1, 100 * PACKET);
    scene.begin(1, 8_000, 20);
    scene.run(500);
    assert!(scene.left.iter().all(|(_, class, ..)| class.is_some()));
    assert_eq!(scene.probed.len(), 1);
    // Nothing to pad with: the probe says how little was sent.
    scene.pads = false;
    scene.begin(2, 8_000, 20);
    scene.run(500);
    assert_eq!(scene.probed[1].bytes, 0);
}

#[test]
fn idle_pacer_asks_for_no_waking_and_a_busy_one_for_one_a_millisecond() {
    let mut scene = Scene::new(1_000);
    assert_eq!(scene.pacer.due(), None);
    scene.frame(0, 60 * PACKET);
    scene.run(1_000);
    assert!(scene.wakings <= 250, "{}", scene.wakings);
    assert_eq!((scene.pacer.due(), scene.pacer.queued(scene.now)), (None, Duration::ZERO));
}

#[test]
fn backlog_tells_how_long_what_waits_takes_and_shrinks_by_itself() {
    let mut scene = Scene::new(4_000);
    scene.frame(0, 125_000);
    let queued = scene.pacer.queued(scene.now);
    assert!((120..=126).contains(&queued.as_millis()), "{queued:?}");
    let backlog = Backlog::default();
    backlog.set(scene.now, queued);
    assert_eq!(backlog.queued(scene.now + Duration::from_millis(40)), queued - Duration::from_millis(40));
    assert_eq!(backlog.queued(scene.now + Duration::from_secs(1)), Duration::ZERO);
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8, u32, usize),
    Estimate(u64),
    Probe(u64, u64),
    Run(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4u8, 0..5u32, 0..3_000usize).prop_map(|(class, frame, bytes)| Step::Push(class, frame, bytes)),
        prop_oneof![0..1_000_000_000u64, Just(u64::MAX)].prop_map(Step::Estimate),
        (prop_oneof![0..100_000_000u64, Just(u64::MAX)], 0..40u64).prop_map(|(rate, ms)| Step::Probe(rate, ms)),
        (0..50u64).prop_map(Step::Run),
    ]
}

proptest! {
    /// Whatever is pushed, ordered and asked for: nothing is lost that is not counted, and the pacer comes to rest.
    #[test]
    fn every_packet_leaves_or_is_counted(steps in proptest::collection::vec(step(), 1..60)) {
        let mut scene = Scene::new(1_000);
        let (mut pushed, mut dropped) = (0, 0);
        for step in steps {
            match step {
                Step::Push(class, frame, bytes) => {
                    let class = [Class::Audio, Class::Retransmission, Class::Video, Class::Repair][usize::from(class)];
                    scene.push(class, frame, 1, bytes);
                    pushed += 1;
                }
                Step::Estimate(bps) => dropped += scene.pacer.set_estimate(Bitrate::from_bps(bps), BURST),
                Step::Probe(bps, ms) => {
                    let (rate, duration) = (Bitrate::from_bps(bps), Duration::from_millis(ms));
                    scene.pacer.begin(scene.now, Probe { id: 1, rate, duration });
                    scene.turn();
                }
                Step::Run(ms) => scene.run(ms),
            }
        }
        scene.run(3_600_000);
        let left = scene.left.iter().filter(|(_, class, ..)| class.is_some()).count();
        prop_assert_eq!(left + scene.dropped + dropped, pushed);
        prop_assert_eq!(scene.pacer.due(), None);
    }
}
