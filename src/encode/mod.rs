//! Encoders: `types` (the trait and what crosses it), `plane` and `yuv` (a
//! picture's bytes, our own or lent, and how they lie), `select` (ordered candidates, each proved
//! by a real encode), one adapter per library (`openh264`, `ffmpeg` with its settings as data) or for
//! two that are siblings (`vpx_aom`: libvpx and libaom), `keyframe` and `rate` (pure
//! policies), `temporal` (pure: temporal layers), `threads` (how many an encoder gets), `bitstream` (pure: what an access unit holds), `fake` (deterministic, for tests), `opus`.

pub mod bitstream;
#[doc(hidden)]
pub mod fake;
#[cfg(feature = "ffmpeg")]
mod ffmpeg;
pub mod fill;
pub mod keyframe;
#[cfg(feature = "webrtc")]
mod openh264;
#[cfg(feature = "webrtc")]
pub mod opus;
mod plane;
pub mod rate;
pub mod select;
pub mod temporal;
#[cfg(any(feature = "ffmpeg", feature = "webrtc"))]
mod threads;
pub mod types;
#[cfg(feature = "webrtc")]
mod vpx_aom;
mod yuv;

#[cfg(test)]
mod tests;

pub use plane::Plane;
pub use temporal::Temporal;
pub use types::{Codec, EncodeError, EncodedFrame, EncoderSettings, Matrix, RateChange, VideoEncoder, YuvFrame};
#[cfg(feature = "webrtc")]
pub use vpx_aom::load_libvpx;
