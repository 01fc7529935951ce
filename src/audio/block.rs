//! Blocks of sound from reused buffers.

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use crate::time::Nanos;

/// Interleaved samples from the host.
#[derive(Debug)]
pub struct AudioBlock {
    /// Interleaved, -1 to 1.
    pub samples: Vec<f32>,
    /// Hz, 8000 to 192000.
    pub sample_rate: u32,
    /// 1 to 8, in WAVE order (FL FR FC LFE BL BR SL SR).
    pub channels: u32,
    pub host_time: u64,
    pub pushed_at: Nanos,
    home: Arc<ArrayQueue<Vec<f32>>>,
}

/// Sample buffers that come back by themselves; allocates only while warming up.
#[derive(Clone, Debug)]
pub struct BlockPool(Arc<ArrayQueue<Vec<f32>>>);

impl BlockPool {
    pub fn new(buffers: usize) -> Self {
        Self(Arc::new(ArrayQueue::new(buffers.max(1))))
    }

    pub fn block(
        &self,
        samples: &[f32],
        sample_rate: u32,
        channels: u32,
        host_time: u64,
        pushed_at: Nanos,
    ) -> AudioBlock {
        let mut buffer = self.0.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(samples);
        AudioBlock { samples: buffer, sample_rate, channels, host_time, pushed_at, home: Arc::clone(&self.0) }
    }
}

impl AudioBlock {
    /// Sample frames (one sample of every channel).
    pub fn frames(&self) -> usize {
        self.samples.len() / self.channels.max(1) as usize
    }
    /// Replaces samples that are NaN or infinite by 0 and returns how many there were. For the worker: the host's audio
    /// thread only copies.
    pub fn silence_invalid(&mut self) -> usize {
        let mut silenced = 0;
        for sample in self.samples.iter_mut().filter(|s| !s.is_finite()) {
            *sample = 0.0;
            silenced += 1;
        }
        silenced
    }
    /// How long it plays, in ns.
    pub fn duration_ns(&self) -> u64 {
        self.frames() as u64 * 1_000_000_000 / u64::from(self.sample_rate.max(1))
    }
}

impl Drop for AudioBlock {
    fn drop(&mut self) {
        // A full pool means the buffer was one too many: it is simply freed.
        let _ = self.home.push(std::mem::take(&mut self.samples));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_samples_become_silence_and_are_counted() {
        let pool = BlockPool::new(1);
        let samples = [0.5, f32::NAN, f32::INFINITY, -0.25, f32::NEG_INFINITY, f32::MAX];
        let mut block = pool.block(&samples, 48_000, 2, 0, Nanos(0));
        assert_eq!(block.silence_invalid(), 3);
        assert_eq!(block.samples, [0.5, 0.0, 0.0, -0.25, 0.0, f32::MAX]);
        assert_eq!(block.silence_invalid(), 0);
    }
}
