//! What is read from descriptions and candidates, and written into them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::signaling::IceCandidate;
use rendercast::signaling::sdp::{MediaKinds, bitrate_limits, boost, ice_ufrag};
use rendercast::signaling::signature::{Signature, ufrag_of};

fuzz_target!(|text: &str| {
    let _ = (bitrate_limits(text), ice_ufrag(text), MediaKinds::of(text));
    if let Some(signature) = Signature::of(text) {
        assert!(signature.answers(&signature));
    }
    let once = boost(text, 4_000, 16_000);
    assert_eq!(boost(&once, 4_000, 16_000), once, "boosting again changes nothing");
    let candidate = IceCandidate { candidate: text.to_owned(), sdp_mid: None, sdp_mline_index: None };
    let _ = ufrag_of(&candidate);
});
