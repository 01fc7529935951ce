//! Whether one viewer's link keeps up with what it is sent: a leaky bucket that empties at the link's estimate. Pure.
//!
//! A layer may be encoded for better links than this one. Who has a slower one would not see fewer frames but later ones,
//! and later and later: its packets queue in the network, where nobody sees them. So what its link cannot have carried yet
//! is counted here, and when that is too much the viewer's video pauses until it has drained, then goes on at a keyframe.
//!
//! The estimate of a link that was never filled is only a guess, so a backlog alone means nothing: the viewer is paused only
//! when an estimate was heard and the layer's own rate is clearly above it. What waits in the viewer's pacer is no guess and
//! counts at once; a large keyframe alone makes no pause, as the layer's rate says that it will be gone soon.

use std::time::Duration;

use super::thinning::{Link, Thinning};
use crate::time::Nanos;
use crate::units::Bitrate;

/// A backlog that takes longer to drain pauses the video. Well above what one keyframe is (about 150 ms of rate).
const MOST: Duration = Duration::from_millis(200);
/// What waits in the pacer, in time to send it, and pauses the video. More than a keyframe leaves behind it.
const MOST_QUEUED: Duration = Duration::from_millis(100);
/// What is left of a backlog when the video goes on.
const DRAINED: Duration = Duration::from_millis(20);
/// Never counted beyond: an estimate may be far too low, and the viewer must not wait for ever.
const LONGEST: Duration = Duration::from_secs(2);
/// Over what time the layer's rate is averaged.
const AVERAGED: Duration = Duration::from_millis(500);
/// A keyframe counts for at most this much of the link's rate in the layer's rate: it tells little about what follows.
const KEYFRAME_SHARE: Duration = Duration::from_millis(50);
/// How far the layer must be above the estimate: a fifth, as encoders miss their rate by less, and what sound and the
/// least video rate may add to a very low estimate.
const MARGIN: f64 = 1.2;
const MARGIN_BPS: f64 = 100_000.0;

/// What to do with a video frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Send,
    /// The link has not carried what was sent before: this frame and all before the next keyframe are not sent. Wait for
    /// [`LinkBudget::has_drained`], then ask for a keyframe.
    Pause,
}

/// What one viewer was sent and its link cannot have carried yet.
#[derive(Clone, Debug)]
pub struct LinkBudget {
    estimate: Bitrate,
    /// The estimate is not the first guess any more.
    heard: bool,
    updated_at: Nanos,
    /// When the pacer will have sent what waits in it.
    paced_at: Nanos,
    backlog_bits: f64,
    /// Bits of video, each forgotten with the time constant [`AVERAGED`].
    recent_bits: f64,
    paused: bool,
    thinning: Thinning,
}

impl LinkBudget {
    /// `start` is the estimate before anything was measured.
    pub fn new(now: Nanos, start: Bitrate) -> Self {
        Self {
            estimate: start,
            heard: false,
            updated_at: now,
            paced_at: now,
            backlog_bits: 0.0,
            recent_bits: 0.0,
            paused: false,
            thinning: Thinning::new(now),
        }
    }

    /// What the link carries from now on. The first value other than `start` makes the budget count.
    pub fn set_estimate(&mut self, now: Nanos, estimate: Bitrate) {
        if estimate != self.estimate {
            self.advance(now);
            self.heard = true;
            if estimate < self.estimate {
                // A lone viewer's encoder follows at once; a layer that does not is soon known again for what it is.
                let share = estimate.bps() as f64 / self.bps();
                self.backlog_bits *= share;
                self.recent_bits *= share;
            }
            self.estimate = estimate;
        }
    }

    /// The estimate is no guess: it counts from now on.
    pub fn trust(&mut self) {
        self.heard = true;
    }

    /// What waits in the viewer's pacer takes so long from now on.
    pub fn set_queued(&mut self, now: Nanos, queued: Duration) {
        self.paced_at = now + queued;
    }

    /// Sound was sent. It is never held back, but what it takes is not there for video.
    pub fn charge(&mut self, now: Nanos, bytes: usize) {
        self.advance(now);
        self.add(bits(bytes));
    }

    /// Whether a video frame is left out because the link is short of rate and no frame that is sent refers to it. Ask
    /// before [`admit`](Self::admit), of every frame of the layer.
    pub fn leaves_out(&mut self, now: Nanos, temporal_id: u8, bytes: usize, keyframe: bool) -> bool {
        self.advance(now);
        let link = Link { bps: self.heard.then(|| self.bps()), backlog: self.backlog_bits / self.bps() };
        self.thinning.leaves_out(now, temporal_id, self.telling(bytes, keyframe), link)
    }

    /// A video frame wants to be sent; it is charged when the answer is [`Verdict::Send`].
    pub fn admit(&mut self, now: Nanos, bytes: usize, keyframe: bool) -> Verdict {
        self.advance(now);
        if self.paused {
            return Verdict::Pause;
        }
        let behind = (self.heard && self.exceeds(MOST)) || self.paced_at.saturating_since(now) > MOST_QUEUED;
        if behind && self.layer_bps() > self.bps() * MARGIN + MARGIN_BPS {
            self.paused = true;
            // While it lasts nothing is known of the layer, and a lone viewer's encoder slows down meanwhile.
            self.recent_bits = 0.0;
            return Verdict::Pause;
        }
        let bits = bits(bytes);
        self.add(bits);
        self.recent_bits += self.telling(bytes, keyframe);
        Verdict::Send
    }

    /// Whether video is held back.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether a paused viewer may go on now. True once per pause: ask for the keyframe then.
    pub fn has_drained(&mut self, now: Nanos) -> bool {
        self.advance(now);
        if !self.paused || self.exceeds(DRAINED) || self.paced_at.saturating_since(now) > DRAINED {
            return false;
        }
        self.paused = false;
        self.thinning.resume(now);
        true
    }

    /// When [`has_drained`](Self::has_drained) will be true if nothing changes; None when nothing is paused.
    pub fn drains_at(&self) -> Option<Nanos> {
        let left = self.backlog_bits / self.bps() - DRAINED.as_secs_f64();
        let link = self.updated_at + Duration::from_secs_f64(left.clamp(0.0, 10.0));
        // A hair later, so that rounding does not make it a moment too early.
        self.paused.then(|| link.max(self.paced_at) + Duration::from_millis(1))
    }

    fn advance(&mut self, now: Nanos) {
        let passed = now.saturating_since(self.updated_at).as_secs_f64();
        self.updated_at = self.updated_at.max(now);
        self.backlog_bits = (self.backlog_bits - passed * self.bps()).max(0.0);
        self.recent_bits *= (-passed / AVERAGED.as_secs_f64()).exp();
    }

    fn add(&mut self, bits: f64) {
        self.backlog_bits = (self.backlog_bits + bits).min(self.bps() * LONGEST.as_secs_f64());
    }

    /// What a frame tells of its layer's rate, in bits.
    fn telling(&self, bytes: usize, keyframe: bool) -> f64 {
        let bits = bits(bytes);
        if keyframe { bits.min(self.bps() * KEYFRAME_SHARE.as_secs_f64()) } else { bits }
    }

    fn exceeds(&self, limit: Duration) -> bool {
        self.backlog_bits > self.bps() * limit.as_secs_f64()
    }

    fn layer_bps(&self) -> f64 {
        self.recent_bits / AVERAGED.as_secs_f64()
    }

    /// Never zero: it is a divisor.
    fn bps(&self) -> f64 {
        self.estimate.bps().max(1) as f64
    }
}

fn bits(bytes: usize) -> f64 {
    bytes as f64 * 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 50 frames a second layer and one viewer, in virtual time.
    struct Scene {
        budget: LinkBudget,
        now: Nanos,
        layer_kbps: u64,
        /// Bytes of a keyframe; a frame after a pause is one.
        keyframe: usize,
        wants_keyframe: bool,
        sent_bytes: usize,
        pauses: usize,
        resumes: usize,
    }

    const TICK: Duration = Duration::from_millis(20);

    fn kbps(kbps: u64) -> Bitrate {
        Bitrate::from_kbps(kbps)
    }

    impl Scene {
        fn new(start_kbps: u64, layer_kbps: u64) -> Self {
            let budget = LinkBudget::new(Nanos(0), kbps(start_kbps));
            Self {
                budget,
                now: Nanos(0),
                layer_kbps,
                keyframe: 10_000,
                wants_keyframe: true,
                sent_bytes: 0,
                pauses: 0,
                resumes: 0,
            }
        }

        fn run(&mut self, seconds: u64) -> &mut Self {
            for _ in 0..seconds * 50 {
                self.now = self.now + TICK;
                if self.budget.is_paused() {
                    if self.budget.has_drained(self.now) {
                        self.resumes += 1;
                        self.wants_keyframe = true;
                    } else {
                        continue;
                    }
                }
                let bytes = if self.wants_keyframe { self.keyframe } else { self.layer_kbps as usize * 1000 / 8 / 50 };
                match self.budget.admit(self.now, bytes, self.wants_keyframe) {
                    Verdict::Send => self.sent_bytes += bytes,
                    Verdict::Pause => self.pauses += 1,
                }
                self.wants_keyframe = false;
            }
            self
        }

        fn estimate(&mut self, estimate_kbps: u64) -> &mut Self {
            self.budget.set_estimate(self.now, kbps(estimate_kbps));
            self
        }
    }

    #[test]
    fn before_an_estimate_is_heard_nobody_is_paused() {
        let mut scene = Scene::new(1_000, 20_000);
        // The first guess told again is still a guess.
        scene.estimate(1_000).run(20);
        assert_eq!((scene.pauses, scene.resumes), (0, 0));
    }

    #[test]
    fn link_below_the_layer_gets_no_more_than_it_carries() {
        let mut scene = Scene::new(6_000, 6_000);
        scene.run(2).estimate(1_000);
        scene.sent_bytes = 0;
        scene.run(30);
        let sent_kbps = scene.sent_bytes as u64 * 8 / 1000 / 30;
        assert!(sent_kbps <= 1_100, "{sent_kbps} kbit/s into a link of 1000");
        assert!(sent_kbps >= 600, "{sent_kbps} kbit/s: the link stands idle");
        assert!(scene.pauses > 5);
        assert!(scene.pauses - scene.resumes <= 1, "each pause ends once: {} {}", scene.pauses, scene.resumes);
    }

    #[test]
    fn link_as_fast_as_the_layer_is_never_paused_however_large_the_keyframes() {
        let mut scene = Scene::new(5_000, 3_000);
        scene.estimate(3_000);
        // Over a second of the link's rate.
        scene.keyframe = 450_000;
        for _ in 0..10 {
            scene.wants_keyframe = true;
            scene.run(1);
        }
        assert_eq!(scene.pauses, 0);
    }

    #[test]
    fn recovered_estimate_ends_the_pauses() {
        let mut scene = Scene::new(6_000, 6_000);
        scene.run(1).estimate(1_000).run(10).estimate(8_000).run(1);
        assert!(scene.pauses > 0);
        (scene.pauses, scene.resumes) = (0, 0);
        scene.run(10);
        assert_eq!((scene.pauses, scene.resumes), (0, 0));
    }

    #[test]
    fn backlog_of_two_hundred_milliseconds_pauses_and_one_of_twenty_goes_on() {
        let second = Nanos(1_000_000_000);
        let mut budget = LinkBudget::new(second, kbps(900));
        budget.set_estimate(second, kbps(1_000));
        // 190 ms at 1 Mbit/s, at once.
        assert_eq!(budget.admit(second, 23_750, false), Verdict::Send);
        let backlog = |ms: u64, budget: &LinkBudget| (budget.backlog_bits - ms as f64 * 1_000.0).abs() < 1.0;
        assert!(backlog(190, &budget));
        // Sound is charged, and always sent.
        budget.charge(second, 6_250);
        assert!(backlog(240, &budget));
        // The layer's rate is far above the link's only now.
        budget.recent_bits = 2e6;
        assert_eq!(budget.admit(second, 1_000, false), Verdict::Pause);
        assert!(backlog(240, &budget), "what is not sent is not charged");
        assert!(!budget.has_drained(second + Duration::from_millis(219)));
        assert!(budget.is_paused());
        assert_eq!(budget.admit(second + Duration::from_millis(219), 1_000, true), Verdict::Pause);
        let due = budget.drains_at().unwrap();
        assert_eq!(due, second + Duration::from_millis(221));
        assert!(budget.has_drained(due));
        assert!(!budget.has_drained(due), "once");
        assert_eq!(budget.drains_at(), None);
        assert_eq!(budget.admit(due, 1_000, true), Verdict::Send);
    }

    #[test]
    fn what_waits_in_the_pacer_pauses_a_fast_layer_before_any_estimate_and_no_slow_one() {
        let second = Nanos(1_000_000_000);
        for (recent_bits, verdict) in [(2e6, Verdict::Pause), (0.4e6, Verdict::Send)] {
            let mut budget = LinkBudget::new(second, kbps(1_000));
            budget.recent_bits = recent_bits;
            budget.set_queued(second, Duration::from_millis(100));
            assert_eq!(budget.admit(second, 0, false), Verdict::Send);
            budget.set_queued(second, Duration::from_millis(101));
            assert_eq!(budget.admit(second, 1_000, false), verdict);
        }
        let mut budget = LinkBudget::new(second, kbps(1_000));
        budget.recent_bits = 2e6;
        budget.set_queued(second, Duration::from_millis(300));
        assert_eq!(budget.admit(second, 1_000, false), Verdict::Pause);
        let due = budget.drains_at().unwrap();
        assert!(!budget.has_drained(second + Duration::from_millis(270)));
        assert!(due == second + Duration::from_millis(301) && budget.has_drained(due));
    }

    #[test]
    fn estimate_that_falls_to_nothing_does_not_pause_for_ever() {
        let mut scene = Scene::new(6_000, 6_000);
        scene.run(1).estimate(0).run(1);
        assert!(scene.budget.is_paused());
        scene.estimate(300);
        let due = scene.budget.drains_at().unwrap();
        assert!(due.saturating_since(scene.now) <= Duration::from_secs(3), "{due:?}");
    }
}
