//! Any rate and any channels to what Opus takes: 48 kHz stereo in chunks of 10 ms, each with its host time. Pure.
//!
//! Rubato's windowed sinc is asked for exactly one chunk at a time, so that a chunk leaves as soon as the host has pushed
//! enough for it; the filter itself adds about 1 ms. At 48 kHz samples pass as they are.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Resampler as _, SincInterpolationParameters, WindowFunction};

use super::block::AudioBlock;
use super::downmix::append_stereo;
use super::timeline::Timeline;
use crate::time::Nanos;

/// Hz, the only rate that leaves.
pub const RATE: u32 = 48_000;
/// Sample frames in a chunk: 10 ms.
pub const CHUNK_FRAMES: usize = 480;
/// How long a chunk plays, in ns.
pub const CHUNK_NS: u64 = 10_000_000;

/// 10 ms of 48 kHz stereo, interleaved, -1 to 1.
#[derive(Clone, Debug)]
pub struct AudioChunk {
    pub samples: [f32; CHUNK_FRAMES * 2],
    /// Host time of its first sample, in ns. Never less than 10 ms after that of the chunk before.
    pub host_time: u64,
    /// When the host pushed the block that completed it.
    pub pushed_at: Nanos,
}

#[derive(Debug, thiserror::Error)]
pub enum ResampleError {
    #[error("audio of {0} Hz cannot be resampled: {1}")]
    Rate(u32, String),
    #[error("resampling failed: {0}")]
    Failed(String),
}

/// One for each stream of sound. Allocates when it starts and when the host changes its rate, not otherwise.
#[derive(Debug, Default)]
pub struct Resampler {
    /// Hz of what is pending; none before the first block.
    rate: Option<u32>,
    /// None at 48 kHz.
    filter: Option<Async<f32>>,
    /// Interleaved stereo at the host's rate, less than one chunk of it between calls.
    pending: Vec<f32>,
    timeline: Timeline,
}

impl Resampler {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a block and appends the chunks it completes. After a gap in host time the started chunk ends in silence and
    /// the next one begins where the host is. An error leaves the resampler ready for the next block.
    pub fn push(&mut self, block: &AudioBlock, out: &mut Vec<AudioChunk>) -> Result<(), ResampleError> {
        if self.rate != Some(block.sample_rate) {
            self.change_rate(block.sample_rate)?;
        }
        if self.timeline.follow(block.host_time) {
            self.flush(block.pushed_at, out)?;
            self.timeline.jump(block.host_time);
        }
        let before = self.pending.len();
        append_stereo(&block.samples, block.channels, &mut self.pending);
        self.timeline.add((self.pending.len() - before) / 2);
        self.drain(block.pushed_at, out)
    }

    /// Emits every complete chunk.
    fn drain(&mut self, pushed_at: Nanos, out: &mut Vec<AudioChunk>) -> Result<(), ResampleError> {
        let mut consumed = 0;
        let result = loop {
            let needed = self.needed();
            let Some(input) = self.pending.get(consumed * 2..(consumed + needed) * 2) else { break Ok(()) };
            let mut chunk =
                AudioChunk { samples: [0.0; CHUNK_FRAMES * 2], host_time: self.timeline.chunk(), pushed_at };
            if let Err(error) = process(self.filter.as_mut(), input, &mut chunk.samples) {
                break Err(error);
            }
            out.push(chunk);
            consumed += needed;
        };
        if result.is_err() {
            self.pending.clear();
        } else {
            self.pending.drain(..consumed * 2);
        }
        result
    }

    /// Plays out what is pending, with silence up to the end of its chunk, and forgets the filter's past.
    fn flush(&mut self, pushed_at: Nanos, out: &mut Vec<AudioChunk>) -> Result<(), ResampleError> {
        if !self.pending.is_empty() {
            self.pending.resize(self.needed() * 2, 0.0);
            self.drain(pushed_at, out)?;
            self.pending.clear();
        }
        if let Some(filter) = &mut self.filter {
            filter.reset();
        }
        Ok(())
    }

    /// Sample frames of input that make the next chunk.
    fn needed(&self) -> usize {
        self.filter.as_ref().map_or(CHUNK_FRAMES, |filter| filter.input_frames_next())
    }

    /// What is pending at the old rate, less than a chunk, is lost: the next block continues where the last chunk ended.
    fn change_rate(&mut self, rate: u32) -> Result<(), ResampleError> {
        self.pending.clear();
        self.rate = None;
        self.filter = if rate == RATE { None } else { Some(filter(rate)?) };
        self.timeline.restart(rate, self.filter.as_ref().map_or(0.0, |f| f.output_delay() as f64 / f64::from(RATE)));
        self.rate = Some(rate);
        Ok(())
    }
}

fn filter(rate: u32) -> Result<Async<f32>, ResampleError> {
    if !(8_000..=192_000).contains(&rate) {
        return Err(ResampleError::Rate(rate, "8000 to 192000 Hz are possible".into()));
    }
    // As long in time at every rate, 2 ms, so that its delay is 1 ms; at 44.1 kHz it passes 19.5 kHz.
    let taps = (rate as usize * 96 / 48_000).clamp(32, 384);
    let parameters = SincInterpolationParameters::new(taps, WindowFunction::Blackman2);
    let ratio = f64::from(RATE) / f64::from(rate);
    Async::new_sinc(ratio, 1.0, &parameters, CHUNK_FRAMES, 2, FixedAsync::Output)
        .map_err(|e| ResampleError::Rate(rate, e.to_string()))
}

fn process(
    filter: Option<&mut Async<f32>>,
    input: &[f32],
    output: &mut [f32; CHUNK_FRAMES * 2],
) -> Result<(), ResampleError> {
    let failed = |e: &dyn std::fmt::Display| ResampleError::Failed(e.to_string());
    let Some(filter) = filter else {
        output.copy_from_slice(input);
        return Ok(());
    };
    let from = InterleavedSlice::new(input, 2, input.len() / 2).map_err(|e| failed(&e))?;
    let mut to = InterleavedSlice::new_mut(output.as_mut_slice(), 2, CHUNK_FRAMES).map_err(|e| failed(&e))?;
    filter.process_into_buffer(&from, &mut to, None).map_err(|e| failed(&e))?;
    // A steep filter overshoots at edges.
    output.iter_mut().for_each(|s| *s = s.clamp(-1.0, 1.0));
    Ok(())
}

#[cfg(test)]
mod tests;
