//! The C++ API offers what the C ABI does: every constant and every function of the header is in it, but for those named here.

use std::path::Path;

use crate::exported::exports_in_source;
use crate::library::ROOT;

/// What C++ has otherwise, each with its reason.
const ELSEWHERE: [(&str, &str); 7] = [
    ("rendercast_last_error", "rendercast::Error has the text"),
    ("rendercast_shutdown_all", "nothing of C++ loses a streamer"),
    ("rendercast_acquire_video", "rendercast_source_acquire_video with source 0"),
    ("UnityPlugin*", "Unity"),
    ("rendercast_unity_*", "Unity"),
    ("RENDERCAST_UNITY_*", "Unity"),
    ("RENDERCAST_VERSION", "rendercast::version"),
];

fn read(folder: &str, extension: &str) -> String {
    let folder = std::fs::read_dir(Path::new(ROOT).join(folder)).expect("the folder");
    let files = folder.map(|entry| entry.expect("a file").path());
    let texts = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    texts.map(|path| std::fs::read_to_string(path).expect("a text")).collect()
}

fn holds(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| !text[at + name.len()..].starts_with(word) && !text[..at].ends_with(word))
}

fn elsewhere(name: &str) -> bool {
    // Texts within structures have a size, which C++ has no use for.
    let is = |known: &str| known.strip_suffix('*').map_or(name == known, |beginning| name.starts_with(beginning));
    name.ends_with("_SIZE") && name.starts_with("RENDERCAST_") || ELSEWHERE.iter().any(|(known, _)| is(known))
}

#[test]
fn the_cpp_api_has_every_constant_of_the_c_header() {
    let (header, cpp) = (
        std::fs::read_to_string(Path::new(ROOT).join("include/rendercast.h")).expect("the header"),
        read("include/rendercast", "hpp"),
    );
    let constants: Vec<&str> = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split(' ').next())
        .filter(|name| name.starts_with("RENDERCAST_") && !["RENDERCAST_H", "RENDERCAST_VERSION_NUMBER"].contains(name))
        .collect();
    assert!(constants.len() > 300, "{}", constants.len());
    let missing: Vec<_> = constants.iter().filter(|name| !elsewhere(name) && !holds(&cpp, name)).collect();
    assert!(missing.is_empty(), "not in include/rendercast/*.hpp: {missing:?}");
}

#[test]
fn the_cpp_api_calls_every_function_of_the_c_abi() {
    let calls = read("src/cpp", "rs") + &read("include/rendercast", "hpp");
    let exports = exports_in_source(Path::new(ROOT));
    let missing: Vec<_> = exports.iter().filter(|name| !elsewhere(name) && !holds(&calls, name)).collect();
    assert!(missing.is_empty(), "neither in src/cpp nor in include/rendercast/*.hpp: {missing:?}");
}
