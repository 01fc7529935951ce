//! samples/c-host compiles as C99 and as C++17 without a warning, runs clean under AddressSanitizer, and draws what
//! scene.h promises to tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::library::{ROOT, scratch, shared_library};

const SOURCES: [&str; 8] = ["main.c", "console.c", "guests.c", "options.c", "scene.c", "canvas.c", "tone.c", "views.c"];

/// None, said loudly, where there is no such compiler or it has no AddressSanitizer.
fn build(dir: &Path, compiler: &str, language: &[&str]) -> Option<PathBuf> {
    let probe = dir.join("probe.c");
    std::fs::write(&probe, "int main(void) { return 0; }\n").expect("a scratch file");
    let probed = Command::new(compiler)
        .args(language)
        .arg("-fsanitize=address")
        .arg(&probe)
        .arg("-o")
        .arg(dir.join("probe"))
        .output();
    if !probed.is_ok_and(|out| out.status.success()) {
        eprintln!(
            "SKIPPED: {compiler} {language:?} with -fsanitize=address does not work here; the C sample was not run"
        );
        return None;
    }
    let library = shared_library();
    let folder = library.parent().expect("the library's folder");
    let program = dir.join("c-host");
    let mut command = Command::new(compiler);
    command.args(language).args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-O1", "-fsanitize=address", "-I"]);
    command.arg(Path::new(ROOT).join("include"));
    command.args(SOURCES.map(|source| Path::new(ROOT).join("samples/c-host").join(source)));
    command.arg("-o").arg(&program).arg("-L").arg(folder).arg(format!("-Wl,-rpath,{}", folder.display()));
    let out = command.args(["-lrendercast", "-lm", "-lpthread"]).output().expect("the compiler runs");
    assert!(out.status.success(), "{compiler}: {}", String::from_utf8_lossy(&out.stderr));
    Some(program)
}

/// Runs the host for a few pictures and gives back what it drew last.
fn run(program: &Path, options: &[&str]) -> Picture {
    let dump = program.with_extension("ppm");
    let out = Command::new(program)
        // Which may lead to an older library than the one it was linked with.
        .env_remove("LD_LIBRARY_PATH")
        .args(["--frames", "60", "--fps", "240", "--size", "960x540", "--port", "0", "--stamp", "--dump"])
        .arg(&dump)
        .args(options)
        .output()
        .expect("the host runs");
    assert!(out.status.success(), "{options:?}: {}: {}", out.status, String::from_utf8_lossy(&out.stderr));
    Picture::read(&dump)
}

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn read(path: &Path) -> Self {
        let file = std::fs::read(path).expect("the dumped picture");
        let header = b"P6\n960 540\n255\n";
        assert!(file.starts_with(header));
        let (width, height) = (960, 540);
        assert_eq!(file.len(), header.len() + width * height * 3);
        Self { width, height, pixels: file[header.len()..].to_vec() }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let start = (y * self.width + x) * 3;
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    fn patches(&self) -> [[u8; 3]; 4] {
        [3, 2, 1, 0].map(|from_right| self.at(self.width - 16 - 32 * from_right, self.height - 16))
    }

    /// The marker blocks and the time of the stamp, in microseconds.
    fn stamp(&self) -> (u64, u64) {
        let bits = |from: usize, count: usize| {
            (from..from + count).fold(0, |bits, block| bits << 1 | u64::from(self.at(block * 16 + 8, 8) == [255; 3]))
        };
        (bits(0, 4), bits(4, 48))
    }
}

fn unix_microseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_micros() as u64
}

fn check(compiler: &str, language: &[&str], name: &str) {
    let Some(program) = build(&scratch(name), compiler, language) else { return };
    for options in [&["--acquire"][..], &["--push"]] {
        let before = unix_microseconds();
        let picture = run(&program, options);
        assert_eq!(picture.patches(), [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]);
        let (markers, time) = picture.stamp();
        assert_eq!(markers, 0b1010);
        let low_48_bits = |time| time & ((1 << 48) - 1);
        let range = low_48_bits(before)..=low_48_bits(unix_microseconds());
        assert!(range.contains(&time), "{time} is not in {range:?}");
    }
}

#[test]
fn c_sample_compiles_as_c99_and_runs_clean_under_address_sanitizer() {
    check("cc", &["-std=c99"], "sample-c99");
}

#[test]
fn c_sample_compiles_as_cpp17_and_runs_clean_under_address_sanitizer() {
    check("c++", &["-x", "c++", "-std=c++17"], "sample-cpp17");
}

#[test]
fn c_sample_explains_a_wrong_option_and_a_wrong_configuration() {
    let Some(program) = build(&scratch("sample-options"), "cc", &["-std=c99"]) else { return };
    let host = |arguments: &[&str]| {
        let out = Command::new(&program).args(arguments).output().expect("the host runs");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, text) = host(&["--size", "1x1"]);
    assert!(code == Some(2) && text.contains("--size: 1x1"), "{code:?} {text}");
    let json = program.with_extension("json");
    std::fs::write(&json, r#"{"video":{"fps":0}}"#).expect("a scratch file");
    let (code, text) = host(&["--json", &json.to_string_lossy()]);
    assert!(code == Some(1) && text.contains("video.fps = 0 is outside 1 to 240"), "{code:?} {text}");
}
