//! Meeting viewers: `event` (what any protocol tells and is told), `negotiation` (pure: offers, answers, glare, resends;
//! `candidates` bounds its candidates), `sdp` (the bitrate boost, and reading descriptions), one file or folder per
//! protocol: `urs_http` polls a Unity Render Streaming server; those over a WebSocket are a `dialect` each.

pub mod candidates;
pub mod dialect;
pub mod event;
pub mod negotiation;
pub mod sdp;
pub mod urs_http;

pub use event::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
