//! Sound in.

use super::boundary::boundary;
use super::handles;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::video::host_time;
use crate::error::PushError;

/// Copies a block of sound in. Blocks follow each other; what is pushed late is not waited for.
///
/// `samples` are interleaved floats, -1 to 1, `frames` times `channels` of them, aligned to 4 bytes; NaN and infinities play
/// as silence. `frames` is the number of samples of each channel: 0 (allowed, does nothing) up to 200 ms; 10 to 20 ms are
/// best. `channels` is 1 to 8 in WAVE order (FL FR FC LFE BL BR SL SR) and is mixed down to stereo. `sample_rate` is in Hz,
/// 8000 to 192000. `host_time_ns` is when the first sample was made, on the same clock as the pictures; 0 means now.
///
/// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (200 ms are waiting, the block was dropped and counted);
/// RENDERCAST_AUDIO_BLOCK (rate, channels or length outside its range); RENDERCAST_NULL_POINTER; RENDERCAST_UNALIGNED;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread, made for the host's audio thread; one thread at a time, else blocks interleave. Never blocks and takes no
/// lock; allocates only for the first blocks of a length. The samples are free again when the call returns. Since 0.1.0.
///
/// # Safety
/// `samples` is NULL or readable for `frames * channels` floats.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_push_audio(
    streamer: rendercast_streamer,
    samples: *const f32,
    frames: u32,
    channels: u32,
    sample_rate: u32,
    host_time_ns: u64,
) -> rendercast_status {
    boundary("rendercast_push_audio", || {
        let count = sample_count(frames, channels, sample_rate)?;
        if samples.is_null() {
            return Err(Failure::Null("samples"));
        }
        if !samples.is_aligned() {
            return Err(Failure::Unaligned("samples"));
        }
        // SAFETY: not NULL, aligned, readable for `count` floats as the caller promises; at most 200 ms of 8 channels.
        let samples = unsafe { std::slice::from_raw_parts(samples, count) };
        handles::with(streamer, |object| {
            if !samples.is_empty() {
                object.streamer.push_audio(samples, sample_rate, channels, host_time(host_time_ns))?;
            }
            Ok(RENDERCAST_OK)
        })
    })
}

/// Checked before the host's memory is looked at: an absurd length must not become a slice.
fn sample_count(frames: u32, channels: u32, sample_rate: u32) -> Result<usize, PushError> {
    if !(8_000..=192_000).contains(&sample_rate) {
        return Err(PushError::SampleRate(sample_rate));
    }
    if !(1..=8).contains(&channels) {
        return Err(PushError::Channels(channels));
    }
    let milliseconds = u64::from(frames) * 1_000 / u64::from(sample_rate);
    if u64::from(frames) * 1_000_000_000 / u64::from(sample_rate) > crate::audio::ring::CAPACITY_NS {
        return Err(PushError::BlockTooLong(milliseconds));
    }
    Ok(frames as usize * channels as usize)
}
