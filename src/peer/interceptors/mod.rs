//! Our stations on the crate's packet path, and the chain they are part of.
//!
//! A station's number is its distance from the network; packets going out visit the highest first.
//!
//! ```text
//!    500  arrivals (the crate's), where something is received: tells the page what came when (TWCC)
//!  1 000  wire (ours), which hands packets from one to the next:
//!           departure: tells when a frame has left
//!           stamp: the time of sending, of a frame's way
//!           transport: numbers, what left when, what arrived when -> estimate.rs
//!           pacing: when what leaves, answers to NACK by RTX, probes
//!           receive: takes what the page sends, asks again for what is lost, reports
//!           feedback: keyframe requests, round trips, capture clock
//! 11 000  sender reports (the crate's)
//! 13 500  burst (ours): a frame's packets in place of its carrier; and after them
//!           fec: repair packets
//! ```
//!
//! The crate's own pacer knows no classes and no probes, lets 100 ms of rate pass before it delays anything, and then delays
//! whole frames; its answers to NACK come again within a round trip.

pub mod agreed;
pub mod burst;
pub mod departure;
pub mod fec;
pub mod feedback;
mod outstanding;
pub mod pacing;
pub mod receive;
mod resend;
pub mod stamp;
mod station;
mod transport;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use rtc::interceptor::{Registry, SenderReportBuilder, Slot, TwccReceiverBuilder};

use crate::pacing::Desk;
use crate::receive::inlet::Inlet;
use crate::units::Bitrate;

use super::estimate::Estimator;
use super::lanes::Lanes;
use super::mailbox::Mailbox;
use super::settings::SentHook;
use agreed::Agreed;
use burst::Burst;
use departure::{Departing, Departure};
use feedback::Feedback;
use pacing::Pacing;
use receive::Receive;
use stamp::Stamp;
use station::Station;
use transport::Transport;
use wire::Wire;

/// How often a page that sends is told what came when (TWCC): libwebrtc's own shortest interval.
const ARRIVALS_EVERY: Duration = Duration::from_millis(50);

/// The chain of one peer.
#[allow(clippy::too_many_arguments, reason = "each station's own, and one caller")]
pub fn registry(
    lanes: Arc<Lanes>,
    mailbox: Arc<Mailbox>,
    estimator: Estimator,
    start: Bitrate,
    desk: Desk,
    sent: Option<SentHook>,
    receive: Option<(Inlet, Agreed)>,
) -> Registry {
    let departure = sent.map(|sent| {
        let departing = Arc::new(Departing::default());
        (Arc::clone(&departing), Departure::new(departing, sent))
    });
    let (departing, departure) = departure.unzip();
    // Only where something is received: a station costs every packet that is sent.
    let arrivals = receive.is_some().then(|| TwccReceiverBuilder::new().with_interval(ARRIVALS_EVERY).build());
    let wire = Wire {
        receive: receive.map(|(inlet, agreed)| Receive::new(lanes.audio.ssrc, inlet, agreed, Arc::clone(&mailbox))),
        feedback: Feedback::new(Arc::clone(&lanes), mailbox, Arc::clone(&desk.path)),
        transport: Transport::new(estimator, Arc::clone(&desk.orders)),
        pacing: Pacing::new(lanes.video.ssrc, lanes.audio.ssrc, start, desk).with_lanes(Arc::clone(&lanes)),
        stamp: Stamp::new(Arc::clone(&lanes.video)).with_lanes(Arc::clone(&lanes)),
        departure,
    };
    let registry = match arrivals {
        Some(arrivals) => Registry::new().with(Slot::from(500), arrivals),
        None => Registry::new(),
    };
    registry
        .with(Slot::from(1_000), Station::new(wire))
        .with(Slot::SenderReport, SenderReportBuilder::new().build())
        .with(Slot::from(13_500), Burst::new(lanes, departing))
}

#[cfg(test)]
mod testing {
    use rtc::interceptor::{AttributedPacket, Interceptor, Packet, TaggedPacket};
    use rtc::{rtcp, rtp};

    use std::sync::Arc;

    use crate::encode::Codec;
    use crate::fanout::{Media, PacketizedFrame};
    use crate::peer::lane::Lane;
    use crate::peer::lanes::Lanes;
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
            marks: None,
        }))
    }

    /// A connection's with this video.
    pub fn lanes(video: &Arc<Lane>) -> Arc<Lanes> {
        Arc::new(Lanes::new(Arc::clone(video), Arc::new(Lane::new(9_999, 0))))
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
