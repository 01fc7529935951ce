//! The house rules that a machine can check. Each failure says which file, and what to do.

mod rooms;
mod source;
mod unity;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use rooms::{Allowed, CRATES, LONG_FILES, ROOMS};
use source::{Source, line_of, root, sources};

/// Lines a file has normally, without its tests.
const LINES: usize = 350;
/// Lines no file exceeds, whatever the reason.
const LINES_AT_MOST: usize = 500;

fn report(title: &str, problems: &[String]) {
    assert!(problems.is_empty(), "{title}\n  {}\n", problems.join("\n  "));
}

#[test]
fn files_stay_short_enough_to_read_in_one_go() {
    let mut problems = Vec::new();
    for file in ["src", "samples", "bindings"].iter().flat_map(|folder| sources(folder)).filter(|file| !file.is_test) {
        let lines = file.lines();
        let excused = LONG_FILES.iter().any(|(path, _)| *path == file.path);
        if lines > LINES_AT_MOST {
            problems.push(format!("{}: {lines} lines, {LINES_AT_MOST} is the limit: split it by purpose", file.path));
        } else if lines > LINES && !excused {
            problems.push(format!(
                "{}: {lines} lines, {LINES} is normal: split it, or name it with a reason in LONG_FILES",
                file.path
            ));
        } else if lines <= LINES && excused {
            problems.push(format!("{}: short again: take it out of LONG_FILES", file.path));
        }
    }
    report("Files that are too long (their tests not counted):", &problems);
}

#[test]
fn rooms_use_only_the_rooms_of_the_plan() {
    let mut problems = BTreeSet::new();
    for file in sources("src") {
        let Some(room) = file.room() else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            problems.insert(format!("src/{room}: an unknown room: give it a line in tests/tidy/rooms.rs"));
            continue;
        };
        if file.is_test {
            continue;
        }
        for (used, line) in file.rooms_used() {
            let known = ROOMS.iter().any(|(name, _)| *name == used);
            if known && used != room && !allowed.contains(&used.as_str()) {
                problems.insert(format!("{}:{line}: {room} may not use {used}", file.path));
            }
        }
    }
    report(
        "Rooms that use what they should not (the plan is ROOMS in tests/tidy/rooms.rs and \"Who may use whom\"):",
        &problems.into_iter().collect::<Vec<_>>(),
    );
}

#[test]
fn external_crates_are_named_in_their_own_room_only() {
    let mut problems = Vec::new();
    for file in sources("src").iter().filter(|file| !file.is_test) {
        let Some(room) = file.room() else { continue };
        for (name, line) in file.crates_used(CRATES.iter().map(|(name, _)| *name)) {
            let (_, allowed) = CRATES.iter().find(|(known, _)| *known == name).expect("it was asked for");
            if let Allowed::Rooms(rooms) = allowed
                && !rooms.contains(&room.as_str())
            {
                problems.push(format!("{}:{line}: {name} belongs in {}", file.path, rooms.join(", ")));
            }
        }
    }
    report("External crates outside of their room (CRATES in tests/tidy/rooms.rs):", &problems);
}

#[test]
fn every_dependency_has_its_room() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let mut section = String::new();
    let mut problems = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if section.ends_with("dependencies") && !section.contains("dev-") && !section.contains("build-") {
            let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with(['#', ' '])) else { continue };
            let name = name.trim().split('.').next().unwrap_or_default().replace('-', "_");
            if !CRATES.iter().any(|(known, _)| *known == name) {
                problems.push(format!("{name}: name its room in CRATES of tests/tidy/rooms.rs"));
            }
        }
    }
    report("Dependencies without a room:", &problems);
}

#[test]
fn nothing_outside_of_tests_panics_on_purpose() {
    let forbidden = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];
    let mut problems = Vec::new();
    let all = ["src", "bindings"].iter().flat_map(|folder| sources(folder));
    for file in all.filter(|file| !file.is_test && file.path != "src/build.rs") {
        let code = file.code();
        for word in forbidden {
            let found = code.match_indices(word).filter(|(at, _)| !preceded_by_name(code, *at));
            problems.extend(found.map(|(at, _)| format!("{}:{}: {word}", file.path, line_of(code, at))));
        }
    }
    report("Panics outside of tests (return an error, or use a form that cannot fail):", &problems);
}

/// `core_panic!(` is not `panic!(`, and a method call always has something in front.
fn preceded_by_name(code: &str, at: usize) -> bool {
    !code[at..].starts_with('.') && code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

#[test]
fn every_export_passes_the_panic_boundary() {
    let mut problems = Vec::new();
    let mut exports = 0;
    for file in sources("src").iter().filter(|file| !file.is_test) {
        let code = file.code();
        for (at, _) in code.match_indices("#[unsafe(no_mangle)]") {
            exports += 1;
            let body = source::body_after(code, at).trim();
            let one_call = ["boundary(", "boundary_value("].iter().any(|call| body.starts_with(call))
                && !source::has_statements(body);
            if !one_call {
                let name = code[at..].split_once("fn ").and_then(|(_, rest)| rest.split('(').next()).unwrap_or("?");
                problems.push(format!("{}:{}: {name}", file.path, line_of(code, at)));
            }
        }
        if code.contains("#[no_mangle]") || code.contains("export_name") {
            problems.push(format!("{}: exports are written #[unsafe(no_mangle)], so that tests find them", file.path));
        }
    }
    report("Exports whose body is not a single call of boundary(..) or boundary_value(..):", &problems);
    assert!(exports > 20, "only {exports} exports were found: does this test still read them right?");
}

#[test]
fn header_has_the_version_of_the_crate() {
    let read =
        |path: &str| std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let quoted = |text: &str, before: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(before)).map(str::to_owned);
        line.and_then(|line| line.split('"').nth(1).map(str::to_owned))
    };
    let manifest = quoted(&read("Cargo.toml"), "version = ");
    assert!(manifest.is_some());
    assert_eq!(quoted(&read("include/rendercast.h"), "#define RENDERCAST_VERSION "), manifest);
}

#[test]
fn no_tracked_file_names_a_folder_of_somebodys_machine() {
    let out = match Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output() {
        Ok(out) if out.status.success() => out.stdout,
        _ => return eprintln!("SKIPPED: no git checkout here; absolute paths were not looked for"),
    };
    // Put together, so that this file does not find itself.
    let folders = ["home", "work", "root", "Users"].map(|name| format!("/{name}/"));
    let mut problems = Vec::new();
    for path in String::from_utf8_lossy(&out).split('\0').filter(|path| !path.is_empty()) {
        // Binary files and files that are deleted but not yet committed have no text.
        let Ok(text) = std::fs::read_to_string(root().join(path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let absolute = |folder: &String| {
                let mut found = line.match_indices(folder.as_str());
                found.any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}".contains(c)))
            };
            if let Some(folder) = folders.iter().find(|folder| absolute(folder)) {
                problems.push(format!("{path}:{}: {folder}", number + 1));
            }
        }
    }
    report("Absolute paths (say it relative to the repository, or by a variable):", &problems);
}

#[test]
fn excuses_name_files_that_exist() {
    for (path, reason) in LONG_FILES {
        assert!(Path::new(&root().join(path)).exists(), "{path} of LONG_FILES is gone");
        assert!(!reason.is_empty(), "{path} of LONG_FILES needs a reason");
    }
}

#[test]
fn the_reader_of_sources_sees_through_comments_texts_and_tests() {
    let file = Source::parse(
        "src/room/inner.rs",
        r##"
use crate::{units::Size, time};
use super::super::error::X; // crate::comment
fn f<'a>(x: &'a str) { let _ = ("crate::text", r#"crate::"raw""#, '"', b'\'', crate::wake::Wake); /* crate::block */ }
#[cfg(test)]
mod tests { use crate::hidden; fn g() { "}" } }
#[cfg(test)]
#[path = "far_tests.rs"]
mod far;
fn h() { tokio::spawn(a.tokio::b, crate::frame::tokio::C) }
"##,
    );
    let used: BTreeSet<_> = file.rooms_used().into_iter().map(|(room, _)| room).collect();
    assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), ["error", "frame", "time", "units", "wake"]);
    assert_eq!(file.test_files, ["src/room/far_tests.rs"]);
    assert_eq!(file.crates_used(["tokio"].into_iter()).len(), 1);
    assert_eq!(file.room().as_deref(), Some("room"));
}
