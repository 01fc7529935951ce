//! samples/c-host compiles as C99 and as C++17 without a warning, runs clean under AddressSanitizer, and draws what
//! scene.h promises to tests. Its game is tried by tests/c_abi/game.c.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::library::{ROOT, scratch, shared_library};

/// Those of its files that the game is made of, which know nothing of the library but its constants.
const GAME: [&str; 11] = [
    "game.c",
    "rink.c",
    "bot.c",
    "seats.c",
    "board.c",
    "hud.c",
    "backdrop.c",
    "sprite.c",
    "sparks.c",
    "font.c",
    "canvas.c",
];

/// Every C file of the sample.
fn sources() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(Path::new(ROOT).join("samples/c-host")).expect("the sample");
    let files = folder.map(|entry| entry.expect("a file of the sample").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "c")).collect()
}

/// None, said loudly, where there is no such compiler or it has no AddressSanitizer.
fn compile(dir: &Path, compiler: &str, language: &[&str], sources: &[PathBuf], libraries: &[&str]) -> Option<PathBuf> {
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
    let program = dir.join("program");
    let mut command = Command::new(compiler);
    command.args(language).args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-O1", "-fsanitize=address", "-I"]);
    command.arg(Path::new(ROOT).join("include")).arg("-I").arg(Path::new(ROOT).join("samples/c-host"));
    let out = command.args(sources).arg("-o").arg(&program).args(libraries).output().expect("the compiler runs");
    assert!(out.status.success(), "{compiler}: {}", String::from_utf8_lossy(&out.stderr));
    Some(program)
}

/// The host, against the library.
fn build(dir: &Path, compiler: &str, language: &[&str]) -> Option<PathBuf> {
    let library = shared_library();
    let folder = library.parent().expect("the library's folder").display().to_string();
    let at_run_time = format!("-Wl,-rpath,{folder}");
    let libraries = ["-L", folder.as_str(), at_run_time.as_str(), "-lrendercast", "-lm", "-lpthread"];
    compile(dir, compiler, language, &sources(), &libraries)
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

    /// Of each channel, below the stamp.
    fn sum(&self, columns: std::ops::Range<usize>) -> [u64; 3] {
        let mut sum = [0; 3];
        for y in 16..self.height {
            for x in columns.clone() {
                for (sum, channel) in sum.iter_mut().zip(self.at(x, y)) {
                    *sum += u64::from(channel);
                }
            }
        }
        sum
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
    for options in [&["--scene", "test", "--acquire"][..], &["--scene", "test", "--push"]] {
        let before = unix_microseconds();
        let picture = run(&program, options);
        assert_eq!(picture.patches(), [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]);
        let (markers, time) = picture.stamp();
        assert_eq!(markers, 0b1010);
        let low_48_bits = |time| time & ((1 << 48) - 1);
        let range = low_48_bits(before)..=low_48_bits(unix_microseconds());
        assert!(range.contains(&time), "{time} is not in {range:?}");
    }
    // The game, which is what the host draws unless told otherwise: its two halves have their colours, and the stamp is there.
    let picture = run(&program, &[]);
    assert_eq!(picture.stamp().0, 0b1010);
    let (left, right) = (picture.sum(0..320), picture.sum(640..960));
    assert!(left[2] > left[0] && left[1] > left[0], "the left half is blue: {left:?}");
    assert!(right[0] > right[1], "the right half is red: {right:?}");
}

#[test]
fn c_sample_compiles_as_c99_and_runs_clean_under_address_sanitizer() {
    check("cc", &["-std=c99"], "sample-c99");
}

#[test]
fn c_sample_compiles_as_cpp17_and_runs_clean_under_address_sanitizer() {
    check("c++", &["-x", "c++", "-std=c++17"], "sample-cpp17");
}

/// tests/c_abi/game.c says what does not hold. The pictures that it draws are left in the scratch folder.
fn check_game(compiler: &str, language: &[&str], name: &str) {
    let dir = scratch(name);
    let mut files = GAME.map(|file| Path::new(ROOT).join("samples/c-host").join(file)).to_vec();
    files.push(Path::new(ROOT).join("tests/c_abi/game.c"));
    let Some(program) = compile(&dir, compiler, language, &files, &["-lm"]) else { return };
    let out = Command::new(&program).arg(&dir).output().expect("the game runs");
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&out.stderr));
}

#[test]
fn the_samples_game_keeps_its_rules_as_c99() {
    check_game("cc", &["-std=c99"], "game-c99");
}

#[test]
fn the_samples_game_keeps_its_rules_as_cpp17() {
    check_game("c++", &["-x", "c++", "-std=c++17"], "game-cpp17");
}

#[test]
fn c_sample_explains_a_wrong_option_and_a_wrong_configuration() {
    let dir = scratch("sample-options");
    let Some(program) = build(&dir, "cc", &["-std=c99"]) else { return };
    let host = |arguments: &[&str]| {
        let out = Command::new(&program).env_remove("LD_LIBRARY_PATH").args(arguments).output().expect("the host runs");
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, text) = host(&["--size", "1x1"]);
    assert!(code == Some(2) && text.contains("--size: 1x1"), "{code:?} {text}");
    let (code, text) = host(&["--scene", "none"]);
    assert!(code == Some(2) && text.contains("--scene: none"), "{code:?} {text}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its number").port().to_string();
    let (code, text) = host(&["--size", "160x96", "--port", &port, "--seconds", "60"]);
    assert!(code == Some(1) && text.contains(&format!("port {port} ")) && text.contains("--port 0"), "{code:?} {text}");
    let json = dir.join("config.json");
    std::fs::write(&json, r#"{"video":{"fps":0}}"#).expect("a scratch file");
    let (code, text) = host(&["--json", &json.to_string_lossy()]);
    assert!(code == Some(1) && text.contains("video.fps = 0 is outside 1 to 240"), "{code:?} {text}");
}
