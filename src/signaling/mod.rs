//! Meeting viewers: `event` (what any protocol tells and is told), `negotiation` (pure: offers, answers, glare, resends),
//! `sdp` (the bitrate boost, and reading descriptions), one file per protocol.

pub mod event;

pub use event::{ConnectionId, IceCandidate, SignalCommand, SignalEvent};
