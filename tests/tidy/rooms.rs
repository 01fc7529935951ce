//! The plan as tables: "Who may use whom", and which external crate is whose.

/// What every room but these may use.
macro_rules! base_and {
    ($($room:literal)*) => { &["units", "time", "error", "guard", "wake", "stats" $(, $room)*] };
}

/// Each room and those it may use (itself always). Tests may use any.
pub const ROOMS: &[(&str, &[&str])] = &[
    // What everything stands on.
    ("units", &[]),
    ("time", &[]),
    ("wake", &[]),
    ("error", &["units"]),
    ("guard", &["time"]),
    ("stats", &["units", "time", "error", "wake"]),
    // The words of the codecs are in the configuration.
    ("config", &["units", "error", "encode"]),
    // From the host inwards.
    ("frame", base_and!()),
    ("audio", base_and!()),
    ("input", base_and!()),
    ("roles", base_and!("input" "config")),
    ("graphics", base_and!("frame")),
    // What it makes is what encoders take.
    ("convert", base_and!("frame" "encode" "decode")),
    ("encode", base_and!("frame" "audio" "config")),
    ("layers", base_and!("encode" "config")),
    // Encoded frames only.
    ("fanout", base_and!("encode")),
    // To viewers and back.
    ("congestion", base_and!()),
    ("pacing", base_and!("congestion")),
    ("signaling", base_and!("config")),
    ("receive", base_and!("encode")),
    ("decode", base_and!("encode")),
    ("peer", base_and!("congestion" "pacing" "fanout" "input" "config" "encode" "signaling" "receive")),
    ("server", base_and!("signaling" "config")),
    // The whole.
    (
        "streamer",
        base_and!("config" "congestion" "pacing" "frame" "audio" "input" "graphics" "convert" "encode" "layers" "fanout" "signaling" "receive" "decode" "roles" "peer" "server"),
    ),
    // Its faces. The C ABI uses the words in the streamer's own signatures; nobody uses it but the C++ API.
    ("unity", base_and!("graphics" "streamer" "frame")),
    ("ffi", base_and!("streamer" "signaling" "config" "encode" "frame" "audio" "input" "graphics" "roles" "unity")),
    // The same for C++: it knows the exports and the structures of the C ABI, and nothing behind them.
    ("cpp", &["ffi"]),
];

pub enum Allowed {
    /// Named in these rooms only, so that it can be replaced there.
    Rooms(&'static [&'static str]),
    Everywhere,
}

/// Each dependency, by the name it has in code.
pub const CRATES: &[(&str, Allowed)] = &[
    ("arc_swap", Allowed::Rooms(&["wake", "streamer", "ffi"])),
    ("ash", Allowed::Rooms(&["graphics"])),
    ("async_trait", Allowed::Rooms(&["peer"])),
    ("axum", Allowed::Rooms(&["server"])),
    ("block2", Allowed::Rooms(&["graphics"])),
    ("bytes", Allowed::Everywhere),
    ("crossbeam_channel", Allowed::Rooms(&["streamer"])),
    ("crossbeam_queue", Allowed::Everywhere),
    ("cxx", Allowed::Rooms(&["cpp"])),
    ("ffmpeg_next", Allowed::Rooms(&["encode", "decode"])),
    ("futures_util", Allowed::Rooms(&["signaling"])),
    ("getrandom", Allowed::Rooms(&["peer", "server", "signaling", "streamer"])),
    ("glow", Allowed::Rooms(&["graphics"])),
    ("libloading", Allowed::Rooms(&["decode", "encode", "graphics", "unity"])),
    ("objc2", Allowed::Rooms(&["graphics"])),
    ("objc2_core_foundation", Allowed::Rooms(&["graphics"])),
    ("objc2_core_video", Allowed::Rooms(&["graphics"])),
    ("objc2_foundation", Allowed::Rooms(&["graphics"])),
    ("objc2_io_surface", Allowed::Rooms(&["graphics"])),
    ("objc2_metal", Allowed::Rooms(&["graphics"])),
    ("openh264", Allowed::Rooms(&["encode", "decode"])),
    ("openh264_sys2", Allowed::Rooms(&["encode"])),
    ("opusic_sys", Allowed::Rooms(&["encode", "decode"])),
    ("reqwest", Allowed::Rooms(&["signaling"])),
    ("rtc", Allowed::Rooms(&["peer"])),
    ("rubato", Allowed::Rooms(&["audio"])),
    ("rustls", Allowed::Rooms(&["peer", "server", "signaling", "streamer"])),
    ("rustls_platform_verifier", Allowed::Rooms(&["peer", "signaling"])),
    ("serde", Allowed::Everywhere),
    ("serde_json", Allowed::Everywhere),
    ("thiserror", Allowed::Everywhere),
    ("tokio", Allowed::Rooms(&["peer", "signaling", "server", "streamer"])),
    ("tokio_rustls", Allowed::Rooms(&["peer", "server", "signaling"])),
    ("tokio_tungstenite", Allowed::Rooms(&["signaling"])),
    ("tracing", Allowed::Everywhere),
    ("tracing_subscriber", Allowed::Rooms(&["streamer"])),
    ("webrtc", Allowed::Rooms(&["peer"])),
    ("windows", Allowed::Rooms(&["graphics"])),
    ("bytemuck", Allowed::Rooms(&["convert"])),
    ("wide", Allowed::Rooms(&["convert"])),
    ("yuv", Allowed::Rooms(&["convert"])),
];

/// Files above the normal length, each with the reason why splitting it would make it harder to read.
pub const LONG_FILES: &[(&str, &str)] = &[];
