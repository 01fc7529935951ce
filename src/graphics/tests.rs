//! The ring's behaviour, on a GPU that finishes when it is told to.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::backend::FenceState;
use super::device::{Device, Pushed, Rings};
use super::error::GraphicsError;
use super::fake::{FakeBackend, Gpu};
use super::inbox::Inbox;
use super::ring::SLOTS;
use super::texture::{Job, Texture, Transfer};
use crate::frame::Chroma;
use crate::stats::Counter;
use crate::time::Nanos;
use crate::units::Size;
use crate::wake::Wake;

const SIZE: Size = Size::new(16, 16);

struct World {
    gpu: Arc<Gpu>,
    device: Rings<FakeBackend>,
    inbox: Arc<Inbox>,
    dropped: Counter,
}

impl World {
    fn new(fences: bool) -> Self {
        let (gpu, dropped) = (Arc::new(Gpu::default()), Counter::default());
        let inbox = Inbox::new(dropped.clone(), Wake::default());
        inbox.set_watched(true);
        Self { device: Rings::new(FakeBackend { gpu: Arc::clone(&gpu), fences }), gpu, inbox, dropped }
    }

    fn push(&mut self, texture: u64) -> Result<Pushed, GraphicsError> {
        self.push_sized(texture, SIZE)
    }

    fn push_sized(&mut self, texture: u64, size: Size) -> Result<Pushed, GraphicsError> {
        self.device.push(&self.inbox, &job(texture, size))
    }

    fn taken(&self) -> Vec<u64> {
        std::iter::from_fn(|| self.inbox.pop()).map(|frame| frame.host_time).collect()
    }
}

fn job(texture: u64, size: Size) -> Job {
    Job {
        texture: Texture { handle: texture, format: 0, size, layout: 0 },
        target: size,
        chroma: Chroma::Planar,
        flip: false,
        swap_red_blue: false,
        transfer: Transfer::Encoded,
        host_time: texture,
        pushed_at: Nanos(texture * 1_000_000),
    }
}

#[test]
fn a_full_ring_counts_a_drop_and_a_slot_comes_back_only_when_gpu_and_reader_are_done() {
    let mut world = World::new(true);
    for texture in 1..=SLOTS as u64 {
        assert_eq!(world.push(texture), Ok(Pushed::Recorded));
    }
    assert_eq!((world.push(9), world.dropped.get()), (Ok(Pushed::Dropped), 1));
    let frame = world.inbox.pop().unwrap();
    assert_eq!(frame.wait(Duration::ZERO), FenceState::Pending);
    world.gpu.finish(1);
    assert_eq!(frame.wait(Duration::ZERO), FenceState::Done);
    assert_eq!(world.push(9), Ok(Pushed::Dropped), "somebody still reads it");
    let bytes = frame.into_bytes().unwrap();
    assert!(bytes.iter().all(|b| *b == 1));
    let share = bytes.slice(3..9);
    drop(bytes);
    assert_eq!(world.push(9), Ok(Pushed::Dropped), "a share of it is left");
    drop(share);
    assert_eq!(world.push(4), Ok(Pushed::Recorded));
    // Dropped unread while the GPU still writes: not free before the GPU is done.
    drop(world.inbox.pop().unwrap());
    assert_eq!(world.push(9), Ok(Pushed::Dropped));
    world.gpu.finish(2);
    assert_eq!(world.push(5), Ok(Pushed::Recorded));
    for texture in 3..=5 {
        world.gpu.finish(texture);
    }
}

#[test]
fn where_only_the_render_thread_can_ask_pictures_arrive_in_order_with_a_later_push() {
    let mut world = World::new(false);
    world.push(1).unwrap();
    world.push(2).unwrap();
    assert!(world.taken().is_empty());
    world.gpu.finish(1);
    world.gpu.finish(2);
    world.device.poll();
    assert_eq!(world.taken(), [1, 2]);
    world.push(3).unwrap();
    assert_eq!(world.gpu.releases.load(Ordering::Relaxed), 1, "the memory went back before it was recorded into");
    world.gpu.finish(3);
}

#[test]
fn slots_grow_with_the_picture_and_are_kept_when_it_shrinks() {
    let mut world = World::new(true);
    world.gpu.fast.store(true, Ordering::Release);
    for (texture, side) in [(1, 16), (2, 64), (3, 32), (4, 64)] {
        world.push_sized(texture, Size::new(side, side)).unwrap();
        let frame = world.inbox.pop().unwrap();
        assert_eq!(frame.into_bytes().unwrap().len(), side as usize * 64 * 3 / 2);
        assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn closing_takes_waiting_pictures_back_and_frees_every_slot() {
    let mut world = World::new(true);
    world.gpu.fast.store(true, Ordering::Release);
    world.push(1).unwrap();
    world.push(2).unwrap();
    let revoked = world.inbox.revoked();
    world.device.close();
    assert_ne!(world.inbox.revoked(), revoked);
    assert_eq!((world.inbox.pop().is_none(), world.gpu.slots.load(Ordering::Relaxed)), (true, 0));
    assert!(world.push(3).is_err());
}

#[test]
fn a_lost_device_is_told_once_and_drops_are_counted() {
    let mut world = World::new(true);
    world.push(1).unwrap();
    world.gpu.lost.store(true, Ordering::Release);
    assert!(world.push(2).unwrap_err().is_device_lost());
    assert!(world.push(3).unwrap_err().is_device_lost());
    assert_eq!(world.dropped.get(), 2);
    assert_eq!(world.inbox.take_lost().map(|api| api.to_string()).as_deref(), Some("Vulkan"));
    assert_eq!(world.inbox.take_lost(), None);
}

#[test]
fn the_ring_of_an_ended_streamer_is_freed_with_another_ones_push() {
    let mut world = World::new(true);
    world.push(1).unwrap();
    let other = Inbox::new(Counter::default(), Wake::default());
    world.inbox.set_closed(true);
    world.device.push(&other, &job(2, SIZE)).unwrap();
    assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 2, "the GPU still writes");
    world.gpu.finish(1);
    world.gpu.finish(2);
    world.device.poll();
    assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 1);
}

#[test]
fn while_nobody_watches_a_picture_now_and_then_is_enough() {
    let mut world = World::new(true);
    world.gpu.fast.store(true, Ordering::Release);
    world.inbox.set_watched(false);
    let recorded = (1..=1_001).filter(|texture| world.push(*texture) == Ok(Pushed::Recorded)).count();
    assert_eq!(recorded, 3); // at 1, 501 and 1001 ms
}

#[test]
fn what_no_api_could_take_is_refused() {
    let mut world = World::new(true);
    assert_eq!(world.push(0), Err(GraphicsError::NullTexture));
    assert_eq!(world.push_sized(1, Size::new(0, 4)), Err(GraphicsError::TextureSize(0, 4)));
    assert_eq!(world.push_sized(1, Size::new(16, 99_999)), Err(GraphicsError::TextureSize(16, 99_999)));
    assert_eq!(world.gpu.slots.load(Ordering::Relaxed), 0);
}
