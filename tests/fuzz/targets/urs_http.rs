//! Answers of a Unity Render Streaming server over HTTP.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| rendercast::signaling::urs_http::decode(body));
