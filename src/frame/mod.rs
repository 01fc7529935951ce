//! Pictures from the host on their way to the video worker: `format` (what they look like), `pool` (buffers that are
//! reused, so that pushing allocates nothing), `queue` (two frames, newest wins), `surface` (a picture in an object of the
//! system's).

pub mod format;
pub mod pool;
pub mod queue;
pub mod surface;

pub use format::{Chroma, PixelFormat, PlaneLayout};
pub use pool::{FrameBuffer, FramePool, VideoFrame};
pub use queue::FrameQueue;
pub use surface::{MappedBytes, Surface, SurfaceCalls, SurfaceKind, SurfaceMemory, SurfacePlane};
