//! Forward error correction of video: FlexFEC as browsers have it (draft-ietf-payload-flexible-fec-scheme-03), a stream of
//! its own beside the one it protects.

use std::sync::Arc;

use bytes::Bytes;
use rtc::interceptor::{AttributedPacket, FlexFec03Encoder, Packet, StreamInfo, TaggedPacket};
use rtc::rtp;

use crate::peer::extensions::{ABS_SEND_TIME_LATER, ABS_SEND_TIME_URI, TRANSPORT_CC_LATER, TRANSPORT_CC_URI};
use crate::peer::lane::Lane;
use crate::units::SenderId;

use super::burst::{extension_id, set};
use super::station::{Out, Work};

/// Packets that one block protects. The format could name 109 and libwebrtc's sender keeps to this.
const MOST_IN_BLOCK: usize = 48;
/// Small frames wait for each other, since a repair packet is as large as the largest it protects; but no longer than a
/// round trip would take.
const MOST_FRAMES: usize = 3;

/// It sees packets as [`Burst`](super::burst::Burst) makes them, before anything is written into
/// them that a receiver counts as zero.
pub struct Fec {
    lane: Arc<Lane>,
    encoder: Option<FlexFec03Encoder>,
    transport_cc_id: Option<u8>,
    send_time_id: Option<u8>,
    /// Packets since the last repair packet.
    block: Vec<rtp::Packet>,
    frames: usize,
    /// Repair packets that are due; a part of one stays for the next block.
    due: f32,
}

impl Fec {
    pub fn new(lane: Arc<Lane>) -> Self {
        Self { lane, encoder: None, transport_cc_id: None, send_time_id: None, block: Vec::new(), frames: 0, due: 0.0 }
    }

    /// Repairs of all packets so far, once enough of them are due.
    fn end_frame(&mut self) -> Vec<rtp::Packet> {
        self.frames += 1;
        if self.block.len() < MOST_IN_BLOCK && self.due < 1.0 && self.frames < MOST_FRAMES {
            return Vec::new();
        }
        let blocks = self.block.len().div_ceil(MOST_IN_BLOCK).max(1);
        let each = (self.due as usize / blocks).max(1);
        // What was sent ahead of its time is made up for, one packet at most.
        self.due = (self.due - (each * blocks) as f32).clamp(-1.0, 1.0);
        self.frames = 0;
        let packets = std::mem::take(&mut self.block);
        let Some(encoder) = &mut self.encoder else { return Vec::new() };
        let mut repairs = Vec::with_capacity(each * blocks);
        for block in packets.chunks(packets.len().div_ceil(blocks).max(1)) {
            repairs.extend(encoder.encode(block, u32::try_from(each).unwrap_or(1)));
        }
        for repair in &mut repairs {
            set(&mut repair.header, self.transport_cc_id, Bytes::from_static(&TRANSPORT_CC_LATER));
            set(&mut repair.header, self.send_time_id, Bytes::from_static(&ABS_SEND_TIME_LATER));
        }
        repairs
    }

    fn forget(&mut self) {
        self.block.clear();
        (self.frames, self.due) = (0, 0.0);
    }
}

impl Fec {
    /// Whether anything is repaired now, or still to be forgotten.
    pub fn is_active(&self) -> bool {
        self.encoder.is_some() && (self.lane.protection.fec_ratio() > 0.0 || !self.block.is_empty())
    }
}

impl Work for Fec {
    fn write(&mut self, packet: TaggedPacket, out: &mut Out) {
        let (now, transport) = (packet.now, packet.transport);
        let mut ended = false;
        if let Packet::Rtp(content) = &packet.message.packet
            && content.header.ssrc == self.lane.ssrc
            && self.encoder.is_some()
        {
            let ratio = self.lane.protection.fec_ratio();
            if ratio > 0.0 {
                self.due += ratio;
                self.block.push(content.clone());
                ended = content.header.marker;
            } else if !self.block.is_empty() {
                self.forget();
            }
        }
        out.write.push_back(packet);
        if ended {
            out.write.extend(self.end_frame().into_iter().map(|repair| TaggedPacket {
                now,
                transport,
                message: AttributedPacket::new(Packet::Rtp(repair)),
            }));
        }
    }

    fn bind(&mut self, info: &StreamInfo) {
        if info.ssrc != self.lane.ssrc {
            return;
        }
        self.forget();
        self.transport_cc_id = extension_id(info, TRANSPORT_CC_URI);
        self.send_time_id = extension_id(info, ABS_SEND_TIME_URI);
        let agreed = info.ssrc_fec.zip(info.payload_type_fec);
        let next = self.encoder.as_ref().map(FlexFec03Encoder::next_sequence_number);
        self.encoder = agreed.map(|(ssrc, payload_type)| {
            let number = next.unwrap_or((ssrc & 0x7fff) as u16);
            FlexFec03Encoder::new(payload_type, ssrc).with_base_sequence_number(number)
        });
        if self.lane.sender == SenderId::VIDEO {
            self.lane.protection.set_takes_fec(self.encoder.is_some());
        }
    }

    fn unbind(&mut self, info: &StreamInfo) {
        if info.ssrc == self.lane.ssrc {
            if self.lane.sender == SenderId::VIDEO {
                self.lane.protection.set_takes_fec(false);
            }
            self.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProtectionMode;
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::drain;
    use crate::peer::protection::Protection;
    use crate::time::Nanos;
    use rtc::interceptor::{FlexFec03Decoder, Interceptor, RTPHeaderExtension};
    use rtc::sansio::Protocol;
    use std::time::Duration;

    fn station(mode: ProtectionMode, takes: bool) -> (Arc<Lane>, Station<Fec>) {
        let lane = Arc::new(Lane::new(5, 6).protected(8, Arc::new(Protection::new(mode))));
        let mut fec = Station::new(Fec::new(Arc::clone(&lane)));
        fec.bind_local_stream(&StreamInfo {
            ssrc: 5,
            ssrc_fec: takes.then_some(8),
            payload_type_fec: takes.then_some(49),
            rtp_header_extensions: vec![RTPHeaderExtension { uri: TRANSPORT_CC_URI.into(), id: 4 }],
            ..Default::default()
        });
        (lane, fec)
    }

    /// Sends a frame of so many packets, each of its own size, and returns what came out.
    fn send(fec: &mut Station<Fec>, number: &mut u16, packets: usize) -> Vec<rtp::Packet> {
        for position in 0..packets {
            let mut packet = super::super::testing::rtp(5, *number, vec![*number as u8; 100 + position]);
            let Packet::Rtp(content) = &mut packet.message.packet else { panic!() };
            content.header.marker = position + 1 == packets;
            content.header.payload_type = 96;
            content.header.set_extension(4, Bytes::from_static(&TRANSPORT_CC_LATER)).unwrap();
            fec.handle_write(packet).unwrap();
            *number = number.wrapping_add(1);
        }
        drain(fec)
    }

    #[test]
    fn a_lost_packet_comes_back_from_the_others_and_the_repair() {
        let (_, mut fec) = station(ProtectionMode::Always, true);
        let mut number = 65_530;
        let sent = send(&mut fec, &mut number, 10);
        assert_eq!(sent.len(), 11);
        let repair = &sent[10];
        assert_eq!((repair.header.ssrc, repair.header.payload_type, repair.header.sequence_number), (8, 49, 8));
        assert_eq!(repair.header.get_extension(4).as_deref(), Some(&[0, 0][..]));
        for lost in 0..10 {
            let mut decoder = FlexFec03Decoder::new(8, 5);
            let mut back = Vec::new();
            for (at, packet) in sent.iter().enumerate() {
                if at != lost {
                    back.extend(decoder.decode(packet.clone()));
                }
            }
            assert_eq!(back, [sent[lost].clone()], "packet {lost}");
        }
    }

    #[test]
    fn a_browser_that_takes_none_or_a_good_path_gets_none() {
        for (mode, takes) in
            [(ProtectionMode::Always, false), (ProtectionMode::Auto, true), (ProtectionMode::Never, true)]
        {
            let (_, mut fec) = station(mode, takes);
            let mut number = 0;
            for _ in 0..10 {
                assert_eq!(send(&mut fec, &mut number, 20).len(), 20);
            }
            assert!(fec.work.block.is_empty(), "nothing is kept that nobody will repair");
        }
    }

    #[test]
    fn the_amount_follows_the_loss_and_small_frames_share_a_repair() {
        let (lane, mut fec) = station(ProtectionMode::Auto, true);
        let repairs = |fec: &mut Station<Fec>, number: &mut u16, frames: usize, packets: usize| {
            let sent: usize = (0..frames).map(|_| send(fec, number, packets).len()).sum();
            sent - frames * packets
        };
        let mut number = 0;
        let hear = |seconds: u64, loss| {
            for second in 0..seconds {
                lane.protection.hear(Nanos(second * 1_000_000_000), Some(Duration::from_millis(150)), loss);
            }
        };
        hear(20, 0.03);
        assert_eq!(repairs(&mut fec, &mut number, 100, 10), 100);
        assert_eq!(repairs(&mut fec, &mut number, 30, 1), 10);
        hear(20, 0.5);
        let many = repairs(&mut fec, &mut number, 100, 10);
        assert!((390..=410).contains(&many), "{many}");
    }

    #[test]
    fn a_large_frame_is_protected_in_blocks() {
        let (_, mut fec) = station(ProtectionMode::Always, true);
        let mut number = 0;
        let sent = send(&mut fec, &mut number, 120);
        assert_eq!(sent.len(), 120 + 12);
        let mut decoder = FlexFec03Decoder::new(8, 5);
        // One of each block of 40 is lost.
        let lost = |at: usize| at < 120 && at % 40 == 7;
        let arrived = sent.iter().enumerate().filter(|(at, _)| !lost(*at));
        let back: Vec<u16> =
            arrived.flat_map(|(_, packet)| decoder.decode(packet.clone())).map(|p| p.header.sequence_number).collect();
        assert_eq!(back, [7, 47, 87]);
    }
}
