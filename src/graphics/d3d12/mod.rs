//! Direct3D 12, with command lists of our own.
//!
//! `backend` (recording), `submit` (who runs the lists: a queue of the host's, or an engine), `pipeline` (shader and root
//! signature), `slot` (the buffers and the list of one picture), `source` (the host's texture as the shader reads it),
//! `fence` (what the video worker waits for), `barrier` (states).

mod backend;
mod barrier;
mod fence;
mod pipeline;
mod slot;
mod source;
mod submit;

pub use backend::D3d12;
pub use submit::Executor;
