//! What one viewer is to have of the host's picture at most: a share of its size, and pictures a second (W3C
//! `scaleResolutionDownBy` and `maxFramerate`). Viewers of the same shape share encodings.

use crate::units::Size;

use super::degradation::scaled;
use super::ladder::Ladder;

/// Thousandths of `scaleResolutionDownBy` 1.
const WHOLE: u32 = 1_000;
/// Two sizes are one when rounding to even sides alone parts them, in pixels.
const ROUNDING: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Of the host's width and height one in so many, in thousandths, at least 1000.
    down_by: u32,
    /// Pictures a second at most; 0: all.
    fps: u32,
}

impl Default for Shape {
    fn default() -> Self {
        Self::ALL
    }
}

impl Shape {
    /// The whole picture, each of them.
    pub const ALL: Self = Self { down_by: WHOLE, fps: 0 };

    /// `down_by` below 1 counts as 1; `fps` 0 is no bound.
    pub fn new(down_by: f64, fps: u32) -> Self {
        // Saturates where it does not fit; NaN is 0.
        let thousandths = (down_by * f64::from(WHOLE)).round() as u32;
        Self { down_by: thousandths.max(WHOLE), fps }
    }

    /// `scaleResolutionDownBy`.
    pub fn down_by(self) -> f64 {
        f64::from(self.down_by) / f64::from(WHOLE)
    }

    /// Pictures a second at most.
    pub fn fps(self) -> Option<u32> {
        (self.fps > 0).then_some(self.fps)
    }

    /// What there is of a picture of that size.
    pub fn size(self, whole: Size) -> Size {
        if self.down_by == WHOLE { whole } else { scaled(whole.padded_to_even(), 1.0 / self.down_by()) }
    }

    /// Where in the ladder of everybody a viewer of this shape has its own: the shape whose encodings it takes, and the best
    /// rung of them it may have.
    pub fn place(self, common: &Ladder, whole: Size) -> (Self, usize) {
        if self.fps > 0 {
            return (self, 0);
        }
        let wanted = self.size(whole.padded_to_even());
        let near = |a: u32, b: u32| a.abs_diff(b) <= ROUNDING;
        let same = common.rungs().iter().position(|rung| {
            let size = rung.picture.size;
            near(size.width, wanted.width) && near(size.height, wanted.height)
        });
        same.map_or((self, 0), |rung| (Self::ALL, rung))
    }

    /// The same of no more than that rung of everybody's has; a number that none has is the smallest one's.
    pub fn no_larger_than(self, rung: usize, common: &Ladder, whole: Size) -> Self {
        let (rung, whole) = (common.rung(rung).picture.size, whole.padded_to_even());
        let ratio = |whole: u32, own: u32| f64::from(whole) / f64::from(own.max(1));
        // Sides are rounded: the one that was rounded less tells better.
        let asked = Self::new(ratio(whole.width, rung.width).max(ratio(whole.height, rung.height)), 0);
        Self { down_by: self.down_by.max(asked.down_by), ..self }
    }

    /// The best rung of everybody's that is no larger, or the smallest: where this shape has no encoding of its own.
    pub fn first_within(self, common: &Ladder, whole: Size) -> usize {
        let wanted = self.size(whole.padded_to_even());
        let rungs = common.rungs();
        let fits = |size: Size| size.width <= wanted.width + ROUNDING && size.height <= wanted.height + ROUNDING;
        rungs.iter().position(|rung| fits(rung.picture.size)).unwrap_or(rungs.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DegradationPreference, LadderConfig, RungConfig};
    use crate::encode::Codec;
    use crate::encode::rate::RateLimits;
    use crate::layers::Source;
    use crate::units::Bitrate;
    use proptest::prelude::*;

    const WHOLE: Size = Size::new(1920, 1080);

    fn ladder(config: &LadderConfig, shape: Shape, whole: Size) -> Ladder {
        let source = Source {
            codec: Codec::H264,
            size: shape.size(whole),
            fps: 60,
            most_fps: shape.fps(),
            limits: RateLimits { min: Bitrate::from_kbps(300), max: Bitrate::from_kbps(160_000) },
            preference: DegradationPreference::Balanced,
        };
        Ladder::new(config, source)
    }

    fn common() -> Ladder {
        ladder(&LadderConfig::default(), Shape::ALL, WHOLE)
    }

    #[test]
    fn a_size_that_everybodys_ladder_has_is_taken_from_it_and_any_other_is_made() {
        for (down_by, wanted) in [
            (1.0, (Shape::ALL, 0)),
            (2.0, (Shape::ALL, 1)),
            (4.0, (Shape::ALL, 2)),
            (1.999, (Shape::ALL, 1)),
            (1.5, (Shape::new(1.5, 0), 0)),
            (8.0, (Shape::new(8.0, 0), 0)),
        ] {
            assert_eq!(Shape::new(down_by, 0).place(&common(), WHOLE), wanted, "{down_by}");
        }
        assert_eq!(Shape::new(1.0, 15).place(&common(), WHOLE), (Shape::new(1.0, 15), 0));
        assert_eq!(Shape::new(1.5, 0).size(WHOLE), Size::new(1280, 720));
    }

    #[test]
    fn where_it_has_no_encoding_of_its_own_it_takes_the_best_that_is_no_larger() {
        for (down_by, rung) in [(1.0, 0), (1.5, 1), (2.0, 1), (3.0, 2), (100.0, 2)] {
            assert_eq!(Shape::new(down_by, 0).first_within(&common(), WHOLE), rung, "{down_by}");
        }
    }

    #[test]
    fn a_rung_that_is_asked_for_makes_a_shape_smaller_and_never_larger() {
        for (granted, asked, wanted) in [
            (Shape::ALL, 0, (Shape::ALL, 0)),
            (Shape::ALL, 1, (Shape::ALL, 1)),
            (Shape::ALL, 2, (Shape::ALL, 2)),
            (Shape::ALL, usize::MAX, (Shape::ALL, 2)),
            (Shape::new(2.0, 0), 0, (Shape::ALL, 1)),
            (Shape::new(2.0, 0), 2, (Shape::ALL, 2)),
            (Shape::new(1.5, 0), 0, (Shape::new(1.5, 0), 0)),
            (Shape::new(1.0, 15), 1, (Shape::new(2.0, 15), 0)),
        ] {
            let shape = granted.no_larger_than(asked, &common(), WHOLE);
            assert_eq!(shape.place(&common(), WHOLE), wanted, "{granted:?} and rung {asked}");
        }
        let nothing = ladder(&LadderConfig::default(), Shape::ALL, Size::new(0, 0));
        assert_eq!(Shape::ALL.no_larger_than(1, &nothing, Size::new(0, 0)), Shape::ALL, "nobody knows the picture yet");
    }

    #[test]
    fn a_bound_on_the_frame_rate_makes_every_rung_of_its_ladder_keep_to_it() {
        let rungs = LadderConfig::Rungs(vec![
            RungConfig::default(),
            RungConfig { scale: Some(0.5), fps: Some(10), ..Default::default() },
        ]);
        for (most, wanted) in [(15, [15, 10]), (60, [60, 10]), (200, [60, 10])] {
            let ladder = ladder(&rungs, Shape::new(1.0, most), WHOLE);
            let fps: Vec<_> = ladder.rungs().iter().map(|rung| (rung.picture.fps, rung.thinned)).collect();
            assert_eq!(fps, wanted.map(|fps| (fps, true)), "{most}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_the_whole_picture() {
        for down_by in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY, 0.5] {
            assert_eq!(Shape::new(down_by, 0), Shape::ALL);
        }
        assert_eq!(Shape::new(f64::INFINITY, 0).size(WHOLE), Size::new(2, 2));
    }

    proptest! {
        #[test]
        fn any_shape_of_any_picture_has_a_place_and_no_side_that_an_encoder_cannot_have(
            width in 0u32..20_000, height in 0u32..20_000, down_by in 0.0f64..2_000.0, fps in 0u32..300, count in 1u32..5,
        ) {
            let (shape, whole) = (Shape::new(down_by, fps), Size::new(width, height));
            let size = shape.size(whole.padded_to_even());
            prop_assert!(size.width % 2 == 0 && size.height % 2 == 0);
            prop_assert!(size.width <= width + 1 && size.height <= height + 1);
            prop_assert!((size.width > 0) == (width > 0) && (size.height > 0) == (height > 0));
            let config = LadderConfig::Count(count);
            let common = ladder(&config, Shape::ALL, whole);
            let (placed, rung) = shape.place(&common, whole);
            prop_assert!(rung < ladder(&config, placed, whole).rungs().len());
            prop_assert!(shape.first_within(&common, whole) < common.rungs().len());
            for asked in 0..4 {
                let less = shape.no_larger_than(asked, &common, whole).size(whole.padded_to_even());
                let most = common.rung(asked).picture.size;
                prop_assert!(less.width <= size.width && less.height <= size.height);
                prop_assert!(less.width <= most.width + ROUNDING && less.height <= most.height + ROUNDING);
            }
        }
    }
}
