//! include/rendercast.h is what cbindgen makes of src/ffi.

use std::path::Path;
use std::process::Command;

use crate::library::{ROOT, scratch};

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
    let root = Path::new(ROOT);
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let number = |part: &str| part.parse::<u32>().expect("a version number");
    let (major, minor, patch) = (
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    );
    config.after_includes = Some(format!(
        "\n// Version of this header: compare it with rendercast_version.\n\
         #define RENDERCAST_VERSION \"{major}.{minor}.{patch}\"\n\n\
         // The same as a number: compare it with rendercast_version_number.\n\
         #define RENDERCAST_VERSION_NUMBER {}",
        major << 16 | minor << 8 | patch
    ));
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(root.join("src/ffi").join(source).with_extension("rs"));
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
    let path = Path::new(ROOT).join("include/rendercast.h");
    let wanted = generate();
    if std::env::var_os("RENDERCAST_BLESS").is_some() {
        std::fs::write(&path, &wanted).expect("include/rendercast.h can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = wanted.lines().zip(committed.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(
        wanted == committed,
        "include/rendercast.h is not what src/ffi says (first difference: {differing:?}).\n\
         Write it anew with: RENDERCAST_BLESS=1 cargo test --test c_abi header"
    );
}

#[test]
fn header_names_every_export_of_the_source() {
    let header = generate();
    // What Unity itself calls is none of a host's business.
    for name in crate::library::exports_in_source().iter().filter(|name| !name.starts_with("UnityPlugin")) {
        assert!(
            header.contains(&format!("{name}(")),
            "{name} is exported but not in the header: add its file to SOURCES"
        );
    }
}

/// The library's own table of keys is in src/input/key_table.rs; the header has a constant for each, in the same order.
#[test]
fn header_has_a_constant_for_every_key_of_the_input_room() {
    let read = |path: &str| std::fs::read_to_string(Path::new(ROOT).join(path)).expect(path);
    let table = read("src/input/key_table.rs");
    let (unity, others) = table.split_once("OTHER_KEYS").expect("two tables");
    let first = table.split_once("FIRST_OTHER: u16 = ").and_then(|(_, rest)| rest.split(';').next()?.parse().ok());
    for (keys, from, path) in
        [(unity, 1, "src/ffi/keys.rs"), (others, first.expect("a number"), "src/ffi/more_keys.rs")]
    {
        let codes = keys.lines().filter_map(|line| line.trim().strip_prefix("key(\"")?.split('"').next());
        let wanted: Vec<String> = codes.zip(from..).map(|(code, key)| constant(code, key)).collect();
        let text = read(path);
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
            .arg(Path::new(ROOT).join("include"))
            .arg(&source);
        match command.output() {
            Err(error) => eprintln!("SKIPPED: no {compiler} here ({error}); the header was not compiled as {standard}"),
            Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr)),
        }
    }
}
