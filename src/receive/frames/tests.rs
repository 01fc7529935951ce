use super::*;
use bytes::Bytes;
use proptest::prelude::*;

fn at(ms: u64) -> Nanos {
    Nanos(1_000_000_000 + ms * 1_000_000)
}

/// Frame `n` of VP8 in so many packets, its number in each; a keyframe every tenth.
fn frame(n: u32, packets: u16, first: u16) -> Vec<Packet> {
    (0..packets)
        .map(|p| {
            let mut payload = vec![if p == 0 { 0x10 } else { 0 }];
            if p == 0 {
                payload.extend([u8::from(!n.is_multiple_of(10)), 0, 0, 0x9d, 0x01, 0x2a]);
            }
            payload.push(n as u8);
            Packet {
                sequence: first.wrapping_add(p),
                timestamp: n.wrapping_mul(3_000).wrapping_add(u32::MAX - 9_000),
                marker: p + 1 == packets,
                payload: payload.into(),
                arrived: at(u64::from(n) * 33),
            }
        })
        .collect()
}

/// Frames of one to four packets, whose numbers wrap.
fn stream(frames: u32) -> Vec<Vec<Packet>> {
    let mut next = 65_520u16;
    (0..frames)
        .map(|n| {
            let packets = frame(n, 1 + (n % 4) as u16, next);
            next = next.wrapping_add(packets.len() as u16);
            packets
        })
        .collect()
}

fn number(frame: &Frame) -> u8 {
    *frame.data.last().unwrap()
}

fn drain(buffer: &mut FrameBuffer, now: Nanos) -> Vec<u8> {
    std::iter::from_fn(|| buffer.pop(now)).map(|frame| number(&frame)).collect()
}

#[test]
fn frames_come_out_whole_and_in_order_where_packets_are_mixed_up() {
    let mut buffer = FrameBuffer::default();
    let packets: Vec<Packet> = stream(8).into_iter().flatten().collect();
    let mut out = Vec::new();
    // Each three backwards.
    for three in packets.chunks(3) {
        for packet in three.iter().rev() {
            buffer.insert(Codec::Vp8, packet.clone());
            out.extend(drain(&mut buffer, at(0)));
        }
    }
    assert_eq!(out, (0..8).collect::<Vec<u8>>());
    assert_eq!(buffer.take_losses(), FrameLosses::default());
}

#[test]
fn a_lost_packet_holds_frames_back_until_it_comes() {
    let mut buffer = FrameBuffer::default();
    let frames = stream(5);
    let lost = frames[1][1].clone();
    for packet in frames.iter().flatten().filter(|p| **p != lost) {
        buffer.insert(Codec::Vp8, packet.clone());
    }
    assert_eq!(drain(&mut buffer, at(0)), [0]);
    assert_eq!(buffer.next_deadline(), Some(at(55)));
    assert!(!buffer.wants_keyframe(at(54)));
    buffer.insert(Codec::Vp8, lost);
    assert_eq!(drain(&mut buffer, at(54)), [1, 2, 3, 4]);
    assert_eq!(buffer.next_deadline(), None);
}

#[test]
fn what_does_not_come_in_time_costs_a_keyframe_and_nothing_is_shown_before_it() {
    let mut buffer = FrameBuffer::default();
    let frames = stream(14);
    for packet in frames[..6].iter().flatten().skip(2) {
        buffer.insert(Codec::Vp8, packet.clone());
    }
    // The first frame's packet came, the second frame is not whole.
    let mut late = FrameBuffer::default();
    std::mem::swap(&mut late, &mut buffer);
    for packet in [&frames[0][0], &frames[1][0], &frames[2][0]] {
        buffer.insert(Codec::Vp8, packet.clone());
    }
    assert_eq!(drain(&mut buffer, at(0)), [0]);
    assert_eq!(drain(&mut buffer, at(55)), [] as [u8; 0]);
    assert!(buffer.wants_keyframe(at(55)) && !buffer.wants_keyframe(at(354)) && buffer.wants_keyframe(at(355)));
    for packet in frames[3..].iter().flatten() {
        buffer.insert(Codec::Vp8, packet.clone());
    }
    assert_eq!(drain(&mut buffer, at(400)), [10, 11, 12, 13]);
    assert_eq!(buffer.take_losses().stops, 1);
    assert!(!buffer.wants_keyframe(at(1_000)));
}

#[test]
fn a_keyframe_that_is_there_is_not_kept_waiting_by_a_gap() {
    let mut buffer = FrameBuffer::default();
    let frames = stream(12);
    for (n, shown) in [(0, [0]), (10, [10])] {
        frames[n].iter().for_each(|packet| buffer.insert(Codec::Vp8, packet.clone()));
        assert_eq!(drain(&mut buffer, at(0)), shown);
    }
}

#[test]
fn who_joins_in_the_middle_asks_for_a_keyframe_at_once() {
    let mut buffer = FrameBuffer::default();
    assert!(!buffer.wants_keyframe(at(0)), "nobody sends");
    buffer.insert(Codec::Vp8, stream(2)[1][0].clone());
    assert!(buffer.pop(at(0)).is_none() && buffer.wants_keyframe(at(0)));
}

#[test]
fn a_refused_frame_stops_the_picture_until_a_keyframe() {
    let mut buffer = FrameBuffer::default();
    let frames = stream(11);
    buffer.insert(Codec::Vp8, frames[0][0].clone());
    assert_eq!(drain(&mut buffer, at(0)), [0]);
    buffer.refuse();
    for packet in frames[1..].iter().flatten() {
        buffer.insert(Codec::Vp8, packet.clone());
    }
    assert_eq!(drain(&mut buffer, at(0)), [10]);
}

#[test]
fn padding_between_frames_is_passed_over() {
    let mut buffer = FrameBuffer::default();
    let padding = |sequence| Packet { sequence, timestamp: 0, marker: false, payload: Bytes::new(), arrived: at(0) };
    let first = frame(0, 1, 5);
    let second = frame(1, 2, 8);
    for packet in [&first[0], &padding(6), &second[0], &padding(7), &second[1], &padding(10)] {
        buffer.insert(Codec::Vp8, (*packet).clone());
    }
    assert_eq!(drain(&mut buffer, at(0)), [0, 1]);
    assert_eq!(buffer.next_deadline(), None);
}

#[test]
fn a_flood_of_pieces_is_bounded() {
    let mut buffer = FrameBuffer::default();
    for n in 0..40_000u16 {
        let mut packet = frame(1, 2, n.wrapping_mul(2))[0].clone();
        packet.payload = vec![0; 5_000].into();
        buffer.insert(Codec::Vp8, packet);
        assert!(buffer.packets.len() <= MOST_PACKETS && buffer.bytes <= MOST_BYTES);
    }
}

proptest! {
    /// Whatever the network does: frames are whole, in order, and each one but a keyframe follows the one before it.
    #[test]
    fn what_comes_out_can_be_decoded(
        fate in prop::collection::vec((0u8..20, 0usize..6), 200),
        start in any::<u16>(),
    ) {
        let mut packets: Vec<(usize, Packet)> = Vec::new();
        for (i, mut packet) in stream(60).into_iter().flatten().enumerate() {
            packet.sequence = packet.sequence.wrapping_add(start);
            let (what, delay) = fate[i % fate.len()];
            match what {
                0 => {}
                1 => packets.extend([(i, packet.clone()), (i + delay, packet)]),
                2 | 3 => packets.push((i + delay * 3, packet)),
                _ => packets.push((i, packet)),
            }
        }
        packets.sort_by_key(|(place, _)| *place);
        let mut buffer = FrameBuffer::default();
        let mut last: Option<u8> = None;
        for (place, packet) in packets {
            buffer.insert(Codec::Vp8, packet);
            while let Some(frame) = buffer.pop(at(place as u64 * 4)) {
                let n = number(&frame);
                prop_assert_eq!(frame.data.len(), 6 + 1 + (n % 4) as usize);
                prop_assert!(last.is_none_or(|last| n > last));
                prop_assert!(frame.keyframe || last.is_some_and(|last| n == last + 1), "{:?} then {}", last, n);
                last = Some(n);
            }
            if let Some(deadline) = buffer.next_deadline() {
                prop_assert!(deadline > at(place as u64 * 4));
            }
        }
    }

    #[test]
    fn any_packets_are_taken(
        packets in prop::collection::vec((any::<u16>(), any::<u32>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..12), any::<bool>()), 0..200),
    ) {
        let mut buffer = FrameBuffer::default();
        for (i, (sequence, timestamp, marker, payload, vp8)) in packets.into_iter().enumerate() {
            let packet = Packet { sequence, timestamp: timestamp % 3, marker, payload: payload.into(), arrived: at(i as u64) };
            buffer.insert(if vp8 { Codec::Vp8 } else { Codec::H264 }, packet);
            while buffer.pop(at(i as u64)).is_some() {}
            let _ = (buffer.wants_keyframe(at(i as u64)), buffer.next_deadline());
        }
    }
}
