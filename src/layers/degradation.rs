//! Size and frame rate of a layer whose rate does not carry its picture: down before it turns to blocks, up again with
//! hysteresis. A change of size costs a keyframe, so changes are rare.

use std::time::Duration;

use crate::config::DegradationPreference;
use crate::encode::rate::Picture;
use crate::time::Nanos;
use crate::units::{Bitrate, Size};

use super::backoff::Backoff;

/// Widths and heights as shares of the layer's own, in eighths.
const EIGHTHS: [u32; 5] = [8, 6, 4, 3, 2];
/// Pictures a second that still look like motion; taken before the picture becomes much smaller.
const SMOOTH_FPS: u32 = 24;
/// Pictures a second below which a stream is not worth its name.
const LEAST_FPS: u32 = 10;
/// Pictures with a shorter side below this, in pixels, are not made.
const LEAST_SIDE: u32 = 90;

/// The rate has to be under what the picture needs by so much, in percent of that ...
const LOW_PERCENT: u64 = 90;
/// ... for so long ...
const LOW_LASTS: Duration = Duration::from_secs(1);
/// ... or by so much at any moment.
const FAR_TOO_LOW_PERCENT: u64 = 50;
/// Room for a better picture, in percent of what that one needs.
const ROOM_PERCENT: u64 = 130;
/// How long there must be room, at first and at most.
const ROOM_LASTS: Duration = Duration::from_secs(3);
const ROOM_LASTS_LONGEST: Duration = Duration::from_secs(60);

/// How much of the layer's picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    eighths: u32,
    /// One picture of so many is taken.
    divisor: u32,
}

impl Default for Step {
    fn default() -> Self {
        Self { eighths: 8, divisor: 1 }
    }
}

impl Step {
    /// As one number, to be shared between threads.
    pub fn to_bits(self) -> u32 {
        self.eighths << 16 | self.divisor
    }

    /// What [`to_bits`](Self::to_bits) gave.
    pub fn from_bits(bits: u32) -> Self {
        Self { eighths: (bits >> 16).clamp(1, 8), divisor: (bits & 0xFFFF).max(1) }
    }

    pub fn is_thinned(self) -> bool {
        self.divisor > 1
    }

    pub fn size(self, full: Size) -> Size {
        if self.eighths == 8 { full.padded_to_even() } else { scaled(full, f64::from(self.eighths) / 8.0) }
    }

    pub fn fps(self, full: u32) -> u32 {
        (full / self.divisor).max(1)
    }

    fn of(self, full: Picture) -> Picture {
        Picture { size: self.size(full.size), fps: self.fps(full.fps), ..full }
    }
}

/// The size times `scale`, both sides even and at least 2; nothing stays nothing.
pub fn scaled(size: Size, scale: f64) -> Size {
    let side = |pixels: u32| match pixels {
        0 => 0,
        // Half of the even number below: what is rounded up could be above the whole.
        _ => ((f64::from(pixels) * scale / 2.0).round() as u32).clamp(1, pixels.div_ceil(2)) * 2,
    };
    Size::new(side(size.width), side(size.height))
}

/// The lowest rate that carries the picture at its full size and, unless resolution goes first, its full frame rate.
pub fn least(preference: DegradationPreference, picture: Picture) -> Bitrate {
    let step = match preference {
        DegradationPreference::MaintainResolution => {
            Step { divisor: divisor(picture.fps, LEAST_FPS), ..Step::default() }
        }
        DegradationPreference::Balanced | DegradationPreference::MaintainFramerate => Step::default(),
    };
    step.of(picture).least_useful()
}

/// What of every so many pictures leaves at least `least` a second.
fn divisor(fps: u32, least: u32) -> u32 {
    (fps / least.max(1)).max(1)
}

/// From the whole picture to the least, in the order in which they are given up.
fn path(preference: DegradationPreference, full: Picture) -> Vec<Step> {
    let (smooth, least) = (divisor(full.fps, SMOOTH_FPS), divisor(full.fps, LEAST_FPS));
    let step = |eighths, divisor| Step { eighths, divisor };
    let mut steps: Vec<Step> = match preference {
        DegradationPreference::MaintainFramerate => EIGHTHS.iter().map(|eighths| step(*eighths, 1)).collect(),
        DegradationPreference::MaintainResolution => (1..=least).map(|divisor| step(8, divisor)).collect(),
        DegradationPreference::Balanced => {
            let (first, rest) = EIGHTHS.split_at(2);
            let smaller = first.iter().map(|eighths| step(*eighths, 1));
            let rarer = [step(6, smooth)].into_iter().chain(rest.iter().map(|eighths| step(*eighths, smooth)));
            smaller.chain(rarer).chain([step(2, least)]).collect()
        }
    };
    steps.retain(|step| {
        let size = step.size(full.size);
        step.eighths == 8 || size.width.min(size.height) >= LEAST_SIDE
    });
    steps.dedup();
    steps
}

/// One layer's.
#[derive(Clone, Debug)]
pub struct Degradation {
    preference: DegradationPreference,
    path: Vec<Step>,
    full: Option<Picture>,
    /// Place in `path`; None: the next rate decides alone.
    at: Option<usize>,
    low_since: Option<Nanos>,
    room_since: Option<Nanos>,
    backoff: Backoff,
}

impl Degradation {
    pub fn new(preference: DegradationPreference) -> Self {
        let backoff = Backoff::new(ROOM_LASTS, ROOM_LASTS_LONGEST);
        Self { preference, path: Vec::new(), full: None, at: None, low_since: None, room_since: None, backoff }
    }

    /// What is to give way from now on.
    pub fn set_preference(&mut self, preference: DegradationPreference) {
        if self.preference != preference {
            (self.preference, self.full) = (preference, None);
        }
    }

    /// Other viewers: what is right for them is decided anew, at once.
    pub fn reset(&mut self) {
        self.at = None;
    }

    /// What to encode of `full` at `rate`.
    pub fn handle_rate(&mut self, now: Nanos, rate: Bitrate, full: Picture) -> Step {
        if self.full != Some(full) {
            self.path = path(self.preference, full);
            self.full = Some(full);
            self.reset();
        }
        let fits = |step: &Step, percent| percent_of(step.of(full).least_useful(), percent) <= rate.bps();
        let last = self.path.len().saturating_sub(1);
        let first_fitting = |percent| self.path.iter().position(|step| fits(step, percent)).unwrap_or(last);
        let Some(at) = self.at.filter(|at| *at <= last) else {
            return self.move_to(first_fitting(100));
        };
        let present = self.path.get(at).copied().unwrap_or_default();
        let better = first_fitting(ROOM_PERCENT);
        if better < at {
            self.low_since = None;
            let since = *self.room_since.get_or_insert(now);
            if now.saturating_since(since) < self.backoff.wait() {
                return present;
            }
            self.backoff.rose(now);
            return self.move_to(better);
        }
        self.room_since = None;
        if at == last || fits(&present, LOW_PERCENT) {
            self.low_since = None;
            return present;
        }
        let since = *self.low_since.get_or_insert(now);
        if fits(&present, FAR_TOO_LOW_PERCENT) && now.saturating_since(since) < LOW_LASTS {
            return present;
        }
        self.backoff.fell(now);
        let lower = first_fitting(100).max(at + 1);
        self.move_to(lower)
    }

    fn move_to(&mut self, at: usize) -> Step {
        (self.at, self.low_since, self.room_since) = (Some(at), None, None);
        self.path.get(at).copied().unwrap_or_default()
    }
}

fn percent_of(rate: Bitrate, percent: u64) -> u64 {
    rate.bps().saturating_mul(percent) / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use proptest::prelude::*;

    const FULL: Picture = Picture { codec: Codec::H264, size: Size::new(1920, 1080), fps: 60 };

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }
    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }
    fn degradation(preference: DegradationPreference) -> Degradation {
        Degradation::new(preference)
    }
    fn shown(step: Step) -> (u32, u32) {
        (step.size(FULL.size).height, step.fps(FULL.fps))
    }

    #[test]
    fn a_layer_begins_with_what_its_rate_carries() {
        use DegradationPreference::{Balanced, MaintainFramerate, MaintainResolution};
        for (preference, rate, expected) in [
            (Balanced, 16_000, (1080, 60)),
            (Balanced, 2_000, (810, 60)),
            (Balanced, 1_300, (810, 30)),
            (Balanced, 600, (540, 30)),
            (Balanced, 100, (270, 10)),
            (MaintainFramerate, 900, (540, 60)),
            (MaintainFramerate, 100, (270, 60)),
            (MaintainResolution, 2_300, (1080, 30)),
            (MaintainResolution, 100, (1080, 10)),
        ] {
            let step = degradation(preference).handle_rate(at(0), kbps(rate), FULL);
            assert_eq!(shown(step), expected, "{preference:?} {rate}");
        }
    }

    /// What is shown at the end of `ms` at that rate, and how often it changed meanwhile.
    fn run(degradation: &mut Degradation, now: &mut u64, rate: u64, ms: u64) -> ((u32, u32), usize) {
        let mut seen = Vec::new();
        for _ in 0..ms / 20 {
            *now += 20;
            seen.push(shown(degradation.handle_rate(at(*now), kbps(rate), FULL)));
        }
        seen.dedup();
        (*seen.last().unwrap(), seen.len() - 1)
    }

    #[test]
    fn a_dip_changes_nothing_a_fall_does_and_a_collapse_at_once() {
        let (mut degradation, mut now) = (degradation(DegradationPreference::Balanced), 0);
        assert_eq!(run(&mut degradation, &mut now, 4_000, 1_000), ((1080, 60), 0));
        assert_eq!(run(&mut degradation, &mut now, 2_500, 900), ((1080, 60), 0));
        assert_eq!(run(&mut degradation, &mut now, 3_000, 5_000), ((1080, 60), 0), "a tenth below is not low");
        assert_eq!(run(&mut degradation, &mut now, 2_500, 1_100), ((810, 60), 1));
        assert_eq!(run(&mut degradation, &mut now, 300, 20), ((270, 30), 0));
    }

    #[test]
    fn a_better_picture_needs_room_for_a_while_and_longer_after_each_failure() {
        let (mut degradation, mut now) = (degradation(DegradationPreference::Balanced), 0);
        run(&mut degradation, &mut now, 2_000, 1_000);
        assert_eq!(run(&mut degradation, &mut now, 3_500, 60_000), ((810, 60), 0), "not enough room");
        for wait in [3_000, 6_000, 12_000] {
            assert_eq!(run(&mut degradation, &mut now, 4_500, wait - 40), ((810, 60), 0));
            assert_eq!(run(&mut degradation, &mut now, 4_500, 100), ((1080, 60), 1));
            assert_eq!(run(&mut degradation, &mut now, 2_000, 2_000).0, (810, 60));
        }
    }

    #[test]
    fn other_viewers_or_another_picture_are_decided_anew() {
        let mut degradation = degradation(DegradationPreference::Balanced);
        assert_eq!(shown(degradation.handle_rate(at(0), kbps(600), FULL)), (540, 30));
        degradation.reset();
        assert_eq!(shown(degradation.handle_rate(at(1), kbps(8_000), FULL)), (1080, 60));
        let small = Picture { size: Size::new(640, 360), ..FULL };
        assert_eq!(degradation.handle_rate(at(2), kbps(600), small), Step::default());
    }

    #[test]
    fn another_preference_gives_up_something_else_at_once() {
        let mut degradation = degradation(DegradationPreference::MaintainFramerate);
        assert_eq!(shown(degradation.handle_rate(at(0), kbps(900), FULL)), (540, 60));
        degradation.set_preference(DegradationPreference::MaintainResolution);
        assert_eq!(shown(degradation.handle_rate(at(1), kbps(900), FULL)), (1080, 12));
    }

    #[test]
    fn a_step_survives_as_a_number() {
        for preference in [DegradationPreference::Balanced, DegradationPreference::MaintainResolution] {
            for step in path(preference, FULL) {
                assert_eq!(Step::from_bits(step.to_bits()), step);
            }
        }
        assert_eq!(Step::from_bits(0).size(Size::new(8, 8)), Size::new(2, 2));
    }

    proptest! {
        #[test]
        fn whatever_comes_no_side_is_odd_or_zero_and_the_path_goes_down(
            width in 1u32..16_384, height in 1u32..16_384, fps in 1u32..=240,
            rates in proptest::collection::vec((0u64..3_000, 0u64..50_000_000), 1..60),
        ) {
            for preference in [
                DegradationPreference::Balanced,
                DegradationPreference::MaintainFramerate,
                DegradationPreference::MaintainResolution,
            ] {
                let full = Picture { size: Size::new(width, height).padded_to_even(), fps, ..FULL };
                for pair in path(preference, full).windows(2) {
                    prop_assert!(pair[1].of(full).least_useful() <= pair[0].of(full).least_useful());
                }
                let (mut degradation, mut now) = (degradation(preference), 0);
                for (pause, bps) in &rates {
                    now += pause;
                    let step = degradation.handle_rate(at(now), Bitrate::from_bps(*bps), full);
                    let size = step.size(full.size);
                    prop_assert!(size.width % 2 == 0 && size.height % 2 == 0 && size.width > 0 && size.height > 0);
                    prop_assert!(size.width <= full.size.width && size.height <= full.size.height);
                    prop_assert!(step.fps(fps) >= LEAST_FPS.min(fps));
                }
            }
        }
    }
}
