//! What viewers do, on its way to the host: `event` (one typed event for every wire format), `key` (numbers of keys),
//! `decoder` (one wire format per channel label: `urs_old`, `urs_new`), `held` (what a viewer holds down, so that it can be
//! let go), `queue` (256 events; moves merge, a key-up is never lost).

pub mod decoder;
pub mod event;
mod held;
pub mod key;
pub mod queue;
mod urs_new;
mod urs_old;
mod wire;

#[cfg(test)]
mod tests;

pub use decoder::{Decoder, InputError};
pub use event::{InputEvent, InputKind, TouchPhase};
pub use queue::InputQueue;
pub use urs_new::UrsNew;
pub use urs_old::UrsOld;
