//! Messages of a viewer on both input channels of Unity Render Streaming; the first byte of each says how long it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::input::{Decoder, Events};
use rendercast::units::Size;

fuzz_target!(|bytes: &[u8]| {
    for label in ["data", "input"] {
        let mut decoder = Decoder::for_label(label).expect("a channel of input");
        let mut rest = bytes;
        let mut events = Events::default();
        // As one message, then in pieces.
        let _ = decoder.decode(bytes, Size::new(1280, 720), &mut events);
        while let Some((length, after)) = rest.split_first() {
            let (message, next) = after.split_at(usize::from(*length).min(after.len()));
            let _ = decoder.decode(message, Size::new(1280, 720), &mut events);
            rest = next;
        }
        events.drain().for_each(drop);
        decoder.release_all(&mut events);
        events.drain().for_each(drop);
        decoder.release_all(&mut events);
        assert!(events.is_empty() && !decoder.holds_anything(), "let go once");
    }
});
