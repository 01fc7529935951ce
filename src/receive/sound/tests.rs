use super::*;
use proptest::prelude::*;

/// 20 ms of CELT, its number in it.
fn packet(n: u32, arrived_ms: u64) -> Packet {
    Packet {
        sequence: (n as u16).wrapping_add(65_530),
        timestamp: n.wrapping_mul(960).wrapping_add(u32::MAX - 4_000),
        marker: false,
        payload: vec![0xf8, n as u8, (n >> 8) as u8].into(),
        arrived: at(arrived_ms),
    }
}

fn at(ms: u64) -> Nanos {
    Nanos(5_000_000_000 + ms * 1_000_000)
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Play(u32),
    Recover(u32),
    Conceal,
}

fn told(step: &Step) -> Told {
    let number = |payload: &Bytes| u32::from(payload[1]) | u32::from(payload[2]) << 8;
    match step {
        Step::Play { payload, .. } => Told::Play(number(payload)),
        Step::Recover { next, samples: 960, .. } => Told::Recover(number(next) - 1),
        Step::Conceal { samples: 960, .. } => Told::Conceal,
        other => panic!("{other:?}"),
    }
}

/// Lets packets arrive at their times. What was done, with the time.
fn run(mut packets: Vec<Packet>, buffer: &mut SoundBuffer) -> Vec<(u64, Told)> {
    packets.sort_by_key(|packet| packet.arrived);
    let mut packets = packets.into_iter().peekable();
    let mut out = Vec::new();
    loop {
        let now = match (packets.peek().map(|packet| packet.arrived), buffer.next_deadline()) {
            (Some(arrival), Some(due)) => arrival.min(due),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return out,
        };
        while let Some(packet) = packets.next_if(|packet| packet.arrived <= now) {
            buffer.insert(packet);
        }
        while let Some(step) = buffer.pop(now) {
            out.push(((now.0 - at(0).0) / 1_000_000, told(&step)));
        }
        assert!(buffer.next_deadline().is_none_or(|due| due > now), "it would be asked for ever");
    }
}

#[test]
fn on_an_even_path_each_packet_is_played_when_it_comes() {
    let mut buffer = SoundBuffer::default();
    let out = run((0..50).map(|n| packet(n, u64::from(n) * 20)).collect(), &mut buffer);
    let expected: Vec<_> = (0..50).map(|n| (u64::from(n) * 20, Told::Play(n))).collect();
    assert_eq!(out, expected);
    assert_eq!(buffer.delay(), Duration::ZERO);
}

#[test]
fn jitter_is_learnt_and_then_played_evenly() {
    let mut buffer = SoundBuffer::default();
    let out = run((0..400).map(|n| packet(n, u64::from(n) * 20 + u64::from(n * 7 % 4) * 8)).collect(), &mut buffer);
    assert_eq!(buffer.delay(), Duration::from_millis(25));
    let numbers: Vec<_> = out.iter().map(|(_, told)| told).collect();
    assert_eq!(numbers.len(), 400);
    for pair in out[200..].windows(2) {
        assert_eq!(pair[1].0 - pair[0].0, 20, "{pair:?}");
    }
    assert_eq!(buffer.take_losses(), SoundLosses::default());
}

#[test]
fn packets_out_of_order_are_put_in_order() {
    let mut buffer = SoundBuffer::default();
    let packets = (0..100).map(|n| packet(n, u64::from(n) * 20 + if n % 5 == 2 { 25 } else { 0 }));
    let out = run(packets.collect(), &mut buffer);
    let played: Vec<_> = out.iter().skip(20).map(|(_, told)| told).collect();
    assert!(played.windows(2).all(|two| matches!(two, [Told::Play(a), Told::Play(b)] if b - a == 1)), "{played:?}");
}

#[test]
fn a_lost_packet_is_recovered_from_the_next_and_two_are_concealed_first() {
    let mut buffer = SoundBuffer::default();
    let out =
        run((0..20).filter(|n| ![5, 10, 11].contains(n)).map(|n| packet(n, u64::from(n) * 20)).collect(), &mut buffer);
    let told: Vec<_> = out.into_iter().map(|(_, told)| told).collect();
    assert_eq!(told[4..7], [Told::Play(4), Told::Recover(5), Told::Play(6)]);
    assert_eq!(told[9..13], [Told::Play(9), Told::Conceal, Told::Recover(11), Told::Play(12)]);
    assert_eq!(buffer.take_losses(), SoundLosses { late: 0, lost: 3 });
}

#[test]
fn a_copy_stands_in_for_a_lost_packet() {
    let mut buffer = SoundBuffer::default();
    let mut out = Vec::new();
    for n in (0..6).filter(|n| *n != 3) {
        let now = at(u64::from(n) * 20);
        buffer.insert(packet(n, u64::from(n) * 20));
        if n == 4 {
            buffer.insert_copy(Packet { arrived: now, ..packet(3, 80) });
        }
        out.extend(std::iter::from_fn(|| buffer.pop(now)).map(|step| told(&step)));
    }
    assert_eq!(out, (0..6).map(Told::Play).collect::<Vec<_>>());
}

#[test]
fn silence_that_is_not_sent_is_waited_for_and_not_made_up() {
    let mut buffer = SoundBuffer::default();
    let mut packets: Vec<_> = (0..5).map(|n| packet(n, u64::from(n) * 20)).collect();
    // The numbers go on, the time has passed.
    let mut after = packet(25, 500);
    after.sequence = packet(5, 0).sequence;
    packets.push(after);
    let out = run(packets, &mut buffer);
    assert_eq!(out.last(), Some(&(500, Told::Play(25))));
    assert_eq!(out.len(), 6);
}

#[test]
fn a_path_that_becomes_longer_is_followed() {
    let mut buffer = SoundBuffer::default();
    let out =
        run((0..100).map(|n| packet(n, u64::from(n) * 20 + if n >= 50 { 300 } else { 0 })).collect(), &mut buffer);
    let lost = buffer.take_losses().lost;
    assert!(lost <= u64::from(MUCH_LATER), "{lost}");
    assert_eq!(out.last(), Some(&(99 * 20 + 300, Told::Play(99))));
}

#[test]
fn durations_are_those_of_rfc_6716() {
    for (payload, samples) in [
        (&[0x08u8][..], Some(960)),
        (&[0x18], Some(2_880)),
        (&[0x68], Some(960)),
        (&[0xe0], Some(120)),
        (&[0xf9], Some(1_920)),
        (&[0xfb, 0x03], Some(2_880)),
        (&[0xfb, 0x00], None),
        (&[0xfb], None),
        (&[0x1b, 0x3f], None),
        (&[], None),
    ] {
        assert_eq!(duration(payload), samples, "{payload:?}");
    }
}

proptest! {
    /// Whatever the network does: in order, no longer held back than may be, and every sample is played, or made up, once.
    #[test]
    fn sound_goes_on(fate in prop::collection::vec((0u8..12, 0u64..90), 300)) {
        let mut buffer = SoundBuffer::default();
        let mut packets = Vec::new();
        for (n, (what, delay)) in fate.iter().enumerate() {
            let sent = n as u64 * 20;
            match what {
                0 => {}
                1 => packets.extend([packet(n as u32, sent), packet(n as u32, sent + delay)]),
                2..=6 => packets.push(packet(n as u32, sent + delay / 3)),
                7 => packets.push(packet(n as u32, sent + delay)),
                _ => packets.push(packet(n as u32, sent)),
            }
        }
        let arrivals: std::collections::HashMap<u32, u64> = packets.iter().rev()
            .map(|p| (u32::from(p.payload[1]) | u32::from(p.payload[2]) << 8, (p.arrived.0 - at(0).0) / 1_000_000)).collect();
        let mut last = None;
        for (now, told) in run(packets, &mut buffer) {
            if let Told::Play(n) = told {
                prop_assert!(last.is_none_or(|last| n > last));
                prop_assert!(now <= arrivals[&n] + 90 + 50, "{} was played at {}", n, now);
                last = Some(n);
            }
        }
        prop_assert!(buffer.packets.is_empty() && buffer.delay() <= LONGEST_DELAY);
    }

    #[test]
    fn any_packets_are_taken(
        packets in prop::collection::vec((any::<u16>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..4), 0u64..1_000_000_000), 0..200),
    ) {
        let mut buffer = SoundBuffer::default();
        let mut now = Nanos(0);
        for (sequence, timestamp, payload, step) in packets {
            now = Nanos(now.0 + step);
            let packet = Packet { sequence, timestamp, marker: false, payload: payload.into(), arrived: now };
            buffer.insert_copy(packet.clone());
            buffer.insert(packet);
            while buffer.pop(now).is_some() {}
            prop_assert!(buffer.packets.len() <= MOST_PACKETS);
            prop_assert!(buffer.next_deadline().is_none_or(|due| due > now && due <= now + LONGEST_DELAY));
        }
    }
}
