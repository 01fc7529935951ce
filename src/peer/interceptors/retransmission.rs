//! Retransmission as the crate's stations see it.

use std::time::Instant;

use rtc::interceptor::{Interceptor, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// Tells a station of the crate about the RTX and the repair stream too. The crate announces only the media stream, so
/// their packets would carry no transport-wide number and the estimate would not know of them.
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

fn fec_of(info: &StreamInfo) -> Option<StreamInfo> {
    let (ssrc, payload_type) = info.ssrc_fec.zip(info.payload_type_fec)?;
    let alone = StreamInfo { ssrc_rtx: None, payload_type_rtx: None, ssrc_fec: None, ..info.clone() };
    Some(StreamInfo { ssrc, payload_type, payload_type_fec: None, ..alone })
}

impl<I: Interceptor> Interceptor for WithRtx<I> {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        self.0.bind_local_stream(info);
        for rtx in rtx_of(info).into_iter().chain(fec_of(info)) {
            self.0.bind_local_stream(&rtx);
        }
    }
    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        self.0.unbind_local_stream(info);
        for rtx in rtx_of(info).into_iter().chain(fec_of(info)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::{drain, rtp};

    #[test]
    fn retransmissions_are_numbered_for_the_whole_transport_too() {
        use rtc::interceptor::{RTPHeaderExtension, TwccSenderBuilder};
        let mut station = WithRtx(TwccSenderBuilder::new().build());
        let info = StreamInfo {
            ssrc: 1,
            ssrc_rtx: Some(2),
            ssrc_fec: Some(3),
            payload_type: 96,
            payload_type_rtx: Some(97),
            payload_type_fec: Some(49),
            rtp_header_extensions: vec![RTPHeaderExtension {
                uri: crate::peer::codecs::TRANSPORT_CC_URI.into(),
                id: 3,
            }],
            ..Default::default()
        };
        station.bind_local_stream(&info);
        for ssrc in [1, 2, 3, 1] {
            station.handle_write(rtp(ssrc, 0, vec![0])).unwrap();
        }
        let numbers: Vec<_> = drain(&mut station)
            .into_iter()
            .map(|packet| packet.header.get_extension(3).map(|number| number.to_vec()))
            .collect();
        assert_eq!(numbers, [Some(vec![0, 0]), Some(vec![0, 1]), Some(vec![0, 2]), Some(vec![0, 3])]);
        station.unbind_local_stream(&info);
        station.handle_write(rtp(2, 0, vec![0])).unwrap();
        assert!(drain(&mut station)[0].header.get_extension(3).is_none());
    }
}
