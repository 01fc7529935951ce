//! The native half of the Godot add-on: nodes that stream a game to browsers and bring viewers' input back.
//!
//! ```text
//!  RenderCastViewport ─ frame_post_draw ─► render thread: GPU to NV12, read back later ─┐
//!  RenderCastAudio ──── audio thread ───────────────────────────────────────────────────┼─► rendercast::Streamer
//!  RenderCastServer ─── process: polls events and input ◄────────────────────────────────┘
//!     └─► signals · RenderCastInput: real input events · the editor's dock
//! ```
//!
//! `settings` (what the inspector shows, made into the library's configuration), `server` (the node that owns a streamer),
//! `viewport` (read-back, one file for each way), `audio`, `input` (`translate` is pure), `running` (streamers by process, for
//! threads that have no node), `cost` (what is taken of the main thread), `qr_code`, `values` (JSON as Godot's values).

#![deny(unsafe_code)]

mod audio;
mod cost;
mod entry;
mod input;
mod qr_code;
mod running;
mod server;
mod settings;
mod values;
mod viewport;
