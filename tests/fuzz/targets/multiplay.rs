//! Messages of Unity Render Streaming's channel `multiplay`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rendercast::input::{InputKind, multiplay};

fuzz_target!(|bytes: &[u8]| {
    if let Some(InputKind::Label { label }) = multiplay::decode(bytes) {
        assert!(label.len() <= multiplay::LONGEST_LABEL && !label.contains('\0'), "bounded");
    }
});
