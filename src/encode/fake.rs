//! A deterministic encoder for tests of other rooms: sizes by script, failures on demand, every call recorded.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use crate::time::Nanos;
use crate::units::Bitrate;

/// One call, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `keyframe` is what was asked, not what came out.
    Encode {
        host_time: u64,
        keyframe: bool,
    },
    SetRate {
        bitrate: Bitrate,
        fps: u32,
    },
}

/// The calls of one fake encoder; clones share the list, so a test keeps one while a worker owns the encoder.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    pub fn all(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn push(&self, call: Call) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// Encodes nothing, at once. The first frame is a keyframe, and so is the one after a change of rate that costs one.
/// Time stands still: `encode_started` and `encode_ended` are the frame's `pushed_at`.
#[derive(Debug)]
pub struct FakeEncoder {
    name: &'static str,
    codec: Codec,
    settings: EncoderSettings,
    rate_change: RateChange,
    sizes: Vec<usize>,
    fail_at: Option<usize>,
    skip_every: Option<usize>,
    intra_refresh: bool,
    frames: usize,
    keyframe_owed: bool,
    calls: Calls,
}

impl FakeEncoder {
    pub fn new(codec: Codec, settings: EncoderSettings) -> Self {
        Self {
            name: "fake",
            codec,
            settings,
            rate_change: RateChange::Seamless,
            sizes: vec![1_000],
            fail_at: None,
            skip_every: None,
            intra_refresh: true,
            frames: 0,
            keyframe_owed: true,
            calls: Calls::default(),
        }
    }

    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }
    pub fn with_rate_change(mut self, rate_change: RateChange) -> Self {
        self.rate_change = rate_change;
        self
    }
    /// Bytes of payload of each frame, again from the start when used up.
    pub fn with_sizes(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        self.sizes = sizes.into();
        self
    }
    /// Frame `n` (the first is 0) and all after it fail.
    pub fn failing_at(mut self, n: usize) -> Self {
        self.fail_at = Some(n);
        self
    }
    /// Every `n`th frame is skipped, as a rate control would.
    pub fn skipping_every(mut self, n: usize) -> Self {
        self.skip_every = Some(n);
        self
    }
    pub fn without_intra_refresh(mut self) -> Self {
        self.intra_refresh = false;
        self
    }
    pub fn with_calls(mut self, calls: Calls) -> Self {
        self.calls = calls;
        self
    }
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }
}

impl VideoEncoder for FakeEncoder {
    fn name(&self) -> &'static str {
        self.name
    }
    fn codec(&self) -> Codec {
        self.codec
    }
    fn settings(&self) -> EncoderSettings {
        self.settings
    }
    fn rate_change(&self) -> RateChange {
        self.rate_change
    }
    fn refreshes_by_strips(&self) -> bool {
        self.intra_refresh && self.settings.intra_refresh
    }

    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
        self.calls.push(Call::Encode { host_time: frame.host_time, keyframe });
        let number = self.frames;
        self.frames += 1;
        let failed = |reason: String| EncodeError::Failed { encoder: self.name.into(), reason };
        if frame.size != self.settings.size {
            return Err(failed(format!("picture is {:?}, not {:?}", frame.size, self.settings.size)));
        }
        if self.fail_at.is_some_and(|at| number >= at) {
            return Err(failed(format!("frame {number} fails by script")));
        }
        let keyframe = keyframe || self.keyframe_owed;
        if !keyframe && self.skip_every.is_some_and(|n| n > 0 && (number + 1).is_multiple_of(n)) {
            return Ok(None);
        }
        self.keyframe_owed = false;
        let len = self.sizes.get(number % self.sizes.len().max(1)).copied().unwrap_or(0);
        Ok(Some(EncodedFrame {
            codec: self.codec,
            size: self.settings.size,
            data: access_unit(self.codec, keyframe, number, len),
            keyframe,
            temporal: None,
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started: frame.pushed_at,
            encode_ended: frame.pushed_at.max(Nanos(0)),
        }))
    }

    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
        self.calls.push(Call::SetRate { bitrate, fps });
        self.settings.bitrate = bitrate;
        self.settings.fps = fps;
        self.keyframe_owed |= self.rate_change != RateChange::Seamless;
        Ok(())
    }
}

/// An access unit with the right frame around `len` bytes that mean nothing: packetizers can cut it, decoders cannot show it.
pub fn access_unit(codec: Codec, keyframe: bool, number: usize, len: usize) -> Bytes {
    // Never 0, so that no start code appears in it.
    let payload = (0..len).map(|i| ((i + number) % 255) as u8 + 1);
    let mut data = Vec::with_capacity(len + 32);
    match (codec, keyframe) {
        (Codec::H264, true) => data
            .extend([0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0x8c, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80, 0, 0, 0, 1, 0x65]),
        (Codec::H264, false) => data.extend([0, 0, 0, 1, 0x41]),
        (Codec::Vp8, true) => data.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a]),
        (Codec::Vp8, false) => data.extend([0x11, 0, 0]),
        (Codec::Vp9, true) => data.extend([0x82, 0x49, 0x83, 0x42]),
        (Codec::Vp9, false) => data.push(0x86),
        (Codec::Av1, _) => {
            if keyframe {
                data.extend([0x0a, 0x03, 0x01, 0x02, 0x03]);
            }
            data.push(0x32);
            let mut rest = len + 1;
            while rest >= 0x80 {
                data.push((rest & 0x7f) as u8 | 0x80);
                rest >>= 7;
            }
            data.push(rest as u8);
            data.push(if keyframe { 0x10 } else { 0x30 });
        }
    }
    data.extend(payload);
    data.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::bitstream::is_keyframe;
    use crate::units::Size;

    fn fake(codec: Codec) -> FakeEncoder {
        let size = Size::new(64, 64);
        FakeEncoder::new(
            codec,
            EncoderSettings { size, fps: 30, bitrate: Bitrate::from_kbps(1_000), intra_refresh: false },
        )
    }

    #[test]
    fn its_bytes_say_what_it_says() {
        let frame = Arc::new(YuvFrame::black(Size::new(64, 64)));
        for codec in Codec::ALL {
            let mut encoder = fake(codec).with_sizes([300, 70_000]);
            for keyframe in [false, false, true] {
                let out = encoder.encode(&frame, keyframe).unwrap().unwrap();
                assert_eq!(out.keyframe, is_keyframe(codec, &out.data), "{codec:?}");
            }
        }
    }

    #[test]
    fn it_fails_skips_and_records_by_script() {
        let frame = Arc::new(YuvFrame::black(Size::new(64, 64)));
        let mut encoder =
            fake(Codec::Vp8).with_rate_change(RateChange::Keyframe).skipping_every(2).failing_at(4).named("scripted");
        let calls = encoder.calls();
        assert!(encoder.encode(&frame, false).unwrap().unwrap().keyframe);
        assert!(encoder.encode(&frame, false).unwrap().is_none());
        encoder.set_rate(Bitrate::from_kbps(500), 30).unwrap();
        assert!(encoder.encode(&frame, false).unwrap().unwrap().keyframe);
        assert!(!encoder.encode(&frame, false).unwrap().is_some_and(|f| f.keyframe));
        assert!(encoder.encode(&frame, true).is_err());
        assert_eq!(calls.all().len(), 6);
        assert_eq!(calls.all()[2], Call::SetRate { bitrate: Bitrate::from_kbps(500), fps: 30 });
    }
}
