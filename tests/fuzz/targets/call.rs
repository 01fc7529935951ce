//! Frames of other users, one a line, to the client of the call protocol.

#![no_main]

mod drive;

use libfuzzer_sys::fuzz_target;
use rendercast::config::{AnswerCalls, SignalingConfig};
use rendercast::signaling::call::CallDialect;

fuzz_target!(|text: &str| {
    for answer_calls in [AnswerCalls::Auto, AnswerCalls::Ask] {
        drive::drive(&mut CallDialect::new(&SignalingConfig { answer_calls, ..Default::default() }), text);
    }
});
