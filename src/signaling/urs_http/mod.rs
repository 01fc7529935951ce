//! The client of a Unity Render Streaming HTTP signaling server, from the first release to the newest: `wire` (what is
//! said), `outbox` (what is still to be said), both pure; `client` (one request), `error` (what people are told of its
//! failure), `poller` (the loop).

// Without a network the pure part is built for its tests alone.
#![cfg_attr(not(feature = "webrtc"), allow(dead_code))]

#[cfg(feature = "webrtc")]
mod client;
#[cfg(feature = "webrtc")]
mod error;
#[cfg(any(feature = "webrtc", test))]
mod outbox;
#[cfg(feature = "webrtc")]
mod poller;
#[cfg(any(feature = "webrtc", test))]
mod wire;

#[cfg(feature = "webrtc")]
pub use poller::Poller;
