//! What Unity Render Streaming's HTTP and WebSocket signaling have in common, all pure: `message` (the messages, and how
//! JSON says them), `memory` (what was said before), `membership` (our place in a named connection of private mode).

// Without a network not all of it is used.
#![cfg_attr(not(feature = "webrtc"), allow(dead_code))]

pub mod membership;
pub mod memory;
pub mod message;
