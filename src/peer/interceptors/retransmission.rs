//! Two corrections to how the crate retransmits.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Attribute, Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use rtc::shared::marshal::MarshalSize;

/// Tells a station of the crate about the RTX stream too. The crate announces only the media stream, so retransmissions
/// would carry no transport-wide number and the estimate would not know of them.
pub struct WithRtx<I>(pub I);

impl<I: Interceptor> Protocol<TaggedPacket, TaggedPacket, ()> for WithRtx<I> {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        self.0.handle_read(msg)
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.0.poll_read()
    }
    fn handle_write(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        self.0.handle_write(msg)
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.0.poll_write()
    }
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.0.handle_timeout(now)
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        self.0.poll_timeout()
    }
    fn close(&mut self) -> Result<(), Error> {
        self.0.close()
    }
}

fn rtx_of(info: &StreamInfo) -> Option<StreamInfo> {
    let (ssrc, payload_type) = info.ssrc_rtx.zip(info.payload_type_rtx)?;
    Some(StreamInfo { ssrc, payload_type, ssrc_rtx: None, payload_type_rtx: None, ..info.clone() })
}

impl<I: Interceptor> Interceptor for WithRtx<I> {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        self.0.bind_local_stream(info);
        if let Some(rtx) = rtx_of(info) {
            self.0.bind_local_stream(&rtx);
        }
    }
    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        self.0.unbind_local_stream(info);
        if let Some(rtx) = rtx_of(info) {
            self.0.unbind_local_stream(&rtx);
        }
    }
    fn bind_remote_stream(&mut self, info: &StreamInfo) {
        self.0.bind_remote_stream(info);
    }
    fn unbind_remote_stream(&mut self, info: &StreamInfo) {
        self.0.unbind_remote_stream(info);
    }
}

/// Retransmission that may be asked for before anything was sent, and in a burst, in bytes.
const BURST: usize = 512 * 1024;

/// The station at 3 500, just past the one that retransmits. One NACK of 1 KB can ask for 5 MB: what goes out again is
/// held to what goes out the first time, which is more than any link that still works needs.
#[derive(Default)]
pub struct Budget {
    /// Bytes that may still be sent again.
    left: usize,
    refused: u64,
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

impl Budget {
    pub fn new() -> Self {
        Self { left: BURST, ..Self::default() }
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Budget {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        self.read.push_back(msg);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }
    fn handle_write(&mut self, msg: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtp(packet) = &msg.message.packet {
            let size = packet.marshal_size();
            if !msg.message.has(&Attribute::Retransmission) {
                self.left = self.left.saturating_add(size).min(BURST);
            } else if let Some(left) = self.left.checked_sub(size) {
                self.left = left;
            } else {
                self.refused += 1;
                if self.refused.is_power_of_two() {
                    tracing::debug!(refused = self.refused, "a browser asks for more retransmission than we send");
                }
                return Ok(());
            }
        }
        self.write.push_back(msg);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
}

impl Interceptor for Budget {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::{drain, rtp};

    #[test]
    fn what_goes_out_again_is_held_to_what_went_out() {
        let mut budget = Budget::new();
        let ask = |budget: &mut Budget, times: usize| {
            for _ in 0..times {
                let mut again = rtp(2, 0, vec![0; 1000]);
                again.message.add(Attribute::Retransmission);
                budget.handle_write(again).unwrap();
            }
            drain(budget).len()
        };
        let first = ask(&mut budget, 5_000);
        assert_eq!(first, BURST / 1012);
        assert_eq!(ask(&mut budget, 10), 0);
        for n in 0..10 {
            budget.handle_write(rtp(1, n, vec![0; 1000])).unwrap();
        }
        assert_eq!(drain(&mut budget).len(), 10);
        assert_eq!(ask(&mut budget, 100), 10);
    }

    #[test]
    fn retransmissions_are_numbered_for_the_whole_transport_too() {
        use rtc::interceptor::{RTPHeaderExtension, TwccSenderBuilder};
        let mut station = WithRtx(TwccSenderBuilder::new().build());
        let info = StreamInfo {
            ssrc: 1,
            ssrc_rtx: Some(2),
            payload_type: 96,
            payload_type_rtx: Some(97),
            rtp_header_extensions: vec![RTPHeaderExtension {
                uri: crate::peer::codecs::TRANSPORT_CC_URI.into(),
                id: 3,
            }],
            ..Default::default()
        };
        station.bind_local_stream(&info);
        for ssrc in [1, 2, 1] {
            station.handle_write(rtp(ssrc, 0, vec![0])).unwrap();
        }
        let numbers: Vec<_> = drain(&mut station)
            .into_iter()
            .map(|packet| packet.header.get_extension(3).map(|number| number.to_vec()))
            .collect();
        assert_eq!(numbers, [Some(vec![0, 0]), Some(vec![0, 1]), Some(vec![0, 2])]);
        station.unbind_local_stream(&info);
        station.handle_write(rtp(2, 0, vec![0])).unwrap();
        assert!(drain(&mut station)[0].header.get_extension(3).is_none());
    }
}
