//! The whole station before a slow link, in virtual time, beside the crate's own answers to NACK.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use super::*;
use crate::peer::interceptors::station::Station;
use crate::peer::interceptors::testing::{rtcp, rtp};
use rtc::interceptor::{Interceptor, NackResponderBuilder, RTCPFeedback};
use rtc::rtcp::transport_feedbacks::transport_layer_nack::NackPair;

const VIDEO: u32 = 7;
const RTX: u32 = 8;
const BPS: f64 = 600_000.0;
const ONE_WAY: Duration = Duration::from_millis(10);
/// What the link's drop-tail queue holds.
const DEEPEST: Duration = Duration::from_millis(200);
/// A browser that has not heard of the queue asks again after this.
const ASKS_EVERY: Duration = Duration::from_millis(100);
const ASKS_AT_MOST: u32 = 10;
const SECONDS: u64 = 20;

#[derive(Debug, Default)]
struct Outcome {
    arrived: usize,
    repeated: usize,
    never_came: usize,
}

/// The link and the browser behind it.
struct Far {
    free_at: Instant,
    under_way: VecDeque<(Instant, u16)>,
    received: HashSet<u16>,
    highest: Option<u16>,
    missing: BTreeMap<u16, (Instant, u32)>,
    outcome: Outcome,
}

impl Far {
    fn new(now: Instant) -> Self {
        let (under_way, received, missing) = Default::default();
        Self { free_at: now, under_way, received, highest: None, missing, outcome: Outcome::default() }
    }

    fn queue(&self, now: Instant) -> Duration {
        self.free_at.saturating_duration_since(now)
    }

    fn send(&mut self, now: Instant, packet: &rtp::Packet) {
        if self.queue(now) > DEEPEST {
            return;
        }
        let number = match (packet.header.ssrc, &packet.payload[..]) {
            (RTX, [high, low, ..]) => u16::from_be_bytes([*high, *low]),
            _ => packet.header.sequence_number,
        };
        self.free_at = self.free_at.max(now) + Duration::from_secs_f64(on_wire(packet) as f64 * 8.0 / BPS);
        self.under_way.push_back((self.free_at + ONE_WAY, number));
    }

    /// What comes by now, and the numbers asked for; the request takes its way too.
    fn receive(&mut self, now: Instant) -> Vec<u16> {
        while let Some((_, number)) = self.under_way.pop_front_if(|(at, _)| *at <= now) {
            self.outcome.arrived += 1;
            self.outcome.repeated += usize::from(!self.received.insert(number));
            self.missing.remove(&number);
            let next = self.highest.map_or(number, |highest| highest + 1);
            for lost in next..number {
                self.missing.insert(lost, (now, 0));
            }
            self.highest = Some(self.highest.map_or(number, |highest| highest.max(number)));
        }
        let due = self.missing.iter_mut().filter(|(_, (at, times))| *at <= now && *times < ASKS_AT_MOST);
        due.map(|(number, asked)| {
            *asked = (now + ASKS_EVERY, asked.1 + 1);
            *number
        })
        .collect()
    }
}

/// Half a megabit of frames and a keyframe of 25 KB each two seconds: a little more than the link carries.
fn play(mut station: impl Interceptor, desk: &Desk) -> Outcome {
    station.bind_local_stream(&StreamInfo {
        ssrc: VIDEO,
        ssrc_rtx: Some(RTX),
        payload_type_rtx: Some(97),
        rtcp_feedback: vec![RTCPFeedback { typ: "nack".into(), parameter: String::new() }],
        ..Default::default()
    });
    let start = time::instant() + Duration::from_secs(1);
    let mut far = Far::new(start);
    let (mut number, mut requests) = (0u16, VecDeque::new());
    for ms in 0..(SECONDS + 3) * 1_000 {
        let now = start + Duration::from_millis(ms);
        let playing = ms < SECONDS * 1_000;
        if ms % 1_000 == 0 {
            desk.path.reported(Some(ONE_WAY * 2 + far.queue(now)), 0.0);
        }
        let packets = if !playing || ms % 33 != 0 {
            0
        } else if ms % 1_980 == 0 {
            25
        } else {
            2
        };
        for _ in 0..packets {
            let mut packet = rtp(VIDEO, number, vec![0; 1_000]);
            packet.now = now;
            if let Packet::Rtp(content) = &mut packet.message.packet {
                content.header.timestamp = ms as u32;
            }
            number += 1;
            station.handle_write(packet).unwrap();
        }
        for lost in far.receive(now) {
            requests.push_back((now + ONE_WAY, lost));
        }
        while let Some((_, lost)) = requests.pop_front_if(|(at, _)| *at <= now) {
            let mut nack =
                rtcp(TransportLayerNack { sender_ssrc: 1, media_ssrc: VIDEO, nacks: vec![NackPair::new(lost)] });
            nack.now = now;
            station.handle_read(nack).unwrap();
            while station.poll_read().is_some() {}
        }
        if station.poll_timeout().is_some_and(|due| due <= now) {
            station.handle_timeout(now).unwrap();
        }
        while let Some(out) = station.poll_write() {
            if let Packet::Rtp(packet) = &out.message.packet {
                far.send(now, packet);
            }
        }
    }
    far.outcome.never_came = usize::from(number) - far.received.len();
    far.outcome
}

#[test]
fn a_slow_link_carries_hardly_anything_twice() {
    let desk = Desk::default();
    desk.orders.set_rate(Bitrate::from_bps(BPS as u64), 2.0);
    let ours = play(Station::new(Pacing::new(VIDEO, 9, Bitrate::from_bps(BPS as u64), desk.clone())), &desk);
    let theirs = play(NackResponderBuilder::new().with_size(2048).build(), &Desk::default());
    println!("ours: {ours:?}\nthe crate's: {theirs:?}");
    assert!(ours.arrived > 1_000 && ours.repeated * 50 <= ours.arrived, "{ours:?}");
    assert!(ours.repeated * 8 < theirs.repeated, "{theirs:?}");
    assert!(ours.never_came * 4 < theirs.never_came, "{ours:?} {theirs:?}");
}
