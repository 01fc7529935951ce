//! What the controller does about a queue: drain it, or share the path with whoever fills it.

use std::time::Duration;

use super::{Controller, FIRST_TRY, GONE, HEADROOM, MS, Mode, Seen};
use crate::congestion::compete::Compete;
use crate::congestion::drain::{Drain, Heard, Outcome};
use crate::congestion::history::Rate;
use crate::time::Nanos;

/// A standing queue above this is drained, not steered.
const TOO_MUCH: i64 = 20 * MS;
/// A queue that overflows is longer than this; loss beside a shorter one happens behind it.
const OVERFLOWS: i64 = 50 * MS;
/// A path got slower where it lets out less than this share of what it was believed to carry, over so long, by so many packets.
struct Fall {
    share: f64,
    window: Duration,
    packets: usize,
    seconds: f64,
}
const FALLEN: Fall = Fall { share: 0.75, window: Duration::from_millis(150), packets: 8, seconds: 0.03 };
/// Of a deep fall fewer packets tell.
const FALLEN_FAR: Fall = Fall { share: 0.45, window: Duration::from_millis(50), packets: 5, seconds: 0.02 };
/// Lumps that a measurement lasts for, at least.
const LUMPS: u32 = 6;
/// Few queues are longer, in seconds: of what is sent into one that would be, much is lost, which is heard of only when what
/// came through has left it.
const OVERFULL: f64 = 0.25;
/// After a queue is gone, this share of what came out of it.
const AFTER_DRAIN: f64 = 0.95;
/// Who met a flow that fills queues meets it again soon.
const CONTENTION_REMEMBERED: Duration = Duration::from_secs(20);
/// Longest between two trials whether the other flow has gone.
const LAST_TRY: Duration = Duration::from_secs(12);
/// A queue as still as this for so long is none.
const LONGER_PATH: Duration = Duration::from_secs(2);
const STEADY_QUEUE: i64 = 5 * MS;

impl Controller {
    /// The rate at which packets come out of a queue that is too long.
    pub(super) fn find_queue(&self, seen: &Seen) -> Option<f64> {
        if seen.last < TOO_MUCH {
            return None;
        }
        let rate = self.measure(seen, GONE, FALLEN.window)?;
        if seen.fast > TOO_MUCH && rate.seconds >= 0.02 {
            return Some(rate.bps);
        }
        self.find_fall(seen, self.estimate, &FALLEN).or_else(|| self.find_fall(seen, self.estimate, &FALLEN_FAR))
    }

    /// The rate at which packets come out of a path that got so much slower that there is no need to wait until the queue is
    /// known to stand. Unless it only loses more: packets lost behind a short queue were let out of it.
    fn find_fall(&self, seen: &Seen, believed: f64, fall: &Fall) -> Option<f64> {
        if seen.last < TOO_MUCH {
            return None;
        }
        let rate = self.measure(seen, GONE, fall.window)?;
        let window = fall.window.max(seen.lumps * LUMPS);
        let out = self.history.busy_rate(seen.base.saturating_add(GONE), window, seen.last < OVERFLOWS)?;
        let told = out.packets >= fall.packets && out.seconds >= fall.seconds;
        (told && out.bps.max(rate.bps) < believed * fall.share).then_some(rate.bps)
    }

    /// What comes out of a queue, and is usually lost behind it, over a time that is long against the lumps it comes in.
    pub(super) fn measure(&self, seen: &Seen, over: i64, window: Duration) -> Option<Rate> {
        let rate = self.history.busy_rate(seen.base.saturating_add(over), window.max(seen.lumps * LUMPS), false)?;
        let rate = Rate { bps: rate.bps / (1.0 - self.loss.usual().min(0.5)), ..rate };
        (rate.packets >= 5 && rate.seconds >= seen.lumps.as_secs_f64() * 2.0).then_some(rate)
    }

    /// There is a queue: `rate` is what comes out of it.
    pub(super) fn handle_queue(&mut self, seen: &Seen, rate: f64) {
        let contended = self.contended_at.is_some_and(|at| seen.now.saturating_since(at) < CONTENTION_REMEMBERED);
        if contended && rate > self.estimate * 0.6 {
            self.mode = Mode::Compete(Compete::new(seen.now, rate));
            (self.target, self.pace) = (self.bounded(rate), self.bounded(rate));
            return;
        }
        self.begin_to_drain(seen, rate);
    }

    fn begin_to_drain(&mut self, seen: &Seen, rate: f64) {
        self.handle_less(seen.now, rate);
        let mut drain = Drain::new(seen.now, rate, seen.last as f64 / 1e9);
        self.go_on_draining(&mut drain, seen);
        if drain.foretold > OVERFULL {
            self.orders.begin_anew();
        }
        self.mode = Mode::Drain(drain);
    }

    /// The path carries less than was believed.
    pub(super) fn handle_less(&mut self, now: Nanos, rate: f64) {
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
            backlog: bits(self.orders.backlog() as f64),
            until: bits(self.history.between(drain.began, newest).map(|packet| packet.bytes).sum()),
        });
        if let Outcome::Goes(pace, rate) = out {
            self.capacity = Some(drain.capacity);
            self.pace = self.bounded(pace.min(self.estimate));
            self.target = self.bounded(rate.min(self.estimate));
        }
        out
    }

    pub(super) fn drain(&mut self, mut drain: Drain, seen: &Seen) {
        // It falls again, or was still falling when it was measured.
        if let Some(rate) = self.find_fall(seen, drain.capacity, &FALLEN_FAR) {
            return self.begin_to_drain(seen, rate);
        }
        match self.go_on_draining(&mut drain, seen) {
            Outcome::Goes(..) => self.mode = Mode::Drain(drain),
            Outcome::Empty => {
                self.settling = true;
                self.contended_at = None;
                self.try_after = FIRST_TRY;
                self.estimate = self.bounded(self.estimate.min(drain.capacity * AFTER_DRAIN));
            }
            Outcome::Contended => {
                self.contended_at = Some(seen.now);
                self.range = (seen.now, seen.fast, seen.fast);
                (self.target, self.pace) = (self.bounded(drain.share), self.bounded(drain.share));
                self.mode = Mode::Compete(Compete::new(seen.now, drain.share));
            }
        }
    }

    pub(super) fn compete(&mut self, mut compete: Compete, seen: &Seen) {
        let (since, least, most) = self.range;
        self.range = (since, least.min(seen.fast), most.max(seen.fast));
        let queue = Duration::from_nanos(seen.fast.max(0) as u64);
        let lost = self.loss.is_unusual(&self.history, seen.batch);
        compete.update(seen.now, self.rtt.unwrap_or_default().max(queue), lost, seen.app_limited);
        compete.rate = self.bounded(compete.rate.min(self.wanted() * HEADROOM));
        self.estimate = compete.rate;
        (self.target, self.pace) = (compete.rate, compete.rate);
        if seen.fast < GONE {
            return;
        }
        if seen.now.saturating_since(since) > LONGER_PATH {
            let (_, least, most) = std::mem::replace(&mut self.range, (seen.now, seen.fast, seen.fast));
            if most.saturating_sub(least) < STEADY_QUEUE {
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
}
