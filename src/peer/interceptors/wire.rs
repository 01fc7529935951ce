//! The end of the way out, and the beginning of the way in: everything that is nearer to the network than the sender
//! reports, in one station of the crate's. A packet that goes through a station is moved five times and put into three
//! queues; here it is handed from one to the next.

use std::time::Instant;

use rtc::interceptor::{StreamInfo, TaggedPacket};

use super::departure::Departure;
use super::feedback::Feedback;
use super::pacing::Pacing;
use super::receive::Receive;
use super::stamp::Stamp;
use super::station::{Out, Work};
use super::transport::Transport;

/// Going out: feedback, pacing, transport, stamp, departure. Coming in: receive, transport, pacing, feedback; the pacer acts on what
/// the estimator has just learnt.
pub struct Wire {
    /// Where something is received.
    pub receive: Option<Receive>,
    pub feedback: Feedback,
    pub pacing: Pacing,
    pub transport: Transport,
    pub stamp: Stamp,
    pub departure: Option<Departure>,
}

impl Wire {
    /// What the pacer lets go, from `first` on.
    fn leave(&mut self, out: &mut Out, first: usize) {
        for packet in out.write.range_mut(first..) {
            self.transport.pass(packet);
            self.stamp.pass(packet);
            if let Some(departure) = &mut self.departure {
                departure.pass(packet);
            }
        }
    }
}

impl Work for Wire {
    fn read(&mut self, mut packet: TaggedPacket, out: &mut Out) {
        if let Some(receive) = &mut self.receive
            && !receive.hear(&packet, out)
        {
            return;
        }
        let (heard, first) = (out.read.len(), out.write.len());
        self.transport.hear(&mut packet);
        self.pacing.read(packet, out);
        self.leave(out, first);
        for packet in out.read.range_mut(heard..) {
            self.feedback.hear(packet);
        }
    }

    fn write(&mut self, mut packet: TaggedPacket, out: &mut Out) {
        let first = out.write.len();
        self.feedback.pass(&mut packet);
        self.pacing.write(packet, out);
        self.leave(out, first);
    }

    fn wake(&mut self, now: Instant, out: &mut Out) {
        let first = out.write.len();
        if let Some(receive) = &mut self.receive {
            receive.wake(now, out);
        }
        self.transport.wake(now, out);
        self.pacing.wake(now, out);
        self.leave(out, first);
    }

    fn due(&self) -> Option<Instant> {
        let receive = self.receive.as_ref().and_then(Receive::due);
        [self.transport.due(), self.pacing.due(), receive].into_iter().flatten().min()
    }

    fn bind(&mut self, info: &StreamInfo) {
        self.pacing.bind(info);
        self.transport.bind(info);
        self.stamp.bind(info);
    }

    fn unbind(&mut self, info: &StreamInfo) {
        self.pacing.unbind(info);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::congestion::Limits;
    use crate::pacing::Desk;
    use crate::peer::estimate::Estimator;
    use crate::peer::extensions::{ABS_SEND_TIME_URI, TRANSPORT_CC_URI};
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::{drain, rtcp, rtp};
    use crate::peer::lane::Lane;
    use crate::peer::lanes::Lanes;
    use crate::units::Bitrate;
    use bytes::Bytes;
    use rtc::interceptor::{Interceptor, Packet, RTCPFeedback, RTPHeaderExtension};
    use rtc::rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
    use rtc::sansio::Protocol;

    fn wire() -> Station<Wire> {
        let (video, audio, desk) = (Arc::new(Lane::new(5, 6)), Arc::new(Lane::new(7, 0)), Desk::default());
        let rate = Bitrate::from_kbps(8_000);
        let (update, demand, mailbox) = Default::default();
        let estimator =
            Estimator::new(Limits::new(rate, rate, rate), update, demand, mailbox, Arc::clone(&desk.orders));
        let mut wire = Station::new(Wire {
            receive: None,
            feedback: Feedback::new(
                Arc::new(Lanes::new(Arc::clone(&video), audio)),
                Arc::default(),
                Arc::clone(&desk.path),
            ),
            transport: Transport::new(estimator, Arc::clone(&desk.orders)),
            pacing: Pacing::new(5, 7, rate, desk),
            stamp: Stamp::new(video),
            departure: None,
        });
        let extension = |uri: &str, id| RTPHeaderExtension { uri: uri.into(), id };
        wire.bind_local_stream(&StreamInfo {
            ssrc: 5,
            ssrc_rtx: Some(6),
            payload_type: 96,
            payload_type_rtx: Some(97),
            rtcp_feedback: vec![RTCPFeedback { typ: "nack".into(), parameter: String::new() }],
            rtp_header_extensions: vec![extension(TRANSPORT_CC_URI, 3), extension(ABS_SEND_TIME_URI, 4)],
            ..Default::default()
        });
        wire
    }

    /// SSRC, transport-wide number, and whether the time of sending is in it.
    fn leaving(wire: &mut Station<Wire>) -> Vec<(u32, Vec<u8>, bool)> {
        let told = |packet: rtc::rtp::Packet| {
            let extension = |id| packet.header.get_extension(id).map(|value| value.to_vec()).unwrap_or_default();
            (packet.header.ssrc, extension(3), extension(4) != [0; 3])
        };
        drain(wire).into_iter().map(told).collect()
    }

    #[test]
    fn what_leaves_at_once_later_and_again_is_numbered_and_stamped_in_its_turn() {
        /// More than leave at once, however fast the first ones may.
        const SENT: u16 = 200;
        let mut wire = wire();
        let start = crate::time::instant() + std::time::Duration::from_secs(1);
        for number in 0..SENT {
            let mut packet = TaggedPacket { now: start, ..rtp(5, number, vec![0; 1_000]) };
            let Packet::Rtp(content) = &mut packet.message.packet else { panic!() };
            content.header.set_extension(3, Bytes::from_static(&[0; 2])).unwrap();
            content.header.set_extension(4, Bytes::from_static(&[0; 3])).unwrap();
            wire.handle_write(packet).unwrap();
        }
        let mut left = leaving(&mut wire);
        assert!((1..usize::from(SENT)).contains(&left.len()), "the rest waits");
        let nack = TransportLayerNack { media_ssrc: 5, nacks: vec![NackPair::new(0)], ..Default::default() };
        wire.handle_read(TaggedPacket { now: start, ..rtcp(nack) }).unwrap();
        assert!(wire.poll_read().is_some());
        while let Some(due) = wire.poll_timeout().filter(|_| left.len() <= usize::from(SENT)) {
            wire.handle_timeout(due).unwrap();
            left.extend(leaving(&mut wire));
        }
        assert_eq!(left.iter().filter(|(ssrc, ..)| *ssrc == 6).count(), 1, "sent again");
        for (position, (_, number, stamped)) in left.iter().enumerate() {
            assert_eq!((&number[..], *stamped), (&(position as u16).to_be_bytes()[..], true));
        }
    }
}
