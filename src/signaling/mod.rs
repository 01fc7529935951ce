//! Meeting viewers: `event` (what any protocol tells and is told), `negotiation` (pure: offers, answers, glare, resends;
//! `candidates` bounds its candidates), `sdp` (the bitrate boost, and reading descriptions), one file or folder per
//! protocol: `urs_http` polls a Unity Render Streaming server; those over a WebSocket are a `dialect` each. `relay` and
//! `description` are two wordings of a `channel` that names nobody, `call` names its users; they share what a
//! `conversation` knows, the `signature` of descriptions, candidates as JSON (`candidate_json`), and what waits for a socket (`link`).

pub mod call;
pub mod candidate_json;
pub mod candidates;
pub mod channel;
mod conversation;
pub mod description;
pub mod dialect;
pub mod event;
mod link;
pub mod negotiation;
pub mod relay;
pub mod sdp;
pub mod signature;
pub mod urs_http;

pub use event::{CallAction, ConnectionId, IceCandidate, SignalCommand, SignalEvent};
