//! The video worker's end of the graphics ring: waits for the GPU here, off the render thread, and takes the newest
//! picture that is finished.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::encode::{Plane, YuvFrame};
use crate::frame::Chroma;
use crate::graphics::{FenceState, GpuFrame, Inbox, PictureMemory};
use crate::stats::Counter;

/// How long one wait for the GPU may keep the worker from everything else.
const WAIT: Duration = Duration::from_millis(4);
/// How often a GPU is asked that this thread cannot wait for.
const POLL: Duration = Duration::from_micros(250);

#[derive(Debug)]
pub struct GpuIntake {
    inbox: Arc<Inbox>,
    dropped: Counter,
    /// Recorded, in order; the GPU finishes them in that order too. The inbox bounds it.
    in_gpu: VecDeque<GpuFrame>,
    revoked: u32,
}

impl GpuIntake {
    pub fn new(inbox: Arc<Inbox>, dropped: Counter) -> Self {
        let revoked = inbox.revoked();
        Self { inbox, dropped, in_gpu: VecDeque::new(), revoked }
    }

    /// How long the worker may sleep before it has to look again; None: until it is rung.
    pub fn next_look(&self) -> Option<Duration> {
        self.in_gpu.front().map(|frame| if frame.can_wait() { Duration::ZERO } else { POLL })
    }

    /// The newest finished picture, read in place; older ones are counted as dropped. Waits a little for the oldest the
    /// GPU is at work on: what is finished after it can only be newer.
    pub fn take_newest(&mut self) -> Option<Arc<YuvFrame>> {
        self.in_gpu.extend(std::iter::from_fn(|| self.inbox.pop()));
        let mut newest = None;
        let mut at_most = WAIT;
        while let Some(frame) = self.in_gpu.front() {
            match frame.wait(at_most) {
                FenceState::Pending => break,
                FenceState::Done => {
                    if newest.is_some() {
                        self.dropped.add(1);
                    }
                    newest = self.in_gpu.pop_front();
                }
                FenceState::Lost => {
                    self.dropped.add(1);
                    self.in_gpu.pop_front();
                }
            }
            at_most = Duration::ZERO;
        }
        newest.and_then(in_place).map(Arc::new)
    }

    /// Whether every lent picture has to be given back, and gives back those that are here.
    pub fn take_revoked(&mut self) -> bool {
        let revoked = self.inbox.revoked();
        if revoked == self.revoked {
            return false;
        }
        self.revoked = revoked;
        self.in_gpu.clear();
        true
    }
}

/// The slot's memory as an encoder's frame.
fn in_place(frame: GpuFrame) -> Option<YuvFrame> {
    let (picture, host_time, pushed_at) = (frame.picture, frame.host_time, frame.pushed_at);
    let memory = frame.into_memory()?;
    let lent = |plane: usize| match &memory {
        PictureMemory::Mapped(bytes) => Plane::Lent(bytes.slice(picture.plane(plane))),
        PictureMemory::Surface(surface) => Plane::Surface(surface.slice(picture.plane(plane))),
    };
    let planes = match picture.chroma {
        Chroma::Planar => [lent(0), lent(1), lent(2)],
        Chroma::Interleaved => [lent(0), lent(1), Plane::default()],
    };
    Some(YuvFrame {
        size: picture.size,
        chroma: picture.chroma,
        planes,
        strides: picture.strides,
        host_time,
        pushed_at,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::frame::surface::fake::FakeObject;
    use crate::graphics::fake::{FakeBackend, Gpu};
    use crate::graphics::{Device, Job, PictureLayout, Pushed, Rings, Texture, Transfer};
    use crate::time::Nanos;
    use crate::units::Size;
    use crate::wake::Wake;

    struct World {
        gpu: Arc<Gpu>,
        device: Rings<FakeBackend>,
        inbox: Arc<Inbox>,
        intake: GpuIntake,
        dropped: Counter,
    }

    impl World {
        fn new() -> Self {
            let (gpu, dropped) = (Arc::new(Gpu::default()), Counter::default());
            let inbox = Inbox::new(dropped.clone(), Wake::default());
            inbox.set_watched(true);
            let device = Rings::new(FakeBackend { gpu: Arc::clone(&gpu), fences: true });
            let intake = GpuIntake::new(Arc::clone(&inbox), dropped.clone());
            Self { gpu, device, inbox, intake, dropped }
        }

        fn push(&mut self, texture: u64, chroma: Chroma) {
            let size = Size::new(16, 2);
            let job = Job {
                texture: Texture { handle: texture, format: 0, size, layout: 0 },
                target: size,
                chroma,
                flip: false,
                swap_red_blue: false,
                transfer: Transfer::Encoded,
                host_time: texture,
                pushed_at: Nanos(texture),
            };
            assert_eq!(self.device.push(&self.inbox, &job), Ok(Pushed::Recorded));
        }
    }

    #[test]
    fn the_newest_finished_picture_is_read_in_place_and_older_ones_are_counted() {
        let mut world = World::new();
        for texture in 1..=3 {
            world.push(texture, Chroma::Planar);
        }
        assert!(world.intake.take_newest().is_none());
        assert_eq!(world.intake.next_look(), Some(POLL));
        world.gpu.finish(1);
        world.gpu.finish(2);
        let picture = world.intake.take_newest().unwrap();
        assert_eq!((picture.host_time, world.dropped.get()), (2, 1));
        assert!(picture.is_complete() && picture.planes.iter().all(Plane::is_lent));
        assert!(picture.rows(2).all(|row| row == [2; 8]));
        world.push(4, Chroma::Interleaved); // into the slot of the one that was too old
        world.gpu.finish(3);
        world.gpu.finish(4);
        let next = world.intake.take_newest().unwrap();
        assert_eq!((next.host_time, next.chroma, next.plane_size(1)), (4, Chroma::Interleaved, (16, 1)));
        assert!(next.is_complete() && world.intake.next_look().is_none());
    }

    #[test]
    fn a_picture_in_a_surface_reaches_the_encoder_unmapped_and_can_be_read_all_the_same() {
        let object = FakeObject::leak((0..=255).cycle().take(40 + 24).collect());
        let layout = PictureLayout::from_planes(Size::new(16, 2), [0, 40], [20, 24]).unwrap();
        let mut world = World::new();
        *world.gpu.surface.lock().unwrap() = Some((object.surface(), layout));
        world.push(1, Chroma::Planar); // what is asked for is not what such an API makes
        world.gpu.finish(1);
        let picture = world.intake.take_newest().unwrap();
        assert_eq!((picture.chroma, picture.planes[0].is_lent()), (Chroma::Interleaved, true));
        assert!(picture.surface().is_some());
        assert_eq!(object.mappings(), (0, 0));
        assert!(picture.is_complete());
        assert_eq!(picture.rows(0).nth(1).unwrap(), (20..36).collect::<Vec<u8>>());
        assert_eq!(picture.rows(1).next().unwrap(), (40..56).collect::<Vec<u8>>());
        let copy = crate::convert::YuvPool::default().planar(&picture);
        assert_eq!((copy.rows(2).next().unwrap(), object.mappings()), (&[41, 43, 45, 47, 49, 51, 53, 55][..], (1, 1)));
        drop(picture);
        assert_eq!(object.mappings(), (0, 1));
        world.device.poll();
        world.push(2, Chroma::Planar);
        world.gpu.finish(2);
        assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 1, "its slot came back");
        drop(world);
        assert_eq!(object.shares(), 0);
    }

    #[test]
    fn a_lost_gpu_gives_nothing_and_keeps_nothing() {
        let mut world = World::new();
        world.push(1, Chroma::Planar);
        world.gpu.lost.store(true, Ordering::Release);
        assert!(world.intake.take_newest().is_none());
        assert_eq!((world.dropped.get(), world.intake.next_look()), (1, None));
    }

    #[test]
    fn closing_the_device_asks_for_the_pictures_back() {
        let mut world = World::new();
        world.push(1, Chroma::Planar);
        world.gpu.finish(1);
        let picture = world.intake.take_newest().unwrap();
        let (device, intake) = (&mut world.device, &mut world.intake);
        std::thread::scope(|scope| {
            let closing = scope.spawn(|| device.close());
            while !intake.take_revoked() {
                std::thread::yield_now();
            }
            assert!(!closing.is_finished(), "the picture is still read");
            drop(picture);
        });
        assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 0);
    }
}
