//! Our stations on the crate's packet path, and the chain they are part of.
//!
//! A station's number is its distance from the network; packets going out visit the highest first.
//!
//! ```text
//!    500  departure: tells when a frame has left           (ours)
//!    700  stamp: the time of sending, of a frame's way       (ours)
//!    900  departed: tells congestion control what has left  (ours)
//!  1 000  congestion control: what left when, what arrived when -> estimate.rs
//!  2 000  transport-wide numbers
//!  3 000  pacing: when what leaves, answers to NACK by RTX, probes (ours)
//! 10 500  feedback: keyframe requests, round trips, capture clock (ours)
//! 11 000  sender reports
//! 13 400  error correction: repair packets after a frame's own (ours)
//! 13 500  burst: a frame's packets in place of its carrier    (ours)
//! ```
//!
//! The crate's own pacer knows no classes and no probes, lets 100 ms of rate pass before it delays anything, and then delays
//! whole frames; its answers to NACK come again within a round trip.

pub mod burst;
pub mod departed;
pub mod departure;
pub mod fec;
pub mod feedback;
pub mod pacing;
mod resend;
pub mod retransmission;
pub mod stamp;
mod station;

use std::sync::Arc;

use rtc::interceptor::{CongestionControlBuilder, Registry, SenderReportBuilder, Slot, TwccSenderBuilder};

use crate::pacing::Desk;
use crate::units::Bitrate;

use super::estimate::Estimator;
use super::lane::Lane;
use super::mailbox::Mailbox;
use super::settings::SentHook;
use departure::{Departing, Departure};
use retransmission::WithRtx;

/// The chain of one peer.
pub fn registry(
    video: Arc<Lane>,
    audio: Arc<Lane>,
    mailbox: Arc<Mailbox>,
    estimator: Estimator,
    start: Bitrate,
    desk: Desk,
    sent: Option<SentHook>,
) -> Registry {
    let departure = sent.map(|sent| {
        let departing = Arc::new(Departing::default());
        (Arc::clone(&departing), Departure::new(departing, sent))
    });
    let (departing, departure) = departure.unzip();
    let path = Arc::clone(&desk.path);
    let registry = Registry::new()
        .with(Slot::from(700), stamp::Stamp::new(Arc::clone(&video)))
        .with(Slot::from(900), departed::Departed::new(Arc::clone(&desk.orders)))
        .with(Slot::Pacer, pacing::Pacing::new(video.ssrc, audio.ssrc, start, desk))
        .with(Slot::CongestionControl, WithRtx(CongestionControlBuilder::new(estimator).build()))
        .with(Slot::TwccSender, WithRtx(TwccSenderBuilder::new().build()))
        .with(Slot::from(10_500), feedback::Feedback::new(Arc::clone(&video), Arc::clone(&audio), mailbox, path))
        .with(Slot::SenderReport, SenderReportBuilder::new().build())
        .with(Slot::from(13_400), fec::Fec::new(Arc::clone(&video)))
        .with(Slot::from(13_500), burst::Burst::new(vec![video, audio], departing));
    match departure {
        Some(departure) => registry.with(Slot::from(500), departure),
        None => registry,
    }
}

#[cfg(test)]
mod testing {
    use rtc::interceptor::{AttributedPacket, Interceptor, Packet, TaggedPacket};
    use rtc::{rtcp, rtp};

    use std::sync::Arc;

    use crate::encode::Codec;
    use crate::fanout::{Media, PacketizedFrame};
    use crate::time::Nanos;
    use crate::units::Size;

    /// A frame whose packets hold their position.
    pub fn video(rtp_timestamp: u32, packets: u8) -> Media {
        Media::Video(Arc::new(PacketizedFrame {
            codec: Codec::H264,
            size: Size::new(2, 2),
            keyframe: true,
            temporal_id: 0,
            discardable: false,
            rtp_timestamp,
            payloads: (0..packets).map(|n| vec![n].into()).collect(),
            host_time: 0,
            pushed_at: Nanos(0),
            encode_started: Nanos(0),
            encode_ended: Nanos(0),
        }))
    }

    pub fn packet(packet: Packet) -> TaggedPacket {
        TaggedPacket {
            now: crate::time::instant(),
            transport: Default::default(),
            message: AttributedPacket::new(packet),
        }
    }

    pub fn rtp(ssrc: u32, sequence_number: u16, payload: Vec<u8>) -> TaggedPacket {
        let header = rtp::Header { version: 2, ssrc, sequence_number, ..Default::default() };
        packet(Packet::Rtp(rtp::Packet { header, payload: payload.into() }))
    }

    pub fn rtcp(content: impl rtcp::Packet + 'static) -> TaggedPacket {
        packet(Packet::Rtcp(vec![Box::new(content)]))
    }

    /// The RTP packets on their way out.
    pub fn drain(station: &mut impl Interceptor) -> Vec<rtp::Packet> {
        std::iter::from_fn(|| station.poll_write())
            .filter_map(|out| match out.message.packet {
                Packet::Rtp(packet) => Some(packet),
                _ => None,
            })
            .collect()
    }
}
