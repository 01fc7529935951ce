//! The repository's files, and those that are generated.

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(relative)
}

pub fn read(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An empty folder of this test's own.
pub fn scratch(name: &str) -> PathBuf {
    let dir = path("target/generated/tmp").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a scratch folder");
    dir
}

/// The library's version: major, minor, patch.
pub fn version() -> [u32; 3] {
    let manifest = read("Cargo.toml");
    let text = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let parts: Vec<u32> = text.expect("a version").split('.').map(|part| part.parse().expect("a number")).collect();
    parts.try_into().expect("three numbers")
}

/// The version as `rendercast_version_number` has it.
pub fn version_number() -> u32 {
    let [major, minor, patch] = version();
    major << 16 | minor << 8 | patch
}

/// Fails where the committed file says another thing; writes it where that is asked for.
pub fn compare(relative: &str, wanted: &str) {
    if std::env::var_os("RENDERCAST_BLESS").is_some() {
        std::fs::write(path(relative), wanted).expect("a generated file can be written");
        return;
    }
    let committed = std::fs::read_to_string(path(relative)).unwrap_or_default().replace('\r', "");
    let differing = wanted.lines().zip(committed.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(
        wanted == committed,
        "{relative} is not what its source says (first difference: {differing:?}).\n\
         Write it anew with: RENDERCAST_BLESS=1 tests/run.sh generated"
    );
}
