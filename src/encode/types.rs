//! What goes into an encoder, what comes out, and what every encoder can be asked.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::plane::Plane;
use super::temporal::Temporal;
use crate::frame::{Chroma, Surface};
use crate::time::Nanos;
use crate::units::{Bitrate, Size};

/// A video codec, in the order it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    H264,
    Vp8,
    Vp9,
    Av1,
}

impl Codec {
    pub const ALL: [Codec; 4] = [Self::H264, Self::Vp8, Self::Vp9, Self::Av1];

    /// The name in SDP's `a=rtpmap` (RFC 6184, 7741, 9628; AV1 RTP specification).
    pub const fn rtpmap_name(self) -> &'static str {
        match self {
            Self::H264 => "H264",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
        }
    }

    /// The matrix that a decoder takes its pictures to have: VP8 can name no other (RFC 6386, section 9.2).
    pub const fn matrix(self) -> Matrix {
        match self {
            Self::Vp8 => Matrix::Bt601,
            Self::H264 | Self::Vp9 | Self::Av1 => Matrix::Bt709,
        }
    }
}

/// How Y, U and V are made of red, green and blue; limited range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    Bt601,
    Bt709,
}

/// A picture on its way to an encoder: 4:2:0, limited range, BT.709 until it is made ready for a codec that has another
/// matrix ([`Codec::matrix`]), both sides even, rows top to bottom.
#[derive(Clone, Debug)]
pub struct YuvFrame {
    pub size: Size,
    pub chroma: Chroma,
    /// Y, U, V; interleaved chroma: Y, UV and an empty one. Each holds `strides[i]` times the plane's rows.
    pub planes: [Plane; 3],
    pub strides: [usize; 3],
    pub host_time: u64,
    pub pushed_at: Nanos,
}

impl YuvFrame {
    /// A black picture, both sides padded to even. What a probe encodes.
    pub fn black(size: Size) -> Self {
        let size = size.padded_to_even();
        let (width, height) = (size.width as usize, size.height as usize);
        let chroma = vec![128; width / 2 * (height / 2)];
        Self {
            size,
            chroma: Chroma::Planar,
            planes: [vec![16; width * height], chroma.clone(), chroma].map(Plane::from),
            strides: [width, width / 2, width / 2],
            host_time: 0,
            pushed_at: Nanos(0),
        }
    }

    /// The picture as one object of the system's, for encoders that take it as it is.
    pub fn surface(&self) -> Option<&Surface> {
        self.planes[0].surface()
    }

    /// Whether both sides are even, every stride covers its row and every plane holds all its rows: what an adapter must
    /// know before it hands pointers to C.
    pub fn is_complete(&self) -> bool {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let even = self.size.is_valid() && width.is_multiple_of(2) && height.is_multiple_of(2);
        even && (0..3).all(|i| {
            let (plane, stride, (row, rows)) = (&self.planes[i], self.strides[i], self.plane_size(i));
            stride >= row
                && i32::try_from(stride).is_ok()
                && stride.checked_mul(rows).is_some_and(|needed| plane.len() >= needed)
        })
    }
}

/// One access unit, shared by everybody who sends it.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    pub codec: Codec,
    pub size: Size,
    /// H.264: Annex B with parameter sets before every IDR. VP8, VP9: one frame. AV1: one temporal unit, without temporal delimiter.
    pub data: Bytes,
    /// Decodable without anything before it (H.264: IDR, not a recovery point).
    pub keyframe: bool,
    /// Its place among temporal layers; None: the stream has one layer only.
    pub temporal: Option<Temporal>,
    pub host_time: u64,
    pub pushed_at: Nanos,
    /// When encoding began and ended, for the latency figures.
    pub encode_started: Nanos,
    pub encode_ended: Nanos,
}

/// What a change of the target rate costs with this encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateChange {
    /// Takes effect on the next frame, nothing else happens.
    Seamless,
    /// The next frame is a keyframe.
    Keyframe,
    /// The encoder is closed and opened again, so the next frame is a keyframe and costs the opening too.
    Reopen,
}

/// What an encoder is asked to produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderSettings {
    /// Even in both directions.
    pub size: Size,
    /// Frames a second, 1 to 240. Sizes the rate control's buffer.
    pub fps: u32,
    pub bitrate: Bitrate,
    /// The picture is renewed a strip at a time, about once a second, where the encoder can
    /// ([`VideoEncoder::refreshes_by_strips`]). Keyframes on demand stay keyframes.
    pub intra_refresh: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The encoder is not there: not compiled in, no driver, no device. Final for this process.
    #[error("{encoder} is not available: {reason}")]
    Unavailable { encoder: String, reason: String },
    /// The encoder was there and failed.
    #[error("{encoder} failed: {reason}")]
    Failed { encoder: String, reason: String },
}

/// One open encoder. Lives on one worker thread. Never delays a frame: what goes in comes out before `encode` returns.
pub trait VideoEncoder: Send {
    /// The name FFmpeg uses (`h264_nvenc`, `libx264`, ...) or `openh264`.
    fn name(&self) -> &'static str;
    fn codec(&self) -> Codec;
    fn settings(&self) -> EncoderSettings;
    fn rate_change(&self) -> RateChange;
    /// The chroma it reads without a copy. Planar pictures are taken by every encoder, interleaved ones only where this
    /// says so.
    fn chroma(&self) -> Chroma {
        Chroma::Planar
    }
    /// Whether it does what `settings().intra_refresh` asks for.
    fn refreshes_by_strips(&self) -> bool {
        false
    }
    /// Asks for so many temporal layers (1 to 3), before the first picture. Answers how many there will be: an encoder
    /// without them makes one.
    fn set_temporal_layers(&mut self, _layers: u8) -> Result<u8, EncodeError> {
        Ok(1)
    }
    /// Encodes one picture of exactly `settings().size`. `Ok(None)`: the rate control skipped it.
    fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError>;
    /// Sets the target, at the cost `rate_change` names.
    fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError>;
}
