//! What one encoding has made, counted by its worker and read by whoever asks for statistics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::shared::Latencies;
use crate::encode::EncodedFrame;
use crate::stats::meter::Meter;
use crate::time::Nanos;

/// Since the encoding was started, but for what says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerFigures {
    /// Over its last 256 frames.
    pub encode_p50_us: u32,
    pub encode_p99_us: u32,
    pub frames: u64,
    pub keyframes: u64,
    pub bytes: u64,
    /// In the last second.
    pub fps: u32,
    pub bitrate_kbps: u64,
}

#[derive(Debug, Default)]
pub struct LayerTally(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    encode_us: Latencies,
    frames: u64,
    keyframes: u64,
    bytes: u64,
    /// Frames and bytes.
    made: Meter<2>,
}

impl LayerTally {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, now: Nanos, frame: &EncodedFrame) {
        let encoding = frame.encode_ended.saturating_since(frame.encode_started).as_micros();
        let mut state = self.state();
        state.encode_us.record(u32::try_from(encoding).unwrap_or(u32::MAX));
        state.frames += 1;
        state.keyframes += u64::from(frame.keyframe);
        state.bytes += frame.data.len() as u64;
        let totals = [state.frames, state.bytes];
        state.made.note(now, totals);
    }

    pub fn figures(&self, now: Nanos) -> LayerFigures {
        let state = self.state();
        let [fps, bytes] = state.made.per_second(now);
        LayerFigures {
            encode_p50_us: state.encode_us.percentile(50),
            encode_p99_us: state.encode_us.percentile(99),
            frames: state.frames,
            keyframes: state.keyframes,
            bytes: state.bytes,
            fps: u32::try_from(fps).unwrap_or(u32::MAX),
            bitrate_kbps: bytes / 125,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Codec;
    use crate::units::Size;

    #[test]
    fn what_was_made_is_counted_and_its_rates_are_of_the_last_second() {
        let tally = LayerTally::default();
        let at = |ms: u64| Nanos(ms * 1_000_000);
        for n in 0..40 {
            let started = at(100 * n);
            let frame = EncodedFrame {
                codec: Codec::Vp8,
                size: Size::new(16, 16),
                data: vec![0; 1_250].into(),
                keyframe: n % 20 == 0,
                temporal: None,
                host_time: 0,
                pushed_at: started,
                encode_started: started,
                encode_ended: Nanos(started.0 + 3_000_000),
            };
            tally.add(started, &frame);
        }
        let figures = tally.figures(at(3_950));
        assert_eq!((figures.frames, figures.keyframes, figures.bytes), (40, 2, 50_000));
        assert_eq!((figures.fps, figures.bitrate_kbps), (10, 100));
        assert_eq!((figures.encode_p50_us, figures.encode_p99_us), (3_000, 3_000));
        assert_eq!(tally.figures(at(9_000)).fps, 0);
    }
}
