//! What an encoder leaves unused of its rate, and what to ask of it instead. A rate control whose buffer holds a few frames
//! keeps every frame short, and pays by staying a tenth below its rate: on a link that is full, a tenth of the picture.

use std::time::Duration;

use crate::time::Nanos;
use crate::units::Bitrate;

/// Over what time frames are averaged.
const AVERAGED: f64 = 1.0;
/// What is aimed at: under the target, as an encoder that is above it for a moment makes a queue.
const AIM: f64 = 0.95;
/// Who uses less than this has nothing to encode, and would be far above its rate once it has.
const BUSY: f64 = 0.7;
/// Never asked for more than this.
const MOST: f64 = 1.2;
/// Change in a second by what is missing, and by what is too much.
const UP: f64 = 0.8;
const DOWN: f64 = 4.0;
/// A target that falls below this share of the last one begins anew: the link has become slow. Unless it is back after so
/// long, as when a queue was drained.
const FALLEN: f64 = 0.85;
const BACK_WITHIN: Duration = Duration::from_secs(2);
/// Longer between two frames is no time of encoding.
const LONGEST: Duration = Duration::from_millis(100);

/// Follows one encoder.
#[derive(Clone, Debug)]
pub struct Fill {
    /// Bits that were to be made, and that were, each forgotten with the time constant [`AVERAGED`].
    asked: f64,
    made: f64,
    target: Bitrate,
    boost: f64,
    /// The first frame since it began, and the last.
    times: Option<(Nanos, Nanos)>,
    fell: Option<Fall>,
}

/// When the target fell, and what it and the boost were before.
#[derive(Clone, Copy, Debug)]
struct Fall {
    at: Nanos,
    target: Bitrate,
    boost: f64,
}

fn below(target: Bitrate, last: Bitrate) -> bool {
    (target.bps() as f64) < last.bps() as f64 * FALLEN
}

impl Default for Fill {
    fn default() -> Self {
        Self { asked: 0.0, made: 0.0, target: Bitrate::default(), boost: 1.0, times: None, fell: None }
    }
}

impl Fill {
    /// A frame of so many bytes came out while `target` was wanted.
    pub fn handle_frame(&mut self, now: Nanos, target: Bitrate, bytes: usize) {
        if below(target, self.target) {
            let fall = Fall { at: now, target: self.target, boost: self.boost };
            *self = Self { fell: self.fell.or(Some(fall)), ..Self::default() };
        }
        self.target = target;
        match self.fell {
            Some(fall) if now.saturating_since(fall.at) > BACK_WITHIN => self.fell = None,
            Some(fall) if !below(target, fall.target) => *self = Self { target, boost: fall.boost, ..Self::default() },
            _ => {}
        }
        let Some((began, last)) = self.times else {
            // What it took belongs to no time before it.
            self.times = Some((now, now));
            return;
        };
        self.times = Some((began, now));
        let passed = now.saturating_since(last).min(LONGEST).as_secs_f64();
        let kept = (-passed / AVERAGED).exp();
        self.asked = self.asked * kept + target.bps() as f64 * passed;
        self.made = self.made * kept + bytes as f64 * 8.0;
        if now.saturating_since(began).as_secs_f64() < AVERAGED || self.asked <= 0.0 {
            return;
        }
        let used = self.made / self.asked;
        let change =
            if used < BUSY { DOWN * (1.0 - self.boost) } else { (AIM - used) * if used > 1.0 { DOWN } else { UP } };
        self.boost = (self.boost + change * passed).clamp(1.0, MOST);
    }

    /// What to ask of the encoder so that it makes `target`: up to a fifth more.
    pub fn asks_for(&self, target: Bitrate) -> Bitrate {
        Bitrate::from_bps((target.bps() as f64 * self.boost) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Bitrate = Bitrate::from_kbps(4_000);

    /// 30 frames a second for so long from an encoder that makes this share of what it is asked for; what came out in the
    /// last second, by the target.
    fn run(fill: &mut Fill, from: u64, seconds: u64, target: Bitrate, share: f64) -> f64 {
        let mut last = 0.0;
        for frame in 0..seconds * 30 {
            let bits = fill.asks_for(target).bps() as f64 * share / 30.0;
            fill.handle_frame(Nanos((from * 30 + frame) * 33_333_333), target, (bits / 8.0) as usize);
            last += if frame >= (seconds - 1) * 30 { bits } else { 0.0 };
        }
        last / target.bps() as f64
    }

    #[test]
    fn what_an_encoder_leaves_unused_is_asked_for() {
        for share in [0.87, 0.92, 0.98] {
            let used = run(&mut Fill::default(), 0, 10, TARGET, share);
            assert!((0.94..=0.985).contains(&used), "{share}: {used}");
        }
        assert!((run(&mut Fill::default(), 0, 10, TARGET, 1.0) - 1.0).abs() < 0.001);
    }

    #[test]
    fn a_picture_that_needs_little_changes_nothing_and_gives_back_what_was_asked_for() {
        let mut fill = Fill::default();
        run(&mut fill, 0, 10, TARGET, 0.5);
        assert_eq!(fill.asks_for(TARGET), TARGET);
        run(&mut fill, 10, 10, TARGET, 0.88);
        assert!(fill.asks_for(TARGET).kbps() > 4_250);
        run(&mut fill, 20, 3, TARGET, 0.3);
        assert!(fill.asks_for(TARGET).kbps() < 4_020, "{fill:?}");
    }

    #[test]
    fn an_encoder_that_is_too_high_is_soon_asked_for_less_and_a_slow_link_at_once() {
        let mut fill = Fill::default();
        run(&mut fill, 0, 10, TARGET, 0.85);
        assert!(run(&mut fill, 10, 2, TARGET, 1.0) < 1.06);
        run(&mut fill, 20, 10, TARGET, 0.85);
        let slow = Bitrate::from_kbps(1_500);
        fill.handle_frame(Nanos(31_000_000_000), slow, 9_000);
        assert_eq!(fill.asks_for(slow), slow);
    }

    #[test]
    fn a_target_that_is_soon_back_finds_what_was_learnt_and_one_that_is_not_does_not() {
        for (away, remembers) in [(1, true), (3, false)] {
            let mut fill = Fill::default();
            run(&mut fill, 0, 10, TARGET, 0.85);
            let learnt = fill.asks_for(TARGET);
            assert!(learnt.kbps() > 4_400);
            run(&mut fill, 10, away, Bitrate::from_kbps(2_000), 0.99);
            fill.handle_frame(Nanos((10 + away) * 1_000_000_000), TARGET, 16_000);
            assert_eq!(fill.asks_for(TARGET) == learnt, remembers, "{away}");
        }
    }
}
