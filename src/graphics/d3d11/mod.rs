//! Direct3D 11, on the immediate context of the host's device.
//!
//! `backend` (recording, and asking what is done), `slot` (the buffers of one picture), `source` (the host's texture as the
//! shader reads it), `progress` (how the GPU says that it has finished).

mod backend;
mod progress;
mod slot;
mod source;

pub use backend::D3d11;
