//! Which decoder is used: candidates in order, each proved once per process by really decoding a picture with it.

use std::sync::{LazyLock, OnceLock};

use super::{DecodeError, VideoDecoder};
use crate::encode::Codec;

/// Codecs that are decoded where a decoder works, the one that browsers have in hardware first.
pub const CODECS: [Codec; 2] = [Codec::H264, Codec::Vp8];

type Open = fn() -> Result<Box<dyn VideoDecoder>, DecodeError>;

struct Candidate {
    codec: Codec,
    open: Open,
    proof: OnceLock<Result<(), DecodeError>>,
}

impl Candidate {
    fn new(codec: Codec, open: Open) -> Self {
        Self { codec, open, proof: OnceLock::new() }
    }

    fn proved(&self) -> Result<(), DecodeError> {
        self.proof.get_or_init(|| self.prove()).clone()
    }

    fn prove(&self) -> Result<(), DecodeError> {
        let mut decoder = (self.open)()?;
        let mut shown = None;
        let name = decoder.name();
        let refused = |reason: &str| DecodeError::Unavailable { decoder: name, reason: reason.into() };
        decoder.decode(proof_of(self.codec), &mut |planes| shown = Some((planes.is_complete(), planes.size)))?;
        match shown {
            Some((true, size)) if (size.width, size.height) == (64, 64) => Ok(()),
            Some(_) => Err(refused("its picture is another one")),
            None => Err(refused("it holds pictures back")),
        }
    }
}

static CANDIDATES: LazyLock<Vec<Candidate>> = LazyLock::new(|| {
    vec![
        #[cfg(feature = "webrtc")]
        Candidate::new(Codec::H264, || Ok(Box::new(super::openh264::OpenH264::open()?))),
        #[cfg(feature = "webrtc")]
        Candidate::new(Codec::Vp8, || Ok(Box::new(super::vpx::Vp8::open()?))),
        #[cfg(feature = "ffmpeg")]
        Candidate::new(Codec::H264, || Ok(Box::new(super::ffmpeg::FfmpegDecoder::open(Codec::H264)?))),
        #[cfg(feature = "ffmpeg")]
        Candidate::new(Codec::Vp8, || Ok(Box::new(super::ffmpeg::FfmpegDecoder::open(Codec::Vp8)?))),
    ]
});

/// Opens the first decoder that works.
pub fn open(codec: Codec) -> Result<Box<dyn VideoDecoder>, DecodeError> {
    let none = DecodeError::Unavailable { decoder: codec.rtpmap_name(), reason: "no decoder in this build".into() };
    let mut error = none;
    for candidate in CANDIDATES.iter().filter(|candidate| candidate.codec == codec) {
        match candidate.proved().and_then(|()| (candidate.open)()) {
            Ok(decoder) => return Ok(decoder),
            Err(reason) => {
                tracing::debug!(%reason, "decoder");
                error = reason;
            }
        }
    }
    Err(error)
}

/// The codecs of [`CODECS`] with a decoder that works, in their order. The first call takes some milliseconds.
pub fn working() -> Vec<Codec> {
    let works = |codec| CANDIDATES.iter().any(|candidate| candidate.codec == codec && candidate.proved().is_ok());
    CODECS.into_iter().filter(|codec| works(*codec)).collect()
}

/// A keyframe of 64x64, one colour.
pub(super) fn proof_of(codec: Codec) -> &'static [u8] {
    match codec {
        Codec::H264 => &H264,
        _ => &VP8,
    }
}

/// By OpenH264: SPS, PPS and an IDR slice.
const H264: [u8; 55] = [
    0x00, 0x00, 0x00, 0x01, 0x67, 0x42, 0xc0, 0x14, 0x8c, 0x68, 0x42, 0x49, 0xa8, 0x08, 0x08, 0x08, 0x3c, 0x22, 0x11,
    0xa8, 0x00, 0x00, 0x00, 0x01, 0x68, 0xce, 0x3c, 0x80, 0x00, 0x00, 0x00, 0x01, 0x65, 0xb8, 0x00, 0x04, 0x09, 0xe4,
    0xc5, 0x00, 0x01, 0x19, 0xf9, 0x39, 0x39, 0x3a, 0xeb, 0xae, 0xba, 0xeb, 0xae, 0xba, 0xeb, 0xae, 0xbc,
];

/// By libvpx.
const VP8: [u8; 41] = [
    0x50, 0x03, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00, 0x40, 0x00, 0x39, 0x05, 0x00, 0x01, 0x1c, 0x24, 0x0c, 0x2c, 0x2c,
    0x44, 0xcc, 0x24, 0x40, 0x10, 0x00, 0x00, 0x33, 0x81, 0xe1, 0x6e, 0x75, 0x17, 0x12, 0xd8, 0x44, 0x60, 0xfe, 0xff,
    0xab, 0x50, 0x80,
];
