//! How long a round trip to one viewer takes and how much is lost on the way, smoothed, for whoever sends to it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::time::Nanos;

/// A new round trip counts for an eighth (RFC 6298, section 2).
const RTT_SHARE: u32 = 8;
/// A report comes each second; a new one counts for a quarter.
const LOSS_SHARE: f32 = 0.25;
/// Taken until a round trip was measured.
const RTT_GUESS: Duration = Duration::from_millis(50);

/// Written by the connection's task, read by any.
#[derive(Debug, Default)]
pub struct Path {
    /// Microseconds; 0: not measured.
    rtt: AtomicU32,
    latest: AtomicU32,
    /// Of all that were measured, in microseconds, and how many they were.
    total: AtomicU64,
    measurements: AtomicU64,
    /// Bits of an `f32`, 0 to 1.
    loss: AtomicU32,
    /// When RTCP came last, which nobody but the viewer can have made.
    heard: AtomicU64,
}

impl Path {
    /// What a receiver report says: a round trip, when there is one, and the share of packets lost since the one before
    /// (RFC 3550, section 6.4).
    pub fn reported(&self, rtt: Option<Duration>, lost: f32) {
        if let Some(rtt) = rtt {
            let micros = u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX).max(1);
            let before = self.rtt.load(Ordering::Relaxed);
            let smoothed = if before == 0 { micros } else { before - before / RTT_SHARE + micros / RTT_SHARE };
            self.latest.store(micros, Ordering::Relaxed);
            self.total.fetch_add(micros.into(), Ordering::Relaxed);
            self.measurements.fetch_add(1, Ordering::Relaxed);
            self.rtt.store(smoothed.max(1), Ordering::Relaxed);
        }
        let lost = if lost.is_finite() { lost.clamp(0.0, 1.0) } else { 0.0 };
        let before = self.loss();
        self.loss.store((before + (lost - before) * LOSS_SHARE).to_bits(), Ordering::Relaxed);
    }

    /// Authentic RTCP came, whichever way.
    pub fn note_heard(&self, now: Nanos) {
        self.heard.store(now.0, Ordering::Relaxed);
    }

    pub fn heard(&self) -> Nanos {
        Nanos(self.heard.load(Ordering::Relaxed))
    }

    /// The smoothed round trip; None until one was measured.
    pub fn rtt(&self) -> Option<Duration> {
        let micros = self.rtt.load(Ordering::Relaxed);
        (micros > 0).then(|| Duration::from_micros(micros.into()))
    }

    /// The latest round trip, all of them together, and how many they were; None until one was measured.
    pub fn rtt_total(&self) -> Option<(Duration, Duration, u64)> {
        let micros = |micros: u64| Duration::from_micros(micros);
        let measurements = self.measurements.load(Ordering::Relaxed);
        let latest = self.latest.load(Ordering::Relaxed).into();
        (measurements > 0).then(|| (micros(latest), micros(self.total.load(Ordering::Relaxed)), measurements))
    }

    /// The share of packets lost, 0 to 1, smoothed over some seconds.
    pub fn loss(&self) -> f32 {
        f32::from_bits(self.loss.load(Ordering::Relaxed))
    }

    /// What an answer that left now cannot be back before: the longer of the smoothed and the latest round trip, as a queue
    /// on the path grows faster than the mean.
    pub fn answer_time(&self) -> Duration {
        let latest = Duration::from_micros(self.latest.load(Ordering::Relaxed).into());
        self.rtt().map_or(RTT_GUESS, |smoothed| smoothed.max(latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_round_trip_counts_whole_and_later_ones_an_eighth() {
        let path = Path::default();
        assert_eq!((path.rtt(), path.answer_time()), (None, RTT_GUESS));
        path.reported(Some(Duration::from_millis(80)), 0.0);
        assert_eq!(path.rtt(), Some(Duration::from_millis(80)));
        path.reported(Some(Duration::from_millis(160)), 0.0);
        assert_eq!(path.rtt(), Some(Duration::from_millis(90)));
        assert_eq!(path.answer_time(), Duration::from_millis(160));
        path.reported(None, 0.0);
        path.reported(Some(Duration::ZERO), 0.0);
        assert!(path.rtt().unwrap() < Duration::from_millis(80) && path.answer_time() == path.rtt().unwrap());
    }

    #[test]
    fn loss_follows_the_reports_and_takes_no_nonsense() {
        let path = Path::default();
        for _ in 0..40 {
            path.reported(None, 0.1);
        }
        assert!((path.loss() - 0.1).abs() < 0.001);
        for nonsense in [f32::NAN, f32::INFINITY, -3.0, 9.0] {
            path.reported(None, nonsense);
            assert!((0.0..=1.0).contains(&path.loss()));
        }
    }
}
