//! Which temporal layers one viewer's link has room for. Pure.
//!
//! Frames of an upper layer can be left out without a keyframe: the picture goes on with fewer frames a second. So that is
//! what a viewer short of rate loses first, before its video pauses.

use std::time::Duration;

use crate::encode::temporal::MOST;
use crate::time::Nanos;

const LAYERS: usize = MOST as usize;
/// Over what time the layers' rates are averaged.
const AVERAGED: Duration = Duration::from_millis(500);
/// A backlog of this much, in s, is no frame's or keyframe's own any more.
const BACKLOG: f64 = 0.08;
/// How far what is sent must be above the estimate to leave something out: encoders miss their rate, and estimates theirs.
const MARGIN: f64 = 1.1;
const MARGIN_BPS: f64 = 50_000.0;
/// What of the estimate the layers that remain may take.
const FITS: f64 = 0.95;
/// What of the estimate a layer more may take, and how long after the last change.
const FITS_AGAIN: f64 = 0.9;
const WAIT: Duration = Duration::from_secs(1);

/// A viewer's link as [`LinkBudget`](super::LinkBudget) knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The estimate; None: it is only a guess.
    pub bps: Option<f64>,
    /// How long the link takes to carry what it was sent, in s.
    pub backlog: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Thinning {
    /// Highest layer that is sent, and the one that is from the next frame of the base on.
    most: u8,
    wanted: u8,
    changed_at: Nanos,
    updated_at: Nanos,
    /// Bits of each layer, each forgotten with the time constant [`AVERAGED`].
    recent: [f64; LAYERS],
}

impl Thinning {
    /// Everything is sent.
    pub fn new(now: Nanos) -> Self {
        Self { most: MOST - 1, wanted: MOST - 1, changed_at: now, updated_at: now, recent: [0.0; LAYERS] }
    }

    /// Whether a frame is left out. `bits`: what it tells of its layer's rate.
    pub fn leaves_out(&mut self, now: Nanos, temporal_id: u8, bits: f64, link: Link) -> bool {
        let passed = now.saturating_since(self.updated_at).as_secs_f64();
        self.updated_at = self.updated_at.max(now);
        let kept = (-passed / AVERAGED.as_secs_f64()).exp();
        self.recent.iter_mut().for_each(|recent| *recent *= kept);
        let id = temporal_id.min(MOST - 1);
        if let Some(recent) = self.recent.get_mut(usize::from(id)) {
            *recent += bits;
        }
        if let Some(bps) = link.bps {
            self.decide(now, bps, link.backlog);
        }
        // A frame of the base begins a round, and what follows may refer to any frame of it.
        if id == 0 {
            self.most = self.wanted;
        }
        id > self.most
    }

    fn decide(&mut self, now: Nanos, bps: f64, backlog: f64) {
        let top = (1..MOST).rev().find(|id| self.recent.get(usize::from(*id)).is_some_and(|bits| *bits > 1.0));
        let sent = self.wanted.min(top.unwrap_or(0));
        if sent > 0 && backlog > BACKLOG && self.rate(sent) > bps * MARGIN + MARGIN_BPS {
            self.wanted = (0..sent).rev().find(|id| self.rate(*id) <= bps * FITS).unwrap_or(0);
            // What is left out later refers to what is left out now.
            self.most = self.most.min(self.wanted);
            self.changed_at = now;
        } else if self.wanted < MOST - 1
            && now.saturating_since(self.changed_at) >= WAIT
            && self.rate(self.wanted + 1) <= bps * FITS_AGAIN
        {
            self.wanted += 1;
            self.changed_at = now;
        }
    }

    /// The video stood still: what is known of the layers is old.
    pub fn resume(&mut self, now: Nanos) {
        self.changed_at = now;
    }

    /// Of the layers up to this one, in bit/s.
    fn rate(&self, id: u8) -> f64 {
        self.recent.iter().take(usize::from(id) + 1).sum::<f64>() / AVERAGED.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::temporal::Pattern;

    /// A 50 frames a second stream of so many layers that shares `bps` evenly among its frames, for some seconds. Gives what
    /// was sent of each second, in frames, and checks that nothing was sent whose reference was not.
    fn run(thinning: &mut Thinning, from: u64, seconds: u64, layers: u8, bps: f64, link: Link) -> Vec<usize> {
        let mut pattern = Pattern::new(layers);
        let mut middle = true;
        (from..from + seconds)
            .map(|second| {
                (0..50)
                    .filter(|frame| {
                        let now = Nanos(second * 1_000_000_000 + frame * 20_000_000);
                        let step = pattern.advance(false);
                        let id = step.map_or(0, |step| step.temporal.id);
                        let sent = !thinning.leaves_out(now, id, bps / 50.0, link);
                        assert!(!sent || middle || !step.unwrap().refers_to_middle);
                        if step.is_some_and(|step| id > 0 && !step.temporal.discardable) {
                            middle = sent;
                        }
                        sent
                    })
                    .count()
            })
            .collect()
    }

    const fn link(kbps: f64, backlog: f64) -> Link {
        Link { bps: Some(kbps * 1_000.0), backlog }
    }

    #[test]
    fn a_link_that_is_short_of_rate_loses_the_upper_layer_and_no_more_than_it_must() {
        let mut two = Thinning::new(Nanos(0));
        assert_eq!(run(&mut two, 0, 2, 2, 2e6, link(1_200.0, 0.0)), [50, 50], "no backlog, no reason");
        assert_eq!(run(&mut two, 2, 2, 2, 2e6, link(1_200.0, 0.1)), [25, 25]);
        let mut three = Thinning::new(Nanos(0));
        run(&mut three, 0, 2, 3, 2e6, link(2_000.0, 0.0));
        let sent = run(&mut three, 2, 2, 3, 2e6, link(1_200.0, 0.1));
        assert!(sent.iter().all(|sent| (24..=26).contains(sent)), "the two lower ones: {sent:?}");
        let sent = run(&mut three, 4, 2, 3, 2e6, link(600.0, 0.1));
        assert!(sent.iter().all(|sent| (12..=14).contains(sent)), "the base: {sent:?}");
    }

    #[test]
    fn the_layers_come_back_one_by_one_when_there_is_room() {
        let mut thinning = Thinning::new(Nanos(0));
        run(&mut thinning, 0, 2, 3, 2e6, link(600.0, 0.1));
        let sent = run(&mut thinning, 2, 2, 3, 2e6, link(1_000.0, 0.0));
        assert!(sent.iter().all(|sent| (12..=13).contains(sent)), "the middle one would fill the link: {sent:?}");
        let sent = run(&mut thinning, 4, 4, 3, 2e6, link(3_000.0, 0.0));
        assert!(sent[3] == 50 && sent[0] < 50, "{sent:?}");
    }

    #[test]
    fn a_guess_a_stream_of_one_layer_and_a_little_too_much_leave_nothing_out() {
        let sent = |layers, link| run(&mut Thinning::new(Nanos(0)), 0, 2, layers, 2e6, link);
        assert_eq!(sent(2, Link { bps: None, backlog: 1.0 }), [50, 50]);
        assert_eq!(sent(1, link(500.0, 1.0)), [50, 50]);
        assert_eq!(sent(2, link(1_900.0, 1.0)), [50, 50]);
    }
}
