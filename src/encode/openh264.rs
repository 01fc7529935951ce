//! OpenH264, compiled in: the encoder that is always there, and whose rate changes without a keyframe.
//!
//! Its SPS always carries `bitstream_restriction` with `max_num_reorder_frames` 0, so decoders show every frame at once.

#![allow(unsafe_code)] // raw options: the crate has no safe way to change the rate

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use bytes::Bytes;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, RateControlMode,
    SpsPpsStrategy, UsageType, VuiConfig,
};
use openh264::formats::YUVSource;
use openh264::{OpenH264API, Timestamp};
use openh264_sys2::{
    ENCODER_OPTION, ENCODER_OPTION_BITRATE, ENCODER_OPTION_FRAME_RATE, ENCODER_OPTION_MAX_BITRATE,
    ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, ENCODER_OPTION_TRACE_LEVEL, SBitrateInfo, SEncParamExt, SPATIAL_LAYER_0,
    SPATIAL_LAYER_ALL, WELS_LOG_QUIET,
};

use super::bitstream;
use super::temporal::Temporal;
use super::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use crate::frame::Chroma;
use crate::time;
use crate::units::{Bitrate, Size};

pub const NAME: &str = "openh264";

/// OpenH264 counts at most this many frames a second (`MAX_FRAME_RATE` in its wels_const.h); above, rates are scaled.
const MAX_FPS: u32 = 60;
/// What level 5.2 allows in Baseline; above it OpenH264 drops the limit altogether.
const MAX_BITRATE: u64 = 240_000_000;
/// OpenH264 refuses smaller and larger pictures.
const MIN_SIDE: u32 = 16;
const MAX_SIDES: (u32, u32) = (3840, 2160);
/// Temporal layers at most.
const LAYERS: u8 = 2;

pub struct OpenH264 {
    encoder: Encoder,
    settings: EncoderSettings,
    /// OpenH264 is initialised by its first frame; before that options cannot be set.
    started: bool,
    layers: u8,
    /// The next frame begins the stream: what was encoded before it only initialised OpenH264.
    keyframe_owed: bool,
}

impl OpenH264 {
    pub fn open(settings: EncoderSettings) -> Result<Self, EncodeError> {
        check_size(settings.size)?;
        Ok(Self { encoder: create(settings)?, settings, started: false, layers: 1, keyframe_owed: false })
    }

    fn set_option<T>(&mut self, option: ENCODER_OPTION, mut value: T) -> Result<(), EncodeError> {
        // SAFETY: `value` is of the type OpenH264 documents for `option` (each caller sees to that) and outlives the call,
        // which copies it. None of the options used here is one that the crate relies on.
        let status = unsafe { self.encoder.raw_api().set_option(option, (&raw mut value).cast::<c_void>()) };
        if status == 0 { Ok(()) } else { Err(failed(format!("option {option} refused with status {status}"))) }
    }
}

/// The whole configuration. Every frame comes out (no skipping), nothing but a request makes a keyframe (no scene change
/// detection, no intra period), one slice in one thread (more gained nothing at 1080p).
fn create(settings: EncoderSettings) -> Result<Encoder, EncodeError> {
    let config = EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .complexity(Complexity::Low)
        .profile(Profile::Baseline)
        .rate_control_mode(RateControlMode::Bitrate)
        .bitrate(BitRate::from_bps(effective_bps(settings)))
        .max_frame_rate(FrameRate::from_hz(settings.fps.clamp(1, MAX_FPS) as f32))
        .skip_frames(false)
        .scene_change_detect(false)
        .intra_frame_period(IntraFramePeriod::auto())
        // Parameter sets with the same ids before each IDR: a viewer that joins needs nothing earlier.
        .sps_pps_strategy(SpsPpsStrategy::ConstantId)
        .num_threads(1)
        .vui(VuiConfig::bt709());
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config)
        .map_err(|e| EncodeError::Unavailable { encoder: NAME.into(), reason: e.to_string() })?;
    let mut quiet: c_int = WELS_LOG_QUIET;
    // SAFETY: TRACE_LEVEL takes an int and may be set before initialisation, during which OpenH264 would print warnings.
    unsafe { encoder.raw_api().set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut quiet).cast()) };
    Ok(encoder)
}

/// The rate OpenH264 must be told: it spends `bitrate / 60` on each frame even when there are more than 60 a second.
fn effective_bps(settings: EncoderSettings) -> u32 {
    let fps = u64::from(settings.fps.max(1));
    let scaled = settings.bitrate.bps().min(MAX_BITRATE) * fps.min(MAX_FPS.into()) / fps;
    u32::try_from(scaled.max(u64::from(MAX_FPS))).unwrap_or(u32::MAX)
}

fn check_size(size: Size) -> Result<(), EncodeError> {
    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
    if size == size.padded_to_even() && short >= MIN_SIDE && long <= MAX_SIDES.0 && short <= MAX_SIDES.1 {
        return Ok(());
    }
    Err(EncodeError::Unavailable {
        encoder: NAME.into(),
        reason: format!("{}x{} is odd, or outside 16x16 to 3840x2160 or 2160x3840", size.width, size.height),
    })
}

fn failed(reason: impl Into<String>) -> EncodeError {
    EncodeError::Failed { encoder: NAME.into(), reason: reason.into() }
}

struct Source<'a>(&'a YuvFrame);

impl YUVSource for Source<'_> {
    fn dimensions(&self) -> (usize, usize) {
        (self.0.size.width as usize, self.0.size.height as usize)
    }
    fn strides(&self) -> (usize, usize, usize) {
        let [y, u, v] = self.0.strides;
        (y, u, v)
    }
    fn y(&self) -> &[u8] {
        &self.0.planes[0]
    }
    fn u(&self) -> &[u8] {
        &self.0.planes[1]
    }
    fn v(&self) -> &[u8] {
        &self.0.planes[2]
    }
}

impl VideoEncoder for OpenH264 {
    fn name(&self) -> &'static str {
        NAME
    }
    fn codec(&self) -> Codec {
        Codec::H264
    }
    fn settings(&self) -> EncoderSettings {
        self.settings
    }
    fn rate_change(&self) -> RateChange {
        RateChange::Seamless
    }

    /// OpenH264 has more layers, but with two nothing but frames that no other refers to (`nal_ref_idc` 0) is left out: a
    /// decoder sees no gap in `frame_num`.
    fn set_temporal_layers(&mut self, layers: u8) -> Result<u8, EncodeError> {
        let layers = layers.clamp(1, LAYERS);
        if self.started || layers == self.layers {
            return Ok(self.layers);
        }
        // The crate gives its own parameters to the first frame, and those that are in force can be changed after it.
        self.encoder.encode(&Source(&YuvFrame::black(self.settings.size))).map_err(|e| failed(e.to_string()))?;
        self.started = true;
        self.keyframe_owed = true;
        let mut parameters = SEncParamExt::default();
        let option = ENCODER_OPTION_SVC_ENCODE_PARAM_EXT;
        // SAFETY: the option is of this type, and OpenH264 writes a whole one.
        let status = unsafe { self.encoder.raw_api().get_option(option, (&raw mut parameters).cast::<c_void>()) };
        if status != 0 {
            return Err(failed(format!("its parameters are not told (status {status})")));
        }
        parameters.iTemporalLayerNum = layers.into();
        self.set_option(option, parameters)?;
        self.layers = layers;
        Ok(layers)
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        let encode_started = time::now();
        // OpenH264 reads both chroma planes with the stride of the first.
        let planar = frame.chroma == Chroma::Planar && frame.strides[1] == frame.strides[2];
        if frame.size != self.settings.size || !frame.is_complete() || !planar {
            return Err(failed(format!("the picture is not a whole {:?}", self.settings.size)));
        }
        if (keyframe || self.keyframe_owed) && self.started {
            self.encoder.force_intra_frame();
        }
        let timestamp = Timestamp::from_millis(frame.host_time / 1_000_000);
        let out = self.encoder.encode_at(&Source(frame), timestamp).map_err(|e| failed(e.to_string()))?;
        if matches!(out.frame_type(), FrameType::Skip) {
            return Ok(None);
        }
        let data = Bytes::from(out.to_vec());
        if data.is_empty() {
            return Err(failed("nothing came out"));
        }
        (self.started, self.keyframe_owed) = (true, false);
        let keyframe = bitstream::is_keyframe(Codec::H264, &data);
        let discardable = bitstream::h264_is_discardable(&data);
        Ok(Some(EncodedFrame {
            codec: Codec::H264,
            size: self.settings.size,
            keyframe,
            // Only what the stream itself says of a frame makes it one that can be left out.
            temporal: (self.layers > 1).then(|| Temporal { id: discardable.into(), discardable, sync: discardable }),
            data,
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started,
            encode_ended: time::now(),
        }))
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        let new = EncoderSettings { bitrate, fps: fps.max(1), ..self.settings };
        if !self.started {
            self.encoder = create(new)?;
            self.settings = new;
            return Ok(());
        }
        if new.fps != self.settings.fps {
            self.set_option(ENCODER_OPTION_FRAME_RATE, new.fps.min(MAX_FPS) as f32)?;
        }
        let bps = c_int::try_from(effective_bps(new)).unwrap_or(c_int::MAX);
        let most = SBitrateInfo { iLayer: SPATIAL_LAYER_0, iBitrate: bps };
        let target = SBitrateInfo { iLayer: SPATIAL_LAYER_ALL, iBitrate: bps };
        // The target may at no moment be above the maximum.
        if bps > c_int::try_from(effective_bps(self.settings)).unwrap_or(c_int::MAX) {
            self.set_option(ENCODER_OPTION_MAX_BITRATE, most)?;
            self.set_option(ENCODER_OPTION_BITRATE, target)?;
        } else {
            self.set_option(ENCODER_OPTION_BITRATE, target)?;
            self.set_option(ENCODER_OPTION_MAX_BITRATE, most)?;
        }
        self.settings = new;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openh264_is_built_with_its_assembly() {
        let slow_on_purpose = std::env::var("RENDERCAST_ALLOW_SLOW_OPENH264").as_deref() == Ok("1");
        assert!(slow_on_purpose || env!("RENDERCAST_OPENH264_ASSEMBLY") != "missing");
    }

    #[test]
    fn more_than_sixty_frames_a_second_share_the_same_rate() {
        let settings = |fps| EncoderSettings {
            size: Size::new(64, 64),
            fps,
            bitrate: Bitrate::from_kbps(6_000),
            intra_refresh: false,
        };
        assert_eq!(effective_bps(settings(30)), 6_000_000);
        assert_eq!(effective_bps(settings(60)), 6_000_000);
        assert_eq!(effective_bps(settings(120)), 3_000_000);
    }

    #[test]
    fn impossible_sizes_are_unavailable_and_not_failures() {
        for size in [Size::new(8, 64), Size::new(63, 64), Size::new(3842, 2160), Size::new(2160, 3842)] {
            let settings = EncoderSettings { size, fps: 30, bitrate: Bitrate::from_kbps(500), intra_refresh: false };
            assert!(matches!(OpenH264::open(settings), Err(EncodeError::Unavailable { .. })), "{size:?}");
        }
    }
}
