//! Replaces each carrier by the packets it stands for, with this viewer's RTP headers (RFC 3550, section 5.1).

use std::sync::Arc;

use bytes::Bytes;
use rtc::interceptor::{AttributedPacket, Packet, StreamInfo, TaggedPacket};
use rtc::rtp;

use crate::fanout::Media;
use crate::peer::codecs::PLAYOUT_DELAY_URI;
use crate::peer::lane::Lane;

use super::departure::Departing;
use super::station::{Out, Station, Work};

/// Minimum and maximum 0: show every frame as soon as it is complete.
const PLAYOUT_DELAY_NONE: [u8; 3] = [0; 3];
/// 1 s of video, 2 s of sound: layers that follow the same host clock are never that far apart.
const LONGEST_STEP_BACK: u32 = 90_000;

/// What is written into every packet of one lane.
struct Stream {
    lane: Arc<Lane>,
    payload_type: u8,
    playout_delay_id: Option<u8>,
    sequence_number: u16,
    /// Of the frame or packet before.
    timestamp: Option<u32>,
    /// Added to what comes in.
    shift: u32,
}

/// The station at 13 500, farthest from the network, so that every other one sees real packets.
pub struct Burst {
    streams: Vec<Stream>,
    /// Where frames are noted that somebody wants to see leave.
    departing: Option<Arc<Departing>>,
}

impl Burst {
    pub fn new(lanes: Vec<Arc<Lane>>, departing: Option<Arc<Departing>>) -> Station<Self> {
        let streams = lanes
            .into_iter()
            // Where the numbers begin does not matter; low ones keep the first wrap away (RFC 3711, section 3.3.1).
            .map(|lane| Stream {
                sequence_number: (lane.ssrc & 0x7fff) as u16,
                lane,
                payload_type: 0,
                playout_delay_id: None,
                timestamp: None,
                shift: 0,
            })
            .collect();
        Station::new(Self { streams, departing })
    }

    fn expand(&mut self, carrier: &TaggedPacket, index: usize, out: &mut Out) {
        let Packet::Rtp(packet) = &carrier.message.packet else { return };
        let Some(stream) = self.streams.get_mut(index) else { return };
        let Some(media) = stream.lane.take(packet.header.sequence_number) else { return };
        let (timestamp, payloads, marker, pushed_at): (u32, &[Bytes], bool, _) = match &media {
            Media::Video(frame) => (frame.rtp_timestamp, &frame.payloads, true, frame.pushed_at),
            // The marker would say that a talk spurt begins (RFC 3551, section 4.1): we never stop sending.
            Media::Audio(packet) => {
                (packet.rtp_timestamp, std::slice::from_ref(&packet.payload), false, packet.pushed_at)
            }
        };
        stream.lane.left(crate::time::now().saturating_since(pushed_at));
        let timestamp = stream.advance(timestamp);
        let last = payloads.len().saturating_sub(1);
        for (position, payload) in payloads.iter().enumerate() {
            let header = stream.header(timestamp, marker && position == last);
            if let (Media::Video(frame), Some(departing)) = (&media, &self.departing)
                && header.marker
            {
                departing.push(header.ssrc, header.sequence_number, frame);
            }
            out.write.push_back(TaggedPacket {
                now: carrier.now,
                transport: carrier.transport,
                message: AttributedPacket::new(Packet::Rtp(rtp::Packet { header, payload: payload.clone() })),
            });
        }
    }
}

impl Stream {
    /// Strictly increasing, modulo 2^32: a browser drops what is older than what it has shown, and after a change of layer
    /// or codec another worker's pictures may repeat or step back. A step too far to wait out begins a new time line.
    fn advance(&mut self, timestamp: u32) -> u32 {
        let shifted = timestamp.wrapping_add(self.shift);
        let timestamp = match self.timestamp {
            Some(last) if (shifted.wrapping_sub(last) as i32) <= 0 => {
                let next = last.wrapping_add(1);
                if last.wrapping_sub(shifted) > LONGEST_STEP_BACK {
                    self.shift = next.wrapping_sub(timestamp);
                }
                next
            }
            _ => shifted,
        };
        self.timestamp = Some(timestamp);
        timestamp
    }

    fn header(&mut self, timestamp: u32, marker: bool) -> rtp::Header {
        let mut header = rtp::Header {
            version: 2,
            marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence_number,
            timestamp,
            ssrc: self.lane.ssrc,
            ..Default::default()
        };
        self.sequence_number = self.sequence_number.wrapping_add(1);
        if let Some(id) = self.playout_delay_id
            && let Err(error) = header.set_extension(id, Bytes::from_static(&PLAYOUT_DELAY_NONE))
        {
            tracing::trace!(%error, id, "no playout delay on this packet");
        }
        header
    }
}

impl Work for Burst {
    fn write(&mut self, packet: TaggedPacket, out: &mut Out) {
        let lane = match &packet.message.packet {
            Packet::Rtp(content) => self.streams.iter().position(|s| s.lane.ssrc == content.header.ssrc),
            _ => None,
        };
        match lane {
            Some(index) => self.expand(&packet, index, out),
            None => out.write.push_back(packet),
        }
    }

    fn bind(&mut self, info: &StreamInfo) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.lane.ssrc == info.ssrc) else { return };
        let extension = info.rtp_header_extensions.iter().find(|extension| extension.uri == PLAYOUT_DELAY_URI);
        stream.payload_type = info.payload_type;
        stream.playout_delay_id = extension.and_then(|extension| u8::try_from(extension.id).ok());
        stream.lane.bind(Some(info.payload_type));
    }

    fn unbind(&mut self, info: &StreamInfo) {
        if let Some(stream) = self.streams.iter().find(|stream| stream.lane.ssrc == info.ssrc) {
            stream.lane.bind(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::{drain, rtp, video as frame};
    use rtc::interceptor::{Interceptor, RTPHeaderExtension};
    use rtc::sansio::Protocol;

    fn info(extensions: &[(&str, u16)]) -> StreamInfo {
        StreamInfo {
            ssrc: 5,
            payload_type: 109,
            rtp_header_extensions: extensions
                .iter()
                .map(|(uri, id)| RTPHeaderExtension { uri: (*uri).into(), id: *id })
                .collect(),
            ..Default::default()
        }
    }

    #[test]
    fn a_carrier_becomes_its_frame_with_the_negotiated_numbers() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(vec![Arc::clone(&lane)], None);
        burst.bind_local_stream(&info(&[("other", 3), (PLAYOUT_DELAY_URI, 12)]));
        let ids = [lane.push(frame(u32::MAX, 3)), lane.push(frame(10, 1))];
        for id in ids {
            burst.handle_write(rtp(5, id, Vec::new())).unwrap();
        }
        let packets = drain(&mut burst);
        let headers: Vec<_> = packets.iter().map(|p| (p.header.timestamp, p.header.marker, p.payload[0])).collect();
        assert_eq!(headers, [(u32::MAX, false, 0), (u32::MAX, false, 1), (u32::MAX, true, 2), (10, true, 0)]);
        for pair in packets.windows(2) {
            assert_eq!(pair[0].header.sequence_number.wrapping_add(1), pair[1].header.sequence_number);
        }
        for packet in &packets {
            assert_eq!((packet.header.ssrc, packet.header.payload_type, packet.header.version), (5, 109, 2));
            assert_eq!(packet.header.get_extension(12).as_deref(), Some(&[0u8, 0, 0][..]));
        }
    }

    #[test]
    fn timestamps_increase_strictly_even_when_frames_repeat_or_step_back() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(vec![Arc::clone(&lane)], None);
        for timestamp in [u32::MAX - 1, u32::MAX - 1, u32::MAX - 3_000, u32::MAX, 1, 1_500, 0, 3_000] {
            burst.handle_write(rtp(5, lane.push(frame(timestamp, 2)), Vec::new())).unwrap();
        }
        let stamps: Vec<u32> = drain(&mut burst).iter().step_by(2).map(|packet| packet.header.timestamp).collect();
        assert_eq!(stamps, [u32::MAX - 1, u32::MAX, 0, 1, 2, 1_500, 1_501, 3_000]);
    }

    #[test]
    fn a_layer_of_another_time_line_goes_on_at_the_right_pace() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(vec![Arc::clone(&lane)], None);
        for timestamp in [500_000, 501_500, 1_500, 3_000, 4_500, 3_000_000_000, 3_000_001_500] {
            burst.handle_write(rtp(5, lane.push(frame(timestamp, 1)), Vec::new())).unwrap();
        }
        let stamps: Vec<u32> = drain(&mut burst).iter().map(|packet| packet.header.timestamp).collect();
        assert_eq!(stamps, [500_000, 501_500, 501_501, 503_001, 504_501, 504_502, 506_002]);
    }

    #[test]
    fn without_the_extension_nothing_is_added_and_other_streams_pass() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(vec![Arc::clone(&lane)], None);
        burst.bind_local_stream(&info(&[]));
        let id = lane.push(frame(1, 1));
        burst.handle_write(rtp(5, id, Vec::new())).unwrap();
        burst.handle_write(rtp(77, 1, vec![9])).unwrap();
        // A carrier nobody knows is nothing.
        burst.handle_write(rtp(5, id.wrapping_add(1), Vec::new())).unwrap();
        let packets = drain(&mut burst);
        assert_eq!(packets.iter().map(|p| p.header.ssrc).collect::<Vec<_>>(), [5, 77]);
        assert!(packets[0].header.extensions.is_empty());
    }
}
