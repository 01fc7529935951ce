//! From one encoded frame to RTP payloads, once for all viewers: one file per codec, `timeline` for RTP timestamps,
//! `picture_ids` for numbers that go on when a viewer changes its layer.

mod av1;
mod h264;
mod picture_ids;
mod split;
mod timeline;
mod vp8;
mod vp9;

use bytes::Bytes;

pub use self::picture_ids::PictureIds;
use self::timeline::Timeline;
use super::frame::PacketizedFrame;
use crate::encode::{Codec, EncodedFrame, Temporal};

/// Largest RTP payload, in bytes. With the RTP header (12), header extensions (24), the SRTP tag (16) and UDP over IPv6 (48)
/// a packet stays at the 1280 bytes that every IPv6 path carries (RFC 8200, section 5).
pub const MAX_PAYLOAD: usize = 1_180;

/// Below this a codec's own headers would eat the packet.
const MIN_LIMIT: usize = 64;
/// Above this a length inside a payload would need a third LEB128 byte.
const MAX_LIMIT: usize = 16_383;

/// Turns the frames of one encoder into RTP payloads. One per layer; it carries the layer's PictureID and timestamps.
#[derive(Debug)]
pub struct Packetizer {
    codec: Codec,
    limit: usize,
    timeline: Timeline,
    /// VP8, VP9: 15 bits, one more with each frame.
    picture_id: u16,
    /// VP8 with temporal layers: counts the frames of the base.
    base_index: u8,
}

impl Packetizer {
    pub fn new(codec: Codec) -> Self {
        Self::with_limit(codec, MAX_PAYLOAD)
    }

    /// `limit`: largest payload in bytes, 64 to 16383; a value outside is moved inside.
    pub fn with_limit(codec: Codec, limit: usize) -> Self {
        Self {
            codec,
            limit: limit.clamp(MIN_LIMIT, MAX_LIMIT),
            timeline: Timeline::default(),
            picture_id: 0,
            base_index: 0,
        }
    }

    /// Packetizes one frame. Total: a frame that is malformed or of another codec gives no payloads, and a fan-out
    /// delivers nothing of it. Timestamps grow strictly (modulo 2^32) with every call, whatever host time does.
    pub fn packetize(&mut self, frame: &EncodedFrame) -> PacketizedFrame {
        PacketizedFrame {
            codec: self.codec,
            size: frame.size,
            keyframe: frame.keyframe,
            temporal_id: frame.temporal.map_or(0, |temporal| temporal.id),
            discardable: frame.temporal.is_some_and(|temporal| temporal.discardable),
            rtp_timestamp: self.timeline.next(frame.host_time),
            payloads: self.payloads(frame),
            host_time: frame.host_time,
            pushed_at: frame.pushed_at,
            encode_started: frame.encode_started,
            encode_ended: frame.encode_ended,
            marks: None,
        }
    }

    fn payloads(&mut self, frame: &EncodedFrame) -> Vec<Bytes> {
        if frame.codec != self.codec || frame.data.is_empty() {
            return Vec::new();
        }
        match self.codec {
            Codec::H264 => h264::payloads(&frame.data, self.limit),
            Codec::Av1 => av1::payloads(&frame.data, frame.keyframe, self.limit),
            Codec::Vp8 => {
                let place = frame.temporal.map(|temporal| (temporal, self.base_index(temporal)));
                vp8::payloads(&frame.data, self.next_picture_id(), place, self.limit)
            }
            Codec::Vp9 => {
                let id = self.next_picture_id();
                vp9::payloads(&frame.data, frame.keyframe, frame.size, id, self.limit)
            }
        }
    }

    /// TL0PICIDX (RFC 7741, section 4.2): that of the base layer's frame itself, or of the last one before the frame.
    fn base_index(&mut self, temporal: Temporal) -> u8 {
        if temporal.id == 0 {
            self.base_index = self.base_index.wrapping_add(1);
        }
        self.base_index
    }

    /// Consecutive, because a browser takes a frame with PictureID n to depend on n - 1.
    fn next_picture_id(&mut self) -> u16 {
        let id = self.picture_id;
        self.picture_id = (id + 1) & 0x7FFF;
        id
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Nanos;
    use crate::units::Size;

    pub(in crate::fanout) fn encoded(codec: Codec, data: Vec<u8>, keyframe: bool) -> EncodedFrame {
        EncodedFrame {
            codec,
            size: Size::new(1280, 720),
            data: data.into(),
            keyframe,
            temporal: None,
            host_time: 0,
            pushed_at: Nanos(0),
            encode_started: Nanos(0),
            encode_ended: Nanos(0),
        }
    }

    #[test]
    fn frame_of_another_codec_gives_no_payloads() {
        let mut packetizer = Packetizer::new(Codec::H264);
        assert!(packetizer.packetize(&encoded(Codec::Vp8, vec![1, 2, 3], true)).payloads.is_empty());
    }

    #[test]
    fn picture_id_wraps_after_15_bits_and_never_skips() {
        let mut packetizer = Packetizer::new(Codec::Vp8);
        let mut id = |data: Vec<u8>| {
            let payloads = packetizer.packetize(&encoded(Codec::Vp8, data, false)).payloads;
            payloads.first().map(|p| u16::from_be_bytes([p[2] & 0x7F, p[3]]))
        };
        for expected in 0..=0x7FFF {
            assert_eq!(id(vec![1]), Some(expected));
        }
        assert_eq!(id(vec![]), None);
        assert_eq!(id(vec![1]), Some(0));
    }

    #[test]
    fn frames_of_upper_layers_name_the_base_frame_before_them() {
        let mut packetizer = Packetizer::new(Codec::Vp8);
        let mut pattern = crate::encode::temporal::Pattern::new(3);
        let said: Vec<_> = (0..6)
            .map(|n| {
                let temporal = pattern.advance(n == 0).map(|step| step.temporal);
                let frame = packetizer.packetize(&EncodedFrame { temporal, ..encoded(Codec::Vp8, vec![1], n == 0) });
                (frame.temporal_id, frame.discardable, frame.payloads[0][4])
            })
            .collect();
        let (base, top, middle) = ((0, false), (2, true), (1, false));
        let expected = [(base, 1), (top, 1), (middle, 1), (top, 1), (base, 2), (top, 2)];
        assert_eq!(said, expected.map(|((id, discardable), index)| (id, discardable, index)));
    }

    #[test]
    fn stamps_of_the_frame_travel_with_it() {
        let mut frame = encoded(Codec::Vp8, vec![1], true);
        frame.host_time = 2_000_000_000;
        frame.encode_ended = Nanos(7);
        let packetized = Packetizer::new(Codec::Vp8).packetize(&frame);
        assert_eq!(packetized.rtp_timestamp, 180_000);
        assert_eq!((packetized.host_time, packetized.encode_ended), (2_000_000_000, Nanos(7)));
        assert!(packetized.keyframe);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_no_payload_is_above_the_limit(
            data in proptest::collection::vec(prop_oneof![3 => Just(0u8), 1 => Just(1u8), 4 => any::<u8>()], 0..4_000),
            keyframe: bool,
            limit in 0usize..20_000,
        ) {
            for codec in Codec::ALL {
                let mut packetizer = Packetizer::with_limit(codec, limit);
                let payloads = packetizer.packetize(&encoded(codec, data.clone(), keyframe)).payloads;
                for payload in payloads {
                    prop_assert!(payload.len() <= limit.clamp(MIN_LIMIT, MAX_LIMIT));
                    prop_assert!(!payload.is_empty());
                }
            }
        }
    }
}
