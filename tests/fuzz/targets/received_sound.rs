//! Packets of a viewer's microphone, Opus alone and with redundancy, up to what is played.

#![no_main]

mod packets;

use libfuzzer_sys::fuzz_target;
use packets::packets;
use rendercast::receive::red;
use rendercast::receive::sound::{SoundBuffer, duration, is_stereo};

fuzz_target!(|bytes: &[u8]| {
    let mut sound = SoundBuffer::default();
    for sent in packets(bytes) {
        let now = sent.packet.arrived;
        let _ = (duration(&sent.packet.payload), is_stereo(&sent.packet.payload));
        if sent.flags & 2 == 0 {
            sound.insert(sent.packet);
        } else {
            let mut blocks = red::unpack(&sent.packet);
            let own = blocks.pop();
            for copy in blocks {
                sound.insert_copy(copy);
            }
            if let Some(own) = own {
                sound.insert(own);
            }
        }
        let mut steps = 0;
        while sound.pop(now).is_some() {
            steps += 1;
            assert!(steps < 1_000, "one packet plays for ever");
        }
        let _ = (sound.next_deadline(), sound.delay(), sound.take_losses());
    }
});
