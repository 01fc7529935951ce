//! Compiles the C++ side of src/cpp/bridge.rs into the library, and leaves the header of `cxx` itself in `OUT_DIR/include/rust`, from
//! where bindings/cpp/install.sh takes it.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

pub fn compile_bridge() -> ExitCode {
    for file in ["src/cpp/bridge.cc", "src/build/cpp.rs", "include/rendercast.h"] {
        println!("cargo:rerun-if-changed={file}");
    }
    cc::Build::new().cpp(true).std("c++17").include("include").file("src/cpp/bridge.cc").compile("rendercast-cxx");
    let var = |name: &str| env::var(name).unwrap_or_default();
    let folder = Path::new(&var("OUT_DIR")).join("include/rust");
    let copied =
        fs::create_dir_all(&folder).and_then(|()| fs::copy(var("DEP_CXXBRIDGE1_HEADER"), folder.join("cxx.h")));
    if let Err(error) = copied {
        eprintln!("the header of cxx cannot be copied into {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
