//! Replaces each carrier by the packets it stands for, with this viewer's RTP headers (RFC 3550, section 5.1).

use std::sync::Arc;

use bytes::Bytes;
use rtc::interceptor::{AttributedPacket, Packet, StreamInfo, TaggedPacket};
use rtc::rtp;
use rtc::shared::time::SystemInstant;

use crate::fanout::{AudioPacket, Media, PacketizedFrame};
use crate::peer::extensions::{
    ABS_CAPTURE_TIME_URI, ABS_SEND_TIME_LATER, ABS_SEND_TIME_URI, PLAYOUT_DELAY_URI, TRANSPORT_CC_LATER,
    TRANSPORT_CC_URI, TimingTrigger, VIDEO_TIMING_URI, VideoTiming, abs_capture_time, ntp_before, since_capture,
};
use crate::peer::lane::Lane;
use crate::peer::lanes::Lanes;
use crate::peer::red::Redundancy;
use crate::time::Nanos;

use super::departure::{Departing, Leaving};
use super::fec::Fec;
use super::station::{Out, Station, Work};

/// 1 s of video, 2 s of sound: layers that follow the same host clock are never that far apart.
const LONGEST_STEP_BACK: u32 = 90_000;
/// Between two frames that say when they were captured, in ns; a receiver counts the ones between by their timestamps.
const CAPTURE_TIME_PERIOD: u64 = 1_000_000_000;

/// The numbers the browser agreed to, each only if it did.
#[derive(Clone, Copy, Debug, Default)]
struct Ids {
    playout_delay: Option<u8>,
    transport_cc: Option<u8>,
    send_time: Option<u8>,
    capture_time: Option<u8>,
    timing: Option<u8>,
}

impl Ids {
    fn of(info: &StreamInfo) -> Self {
        let id = |uri| extension_id(info, uri);
        Self {
            playout_delay: id(PLAYOUT_DELAY_URI),
            transport_cc: id(TRANSPORT_CC_URI),
            send_time: id(ABS_SEND_TIME_URI),
            capture_time: id(ABS_CAPTURE_TIME_URI),
            timing: id(VIDEO_TIMING_URI),
        }
    }
}

/// The number an extension was given in this negotiation.
pub fn extension_id(info: &StreamInfo, uri: &str) -> Option<u8> {
    let extension = info.rtp_header_extensions.iter().find(|extension| extension.uri == uri)?;
    u8::try_from(extension.id).ok()
}

/// Writes an extension that was agreed to.
pub fn set(header: &mut rtp::Header, id: Option<u8>, value: Bytes) {
    if let Some(id) = id
        && let Err(error) = header.set_extension(id, value)
    {
        tracing::trace!(%error, id, "an extension is not on this packet");
    }
}

/// What is written into every packet of one lane.
struct Stream {
    lane: Arc<Lane>,
    /// Repairs video.
    fec: Option<Fec>,
    payload_type: u8,
    ids: Ids,
    playout_delay: Bytes,
    sequence_number: u16,
    /// Of the frame or packet before.
    timestamp: Option<u32>,
    /// Added to what comes in.
    shift: u32,
    /// When a frame last said when it was captured, and by what shift.
    capture_told: Option<(Nanos, u32)>,
    timing: TimingTrigger,
    redundancy: Redundancy,
}

/// The station at 13 500, farthest from the network, so that every other one sees real packets.
pub struct Burst {
    lanes: Arc<Lanes>,
    streams: Vec<Stream>,
    /// Where frames are noted that somebody wants to see leave.
    departing: Option<Arc<Departing>>,
    /// Time of day, as the sender reports tell it.
    clock: SystemInstant,
}

impl Burst {
    pub fn new(lanes: Arc<Lanes>, departing: Option<Arc<Departing>>) -> Station<Self> {
        let streams = vec![Stream::new(Arc::clone(&lanes.video), true), Stream::new(Arc::clone(&lanes.audio), false)];
        Station::new(Self { lanes, streams, departing, clock: SystemInstant::now(crate::time::instant()) })
    }

    /// The stream of this SSRC, made where its track was added; those of tracks that were removed are forgotten.
    fn stream(&mut self, ssrc: u32) -> Option<&mut Stream> {
        if self.streams.iter().all(|stream| stream.lane.ssrc != ssrc) {
            let lane = self.lanes.beside(ssrc)?;
            self.streams.retain(|stream| self.lanes.has(stream.lane.ssrc));
            self.streams.push(Stream::new(lane, true));
        }
        self.streams.iter_mut().find(|stream| stream.lane.ssrc == ssrc)
    }

    fn expand(&mut self, carrier: &TaggedPacket, index: usize, out: &mut Out) {
        let Packet::Rtp(packet) = &carrier.message.packet else { return };
        let Some(stream) = self.streams.get_mut(index) else { return };
        let Some(media) = stream.lane.take(packet.header.sequence_number) else { return };
        let now = crate::time::now();
        let mut send = |header, payload| {
            out.write.push_back(TaggedPacket {
                now: carrier.now,
                transport: carrier.transport,
                message: AttributedPacket::new(Packet::Rtp(rtp::Packet { header, payload })),
            });
        };
        match &media {
            Media::Video(frame) => {
                let age = now.saturating_since(frame.pushed_at);
                stream.lane.left(age);
                let captured = ntp_before(self.clock.ntp(crate::time::instant()), age);
                stream.write_frame(now, frame, captured, self.departing.as_deref(), send);
            }
            Media::Audio(packet) => {
                stream.lane.left(now.saturating_since(packet.pushed_at));
                let (header, payload) = stream.write_sound(packet);
                send(header, payload);
            }
        }
    }
}

impl Stream {
    fn new(lane: Arc<Lane>, video: bool) -> Self {
        Self {
            // Where the numbers begin does not matter; low ones keep the first wrap away (RFC 3711, section 3.3.1).
            sequence_number: (lane.ssrc & 0x7fff) as u16,
            fec: video.then(|| Fec::new(Arc::clone(&lane))),
            lane,
            payload_type: 0,
            ids: Ids::default(),
            playout_delay: Bytes::new(),
            timestamp: None,
            shift: 0,
            capture_told: None,
            timing: TimingTrigger::default(),
            redundancy: Redundancy::default(),
        }
    }

    /// `captured` is an NTP time.
    fn write_frame(
        &mut self,
        now: Nanos,
        frame: &Arc<PacketizedFrame>,
        captured: u64,
        departing: Option<&Departing>,
        mut send: impl FnMut(rtp::Header, Bytes),
    ) {
        let timestamp = self.advance(frame.rtp_timestamp);
        let playout_delay = self.lane.playout_delay();
        if *self.playout_delay != playout_delay {
            self.playout_delay = Bytes::copy_from_slice(&playout_delay);
        }
        let tells_capture = frame.keyframe || self.is_capture_due(now);
        let timing = self.timing.next(now, frame.payloads.iter().map(Bytes::len).sum());
        let last = frame.payloads.len().saturating_sub(1);
        let payload_type = self.lane.formats.payload_type(frame.codec);
        for (position, payload) in frame.payloads.iter().enumerate() {
            let mut header = self.header(timestamp, position == last);
            header.payload_type = payload_type.unwrap_or(header.payload_type);
            set(&mut header, self.ids.playout_delay, self.playout_delay.clone());
            if position == 0 && tells_capture {
                set(&mut header, self.ids.capture_time, Bytes::copy_from_slice(&abs_capture_time(captured)));
                self.capture_told = Some((now, self.shift));
            }
            if let Some(cause) = timing
                && position == last
                && self.ids.timing.is_some()
            {
                let since = |at| since_capture(frame.pushed_at, at);
                let timing = VideoTiming {
                    cause,
                    encode_start: since(frame.encode_started),
                    encode_finish: since(frame.encode_ended),
                    packetization_finish: since(now),
                };
                set(&mut header, self.ids.timing, Bytes::copy_from_slice(&timing.to_bytes()));
                self.lane.timed.push(header.sequence_number, frame.pushed_at);
            }
            if let Some(departing) = departing
                && header.marker
            {
                departing.push(Leaving {
                    frame: Arc::clone(frame),
                    sender: self.lane.sender,
                    paced_at: now,
                    ssrc: header.ssrc,
                    sequence_number: header.sequence_number,
                });
            }
            send(header, payload.clone());
        }
    }

    fn is_capture_due(&self, now: Nanos) -> bool {
        self.capture_told
            .is_none_or(|(told, shift)| shift != self.shift || now.0.saturating_sub(told.0) >= CAPTURE_TIME_PERIOD)
    }

    /// Alone, or with copies of the packets before it (RFC 2198) where the browser takes that and the link needs it.
    fn write_sound(&mut self, packet: &AudioPacket) -> (rtp::Header, Bytes) {
        let timestamp = self.advance(packet.rtp_timestamp);
        // The marker would say that a talk spurt begins (RFC 3551, section 4.1): we never stop sending.
        let mut header = self.header(timestamp, false);
        let copies = self.lane.protection.audio_copies();
        match self.lane.red().filter(|_| copies > 0) {
            Some(red) => {
                header.payload_type = red;
                (header, self.redundancy.wrap(self.payload_type, timestamp, &packet.payload, copies))
            }
            None => {
                self.redundancy.keep(timestamp, &packet.payload);
                (header, packet.payload.clone())
            }
        }
    }

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

    /// With room for what later stations write.
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
        set(&mut header, self.ids.transport_cc, Bytes::from_static(&TRANSPORT_CC_LATER));
        set(&mut header, self.ids.send_time, Bytes::from_static(&ABS_SEND_TIME_LATER));
        header
    }
}

impl Work for Burst {
    fn write(&mut self, packet: TaggedPacket, out: &mut Out) {
        let lane = match &packet.message.packet {
            Packet::Rtp(content) => self.streams.iter().position(|s| s.lane.ssrc == content.header.ssrc),
            _ => None,
        };
        let Some(index) = lane else {
            out.write.push_back(packet);
            return;
        };
        let first = out.write.len();
        self.expand(&packet, index, out);
        if let Some(fec) = self.streams.get_mut(index).and_then(|stream| stream.fec.as_mut())
            && fec.is_active()
        {
            for packet in out.write.split_off(first) {
                fec.write(packet, out);
            }
        }
    }

    fn bind(&mut self, info: &StreamInfo) {
        let Some(stream) = self.stream(info.ssrc) else { return };
        if let Some(fec) = &mut stream.fec {
            fec.bind(info);
        }
        stream.payload_type = info.payload_type;
        stream.ids = Ids::of(info);
        stream.lane.bind(Some(info.payload_type));
    }

    fn unbind(&mut self, info: &StreamInfo) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.lane.ssrc == info.ssrc) else { return };
        if let Some(fec) = &mut stream.fec {
            fec.unbind(info);
        }
        stream.lane.bind(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::interceptors::testing::{drain, lanes, rtp, video as frame};
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
        let mut burst = Burst::new(lanes(&lane), None);
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
        let mut burst = Burst::new(lanes(&lane), None);
        for timestamp in [u32::MAX - 1, u32::MAX - 1, u32::MAX - 3_000, u32::MAX, 1, 1_500, 0, 3_000] {
            burst.handle_write(rtp(5, lane.push(frame(timestamp, 2)), Vec::new())).unwrap();
        }
        let stamps: Vec<u32> = drain(&mut burst).iter().step_by(2).map(|packet| packet.header.timestamp).collect();
        assert_eq!(stamps, [u32::MAX - 1, u32::MAX, 0, 1, 2, 1_500, 1_501, 3_000]);
    }

    #[test]
    fn a_layer_of_another_time_line_goes_on_at_the_right_pace() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(lanes(&lane), None);
        for timestamp in [500_000, 501_500, 1_500, 3_000, 4_500, 3_000_000_000, 3_000_001_500] {
            burst.handle_write(rtp(5, lane.push(frame(timestamp, 1)), Vec::new())).unwrap();
        }
        let stamps: Vec<u32> = drain(&mut burst).iter().map(|packet| packet.header.timestamp).collect();
        assert_eq!(stamps, [500_000, 501_500, 501_501, 503_001, 504_501, 504_502, 506_002]);
    }

    #[test]
    fn without_the_extension_nothing_is_added_and_other_streams_pass() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(lanes(&lane), None);
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

    #[test]
    fn what_a_viewer_agreed_to_is_on_the_packets_it_belongs_on() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut burst = Burst::new(lanes(&lane), None);
        burst.bind_local_stream(&info(&[
            (PLAYOUT_DELAY_URI, 1),
            (TRANSPORT_CC_URI, 2),
            (ABS_SEND_TIME_URI, 3),
            (ABS_CAPTURE_TIME_URI, 4),
            (VIDEO_TIMING_URI, 5),
        ]));
        lane.set_playout_delay([0, 0xa0, 0x28]);
        burst.handle_write(rtp(5, lane.push(frame(0, 3)), Vec::new())).unwrap();
        let sizes: Vec<Vec<usize>> = drain(&mut burst)
            .iter()
            .map(|packet| {
                assert_eq!(packet.header.get_extension(1).as_deref(), Some(&[0, 0xa0, 0x28][..]));
                assert_eq!(packet.header.get_extension(2).as_deref(), Some(&[0, 0][..]));
                (3..=5).map(|id| packet.header.get_extension(id).map_or(0, |value| value.len())).collect()
            })
            .collect();
        assert_eq!(sizes, [[3, 8, 0], [3, 0, 0], [3, 0, 13]]);
        // Soon after, no timing is due. The frames of these tests are keyframes and tell their capture each.
        burst.handle_write(rtp(5, lane.push(frame(3_000, 1)), Vec::new())).unwrap();
        let next = drain(&mut burst).remove(0).header;
        assert!(next.get_extension(4).is_some() && next.get_extension(5).is_none());
    }

    fn sound(rtp_timestamp: u32, payload: &'static [u8]) -> Media {
        let payload = Bytes::from_static(payload);
        Media::Audio(Arc::new(AudioPacket { rtp_timestamp, payload, pushed_at: Nanos(0) }))
    }

    #[test]
    fn sound_is_repeated_only_where_the_browser_takes_it_and_the_link_needs_it() {
        use crate::config::ProtectionMode;
        use crate::peer::protection::Protection;
        let lossy = Arc::new(Protection::new(ProtectionMode::Always));
        let lane = Arc::new(Lane::new(5, 0).protected(0, lossy));
        let mut burst = Burst::new(lanes(&lane), None);
        burst.bind_local_stream(&info(&[]));
        let mut send = |timestamp, payload| {
            burst.handle_write(rtp(5, lane.push(sound(timestamp, payload)), Vec::new())).unwrap();
            let packet = drain(&mut burst).remove(0);
            (packet.header.payload_type, packet.header.timestamp, packet.payload.to_vec())
        };
        assert_eq!(send(0, &[1]), (109, 0, vec![1]));
        lane.set_red(Some(63));
        assert_eq!(send(480, &[2]), (63, 480, vec![0x80 | 109, 7, 0x80, 1, 109, 1, 2]));
        lane.set_red(None);
        assert_eq!(send(960, &[3]), (109, 960, vec![3]));
    }
}
