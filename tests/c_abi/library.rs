//! Where the library under test lies.

use std::path::{Path, PathBuf};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// An empty folder of this test's own.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("c_abi-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a scratch folder");
    dir
}

/// The newest librendercast.so of this build: beside the test binary, or one folder up.
#[cfg(all(feature = "webrtc", target_os = "linux"))]
pub fn shared_library() -> PathBuf {
    let deps = std::env::current_exe().expect("this test's path").parent().expect("its folder").to_owned();
    let candidates = [deps.join("librendercast.so"), deps.join("../librendercast.so")];
    let newest = candidates.iter().filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).max();
    newest.unwrap_or_else(|| panic!("no librendercast.so at {candidates:?}")).1.canonicalize().expect("its path")
}
