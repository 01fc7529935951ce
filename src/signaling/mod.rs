//! Meeting viewers: `event` (what any protocol tells and is told), `negotiation` (pure: offers, answers, glare, resends;
//! `candidates` bounds its candidates), `sdp` (the bitrate boost, and reading descriptions), `client` (another's server: which
//! protocol, on which thread), `line` and `patience` (what every client has). One file or folder per protocol: `urs_http`
//! polls a Unity Render Streaming server; those over a WebSocket are a `dialect` each, carried by `socket`: `urs_websocket`,
//! `relay` and `description` (two wordings of a `channel` that names nobody), `call` (between users). `urs` is what both of
//! Unity's have in common, `failure` what people are told. The others share what a `conversation` knows, the `signature` of
//! descriptions, candidates as JSON (`candidate_json`), and what waits for a socket (`link`).

pub mod call;
pub mod candidate_json;
pub mod candidates;
pub mod channel;
#[cfg(feature = "webrtc")]
pub mod client;
mod conversation;
pub mod description;
pub mod dialect;
pub mod event;
#[cfg(feature = "webrtc")]
mod failure;
#[cfg(feature = "webrtc")]
mod line;
mod link;
pub mod negotiation;
#[cfg(any(feature = "webrtc", test))]
mod patience;
pub mod relay;
pub mod sdp;
pub mod signature;
#[cfg(feature = "webrtc")]
mod socket;
mod urs;
#[doc(hidden)] // for its tests from outside
pub mod urs_http;
#[doc(hidden)] // for its tests from outside
pub mod urs_websocket;

pub use event::{CallAction, ConnectionId, IceCandidate, SignalCommand, SignalEvent};
