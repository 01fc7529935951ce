//! Loss that sending causes, told from loss that the path has anyway.
//!
//! Radio links lose packets however little is sent; backing off from that gains nothing. So what counts is loss above
//! what is usual here (libwebrtc's LossBasedBweV2 calls it inherent loss). A path that polices without a queue shows in
//! that the loss goes away with the rate.

use std::time::Duration;

use super::history::{Fate, History};
use crate::time::Nanos;

/// Loss is looked at over this time at most.
const WINDOW: Duration = Duration::from_millis(400);
/// Fewer packets say nothing.
const LEAST_PACKETS: usize = 30;
/// Above the usual by so much, and by three standard deviations, it is ours.
const EXCESS: f64 = 0.05;
/// So much is believed to be usual when it is seen at the very beginning.
const AT_FIRST: f64 = 0.12;
/// A burst of loss may be over already: never less than this share at once.
const LEAST: f64 = 0.7;
/// How long it takes until a new loss rate is the usual one, in seconds.
const USUAL_AFTER: f64 = 2.0;

#[derive(Debug, Default)]
pub struct Loss {
    /// None until enough was heard.
    usual: Option<f64>,
    updated_at: Nanos,
    cut_at: Nanos,
}

impl Loss {
    /// The share of what is sent that would arrive whole, if there is much more loss than usual. `queued`: a queue overflows, which
    /// says nothing about what is usual.
    pub fn update(&mut self, now: Nanos, history: &History, rtt: Duration, queued: bool) -> Option<f64> {
        let newest = history.newest()?;
        let passed = now.saturating_since(self.updated_at).as_secs_f64().min(0.2);
        self.updated_at = now;
        let window = newest.saturating_since(self.cut_at).min(WINDOW);
        let (lost, packets) = history.loss(window);
        if packets < LEAST_PACKETS {
            return None;
        }
        let usual = self.usual.unwrap_or(if queued { 0.0 } else { lost.min(AT_FIRST) });
        if !queued {
            self.usual = Some(usual + (lost - usual) * passed / USUAL_AFTER);
        }
        let noise = 3.0 * (lost * (1.0 - lost) / packets as f64).sqrt();
        if lost < usual + EXCESS.max(noise) || window < rtt.max(Duration::from_millis(100)) {
            return None;
        }
        self.cut_at = now;
        Some(((1.0 - lost) / (1.0 - usual)).max(LEAST))
    }

    /// Whether this batch, of `packets` packets, lost more than usual.
    pub fn is_unusual(&self, history: &History, packets: usize) -> bool {
        let (mut lost, mut all) = (0.0, 0.0);
        for packet in history.recent(Duration::MAX).take(packets).filter(|packet| packet.fate != Fate::Unheard) {
            all += 1.0;
            lost += f64::from(u8::from(packet.fate == Fate::Lost));
        }
        lost > self.usual.unwrap_or(0.0) * all * 1.5 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::Report;

    const RTT: Duration = Duration::from_millis(40);

    /// 400 packets a second, of which every `nth` is lost, for so many batches of 50 ms. How often the rate was cut.
    fn run(loss: &mut Loss, history: &mut History, batches: std::ops::Range<u64>, nth: u64) -> usize {
        batches
            .filter(|batch| {
                let reports: Vec<_> = (0..20)
                    .map(|i| {
                        let n = batch * 20 + i;
                        let sent = Nanos(n * 2_500_000);
                        let arrived = (n % nth != nth - 1).then(|| Duration::from_nanos(sent.0));
                        Report { sent, arrived, bytes: 1200 }
                    })
                    .collect();
                history.add(&reports);
                loss.update(Nanos((batch + 1) * 50_000_000), history, RTT, false).is_some()
            })
            .count()
    }

    #[test]
    fn a_path_that_always_loses_a_tenth_is_left_alone() {
        let (mut loss, mut history) = Default::default();
        assert_eq!(run(&mut loss, &mut history, 0..400, 10), 0);
        assert!((loss.usual.unwrap() - 0.1).abs() < 0.02, "{:?}", loss.usual);
    }

    #[test]
    fn loss_that_begins_suddenly_and_is_large_cuts_the_rate() {
        let (mut loss, mut history) = Default::default();
        assert_eq!(run(&mut loss, &mut history, 0..100, u64::MAX), 0);
        assert!(run(&mut loss, &mut history, 100..110, 2) >= 1);
    }
}
