//! When to try a higher rate for a moment, and what it showed.
//!
//! As libwebrtc does (modules/congestion_controller/goog_cc: ProbeController, ProbeBitrateEstimator): a short burst, with
//! padding where there is no media; its rate of arrival is what the path carries at least. Each success is followed by the
//! next one at once.

use std::time::Duration;

use super::history::History;
use super::orders::{Orders, Probe, Probed};
use crate::time::Nanos;
use crate::units::Bitrate;

/// Length of a probe, unless the path hands packets over in larger lumps than that.
const LENGTH: Duration = Duration::from_millis(15);
const LONGEST: Duration = Duration::from_millis(150);
/// A probe is at least so many packets of 1200 bytes.
const PACKET_BITS: f64 = 1200.0 * 8.0;
const PACKETS: f64 = 6.0;
/// A probe asks for so many times the estimate: at the start, after a success, and to find out whether there is any more.
const FIRST_STEP: f64 = 3.0;
const STEP: f64 = 2.0;
const CAREFUL_STEP: f64 = 1.5;
/// Less above the estimate is not worth a probe.
const WORTH: f64 = 1.05;
/// It need not be higher than what is wanted by more than that: the rest is for the packets' headers and bursts.
const HEADROOM: f64 = 1.15;
/// Arriving this much slower than it left, a probe has found the path's limit.
const CARRIED: f64 = 0.9;
/// A probe that showed so many times the estimate is followed by another, carried or not: a few packets, woken late on their
/// way out, look as if the path had held them back.
const MUCH: f64 = 1.2;
/// What a probe that found the limit is taken to show.
const SAFE: f64 = 0.95;
/// Between probes that show nothing new: from the shortest to the longest, half longer each time. Not long after the path
/// got worse it may as well get better again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1_000);
const PAUSE_AFTER_DROP: Duration = Duration::from_millis(1_500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A path that nothing is known of yet is asked again sooner: what was in the way may have been our own start.
const PAUSE_AT_START: Duration = Duration::from_millis(300);
const START: Duration = Duration::from_secs(3);
/// After a silence, what is tried first, by what was carried before it.
const AFTER_SILENCE: f64 = 0.5;
const DROP_REMEMBERED: Duration = Duration::from_secs(60);
const TRIES: u8 = 3;
/// An answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting { until: Nanos },
    Asked { at: Nanos },
    Sent { probed: Probed, at: Nanos },
}

/// What the estimator knows when it considers a probe.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    pub now: Nanos,
    pub estimate: f64,
    /// The most that is of use, in bit/s.
    pub wanted: f64,
    /// How long the path holds packets back before it lets them out together.
    pub lumps: Duration,
}

#[derive(Debug)]
pub struct Prober {
    state: State,
    next_id: u32,
    step: f64,
    pause: Duration,
    /// Probes in a row that showed nothing.
    tries: u8,
    dropped_at: Option<Nanos>,
    wanted: f64,
    /// When a probe was first considered.
    began: Option<Nanos>,
}

impl Prober {
    pub fn new() -> Self {
        Self {
            state: State::Waiting { until: Nanos(0) },
            next_id: 1,
            step: FIRST_STEP,
            pause: SHORTEST_PAUSE,
            tries: 0,
            dropped_at: None,
            wanted: 0.0,
            began: None,
        }
    }

    /// The path, which was silent, is back: it carried `before`, and `estimate` is what the silence left of that.
    pub fn handle_return(&mut self, now: Nanos, before: f64, estimate: f64) {
        self.state = State::Waiting { until: now };
        self.step = (before * AFTER_SILENCE / estimate).max(CAREFUL_STEP);
        self.dropped_at = None;
    }

    /// The path got worse: no probe soon, but several not much later.
    pub fn handle_drop(&mut self, now: Nanos) {
        self.dropped_at = Some(now);
        self.pause = SHORTEST_PAUSE;
        self.step = CAREFUL_STEP;
        self.state = State::Waiting { until: now + SHORTEST_PAUSE };
    }

    /// Asks for a probe if one is due.
    pub fn consider(&mut self, situation: Situation, orders: &Orders) {
        let Situation { now, estimate, wanted, lumps } = situation;
        self.began.get_or_insert(now);
        if wanted > self.wanted * WORTH && self.wanted > 0.0 {
            // More has become useful: now, not at the next opportunity.
            self.pause = SHORTEST_PAUSE;
            if let State::Waiting { until } = &mut self.state
                && self.dropped_at.is_none_or(|at| now.saturating_since(at) > SHORTEST_PAUSE)
            {
                *until = now.min(*until);
            }
        }
        self.wanted = wanted;
        match self.state {
            State::Waiting { until } if now >= until && estimate * WORTH < wanted => {}
            State::Asked { at } | State::Sent { at, .. } if now.saturating_since(at) > PATIENCE => {
                self.state = State::Waiting { until: now + self.pause };
                return;
            }
            _ => return,
        }
        let rate = (estimate * self.step).min(wanted * HEADROOM);
        let packets = Duration::from_secs_f64((PACKETS * PACKET_BITS / rate.max(1e4)).min(1.0));
        let duration = LENGTH.max(packets).max(lumps * 3).min(LONGEST.max(packets));
        orders.ask(Probe { id: self.next_id, rate: Bitrate::from_bps(rate.round() as u64), duration });
        self.next_id = self.next_id.wrapping_add(1);
        self.state = State::Asked { at: now };
    }

    /// What a probe showed, in bit/s, once all of it is known.
    pub fn take_result(&mut self, now: Nanos, estimate: f64, history: &History, orders: &Orders) -> Option<f64> {
        if let State::Asked { .. } = self.state {
            while let Some(probed) = orders.take_probed() {
                if probed.id.wrapping_add(1) == self.next_id {
                    self.state = State::Sent { probed, at: now };
                }
            }
        }
        let State::Sent { probed, .. } = self.state else { return None };
        history.newest().filter(|newest| *newest >= probed.until)?;
        let result = evaluate(history, probed);
        let learnt = result.is_some_and(|(rate, _)| rate > estimate * WORTH);
        let until = if result.is_none() && self.tries < TRIES {
            // What came of it was lost on the way back, or too much of the probe itself.
            self.tries += 1;
            now
        } else if learnt && result.is_some_and(|(_, carried)| carried) {
            (self.step, self.tries) = (STEP, 0);
            now
        } else if result.is_some_and(|(rate, _)| rate > estimate * MUCH) {
            (self.step, self.tries) = (CAREFUL_STEP, 0);
            now
        } else {
            (self.step, self.tries) = (CAREFUL_STEP, 0);
            let recent = self.dropped_at.is_some_and(|at| now.saturating_since(at) < DROP_REMEMBERED);
            let longest = if recent { PAUSE_AFTER_DROP } else { LONGEST_PAUSE };
            let young = self.began.is_some_and(|began| now.saturating_since(began) < START);
            let known = !young || self.dropped_at.is_some();
            let pause = if known { self.pause } else { PAUSE_AT_START };
            if known {
                self.pause = (self.pause * 3 / 2).min(longest);
            }
            now + pause
        };
        if learnt {
            self.pause = SHORTEST_PAUSE;
        }
        self.state = State::Waiting { until };
        result.map(|(rate, _)| rate)
    }
}

/// The rate that was shown, and whether the path carried all of the probe.
fn evaluate(history: &History, probed: Probed) -> Option<(f64, bool)> {
    let (mut sent, mut arrived) = (Span::default(), Span::default());
    for packet in history.between(probed.from, probed.until) {
        sent.add(packet.sent.0 as i64, packet.bytes);
        if let Some((at, _)) = packet.arrival() {
            arrived.add(at, packet.bytes);
        }
    }
    // As libwebrtc: nothing can be said with less than four of five packets.
    if sent.packets < 4 || arrived.packets * 5 < sent.packets * 4 {
        return None;
    }
    // An interval begins when the first has arrived, and ends when the last begins to leave.
    let left = sent.rate(sent.newest)?;
    let came = arrived.rate(arrived.oldest)? * sent.packets as f64 / arrived.packets as f64;
    Some(if came >= left * CARRIED { (left.min(came), true) } else { (came * SAFE, false) })
}

/// Packets, newest first, and the time between the first and the last.
#[derive(Default)]
struct Span {
    packets: usize,
    bytes: f64,
    from: i64,
    until: i64,
    /// Bytes of the packet at either end.
    newest: f64,
    oldest: f64,
}

impl Span {
    fn add(&mut self, at: i64, bytes: f64) {
        if self.packets == 0 {
            (self.from, self.until, self.newest) = (at, at, bytes);
        }
        (self.from, self.until) = (self.from.min(at), self.until.max(at));
        self.oldest = bytes;
        self.packets += 1;
        self.bytes += bytes;
    }

    /// In bit/s, without the packet of so many bytes.
    fn rate(&self, without: f64) -> Option<f64> {
        let seconds = self.until.saturating_sub(self.from) as f64 / 1e9;
        (seconds >= 0.001).then(|| (self.bytes - without) * 8.0 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::Report;

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    fn situation(ms: u64, wanted: f64) -> Situation {
        Situation { now: at(ms), estimate: 2e6, wanted, lumps: Duration::ZERO }
    }

    /// 20 packets, one a ms (9.6 Mbit/s), that arrive so many ms apart.
    fn answer(probe: Probe, apart: f64, history: &mut History, orders: &Orders) {
        let packet = |i: u64| {
            let arrived = Duration::from_secs_f64(0.05 + apart * i as f64 / 1e3);
            Report { sent: at(1_000 + i), arrived: Some(arrived), bytes: 1200 }
        };
        history.add(&(0..20).map(packet).collect::<Vec<_>>());
        orders.tell(Probed { id: probe.id, from: at(1_000), until: at(1_019), bytes: 24_000 });
    }

    #[test]
    fn a_probe_that_arrives_as_it_left_is_followed_by_the_next_at_once() {
        let (mut prober, orders, mut history) = (Prober::new(), Orders::default(), History::default());
        prober.consider(situation(1_000, 50e6), &orders);
        let probe = orders.take_probe().unwrap();
        assert_eq!((probe.rate.kbps(), probe.duration), (6_000, LENGTH));
        answer(probe, 1.0, &mut history, &orders);
        let rate = prober.take_result(at(1_100), 2e6, &history, &orders).unwrap();
        assert!((rate - 9.6e6).abs() < 1e5, "{rate}");
        prober.consider(situation(1_100, 50e6), &orders);
        assert!(orders.take_probe().is_some());
    }

    #[test]
    fn a_probe_that_finds_the_limit_shows_a_little_less_and_is_followed_by_a_pause() {
        let (mut prober, orders, mut history) = (Prober::new(), Orders::default(), History::default());
        prober.consider(situation(1_000, 50e6), &orders);
        answer(orders.take_probe().unwrap(), 3.0, &mut history, &orders);
        let rate = prober.take_result(at(1_100), 2.8e6, &history, &orders).unwrap();
        assert!((rate - 3.2e6 * SAFE).abs() < 1e5, "{rate}");
        prober.consider(situation(1_100, 50e6), &orders);
        assert_eq!(orders.take_probe(), None);
        prober.consider(situation(2_200, 50e6), &orders);
        assert!(orders.take_probe().is_some());
    }

    #[test]
    fn a_probe_that_shows_much_is_followed_by_another_even_if_it_was_held_back() {
        let (mut prober, orders, mut history) = (Prober::new(), Orders::default(), History::default());
        prober.consider(situation(1_000, 50e6), &orders);
        answer(orders.take_probe().unwrap(), 3.0, &mut history, &orders);
        assert!(prober.take_result(at(1_100), 2e6, &history, &orders).is_some());
        prober.consider(situation(1_100, 50e6), &orders);
        assert_eq!(orders.take_probe().map(|probe| probe.rate.kbps()), Some(3_000), "with care");
    }

    #[test]
    fn nothing_is_probed_that_is_of_no_use() {
        let (mut prober, orders) = (Prober::new(), Orders::default());
        prober.consider(situation(1_000, 2e6), &orders);
        assert_eq!(orders.take_probe(), None);
        prober.consider(situation(1_050, 3e6), &orders);
        assert_eq!(orders.take_probe().map(|probe| probe.rate.kbps()), Some(3_450));
    }
}
