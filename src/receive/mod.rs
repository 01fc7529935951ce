//! What viewers send, between the network and the decoders: pure, driven by `now`, of bounded memory whatever comes.
//!
//! `sequence` (numbers that wrap) · `formats` (payload types, as negotiated) · `h264`, `vp8`, `red` (payload formats) ·
//! `frames` (video: frames in order, or a keyframe) · `sound` (the jitter buffer of sound) · `clock` (when a packet was captured)
//! · `missing` (what is asked for again) · `reception` (receiver reports) · `inlet` (the queue from the connection to the worker).

pub mod clock;
pub mod formats;
pub mod frames;
pub mod h264;
pub mod inlet;
pub mod missing;
pub mod reception;
pub mod red;
pub mod sequence;
pub mod sound;
pub mod vp8;

use bytes::Bytes;

use crate::encode::Codec;
use crate::time::Nanos;

/// A medium: at most one stream of each is received from a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    Audio,
    Video,
}

impl Medium {
    pub const ALL: [Medium; 2] = [Self::Audio, Self::Video];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// One RTP packet, with what is needed of its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub sequence: u16,
    /// 48 kHz for sound, 90 kHz for video.
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Bytes,
    pub arrived: Nanos,
}

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Opus,
    /// Opus and earlier Opus (RFC 2198).
    Red,
    Video(Codec),
}

impl Encoding {
    /// As in `a=rtpmap`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Red => "red",
            Self::Video(codec) => codec.rtpmap_name(),
        }
    }

    pub const fn medium(self) -> Medium {
        match self {
            Self::Opus | Self::Red => Medium::Audio,
            Self::Video(_) => Medium::Video,
        }
    }
}

/// What comes from a viewer, in the order of its arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    Packet {
        encoding: Encoding,
        packet: Packet,
    },
    /// Of a sender report: these are the same moment of the sender's clock (RFC 3550, section 6.4.1).
    Clock {
        medium: Medium,
        ntp: u64,
        timestamp: u32,
    },
    /// Another stream follows, or none: numbers begin anew.
    Ended {
        medium: Medium,
    },
}
