//! Pictures that Godot has read back, handed to the library by a thread of their own: copying one takes as long as all else that is
//! done for it on the render thread, which is often the game's only one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use godot::builtin::PackedByteArray;
use rendercast::frame::{Chroma, PixelFormat};
use rendercast::graphics::PictureLayout;
use rendercast::streamer::Source;
use rendercast::units::Size;

/// Pictures on their way at once; more are dropped: the game draws faster than the GPU.
const ON_THE_WAY: usize = 4;

/// How the bytes of a picture lie.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Four bytes a pixel, red first.
    Rgba(Size),
    /// What the conversion's shader has made.
    Converted(PictureLayout),
}

/// A picture that was asked for; counted until it is dropped.
#[derive(Debug)]
pub struct Asked {
    on_the_way: Arc<AtomicUsize>,
    pub source: Arc<Source>,
    pub shape: Shape,
    pub drawn_ns: u64,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.on_the_way.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Picture {
    asked: Arc<Asked>,
    bytes: PackedByteArray,
}

// SAFETY: Godot counts who holds the bytes atomically, and nobody writes them: a copy would be made for who does.
#[allow(unsafe_code)]
unsafe impl Send for Picture {}

/// The way to the thread, for callbacks of the device that may come after it has ended.
#[derive(Clone)]
pub struct Way(Sender<Option<Picture>>);

impl Way {
    /// A picture whose bytes are here.
    pub fn bring(&self, asked: &Arc<Asked>, bytes: PackedByteArray) {
        // There is room for all that are on the way. Without the thread nobody wants it any more.
        let _ = self.0.try_send(Some(Picture { asked: Arc::clone(asked), bytes }));
    }
}

/// The thread.
pub struct Carrier {
    way: Way,
    on_the_way: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Carrier {
    pub fn start() -> Result<Self, String> {
        // And one that says that no more will come.
        let (pictures, taken) = bounded::<Option<Picture>>(ON_THE_WAY + 1);
        let carry = move || {
            while let Ok(Some(Picture { asked, bytes })) = taken.recv() {
                push(&asked, bytes.as_slice());
            }
        };
        let thread = Builder::new().name("rc-read-back".to_owned()).spawn(carry).map_err(|error| error.to_string())?;
        Ok(Self { way: Way(pictures), on_the_way: Arc::default(), thread: Some(thread) })
    }

    pub fn way(&self) -> Way {
        self.way.clone()
    }

    /// Notes that a picture is asked for, unless too many are.
    pub fn ask(&self, source: &Arc<Source>, shape: Shape, drawn_ns: u64) -> Option<Arc<Asked>> {
        if self.on_the_way.load(Ordering::Relaxed) >= ON_THE_WAY {
            return None;
        }
        self.on_the_way.fetch_add(1, Ordering::Relaxed);
        Some(Arc::new(Asked { on_the_way: Arc::clone(&self.on_the_way), source: Arc::clone(source), shape, drawn_ns }))
    }
}

impl Drop for Carrier {
    /// Waits for the picture that is being copied: the thread's code goes with the extension.
    fn drop(&mut self) {
        let _ = self.way.0.send(None);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carrier").field("on_the_way", &self.on_the_way).finish_non_exhaustive()
    }
}

fn push(asked: &Asked, bytes: &[u8]) {
    // What has no room is dropped and counted.
    let _ = match asked.shape {
        Shape::Rgba(size) => {
            let plane = (bytes, size.width as usize * 4);
            asked.source.push_video(PixelFormat::Rgba8, size, &[plane], asked.drawn_ns, false)
        }
        Shape::Converted(layout) => {
            let format = match layout.chroma {
                Chroma::Planar => PixelFormat::I420,
                Chroma::Interleaved => PixelFormat::Nv12,
            };
            let plane = |plane: usize| bytes.get(layout.plane(plane)).map(|bytes| (bytes, layout.strides[plane]));
            let (Some(luma), Some(u), Some(v)) = (plane(0), plane(1), plane(2)) else { return };
            asked.source.push_video(format, layout.size, &[luma, u, v], asked.drawn_ns, false)
        }
    };
}
