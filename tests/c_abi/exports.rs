//! The shared library shows the host its C ABI and nothing of what is linked into it.

use std::path::Path;
use std::process::Command;

use crate::exported::exports_in_source;
use crate::library::{ROOT, shared_library};

#[test]
fn the_library_exports_its_c_abi_and_nothing_else() {
    let library = shared_library();
    let out = match Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(&library).output() {
        Ok(out) => out,
        Err(error) => return eprintln!("SKIPPED: no nm here ({error}); the exports were not checked"),
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("symbol names are UTF-8");
    let mut exported: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    // What the C++ API stands on is for a static library; a shared one with it is these tests' only.
    exported.retain(|name| !cfg!(feature = "cxx") || !name.contains("cxxbridge"));
    exported.sort_unstable();
    assert_eq!(exported, exports_in_source(Path::new(ROOT)), "in {}", library.display());
}
