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

use std::sync::Arc;
use std::time::Duration;

use super::compete::Compete;
use super::delay::BaseDelay;
use super::drain::{Drain, Heard, Outcome};
use super::history::{History, Rate, Report};
use super::limits::Limits;
use super::loss::Loss;
use super::orders::Orders;
use super::probe::{Prober, Situation};
use crate::time::Nanos;
use crate::units::Bitrate;

const MS: i64 = 1_000_000;
/// The standing queue that is aimed at: enough to see that the path is full.
const TARGET: i64 = 6 * MS;
/// A standing queue above this is drained, not steered.
const TOO_MUCH: i64 = 20 * MS;
/// Below this a queue counts as gone.
const GONE: i64 = 10 * MS;
/// A queue that overflows is longer than this; loss beside a shorter one happens behind it.
const OVERFLOWS: i64 = 50 * MS;
/// Windows of sending in which the least delay is looked for: for acting at once, and for steering.
const LAST: Duration = Duration::from_millis(4);
const FAST: Duration = Duration::from_millis(45);
const STEADY: Duration = Duration::from_millis(120);
/// Windows hold at least so many packets, if they are this new.
const PACKETS: usize = 6;
const OLDEST: Duration = Duration::from_millis(250);
/// A path that lets out less than this share of the estimate got slower.
const FALLEN: f64 = 0.75;
/// Growth in a second without a queue: near a capacity that was measured, and where nothing is known.
const GROWTH_NEAR: f64 = 0.06;
const GROWTH_FAR: f64 = 0.20;
/// Less than this share of the estimate being sent proves nothing about more.
const USED: f64 = 0.75;
/// How far the estimate goes above what is of use.
const HEADROOM: f64 = 1.15;
/// While the path has no queue, a frame leaves at so many times the estimate.
const BURST: f64 = 2.0;
/// Silence that counts, at least; and in round trips.
const SILENCE: Duration = Duration::from_millis(500);
const SILENT_TRIPS: u32 = 4;
/// The receiver's clock jumps when its feedback wraps around, or when the path begins anew.
const CLOCK_JUMP: i64 = 10_000 * MS;

/// After a queue is gone, this share of what came out of it.
const AFTER_DRAIN: f64 = 0.95;
/// Who met a flow that fills queues meets it again soon.
const CONTENTION_REMEMBERED: Duration = Duration::from_secs(20);
/// It may have been an error: that is tried soon, and then less and less often.
const FIRST_TRY: Duration = Duration::from_secs(2);
const LAST_TRY: Duration = Duration::from_secs(12);
/// A queue as still as this for so long is none.
const LONGER_PATH: Duration = Duration::from_secs(2);
const STEADY_QUEUE: i64 = 5 * MS;

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
    /// What may be sent now: less while a queue drains.
    target: f64,
    /// The last capacity that was measured.
    capacity: Option<f64>,
    rtt: Option<Duration>,
    heard_at: Option<Nanos>,
    silent_since: Option<Nanos>,
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
            capacity: None,
            rtt: None,
            heard_at: None,
            silent_since: None,
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
        let queued = seen.fast > GONE;
        let cut = self.loss.update(now, &self.history, self.rtt.unwrap_or_default(), queued);
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Normal => self.steer(&seen, cut),
            Mode::Drain(drain) => self.drain(drain, &seen),
            Mode::Compete(compete) => self.compete(compete, &seen),
        }
        if matches!(self.mode, Mode::Normal) {
            self.probe(&seen);
            self.target = self.bounded(self.estimate);
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
        for (_, delay) in self.history.recent(Duration::MAX).take(reports.len()).filter_map(|packet| packet.arrival()) {
            self.base.add(now, delay);
        }
        let base = self.base.get()?;
        let rtt = now.saturating_since(newest);
        self.rtt = Some(self.rtt.map_or(rtt, |before| before * 7 / 8 + rtt / 8));
        let queue = |window| self.history.least_delay(window, PACKETS, OLDEST).map(|delay| delay.saturating_sub(base));
        Some(Seen {
            now,
            last: self.history.least_delay(LAST, 3, OLDEST)?.saturating_sub(base),
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
        if let Some(share) = cut.filter(|_| !seen.app_limited) {
            let rate = self.estimate * share;
            self.handle_less(now, rate);
            self.estimate = rate;
            return;
        }
        let over = (seen.steady - TARGET) as f64 / 1e9;
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

    /// The rate at which packets come out of a queue that is too long.
    fn find_queue(&self, seen: &Seen) -> Option<f64> {
        if seen.last < TOO_MUCH {
            return None;
        }
        let rate = self.measure(seen, GONE, Duration::from_millis(150))?;
        let stands = seen.fast > TOO_MUCH && rate.packets >= 5 && rate.seconds >= 0.02;
        // The path got so much slower that there is no need to wait until the queue is known to stand.
        let falls = rate.packets >= 8 && rate.seconds >= 0.03 && rate.bps < self.estimate * FALLEN;
        (stands || falls).then_some(rate.bps)
    }

    /// What comes out of a queue, over a time that is long against the lumps it comes in.
    fn measure(&self, seen: &Seen, over: i64, window: Duration) -> Option<Rate> {
        let behind = seen.last < OVERFLOWS;
        let rate = self.history.busy_rate(seen.base.saturating_add(over), window.max(seen.lumps * 6), behind)?;
        (rate.packets >= 5 && rate.seconds >= seen.lumps.as_secs_f64() * 2.0).then_some(rate)
    }

    /// There is a queue: `rate` is what comes out of it.
    fn handle_queue(&mut self, seen: &Seen, rate: f64) {
        let queue = seen.last as f64 / 1e9;
        let contended = self.contended_at.is_some_and(|at| seen.now.saturating_since(at) < CONTENTION_REMEMBERED);
        if contended && rate > self.estimate * 0.6 {
            self.mode = Mode::Compete(Compete::new(seen.now, rate));
            self.target = self.bounded(rate);
            return;
        }
        self.handle_less(seen.now, rate);
        let mut drain = Drain::new(seen.now, rate, queue);
        self.go_on_draining(&mut drain, seen);
        self.mode = Mode::Drain(drain);
    }

    /// The path carries less than was believed.
    fn handle_less(&mut self, now: Nanos, rate: f64) {
        if rate < self.estimate * 0.85 {
            self.prober.handle_drop(now);
        }
        self.capacity = Some(rate);
    }

    fn go_on_draining(&mut self, drain: &mut Drain, seen: &Seen) -> Outcome {
        let newest = self.history.newest().unwrap_or_default();
        let busy = self.measure(seen, GONE, Duration::from_millis(100));
        let bits = |bytes: f64| bytes * 8.0;
        let out = drain.update(Heard {
            now: seen.now,
            newest,
            last: seen.last as f64 / 1e9,
            queue: seen.fast as f64 / 1e9,
            busy: busy.filter(|busy| busy.seconds >= 0.02).map(|busy| busy.bps),
            lumps: seen.lumps.as_secs_f64(),
            since: bits(self.orders.departed_since(newest) as f64),
            until: bits(self.history.between(drain.began, newest).map(|packet| packet.bytes).sum()),
        });
        if let Outcome::Goes(rate) = out {
            self.capacity = Some(drain.capacity);
            self.target = self.bounded(rate.min(self.estimate));
        }
        out
    }

    fn drain(&mut self, mut drain: Drain, seen: &Seen) {
        match self.go_on_draining(&mut drain, seen) {
            Outcome::Goes(_) => self.mode = Mode::Drain(drain),
            Outcome::Empty => {
                self.contended_at = None;
                self.try_after = FIRST_TRY;
                self.estimate = self.bounded(self.estimate.min(drain.capacity * AFTER_DRAIN));
            }
            Outcome::Contended => {
                self.contended_at = Some(seen.now);
                self.range = (seen.now, seen.fast, seen.fast);
                self.target = self.bounded(drain.share);
                self.mode = Mode::Compete(Compete::new(seen.now, drain.share));
            }
        }
    }

    fn compete(&mut self, mut compete: Compete, seen: &Seen) {
        let (since, least, most) = self.range;
        self.range = (since, least.min(seen.fast), most.max(seen.fast));
        let queue = Duration::from_nanos(seen.fast.max(0) as u64);
        let lost = self.loss.is_unusual(&self.history, seen.batch);
        compete.update(seen.now, self.rtt.unwrap_or_default().max(queue), lost, seen.app_limited);
        compete.rate = self.bounded(compete.rate.min(self.wanted() * HEADROOM));
        self.estimate = compete.rate;
        self.target = compete.rate;
        if seen.fast < GONE {
            return;
        }
        if seen.now.saturating_since(since) > LONGER_PATH {
            let (_, least, most) = std::mem::replace(&mut self.range, (seen.now, seen.fast, seen.fast));
            if most - least < STEADY_QUEUE {
                // Nobody's queue is that still: the path got longer.
                self.base.rebase(seen.base.saturating_add(least));
                self.contended_at = None;
                return;
            }
        }
        if compete.lasts_for(seen.now) > self.try_after {
            self.try_after = (self.try_after * 2).min(LAST_TRY);
            let rate = self.history.arrived_rate(Duration::from_millis(500)).max(compete.rate * 0.5);
            let mut drain = Drain::new(seen.now, rate, seen.fast as f64 / 1e9);
            drain.share = compete.rate;
            self.mode = Mode::Drain(drain);
            return;
        }
        self.mode = Mode::Compete(compete);
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

    fn publish(&self) {
        let burst = match self.mode {
            Mode::Normal => BURST,
            Mode::Drain(_) | Mode::Compete(_) => 1.0,
        };
        self.orders.set_rate(Bitrate::from_bps((self.target * burst) as u64));
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due. None before anything was heard.
    pub fn next_timeout(&self) -> Option<Nanos> {
        Some(self.silent_since.or(self.heard_at)? + self.patience())
    }

    fn patience(&self) -> Duration {
        SILENCE.max(self.rtt.unwrap_or_default() * SILENT_TRIPS)
    }

    /// Nothing was heard for long: half the rate, if something was sent meanwhile.
    pub fn handle_timeout(&mut self, now: Nanos) {
        let Some(since) = self.silent_since.or(self.heard_at) else { return };
        if now < since + self.patience() {
            return;
        }
        self.silent_since = Some(now);
        // What left just now cannot have been answered.
        if self.orders.last_departure().is_some_and(|at| at > since) {
            self.prober.handle_drop(now);
            self.mode = Mode::Normal;
            self.estimate = self.bounded(self.estimate.min(self.target) / 2.0);
            self.target = self.estimate;
            self.publish();
        }
    }
}
