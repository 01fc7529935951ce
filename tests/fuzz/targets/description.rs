//! Frames of others at a server, one a line, to the client of the description protocol.

#![no_main]

mod drive;

use libfuzzer_sys::fuzz_target;
use rendercast::config::{OfferTurn, SignalingConfig};
use rendercast::signaling::description::Description;

fuzz_target!(|text: &str| {
    for offer in [OfferTurn::Wait, OfferTurn::First] {
        drive::drive(&mut Description::new(&SignalingConfig { offer, ..Default::default() }), text);
    }
});
