//! Opus (RFC 6716) through libopus: 48 kHz, one or two channels, floats.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::fmt;
use std::ptr::NonNull;

use opusic_sys as sys;

/// Hz.
pub const RATE: u32 = 48_000;
/// Longest packet, in samples of a channel (RFC 6716, section 3.2.5).
pub const LONGEST: usize = 5_760;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpusError {
    #[error("{0} channels are outside 1 to 2")]
    Channels(u32),
    #[error("libopus: {operation} failed ({code})")]
    Library { operation: &'static str, code: i32 },
}

/// What is to be decoded.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    Packet(&'a [u8]),
    /// A lost packet of so many samples, from the copy in the one after it, or made up where that has none.
    Before(&'a [u8], u32),
    /// A lost packet of so many samples, made up.
    Lost(u32),
}

/// One stream.
pub struct OpusDecoder {
    state: NonNull<sys::OpusDecoder>,
    channels: u32,
}

// SAFETY: libopus keeps no thread-local state; a decoder may move to another thread, and `&mut self` keeps two from using it.
unsafe impl Send for OpusDecoder {}

impl OpusDecoder {
    pub fn new(channels: u32) -> Result<Self, OpusError> {
        if !(1..=2).contains(&channels) {
            return Err(OpusError::Channels(channels));
        }
        let mut code = sys::OPUS_OK;
        // SAFETY: plain numbers in, and `code` outlives the call.
        let state = unsafe { sys::opus_decoder_create(RATE as i32, channels as c_int, &mut code) };
        let Some(state) = NonNull::new(state) else {
            return Err(OpusError::Library { operation: "opus_decoder_create", code });
        };
        Ok(Self { state, channels })
    }

    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// Puts the samples, interleaved, -1 to 1, in place of what is in `out`.
    pub fn decode(&mut self, input: Input<'_>, out: &mut Vec<f32>) -> Result<(), OpusError> {
        let (data, fec, samples) = match input {
            Input::Packet(data) => (data, 0, LONGEST),
            Input::Before(next, samples) => (next, 1, samples as usize),
            Input::Lost(samples) => (&[][..], 0, samples as usize),
        };
        // libopus makes up whole steps of 2.5 ms.
        let samples = if samples == LONGEST { LONGEST } else { samples.clamp(120, LONGEST) / 120 * 120 };
        let length = i32::try_from(data.len()).unwrap_or(i32::MAX);
        let from = if data.is_empty() { std::ptr::null() } else { data.as_ptr() };
        out.clear();
        out.resize(samples * self.channels as usize, 0.0);
        // SAFETY: the state is live; `from` is null or readable for `length` bytes; `out` holds `samples` of each channel.
        let decoded = unsafe {
            sys::opus_decode_float(self.state.as_ptr(), from, length, out.as_mut_ptr(), samples as c_int, fec)
        };
        let Ok(decoded) = usize::try_from(decoded) else {
            out.clear();
            return Err(OpusError::Library { operation: "opus_decode_float", code: decoded });
        };
        out.truncate(decoded * self.channels as usize);
        // Beyond full scale there is nothing to hear, and NaN would be heard for ever.
        out.iter_mut().for_each(|sample| *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 });
        Ok(())
    }
}

impl Drop for OpusDecoder {
    fn drop(&mut self) {
        // SAFETY: created by opus_decoder_create, owned by this value alone, and not used again.
        unsafe { sys::opus_decoder_destroy(self.state.as_ptr()) }
    }
}

impl fmt::Debug for OpusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusDecoder").field("channels", &self.channels).finish_non_exhaustive()
    }
}
