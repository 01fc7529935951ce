//! What travels to peers: media that is packetized once and shared by all.

use std::sync::Arc;

use bytes::Bytes;

use crate::encode::Codec;
use crate::time::Nanos;
use crate::units::Size;

/// RTP payloads of one access unit, in sending order; the last one carries the marker bit. Headers are each peer's own.
#[derive(Clone, Debug)]
pub struct PacketizedFrame {
    pub codec: Codec,
    pub size: Size,
    pub keyframe: bool,
    /// Temporal layer, 0 is the base: no frame refers to one of a higher layer.
    pub temporal_id: u8,
    /// No frame refers to this one.
    pub discardable: bool,
    /// 90 kHz, from host time.
    pub rtp_timestamp: u32,
    pub payloads: Vec<Bytes>,
    pub host_time: u64,
    pub pushed_at: Nanos,
    pub encode_started: Nanos,
    pub encode_ended: Nanos,
    /// Of a frame whose way is traced.
    pub marks: Option<Marks>,
}

/// When a frame was where before and after its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Its conversion began, and ended.
    pub converting: Nanos,
    pub converted: Nanos,
    pub packetized: Nanos,
}

/// One Opus packet.
#[derive(Clone, Debug)]
pub struct AudioPacket {
    /// 48 kHz (RFC 7587).
    pub rtp_timestamp: u32,
    pub payload: Bytes,
    pub pushed_at: Nanos,
}

/// What a peer's queue holds.
#[derive(Clone, Debug)]
pub enum Media {
    Video(Arc<PacketizedFrame>),
    Audio(Arc<AudioPacket>),
}
