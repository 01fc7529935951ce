//! Why a call fails, and the status that says so.

use super::status::*;
use crate::error::{ConfigError, PushError};
use crate::graphics::GraphicsError;
use crate::roles::RoleError;
use crate::streamer::{
    CallError, CertificateError, ChannelError, ConfigurationError, ConfigureError, FeedbackError, OperationError,
    OptionsError, OrderError, PeerCallError, ReportError, SendError, SenderError, SignalError, SourceError,
    StreamerError, TrackError,
};

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
    #[error(transparent)]
    Track(#[from] TrackError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error(transparent)]
    Feedback(#[from] FeedbackError),
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
            Self::Report(ReportError::NoSection(_)) => RENDERCAST_INVALID_ARGUMENT,
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
            Self::Track(error) => match error {
                TrackError::Order(OrderError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
                TrackError::Order(OrderError::Full(_)) | TrackError::Busy => RENDERCAST_WOULD_BLOCK,
                TrackError::NoSource(_) => RENDERCAST_NO_SOURCE,
                TrackError::TooMany => RENDERCAST_TOO_MANY,
                TrackError::Stream => RENDERCAST_INVALID_ARGUMENT,
                TrackError::NotReceived(_) | TrackError::OneSound => RENDERCAST_NOT_SUPPORTED,
                TrackError::NoSender(_) => RENDERCAST_NO_SENDER,
                TrackError::Parameters(error) => Self::Sender(error.clone()).status(),
            },
            Self::Role(RoleError::NoViewer(_)) => RENDERCAST_NO_VIEWER,
            Self::Role(RoleError::Full(_)) => RENDERCAST_TOO_MANY,
            Self::Feedback(error) => match error {
                FeedbackError::NoViewer(_) => RENDERCAST_NO_VIEWER,
                FeedbackError::NoChannel => RENDERCAST_NO_CHANNEL,
                FeedbackError::OutOfRange { .. } => RENDERCAST_INVALID_ARGUMENT,
                FeedbackError::TooLong { .. } => RENDERCAST_MESSAGE_TOO_LONG,
                FeedbackError::ClipboardOff => RENDERCAST_NOT_SUPPORTED,
                FeedbackError::Full => RENDERCAST_WOULD_BLOCK,
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
