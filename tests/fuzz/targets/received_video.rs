//! Packets of a viewer's camera, up to whole frames.

#![no_main]

mod packets;

use libfuzzer_sys::fuzz_target;
use packets::packets;
use rendercast::encode::Codec;
use rendercast::receive::frames::{FrameBuffer, LONGEST_WAIT};

fuzz_target!(|bytes: &[u8]| {
    let mut frames = FrameBuffer::default();
    for sent in packets(bytes) {
        let codec = if sent.flags & 2 == 0 { Codec::H264 } else { Codec::Vp8 };
        let now = sent.packet.arrived;
        frames.insert(codec, sent.packet);
        for at in [now, now + LONGEST_WAIT] {
            while let Some(frame) = frames.pop(at) {
                assert!(!frame.data.is_empty(), "a frame is something");
                if frame.data.len() % 7 == 0 {
                    frames.refuse();
                }
            }
        }
        let _ = (frames.next_deadline(), frames.wants_keyframe(now), frames.take_losses());
    }
});
