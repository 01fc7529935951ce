//! What viewers' input costs the host's machine: decoding, and all the way to the host's poll, less the data channels' own.

use std::time::Instant;

use rendercast::input::{Events, InputChannels, InputEvent, InputQueue};
use rendercast::stats::Counters;
use rendercast::units::{Size, ViewerId};

use crate::table::Row;

const VIDEO: Size = Size::new(1920, 1080);
const RUNS: usize = 300;
const VIEWERS: u32 = 10;
/// Of all viewers together, in a second.
const EVENTS: u32 = 1_000;
/// How often a host polls in a second.
const POLLS: u32 = 60;

pub fn run(rows: &mut Vec<Row>) {
    for (name, label, message) in [
        ("Unity's old format, a mouse", "data", urs_old as fn(u32) -> Vec<u8>),
        ("Unity's new format, a mouse", "input", urs_new),
        ("our format, a mouse", "rendercast", mouse),
        ("our format, a key that types", "rendercast", key),
    ] {
        let messages: Vec<_> = (0..EVENTS).map(message).collect();
        let mut channels = InputChannels::default();
        channels.open(1, label);
        let mut events = Events::default();
        let times = (0..RUNS).map(|_| {
            let start = Instant::now();
            for message in &messages {
                channels.decode(1, false, message, VIDEO, &mut events).expect("a good message");
                events.drain().for_each(drop);
            }
            start.elapsed().as_nanos() as f64 / f64::from(EVENTS)
        });
        rows.push(Row::of(format!("input, decoding of one message: {name}"), "ns", times.collect()));
    }
    rows.push(Row::of(
        "1000 input events of 10 viewers to the host's poll: of a second",
        "%",
        (0..RUNS).map(second).collect(),
    ));
}

/// What a second of input takes of it, as a share.
fn second(run: usize) -> f64 {
    let queue = InputQueue::new(&Counters::default());
    let mut viewers: Vec<_> = (0..VIEWERS)
        .map(|viewer| {
            let mut channels = InputChannels::default();
            channels.open(1, "rendercast");
            (ViewerId(viewer), channels)
        })
        .collect();
    let first = run as u32 * EVENTS;
    let messages: Vec<_> =
        (first..first + EVENTS).map(|n| if (n / VIEWERS).is_multiple_of(8) { key(n) } else { mouse(n) }).collect();
    let mut events = Events::default();
    let start = Instant::now();
    for (n, message) in messages.iter().enumerate() {
        let (viewer, channels) = &mut viewers[n % VIEWERS as usize];
        channels.decode(1, false, message, VIDEO, &mut events).expect("a good message");
        for (page_time_us, kind) in events.drain() {
            queue.push(InputEvent { viewer: *viewer, received_ns: n as u64, page_time_us, video: VIDEO, kind });
        }
        if n % (EVENTS / POLLS) as usize == 0 {
            while queue.poll().is_some() {}
        }
    }
    start.elapsed().as_secs_f64() * 100.0
}

fn urs_old(n: u32) -> Vec<u8> {
    [&[1][..], &(n as i16).to_le_bytes(), &[100, 0, 0]].concat()
}

fn urs_new(n: u32) -> Vec<u8> {
    let mut message = [0i32, 4, 54].map(i32::to_le_bytes).concat();
    message.extend(b"TATS");
    message.extend([54, 0, 1, 0]);
    message.extend([0; 12]);
    message.extend(b"SUOM");
    message.extend((n as f32).to_le_bytes());
    message.extend([0; 26]);
    message
}

fn mouse(n: u32) -> Vec<u8> {
    compact(n, &mouse_record(n))
}

fn key(n: u32) -> Vec<u8> {
    compact(n, &key_record(n))
}

/// A player's hand in one message of our page's: mostly the mouse, now and then a key goes down or up.
pub fn hand(n: u32, events: u32) -> Vec<u8> {
    let record = |n| if n % 8 == 7 { key_record(n) } else { mouse_record(n) };
    compact(n, &(n * events..(n + 1) * events).flat_map(record).collect::<Vec<_>>())
}

fn mouse_record(n: u32) -> Vec<u8> {
    [&[4][..], &(n as f32 / 1e6).to_le_bytes(), &[0; 14]].concat()
}

fn key_record(n: u32) -> Vec<u8> {
    [&[1, (n & 1) as u8, 37, 0][..], &u32::from('w').to_le_bytes()].concat()
}

fn compact(n: u32, record: &[u8]) -> Vec<u8> {
    [&[1][..], &n.to_le_bytes(), &f64::from(n).to_le_bytes(), record].concat()
}
