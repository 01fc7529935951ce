//! Statuses: what every function that can fail returns. Numbers are never reused for another meaning.

use std::ffi::{CStr, c_char};

use super::boundary::boundary_value;
use crate::error::{ConfigError, PushError};
use crate::graphics::GraphicsError;
use crate::streamer::{
    CallError, CertificateError, ChannelError, ConfigurationError, ConfigureError, OperationError, OptionsError,
    OrderError, PeerCallError, ReportError, SendError, SenderError, SignalError, SourceError, StreamerError,
};

/// What a call came to. 0 is success, positive is "not now" (nothing is wrong), negative is a failure whose text
/// rendercast_last_error gives on the same thread. A newer library may return numbers that this header does not name.
pub type rendercast_status = i32;

/// Done.
pub const RENDERCAST_OK: i32 = 0;
/// There is nothing to take now: no event, no input, no link yet.
pub const RENDERCAST_EMPTY: i32 = 1;
/// Every buffer is in use. A frame or block was dropped and counted: push the next one as usual. A message was not taken:
/// send it again later.
pub const RENDERCAST_WOULD_BLOCK: i32 = 2;
/// A pointer that must point somewhere is NULL.
pub const RENDERCAST_NULL_POINTER: i32 = -1;
/// The handle is stale or was never given: its object was destroyed, or the lent frame was committed or discarded.
pub const RENDERCAST_INVALID_HANDLE: i32 = -2;
/// An earlier call on this object hit a defect of the library. Only rendercast_destroy still works on it.
pub const RENDERCAST_POISONED: i32 = -3;
/// This call hit a defect of the library. The object is poisoned, the process and other objects are unharmed.
pub const RENDERCAST_PANIC: i32 = -4;
/// The structure's `size` field is not the size of any version of it that this library knows.
pub const RENDERCAST_STRUCT_SIZE: i32 = -5;
/// A text is not UTF-8, or has no NUL in its first 1048576 bytes.
pub const RENDERCAST_INVALID_TEXT: i32 = -6;
/// The configuration cannot be used. rendercast_last_error names the key and the accepted range.
pub const RENDERCAST_INVALID_CONFIG: i32 = -7;
/// An argument is outside its range, or a flag is unknown. rendercast_last_error names it.
pub const RENDERCAST_INVALID_ARGUMENT: i32 = -8;
/// The picture's width or height is outside 1 to 16384 pixels, or not the texture's own.
pub const RENDERCAST_PICTURE_SIZE: i32 = -9;
/// The pixel format is none of RENDERCAST_FORMAT_*.
pub const RENDERCAST_PIXEL_FORMAT: i32 = -10;
/// A stride is smaller than one row of its plane, or larger than 1048576 bytes.
pub const RENDERCAST_STRIDE: i32 = -11;
/// The sample rate, the channel count or the length of the audio block is outside its range.
pub const RENDERCAST_AUDIO_BLOCK: i32 = -12;
/// The caller's buffer is too small. `needed` says how large it has to be.
pub const RENDERCAST_BUFFER_TOO_SMALL: i32 = -13;
/// The streamer was started before.
pub const RENDERCAST_ALREADY_STARTED: i32 = -14;
/// The system refused a thread, a socket or memory.
pub const RENDERCAST_NO_RESOURCES: i32 = -15;
/// Too many objects of this kind are alive at once: 64 streamers, 8 lent frames or 15 sources of one streamer, 16
/// graphics devices, 32 data channels of one viewer, or `peer.max_viewers` viewers.
pub const RENDERCAST_TOO_MANY: i32 = -16;
/// A pointer to float samples is not aligned to 4 bytes.
pub const RENDERCAST_UNALIGNED: i32 = -17;
/// The graphics API is not in this build, or the device lacks something.
pub const RENDERCAST_GRAPHICS_UNAVAILABLE: i32 = -18;
/// The graphics device is lost. Destroy it and create another; streaming goes on with the next picture.
pub const RENDERCAST_DEVICE_LOST: i32 = -19;
/// The texture's format, or what it may be used for, is not one that is taken.
pub const RENDERCAST_TEXTURE_FORMAT: i32 = -20;
/// A call of the graphics API failed. The picture was dropped and counted.
pub const RENDERCAST_GRAPHICS_FAILED: i32 = -21;
/// The viewer is not connected, or has no open data channel with this label, or no data channel has this number.
pub const RENDERCAST_NO_CHANNEL: i32 = -22;
/// No embedded server and no signaling client of the call protocol runs.
pub const RENDERCAST_NO_CALLS: i32 = -23;

/// The streamer is not started.
pub const RENDERCAST_NOT_STARTED: i32 = -24;

/// No viewer with this number is here.
pub const RENDERCAST_NO_VIEWER: i32 = -25;

/// The streamer has no source with this number: it was destroyed or never created.
pub const RENDERCAST_NO_SOURCE: i32 = -37;

/// None of the codecs has an encoder that works on this machine.
pub const RENDERCAST_NO_CODEC: i32 = -40;

/// The data channel is not open: connecting, closing or closed.
pub const RENDERCAST_CHANNEL_NOT_OPEN: i32 = -30;
/// The id is that of another data channel of this viewer.
pub const RENDERCAST_CHANNEL_ID_IN_USE: i32 = -31;
/// The message is longer than the viewer takes.
pub const RENDERCAST_MESSAGE_TOO_LONG: i32 = -32;

/// What is asked for cannot change any more (W3C InvalidModificationError). rendercast_last_error names the key.
pub const RENDERCAST_INVALID_MODIFICATION: i32 = -33;
/// A certificate's file cannot be read or written, is damaged, or has expired. rendercast_last_error names it.
pub const RENDERCAST_CERTIFICATE: i32 = -34;
/// It is W3C's, and not supported (W3C NotSupportedError). rendercast_last_error says why.
pub const RENDERCAST_NOT_SUPPORTED: i32 = -35;

/// The viewer came by a signaling protocol: the library negotiates for it.
pub const RENDERCAST_NOT_HOST_NEGOTIATED: i32 = -26;
/// It cannot be done in this state of the connection, or never again (W3C InvalidStateError).
pub const RENDERCAST_INVALID_STATE: i32 = -27;
/// It is no session description, does not fit the other one, or is not ours (W3C sdp-syntax-error, InvalidAccessError,
/// InvalidModificationError).
pub const RENDERCAST_INVALID_DESCRIPTION: i32 = -28;
/// An operation on a connection failed (W3C OperationError).
pub const RENDERCAST_OPERATION_FAILED: i32 = -29;

/// Why an export failed. Each one has a status and a text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0} is NULL")]
    Null(&'static str),
    #[error("streamer {0:#x} is not alive: it was destroyed or never created")]
    StaleStreamer(u32),
    #[error("graphics device {0:#x} is not alive: it was destroyed or never created")]
    StaleDevice(u32),
    #[error("graphics device {0:#x} is in use by another thread")]
    BusyDevice(u32),
    #[error("frame {0:#x} is not lent: it was committed, discarded or never acquired")]
    StaleFrame(u32),
    #[error("streamer {0:#x} hit a defect in an earlier call; destroy it")]
    Poisoned(u32),
    #[error("{name}.size is {size}, sizeof({name}) is {expected}")]
    StructSize { name: &'static str, size: u32, expected: usize },
    #[error("{name} is not UTF-8: {reason}")]
    NotUtf8 { name: &'static str, reason: std::str::Utf8Error },
    #[error("{0} has no NUL in its first 1048576 bytes")]
    Unterminated(&'static str),
    #[error("{name} = {value} is outside {range}")]
    Argument { name: &'static str, value: u64, range: &'static str },
    #[error("plane {plane}: stride {stride} bytes is above 1048576")]
    StrideTooLarge { plane: usize, stride: u32 },
    #[error("{0} is not aligned to 4 bytes")]
    Unaligned(&'static str),
    #[error("the buffer holds {capacity} bytes, {needed} are needed")]
    BufferTooSmall { capacity: u32, needed: usize },
    #[error("options: {0}")]
    Options(String),
    #[error("{what} at once are the limit")]
    TooMany { what: &'static str },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Push(#[from] PushError),
    #[error(transparent)]
    Graphics(#[from] GraphicsError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Signal(#[from] SignalError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Sender(#[from] SenderError),
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Peer(#[from] PeerCallError),
    #[error(transparent)]
    Streamer(StreamerError),
}

impl From<StreamerError> for Failure {
    fn from(error: StreamerError) -> Self {
        match error {
            StreamerError::Config(error) => Self::Config(error),
            error => Self::Streamer(error),
        }
    }
}

impl Failure {
    pub(super) fn status(&self) -> rendercast_status {
        match self {
            Self::Null(_) => RENDERCAST_NULL_POINTER,
            Self::StaleStreamer(_) | Self::StaleFrame(_) | Self::StaleDevice(_) => RENDERCAST_INVALID_HANDLE,
            Self::Poisoned(_) => RENDERCAST_POISONED,
            Self::StructSize { .. } => RENDERCAST_STRUCT_SIZE,
            Self::NotUtf8 { .. } | Self::Unterminated(_) => RENDERCAST_INVALID_TEXT,
            Self::Argument { .. } | Self::Options(_) => RENDERCAST_INVALID_ARGUMENT,
            Self::StrideTooLarge { .. } => RENDERCAST_STRIDE,
            Self::Unaligned(_) => RENDERCAST_UNALIGNED,
            Self::BufferTooSmall { .. } => RENDERCAST_BUFFER_TOO_SMALL,
            Self::TooMany { .. } => RENDERCAST_TOO_MANY,
            Self::Config(_) | Self::Streamer(StreamerError::Config(_)) => RENDERCAST_INVALID_CONFIG,
            Self::Streamer(StreamerError::AlreadyStarted) => RENDERCAST_ALREADY_STARTED,
            Self::Streamer(StreamerError::Resources(_)) => RENDERCAST_NO_RESOURCES,
            Self::BusyDevice(_) => RENDERCAST_WOULD_BLOCK,
            Self::Graphics(error) => match error {
                GraphicsError::Unavailable { .. } => RENDERCAST_GRAPHICS_UNAVAILABLE,
                GraphicsError::DeviceLost { .. } => RENDERCAST_DEVICE_LOST,
                GraphicsError::NullTexture => RENDERCAST_NULL_POINTER,
                GraphicsError::TextureSize(..) | GraphicsError::TextureShape { .. } => RENDERCAST_PICTURE_SIZE,
                GraphicsError::TextureFormat { .. } => RENDERCAST_TEXTURE_FORMAT,
                GraphicsError::TextureLayout { .. } => RENDERCAST_INVALID_ARGUMENT,
                GraphicsError::Skipped { .. } => RENDERCAST_WOULD_BLOCK,
                GraphicsError::Call { .. } => RENDERCAST_GRAPHICS_FAILED,
            },
            Self::Send(error) => match error {
                SendError::NoViewer(_) | SendError::NoChannel(_) => RENDERCAST_NO_CHANNEL,
                SendError::TooLong { .. } => RENDERCAST_INVALID_ARGUMENT,
                SendError::Full(_) => RENDERCAST_WOULD_BLOCK,
            },
            Self::Channel(error) => match error {
                ChannelError::NoChannel(_) => RENDERCAST_NO_CHANNEL,
                ChannelError::NotOpen { .. } => RENDERCAST_CHANNEL_NOT_OPEN,
                ChannelError::TooLong { .. } => RENDERCAST_MESSAGE_TOO_LONG,
                ChannelError::Full(_) | ChannelError::Order(OrderError::Full(_)) => RENDERCAST_WOULD_BLOCK,
                ChannelError::Order(OrderError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
                ChannelError::Options(OptionsError::IdInUse(_)) => RENDERCAST_CHANNEL_ID_IN_USE,
                ChannelError::Options(OptionsError::TooMany) => RENDERCAST_TOO_MANY,
                ChannelError::Options(OptionsError::TooLong { .. } | OptionsError::Id(_)) => {
                    RENDERCAST_INVALID_ARGUMENT
                }
            },
            Self::Report(ReportError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
            Self::Report(ReportError::Busy(_)) => RENDERCAST_WOULD_BLOCK,
            Self::Peer(error) => match error {
                PeerCallError::NotStarted => RENDERCAST_NOT_STARTED,
                PeerCallError::TooMany(_) => RENDERCAST_TOO_MANY,
                PeerCallError::NoViewer(_) => RENDERCAST_NO_VIEWER,
                PeerCallError::NotHostNegotiated(_) => RENDERCAST_NOT_HOST_NEGOTIATED,
                PeerCallError::Full(_) | PeerCallError::Unpolled | PeerCallError::Busy(_) => RENDERCAST_WOULD_BLOCK,
                PeerCallError::Configuration(_) => RENDERCAST_INVALID_CONFIG,
            },
            Self::Signal(SignalError::NotStarted) => RENDERCAST_NOT_STARTED,
            Self::Signal(SignalError::Full) => RENDERCAST_WOULD_BLOCK,
            Self::Source(error) => match error {
                SourceError::Unknown(_) => RENDERCAST_NO_SOURCE,
                SourceError::First => RENDERCAST_INVALID_ARGUMENT,
                SourceError::TooMany => RENDERCAST_TOO_MANY,
                SourceError::Options(_) => RENDERCAST_INVALID_CONFIG,
                SourceError::Resources(_) => RENDERCAST_NO_RESOURCES,
                SourceError::Order(OrderError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
                SourceError::Order(OrderError::Full(_)) => RENDERCAST_WOULD_BLOCK,
            },
            Self::Sender(error) => match error {
                SenderError::NoViewer(_) => RENDERCAST_NO_VIEWER,
                SenderError::Busy(_) => RENDERCAST_WOULD_BLOCK,
                SenderError::NoneWorks => RENDERCAST_NO_CODEC,
                SenderError::OutOfRange { .. }
                | SenderError::OnlyActive
                | SenderError::UnknownCodec(_)
                | SenderError::RepeatedCodec(_)
                | SenderError::NotConfigured(_) => RENDERCAST_INVALID_ARGUMENT,
            },
            Self::Configure(ConfigureError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
            Self::Configure(ConfigureError::Configuration(error)) => of_configuration(error),
            Self::Certificate(error) => of_certificate(error),
            Self::Call(error) => match error {
                CallError::Name(_) => RENDERCAST_INVALID_ARGUMENT,
                CallError::NoCalls => RENDERCAST_NO_CALLS,
                CallError::Full => RENDERCAST_WOULD_BLOCK,
            },
            Self::Push(error) => match error {
                PushError::Size(..) => RENDERCAST_PICTURE_SIZE,
                PushError::PixelFormat(_) => RENDERCAST_PIXEL_FORMAT,
                PushError::Stride { .. } => RENDERCAST_STRIDE,
                PushError::Length { .. } => RENDERCAST_INVALID_ARGUMENT,
                PushError::NoBuffer | PushError::AudioFull => RENDERCAST_WOULD_BLOCK,
                PushError::SampleRate(_)
                | PushError::Channels(_)
                | PushError::Samples(..)
                | PushError::BlockTooLong(_) => RENDERCAST_AUDIO_BLOCK,
            },
        }
    }
}

fn of_configuration(error: &ConfigurationError) -> rendercast_status {
    match error {
        ConfigurationError::Shape(_) | ConfigurationError::Value(_) => RENDERCAST_INVALID_CONFIG,
        ConfigurationError::Unsupported { .. } => RENDERCAST_NOT_SUPPORTED,
        ConfigurationError::Modification { .. } => RENDERCAST_INVALID_MODIFICATION,
        ConfigurationError::Certificate(error) => of_certificate(error),
    }
}

fn of_certificate(error: &CertificateError) -> rendercast_status {
    match error {
        CertificateError::Unsupported { .. } => RENDERCAST_NOT_SUPPORTED,
        CertificateError::Option(_) => RENDERCAST_INVALID_CONFIG,
        _ => RENDERCAST_CERTIFICATE,
    }
}

/// Of an operation that came to nothing.
pub(super) fn operation_status(error: &OperationError) -> rendercast_status {
    match error {
        OperationError::InvalidState(_) => RENDERCAST_INVALID_STATE,
        OperationError::Modified(_) | OperationError::Syntax(_) | OperationError::InvalidAccess(_) => {
            RENDERCAST_INVALID_DESCRIPTION
        }
        OperationError::Failed(_) => RENDERCAST_OPERATION_FAILED,
    }
}

/// The name of a status, such as "RENDERCAST_WOULD_BLOCK", for logs.
///
/// Returns a static text that is never freed and never NULL; "unknown status" for a number this library does not use.
/// Any thread. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_status_name(status: rendercast_status) -> *const c_char {
    boundary_value("rendercast_status_name", c"unknown status".as_ptr(), || name_of(status).as_ptr())
}

fn name_of(status: rendercast_status) -> &'static CStr {
    match status {
        RENDERCAST_OK => c"RENDERCAST_OK",
        RENDERCAST_EMPTY => c"RENDERCAST_EMPTY",
        RENDERCAST_WOULD_BLOCK => c"RENDERCAST_WOULD_BLOCK",
        RENDERCAST_NULL_POINTER => c"RENDERCAST_NULL_POINTER",
        RENDERCAST_INVALID_HANDLE => c"RENDERCAST_INVALID_HANDLE",
        RENDERCAST_POISONED => c"RENDERCAST_POISONED",
        RENDERCAST_PANIC => c"RENDERCAST_PANIC",
        RENDERCAST_STRUCT_SIZE => c"RENDERCAST_STRUCT_SIZE",
        RENDERCAST_INVALID_TEXT => c"RENDERCAST_INVALID_TEXT",
        RENDERCAST_INVALID_CONFIG => c"RENDERCAST_INVALID_CONFIG",
        RENDERCAST_INVALID_ARGUMENT => c"RENDERCAST_INVALID_ARGUMENT",
        RENDERCAST_PICTURE_SIZE => c"RENDERCAST_PICTURE_SIZE",
        RENDERCAST_PIXEL_FORMAT => c"RENDERCAST_PIXEL_FORMAT",
        RENDERCAST_STRIDE => c"RENDERCAST_STRIDE",
        RENDERCAST_AUDIO_BLOCK => c"RENDERCAST_AUDIO_BLOCK",
        RENDERCAST_BUFFER_TOO_SMALL => c"RENDERCAST_BUFFER_TOO_SMALL",
        RENDERCAST_ALREADY_STARTED => c"RENDERCAST_ALREADY_STARTED",
        RENDERCAST_NO_RESOURCES => c"RENDERCAST_NO_RESOURCES",
        RENDERCAST_TOO_MANY => c"RENDERCAST_TOO_MANY",
        RENDERCAST_UNALIGNED => c"RENDERCAST_UNALIGNED",
        RENDERCAST_GRAPHICS_UNAVAILABLE => c"RENDERCAST_GRAPHICS_UNAVAILABLE",
        RENDERCAST_DEVICE_LOST => c"RENDERCAST_DEVICE_LOST",
        RENDERCAST_TEXTURE_FORMAT => c"RENDERCAST_TEXTURE_FORMAT",
        RENDERCAST_GRAPHICS_FAILED => c"RENDERCAST_GRAPHICS_FAILED",
        RENDERCAST_NO_CHANNEL => c"RENDERCAST_NO_CHANNEL",
        RENDERCAST_NO_CALLS => c"RENDERCAST_NO_CALLS",
        RENDERCAST_NOT_STARTED => c"RENDERCAST_NOT_STARTED",
        RENDERCAST_NO_VIEWER => c"RENDERCAST_NO_VIEWER",
        RENDERCAST_NO_SOURCE => c"RENDERCAST_NO_SOURCE",
        RENDERCAST_NO_CODEC => c"RENDERCAST_NO_CODEC",
        RENDERCAST_CHANNEL_NOT_OPEN => c"RENDERCAST_CHANNEL_NOT_OPEN",
        RENDERCAST_CHANNEL_ID_IN_USE => c"RENDERCAST_CHANNEL_ID_IN_USE",
        RENDERCAST_MESSAGE_TOO_LONG => c"RENDERCAST_MESSAGE_TOO_LONG",
        RENDERCAST_INVALID_MODIFICATION => c"RENDERCAST_INVALID_MODIFICATION",
        RENDERCAST_CERTIFICATE => c"RENDERCAST_CERTIFICATE",
        RENDERCAST_NOT_SUPPORTED => c"RENDERCAST_NOT_SUPPORTED",
        RENDERCAST_NOT_HOST_NEGOTIATED => c"RENDERCAST_NOT_HOST_NEGOTIATED",
        RENDERCAST_INVALID_STATE => c"RENDERCAST_INVALID_STATE",
        RENDERCAST_INVALID_DESCRIPTION => c"RENDERCAST_INVALID_DESCRIPTION",
        RENDERCAST_OPERATION_FAILED => c"RENDERCAST_OPERATION_FAILED",
        _ => c"unknown status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_number_and_its_name() {
        let mut numbers = Vec::new();
        for line in include_str!("status.rs").lines() {
            let Some((name, number)) = line
                .strip_prefix("pub const ")
                .and_then(|l| l.strip_suffix(';'))
                .and_then(|l| l.split_once(": i32 = "))
            else {
                continue;
            };
            let number: i32 = number.parse().unwrap();
            assert!(!numbers.contains(&number), "{number} is used twice");
            assert_eq!(name_of(number).to_str().unwrap(), name);
            numbers.push(number);
        }
        assert_eq!(numbers.len(), 40);
        assert_eq!(name_of(12_345), c"unknown status");
    }
}
