//! How much may be sent again. One NACK of 1 KB can ask for 5 MB, and what is sent again takes the place of what is new.

use std::time::Duration;

use crate::time::Nanos;
use crate::units::Bitrate;

/// Of the estimate. A link that loses more is no link for video.
const SHARE: f64 = 0.5;
/// What a burst of losses may take at once, in time at the estimate.
const BURST: Duration = Duration::from_millis(500);
/// And in bytes, at least: a keyframe on a slow link.
const LEAST_BURST: f64 = 65_536.0;

/// A token bucket in bytes.
#[derive(Debug)]
pub struct Share {
    left: f64,
    refilled_at: Nanos,
}

impl Share {
    pub fn new(now: Nanos) -> Self {
        Self { left: LEAST_BURST, refilled_at: now }
    }

    /// Whether so many bytes may be sent again; they are charged then.
    pub fn take(&mut self, now: Nanos, estimate: Bitrate, bytes: usize) -> bool {
        let per_second = estimate.bps() as f64 / 8.0;
        let passed = now.saturating_since(self.refilled_at).as_secs_f64();
        self.refilled_at = self.refilled_at.max(now);
        let most = (per_second * BURST.as_secs_f64()).max(LEAST_BURST);
        self.left = (self.left + passed * per_second * SHARE).min(most);
        let enough = self.left >= bytes as f64;
        if enough {
            self.left -= bytes as f64;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_again_is_held_to_half_of_the_estimate() {
        let (mut share, estimate) = (Share::new(Nanos(0)), Bitrate::from_kbps(4_000));
        let mut taken = 0;
        for ms in 0..10_000u64 {
            // All that can be asked for.
            for _ in 0..20 {
                taken += usize::from(share.take(Nanos(ms * 1_000_000), estimate, 1_000)) * 1_000;
            }
        }
        let half = 250_000 * 10;
        assert!((half..half + 66_000).contains(&taken), "{taken}");
        // After a quiet time a burst is allowed again, and no more.
        let later = Nanos(100_000_000_000);
        let burst = std::iter::repeat_with(|| share.take(later, estimate, 1_000)).take_while(|taken| *taken).count();
        assert_eq!(burst, 250);
    }
}
