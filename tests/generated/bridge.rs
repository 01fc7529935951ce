//! The C++ side of src/cpp/bridge.rs is what `cxx` makes of it.

use crate::repository::{compare, read};

const HEAD: &str = "// Generated from src/cpp/bridge.rs by cxx; do not edit. `RENDERCAST_BLESS=1 tests/run.sh generated` writes it anew.\n\
                    // SPDX-License-Identifier: MIT OR Apache-2.0\n";

#[test]
fn committed_bridge_is_what_the_source_says() {
    let tokens = read("src/cpp/bridge.rs").parse().expect("Rust");
    let code = cxx_gen::generate_header_and_cc(tokens, &cxx_gen::Opt::default()).expect("cxx understands the bridge");
    for (file, text) in [("include/rendercast/bridge.h", code.header), ("src/cpp/bridge.cc", code.implementation)] {
        compare(file, &(HEAD.to_owned() + &String::from_utf8(text).expect("UTF-8")));
    }
}
