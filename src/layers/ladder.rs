//! The rungs of one codec, from the host's picture and configuration.

use crate::config::{DegradationPreference, LadderConfig, MAX_RUNGS, RungConfig};
use crate::encode::Codec;
use crate::encode::rate::{Picture, RateLimits};
use crate::units::{Bitrate, Size};

use super::degradation;

/// Shorter side below which no rung is made of itself, in pixels.
const SMALLEST_SIDE: u32 = 120;

/// One size and the rates at which it is worth having.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    pub picture: Picture,
    /// Whoever cannot carry this much is better off one rung lower. The lowest rung's is the configuration's least rate.
    pub floor: Bitrate,
    /// More is of no use, or not allowed.
    pub ceiling: Bitrate,
    /// The frame rate is the rung's own, below the host's.
    pub thinned: bool,
}

/// One codec's rungs, best first; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: [Rung; MAX_RUNGS],
    count: usize,
}

/// What a ladder is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    pub codec: Codec,
    /// Of the host's pictures; 0x0 while nobody knows it.
    pub size: Size,
    pub fps: u32,
    /// No rung has more, whatever the host pushes.
    pub most_fps: Option<u32>,
    pub limits: RateLimits,
    pub preference: DegradationPreference,
}

impl Ladder {
    pub fn new(config: &LadderConfig, source: Source) -> Self {
        let top = source.rung(&RungConfig::default());
        let mut ladder = Self { rungs: [top; MAX_RUNGS], count: 0 };
        match config {
            LadderConfig::Count(count) => {
                for n in 0..*count {
                    let scale = Some(1.0 / f64::from(1_u32 << n.min(30)));
                    let rung = source.rung(&RungConfig { scale, ..Default::default() });
                    let size = rung.picture.size;
                    if n == 0 || size.width.min(size.height) >= SMALLEST_SIDE {
                        ladder.push(rung);
                    }
                }
            }
            LadderConfig::Rungs(rungs) => rungs.iter().for_each(|rung| ladder.push(source.rung(rung))),
        }
        ladder.count = ladder.count.max(1);
        if let Some(lowest) = ladder.rungs.get_mut(ladder.count - 1) {
            lowest.floor = source.limits.min.min(lowest.floor);
        }
        ladder
    }

    pub fn rungs(&self) -> &[Rung] {
        self.rungs.get(..self.count).unwrap_or(&self.rungs)
    }

    /// The rung of that number, or the lowest one where the picture is too small for it now.
    pub fn rung(&self, number: usize) -> Rung {
        self.rungs.get(number.min(self.count.saturating_sub(1))).copied().unwrap_or(self.rungs[0])
    }

    /// Takes a rung that is cheaper than the one above it.
    fn push(&mut self, rung: Rung) {
        let cheaper = self.rungs().last().is_none_or(|above| {
            let (size, above_size) = (rung.picture.size, above.picture.size);
            size.width <= above_size.width
                && size.height <= above_size.height
                && (rung.floor < above.floor || rung.ceiling < above.ceiling)
        });
        if cheaper && let Some(free) = self.rungs.get_mut(self.count) {
            *free = rung;
            self.count += 1;
        }
    }
}

impl Source {
    fn rung(&self, config: &RungConfig) -> Rung {
        let own = self.size.padded_to_even();
        let scale = match config.height {
            Some(height) => f64::from(height) / f64::from(own.height.max(1)),
            None => config.scale.unwrap_or(1.0),
        };
        let fps = config.fps.unwrap_or(self.fps).min(self.fps).min(self.most_fps.unwrap_or(u32::MAX));
        let picture = Picture { codec: self.codec, size: degradation::scaled(own, scale), fps };
        let most = config.max_bitrate_kbps.map_or(self.limits.max, |kbps| Bitrate::from_kbps(kbps.into()));
        let ceiling = most.min(self.limits.max).min(picture.most_useful()).max(self.limits.min);
        let floor = degradation::least(self.preference, picture).clamp(self.limits.min, ceiling);
        Rung { picture, floor, ceiling, thinned: fps < self.fps || self.most_fps.is_some() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kbps(n: u64) -> Bitrate {
        Bitrate::from_kbps(n)
    }

    fn source(width: u32, height: u32) -> Source {
        Source {
            codec: Codec::H264,
            size: Size::new(width, height),
            fps: 60,
            most_fps: None,
            limits: RateLimits { min: kbps(300), max: kbps(160_000) },
            preference: DegradationPreference::Balanced,
        }
    }

    fn sizes(ladder: &Ladder) -> Vec<(u32, u32)> {
        ladder.rungs().iter().map(|rung| (rung.picture.size.width, rung.picture.size.height)).collect()
    }

    #[test]
    fn each_rung_of_an_automatic_ladder_is_half_as_wide_and_small_pictures_have_fewer() {
        let automatic = LadderConfig::default();
        let ladder = Ladder::new(&automatic, source(1920, 1080));
        assert_eq!(sizes(&ladder), [(1920, 1080), (960, 540), (480, 270)]);
        assert_eq!(ladder.rungs().iter().map(|rung| rung.floor.kbps()).collect::<Vec<_>>(), [3_265, 816, 300]);
        assert_eq!(sizes(&Ladder::new(&automatic, source(640, 360))), [(640, 360), (320, 180)]);
        for (width, height) in [(64, 64), (0, 0), (3, 1)] {
            assert_eq!(Ladder::new(&automatic, source(width, height)).rungs().len(), 1, "{width}x{height}");
        }
        assert_eq!(sizes(&Ladder::new(&LadderConfig::Count(1), source(1920, 1080))), [(1920, 1080)]);
    }

    #[test]
    fn a_written_ladder_is_taken_as_it_is_but_for_rungs_that_gain_nothing() {
        let height = |height, fps| RungConfig { height: Some(height), fps, ..Default::default() };
        let cheap = RungConfig { max_bitrate_kbps: Some(2_000), ..Default::default() };
        let config =
            LadderConfig::Rungs(vec![RungConfig::default(), cheap, height(1_080, None), height(240, Some(20))]);
        let ladder = Ladder::new(&config, source(1280, 720));
        assert_eq!(sizes(&ladder), [(1280, 720), (1280, 720), (426, 240)], "720p has no 1080p in it");
        assert_eq!((ladder.rung(1).ceiling, ladder.rung(1).thinned), (kbps(2_000), false));
        assert_eq!((ladder.rung(2).picture.fps, ladder.rung(2).thinned), (20, true));
        assert_eq!(ladder.rung(9), ladder.rung(2));
    }

    proptest! {
        #[test]
        fn any_picture_and_any_list_make_a_ladder_that_goes_down(
            width in 0u32..20_000, height in 0u32..20_000, fps in 1u32..=240, min in 1u64..500, max in 500u64..1_000_000,
            list in proptest::collection::vec((0.001f64..=1.0, proptest::option::of(50u32..1_000_000)), 0..6),
        ) {
            let rungs = list.into_iter().map(|(scale, max_bitrate_kbps)| {
                RungConfig { scale: Some(scale), max_bitrate_kbps, ..Default::default() }
            });
            let limits = RateLimits { min: kbps(min), max: kbps(max) };
            let source = Source { fps, limits, ..source(width, height) };
            let ladder = Ladder::new(&LadderConfig::Rungs(rungs.collect()), source);
            prop_assert!((1..=MAX_RUNGS).contains(&ladder.rungs().len()));
            for rung in ladder.rungs() {
                prop_assert!(rung.floor <= rung.ceiling && rung.ceiling <= limits.max && rung.floor >= limits.min);
                prop_assert!(rung.picture.size.width % 2 == 0 && rung.picture.size.height % 2 == 0);
            }
            for pair in ladder.rungs().windows(2) {
                prop_assert!(pair[1].picture.size.pixels() <= pair[0].picture.size.pixels());
            }
            prop_assert!(ladder.rungs().last().unwrap().floor <= limits.min.max(kbps(1)));
        }
    }
}
