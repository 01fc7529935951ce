//! OpenGL 3.3 and OpenGL ES 3.0 and newer, in the host's own context.
//!
//! `capabilities` (what a context can do, pure), `format` (which textures are taken, pure), `context` (the functions and what
//! the context says of itself), `source` (the host's texture, checked and bound), `state` and `raster_state` (the host's
//! bindings, saved and given back), `program` (the shaders), `slot` (memory that the GPU writes and the CPU reads),
//! `backend` (recording and polling).
//!
//! Two ways to make a picture: a compute shader that writes straight into the slot's memory, and, where there is no
//! compute, a fragment shader whose target is read back into a pixel buffer. The same bytes arrive.
//!
//! A context belongs to a thread, so only the render thread can ask the GPU: pictures are published with a later push
//! or poll. No call here waits for the GPU: no `glFinish`, no `glGetError`, fences are polled with a timeout of 0, and
//! memory is mapped for good or once its fence has passed. What is asked with `glGet*` is the host's bindings (15 values
//! by compute, about 40 by fragments) and the texture's shape (5), which the driver answers from its own memory. A driver
//! without a GPU (llvmpipe) does the work itself inside the dispatch.

mod backend;
mod capabilities;
mod context;
mod format;
mod program;
mod raster_state;
mod slot;
mod source;
mod state;

pub use backend::OpenGl;
pub use capabilities::Capabilities;
