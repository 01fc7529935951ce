//! include/rendercast.h is what cbindgen makes of src/ffi.

use std::process::Command;

use crate::exported::exports_in_source;
use crate::repository::{compare, path, read, scratch, version, version_number};

/// Files of src/ffi that hold exports, in the order a reader of the header wants them.
pub const SOURCES: [&str; 29] = [
    "status",
    "streamer",
    "config",
    "sources",
    "video",
    "graphics",
    "audio",
    "events",
    "input",
    "keys",
    "more_keys",
    "key_tables",
    "messages",
    "channels",
    "signals",
    "calls",
    "configuration",
    "peers",
    "peer_operations",
    "peer_events",
    "received",
    "stats",
    "viewers",
    "roles",
    "feedback",
    "senders",
    "tracks",
    "capabilities",
    "unity",
];

fn generate() -> String {
    let mut config = cbindgen::Config::from_file(path("cbindgen.toml")).expect("cbindgen.toml");
    let [major, minor, patch] = version();
    config.after_includes = Some(format!(
        "\n// Version of this header: compare it with rendercast_version.\n\
         #define RENDERCAST_VERSION \"{major}.{minor}.{patch}\"\n\n\
         // The same as a number: compare it with rendercast_version_number.\n\
         #define RENDERCAST_VERSION_NUMBER {}",
        version_number()
    ));
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(path(&format!("src/ffi/{source}.rs")));
    }
    let mut header = Vec::new();
    builder.generate().expect("cbindgen understands src/ffi").write(&mut header);
    let header = String::from_utf8(header).expect("the header is UTF-8");
    // Rust's section for callers in Rust; C has said the same with "NULL or valid".
    drop_sections(&header, "# Safety")
}

/// Leaves out a doc comment's section, and the empty comment line before it.
fn drop_sections(text: &str, title: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let comment = line.strip_prefix("//");
        inside = match comment {
            Some(comment) if comment.trim() == title => {
                kept.pop_if(|line| *line == "//");
                true
            }
            Some(_) => inside,
            None => false,
        };
        if !inside {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

#[test]
fn committed_header_is_what_the_source_says() {
    compare("include/rendercast.h", &generate());
}

#[test]
fn header_names_every_export_of_the_source() {
    let header = generate();
    // What Unity itself calls is none of a host's business.
    for name in exports_in_source(&path("")).iter().filter(|name| !name.starts_with("UnityPlugin")) {
        assert!(
            header.contains(&format!("{name}(")),
            "{name} is exported but not in the header: add its file to SOURCES"
        );
    }
}

/// The library's own table of keys is in src/input/key_table.rs; the header has a constant for each, in the same order.
#[test]
fn header_has_a_constant_for_every_key_of_the_input_room() {
    let table = read("src/input/key_table.rs");
    let (unity, others) = table.split_once("OTHER_KEYS").expect("two tables");
    let first = table.split_once("FIRST_OTHER: u16 = ").and_then(|(_, rest)| rest.split(';').next()?.parse().ok());
    for (keys, from, file) in
        [(unity, 1, "src/ffi/keys.rs"), (others, first.expect("a number"), "src/ffi/more_keys.rs")]
    {
        let codes = keys.lines().filter_map(|line| line.trim().strip_prefix("key(\"")?.split('"').next());
        let wanted: Vec<String> = codes.zip(from..).map(|(code, key)| constant(code, key)).collect();
        let text = read(file);
        let own: Vec<&str> = text.lines().filter(|line| line.starts_with("pub const")).collect();
        assert_eq!(own, wanted);
        assert!(own.len() > 70);
    }
}

fn constant(code: &str, key: u32) -> String {
    let code = code.strip_prefix("Key").unwrap_or(code);
    let mut name = String::new();
    for (at, c) in code.char_indices() {
        if at > 0 && c.is_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    format!("pub const RENDERCAST_KEY_{name}: u32 = {key};")
}

#[test]
fn header_alone_compiles_as_c99_and_cpp17_without_warnings() {
    let dir = scratch("header");
    for (compiler, standard, file) in [("cc", "c99", "alone.c"), ("c++", "c++17", "alone.cpp")] {
        let source = dir.join(file);
        // Twice, for the include guard.
        std::fs::write(&source, "#include \"rendercast.h\"\n#include \"rendercast.h\"\nint main(void) { return 0; }\n")
            .expect("a scratch file");
        let mut command = Command::new(compiler);
        command
            .args([&format!("-std={standard}"), "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-I"])
            .arg(path("include"))
            .arg(&source);
        match command.output() {
            Err(error) => eprintln!("SKIPPED: no {compiler} here ({error}); the header was not compiled as {standard}"),
            Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr)),
        }
    }
}
