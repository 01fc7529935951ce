//! What a path carries: congestion control, pure and driven by `now`.
//!
//! `controller` puts together `history` (what became of the packets), `delay` (the least delay), `loss`, `probe` (trying
//! more), `drain` (a queue on its way out) and `compete` (a queue that others fill). `orders` is what it tells the pacer,
//! `memory` what the next connection begins with.

mod compete;
mod controller;
mod delay;
mod drain;
mod history;
mod limits;
mod loss;
mod memory;
mod orders;
mod probe;

pub use controller::Controller;
pub use history::Report;
pub use limits::Limits;
pub use memory::RateMemory;
pub use orders::{Orders, Probe, Probed};
