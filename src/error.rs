//! Errors that several rooms return. An error that only one operation can give lives beside that operation.

use crate::units::Size;

/// What is wrong with a frame or a block that the host pushed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("picture size {0}x{1} is outside 1x1 to {max}x{max}", max = Size::MAX_SIDE)]
    Size(u32, u32),
    #[error("pixel format {0} is unknown")]
    PixelFormat(u32),
    #[error("plane {plane}: stride {stride} bytes is smaller than the {needed} bytes of one row")]
    Stride { plane: usize, stride: usize, needed: usize },
    #[error("plane {plane}: {len} bytes given, {needed} needed")]
    Length { plane: usize, len: usize, needed: usize },
    #[error("every frame buffer is in use; the frame was dropped and counted")]
    NoBuffer,
    #[error("sample rate {0} Hz is outside 8000 to 192000")]
    SampleRate(u32),
    #[error("{0} channels are outside 1 to 8")]
    Channels(u32),
    #[error("{0} samples do not divide into {1} channels")]
    Samples(usize, u32),
    #[error("one audio block may last at most 200 ms, this one lasts {0} ms")]
    BlockTooLong(u64),
    #[error("the audio ring is full; the block was dropped and counted")]
    AudioFull,
}

/// A configuration value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{key} = {value} is outside {range}")]
    OutOfRange { key: String, value: String, range: String },
    #[error("{key} = {value:?} is unknown; one of: {known}")]
    Unknown { key: String, value: String, known: String },
    #[error("configuration is not valid: {0}")]
    Json(String),
}
