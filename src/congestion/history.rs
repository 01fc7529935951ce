//! What became of the packets of the last second and a half, and what windows of it say.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Nanos;

/// One packet whose fate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub sent: Nanos,
    /// On the receiver's clock, whose zero means nothing. None: not reported as received.
    pub arrived: Option<Duration>,
    pub bytes: usize,
}

/// Older packets are forgotten.
const KEPT: Duration = Duration::from_millis(1500);
/// At most so many are kept: 1.5 s of 90 Mbit/s.
const MOST: usize = 16_384;
/// A run of unreported packets that opens a batch is a lost feedback message, not lost packets, from this length on:
/// what was sent in a whole feedback interval does not vanish while everything around it arrives.
const GAP: Duration = Duration::from_millis(20);
const GAP_PACKETS: usize = 4;

/// Arrivals closer than this, in ns, are one: the feedback's resolution is 250 us.
const TOGETHER: i64 = 500_000;
/// A packet of sound may well arrive right behind another one by chance.
const LARGE: f64 = 500.0;

/// Two hundred years, in ns: what is farther is taken to be there, so that no difference overflows.
const FAR: i64 = i64::MAX >> 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// One-way delay, in ns, with the unknown offset of the two clocks in it; and the arrival.
    Arrived {
        at: i64,
        delay: i64,
    },
    Lost,
    /// The feedback about it was lost.
    Unheard,
}

#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub sent: Nanos,
    pub bytes: f64,
    pub fate: Fate,
}

impl Packet {
    pub fn arrival(&self) -> Option<(i64, i64)> {
        match self.fate {
            Fate::Arrived { at, delay } => Some((at, delay)),
            _ => None,
        }
    }
}

/// A rate in bit/s, and over how many seconds and packets it was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub bps: f64,
    pub seconds: f64,
    pub packets: usize,
}

#[derive(Debug, Default)]
pub struct History(VecDeque<Packet>);

impl History {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes one batch, in the order of sending. Returns how many packets of it arrived.
    pub fn add(&mut self, reports: &[Report]) -> usize {
        let first = reports.iter().position(|report| report.arrived.is_some()).unwrap_or(0);
        let span = match (reports.first(), first.checked_sub(1).and_then(|last| reports.get(last))) {
            (Some(from), Some(to)) => to.sent.saturating_since(from.sent),
            _ => Duration::ZERO,
        };
        let unheard = if first >= GAP_PACKETS && span >= GAP { first } else { 0 };
        let mut arrived = 0;
        for (i, report) in reports.iter().enumerate() {
            let fate = match report.arrived {
                Some(at) => {
                    arrived += 1;
                    let at = i64::try_from(at.as_nanos()).unwrap_or(FAR).min(FAR);
                    let sent = i64::try_from(report.sent.0).unwrap_or(FAR).min(FAR);
                    Fate::Arrived { at, delay: at - sent }
                }
                None if i < unheard => Fate::Unheard,
                None => Fate::Lost,
            };
            if self.0.len() >= MOST {
                self.0.pop_front();
            }
            self.0.push_back(Packet { sent: report.sent, bytes: report.bytes as f64, fate });
        }
        if let Some(newest) = self.0.back().map(|packet| packet.sent) {
            while self.0.front().is_some_and(|packet| newest.saturating_since(packet.sent) > KEPT) {
                self.0.pop_front();
            }
        }
        arrived
    }

    /// Newest first, those sent within `window` of the newest.
    pub fn recent(&self, window: Duration) -> impl Iterator<Item = &Packet> {
        let newest = self.newest().unwrap_or_default();
        self.0.iter().rev().take_while(move |packet| newest.saturating_since(packet.sent) <= window)
    }

    pub fn newest(&self) -> Option<Nanos> {
        self.0.back().map(|packet| packet.sent)
    }

    /// Of what was sent from `from` to `until`.
    pub fn between(&self, from: Nanos, until: Nanos) -> impl Iterator<Item = &Packet> {
        self.0.iter().rev().take_while(move |p| p.sent >= from).filter(move |p| p.sent <= until)
    }

    /// The smallest one-way delay of the last `window`, or of the last `least` packets if that is more, but nothing older
    /// than `oldest`.
    pub fn least_delay(&self, window: Duration, least: usize, oldest: Duration) -> Option<i64> {
        let newest = self.newest()?;
        self.recent(oldest)
            .filter_map(|packet| packet.arrival().map(|(_, delay)| (packet.sent, delay)))
            .enumerate()
            .take_while(|(i, (sent, _))| *i < least || newest.saturating_since(*sent) <= window)
            .map(|(_, (_, delay))| delay)
            .min()
    }

    /// What was handed to the network in the last `window`, in bit/s.
    pub fn sent_rate(&self, window: Duration) -> f64 {
        self.recent(window).map(|packet| packet.bytes).sum::<f64>() * 8.0 / window.as_secs_f64()
    }

    /// What arrived of it. What nobody told us about counts as it was sent: it is not known to be lost.
    pub fn arrived_rate(&self, window: Duration) -> f64 {
        self.recent(window).filter(|packet| packet.fate != Fate::Lost).map(|packet| packet.bytes).sum::<f64>() * 8.0
            / window.as_secs_f64()
    }

    /// The rate at which the path let packets out while it had some waiting: over the newest run of packets that all
    /// waited longer than `delay_over`, at most `window` of arrivals long. `behind`: lost packets were lost behind the
    /// queue, so the path carried them too.
    pub fn busy_rate(&self, delay_over: i64, window: Duration, behind: bool) -> Option<Rate> {
        let window = i64::try_from(window.as_nanos()).unwrap_or(i64::MAX);
        // What arrived together with the oldest of the run is not in its interval, which begins there.
        let (mut bytes, mut together, mut packets) = (0.0, 0.0, 0);
        let (mut first, mut last) = (None::<i64>, None::<i64>);
        for packet in self.0.iter().rev() {
            let Some((at, delay)) = packet.arrival() else {
                match packet.fate {
                    Fate::Unheard => break,
                    _ if behind && first.is_some() => together += packet.bytes,
                    _ => {}
                }
                continue;
            };
            let newest = *last.get_or_insert(at);
            if delay <= delay_over || newest.saturating_sub(at) > window {
                break;
            }
            if first.is_none_or(|first| first.saturating_sub(at) >= TOGETHER) {
                bytes += together;
                together = 0.0;
                first = Some(at);
            }
            together += packet.bytes;
            packets += 1;
        }
        let seconds = last?.saturating_sub(first?) as f64 / 1e9;
        (packets >= 2 && seconds > 0.0).then(|| Rate { bps: bytes * 8.0 / seconds, seconds, packets })
    }

    /// How long the path holds packets back before it lets them out together, as radio links do: the longest span of
    /// sending that arrived at once.
    pub fn lumps(&self, window: Duration) -> Duration {
        let (mut longest, mut end, mut before) = (0i64, None::<(i64, i64)>, None::<(i64, i64)>);
        for packet in self.recent(window) {
            let Some((at, delay)) = packet.arrival().filter(|_| packet.bytes >= LARGE) else { continue };
            match before {
                Some((later, _)) if later.saturating_sub(at) < TOGETHER => {
                    // Of two that arrive together, the older one waited longer.
                    longest = longest.max(end.map_or(0, |(_, end_delay)| delay.saturating_sub(end_delay)));
                }
                _ => end = Some((at, delay)),
            }
            before = Some((at, delay));
        }
        Duration::from_nanos(longest.max(0) as u64)
    }

    /// Share of lost packets in the last `window`, and how many packets that is of.
    pub fn loss(&self, window: Duration) -> (f64, usize) {
        let (mut lost, mut all) = (0usize, 0usize);
        for packet in self.recent(window).filter(|packet| packet.fate != Fate::Unheard) {
            all += 1;
            lost += usize::from(packet.fate == Fate::Lost);
        }
        (if all == 0 { 0.0 } else { lost as f64 / all as f64 }, all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ms: u64, arrived_ms: Option<u64>) -> Report {
        Report { sent: Nanos(ms * 1_000_000), arrived: arrived_ms.map(Duration::from_millis), bytes: 1000 }
    }

    #[test]
    fn a_lost_feedback_message_is_not_lost_packets() {
        let mut history = History::default();
        history.add(&(0..50).map(|ms| report(ms, Some(ms + 20))).collect::<Vec<_>>());
        history.add(&(50..150).map(|ms| report(ms, (ms >= 100).then_some(ms + 20))).collect::<Vec<_>>());
        assert_eq!(history.loss(KEPT), (0.0, 100));
        history.add(&(150..200).map(|ms| report(ms, (ms % 2 == 0).then_some(ms + 20))).collect::<Vec<_>>());
        assert_eq!(history.loss(KEPT), (25.0 / 150.0, 150));
    }

    #[test]
    fn the_busy_rate_is_what_the_path_lets_out_however_fast_we_send() {
        let mut history = History::default();
        // Sent each ms (8 Mbit/s), let out each 4 ms.
        history.add(&(0..100).map(|i| report(i, Some(20 + i * 4))).collect::<Vec<_>>());
        let rate = history.busy_rate(30_000_000, Duration::from_millis(200), false).unwrap();
        assert!((rate.bps - 2e6).abs() < 1.0, "{rate:?}");
        assert!((rate.seconds - 0.2).abs() < 1e-6 && rate.packets == 51, "{rate:?}");
    }

    #[test]
    fn the_least_delay_looks_back_for_enough_packets_but_not_for_ever() {
        let mut history = History::default();
        history.add(&[report(0, Some(5)), report(500, Some(600)), report(600, Some(650)), report(610, Some(700))]);
        let least = |packets| history.least_delay(Duration::from_millis(1), packets, Duration::from_millis(200));
        assert_eq!((least(1), least(2), least(9)), (Some(90_000_000), Some(50_000_000), Some(50_000_000)));
    }
}
