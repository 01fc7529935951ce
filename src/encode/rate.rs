//! From what a link has room for to an encoder's target: what is worth asking for, and whether a change is worth what it costs
//! with this encoder. Pure.

use std::time::Duration;

use super::{Codec, RateChange};
use crate::time::Nanos;
use crate::units::{Bitrate, Size};

/// The ceiling is never below this: small pictures with sharp text need more bits a pixel.
const USEFUL_FLOOR: Bitrate = Bitrate::from_kbps(2_500);
/// Above so many frames a second each one more is worth half: it differs less from the one before.
const FULL_FRAMES: u32 = 30;
/// A seamless encoder follows every change of at least this, in percent.
const SEAMLESS_STEP: u64 = 2;
/// An encoder that pays with a keyframe follows changes of at least this, in percent.
const COSTLY_STEP: u64 = 15;
/// A smaller fall, in percent, is followed when it lasts: else the link's queue would grow for ever.
const COSTLY_SMALL_FALL: u64 = 5;
const COSTLY_FALL_LASTS: Duration = Duration::from_secs(1);
/// Shortest time between a costly encoder's last change and a rise.
const COSTLY_RISE_EVERY: Duration = Duration::from_secs(3);
/// Below this change, in percent, an encoder is not opened anew: the keyframe costs more than the error.
const REOPEN_STEP: u64 = 10;

/// What is encoded: decides how many bits are of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    pub codec: Codec,
    pub size: Size,
    /// Frames a second, 1 to 240.
    pub fps: u32,
}

impl Picture {
    /// The rate above which more bits do not show: for each pixel of each frame 0.75 bit with H.264 and VP8, 0.55 with
    /// VP9, 0.45 with AV1, never under 2.5 Mbit/s. Above it the encoder, the network and the decoder work for nothing.
    pub fn most_useful(self) -> Bitrate {
        let centibits: u64 = match self.codec {
            Codec::H264 | Codec::Vp8 => 75,
            Codec::Vp9 => 55,
            Codec::Av1 => 45,
        };
        let pixels = self.size.pixels().saturating_mul(self.fps.into());
        Bitrate::from_bps(pixels.saturating_mul(centibits) / 100).max(USEFUL_FLOOR)
    }

    /// The rate below which a smaller picture, or fewer of them, look better than this one: for each pixel of each frame
    /// 0.035 bit with H.264 and VP8, 0.025 with VP9, 0.02 with AV1; frames above 30 a second count half. For H.264 that is
    /// 0.97 Mbit/s at 720p30, 3.3 at 1080p60.
    pub fn least_useful(self) -> Bitrate {
        let millibits: u64 = match self.codec {
            Codec::H264 | Codec::Vp8 => 35,
            Codec::Vp9 => 25,
            Codec::Av1 => 20,
        };
        let frames_twice = u64::from(self.fps) + u64::from(self.fps.min(FULL_FRAMES));
        Bitrate::from_bps(self.size.pixels().saturating_mul(frames_twice).saturating_mul(millibits) / 2_000)
    }
}

/// Bounds from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Never less, even if the link carries less. Wins over `max` and over the useful ceiling.
    pub min: Bitrate,
    pub max: Bitrate,
}

impl RateLimits {
    /// What to ask of the encoder when there is room for `share` of video.
    pub fn target(&self, share: Bitrate, picture: Picture) -> Bitrate {
        let most = self.max.min(picture.most_useful()).max(self.min);
        Bitrate::from_bps(share.bps().clamp(self.min.bps(), most.bps()))
    }
}

/// Whether the change is large enough to close an encoder and open it again.
pub fn is_worth_reopening(from: Bitrate, to: Bitrate) -> bool {
    change_percent(from, to) > REOPEN_STEP
}

/// Whether a seamless encoder is told of the change.
pub fn is_worth_telling(from: Bitrate, to: Bitrate) -> bool {
    change_percent(from, to) >= SEAMLESS_STEP
}

/// Size of the change in whole percent of `from`, rounded down; a change from 0 is infinite.
fn change_percent(from: Bitrate, to: Bitrate) -> u64 {
    let difference = u128::from(from.bps().abs_diff(to.bps())) * 100;
    let percent = difference.checked_div(from.bps().into()).unwrap_or(if difference == 0 { 0 } else { u128::MAX });
    u64::try_from(percent).unwrap_or(u64::MAX)
}

/// Decides when a layer's encoder is told a new rate.
#[derive(Clone, Debug)]
pub struct RatePolicy {
    limits: RateLimits,
    cost: RateChange,
    current: Bitrate,
    changed_at: Nanos,
    /// Since when the target has been clearly under `current`.
    low_since: Option<Nanos>,
}

impl RatePolicy {
    /// `current` is what the encoder was opened with at `now`.
    pub fn new(limits: RateLimits, cost: RateChange, current: Bitrate, now: Nanos) -> Self {
        Self { limits, cost, current, changed_at: now, low_since: None }
    }

    /// Another encoder took over with the rate that was in force.
    pub fn handle_takeover(&mut self, cost: RateChange, now: Nanos) {
        self.cost = cost;
        self.changed_at = now;
        self.low_since = None;
    }

    /// The bounds changed; the next estimate is held to them.
    pub fn set_limits(&mut self, limits: RateLimits) {
        self.limits = limits;
    }

    /// What the encoder was last told.
    pub fn current(&self) -> Bitrate {
        self.current
    }

    /// There is room for `share` of video. `Some`: tell the encoder this rate now.
    pub fn handle_share(&mut self, now: Nanos, share: Bitrate, picture: Picture) -> Option<Bitrate> {
        let target = self.limits.target(share, picture);
        let worth = match self.cost {
            RateChange::Seamless => is_worth_telling(self.current, target),
            RateChange::Keyframe | RateChange::Reopen => self.is_worth_a_keyframe(now, target),
        };
        if !worth {
            return None;
        }
        self.current = target;
        self.changed_at = now;
        self.low_since = None;
        Some(target)
    }

    fn is_worth_a_keyframe(&mut self, now: Nanos, target: Bitrate) -> bool {
        let change = change_percent(self.current, target);
        if target >= self.current {
            self.low_since = None;
            return change >= COSTLY_STEP && now.saturating_since(self.changed_at) >= COSTLY_RISE_EVERY;
        }
        if change < COSTLY_SMALL_FALL {
            self.low_since = None;
            return false;
        }
        let since = *self.low_since.get_or_insert(now);
        change >= COSTLY_STEP || now.saturating_since(since) >= COSTLY_FALL_LASTS && self.may_reopen(change)
    }

    /// The adapter refuses to reopen for less, so asking would only make our idea of its rate wrong.
    fn may_reopen(&self, change: u64) -> bool {
        self.cost != RateChange::Reopen || change > REOPEN_STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HD: Picture = Picture { codec: Codec::H264, size: Size::new(1280, 720), fps: 60 };
    const LIMITS: RateLimits = RateLimits { min: Bitrate::from_kbps(300), max: Bitrate::from_kbps(20_000) };

    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }
    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }
    fn policy(cost: RateChange) -> RatePolicy {
        RatePolicy::new(LIMITS, cost, kbps(6_000), at(0))
    }

    fn sized(width: u32, height: u32, fps: u32) -> Picture {
        Picture { size: Size::new(width, height), fps, ..HD }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(LIMITS.target(kbps(6_000), HD), kbps(6_000));
        assert_eq!(LIMITS.target(kbps(100), HD), kbps(300));
        assert_eq!(LIMITS.target(kbps(900_000), HD), kbps(20_000));
    }

    #[test]
    fn a_fast_link_does_not_burn_bits_that_nobody_sees() {
        assert_eq!(sized(1280, 720, 30).most_useful(), Bitrate::from_bps(1280 * 720 * 30 * 3 / 4));
        let small = sized(320, 180, 30);
        assert_eq!((small.most_useful(), LIMITS.target(kbps(900_000), small)), (kbps(2_500), kbps(2_500)));
        let wanted = RateLimits { min: kbps(5_000), ..LIMITS };
        assert_eq!(wanted.target(kbps(900_000), small), kbps(5_000));
    }

    #[test]
    fn newer_codecs_and_fewer_frames_need_less() {
        assert_eq!(sized(1280, 720, 30).least_useful().kbps(), 967);
        assert_eq!(sized(1280, 720, 60).least_useful().kbps(), 1_451);
        assert_eq!(sized(1920, 1080, 60).least_useful().kbps(), 3_265);
        for pair in [Codec::Vp8, Codec::Vp9, Codec::Av1].map(|codec| Picture { codec, ..HD }).windows(2) {
            assert!(pair[0].least_useful() > pair[1].least_useful() && pair[0].most_useful() > pair[1].most_useful());
        }
    }

    #[test]
    fn a_seamless_encoder_follows_all_but_noise() {
        let mut policy = policy(RateChange::Seamless);
        assert_eq!(policy.handle_share(at(1), kbps(6_000 + 100), HD), None);
        assert_eq!(policy.handle_share(at(2), kbps(6_000 + 121), HD), Some(kbps(6_121)));
        assert_eq!(policy.handle_share(at(3), kbps(2_000), HD), Some(kbps(2_000)));
    }

    #[test]
    fn a_costly_encoder_falls_at_once_and_rises_seldom() {
        for cost in [RateChange::Keyframe, RateChange::Reopen] {
            let mut policy = policy(cost);
            assert_eq!(policy.handle_share(at(10), kbps(3_000), HD), Some(kbps(3_000)));
            assert_eq!(policy.handle_share(at(20), kbps(2_000), HD), Some(kbps(2_000)));
            assert_eq!(policy.handle_share(at(3_000), kbps(9_000), HD), None);
            assert_eq!(policy.handle_share(at(3_020), kbps(9_000), HD), Some(kbps(9_000)));
        }
    }

    #[test]
    fn a_small_fall_that_lasts_is_followed() {
        let mut keyframe = policy(RateChange::Keyframe);
        assert_eq!(keyframe.handle_share(at(100), kbps(5_400), HD), None);
        assert_eq!(keyframe.handle_share(at(900), kbps(5_400), HD), None);
        assert_eq!(keyframe.handle_share(at(1_100), kbps(5_400), HD), Some(kbps(5_400)));
        let mut reopen = policy(RateChange::Reopen);
        reopen.handle_share(at(100), kbps(5_400), HD);
        assert_eq!(reopen.handle_share(at(5_000), kbps(5_400), HD), None, "not worth opening anew");
        assert_eq!(reopen.handle_share(at(6_000), kbps(5_300), HD), Some(kbps(5_300)));
    }

    #[test]
    fn reopening_needs_more_than_ten_percent() {
        assert!(!is_worth_reopening(kbps(1_000), kbps(1_109)));
        assert!(is_worth_reopening(kbps(1_000), kbps(1_110)));
        assert!(is_worth_reopening(kbps(1_000), kbps(800)));
        assert!(!is_worth_reopening(kbps(0), kbps(0)) && is_worth_reopening(kbps(0), kbps(1)));
    }

    proptest! {
        #[test]
        fn targets_stay_within_limits_and_seamless_stays_close(
            estimates in proptest::collection::vec((0u64..5_000, 0u64..40_000_000), 1..100)
        ) {
            let mut policy = policy(RateChange::Seamless);
            let mut now = 0;
            for (pause, bps) in estimates {
                now += pause;
                let target = LIMITS.target(Bitrate::from_bps(bps), HD);
                prop_assert!(target >= LIMITS.min && target <= LIMITS.max);
                policy.handle_share(at(now), Bitrate::from_bps(bps), HD);
                prop_assert!(change_percent(policy.current(), target) < SEAMLESS_STEP);
            }
        }

        #[test]
        fn a_costly_encoder_never_rises_twice_within_the_pause(
            estimates in proptest::collection::vec((0u64..900, 0u64..40_000_000), 1..200)
        ) {
            let mut policy = policy(RateChange::Reopen);
            let (mut now, mut rose) = (0, None::<u64>);
            for (pause, bps) in estimates {
                now += pause;
                let before = policy.current();
                if let Some(new) = policy.handle_share(at(now), Bitrate::from_bps(bps), HD) {
                    prop_assert!(is_worth_reopening(before, new));
                    if new > before {
                        prop_assert!(rose.is_none_or(|last| now - last >= 3_000));
                        rose = Some(now);
                    }
                }
            }
        }

        #[test]
        fn any_numbers_are_safe(share: u64, min: u64, max: u64, before: u64, side: u32, fps: u32) {
            let limits = RateLimits { min: Bitrate::from_bps(min), max: Bitrate::from_bps(max) };
            let picture = sized(side, side, fps);
            let mut policy = RatePolicy::new(limits, RateChange::Keyframe, Bitrate::from_bps(before), at(0));
            policy.handle_share(Nanos(u64::MAX), Bitrate::from_bps(share), picture);
            prop_assert!(limits.target(Bitrate::from_bps(share), picture) >= limits.min);
            prop_assert!(picture.least_useful() <= picture.most_useful());
        }
    }
}
