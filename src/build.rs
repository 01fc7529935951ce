//! Refuses a build that would be three times slower than it looks: `openh264-sys2` leaves its assembly out, without a
//! word, when `nasm` is missing (36 ms instead of 15 ms a frame at 1080p). What was found goes into
//! `RENDERCAST_OPENH264_ASSEMBLY`, which a test reads.

use std::env;
use std::process::{Command, ExitCode, Stdio};

/// Set to 1 to build without assembly all the same.
const ALLOW: &str = "RENDERCAST_ALLOW_SLOW_OPENH264";

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=src/build.rs");
    for name in [ALLOW, "PATH", "NASM", "OPENH264_NO_ASM"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let assembly = assembly();
    println!("cargo:rustc-env=RENDERCAST_OPENH264_ASSEMBLY={assembly}");
    let wanted = env::var_os("CARGO_FEATURE_WEBRTC").is_some();
    if wanted && assembly == "missing" && env::var(ALLOW).as_deref() != Ok("1") {
        eprintln!(
            "nasm was not found (or OPENH264_NO_ASM is set), so OpenH264 would be built without assembly and encode three times slower.\n\
             Install nasm (https://nasm.us; Debian: apt install nasm, macOS: brew install nasm, Windows: winget install nasm)\n\
             and run `cargo clean -p openh264-sys2`, or set {ALLOW}=1 to build the slow one."
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `nasm` or `missing` on x86, where OpenH264's assembly needs it; elsewhere the C compiler assembles it.
fn assembly() -> &'static str {
    match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("x86" | "x86_64") if env::var_os("OPENH264_NO_ASM").is_none() && nasm_runs() => "nasm",
        Ok("x86" | "x86_64") => "missing",
        _ => "compiler",
    }
}

/// Looks where `nasm-rs` looks: `NASM`, then PATH.
fn nasm_runs() -> bool {
    let nasm = env::var_os("NASM").unwrap_or_else(|| "nasm".into());
    Command::new(nasm)
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
