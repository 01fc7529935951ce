//! What is compared: our controller, and the crate's.

use std::sync::Arc;
use std::time::Duration;

use rendercast::congestion::{Controller, Limits, Orders, Report};
use rendercast::time::Nanos;
use rendercast::units::Bitrate;

use super::Time;
use super::receiver::Fate;

pub trait Algorithm {
    fn handle_reports(&mut self, now: Time, fates: &[Fate]);
    fn handle_timeout(&mut self, now: Time);
    fn set_demand(&mut self, bps: f64);
    /// In bit/s.
    fn estimate(&self) -> f64;
    fn orders(&self) -> &Orders;
    /// How much the pacer lets out at once, in seconds of its rate.
    fn burst(&self) -> f64;
}

pub struct Ours {
    controller: Controller,
    orders: Arc<Orders>,
}

impl Ours {
    pub fn new(start: f64, max: f64) -> Self {
        let bps = |rate: f64| Bitrate::from_bps(rate as u64);
        let orders = Arc::new(Orders::default());
        let limits = Limits::new(bps(start), Bitrate::from_kbps(300), bps(max));
        Self { controller: Controller::new(limits, Arc::clone(&orders)), orders }
    }
}

impl Algorithm for Ours {
    fn handle_reports(&mut self, now: Time, fates: &[Fate]) {
        let report = |fate: &Fate| Report {
            sent: Nanos(fate.sent),
            arrived: fate.arrived.map(Duration::from_nanos),
            bytes: fate.bytes,
        };
        self.controller.handle_reports(Nanos(now), &fates.iter().map(report).collect::<Vec<_>>());
    }
    fn handle_timeout(&mut self, now: Time) {
        if self.controller.next_timeout().is_some_and(|due| due <= Nanos(now)) {
            self.controller.handle_timeout(Nanos(now));
        }
    }
    fn set_demand(&mut self, bps: f64) {
        self.controller.set_demand(Bitrate::from_bps(bps as u64));
    }
    fn estimate(&self) -> f64 {
        self.controller.estimate().bps() as f64
    }
    fn orders(&self) -> &Orders {
        &self.orders
    }
    fn burst(&self) -> f64 {
        0.002
    }
}

/// The crate's Google Congestion Control with the crate's pacer: the estimate is the rate, 100 ms of it pass at once.
#[cfg(feature = "webrtc")]
pub struct Stock {
    gcc: rtc::interceptor::Gcc,
    orders: Orders,
    epoch: std::time::Instant,
}

#[cfg(feature = "webrtc")]
impl Stock {
    pub fn new(start: f64, max: f64) -> Self {
        let orders = Orders::default();
        orders.set_rate(Bitrate::from_bps(start as u64), 1.0);
        Self { gcc: rtc::interceptor::Gcc::new(start, 300_000.0, max), orders, epoch: rendercast::time::instant() }
    }
}

#[cfg(feature = "webrtc")]
impl Algorithm for Stock {
    fn handle_reports(&mut self, now: Time, fates: &[Fate]) {
        use rtc::interceptor::{BandwidthEstimator, PacketReport};
        let at = |time| self.epoch + Duration::from_nanos(time);
        let reports: Vec<_> = fates
            .iter()
            .map(|fate| PacketReport {
                ssrc: 1,
                id: fate.sequence,
                rtp_sequence_number: fate.sequence as u16,
                is_twcc: true,
                twcc_sequence_number: fate.sequence as u16,
                size: fate.bytes,
                arrived: fate.arrived.is_some(),
                departure: at(fate.sent),
                arrival: fate.arrived.map(Duration::from_nanos),
                ecn: Default::default(),
            })
            .collect();
        self.gcc.on_reports(at(now), &reports);
        self.orders.set_rate(Bitrate::from_bps(self.gcc.target_bitrate() as u64), 1.0);
    }
    fn handle_timeout(&mut self, _: Time) {}
    fn set_demand(&mut self, _: f64) {}
    fn estimate(&self) -> f64 {
        use rtc::interceptor::BandwidthEstimator;
        self.gcc.target_bitrate()
    }
    fn orders(&self) -> &Orders {
        &self.orders
    }
    fn burst(&self) -> f64 {
        0.1
    }
}
