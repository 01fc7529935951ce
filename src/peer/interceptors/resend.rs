//! Answers to NACK: what left is kept for a while and sent again, in RTX packets where they are negotiated (RFC 4588).

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use rtc::interceptor::StreamInfo;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
use rtc::rtp;

use crate::pacing::{Horizon, PacingCounters, Sent, Share};
use crate::peer::lane::Lane;
use crate::peer::lanes::{Lanes, MOST_VIDEO_TRACKS};
use crate::time::Nanos;
use crate::units::Bitrate;

/// Streams of one connection that may be answered for: those of all its tracks, and some that a renegotiation changes.
const MOST_STREAMS: usize = MOST_VIDEO_TRACKS + 8;

/// A packet to be sent again, named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    pub ssrc: u32,
    pub number: u16,
    pub bytes: usize,
}

struct Stream {
    ssrc: u32,
    /// Knows what each codec's packets are sent again as. None: as what was bound.
    lane: Option<Arc<Lane>>,
    /// False between an unbinding and the next binding: the RTX numbers go on, as SRTP needs them to.
    bound: bool,
    payload_type: u8,
    /// SSRC and payload type of RTX. None: what is sent again is the packet itself.
    rtx: Option<(u32, u8)>,
    rtx_number: u16,
    sent: Sent<rtp::Packet>,
}

/// Everything that one connection sends again.
pub struct Resend {
    streams: Vec<Stream>,
    share: Share,
    counters: PacingCounters,
    lanes: Option<Arc<Lanes>>,
}

impl Resend {
    pub fn new(now: Nanos, counters: PacingCounters) -> Self {
        Self { streams: Vec::new(), share: Share::new(now), counters, lanes: None }
    }

    /// Video may change its codec without being bound again.
    pub fn set_lanes(&mut self, lanes: Arc<Lanes>) {
        self.lanes = Some(lanes);
    }

    pub fn bind(&mut self, info: &StreamInfo) {
        if !info.rtcp_feedback.iter().any(|feedback| feedback.typ == "nack" && feedback.parameter.is_empty()) {
            return;
        }
        let rtx = info.ssrc_rtx.zip(info.payload_type_rtx);
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == info.ssrc) {
            if stream.payload_type != info.payload_type {
                // Another codec: its RTX format cannot carry what the old one sent.
                stream.sent.clear();
            }
            (stream.bound, stream.payload_type, stream.rtx) = (true, info.payload_type, rtx);
            return;
        }
        if let Some(lanes) = &self.lanes {
            // Of tracks that were removed.
            self.streams.retain(|stream| stream.bound || lanes.has(stream.ssrc));
        }
        if self.streams.len() < MOST_STREAMS {
            self.streams.push(Stream {
                ssrc: info.ssrc,
                lane: self.lanes.as_ref().and_then(|lanes| lanes.video(info.ssrc)),
                bound: true,
                payload_type: info.payload_type,
                rtx,
                // Low, so that the first wrap is far away (RFC 3711, section 3.3.1).
                rtx_number: (info.ssrc & 0x7fff) as u16,
                sent: Sent::default(),
            });
        }
    }

    pub fn unbind(&mut self, info: &StreamInfo) {
        if let Some(stream) = self.stream(info.ssrc) {
            stream.bound = false;
            stream.sent.clear();
        }
    }

    /// A packet leaves for the first time.
    pub fn keep(&mut self, now: Nanos, horizon: Horizon, bytes: usize, packet: &rtp::Packet) {
        if let Some(stream) = self.stream(packet.header.ssrc) {
            stream.sent.push(now, horizon, packet.header.sequence_number, bytes, packet.clone());
        }
    }

    /// What a NACK asks for and gets, through `found`. Returns the bytes that could be sent again, the share aside.
    pub fn asked(
        &mut self,
        now: Nanos,
        horizon: Horizon,
        estimate: Bitrate,
        nack: &TransportLayerNack,
        mut found: impl FnMut(Again),
    ) -> usize {
        let ssrc = nack.media_ssrc;
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc && stream.bound) else { return 0 };
        let mut wanted = 0;
        for number in nack.nacks.iter().copied().flatten() {
            let allowed = |bytes| {
                wanted += bytes;
                self.share.take(now, estimate, bytes)
            };
            match stream.sent.ask(now, horizon, number, allowed) {
                Some(bytes) => found(Again { ssrc, number, bytes }),
                None => self.counters.retransmissions_refused.add(1),
            }
        }
        wanted
    }

    /// Nothing that has left is of use any more: a keyframe comes.
    pub fn forget(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.sent.clear());
    }

    /// Whether the share of what is sent again has room for a copy of this; it is charged then.
    pub fn spare(&mut self, now: Nanos, estimate: Bitrate, again: Again) -> bool {
        self.share.take(now, estimate, again.bytes)
    }

    /// The packet itself, now that it leaves. None when it has been forgotten meanwhile.
    pub fn leave(&mut self, now: Nanos, again: Again) -> Option<rtp::Packet> {
        let packet = self.stream(again.ssrc)?.again(now, again.number)?;
        self.counters.packets_retransmitted.add(1);
        Some(packet)
    }

    /// Whether there is anything to pad a probe with.
    pub fn has_padding(&self) -> bool {
        self.streams.iter().any(|stream| stream.rtx.is_some() && !stream.sent.is_empty())
    }

    /// A packet that a browser has already, or is glad of: as in libwebrtc, a probe is padded by RTX alone, which a receiver
    /// puts aside without harm.
    pub fn padding(&mut self, now: Nanos) -> Option<rtp::Packet> {
        let stream = self.streams.iter_mut().find(|stream| stream.rtx.is_some() && !stream.sent.is_empty())?;
        let number = stream.sent.padding()?;
        stream.again(now, number)
    }

    fn stream(&mut self, ssrc: u32) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.ssrc == ssrc && stream.bound)
    }
}

impl Stream {
    /// The packet as it leaves again: as an RTX packet (RFC 4588, section 4) with the original's header extensions, of which
    /// a frame's description may be one, or as it was.
    fn again(&mut self, now: Nanos, number: u16) -> Option<rtp::Packet> {
        let kept = self.sent.leave_again(now, number)?;
        let mut packet = kept.packet.clone();
        if let Some((ssrc, payload_type)) = self.rtx {
            let mut payload = BytesMut::with_capacity(2 + packet.payload.len());
            payload.put_u16(packet.header.sequence_number);
            payload.put_slice(&packet.payload);
            packet.payload = payload.freeze();
            let own = self.lane.as_ref().and_then(|lane| lane.formats.rtx(packet.header.payload_type));
            packet.header.ssrc = ssrc;
            packet.header.payload_type = own.unwrap_or(payload_type);
            packet.header.sequence_number = self.rtx_number;
            self.rtx_number = self.rtx_number.wrapping_add(1);
        }
        Some(packet)
    }
}
