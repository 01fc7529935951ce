//! What viewers do, on its way to the host: `event` (one typed event for every wire format), one decoder per format,
//! `queue` (256 events; moves merge, a key-up is never lost).

pub mod event;

pub use event::{InputEvent, InputKind};
