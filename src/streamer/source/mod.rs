//! One video source: the host's pictures on their way to its worker, what is known of them, and what its encoders may spend.
//! `intake` is the host's side, `table` all sources of a streamer, `options` what the host says of one.

mod intake;
mod options;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use super::rate_bounds::RateBounds;
use crate::encode::rate::RateLimits;
use crate::frame::{FramePool, FrameQueue, VideoFrame};
use crate::graphics::Inbox;
use crate::stats::{Counter, Counters};
use crate::units::{Bitrate, Size, SourceId};
use crate::wake::Wake;
pub use intake::{PlaneSource, TextureFrame};
pub use options::{LONGEST_LABEL, SourceOptions};
pub use table::{MOST_SOURCES, SourceError, Sources};

/// Picture buffers: two waiting, one kept for late viewers, one being written, and eight the host may hold. A buffer is made
/// when it is first needed, so that a source that is not pushed to has none.
const FRAME_BUFFERS: u32 = 12;

/// What the host pushes to and viewers watch.
#[derive(Debug)]
pub struct Source {
    pub id: SourceId,
    pub options: SourceOptions,
    frames: FrameQueue,
    pool: FramePool,
    /// Pictures that a GPU makes; open while the source's worker runs.
    pub(super) gpu: Arc<Inbox>,
    /// Its worker's.
    pub(super) wake: Wake,
    frames_pushed: Counter,
    frames_dropped: Counter,
    frames_refused: Counter,
    rate_bounds: Arc<RateBounds>,
    size: AtomicU64,
    /// Of this source alone.
    pushed: AtomicU64,
    fps: AtomicU32,
    repeat: AtomicBool,
    has_picture: AtomicBool,
    ended: AtomicBool,
}

/// The pictures of a source at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFigures {
    pub id: SourceId,
    pub size: Size,
    /// Pushed in the last second.
    pub fps: u32,
    /// Pushed since it was made.
    pub frames: u64,
}

impl Source {
    fn new(id: SourceId, options: SourceOptions, counters: &Counters, rate_bounds: Arc<RateBounds>) -> Arc<Self> {
        let (wake, dropped) = (Wake::default(), counters.video_frames_dropped.clone());
        let gpu = Inbox::new(dropped.clone(), wake.clone());
        gpu.set_closed(true);
        Arc::new(Self {
            id,
            options,
            frames: FrameQueue::new(dropped.clone(), wake.clone()),
            pool: FramePool::new(FRAME_BUFFERS),
            gpu,
            wake,
            frames_pushed: counters.video_frames_pushed.clone(),
            frames_dropped: dropped,
            frames_refused: counters.video_frames_refused.clone(),
            rate_bounds,
            size: AtomicU64::new(0),
            pushed: AtomicU64::new(0),
            fps: AtomicU32::new(0),
            repeat: AtomicBool::new(false),
            has_picture: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    /// Pictures a second that rate control expects.
    pub(super) fn fps(&self) -> u32 {
        if self.options.fps == 0 { self.rate_bounds.fps() } else { self.options.fps }
    }

    /// The streamer's bounds, and its own.
    pub(super) fn limits(&self) -> RateLimits {
        let RateLimits { min, max } = self.rate_bounds.limits();
        let max = match self.options.max_bitrate_kbps {
            0 => max,
            own => max.min(Bitrate::from_kbps(own.into())),
        };
        RateLimits { min: min.min(max), max }
    }

    /// Size of the last picture the worker took; 0x0 before the first.
    pub fn size(&self) -> Size {
        let both = self.size.load(Ordering::Relaxed);
        Size::new((both >> 32) as u32, both as u32)
    }

    pub(super) fn set_size(&self, size: Size) {
        self.size.store(u64::from(size.width) << 32 | u64::from(size.height), Ordering::Relaxed);
    }

    pub fn figures(&self) -> SourceFigures {
        let fps = self.fps.load(Ordering::Relaxed);
        SourceFigures { id: self.id, size: self.size(), fps, frames: self.frames_pushed() }
    }

    pub(super) fn frames_pushed(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    /// The worker: what was pushed in a second.
    pub(super) fn set_measured_fps(&self, fps: u32) {
        self.fps.store(fps, Ordering::Relaxed);
    }

    /// The worker: the newest picture in the host's memory.
    pub(super) fn take_newest(&self) -> Option<VideoFrame> {
        self.frames.take_newest()
    }

    /// Asks the worker for the last picture again: somebody waits for a keyframe and the host draws nothing.
    pub(super) fn request_repeat(&self) {
        self.repeat.store(true, Ordering::Release);
        self.wake.ring();
    }

    pub(super) fn take_repeat_request(&self) -> bool {
        self.repeat.swap(false, Ordering::AcqRel)
    }

    /// Whether the worker has a picture to show, old or new.
    pub(super) fn has_picture(&self) -> bool {
        self.has_picture.load(Ordering::Acquire)
    }

    pub(super) fn set_has_picture(&self, has: bool) {
        self.has_picture.store(has, Ordering::Release);
    }

    /// The host has destroyed it: its viewers go to the first source.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.gpu.set_closed(true);
        self.wake.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::graphics::fake::{FakeBackend, Gpu};
    use crate::graphics::{Pushed, Rings, Texture, Transfer};

    #[test]
    fn a_source_has_the_streamers_bounds_and_within_them_its_own() {
        let bounds = Arc::new(RateBounds::new(&Config::default().video));
        let source = |max_bitrate_kbps, fps| {
            let options = SourceOptions { max_bitrate_kbps, fps, ..Default::default() };
            Source::new(SourceId(1), options, &Counters::default(), Arc::clone(&bounds))
        };
        let (usual, small) = (source(0, 0), source(500, 15));
        assert_eq!((usual.limits(), usual.fps()), (bounds.limits(), 60));
        assert_eq!((small.limits().max, small.fps()), (Bitrate::from_kbps(500), 15));
        bounds.set(400, 450, 30).unwrap();
        assert_eq!((usual.limits().max, usual.fps()), (Bitrate::from_kbps(450), 30));
        assert_eq!((small.limits().max, small.fps()), (Bitrate::from_kbps(450), 15));
        bounds.set(600, 0, 0).unwrap();
        let limits = small.limits();
        assert_eq!((limits.min, limits.max), (Bitrate::from_kbps(500), Bitrate::from_kbps(500)));
    }

    #[test]
    fn textures_of_one_device_go_to_their_source_and_one_that_ends_frees_what_it_had_of_the_device() {
        let bounds = Arc::new(RateBounds::new(&Config::default().video));
        let [a, b] = [0, 1].map(|id| {
            let (options, counters) = (SourceOptions::default(), Counters::default());
            let source = Source::new(SourceId(id), options, &counters, Arc::clone(&bounds));
            source.gpu.set_closed(false);
            source
        });
        let gpu = Arc::new(Gpu::default());
        gpu.fast.store(true, Ordering::Release);
        let mut device = Rings::new(FakeBackend { gpu: Arc::clone(&gpu), fences: true });
        let frame = TextureFrame {
            texture: Texture { handle: 7, format: 0, size: Size::new(16, 2), layout: 0 },
            target: None,
            flip: false,
            swap_red_blue: false,
            transfer: Transfer::Encoded,
            host_time: 5,
        };
        assert_eq!(b.push_texture(&mut device, &frame), Ok(Pushed::Recorded));
        assert!(a.gpu.pop().is_none());
        assert_eq!(b.gpu.pop().map(|picture| picture.host_time), Some(5));
        assert_eq!((a.figures().frames, b.figures().frames, gpu.slots.load(Ordering::Relaxed)), (0, 1, 1));
        assert_eq!(a.push_texture(&mut device, &frame), Ok(Pushed::Recorded));
        assert_eq!(gpu.slots.load(Ordering::Relaxed), 2);
        b.end();
        assert_eq!(b.push_texture(&mut device, &frame), Ok(Pushed::Idle));
        assert_eq!(gpu.slots.load(Ordering::Relaxed), 1);
    }
}
