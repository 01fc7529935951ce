//! The bandwidth estimate: the crate's Google Congestion Control, kept from believing in rates nobody has sent.
//!
//! An encoder with an easy picture sends less than it may, and nothing then speaks against a higher rate: the plain
//! algorithm grows without end. So the estimate is only *raised* up to 1.5 times what the browser acknowledges, as in
//! libwebrtc (AimdRateControl). It is not lowered for it: the rate once proved is there when the picture moves again.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rtc::interceptor::{BandwidthEstimator, EstimatorStats, Gcc, PacketReport, RateCalculator};

use crate::units::Bitrate;

use super::mailbox::Mailbox;

/// How far above the acknowledged rate the estimate may be raised.
const HEADROOM: f64 = 1.5;
/// The inner algorithm begins anew when it is this far above what we let through.
const RUNAWAY: f64 = 1.25;
/// Smaller changes are not worth an event.
const STEP: f64 = 0.01;

/// Where the estimate starts and how far it may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub start: Bitrate,
    pub min: Bitrate,
    pub max: Bitrate,
}

impl Limits {
    /// Puts values in order that contradict each other: max wins over min, both over start. At least 10 kbit/s.
    pub fn new(start: Bitrate, min: Bitrate, max: Bitrate) -> Self {
        let max = max.max(Bitrate::from_kbps(10));
        let min = min.clamp(Bitrate::from_kbps(10), max);
        Self { start: start.clamp(min, max), min, max }
    }

    fn gcc(&self, at: f64) -> Gcc {
        Gcc::new(at, self.min.bps() as f64, self.max.bps() as f64)
    }
}

/// New limits on their way to the estimator.
pub type LimitsUpdate = Arc<Mutex<Option<Limits>>>;

/// What this viewer could use at most, in bit/s; 0: not said. Shared with the estimator.
pub type Demand = Arc<AtomicU64>;

/// Lives inside the crate's congestion control station, which tells it what became of every packet.
pub struct Estimator {
    gcc: Gcc,
    limits: Limits,
    update: LimitsUpdate,
    acknowledged: RateCalculator,
    heard: bool,
    target: f64,
    published: f64,
    mailbox: Arc<Mailbox>,
}

impl Estimator {
    pub fn new(limits: Limits, update: LimitsUpdate, mailbox: Arc<Mailbox>) -> Self {
        let start = limits.start.bps() as f64;
        Self {
            gcc: limits.gcc(start),
            limits,
            update,
            acknowledged: RateCalculator::default(),
            heard: false,
            target: start,
            published: start,
            mailbox,
        }
    }

    fn take_limits(&mut self) {
        let Some(limits) = self.update.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        self.limits = limits;
        if !self.heard {
            self.target = limits.start.bps() as f64;
        }
        self.target = self.target.clamp(limits.min.bps() as f64, limits.max.bps() as f64);
        self.gcc = limits.gcc(self.target);
    }

    fn publish(&mut self) {
        if (self.target - self.published).abs() > self.published * STEP {
            self.published = self.target;
            self.mailbox.estimate(Bitrate::from_bps(self.target as u64));
        }
    }
}

impl BandwidthEstimator for Estimator {
    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        self.take_limits();
        self.gcc.on_reports(now, reports);
        for report in reports.iter().filter(|report| report.arrived) {
            self.heard = true;
            self.acknowledged.add(now, report.size);
        }
        let wanted = self.gcc.target_bitrate();
        if wanted <= self.target {
            self.target = wanted;
        } else if let Some(acknowledged) = self.acknowledged.rate_bits_per_second(now) {
            self.target = wanted.min(self.target.max(acknowledged * HEADROOM));
        }
        if wanted > self.target * RUNAWAY {
            self.gcc = self.limits.gcc(self.target);
        }
        self.publish();
    }

    fn target_bitrate(&self) -> f64 {
        self.target
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.gcc.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.gcc.poll_timeout()
    }

    fn stats(&self) -> EstimatorStats {
        self.gcc.stats()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn limits(start: u64, min: u64, max: u64) -> Limits {
        Limits::new(Bitrate::from_kbps(start), Bitrate::from_kbps(min), Bitrate::from_kbps(max))
    }

    fn estimator(limits: Limits) -> (Estimator, LimitsUpdate) {
        let update = LimitsUpdate::default();
        (Estimator::new(limits, Arc::clone(&update), Arc::default()), update)
    }

    /// Sends `kbps` for `seconds` over a link that delivers everything 20 ms later, with feedback each 50 ms.
    fn run(estimator: &mut Estimator, now: &mut Instant, id: &mut u64, kbps: u64, seconds: u64) {
        let per_tick = (kbps * 1000 / 8 / 20) as usize;
        for _ in 0..seconds * 20 {
            let reports: Vec<PacketReport> = (0..10)
                .map(|i| {
                    *id += 1;
                    let sent = Duration::from_millis(*id * 5);
                    PacketReport {
                        ssrc: 1,
                        id: *id,
                        rtp_sequence_number: *id as u16,
                        is_twcc: true,
                        twcc_sequence_number: *id as u16,
                        size: per_tick / 10,
                        arrived: true,
                        departure: *now + Duration::from_millis(i * 5),
                        arrival: Some(sent + Duration::from_millis(20)),
                        ecn: Default::default(),
                    }
                })
                .collect();
            *now += Duration::from_millis(50);
            estimator.on_reports(*now, &reports);
        }
    }

    #[test]
    fn an_easy_picture_does_not_raise_the_estimate_and_does_not_lower_it() {
        let (mut estimator, _) = estimator(limits(6_000, 300, 50_000));
        let (mut now, mut id) = (crate::time::instant(), 0);
        run(&mut estimator, &mut now, &mut id, 1_000, 60);
        assert_eq!(estimator.target_bitrate(), 6e6);
    }

    #[test]
    fn a_full_link_raises_the_estimate() {
        let (mut estimator, _) = estimator(limits(6_000, 300, 50_000));
        let (mut now, mut id) = (crate::time::instant(), 0);
        for _ in 0..30 {
            let kbps = (estimator.target_bitrate() / 1000.0) as u64;
            run(&mut estimator, &mut now, &mut id, kbps, 1);
        }
        assert!(estimator.target_bitrate() > 12e6, "{}", estimator.target_bitrate());
        assert!(estimator.target_bitrate() <= 50e6);
    }

    #[test]
    fn new_limits_hold_at_once_and_contradictions_do_no_harm() {
        let (mut estimator, update) = estimator(limits(6_000, 300, 50_000));
        *update.lock().unwrap() = Some(limits(16_000, 1_000, 2_000));
        let now = crate::time::instant();
        estimator.on_reports(now, &[]);
        assert_eq!(estimator.target_bitrate(), 2e6);
        *update.lock().unwrap() = Some(limits(0, 9_000, 4_000));
        estimator.on_reports(now, &[]);
        assert_eq!(estimator.target_bitrate(), 4e6);
    }
}
