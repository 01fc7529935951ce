//! Asks the headers of the system, by a C program that says what they say. For tests.

use std::fmt::Write as _;
use std::process::Command;

/// What C must find, as C expressions and their values here.
pub type Expected = Vec<(String, i64)>;

/// Offsets of fields that have the same name in C and here.
macro_rules! offsets {
    ($all:expr, $c:literal, $rust:ty: $($field:ident)*) => { $(
        $all.push((format!("offsetof({}, {})", $c, stringify!($field)), std::mem::offset_of!($rust, $field) as i64));
    )* };
}
pub(super) use offsets;

/// What `interface` says of both libraries, by the names that begin with `VPX` and `AOM`.
pub fn alike(prefix: &str) -> Expected {
    use super::interface::{self as abi, Packet, PacketFrame};
    let mut all = Expected::new();
    let packet = format!("{}_codec_cx_pkt_t", prefix.to_lowercase());
    let frame = std::mem::offset_of!(Packet, frame);
    all.push((format!("offsetof({packet}, kind)"), std::mem::offset_of!(Packet, kind) as i64));
    for (field, offset) in [
        ("buf", std::mem::offset_of!(PacketFrame, buf)),
        ("sz", std::mem::offset_of!(PacketFrame, sz)),
        ("pts", std::mem::offset_of!(PacketFrame, pts)),
        ("duration", std::mem::offset_of!(PacketFrame, duration)),
        ("flags", std::mem::offset_of!(PacketFrame, flags)),
    ] {
        all.push((format!("offsetof({packet}, data.frame.{field})"), (frame + offset) as i64));
    }
    for (name, value) in [
        ("CODEC_OK", abi::OK),
        ("CODEC_ABI_MISMATCH", abi::ABI_MISMATCH),
        ("CBR", abi::CBR),
        ("RC_ONE_PASS", abi::ONE_PASS),
        ("KF_DISABLED", abi::KEYFRAMES_ON_REQUEST),
        ("IMG_FMT_I420", abi::I420),
        ("CR_STUDIO_RANGE", abi::STUDIO_RANGE),
        ("CODEC_CX_FRAME_PKT", abi::FRAME_PACKET),
    ] {
        all.push((format!("{prefix}_{name}"), value.into()));
    }
    #[allow(clippy::useless_conversion, reason = "32 bits on Windows")]
    all.push((format!("{prefix}_EFLAG_FORCE_KF"), abi::FORCE_KEYFRAME.into()));
    all.push((format!("{prefix}_ERROR_RESILIENT_DEFAULT"), abi::ERROR_RESILIENT.into()));
    all
}

/// Checks `expected`, and that there is room for every type of `room`. Answers the value of `version`; None, said loudly,
/// without compiler or headers (of which the first is the one that is looked for).
pub fn check(headers: &[&str], expected: &Expected, room: &[(&str, usize)], version: &str) -> Option<i64> {
    let mut expressions: Vec<String> = expected.iter().map(|(expression, _)| expression.clone()).collect();
    expressions.extend(room.iter().map(|(name, _)| format!("sizeof({name})")));
    expressions.push(version.into());
    let said = ask_c(headers, &expressions)?;
    for ((expression, value), said) in expected.iter().zip(&said) {
        assert_eq!(value, said, "{expression}");
    }
    for ((name, room), size) in room.iter().zip(&said[expected.len()..]) {
        assert!(*size <= *room as i64, "{name} is {size}, with room for {room}");
    }
    let version = *said.last().unwrap();
    eprintln!("the headers are of interface version {version}");
    Some(version)
}

/// Runs a C program that prints each expression on a line.
fn ask_c(headers: &[&str], expressions: &[String]) -> Option<Vec<i64>> {
    let name = headers[0].replace(['/', '.'], "-");
    let folder = std::env::temp_dir().join(format!("rendercast-abi-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, program) = (folder.join("abi.c"), folder.join("abi"));
    let mut text = String::from("#include <stddef.h>\n#include <stdio.h>\n");
    for header in headers {
        writeln!(text, "#include <{header}>").unwrap();
    }
    text += "int main(void) {\n";
    for expression in expressions {
        writeln!(text, "  printf(\"%lld\\n\", (long long)({expression}));").unwrap();
    }
    std::fs::write(&source, text + "  return 0;\n}\n").unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    // Optimised, so that the headers' unused inline functions ask for no library. CPATH may name another version's headers.
    let compiled = Command::new(compiler).arg("-O2").arg(&source).arg("-o").arg(&program).output();
    let said = match compiled {
        Ok(output) if output.status.success() => {
            let output = Command::new(&program).output().unwrap();
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(errors.contains(&format!("{}: No such file", headers[0])), "{errors}");
            eprintln!("SKIPPED: no {} here", headers[0]);
            None
        }
        Err(error) => {
            eprintln!("SKIPPED: no C compiler: {error}");
            None
        }
    };
    std::fs::remove_dir_all(&folder).unwrap();
    said.map(|said| said.lines().map(|line| line.parse().unwrap()).collect())
}
