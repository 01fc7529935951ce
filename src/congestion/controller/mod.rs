//! The controller: what each packet met on its way, in; the rate that the path carries, out.
//!
//! Three signals. *Absolute queueing delay*, the least of a frame period, so that neither a frame's own burst nor jitter
//! counts (Copa, NSDI 2018, takes the least of half an RTT for the same reason). *The rate at which a path that has a queue
//! lets packets out*: its capacity, measured in a few ten milliseconds. *Loss above what is usual here* (loss.rs).
//!
//! Four ways of going on:
//!
//! - `Normal`: keeps the standing queue at a few milliseconds, up in proportion to what is missing (as NADA, RFC 8698) and
//!   by probes (probe.rs), down to the measured capacity.
//! - `Drain`: there is a queue. Sends less than the capacity until the queue is gone, which is foretold from what has been
//!   sent since (as SCReAM, RFC 8298, counts bytes in flight), not only from what was heard.
//! - `Compete`: draining did not help, so somebody else fills the queue (compete.rs).
//! - and when nothing is heard any more, half as much each time (draft-ietf-rmcat-gcc-02, section 4; RFC 8083).

mod queue;
mod room;

use std::sync::Arc;
use std::time::Duration;

use crate::congestion::compete::Compete;
use crate::congestion::delay::BaseDelay;
use crate::congestion::drain::Drain;
use crate::congestion::history::{History, Report};
use crate::congestion::limits::Limits;
use crate::congestion::loss::Loss;
use crate::congestion::orders::Orders;
use crate::congestion::probe::{Prober, Situation};
use crate::time::Nanos;
use crate::units::Bitrate;
use room::Room;

const MS: i64 = 1_000_000;
/// The standing queue that is aimed at: enough to see that the path is full.
const TARGET: i64 = 6 * MS;
/// Below this a queue counts as gone.
const GONE: i64 = 10 * MS;
/// Windows of sending in which the least delay is looked for: for acting at once, and for steering.
const LAST: Duration = Duration::from_millis(4);
const FAST: Duration = Duration::from_millis(45);
const STEADY: Duration = Duration::from_millis(120);
/// Windows hold at least so many packets, if they are this new.
const PACKETS: usize = 6;
const OLDEST: Duration = Duration::from_millis(250);
/// Growth in a second without a queue: near a capacity that was measured, and where nothing is known.
const GROWTH_NEAR: f64 = 0.06;
const GROWTH_FAR: f64 = 0.20;
/// Less than this share of the estimate being sent proves nothing about more.
const USED: f64 = 0.75;
/// How far the estimate goes above what is of use.
const HEADROOM: f64 = 1.15;
/// What is wanted is there: no more is probed for.
const ENOUGH: f64 = 1.06;
/// A backlog of so many seconds is usual: a frame on its way out. Until it is down to that, so much is encoded.
const SETTLED: f64 = 0.03;
const WHILE_SETTLING: f64 = 0.8;
/// Silence that counts, at least; and in round trips.
const SILENCE: Duration = Duration::from_millis(500);
const SILENT_TRIPS: u32 = 4;
/// The receiver's clock jumps when its feedback wraps around, or when the path begins anew.
const CLOCK_JUMP: i64 = 10_000 * MS;

/// Competing may have been an error: that is tried soon, and then less and less often.
const FIRST_TRY: Duration = Duration::from_secs(2);

#[derive(Debug)]
enum Mode {
    Normal,
    Drain(Drain),
    Compete(Compete),
}

/// One path's.
#[derive(Debug)]
pub struct Controller {
    limits: Limits,
    orders: Arc<Orders>,
    /// What is of use at most, in bit/s; None: not said.
    demand: Option<f64>,
    history: History,
    base: BaseDelay,
    loss: Loss,
    prober: Prober,
    mode: Mode,
    /// What the path is taken to carry.
    estimate: f64,
    /// What may be encoded, and what may leave: less while a queue drains.
    target: f64,
    pace: f64,
    room: Room,
    /// A queue is gone, but what waited behind it is not.
    settling: bool,
    /// The last capacity that was measured.
    capacity: Option<f64>,
    rtt: Option<Duration>,
    heard_at: Option<Nanos>,
    silent_since: Option<Nanos>,
    /// The estimate before the silence that is being cut for.
    before_silence: Option<f64>,
    /// Somebody else was filling the queue until then.
    contended_at: Option<Nanos>,
    steered_at: Nanos,
    /// How long to compete before it is tried whether the other one has gone.
    try_after: Duration,
    /// Queue seen lately, least and most, since when.
    range: (Nanos, i64, i64),
}

/// What one batch says.
struct Seen {
    now: Nanos,
    /// The queue that the last packets met, and those that stood for longer, in ns.
    last: i64,
    /// The longest that a packet of the batch met.
    longest: i64,
    fast: i64,
    steady: i64,
    base: i64,
    app_limited: bool,
    batch: usize,
    /// How long the path holds packets back.
    lumps: Duration,
}

impl Controller {
    pub fn new(limits: Limits, orders: Arc<Orders>) -> Self {
        let start = limits.start.bps() as f64;
        let controller = Self {
            limits,
            orders,
            demand: None,
            history: History::default(),
            base: BaseDelay::default(),
            loss: Loss::default(),
            prober: Prober::new(),
            mode: Mode::Normal,
            estimate: start,
            target: start,
            pace: start,
            room: Room::default(),
            settling: false,
            capacity: None,
            rtt: None,
            heard_at: None,
            silent_since: None,
            before_silence: None,
            contended_at: None,
            steered_at: Nanos(0),
            try_after: FIRST_TRY,
            range: (Nanos(0), 0, 0),
        };
        controller.publish();
        controller
    }

    /// What the encoders, retransmission and all else may use of this path, together.
    pub fn estimate(&self) -> Bitrate {
        Bitrate::from_bps(self.target as u64)
    }

    /// From sending to hearing of it, the wait for the feedback message included. None before the first.
    pub fn round_trip(&self) -> Option<Duration> {
        self.rtt
    }

    /// Holds at once. `start` counts until the first report.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        if self.heard_at.is_none() {
            self.estimate = limits.start.bps() as f64;
        }
        self.estimate = self.bounded(self.estimate);
        self.target = self.bounded(if self.heard_at.is_none() { self.estimate } else { self.target });
        self.pace = self.bounded(if self.heard_at.is_none() { self.estimate } else { self.pace });
        self.publish();
    }

    /// What could be used at most; 0: not said. The path is probed up to there.
    pub fn set_demand(&mut self, demand: Bitrate) {
        self.demand = Some(demand.bps() as f64).filter(|bps| *bps > 0.0);
    }

    fn bounded(&self, rate: f64) -> f64 {
        rate.clamp(self.limits.min.bps() as f64, self.limits.max.bps() as f64)
    }

    fn wanted(&self) -> f64 {
        let max = self.limits.max.bps() as f64;
        self.demand.map_or(max, |demand| demand.min(max))
    }

    /// Takes the fate of packets, in the order of their sending. An empty batch is no news.
    pub fn handle_reports(&mut self, now: Nanos, reports: &[Report]) {
        let Some(seen) = self.look(now, reports) else { return };
        self.heard_at = Some(now);
        self.silent_since = None;
        self.room.update(seen.longest, self.estimate * ENOUGH >= self.wanted());
        if let Some(before) = self.before_silence.take() {
            self.prober.handle_return(now, before, self.estimate);
        }
        let queued = seen.fast > GONE;
        let cut = self.loss.update(now, &self.history, self.rtt.unwrap_or_default(), queued);
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Normal => self.steer(&seen, cut),
            Mode::Drain(drain) => self.drain(drain, &seen),
            Mode::Compete(compete) => self.compete(compete, &seen),
        }
        if matches!(self.mode, Mode::Normal) {
            self.probe(&seen);
            self.settle();
        }
        self.publish();
    }

    fn look(&mut self, now: Nanos, reports: &[Report]) -> Option<Seen> {
        let before = self.history.least_delay(FAST, 1, OLDEST);
        if self.history.add(reports) == 0 {
            return None;
        }
        let jump = |delay: i64| before.is_some_and(|before| delay.saturating_sub(before).abs() > CLOCK_JUMP);
        if self.history.least_delay(Duration::ZERO, 1, OLDEST).is_some_and(jump) {
            self.history.clear();
            self.base.clear();
            self.history.add(reports);
        }
        let newest = self.history.newest()?;
        let mut longest = i64::MIN;
        for (_, delay) in self.history.recent(Duration::MAX).take(reports.len()).filter_map(|packet| packet.arrival()) {
            self.base.add(now, delay);
            longest = longest.max(delay);
        }
        let base = self.base.get()?;
        let rtt = now.saturating_since(newest);
        self.rtt = Some(self.rtt.map_or(rtt, |before| before * 7 / 8 + rtt / 8));
        let queue = |window| self.history.least_delay(window, PACKETS, OLDEST).map(|delay| delay.saturating_sub(base));
        Some(Seen {
            now,
            last: self.history.least_delay(LAST, 3, OLDEST)?.saturating_sub(base),
            longest: longest.saturating_sub(base),
            fast: queue(FAST)?,
            steady: queue(STEADY)?,
            base,
            app_limited: self.history.sent_rate(Duration::from_millis(500)) < self.target * USED,
            batch: reports.len(),
            lumps: self.history.lumps(Duration::from_millis(500)),
        })
    }

    /// Keeps the standing queue small, and the path full.
    fn steer(&mut self, seen: &Seen, cut: Option<f64>) {
        let now = seen.now;
        let passed = now.saturating_since(std::mem::replace(&mut self.steered_at, now)).as_secs_f64().min(0.2);
        if let Some(rate) = self.find_queue(seen) {
            return self.handle_queue(seen, rate);
        }
        if let Some(share) = cut.filter(|share| *share > 1.0 || !seen.app_limited) {
            let rate = self.bounded(self.estimate * share);
            if rate < self.estimate {
                self.handle_less(now, rate);
            }
            self.estimate = rate;
            return;
        }
        let over = seen.steady.saturating_sub(TARGET) as f64 / 1e9;
        if over > 0.0 {
            if let Some(rate) = self.measure(seen, TARGET / 2, Duration::from_millis(300))
                && rate.packets >= 8
                && rate.seconds >= 0.06
            {
                self.capacity = Some(rate.bps);
                let most = rate.bps * (1.02 - over / 0.4);
                self.estimate = self.estimate.min(most.max(self.estimate * 0.9));
            }
        } else if !seen.app_limited && self.estimate < self.wanted() * HEADROOM {
            let near = self.capacity.is_some_and(|capacity| (0.7..1.1).contains(&(self.estimate / capacity)));
            let growth = if near { GROWTH_NEAR } else { GROWTH_FAR };
            let room = 1.0 - (seen.steady.max(0) as f64 / TARGET as f64);
            let most = (self.wanted() * HEADROOM).max(self.estimate);
            self.estimate = (self.estimate * (1.0 + growth * room * passed)).min(most);
        }
        self.estimate = self.bounded(self.estimate);
    }

    fn probe(&mut self, seen: &Seen) {
        if let Some(rate) = self.prober.take_result(seen.now, self.estimate, &self.history, &self.orders)
            && rate > self.estimate
        {
            self.estimate = self.bounded(rate);
            self.capacity = self.capacity.filter(|capacity| rate < capacity * 1.1);
        }
        if seen.fast < GONE {
            let (now, estimate, wanted) = (seen.now, self.estimate, self.wanted());
            self.prober.consider(Situation { now, estimate, wanted, lumps: seen.lumps }, &self.orders);
        }
    }

    /// What still waits in the pacer when a queue is gone must not become the next queue.
    fn settle(&mut self) {
        let waits = self.orders.backlog() as f64 * 8.0 / self.estimate;
        self.settling = self.settling && waits > SETTLED;
        self.pace = self.bounded(self.estimate);
        self.target = if self.settling { self.bounded(self.estimate * WHILE_SETTLING) } else { self.pace };
    }

    fn publish(&self) {
        let burst = match self.mode {
            Mode::Normal if self.settling => 1.0,
            Mode::Normal => self.room.burst(),
            _ => 1.0,
        };
        self.orders.set_rate(Bitrate::from_bps(self.pace as u64), burst);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due. None before anything was heard.
    pub fn next_timeout(&self) -> Option<Nanos> {
        Some(self.silent_since.or(self.heard_at)? + self.patience())
    }

    fn patience(&self) -> Duration {
        SILENCE.max(self.rtt.unwrap_or_default() * SILENT_TRIPS)
    }

    /// Nothing was heard for long: half the rate, if we have been sending all the while.
    pub fn handle_timeout(&mut self, now: Nanos) {
        let (Some(since), patience) = (self.silent_since.or(self.heard_at), self.patience()) else {
            return;
        };
        if now < since + patience {
            return;
        }
        self.silent_since = Some(now);
        let (all, unanswerable) = (self.orders.departed_since(since), self.orders.departed_since(since + patience / 2));
        if unanswerable > 0 && all > unanswerable {
            self.prober.handle_drop(now);
            self.mode = Mode::Normal;
            self.before_silence.get_or_insert(self.estimate);
            self.estimate = self.bounded(self.estimate.min(self.target) / 2.0);
            (self.target, self.pace) = (self.estimate, self.estimate);
            self.publish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAX: Bitrate = Bitrate::from_kbps(50_000);

    fn controller() -> (Controller, Arc<Orders>) {
        let orders = Arc::new(Orders::default());
        let limits = Limits::new(Bitrate::from_kbps(4_000), Bitrate::from_kbps(300), MAX);
        (Controller::new(limits, Arc::clone(&orders)), orders)
    }

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    #[test]
    fn silence_halves_the_rate_only_while_something_is_sent_all_the_time() {
        let (mut idle, _) = controller();
        let (mut still, once_a_second) = controller();
        let (mut busy, orders) = controller();
        let report = Report { sent: at(0), arrived: Some(Duration::ZERO), bytes: 100 };
        for controller in [&mut idle, &mut still, &mut busy] {
            controller.handle_reports(at(10), &[report]);
        }
        once_a_second.departed(at(505), 1200);
        for ms in (10..2_000).step_by(10) {
            orders.departed(at(ms), 1200);
            for controller in [&mut idle, &mut still, &mut busy] {
                controller.handle_timeout(at(ms));
            }
        }
        assert_eq!((idle.estimate().kbps(), still.estimate().kbps()), (4_000, 4_000));
        assert_eq!(busy.estimate().kbps(), 500);
    }

    #[test]
    fn a_clock_that_jumps_begins_anew() {
        let (mut controller, _) = controller();
        for ms in 0..100u64 {
            let far = if ms < 50 { 0 } else { 1 << 20 };
            let report = Report { sent: at(ms * 20), arrived: Some(Duration::from_millis(ms * 20 + far)), bytes: 1000 };
            controller.handle_reports(at(ms * 20 + 40), &[report]);
        }
        assert!(controller.estimate() >= Bitrate::from_kbps(4_000));
        assert!(matches!(controller.mode, Mode::Normal));
    }

    proptest! {
        #[test]
        fn any_reports_leave_the_estimate_within_its_limits(
            batches in proptest::collection::vec(
                (0u64..300_000_000, proptest::collection::vec((any::<u64>(), any::<Option<u64>>(), any::<u32>()), 0..20)),
                1..40,
            ),
            tame: bool,
        ) {
            let (mut controller, orders) = controller();
            let mut now = Nanos(0);
            for (passed, packets) in batches {
                now = now + Duration::from_nanos(passed);
                let reports: Vec<Report> = packets
                    .into_iter()
                    .map(|(sent, arrived, bytes)| {
                        // Numbers of a size that is met, or any at all.
                        let near = |n: u64| if tame { now.0.saturating_sub(n % 100_000_000) } else { n };
                        Report {
                            sent: Nanos(near(sent)),
                            arrived: arrived.map(|at| Duration::from_nanos(near(at))),
                            bytes: bytes as usize,
                        }
                    })
                    .collect();
                controller.handle_reports(now, &reports);
                controller.handle_timeout(now);
                if let Some(probe) = orders.take_probe() {
                    let probed = crate::congestion::Probed { id: probe.id, from: Nanos(0), until: now, bytes: 1 };
                    orders.tell(probed);
                }
                prop_assert!(controller.estimate() >= Bitrate::from_kbps(300) && controller.estimate() <= MAX);
                prop_assert!(controller.next_timeout().is_none_or(|due| due > now));
            }
        }
    }
}
