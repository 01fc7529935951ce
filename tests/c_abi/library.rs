//! Where the library under test lies, and what its source says it exports.

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

/// Names behind `#[unsafe(no_mangle)]` anywhere in src/.
pub fn exports_in_source() -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a source folder") {
            let path = entry.expect("a source file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(exports_in(&std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    names.sort();
    names
}

fn exports_in(source: &str) -> Vec<String> {
    let after = source.split("#[unsafe(no_mangle)]").skip(1);
    let name =
        |text: &str| text.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.into());
    after.filter_map(name).collect()
}
