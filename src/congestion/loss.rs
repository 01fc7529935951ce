//! Loss that sending causes, told from loss that the path has anyway.
//!
//! Radio links lose packets however little is sent; backing off from that gains nothing. So what counts is loss above
//! what is usual here (libwebrtc's LossBasedBweV2 calls it inherent loss). A path that polices without a queue shows in
//! that the loss goes away with the rate: after a cut it is looked whether it did, and if not the cut is taken back.

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
/// No path is believed to lose more than that without our doing.
const MOST: f64 = 0.3;
/// A cut shows in what is sent after so much, or, where other encoders must be waited for, after so much at most.
const SHOWS_AFTER: Duration = Duration::from_millis(50);
const SLOW_SENDER: Duration = Duration::from_secs(3);
/// The usual loss is the least of the last two such times, smoothed over so many seconds.
const BUCKET: Duration = Duration::from_secs(5);
const SMOOTHED: f64 = 1.0;

#[derive(Debug, Default)]
pub struct Loss {
    /// None until enough was heard.
    smooth: Option<f64>,
    /// The least of this time and of the one before.
    least: [f64; 2],
    began: Nanos,
    updated_at: Nanos,
    cut: Cut,
}

/// The last one.
#[derive(Debug, Default)]
struct Cut {
    /// When it shows in what is sent.
    at: Nanos,
    /// None once it is known what came of it.
    test: Option<Test>,
}

#[derive(Clone, Copy, Debug)]
struct Test {
    /// Loss, and what was sent in bit/s, before the cut; the share that was left by it.
    lost: f64,
    sent: f64,
    share: f64,
}

impl Loss {
    /// What the path loses whatever we do, 0 to 1.
    pub fn usual(&self) -> f64 {
        self.least[0].min(self.least[1]).min(MOST)
    }

    /// What to multiply the rate with: less than 1 if more is lost than usual, more if that turned out to be no help.
    /// `queued`: a queue overflows, which says nothing about what is usual.
    pub fn update(&mut self, now: Nanos, history: &History, rtt: Duration, queued: bool) -> Option<f64> {
        let newest = history.newest()?;
        let passed = now.saturating_since(self.updated_at).as_secs_f64().min(0.2);
        self.updated_at = now;
        // What was sent before a cut does not show what came of it.
        let window = newest.saturating_since(self.cut.at).min(WINDOW);
        let (lost, packets) = history.loss(window);
        if packets < LEAST_PACKETS {
            return None;
        }
        if !queued {
            self.learn(now, lost, passed);
        }
        if window < rtt.max(Duration::from_millis(100)) {
            return None;
        }
        let noise = 3.0 * (lost * (1.0 - lost) / packets as f64).sqrt();
        let sent = history.sent_rate(window);
        if let Some(test) = self.cut.test {
            if sent > test.sent * (1.0 + test.share) / 2.0 && now.saturating_since(self.cut.at) < SLOW_SENDER {
                return None;
            }
            self.cut.test = None;
            // If what is too much is thrown away, less of less is lost. (More was lost: it had only begun.)
            let foretold = (1.0 - (1.0 - test.lost) / test.share).max(0.0);
            if lost > (test.lost + foretold) / 2.0 && lost < (test.lost + noise).min(MOST) {
                (self.smooth, self.least) = (Some(lost), [lost; 2]);
                return Some(1.0 / test.share);
            }
        }
        let usual = self.usual();
        if lost < usual + EXCESS.max(noise) {
            return None;
        }
        let share = ((1.0 - lost) / (1.0 - usual)).max(LEAST);
        self.cut = Cut { at: now + SHOWS_AFTER, test: Some(Test { lost, sent, share }) };
        Some(share)
    }

    fn learn(&mut self, now: Nanos, lost: f64, passed: f64) {
        let Some(smooth) = &mut self.smooth else {
            (self.smooth, self.least, self.began) = (Some(lost), [lost.min(AT_FIRST); 2], now);
            return;
        };
        *smooth += (lost - *smooth) * passed / SMOOTHED;
        if now.saturating_since(self.began) >= BUCKET {
            self.began = now;
            self.least = [self.least[1], *smooth];
        }
        self.least[1] = self.least[1].min(*smooth);
    }

    /// Whether this batch, of `packets` packets, lost more than usual.
    pub fn is_unusual(&self, history: &History, packets: usize) -> bool {
        let (mut lost, mut all) = (0.0, 0.0);
        for packet in history.recent(Duration::MAX).take(packets).filter(|packet| packet.fate != Fate::Unheard) {
            all += 1.0;
            lost += f64::from(u8::from(packet.fate == Fate::Lost));
        }
        lost > self.usual() * all * 1.5 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::Report;

    const RTT: Duration = Duration::from_millis(40);

    #[derive(Default)]
    struct Path {
        loss: Loss,
        history: History,
        sent: u64,
    }

    impl Path {
        /// 20 packets in each of so many times 50 ms, of which those are lost. The product of all that was told.
        fn run(&mut self, batches: u64, mut lost: impl FnMut(u64, f64) -> bool) -> f64 {
            let mut rate = 1.0;
            for _ in 0..batches {
                let reports: Vec<_> = (0..20)
                    .map(|_| {
                        self.sent += 1;
                        let sent = Nanos(self.sent * 2_500_000);
                        let arrived = (!lost(self.sent, rate)).then(|| Duration::from_nanos(sent.0));
                        Report { sent, arrived, bytes: (1200.0 * rate) as usize }
                    })
                    .collect();
                self.history.add(&reports);
                rate *= self.loss.update(Nanos(self.sent * 2_500_000), &self.history, RTT, false).unwrap_or(1.0);
            }
            rate
        }
    }

    #[test]
    fn a_path_that_always_loses_a_tenth_is_left_alone() {
        let mut path = Path::default();
        assert_eq!(path.run(400, |n, _| n % 10 == 9), 1.0);
        assert!((path.loss.usual() - 0.1).abs() < 0.02, "{:?}", path.loss);
    }

    #[test]
    fn loss_that_goes_away_with_the_rate_cuts_it_to_what_arrives() {
        let mut path = Path::default();
        assert_eq!(path.run(100, |_, _| false), 1.0);
        // A policer that lets half of the first rate through.
        let rate = path.run(60, |n, rate| (n as f64 * 0.618).fract() > 0.5 / rate);
        assert!((0.45..0.6).contains(&rate), "{rate}");
    }

    #[test]
    fn loss_that_does_not_go_away_with_the_rate_is_the_new_usual() {
        let mut path = Path::default();
        assert_eq!(path.run(100, |_, _| false), 1.0);
        let rate = path.run(60, |n, _| n % 5 == 4);
        assert!((rate - 1.0).abs() < 1e-9 && (path.loss.usual() - 0.2).abs() < 0.05, "{rate} {:?}", path.loss);
    }
}
