//! What viewers do, on its way to the host: `event` (one typed event for every wire format), `key` (numbers of keys and what
//! other systems call them), `channels` (all of one viewer: `decoder` picks `urs_old` or `urs_new` by a channel's label,
//! `compact` is our own page's, `multiplay` its viewer's name), `held` (what a viewer holds down, so that it can be let go,
//! and `hold_timeout` when), `queue` (256 events; moves merge, a key-up is never lost), `json` (an event as text).

pub mod channels;
pub mod compact;
pub mod decoder;
pub mod error;
pub mod event;
pub mod events;
mod held;
pub mod hold_timeout;
pub mod json;
pub mod key;
mod key_table;
pub mod multiplay;
pub mod queue;
mod urs_new;
mod urs_old;
mod wire;

#[cfg(test)]
mod compact_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod windows_keys_tests;

pub use channels::InputChannels;
pub use compact::{Compact, Lane, Outcome};
pub use decoder::Decoder;
pub use error::InputError;
pub use event::{CompositionPhase, InputEvent, InputKind, TouchPhase};
pub use events::Events;
pub use queue::InputQueue;
pub use urs_new::UrsNew;
pub use urs_old::UrsOld;
