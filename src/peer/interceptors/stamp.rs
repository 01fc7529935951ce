//! Writes into packets what is known only when they leave: the time of day, and how long a frame was on its way.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rtc::interceptor::{Packet, StreamInfo, TaggedPacket};
use rtc::rtp;
use rtc::shared::time::SystemInstant;

use crate::peer::extensions::{ABS_SEND_TIME_URI, VIDEO_TIMING_URI, abs_send_time, set_pacer_exit, since_capture};
use crate::peer::lane::Lane;
use crate::peer::lanes::{Beside, Lanes};
use crate::time::{self, Nanos};

use super::burst::extension_id;
use super::station::Work;

/// Frames whose timing may be between the two stations.
const MOST: usize = 8;
/// Packets that leave within this time share a stamp; the stamp's own steps are 4 us.
const SHARED: Duration = Duration::from_micros(50);

/// Packets on their way that carry their frame's timing, with the time of its capture.
#[derive(Debug, Default)]
pub struct Timed(Mutex<VecDeque<(u16, Nanos)>>);

impl Timed {
    fn packets(&self) -> MutexGuard<'_, VecDeque<(u16, Nanos)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// With too many on their way, the oldest is forgotten and says zero.
    pub fn push(&self, sequence_number: u16, captured: Nanos) {
        let mut packets = self.packets();
        if packets.len() >= MOST {
            packets.pop_front();
        }
        packets.push_back((sequence_number, captured));
    }

    fn take(&self, sequence_number: u16) -> Option<Nanos> {
        let mut packets = self.packets();
        let position = packets.iter().position(|(number, _)| *number == sequence_number)?;
        packets.drain(..=position).next_back().map(|(_, captured)| captured)
    }
}

/// Past the pacer and everything else that holds a packet.
pub struct Stamp {
    video: Arc<Lane>,
    beside: Beside,
    send_time_id: Option<u8>,
    timing_id: Option<u8>,
    clock: SystemInstant,
    stamp: Option<(Nanos, Bytes)>,
}

impl Stamp {
    pub fn new(video: Arc<Lane>) -> Self {
        let clock = SystemInstant::now(time::instant());
        Self { video, beside: Beside::default(), send_time_id: None, timing_id: None, clock, stamp: None }
    }

    /// Added tracks too.
    pub fn with_lanes(self, lanes: Arc<Lanes>) -> Self {
        Self { beside: Beside::new(lanes), ..self }
    }

    fn stamp(&mut self, header: &mut rtp::Header, now: Nanos) {
        if let Some(slot) = slot(header, self.send_time_id) {
            let stamp = match &self.stamp {
                Some((at, stamp)) if now.saturating_since(*at) < SHARED => stamp.clone(),
                _ => {
                    let stamp = Bytes::copy_from_slice(&abs_send_time(self.clock.ntp(time::instant_at(now))));
                    self.stamp = Some((now, stamp.clone()));
                    stamp
                }
            };
            *slot = stamp;
        }
        let first = (header.ssrc == self.video.ssrc).then_some(&self.video);
        if let Some(video) = first.or_else(|| self.beside.find(header.ssrc))
            && let Some(slot) = slot(header, self.timing_id)
        {
            let mut timing = slot.to_vec();
            if let Some(captured) = video.timed.take(header.sequence_number) {
                set_pacer_exit(&mut timing, since_capture(captured, now));
                if let Some(slot) = self::slot(header, self.timing_id) {
                    *slot = timing.into();
                }
            }
        }
    }
}

/// Where an extension's value is, if the packet has it: one of the same length may take its place.
pub fn slot(header: &mut rtp::Header, id: Option<u8>) -> Option<&mut Bytes> {
    let id = id?;
    header.extensions.iter_mut().find(|extension| extension.id == id).map(|extension| &mut extension.payload)
}

impl Work for Stamp {
    fn pass(&mut self, packet: &mut TaggedPacket) {
        let now = time::nanos(packet.now);
        if let Packet::Rtp(content) = &mut packet.message.packet {
            self.stamp(&mut content.header, now);
        }
    }

    /// Numbers are the same in all streams of a connection (RFC 8843, section 9).
    fn bind(&mut self, info: &StreamInfo) {
        self.beside.bind(info.ssrc);
        self.send_time_id = extension_id(info, ABS_SEND_TIME_URI).or(self.send_time_id);
        self.timing_id = extension_id(info, VIDEO_TIMING_URI).or(self.timing_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::extensions::{ABS_SEND_TIME_LATER, TimingCause, VideoTiming};
    use crate::peer::interceptors::station::Station;
    use crate::peer::interceptors::testing::{drain, rtp};
    use rtc::interceptor::{Interceptor, RTPHeaderExtension};
    use rtc::sansio::Protocol;

    fn with(mut packet: TaggedPacket, id: u8, value: &[u8]) -> TaggedPacket {
        let Packet::Rtp(content) = &mut packet.message.packet else { panic!() };
        content.header.set_extension(id, Bytes::copy_from_slice(value)).unwrap();
        packet
    }

    fn station(lane: &Arc<Lane>) -> Station<Stamp> {
        let mut stamp = Station::new(Stamp::new(Arc::clone(lane)));
        let extension = |uri: &str, id| RTPHeaderExtension { uri: uri.into(), id };
        stamp.bind_local_stream(&StreamInfo {
            ssrc: 5,
            rtp_header_extensions: vec![extension(ABS_SEND_TIME_URI, 3), extension(VIDEO_TIMING_URI, 7)],
            ..Default::default()
        });
        stamp
    }

    #[test]
    fn whatever_has_room_for_the_time_of_sending_gets_it() {
        let mut stamp = station(&Arc::new(Lane::new(5, 6)));
        for ssrc in [5, 6, 77] {
            stamp.handle_write(with(rtp(ssrc, 1, vec![]), 3, &ABS_SEND_TIME_LATER)).unwrap();
        }
        stamp.handle_write(rtp(5, 2, vec![])).unwrap();
        let packets = drain(&mut stamp);
        assert!(packets[..3].iter().all(|packet| packet.header.get_extension(3).unwrap().len() == 3));
        assert!(packets[..3].iter().any(|packet| packet.header.get_extension(3).unwrap() != ABS_SEND_TIME_LATER[..]));
        assert!(packets[3].header.extensions.is_empty());
    }

    #[test]
    fn a_timing_tells_when_its_own_packet_left_and_no_other() {
        let lane = Arc::new(Lane::new(5, 6));
        let mut stamp = station(&lane);
        let timing =
            VideoTiming { cause: TimingCause::Timer, encode_start: 1, encode_finish: 2, packetization_finish: 3 }
                .to_bytes();
        // The clock began at zero, so that this is at least 2 ms ago.
        while time::now() < Nanos(2_000_000) {
            std::hint::spin_loop();
        }
        lane.timed.push(9, Nanos(0));
        for number in [8, 9, 9] {
            stamp.handle_write(with(rtp(5, number, vec![]), 7, &timing)).unwrap();
        }
        let exits: Vec<u16> = drain(&mut stamp)
            .iter()
            .map(|packet| {
                let timing = packet.header.get_extension(7).unwrap();
                u16::from_be_bytes([timing[7], timing[8]])
            })
            .collect();
        assert_eq!((exits[0], exits[2]), (0, 0));
        assert!(exits[1] >= 2, "{exits:?}");
    }

    #[test]
    fn packets_that_never_leave_do_not_pile_up() {
        let timed = Timed::default();
        for number in 0..100 {
            timed.push(number, Nanos(number.into()));
        }
        assert_eq!(timed.packets().len(), MOST);
        assert_eq!(timed.take(50), None);
        assert_eq!(timed.take(99), Some(Nanos(99)));
        assert!(timed.packets().is_empty());
    }
}
