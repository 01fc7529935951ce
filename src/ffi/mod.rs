//! The C ABI: a thin skin over [`crate::streamer::Streamer`]. `boundary` (the one door: panics stop here, errors become text),
//! `status` (the numbers), `handles` (u32 to object, without locks on the pushing side), `memory` and `text` (what crosses
//! the border, and how), `frames` (buffers lent to the host), `devices` (its GPUs), and one file per noun: `config`, `streamer`, `video`, `graphics`, `audio`,
//! `events`, `input` (`input_event` fills its structure), `keys`, `more_keys` and the `key_tables` of other systems, `messages`, `channels`, `received`, `signals`, `calls`, `configuration`, `peers` with their
//! `peer_operations` and `peer_events`, `stats`, `viewers`, `roles`, `feedback`, `senders`, `sources`, `tracks`, `capabilities`, `unity`.
//!
//! The names and the doc comments become `include/rendercast.h`; a test compares. Only `cpp`, the same for C++, uses this room.
//!
//! Every `unsafe` here trusts the same thing: pointers from the host are NULL or valid for what the header says.

#![allow(unsafe_code)]
// Slices are made of the host's pointers here, each with its SAFETY comment.
#![allow(clippy::disallowed_methods)]
#![allow(non_camel_case_types)] // C's names are written once, here.

pub mod audio;
mod boundary;
pub mod calls;
pub mod capabilities;
pub mod channels;
pub mod config;
pub mod configuration;
mod devices;
pub mod events;
mod failure;
pub mod feedback;
mod frames;
pub mod graphics;
mod handles;
pub mod input;
mod input_event;
pub mod key_tables;
pub mod keys;
mod memory;
pub mod messages;
pub mod more_keys;
pub mod peer_events;
pub mod peer_operations;
pub mod peers;
pub mod received;
pub mod roles;
pub mod senders;
pub mod signals;
pub mod sources;
pub mod stats;
pub mod status;
pub mod streamer;
mod text;
pub mod tracks;
pub mod unity;
pub mod video;
pub mod viewers;

#[cfg(feature = "cxx")]
pub(crate) use boundary::{boundary_value, with_last_error};
