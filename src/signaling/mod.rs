//! Meeting viewers: `event` (what any protocol tells and is told), `negotiation` (pure: offers, answers, glare, resends;
//! `candidates` bounds its candidates), `sdp` (the bitrate boost, and reading descriptions), `client` (another's server: which
//! protocol, on which thread), `line` and `patience` (what every client has). One file or folder per protocol: `urs_http`
//! polls a Unity Render Streaming server; those over a WebSocket are a `dialect` each, carried by `socket`: `urs_websocket`.
//! `urs` is what both of Unity's have in common, `failure` what people are told.

pub mod candidates;
#[cfg(feature = "webrtc")]
pub mod client;
pub mod dialect;
pub mod event;
#[cfg(feature = "webrtc")]
mod failure;
#[cfg(feature = "webrtc")]
mod line;
pub mod negotiation;
#[cfg(any(feature = "webrtc", test))]
mod patience;
pub mod sdp;
#[cfg(feature = "webrtc")]
mod socket;
mod urs;
#[doc(hidden)] // for its tests from outside
pub mod urs_http;
#[doc(hidden)] // for its tests from outside
pub mod urs_websocket;

pub use event::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
