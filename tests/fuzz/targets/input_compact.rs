//! Messages of our own page on its two channels: a byte says which one, and how long the message is. What they say is written
//! as JSON too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::input::json::json;
use rendercast::input::{Events, InputChannels, InputEvent};
use rendercast::units::{Size, ViewerId};

const VIDEO: Size = Size::new(1280, 720);
const CHANNELS: [(u32, &str); 2] = [(0, "rendercast"), (1, "rendercast-moves")];

fuzz_target!(|bytes: &[u8]| {
    let mut channels = InputChannels::default();
    CHANNELS.into_iter().for_each(|(number, label)| channels.open(number, label));
    let mut events = Events::default();
    // As one message, then in pieces.
    let _ = channels.decode(0, false, bytes, VIDEO, &mut events);
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let (message, next) = after.split_at(usize::from(byte >> 1).min(after.len()));
        let _ = channels.decode((byte & 1).into(), false, message, VIDEO, &mut events);
        rest = next;
    }
    channels.release_all(&mut events);
    assert!(!channels.holds_anything(), "let go");
    for (page_time_us, kind) in events.drain() {
        let event = InputEvent { viewer: ViewerId(1), received_ns: 0, page_time_us, video: VIDEO, kind };
        assert!(json(&event).starts_with('{'), "an object");
    }
    channels.close_all(&mut events);
    events.drain().for_each(drop);
    channels.close_all(&mut events);
    assert!(events.is_empty(), "closed once");
});
