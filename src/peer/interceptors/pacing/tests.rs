use std::time::Duration;

use super::*;
use crate::congestion::Probe;
use crate::peer::interceptors::station::Station;
use crate::peer::interceptors::testing::{drain, packet, rtcp, rtp};
use proptest::prelude::*;
use rtc::interceptor::{Interceptor, RTCPFeedback};
use rtc::rtcp::transport_feedbacks::transport_layer_nack::NackPair;
use rtc::rtp::header::Extension;
use rtc::sansio::Protocol;

const VIDEO: u32 = 7;
const RTX: u32 = 8;
const AUDIO: u32 = 9;

struct Scene {
    station: Station<Pacing>,
    desk: Desk,
    now: Instant,
    number: u16,
}

impl Scene {
    /// A viewer whose link carries so much.
    fn new(kbps: u64, rtx: bool) -> Self {
        let desk = Desk::default();
        desk.orders.set_rate(Bitrate::from_kbps(kbps), 2.0);
        let mut station = Station::new(Pacing::new(VIDEO, AUDIO, Bitrate::from_kbps(1), desk.clone()));
        station.bind_local_stream(&info(rtx, 96));
        Self { station, desk, now: time::instant() + Duration::from_secs(1), number: u16::MAX - 3 }
    }

    /// A frame of packets of 1000 bytes, all in one turn, and what leaves in it.
    fn frame(&mut self, packets: u16) -> Vec<rtp::Packet> {
        for _ in 0..packets {
            self.number = self.number.wrapping_add(1);
            let mut packet = rtp(VIDEO, self.number, vec![3; 1_000]);
            if let Packet::Rtp(content) = &mut packet.message.packet {
                content.header.extension = true;
                content.header.extension_profile = 0xBEDE;
                content.header.extensions = vec![Extension { id: 5, payload: vec![1, 2, 3].into() }];
            }
            packet.now = self.now;
            self.station.handle_write(packet).unwrap();
        }
        drain(&mut self.station)
    }

    fn nack(&mut self, numbers: &[u16]) -> Vec<rtp::Packet> {
        let nacks = numbers.iter().copied().map(NackPair::new).collect();
        let mut nack = rtcp(TransportLayerNack { sender_ssrc: 1, media_ssrc: VIDEO, nacks });
        nack.now = self.now;
        self.station.handle_read(nack).unwrap();
        assert!(self.station.poll_read().is_some());
        drain(&mut self.station)
    }

    fn run(&mut self, ms: u64) -> Vec<rtp::Packet> {
        let until = self.now + Duration::from_millis(ms);
        let mut left = Vec::new();
        while let Some(due) = self.station.poll_timeout().filter(|due| *due <= until) {
            self.now = due.max(self.now + Duration::from_millis(1));
            self.station.handle_timeout(self.now).unwrap();
            left.extend(drain(&mut self.station));
        }
        self.now = until;
        left
    }
}

fn info(rtx: bool, payload_type: u8) -> StreamInfo {
    StreamInfo {
        ssrc: VIDEO,
        payload_type,
        ssrc_rtx: rtx.then_some(RTX),
        payload_type_rtx: rtx.then_some(payload_type + 1),
        rtcp_feedback: vec![RTCPFeedback { typ: "nack".into(), parameter: String::new() }],
        ..Default::default()
    }
}

#[test]
fn a_frame_leaves_in_its_own_turn_when_the_link_has_room() {
    let mut scene = Scene::new(16_000, true);
    for _ in 0..30 {
        // 720p30 at 4 Mbit/s.
        assert_eq!(scene.frame(16).len(), 16);
        assert_eq!(scene.station.poll_timeout(), None);
        assert!(scene.run(33).is_empty());
    }
}

#[test]
fn what_waits_leaves_with_the_time_it_leaves_at_and_reports_do_not_wait() {
    let mut scene = Scene::new(1_000, true);
    assert!(scene.frame(20).len() < 10);
    scene.station.handle_write(packet(Packet::Rtcp(Vec::new()))).unwrap();
    assert!(matches!(scene.station.poll_write().unwrap().message.packet, Packet::Rtcp(_)));
    let mut sound = rtp(AUDIO, 1, vec![0; 100]);
    sound.now = scene.now;
    scene.station.handle_write(sound).unwrap();
    assert_eq!(drain(&mut scene.station)[0].header.ssrc, AUDIO);
    assert!(scene.desk.backlog.queued(time::nanos(scene.now)) > Duration::from_millis(30));
    let due = scene.station.poll_timeout().unwrap();
    scene.station.handle_timeout(due).unwrap();
    assert_eq!(scene.station.poll_write().unwrap().now, due);
    scene.run(200);
    assert_eq!(scene.station.poll_timeout(), None);
}

#[test]
fn a_lost_packet_comes_again_as_rtx_with_its_own_numbers_and_the_packets_extensions() {
    let mut scene = Scene::new(8_000, true);
    scene.frame(8);
    let lost = [u16::MAX, 2];
    let again = scene.nack(&lost);
    assert_eq!(again.len(), 2);
    for (n, (packet, lost)) in again.iter().zip(lost).enumerate() {
        let header = &packet.header;
        assert_eq!((header.version, header.ssrc, header.payload_type), (2, RTX, 97));
        assert_eq!(header.sequence_number, (VIDEO as u16).wrapping_add(n as u16));
        assert_eq!(header.get_extension(5).as_deref(), Some(&[1u8, 2, 3][..]));
        assert_eq!(packet.payload[..2], lost.to_be_bytes());
        assert_eq!(packet.payload[2..], [3; 1_000]);
    }
    assert_eq!(scene.desk.counters.packets_retransmitted.get(), 2);
}

#[test]
fn a_second_nack_within_the_round_trip_gets_nothing() {
    let mut scene = Scene::new(8_000, true);
    scene.desk.path.reported(Some(Duration::from_millis(100)), 0.0);
    scene.frame(8);
    let number = scene.number;
    assert_eq!(scene.nack(&[number]).len(), 1);
    scene.run(99);
    assert_eq!(scene.nack(&[number]).len(), 0);
    scene.run(1);
    assert_eq!(scene.nack(&[number]).len(), 1);
    assert_eq!(scene.desk.counters.retransmissions_refused.get(), 1);
}

#[test]
fn an_answer_that_waits_behind_others_is_not_given_twice() {
    let mut scene = Scene::new(300, true);
    scene.desk.path.reported(Some(Duration::from_millis(10)), 0.0);
    scene.frame(20);
    scene.run(1_000);
    let numbers: Vec<u16> = (0..20).map(|n| scene.number.wrapping_sub(n)).collect();
    let mut again = scene.nack(&numbers).len();
    for _ in 0..3 {
        again += scene.run(5).len();
        let more = scene.nack(&numbers);
        again += more.len();
    }
    again += scene.run(1_000).len();
    assert!(again <= 26, "{again} answers");
}

#[test]
fn without_rtx_the_packet_itself_comes_again() {
    let mut scene = Scene::new(8_000, false);
    let sent = scene.frame(4);
    assert_eq!(scene.nack(&[sent[1].header.sequence_number]), [sent[1].clone()]);
}

#[test]
fn after_a_change_of_codec_nothing_of_the_old_one_is_sent_again_and_rtx_numbers_go_on() {
    let mut scene = Scene::new(8_000, true);
    scene.frame(4);
    let old = scene.number;
    let first = scene.nack(&[old]);
    scene.station.unbind_local_stream(&info(true, 96));
    scene.station.bind_local_stream(&info(true, 98));
    assert!(scene.nack(&[old.wrapping_sub(1)]).is_empty());
    scene.frame(1);
    let number = scene.number;
    let again = scene.nack(&[number]);
    assert_eq!(again[0].header.payload_type, 99);
    assert_eq!(again[0].header.sequence_number, first[0].header.sequence_number.wrapping_add(1));
}

#[test]
fn a_probe_waits_for_the_first_picture_and_is_padded_with_what_was_sent() {
    let mut scene = Scene::new(1_000, true);
    scene.desk.orders.ask(Probe { id: 3, rate: Bitrate::from_kbps(6_000), duration: Duration::from_millis(20) });
    assert!(scene.run(100).is_empty() && scene.desk.orders.take_probed().is_none());
    let mut left = scene.frame(2);
    left.extend(scene.run(100));
    let ssrcs: Vec<u32> = left.iter().map(|packet| packet.header.ssrc).collect();
    assert!(ssrcs.len() > 10 && ssrcs[..2] == [VIDEO; 2] && ssrcs[2..].iter().all(|ssrc| *ssrc == RTX), "{ssrcs:?}");
    let probed = scene.desk.orders.take_probed().unwrap();
    let bps = probed.bytes as f64 * 8.0 / probed.until.saturating_since(probed.from).as_secs_f64();
    assert!(probed.id == 3 && (5.4e6..6.6e6).contains(&bps), "{bps}");
    assert!(scene.run(1_000).is_empty());
}

#[test]
fn frames_behind_a_link_that_has_become_slow_are_dropped_and_the_pump_is_told() {
    let mut scene = Scene::new(10_000, true);
    for _ in 0..3 {
        scene.number = scene.number.wrapping_add(1);
        let number = scene.number;
        for n in 0..40u16 {
            let mut packet = rtp(VIDEO, number.wrapping_add(n), vec![0; 1_000]);
            packet.now = scene.now;
            if let Packet::Rtp(content) = &mut packet.message.packet {
                content.header.timestamp = u32::from(number);
            }
            scene.station.handle_write(packet).unwrap();
        }
    }
    drain(&mut scene.station);
    assert_eq!(scene.desk.backlog.cuts(), 0);
    scene.desk.orders.set_rate(Bitrate::from_kbps(300), 2.0);
    scene.run(1_500);
    assert_eq!((scene.desk.backlog.cuts(), scene.desk.counters.packets_dropped.get()), (1, 80));
}

#[test]
fn what_a_keyframe_replaces_sooner_is_not_sent_again_and_the_pump_is_told_once() {
    let mut scene = Scene::new(1_000, true);
    let first = scene.number.wrapping_add(1);
    for _ in 0..80 {
        scene.frame(1);
        scene.run(10);
    }
    let lost: Vec<u16> = (0..70).map(|n| first.wrapping_add(n)).collect();
    // More than half a second of the link.
    assert!(scene.nack(&lost).is_empty() && scene.run(1_000).is_empty());
    assert_eq!(scene.desk.backlog.cuts(), 1);
    assert!(scene.nack(&lost).is_empty());
    assert_eq!(scene.desk.backlog.cuts(), 1, "the keyframe is on its way");
    // While a queue drains a tenth of a second is too much.
    scene.frame(20);
    scene.run(1_000);
    let lost: Vec<u16> = (0..18).map(|n| scene.number.wrapping_sub(n)).collect();
    assert_eq!(scene.nack(&lost[..6]).len() + scene.run(200).len(), 6);
    scene.desk.orders.set_rate(Bitrate::from_kbps(1_000), 1.0);
    scene.run(10);
    scene.frame(1);
    assert!(scene.nack(&lost[6..]).is_empty() && scene.run(500).is_empty());
    assert_eq!(scene.desk.backlog.cuts(), 2);
}

#[test]
fn the_picture_begins_anew_on_order_and_what_is_older_than_its_keyframe_is_not_sent_again() {
    let mut scene = Scene::new(1_000, true);
    let left = scene.frame(20).len();
    assert!(left < 20);
    scene.desk.orders.begin_anew();
    scene.run(100);
    let dropped = scene.desk.counters.packets_dropped.get();
    assert_eq!((scene.desk.backlog.cuts(), scene.run(500).len()), (1, 0));
    assert!(dropped > 0 && dropped <= 20 - left as u64);
    // Once, however often it is said.
    scene.desk.orders.begin_anew();
    scene.run(10);
    scene.frame(4);
    scene.run(10);
    let cuts = scene.desk.backlog.cuts();
    scene.desk.orders.begin_anew();
    let keyframe = scene.frame(4).len() + scene.run(400).len();
    assert!(keyframe >= 4, "{keyframe}");
    assert_eq!(scene.desk.backlog.cuts(), cuts);
}

#[test]
fn where_much_is_lost_answers_leave_twice_but_not_into_a_queue() {
    let mut scene = Scene::new(4_000, true);
    let answers = |scene: &mut Scene| {
        scene.frame(1);
        scene.run(500);
        scene.nack(&[scene.number]).len() + scene.run(100).len()
    };
    let report = |scene: &Scene, rtt, lost| {
        (0..40).for_each(|_| scene.desk.path.reported(Some(Duration::from_millis(rtt)), lost));
    };
    assert_eq!(answers(&mut scene), 1);
    report(&scene, 20, 0.02);
    assert_eq!(answers(&mut scene), 1);
    report(&scene, 100, 0.02);
    assert_eq!(answers(&mut scene), 2, "what is lost again is missed for long");
    report(&scene, 20, 0.1);
    assert_eq!(answers(&mut scene), 2);
    scene.desk.orders.set_rate(Bitrate::from_kbps(4_000), 1.0);
    assert_eq!(answers(&mut scene), 1);
}

proptest! {
    /// Whatever a browser asks for, what is sent again stays within the link's share, and nothing fails.
    #[test]
    fn hostile_nacks_get_no_more_than_their_share(
        nacks in proptest::collection::vec((any::<u16>(), any::<u16>(), 0..4u64), 1..300),
    ) {
        let mut scene = Scene::new(1_000, true);
        scene.desk.path.reported(Some(Duration::from_millis(1)), 0.0);
        let (mut bytes, mut ms) = (0, 0);
        for (number, lost_packets, passed) in nacks {
            scene.frame(1);
            ms += passed;
            let packet_id = scene.number.wrapping_sub(number % 20);
            let nacks = vec![NackPair { packet_id, lost_packets }, NackPair { packet_id: number, lost_packets }];
            let mut nack = rtcp(TransportLayerNack { sender_ssrc: 1, media_ssrc: VIDEO, nacks });
            nack.now = scene.now;
            scene.station.handle_read(nack).unwrap();
            let mut left = drain(&mut scene.station);
            left.extend(scene.run(passed));
            bytes += left.iter().filter(|packet| packet.header.ssrc == RTX).map(on_wire).sum::<usize>();
        }
        prop_assert!(bytes as u64 <= 65_536 + 1_000_000 / 8 / 1000 * ms / 2 + 2_000, "{} in {} ms", bytes, ms);
    }
}
