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
mod wire;

#[cfg(feature = "webrtc")]
pub use poller::Poller;

/// Reads a body as every answer of a server, for tests from outside.
#[doc(hidden)]
pub fn decode(body: &[u8]) {
    let _ = wire::parse_messages(body);
    for kind in [wire::Kind::Offer, wire::Kind::Answer, wire::Kind::Candidate] {
        let _ = wire::parse_list(kind, body);
    }
    let _ = (wire::parse_config(body), wire::parse_session(body));
    let _ = wire::parse_connect(&super::ConnectionId("c".into()), body);
    let _ = wire::parse_date(&String::from_utf8_lossy(body));
}
