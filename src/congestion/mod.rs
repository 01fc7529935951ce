//! What a path carries: congestion control, pure and driven by `now`.

mod orders;

pub use orders::{Orders, Probe, Probed};
