//! How a viewer's media is protected against loss, by its round trip and its loss.
//!
//! Retransmission costs nothing until something is lost, and a round trip when it is: up to 80 ms that is the best there
//! is. Beyond it video also gets forward error correction, which is there at once and costs its share always. Sound is
//! small and its gaps are heard: it is repeated as soon as packets are lost, where the link has room for that.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::ProtectionMode;
use crate::time::Nanos;
use crate::units::Bitrate;

/// Round trip, and loss in parts, from which video is protected; below the second of each it is no longer.
const FEC_RTT: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(60));
const FEC_LOSS: (f32, f32) = (0.01, 0.004);
/// The same for one copy of each audio packet, and for two.
const ONE_COPY: (f32, f32) = (0.015, 0.005);
const TWO_COPIES: (f32, f32) = (0.10, 0.06);
/// Copies of sound that the link has no room for would cost more than they save.
const ROOM_FOR_COPIES: Bitrate = Bitrate::from_kbps(1_000);
/// Repair packets for a media packet, at least and at most. Three times the loss leaves about one block of ten packets in
/// a hundred unrepaired, and those are retransmitted.
const RATIO: (f32, f32) = (0.10, 0.40);
const RATIO_OF_LOSS: f32 = 3.0;
/// What was begun is kept so long, so that a path between two states does not flap.
const HOLD: Duration = Duration::from_secs(5);

/// What is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plan {
    /// Repair packets for a media packet; 0: none.
    pub fec_ratio: f32,
    /// Copies in each audio packet.
    pub audio_copies: u8,
}

impl Plan {
    /// The part of the path, 0 to 1, that video's protection takes from video.
    pub fn share(self) -> f32 {
        self.fec_ratio / (1.0 + self.fec_ratio)
    }
}

/// Decides for one viewer.
#[derive(Debug, Default)]
pub struct Policy {
    mode: ProtectionMode,
    loss: f32,
    rtt: Duration,
    estimate: Option<Bitrate>,
    plan: Plan,
    changed: Nanos,
}

impl Policy {
    pub fn new(mode: ProtectionMode) -> Self {
        let mut policy = Self { mode, ..Self::default() };
        policy.decide(Nanos(0));
        policy
    }

    /// A report came: loss believed quickly when it rises and slowly when it falls.
    pub fn hear(&mut self, now: Nanos, rtt: Option<Duration>, fraction_lost: f32) -> Plan {
        let lost = if fraction_lost.is_finite() { fraction_lost.clamp(0.0, 1.0) } else { 0.0 };
        self.loss = if lost > self.loss { (self.loss + lost) / 2.0 } else { self.loss * 0.75 + lost * 0.25 };
        self.rtt = rtt.unwrap_or(self.rtt);
        self.decide(now)
    }

    pub fn set_estimate(&mut self, estimate: Bitrate) {
        self.estimate = Some(estimate);
    }

    fn decide(&mut self, now: Nanos) -> Plan {
        let wanted = match self.mode {
            ProtectionMode::Never => Plan::default(),
            ProtectionMode::Auto => Plan { fec_ratio: self.fec_ratio(false), audio_copies: self.audio_copies() },
            ProtectionMode::Always => {
                Plan { fec_ratio: self.fec_ratio(true), audio_copies: self.audio_copies().max(1) }
            }
        };
        let less = wanted.fec_ratio == 0.0 && self.plan.fec_ratio > 0.0 || wanted.audio_copies < self.plan.audio_copies;
        if wanted == self.plan || less && now.saturating_since(self.changed) < HOLD {
            return self.plan;
        }
        let began = (wanted.fec_ratio > 0.0) != (self.plan.fec_ratio > 0.0);
        if began || wanted.audio_copies != self.plan.audio_copies {
            self.changed = now;
        }
        self.plan = wanted;
        wanted
    }

    fn fec_ratio(&self, always: bool) -> f32 {
        let on = self.plan.fec_ratio > 0.0;
        let rtt = if on { FEC_RTT.1 } else { FEC_RTT.0 };
        let loss = if on { FEC_LOSS.1 } else { FEC_LOSS.0 };
        if always || self.rtt >= rtt && self.loss >= loss {
            // In steps of a twentieth: each change moves the encoder's target.
            let ratio = ((self.loss * RATIO_OF_LOSS).clamp(RATIO.0, RATIO.1) * 20.0).round() / 20.0;
            ratio.clamp(RATIO.0, RATIO.1)
        } else {
            0.0
        }
    }

    fn audio_copies(&self) -> u8 {
        if self.estimate.is_some_and(|estimate| estimate < ROOM_FOR_COPIES) {
            return 0;
        }
        let above = |(from, until): (f32, f32), copies: u8| {
            self.loss >= if self.plan.audio_copies >= copies { until } else { from }
        };
        if above(TWO_COPIES, 2) { 2 } else { u8::from(above(ONE_COPY, 1)) }
    }
}

/// A policy and its plan, for those who report and those who write packets.
#[derive(Debug, Default)]
pub struct Protection {
    policy: Mutex<Policy>,
    /// Repair packets for a thousand media packets.
    fec: AtomicU16,
    copies: AtomicU8,
    /// The browser takes repair packets.
    takes_fec: AtomicBool,
}

impl Protection {
    pub fn new(mode: ProtectionMode) -> Self {
        let policy = Policy::new(mode);
        let protection = Self::default();
        protection.publish(policy.plan);
        *protection.lock() = policy;
        protection
    }

    fn lock(&self) -> MutexGuard<'_, Policy> {
        self.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, plan: Plan) {
        self.fec.store((plan.fec_ratio * 1_000.0).round() as u16, Ordering::Relaxed);
        self.copies.store(plan.audio_copies, Ordering::Relaxed);
    }

    pub fn hear(&self, now: Nanos, rtt: Option<Duration>, fraction_lost: f32) {
        let plan = self.lock().hear(now, rtt, fraction_lost);
        self.publish(plan);
    }

    pub fn set_estimate(&self, estimate: Bitrate) {
        self.lock().set_estimate(estimate);
    }

    pub fn set_takes_fec(&self, takes: bool) {
        self.takes_fec.store(takes, Ordering::Relaxed);
    }

    /// Repair packets for a media packet, 0 where the browser takes none.
    pub fn fec_ratio(&self) -> f32 {
        if self.takes_fec.load(Ordering::Relaxed) { f32::from(self.fec.load(Ordering::Relaxed)) / 1_000.0 } else { 0.0 }
    }

    pub fn audio_copies(&self) -> usize {
        self.copies.load(Ordering::Relaxed).into()
    }

    /// The part of the path, 0 to 1, that video's protection takes from video.
    pub fn share(&self) -> f32 {
        Plan { fec_ratio: self.fec_ratio(), audio_copies: 0 }.share()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(policy: &mut Policy, from_s: u64, seconds: u64, rtt_ms: u64, loss: f32) -> Plan {
        (from_s..from_s + seconds)
            .map(|s| policy.hear(Nanos(s * 1_000_000_000), Some(Duration::from_millis(rtt_ms)), loss))
            .last()
            .unwrap()
    }

    #[test]
    fn a_short_round_trip_is_left_to_retransmission() {
        let plan = after(&mut Policy::default(), 0, 20, 20, 0.10);
        assert_eq!(plan.fec_ratio, 0.0);
        assert_eq!(plan.share(), 0.0);
    }

    #[test]
    fn a_long_round_trip_with_loss_gets_error_correction_by_its_loss() {
        let ratio = |loss| after(&mut Policy::default(), 0, 20, 150, loss).fec_ratio;
        assert_eq!(ratio(0.001), 0.0);
        assert_eq!(ratio(0.02), 0.10);
        assert!((0.25..=0.35).contains(&ratio(0.10)), "{}", ratio(0.10));
        assert_eq!(ratio(0.5), 0.40);
        let plan = Plan { fec_ratio: 0.25, audio_copies: 0 };
        assert_eq!(plan.share(), 0.2);
    }

    #[test]
    fn what_was_begun_stays_for_a_while_and_ends_when_the_path_is_good() {
        let mut policy = Policy::default();
        assert!(after(&mut policy, 0, 6, 150, 0.05).fec_ratio > 0.0);
        assert!(after(&mut policy, 6, 1, 150, 0.0).fec_ratio > 0.0);
        assert_eq!(after(&mut policy, 7, 30, 150, 0.0), Plan::default());
        let mut policy = Policy::default();
        after(&mut policy, 0, 10, 150, 0.05);
        assert!(after(&mut policy, 10, 10, 70, 0.05).fec_ratio > 0.0, "between the two limits nothing changes");
        assert_eq!(after(&mut policy, 20, 10, 50, 0.05).fec_ratio, 0.0);
        assert_eq!(after(&mut Policy::default(), 0, 10, 70, 0.05).fec_ratio, 0.0, "and nothing begins");
        let mut policy = Policy::default();
        assert!(after(&mut policy, 1, 1, 150, 0.05).fec_ratio > 0.0);
        assert!(after(&mut policy, 2, 4, 10, 0.05).fec_ratio > 0.0, "a path that flaps");
        assert_eq!(after(&mut policy, 6, 1, 10, 0.05).fec_ratio, 0.0);
    }

    #[test]
    fn sound_is_repeated_by_loss_alone_where_there_is_room() {
        let copies = |loss| after(&mut Policy::default(), 0, 20, 10, loss).audio_copies;
        assert_eq!((copies(0.005), copies(0.03), copies(0.2)), (0, 1, 2));
        let mut thin = Policy::default();
        thin.set_estimate(Bitrate::from_kbps(500));
        assert_eq!(after(&mut thin, 0, 20, 10, 0.2).audio_copies, 0);
    }

    #[test]
    fn the_mode_rules_the_measurements() {
        assert_eq!(Policy::new(ProtectionMode::Always).plan, Plan { fec_ratio: 0.10, audio_copies: 1 });
        assert_eq!(after(&mut Policy::new(ProtectionMode::Never), 0, 20, 300, 0.3), Plan::default());
        let protection = Protection::new(ProtectionMode::Always);
        assert_eq!((protection.fec_ratio(), protection.audio_copies()), (0.0, 1));
        protection.set_takes_fec(true);
        assert_eq!(protection.fec_ratio(), 0.1);
    }

    #[test]
    fn hostile_reports_stay_within_bounds() {
        let mut policy = Policy::default();
        for loss in [f32::NAN, f32::INFINITY, -1.0, 9.0] {
            let plan = policy.hear(Nanos(0), Some(Duration::MAX), loss);
            assert!((0.0..=0.4).contains(&plan.fec_ratio) && plan.audio_copies <= 2, "{plan:?}");
        }
    }
}
