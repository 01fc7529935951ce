//! Host audio thread to audio worker: 200 ms of blocks; when they are full the newest is refused and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use super::block::{AudioBlock, BlockPool};
use crate::error::PushError;
use crate::stats::Counter;
use crate::time::Nanos;
use crate::wake::Wake;

/// How much sound may wait, in ns.
pub const CAPACITY_NS: u64 = 200_000_000;
/// Blocks that may wait, however short: 200 ms of 64-sample blocks at 48 kHz are 150.
const CAPACITY_BLOCKS: usize = 512;

#[derive(Clone, Debug)]
pub struct AudioRing {
    blocks: Arc<ArrayQueue<AudioBlock>>,
    waiting_ns: Arc<AtomicU64>,
    pool: BlockPool,
    dropped: Counter,
    wake: Wake,
}

impl AudioRing {
    pub fn new(dropped: Counter, wake: Wake) -> Self {
        Self {
            blocks: Arc::new(ArrayQueue::new(CAPACITY_BLOCKS)),
            waiting_ns: Arc::default(),
            pool: BlockPool::new(CAPACITY_BLOCKS),
            dropped,
            wake,
        }
    }

    /// Copies a block in, or refuses it when 200 ms are waiting already.
    pub fn push(
        &self,
        samples: &[f32],
        sample_rate: u32,
        channels: u32,
        host_time: u64,
        now: Nanos,
    ) -> Result<(), PushError> {
        if !(8_000..=192_000).contains(&sample_rate) {
            return Err(PushError::SampleRate(sample_rate));
        }
        if !(1..=8).contains(&channels) {
            return Err(PushError::Channels(channels));
        }
        if !samples.len().is_multiple_of(channels as usize) {
            return Err(PushError::Samples(samples.len(), channels));
        }
        let duration = (samples.len() / channels as usize) as u64 * 1_000_000_000 / u64::from(sample_rate);
        if duration > CAPACITY_NS {
            return Err(PushError::BlockTooLong(duration / 1_000_000));
        }
        let room = self.waiting_ns.fetch_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
            let after = waiting + duration;
            (after <= CAPACITY_NS).then_some(after)
        });
        if room.is_err() {
            self.dropped.add(1);
            return Err(PushError::AudioFull);
        }
        let block = self.pool.block(samples, sample_rate, channels, host_time, now);
        if self.blocks.push(block).is_err() {
            self.waiting_ns.fetch_sub(duration, Ordering::AcqRel);
            self.dropped.add(1);
            return Err(PushError::AudioFull);
        }
        self.wake.ring();
        Ok(())
    }

    pub fn pop(&self) -> Option<AudioBlock> {
        let block = self.blocks.pop()?;
        self.waiting_ns.fetch_sub(block.duration_ns(), Ordering::AcqRel);
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> (AudioRing, Counter) {
        let dropped = Counter::default();
        (AudioRing::new(dropped.clone(), Wake::default()), dropped)
    }

    #[test]
    fn full_ring_refuses_the_newest_and_keeps_the_oldest() {
        let (ring, dropped) = ring();
        let block = |v: f32| vec![v; 4_800 * 2];
        ring.push(&block(0.1), 48_000, 2, 1, Nanos(0)).unwrap();
        ring.push(&block(0.2), 48_000, 2, 2, Nanos(0)).unwrap();
        assert_eq!(ring.push(&block(0.3), 48_000, 2, 3, Nanos(0)), Err(PushError::AudioFull));
        assert_eq!(dropped.get(), 1);
        assert_eq!(ring.pop().unwrap().host_time, 1);
        ring.push(&block(0.4), 48_000, 2, 4, Nanos(0)).unwrap();
        assert_eq!(ring.pop().unwrap().host_time, 2);
        assert_eq!(ring.pop().unwrap().host_time, 4);
        assert!(ring.pop().is_none());
    }

    #[test]
    fn wrong_arguments_are_named() {
        let (ring, dropped) = ring();
        assert_eq!(ring.push(&[], 7_999, 2, 0, Nanos(0)), Err(PushError::SampleRate(7_999)));
        assert_eq!(ring.push(&[], 48_000, 9, 0, Nanos(0)), Err(PushError::Channels(9)));
        assert_eq!(ring.push(&[0.0; 3], 48_000, 2, 0, Nanos(0)), Err(PushError::Samples(3, 2)));
        assert_eq!(ring.push(&[0.0; 8_000], 8_000, 1, 0, Nanos(0)), Err(PushError::BlockTooLong(1_000)));
        assert_eq!(dropped.get(), 0);
    }
}
