//! Sound from the host on its way to the audio worker: `block` (what a block is and how its buffers are reused),
//! `ring` (200 ms, refuses the newest), `resample` (any rate to Opus's 48 kHz, in chunks of 10 ms), `downmix` (any channels
//! to stereo), `timeline` (which host time each chunk has).

pub mod block;
pub mod downmix;
pub mod resample;
pub mod ring;
pub mod timeline;

pub use resample::{AudioChunk, ResampleError, Resampler};
