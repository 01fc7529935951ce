//! Metal: one compute pass writes the two planes of a pixel buffer that VideoToolbox takes as it is; other encoders read
//! its bytes where they lie.
//!
//! `rules` (what is taken, and what an error means), `completion` (from the GPU's callback to the video worker),
//! `pixel_buffer` (the picture, shared with encoders), `slot` (a pixel buffer and how Metal sees it), `pipeline` (the
//! shader, compiled here), `backend` (all together).
//!
//! It is compiled for every change, and no Mac has run it yet.

#[cfg(target_vendor = "apple")]
mod backend;
mod completion;
#[cfg(target_vendor = "apple")]
mod pipeline;
#[cfg(target_vendor = "apple")]
mod pixel_buffer;
mod rules;
#[cfg(target_vendor = "apple")]
mod slot;

#[cfg(target_vendor = "apple")]
pub use backend::{MetalBackend, MetalRecorder};
