//! The client of a Unity Render Streaming HTTP signaling server, from the first release to the newest: `wire` (what is
//! said), `memory` (what was said before), `outbox` (what is still to be said), all pure; `client` (one request),
//! `error` (what people are told of its failure), `poller` (the loop) and `run` (the way in, on its own thread or not).

// Without a network the pure part is built for its tests alone.
#![cfg_attr(not(feature = "webrtc"), allow(dead_code))]

#[cfg(feature = "webrtc")]
mod client;
#[cfg(feature = "webrtc")]
mod error;
#[cfg(any(feature = "webrtc", test))]
mod memory;
#[cfg(any(feature = "webrtc", test))]
mod outbox;
#[cfg(feature = "webrtc")]
mod poller;
#[cfg(any(feature = "webrtc", test))]
mod wire;

#[cfg(feature = "webrtc")]
mod run;
#[cfg(feature = "webrtc")]
pub use run::{Timing, run, run_with, spawn};
