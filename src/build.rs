//! Refuses a build that would be three times slower than it looks: `openh264-sys2` leaves its assembly out, without a
//! word, when `nasm` is missing (36 ms instead of 15 ms a frame at 1080p). What was found goes into
//! `RENDERCAST_OPENH264_ASSEMBLY`, which a test reads.
//!
//! And asks the linker to keep one of functions that are the same to the byte, of which generic code has many, where the
//! linker can (LLD, which Rust brings on x86-64 Linux): a fiftieth of the library. Any other links as ever.
//! And has the library look beside itself for FFmpeg's before it takes the system's, so that they can be shipped with it.
//!
//! And writes the page's files as the library sends them, without comments and indentation (`build/squeeze`), into
//! `OUT_DIR/page`, each where it has its place in the repository.

#[path = "build/squeeze.rs"]
mod squeeze;

#[cfg(feature = "cxx")]
#[path = "build/cpp.rs"]
mod cpp;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

/// Where the page's files are.
const PAGE: [&str; 3] = ["bindings/web/src", "samples/web", "samples/web/status"];
/// Set to 1 to build without assembly all the same.
const ALLOW: &str = "RENDERCAST_ALLOW_SLOW_OPENH264";
/// Identical code folding. Rust promises no function an address of its own, and the C in here (OpenH264, Opus, ring) compares
/// none.
const FOLD: &str = "-Wl,--icf=all";
/// For the dynamic linker: the folder that the library is in.
const BESIDE: [&str; 2] = ["-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN"];

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-changed=src/build/squeeze.rs");
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
    if env::var_os("CARGO_FEATURE_SERVER").is_some()
        && let Err(error) = PAGE.iter().try_for_each(|folder| squeeze_folder(folder))
    {
        eprintln!("the page's files could not be squeezed: {error}");
        return ExitCode::FAILURE;
    }
    let is = |name: &str, value: &str| env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_OS", "linux") {
        BESIDE.iter().for_each(|flag| println!("cargo:rustc-cdylib-link-arg={flag}"));
    }
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") && folds() == Some(true) {
        println!("cargo:rustc-cdylib-link-arg={FOLD}");
    }
    #[cfg(feature = "cxx")]
    return cpp::compile_bridge();
    #[cfg(not(feature = "cxx"))]
    ExitCode::SUCCESS
}

/// Writes the files of a folder as they are sent.
fn squeeze_folder(folder: &str) -> io::Result<()> {
    println!("cargo:rerun-if-changed={folder}");
    let out = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("page").join(folder);
    fs::create_dir_all(&out)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let squeezed = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => squeeze::squeezed_script,
            Some("css") => squeeze::squeezed_style,
            Some("html" | "svg") => squeeze::squeezed_markup,
            _ => continue,
        };
        if let Some(name) = path.file_name() {
            fs::write(out.join(name), squeezed(&fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}

/// Whether an empty library can be linked that way here, with the linker and the flags that cargo will use.
fn folds() -> Option<bool> {
    let var = |name: &str| env::var(name).unwrap_or_default();
    let out = var("OUT_DIR");
    let (source, library) = (Path::new(&out).join("probe.rs"), Path::new(&out).join("probe.so"));
    fs::write(&source, "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n").ok()?;
    let mut rustc = Command::new(var("RUSTC"));
    rustc.args(["--crate-type=cdylib", "--target", &var("TARGET"), "-Cpanic=abort", "-Clink-arg=-nostdlib", "-o"]);
    rustc.arg(library).arg(source).arg(format!("-Clink-arg={FOLD}"));
    let linker = var("RUSTC_LINKER");
    if !linker.is_empty() {
        rustc.arg(format!("-Clinker={linker}"));
    }
    rustc.args(var("CARGO_ENCODED_RUSTFLAGS").split('\u{1f}').filter(|flag| !flag.is_empty()));
    Some(rustc.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?.success())
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
