//! The `VideoEncoder` that libvpx and libaom make.

use std::sync::Arc;

use bytes::Bytes;

use super::interface::FORCE_KEYFRAME;
use super::open::Open;
use super::spec::Spec;
use super::{Sibling, TIME_BASE, library};
use crate::encode::temporal::{Pattern, Step};
use crate::encode::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame, bitstream};
use crate::frame::Chroma;
use crate::time;
use crate::units::Bitrate;

pub struct Encoder<L: Sibling> {
    spec: &'static Spec,
    settings: EncoderSettings,
    open: Open<L>,
    pattern: Pattern,
    layers: u8,
    pts: i64,
    started: bool,
}

impl<L: Sibling> Encoder<L> {
    pub fn open(spec: &'static Spec, settings: EncoderSettings) -> Result<Self, EncodeError> {
        let unavailable = |reason: String| EncodeError::Unavailable { encoder: spec.name.into(), reason };
        let size = settings.size;
        if size != size.padded_to_even() || size.width.max(size.height) > L::LARGEST_SIDE || !size.is_valid() {
            return Err(unavailable(format!("{}x{} is odd or too large", size.width, size.height)));
        }
        let open = library::get().map_err(str::to_owned).and_then(|library| Open::new(library, spec, settings, 1));
        let open = open.map_err(unavailable)?;
        Ok(Self { spec, settings, open, pattern: Pattern::new(1), layers: 1, pts: 0, started: false })
    }

    fn failed(&self, reason: impl Into<String>) -> EncodeError {
        EncodeError::Failed { encoder: self.spec.name.into(), reason: reason.into() }
    }

    fn encode_picture(&mut self, frame: &YuvFrame, keyframe: bool, step: Option<Step>) -> Result<Bytes, String> {
        let flags = step.map_or(Ok(0), |step| L::place(&mut self.open, step))?;
        let (pts, duration) = (self.pts, TIME_BASE / self.settings.fps.clamp(1, TIME_BASE));
        self.pts += i64::from(duration);
        self.open.encode(frame, pts, duration, if keyframe { FORCE_KEYFRAME } else { flags })
    }
}

impl<L: Sibling> VideoEncoder for Encoder<L> {
    fn name(&self) -> &'static str {
        self.spec.name
    }
    fn codec(&self) -> Codec {
        self.spec.codec
    }
    fn settings(&self) -> EncoderSettings {
        self.settings
    }
    fn rate_change(&self) -> RateChange {
        RateChange::Seamless
    }

    fn set_temporal_layers(&mut self, layers: u8) -> Result<u8, EncodeError> {
        let able = self.open.library.version() >= L::LAYERS_SINCE;
        let layers = if able { layers.clamp(1, self.spec.temporal_layers) } else { 1 };
        if !self.started && layers != self.layers {
            self.open = Open::new(self.open.library, self.spec, self.settings, layers).map_err(|e| self.failed(e))?;
            (self.layers, self.pattern) = (layers, Pattern::new(layers));
        }
        Ok(self.layers)
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        let encode_started = time::now();
        if frame.size != self.settings.size || !frame.is_complete() || frame.chroma != Chroma::Planar {
            return Err(self.failed(format!("the picture is not a whole {:?}", self.settings.size)));
        }
        let keyframe = keyframe || !self.started;
        let step = self.pattern.advance(keyframe);
        let data = self.encode_picture(frame, keyframe, step).map_err(|reason| self.failed(reason))?;
        if data.is_empty() {
            return Ok(None);
        }
        self.started = true;
        Ok(Some(EncodedFrame {
            codec: self.spec.codec,
            size: self.settings.size,
            keyframe: bitstream::is_keyframe(self.spec.codec, &data),
            temporal: step.map(|step| step.temporal),
            data,
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started,
            encode_ended: time::now(),
        }))
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        // The frame rate is what the time stamps say.
        self.settings.fps = fps.max(1);
        if bitrate != self.settings.bitrate {
            self.open.set_rate(bitrate, self.layers).map_err(|reason| self.failed(reason))?;
            self.settings.bitrate = bitrate;
        }
        Ok(())
    }
}
