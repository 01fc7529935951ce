//! A queue that somebody else fills.
//!
//! Sending less does not drain it; who keeps sending less is left with nothing. So here the rate moves as a TCP's would:
//! up by a packet a round trip, down by a share when packets are lost (RFC 5681; Copa, NSDI 2018, section 2.2, changes
//! between the two ways in the same manner).

use std::time::Duration;

use crate::time::Nanos;

const PACKET_BITS: f64 = 1200.0 * 8.0;
/// A Reno flow halves its window, and climbs by one packet a round trip. With a smaller cut a smaller climb takes the
/// same share (RFC 8312, section 4.2): 3 x (1 - b) / (1 + b).
const CUT: f64 = 0.7;
const CLIMB: f64 = 3.0 * (1.0 - CUT) / (1.0 + CUT);

#[derive(Debug)]
pub struct Compete {
    pub rate: f64,
    cut_at: Nanos,
    updated_at: Nanos,
    began: Nanos,
}

impl Compete {
    pub fn new(now: Nanos, rate: f64) -> Self {
        Self { rate, cut_at: now, updated_at: now, began: now }
    }

    /// `rtt` with the queue in it. `lost`: beyond what the path always loses.
    pub fn update(&mut self, now: Nanos, rtt: Duration, lost: bool, app_limited: bool) {
        let rtt = rtt.max(Duration::from_millis(10));
        let passed = now.saturating_since(self.updated_at).min(Duration::from_millis(200));
        self.updated_at = now;
        if lost {
            if now.saturating_since(self.cut_at) > rtt {
                self.cut_at = now;
                self.rate *= CUT;
            }
        } else if !app_limited {
            let trips = passed.as_secs_f64() / rtt.as_secs_f64();
            self.rate += CLIMB * trips * PACKET_BITS / rtt.as_secs_f64();
        }
    }

    pub fn lasts_for(&self, now: Nanos) -> Duration {
        now.saturating_since(self.began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_climbs_by_about_half_a_packet_a_round_trip_and_is_cut_once_a_round_trip() {
        let at = |ms: u64| Nanos(ms * 1_000_000);
        let rtt = Duration::from_millis(200);
        let mut compete = Compete::new(at(0), 1e6);
        for ms in (50..=1000).step_by(50) {
            compete.update(at(ms), rtt, false, false);
        }
        assert!((compete.rate - 1e6 - 5.0 * CLIMB * 48_000.0).abs() < 1.0, "{}", compete.rate);
        let before = compete.rate;
        compete.update(at(1010), rtt, true, false);
        compete.update(at(1060), rtt, true, false);
        assert_eq!(compete.rate, before * CUT);
        compete.update(at(1260), rtt, true, false);
        assert_eq!(compete.rate, before * CUT * CUT);
    }
}
