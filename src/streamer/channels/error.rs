//! Why a call on a data channel failed.

use super::ReadyState;
use crate::peer::OptionsError;
use crate::streamer::orders::OrderError;
use crate::units::ViewerId;

/// Why a message was not taken, by the channel's label.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("{0} is not connected")]
    NoViewer(ViewerId),
    #[error("no open data channel is labelled {0:?}")]
    NoChannel(String),
    #[error("a message of {bytes} bytes is longer than {longest}")]
    TooLong { bytes: usize, longest: usize },
    /// Earlier messages still wait for a viewer.
    #[error("earlier messages still wait for {0}")]
    Full(ViewerId),
}

/// Why a call on a data channel failed, by its number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    #[error("no data channel {0} is here")]
    NoChannel(u32),
    #[error("data channel {channel} is {state}")]
    NotOpen { channel: u32, state: ReadyState },
    #[error("a message of {bytes} bytes is longer than {longest}, the most that the viewer takes")]
    TooLong { bytes: usize, longest: usize },
    /// Earlier messages still wait.
    #[error("earlier messages still wait on data channel {0}")]
    Full(u32),
    #[error(transparent)]
    Options(#[from] OptionsError),
    #[error(transparent)]
    Order(#[from] OrderError),
}
