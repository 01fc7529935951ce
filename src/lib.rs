//! Streams a game engine's picture and sound to browsers over WebRTC, with input coming back.
//!
//! ```text
//!  HOST                         OUR THREADS                                         TOKIO
//!  frame::pool ─► frame::queue ─► [rc-video] convert ─► [rc-h264] encode ─► fanout ─► peer ─► network
//!  audio::ring ─────────────────► [rc-audio] resample ─► opus ────────────► fanout ─► peer ─► network
//!  input::queue ◄─ input decoders ◄──────────────────────────────── data channels ◄─┘
//!  streamer::event ◄─ every stage           stats::snapshot ◄─ counters of every stage
//! ```
//!
//! The rooms, the queues between them, what each does when it is full, and the clocks are in `ARCHITECTURE.md`.
//! A Rust host uses [`streamer::Streamer`]; everybody else `include/rendercast.h`.

#![deny(unsafe_code)]

// What everything uses.
pub mod config;
pub mod error;
pub mod guard;
pub mod time;
pub mod units;
pub mod wake;

// From the host inwards.
pub mod audio;
pub mod convert;
pub mod frame;
pub mod graphics;

// From raw to packets.
pub mod encode;
pub mod fanout;
pub mod layers;

// To viewers and back.
pub mod congestion;
pub mod decode;
pub mod input;
pub mod pacing;
#[cfg(feature = "webrtc")]
pub mod peer;
pub mod receive;
pub mod roles;
#[cfg(feature = "server")]
pub mod server;
pub mod signaling;

// The whole, what it counts, and its faces in C and C++.
#[cfg(feature = "cxx")]
pub mod cpp;
#[cfg(feature = "webrtc")]
pub mod ffi;
pub mod stats;
#[cfg(feature = "webrtc")]
pub mod streamer;
#[cfg(feature = "webrtc")]
mod unity;
