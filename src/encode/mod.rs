//! Encoders: `types` (the trait and what crosses it), `select` (ordered candidates, each proved by a real encode),
//! `options` (FFmpeg's settings as data), one adapter per library, `keyframe` and `rate` (pure policies), `opus`.

pub mod types;

pub use types::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
