//! Which host time each chunk of sound has. Samples count time; the host's stamps, which jitter with its scheduler, only
//! correct it where sound is missing. Pure.

use super::resample::CHUNK_NS;

/// A stamp this much ahead of the samples means that sound is missing, in ns.
pub const GAP_NS: u64 = 100_000_000;
/// A stamp this far behind means that the host's clock was replaced, in ns. Less is a burst after a stall, or an audio
/// device that runs fast: the stamps catch up by themselves.
pub const CLOCK_REPLACED_NS: u64 = 2_000_000_000;

/// Host time of what comes in and of what goes out. What goes out never steps back.
#[derive(Debug, Default)]
pub struct Timeline {
    started: bool,
    /// Input rate in Hz.
    rate: u32,
    /// Time of the first input frame since the last restart or jump.
    origin: u64,
    /// Input frames since then.
    frames: u64,
    /// Chunks since then.
    chunks: u64,
    /// How much earlier than the input the first chunk begins: the filter's delay, in ns.
    delay: u64,
    /// Added to the host's stamps since its clock was replaced by one that is behind, in ns.
    shift: u64,
    /// The earliest time the next chunk may have.
    earliest: u64,
}

impl Timeline {
    /// Input of another rate follows, through a filter that delays it by `delay` seconds.
    pub fn restart(&mut self, rate: u32, delay: f64) {
        self.rate = rate.max(1);
        self.delay = (delay * 1e9) as u64;
        self.begin_at(self.earliest.saturating_add(self.delay));
    }

    /// Takes the stamp of the next block. True when sound is missing before it, as before the first one: [`jump`](Self::jump).
    pub fn follow(&mut self, host_time: u64) -> bool {
        if !self.started {
            return true;
        }
        let expected = self.input_time();
        let far_behind = |time: u64| time.saturating_add(CLOCK_REPLACED_NS) < expected;
        if !far_behind(host_time) {
            self.shift = 0;
        } else if far_behind(host_time.saturating_add(self.shift)) {
            self.shift = expected.saturating_sub(host_time);
        }
        host_time.saturating_add(self.shift) > expected.saturating_add(GAP_NS)
    }

    /// The next input frame is stamped `host_time`.
    pub fn jump(&mut self, host_time: u64) {
        self.started = true;
        self.begin_at(host_time.saturating_add(self.shift));
    }

    /// Counts input frames.
    pub fn add(&mut self, frames: usize) {
        self.frames = self.frames.saturating_add(frames as u64);
    }

    /// Counts a chunk and returns its time.
    pub fn chunk(&mut self) -> u64 {
        let time = self.origin.saturating_add(self.chunks.saturating_mul(CHUNK_NS)).saturating_sub(self.delay);
        self.chunks += 1;
        let time = time.max(self.earliest);
        self.earliest = time.saturating_add(CHUNK_NS);
        time
    }

    /// Time of the next input frame, by counting. In whole numbers, so that a day of 44.1 kHz does not drift.
    fn input_time(&self) -> u64 {
        let ns = u128::from(self.frames) * 1_000_000_000 / u128::from(self.rate.max(1));
        self.origin.saturating_add(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    fn begin_at(&mut self, origin: u64) {
        (self.origin, self.frames, self.chunks) = (origin, 0, 0);
    }
}
