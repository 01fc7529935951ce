//! Compiles the C++ side of src/cpp/bridge.rs into the library. Its header is left in `OUT_DIR/cxxbridge/include`, from where
//! bindings/cpp/install.sh takes it.

/// Tells cargo itself what to run again for.
pub fn compile_bridge() {
    cxx_build::bridge("src/cpp/bridge.rs").include("include").std("c++17").compile("rendercast-cxx");
    println!("cargo:rerun-if-changed=src/cpp/bridge.rs");
    println!("cargo:rerun-if-changed=src/build/cpp.rs");
    println!("cargo:rerun-if-changed=include/rendercast.h");
}
