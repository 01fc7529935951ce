//! Writes the C++ side of src/cpp/bridge.rs, as `cxx` makes it: `bridge.h` and `bridge.cc`, into the folder that is named.
//!
//!     RENDERCAST_BLESS=1 tests/cpp/run.sh         writes them where they belong

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const HEAD: &str = "// Generated from src/cpp/bridge.rs by bindings/cpp/generate; do not edit.\n\
                    // SPDX-License-Identifier: MIT OR Apache-2.0\n";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(bridge), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: rendercast-bridge BRIDGE.RS FOLDER".into());
    };
    let tokens = fs::read_to_string(&bridge)?.parse().map_err(|error| format!("{bridge}: {error}"))?;
    let code = cxx_gen::generate_header_and_cc(tokens, &cxx_gen::Opt::default())?;
    for (name, text) in [("bridge.h", code.header), ("bridge.cc", code.implementation)] {
        fs::write(Path::new(&folder).join(name), [HEAD.as_bytes(), &text].concat())?;
    }
    Ok(())
}
