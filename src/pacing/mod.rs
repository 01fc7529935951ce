//! When packets leave, and which of them leave again: pure and driven by `now`.
//!
//! `pacer` (four queues and one budget) · `probe` (a rate to be tried) · `history` (what may be asked for again) · `share`
//! (how much may be) · `path` (round trip and loss, smoothed) · `traffic` (what was sent) · `backlog` (what the pump knows of it all).

mod backlog;
mod history;
mod pacer;
mod path;
mod probe;
mod share;
#[cfg(test)]
mod tests;
mod traffic;

use std::sync::Arc;

pub use backlog::Backlog;
pub use history::{Horizon, Kept, Sent};
pub use pacer::{Class, OVERHEAD, Pacer};
pub use path::Path;
pub use share::Share;
pub use traffic::{Sending, Traffic};

use crate::congestion::Orders;
use crate::stats::Counter;

/// What is lost or sent again on the way to viewers, over all of them.
#[derive(Clone, Debug, Default)]
pub struct PacingCounters {
    /// Packets sent again because a viewer asked (NACK).
    pub packets_retransmitted: Counter,
    /// Packets a viewer asked for that were too old, asked for too soon again, or beyond what may be sent again.
    pub retransmissions_refused: Counter,
    /// Video packets thrown away because the viewer's link became too slow for what already waited.
    pub packets_dropped: Counter,
}

/// What one connection's pacer shares with the rest: orders from congestion control, the path as reports tell it, its
/// backlog for the pump.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    pub orders: Arc<Orders>,
    pub path: Arc<Path>,
    pub backlog: Arc<Backlog>,
    pub traffic: Arc<Traffic>,
    pub counters: PacingCounters,
}
