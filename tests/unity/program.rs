//! The host as a program of its own, with the shared library as Unity would open it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest librendercast.so of this build: beside the test binary, or one folder up.
fn shared_library() -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let candidates = [deps.join("librendercast.so"), deps.join("../librendercast.so")];
    let newest = candidates.iter().filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).max();
    newest.unwrap_or_else(|| panic!("no librendercast.so at {candidates:?}")).1.canonicalize().unwrap()
}

#[test]
fn the_library_survives_every_order_of_loading_and_unloading() {
    let Some(program) = crate::host::compile("unity-host", &["main"], &[]) else { return };
    let out = Command::new(&program).arg(shared_library()).output().unwrap();
    let _ = std::fs::remove_file(Path::new(&program));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    if out.status.code() == Some(77) {
        return eprintln!("{said}");
    }
    let done = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{}: {said}\nafter:\n{done}", out.status);
    assert_eq!(done.lines().count(), 8, "{done}");
}
