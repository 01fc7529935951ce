//! Between the packet path ([`super::interceptors`]) and the controller of congestion ([`crate::congestion`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::congestion::{Controller, Orders, Report};
use crate::time::Nanos;
use crate::units::Bitrate;

use super::mailbox::Mailbox;

pub use crate::congestion::Limits;

/// Smaller changes, in percent, are not worth an event.
const STEP: u64 = 1;

/// New limits on their way to the estimator.
pub type LimitsUpdate = Arc<Mutex<Option<Limits>>>;

/// What this viewer could use at most, in bit/s; 0: not said. Shared with the estimator.
pub type Demand = Arc<AtomicU64>;

/// Lives in the packet path, which tells it what became of every packet.
pub struct Estimator {
    controller: Controller,
    update: LimitsUpdate,
    demand: Demand,
    demanded: u64,
    published: Bitrate,
    mailbox: Arc<Mailbox>,
}

impl Estimator {
    pub fn new(
        limits: Limits,
        update: LimitsUpdate,
        demand: Demand,
        mailbox: Arc<Mailbox>,
        orders: Arc<Orders>,
    ) -> Self {
        Self {
            controller: Controller::new(limits, orders),
            update,
            demand,
            demanded: 0,
            published: limits.start,
            mailbox,
        }
    }

    /// What has become of packets. None of them: a report that says nothing new.
    pub fn handle_reports(&mut self, now: Nanos, reports: &[Report]) {
        self.take_settings();
        self.controller.handle_reports(now, reports);
        self.publish();
    }

    pub fn handle_timeout(&mut self, now: Nanos) {
        self.take_settings();
        self.controller.handle_timeout(now);
        self.publish();
    }

    pub fn next_timeout(&self) -> Option<Nanos> {
        self.controller.next_timeout()
    }

    fn take_settings(&mut self) {
        if let Some(limits) = self.update.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.controller.set_limits(limits);
        }
        let demand = self.demand.load(Ordering::Relaxed);
        if demand != self.demanded {
            self.demanded = demand;
            self.controller.set_demand(Bitrate::from_bps(demand));
        }
    }

    fn publish(&mut self) {
        let estimate = self.controller.estimate();
        if estimate.bps().abs_diff(self.published.bps()).saturating_mul(100) > self.published.bps() * STEP {
            self.published = estimate;
            self.mailbox.estimate(estimate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::settings::PeerEvent;
    use std::time::Duration;

    fn limits(start: u64, min: u64, max: u64) -> Limits {
        Limits::new(Bitrate::from_kbps(start), Bitrate::from_kbps(min), Bitrate::from_kbps(max))
    }

    fn estimator(limits: Limits) -> (Estimator, LimitsUpdate, Demand, Arc<Mailbox>) {
        let (update, demand, mailbox) = (LimitsUpdate::default(), Demand::default(), Arc::<Mailbox>::default());
        let estimator =
            Estimator::new(limits, Arc::clone(&update), Arc::clone(&demand), Arc::clone(&mailbox), Arc::default());
        (estimator, update, demand, mailbox)
    }

    /// Sends `kbps` for `seconds` over a link that delivers everything 20 ms later, with feedback each 50 ms.
    fn run(estimator: &mut Estimator, now: &mut Nanos, id: &mut u64, kbps: u64, seconds: u64) {
        let per_tick = (kbps * 1000 / 8 / 20) as usize;
        for _ in 0..seconds * 20 {
            let reports: Vec<Report> = (0..10)
                .map(|i| {
                    *id += 1;
                    let arrived = Some(Duration::from_millis(*id * 5 + 20));
                    Report { sent: *now + Duration::from_millis(i * 5), arrived, bytes: per_tick / 10 }
                })
                .collect();
            *now = *now + Duration::from_millis(50);
            estimator.handle_reports(*now, &reports);
        }
    }

    fn bps(estimator: &Estimator) -> f64 {
        estimator.controller.estimate().bps() as f64
    }

    #[test]
    fn an_easy_picture_does_not_raise_the_estimate_and_does_not_lower_it() {
        let (mut estimator, ..) = estimator(limits(6_000, 300, 50_000));
        let (mut now, mut id) = (Nanos(1_000_000_000), 0);
        run(&mut estimator, &mut now, &mut id, 1_000, 60);
        assert_eq!(bps(&estimator), 6e6);
    }

    #[test]
    fn a_full_link_raises_the_estimate_as_far_as_it_is_of_use() {
        let (mut estimator, _, demand, mailbox) = estimator(limits(6_000, 300, 50_000));
        demand.store(20_000_000, Ordering::Relaxed);
        let (mut now, mut id) = (Nanos(1_000_000_000), 0);
        for _ in 0..30 {
            let kbps = (bps(&estimator) / 1000.0) as u64;
            run(&mut estimator, &mut now, &mut id, kbps, 1);
        }
        let estimate = bps(&estimator);
        assert!((20e6..25e6).contains(&estimate), "{estimate}");
        let Some(PeerEvent::Estimate(told)) = mailbox.next() else { panic!("nothing was told") };
        assert!((told.bps() as f64 - estimate).abs() < estimate * 0.02, "{told:?}");
    }

    #[test]
    fn new_limits_hold_at_once_and_contradictions_do_no_harm() {
        let (mut estimator, update, ..) = estimator(limits(6_000, 300, 50_000));
        *update.lock().unwrap() = Some(limits(16_000, 1_000, 2_000));
        let now = Nanos(1_000_000_000);
        estimator.handle_reports(now, &[]);
        assert_eq!(bps(&estimator), 2e6);
        *update.lock().unwrap() = Some(limits(0, 9_000, 4_000));
        estimator.handle_reports(now, &[]);
        assert_eq!(bps(&estimator), 4e6);
    }
}
