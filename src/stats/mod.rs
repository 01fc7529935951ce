//! What happened, counted: `Counter` is the one way a stage reports a drop or an amount; `snapshot` gathers them.

pub mod counters;
pub mod metrics;
pub mod snapshot;
pub mod window;

pub use counters::{Counter, Counters};
