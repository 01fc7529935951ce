//! Pictures from the host on their way to the video worker: `format` (what they look like), `pool` (buffers that are
//! reused, so that pushing allocates nothing), `queue` (two frames, newest wins).

pub mod format;
pub mod pool;
pub mod queue;

pub use format::{PixelFormat, PlaneLayout};
pub use pool::{FrameBuffer, FramePool, VideoFrame};
pub use queue::FrameQueue;
