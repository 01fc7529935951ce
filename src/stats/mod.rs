//! What happened, counted: `Counter` is the one way a stage reports a drop or an amount; `snapshot` gathers them, `metrics`
//! writes them for Prometheus (`exposition`: its text). `window` (percentiles) and `meter` (rates) are of the last moments;
//! `page` is what pages tell of themselves.

pub mod counters;
mod exposition;
pub mod meter;
pub mod metrics;
pub mod page;
pub mod snapshot;
pub mod window;

pub use counters::{Counter, Counters};
