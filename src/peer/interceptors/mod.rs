//! Our stations on the crate's packet path, and the chain they are part of.
//!
//! A station's number is its distance from the network; packets going out visit the highest first.
//!
//! ```text
//!  1 000  wire (ours), which hands packets from one to the next:
//!           departure: tells when a frame has left
//!           stamp: the time of sending, of a frame's way
//!           transport: numbers, what left when, what arrived when -> estimate.rs
//!           pacing: when what leaves, answers to NACK by RTX, probes
//!           feedback: keyframe requests, round trips, capture clock
//! 11 000  sender reports (the crate's)
//! 13 500  burst (ours): a frame's packets in place of its carrier; and after them
//!           fec: repair packets
//! ```
//!
//! The crate's own pacer knows no classes and no probes, lets 100 ms of rate pass before it delays anything, and then delays
//! whole frames; its answers to NACK come again within a round trip.

pub mod burst;
pub mod departure;
pub mod fec;
pub mod feedback;
mod outstanding;
pub mod pacing;
mod resend;
pub mod stamp;
mod station;
mod transport;
mod wire;

use std::sync::Arc;

use rtc::interceptor::{Registry, SenderReportBuilder, Slot};

use crate::pacing::Desk;
use crate::units::Bitrate;

use super::estimate::Estimator;
use super::lane::Lane;
use super::mailbox::Mailbox;
use super::settings::SentHook;
use burst::Burst;
use departure::{Departing, Departure};
use fec::Fec;
use feedback::Feedback;
use pacing::Pacing;
use stamp::Stamp;
use station::Station;
use transport::Transport;
use wire::Wire;

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
    let wire = Wire {
        feedback: Feedback::new(Arc::clone(&video), Arc::clone(&audio), mailbox, Arc::clone(&desk.path)),
        transport: Transport::new(estimator, Arc::clone(&desk.orders)),
        pacing: Pacing::new(video.ssrc, audio.ssrc, start, desk),
        stamp: Stamp::new(Arc::clone(&video)),
        departure,
    };
    let fec = Fec::new(Arc::clone(&video));
    Registry::new()
        .with(Slot::from(1_000), Station::new(wire))
        .with(Slot::SenderReport, SenderReportBuilder::new().build())
        .with(Slot::from(13_500), Burst::new(vec![video, audio], fec, departing))
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
