//! Opus (RFC 6716) through libopus: 48 kHz stereo, 10 ms a packet, constrained VBR, no DTX.
//!
//! Without FEC the encoder runs in restricted low delay: CELT only, 2.5 ms of look-ahead instead of 6.5 ms, and CELT is
//! what libopus picks for a game's sound at these rates anyway. In-band FEC exists only in Opus's speech coder, so asking
//! for it changes to the general mode, 4 ms later; libopus then leaves CELT, and music pays for it, as soon as the expected
//! loss is more than a few percent, and what it takes for steady background carries no copy. It is meant for a bad link, where a
//! hole is worse.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::fmt;
use std::ptr::NonNull;

use bytes::Bytes;
use opusic_sys as sys;

use crate::audio::resample::{CHUNK_FRAMES, RATE};
use crate::units::Bitrate;

/// Largest packet of one frame (RFC 6716, section 3.2.1).
const MAX_PACKET: usize = 1275;
/// Of 0 to 10: nearly the best, for about 1 % of a core, or 2 % with FEC.
const COMPLEXITY: i32 = 9;

/// What an encoder is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusSettings {
    /// 6 to 510 kbit/s. Default 128.
    pub bitrate: Bitrate,
    /// Whether packets carry a coarse copy of the one before (RFC 6716, section 2.1.7). Default false.
    pub fec: bool,
    /// Packets expected to be lost, 0 to 100 %. Default 0. FEC spends bits by it, and none at 0.
    pub loss_percent: u8,
}

impl Default for OpusSettings {
    fn default() -> Self {
        Self { bitrate: Bitrate::from_kbps(128), fec: false, loss_percent: 0 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpusError {
    #[error("{0} bit/s are outside 6000 to 510000")]
    Bitrate(u64),
    #[error("a loss of {0} % is outside 0 to 100")]
    Loss(u8),
    #[error("{0} samples were given; a packet is made of {expected}", expected = CHUNK_FRAMES * 2)]
    Samples(usize),
    #[error("libopus: {operation} failed: {reason} ({code})")]
    Library { operation: &'static str, reason: &'static str, code: i32 },
}

/// One stream of Opus packets.
pub struct OpusEncoder {
    state: NonNull<sys::OpusEncoder>,
    settings: OpusSettings,
    packet: [u8; MAX_PACKET],
}

// SAFETY: libopus keeps no thread-local state; an encoder may move to another thread, and `&mut self` keeps two from using
// it at once.
unsafe impl Send for OpusEncoder {}

impl OpusEncoder {
    pub fn new(settings: OpusSettings) -> Result<Self, OpusError> {
        check(settings)?;
        let mut code = sys::OPUS_OK;
        // SAFETY: plain numbers in, and `code` outlives the call.
        let state = unsafe { sys::opus_encoder_create(RATE as i32, 2, application(settings), &mut code) };
        let Some(state) = NonNull::new(state) else { return Err(library("opus_encoder_create", code)) };
        // From here on dropping destroys it.
        let mut encoder = Self { state, settings, packet: [0; MAX_PACKET] };
        encoder.control("complexity", sys::OPUS_SET_COMPLEXITY_REQUEST, COMPLEXITY)?;
        encoder.control("VBR", sys::OPUS_SET_VBR_REQUEST, 1)?;
        encoder.control("constrained VBR", sys::OPUS_SET_VBR_CONSTRAINT_REQUEST, 1)?;
        encoder.control("DTX", sys::OPUS_SET_DTX_REQUEST, 0)?;
        encoder.apply(settings)?;
        Ok(encoder)
    }

    pub fn settings(&self) -> OpusSettings {
        self.settings
    }

    /// Changes rate, FEC and expected loss from the next packet on. Only turning FEC on or off starts the encoder anew,
    /// which is heard as a dip of a few milliseconds.
    pub fn set(&mut self, settings: OpusSettings) -> Result<(), OpusError> {
        check(settings)?;
        if settings.fec != self.settings.fec {
            *self = Self::new(settings)?;
            return Ok(());
        }
        self.apply(settings)
    }

    /// Encodes 10 ms: exactly 960 interleaved samples, -1 to 1, all finite. A packet is never empty.
    pub fn encode(&mut self, samples: &[f32]) -> Result<Bytes, OpusError> {
        if samples.len() != CHUNK_FRAMES * 2 {
            return Err(OpusError::Samples(samples.len()));
        }
        // SAFETY: the state is live; libopus reads 480 frames of 2 samples, which were counted, and writes at most as many
        // bytes as the packet buffer is told to have.
        let length = unsafe {
            sys::opus_encode_float(
                self.state.as_ptr(),
                samples.as_ptr(),
                CHUNK_FRAMES as c_int,
                self.packet.as_mut_ptr(),
                MAX_PACKET as i32,
            )
        };
        match usize::try_from(length).ok().and_then(|n| self.packet.get(..n)) {
            Some(packet) if !packet.is_empty() => Ok(Bytes::copy_from_slice(packet)),
            _ => Err(library("opus_encode_float", length)),
        }
    }

    /// What decoders must wait for beyond the packet itself, in frames at 48 kHz.
    pub fn lookahead(&mut self) -> Result<u32, OpusError> {
        let mut frames: i32 = 0;
        // SAFETY: this request writes one opus_int32 through its pointer argument.
        let code = unsafe {
            sys::opus_encoder_ctl(self.state.as_ptr(), sys::OPUS_GET_LOOKAHEAD_REQUEST, &mut frames as *mut i32)
        };
        if code == sys::OPUS_OK { Ok(frames.unsigned_abs()) } else { Err(library("look-ahead", code)) }
    }

    fn apply(&mut self, settings: OpusSettings) -> Result<(), OpusError> {
        self.control("bitrate", sys::OPUS_SET_BITRATE_REQUEST, settings.bitrate.bps() as i32)?;
        self.control("FEC", sys::OPUS_SET_INBAND_FEC_REQUEST, settings.fec.into())?;
        self.control("expected loss", sys::OPUS_SET_PACKET_LOSS_PERC_REQUEST, settings.loss_percent.into())?;
        self.settings = settings;
        Ok(())
    }

    fn control(&mut self, operation: &'static str, request: c_int, value: i32) -> Result<(), OpusError> {
        // SAFETY: the state is live, and every request made here takes one opus_int32.
        let code = unsafe { sys::opus_encoder_ctl(self.state.as_ptr(), request, value) };
        if code == sys::OPUS_OK { Ok(()) } else { Err(library(operation, code)) }
    }
}

impl Drop for OpusEncoder {
    fn drop(&mut self) {
        // SAFETY: created by opus_encoder_create, owned by this value alone, and not used again.
        unsafe { sys::opus_encoder_destroy(self.state.as_ptr()) }
    }
}

impl fmt::Debug for OpusEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusEncoder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn application(settings: OpusSettings) -> c_int {
    if settings.fec { sys::OPUS_APPLICATION_AUDIO } else { sys::OPUS_APPLICATION_RESTRICTED_LOWDELAY }
}

fn check(settings: OpusSettings) -> Result<(), OpusError> {
    let bps = settings.bitrate.bps();
    if !(6_000..=510_000).contains(&bps) {
        return Err(OpusError::Bitrate(bps));
    }
    if settings.loss_percent > 100 {
        return Err(OpusError::Loss(settings.loss_percent));
    }
    Ok(())
}

fn library(operation: &'static str, code: c_int) -> OpusError {
    let reason = match code {
        sys::OPUS_BAD_ARG => "invalid argument",
        sys::OPUS_BUFFER_TOO_SMALL => "buffer too small",
        sys::OPUS_INTERNAL_ERROR => "internal error",
        sys::OPUS_INVALID_STATE => "invalid state",
        sys::OPUS_UNIMPLEMENTED => "not implemented",
        sys::OPUS_ALLOC_FAIL => "out of memory",
        _ => "unknown error",
    };
    OpusError::Library { operation, reason, code }
}

#[cfg(test)]
mod tests;
