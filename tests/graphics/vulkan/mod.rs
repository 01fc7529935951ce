//! Vulkan, on whatever device is found (lavapipe where there is no GPU), under the validation layer.

mod engine;
mod faults;
mod host;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ash::vk;
use rendercast::frame::Chroma;
use rendercast::graphics::vulkan::VulkanBackend;
use rendercast::graphics::{
    Device, FenceState, GpuFrame, GraphicsError, Inbox, Job, Pushed, Rings, SLOTS, Texture, Transfer,
};
use rendercast::stats::Counter;
use rendercast::time::{self, Nanos};
use rendercast::units::Size;
use rendercast::wake::Wake;

use crate::oracle::{self, Planes};
use crate::picture::{self, Picture};
use engine::Engine;
use host::{Host, HostTexture};

const RGBA8: vk::Format = vk::Format::R8G8B8A8_UNORM;
const READ: vk::ImageLayout = vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL;
const SIZE: Size = Size::new(320, 180);

/// A host, or None with the reason said.
fn host() -> Option<Host> {
    let host = Host::new(true).inspect_err(|why| crate::skip("Vulkan", why)).ok()?;
    if !host.is_validated {
        crate::skip("the validation of Vulkan", "VK_LAYER_KHRONOS_validation is not installed");
    }
    Some(host)
}

/// Everything is destroyed, and the validation layer had nothing to say.
fn end(host: Host) {
    let messages = host.end();
    assert!(messages.is_empty(), "the validation layer says {} things: {messages:#?}", messages.len());
}

/// A device with one streamer's inbox.
struct World {
    device: Rings<VulkanBackend>,
    inbox: Arc<Inbox>,
    dropped: Counter,
}

impl World {
    fn new(backend: VulkanBackend) -> Self {
        let dropped = Counter::default();
        let inbox = Inbox::new(dropped.clone(), Wake::default());
        inbox.set_watched(true);
        Self { device: Rings::new(backend), inbox, dropped }
    }

    fn on_queue(host: &Host) -> Self {
        Self::new(VulkanBackend::on_queue(host.handles()).unwrap())
    }

    fn push(&mut self, job: &Job) -> Result<Pushed, GraphicsError> {
        self.device.push(&self.inbox, job)
    }

    /// Pushes and waits for the picture.
    fn take(&mut self, job: &Job) -> Planes {
        assert_eq!(self.push(job), Ok(Pushed::Recorded));
        planes(self.inbox.pop().expect("published"))
    }
}

/// Waits as the worker does. The bound only ends a test that would hang.
fn wait(frame: &GpuFrame) {
    let started = time::now();
    while time::now().saturating_since(started) < Duration::from_secs(60) {
        match frame.wait(Duration::from_secs(1)) {
            FenceState::Done => return,
            FenceState::Pending => thread::yield_now(),
            FenceState::Lost => panic!("lost"),
        }
    }
    panic!("the GPU does not finish");
}

fn planes(frame: GpuFrame) -> Planes {
    wait(&frame);
    let layout = frame.picture;
    oracle::taken(&frame.into_bytes().expect("memory"), &layout)
}

fn job(texture: Texture) -> Job {
    Job {
        texture,
        target: texture.size.padded_to_even(),
        chroma: Chroma::Planar,
        flip: false,
        swap_red_blue: false,
        transfer: Transfer::Encoded,
        host_time: 0,
        pushed_at: Nanos(1),
    }
}

fn texture<'a>(host: &'a Host, picture: &Picture) -> HostTexture<'a> {
    host.texture(RGBA8, picture.size, &picture.rgba8(), READ)
}

#[test]
fn pictures_of_every_shape_are_those_of_the_cpu() {
    let Some(host) = host() else { return };
    let ways = if host.has_timelines { &[true, false] as &[bool] } else { &[false] };
    for timelines in ways {
        let mut world =
            World::new(VulkanBackend::on_queue(host.handles().with_timeline_semaphores(*timelines)).unwrap());
        assert!(!world.device.name().is_empty());
        for size in [Size::new(640, 360), Size::new(161, 91), Size::new(2, 2), Size::new(1, 1), Size::new(35, 34)] {
            let picture = Picture::new(size, 7);
            for (chroma, flip, swap_red_blue) in [
                (Chroma::Planar, false, false),
                (Chroma::Interleaved, false, false),
                (Chroma::Planar, true, true),
                (Chroma::Interleaved, true, true),
            ] {
                let mut drawn = picture.clone();
                if flip {
                    drawn = drawn.upside_down();
                }
                if swap_red_blue {
                    drawn = drawn.swapped();
                }
                let texture = texture(&host, &drawn);
                let got = world.take(&Job { chroma, flip, swap_red_blue, ..job(texture.told()) });
                let what = format!("{size:?} {chroma:?} flip {flip} swap {swap_red_blue} timelines {timelines}");
                oracle::assert_same(&got, &oracle::converted(&picture, size), &what);
            }
        }
    }
    end(host);
}

#[test]
fn every_format_gives_the_same_picture() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let picture = Picture::new(Size::new(160, 90), 7);
    let expected = oracle::converted(&picture, picture.size);
    for (format, bytes, transfer) in [
        (vk::Format::R8G8B8A8_UNORM, picture.rgba8(), Transfer::Encoded),
        (vk::Format::B8G8R8A8_UNORM, picture.bgra8(), Transfer::Encoded),
        (vk::Format::R8G8B8A8_SRGB, picture.rgba8(), Transfer::Encoded),
        (vk::Format::B8G8R8A8_SRGB, picture.bgra8(), Transfer::Linear),
        (vk::Format::A2B10G10R10_UNORM_PACK32, picture.rgb10a2(), Transfer::Encoded),
        (vk::Format::A2R10G10B10_UNORM_PACK32, picture.bgr10a2(), Transfer::Encoded),
        (vk::Format::R16G16B16A16_SFLOAT, picture.rgba16f(1.0), Transfer::Linear),
    ] {
        // SAFETY: valid handles.
        let can = unsafe { host.instance.get_physical_device_format_properties(host.physical, format) };
        if !can.optimal_tiling_features.contains(vk::FormatFeatureFlags::SAMPLED_IMAGE) {
            crate::skip(&format!("{format:?}"), "this device cannot sample it");
            continue;
        }
        let texture = host.texture(format, picture.size, &bytes, READ);
        let got = world.take(&Job { transfer, ..job(texture.told()) });
        oracle::assert_same(&got, &expected, &format!("{format:?}"));
    }
    drop(world);
    end(host);
}

#[test]
fn pictures_are_scaled_as_on_the_cpu() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    for (size, target) in [
        (Size::new(1280, 720), Size::new(640, 360)),
        (Size::new(1280, 720), Size::new(854, 480)),
        (Size::new(640, 360), Size::new(426, 240)),
        (Size::new(641, 361), Size::new(320, 180)),
        (Size::new(320, 180), Size::new(640, 360)),
        (Size::new(321, 181), Size::new(500, 90)),
        (Size::new(1, 1), Size::new(64, 2)),
    ] {
        let picture = Picture::new(size, 7);
        let texture = texture(&host, &picture);
        let got = world.take(&Job { target, ..job(texture.told()) });
        let what = format!("{size:?} to {target:?}");
        oracle::assert_same(&got, &oracle::resampled(&picture, target), &what);
        // The CPU pads an odd picture before it scales.
        if size == size.padded_to_even() {
            oracle::assert_scaled(&got, &oracle::converted(&picture, target), &what);
        }
    }
    drop(world);
    end(host);
}

#[test]
fn light_brighter_than_white_is_clipped_or_tone_mapped() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let picture = Picture::new(Size::new(161, 90), 7);
    for (gain, transfer) in [(1.0, Transfer::Linear), (6.0, Transfer::Linear), (6.0, Transfer::ToneMapped)] {
        let bytes = picture.rgba16f(gain);
        let texture = host.texture(vk::Format::R16G16B16A16_SFLOAT, picture.size, &bytes, READ);
        let got = world.take(&Job { transfer, ..job(texture.told()) });
        let light = |x: u32, y: u32| {
            let at = (y * picture.size.width + x) as usize * 4;
            [0, 1, 2].map(|c| picture::srgb_decoded(f64::from(picture.rgba[at + c]) / 255.0) * gain)
        };
        let expected = oracle::computed(picture.size, transfer, light);
        oracle::assert_same(&got, &expected, &format!("{transfer:?} of light times {gain}"));
    }
    drop(world);
    end(host);
}

#[test]
fn a_texture_is_left_in_its_layout_and_one_without_a_picture_is_refused() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let pictures = [1, 2].map(|number| Picture::new(SIZE, number));
    for layout in [
        READ,
        vk::ImageLayout::GENERAL,
        vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL,
        vk::ImageLayout::TRANSFER_SRC_OPTIMAL,
        vk::ImageLayout::TRANSFER_DST_OPTIMAL,
    ] {
        let mut texture = host.texture(RGBA8, SIZE, &pictures[0].rgba8(), layout);
        oracle::assert_same(&world.take(&job(texture.told())), &oracle::converted(&pictures[0], SIZE), "first");
        // The host's next commands name the layout, which the validation layer checks.
        texture.fill(&pictures[1].rgba8());
        oracle::assert_same(&world.take(&job(texture.told())), &oracle::converted(&pictures[1], SIZE), "second");
    }
    let texture = texture(&host, &pictures[0]);
    for (told, error) in [
        (Texture { layout: 0, ..texture.told() }, "a Vulkan texture in layout 0 holds no picture"),
        (Texture { format: 0, ..texture.told() }, "Vulkan texture format 0 is not taken"),
        (Texture { format: 126, ..texture.told() }, "Vulkan texture format 126 is not taken"),
        (Texture { handle: 0, ..texture.told() }, "the texture's handle is 0"),
    ] {
        assert_eq!(world.push(&job(told)).unwrap_err().to_string(), error);
    }
    assert_eq!(world.dropped.get(), 0, "refused, not dropped");
    world.take(&job(texture.told()));
    drop(texture);
    drop(world);
    end(host);
}

#[test]
fn with_nobody_reading_the_render_thread_drops_and_counts_and_never_waits() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let texture = texture(&host, &Picture::new(SIZE, 1));
    let pushed: Vec<_> = (0..50).map(|_| world.push(&job(texture.told())).unwrap()).collect();
    let (recorded, dropped) = pushed.split_at(SLOTS);
    assert!(recorded.iter().all(|pushed| *pushed == Pushed::Recorded));
    // Nothing but the reader gives a slot back, however long the render thread would have waited.
    assert!(dropped.iter().all(|pushed| *pushed == Pushed::Dropped));
    assert_eq!(world.dropped.get(), 50 - SLOTS as u64);
    while let Some(frame) = world.inbox.pop() {
        planes(frame);
    }
    assert_eq!(world.push(&job(texture.told())), Ok(Pushed::Recorded));
    drop(world);
    drop(texture);
    end(host);
}

#[test]
fn recording_allocates_nothing_once_warm() {
    // The validation layer allocates, in C++; only Rust's allocator is counted.
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let texture = texture(&host, &Picture::new(SIZE, 1));
    let job = job(texture.told());
    let run = |world: &mut World| {
        let calls = crate::allocations::calls(|| {
            world.push(&job).unwrap();
        });
        if let Some(frame) = world.inbox.pop() {
            wait(&frame);
        }
        calls
    };
    (0..2 * SLOTS).for_each(|_| _ = run(&mut world));
    assert_eq!((0..20).map(|_| run(&mut world)).sum::<u64>(), 0);
    drop(world);
    drop(texture);
    end(host);
}

#[test]
fn sizes_and_formats_change_between_frames_even_behind_the_same_handle() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let mut handles = Vec::new();
    for (index, (width, height)) in
        [(64, 64), (320, 180), (64, 64), (33, 71), (320, 182)].into_iter().cycle().take(20).enumerate()
    {
        let picture = Picture::new(Size::new(width, height), 9);
        let (format, bytes) = if index % 2 == 0 {
            (RGBA8, picture.rgba8())
        } else {
            (vk::Format::R16G16B16A16_SFLOAT, picture.rgba16f(1.0))
        };
        let transfer = if index % 2 == 0 { Transfer::Encoded } else { Transfer::Linear };
        let texture = host.texture(format, picture.size, &bytes, READ);
        handles.push(texture.told().handle);
        let got = world.take(&Job { transfer, ..job(texture.told()) });
        oracle::assert_same(&got, &oracle::converted(&picture, picture.size), &format!("frame {index}"));
    }
    handles.sort_unstable();
    handles.dedup();
    eprintln!("{} handles for 20 textures", handles.len());
    drop(world);
    end(host);
}

#[test]
fn closing_waits_for_a_picture_that_is_being_read_and_then_frees_everything() {
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let picture = Picture::new(SIZE, 3);
    let texture = texture(&host, &picture);
    for _ in 0..2 {
        world.push(&job(texture.told())).unwrap();
    }
    let frame = world.inbox.pop().unwrap();
    wait(&frame);
    let (layout, bytes) = (frame.picture, frame.into_bytes().unwrap());
    let inbox = Arc::clone(&world.inbox);
    let revoked = inbox.revoked();
    let reader = thread::spawn(move || {
        while inbox.revoked() == revoked {
            thread::yield_now();
        }
        // Closing has begun, and the memory is still there.
        oracle::taken(&bytes, &layout)
    });
    world.device.close();
    oracle::assert_same(&reader.join().unwrap(), &oracle::converted(&picture, SIZE), "read while closing");
    assert!(world.push(&job(texture.told())).is_err());
    drop(texture);
    // Before the world is dropped: closing has freed everything.
    end(host);
    drop(world);
}

#[test]
fn memory_that_is_never_given_back_is_left_alone() {
    let Some(host) = Host::new(false).inspect_err(|why| crate::skip("Vulkan", why)).ok() else { return };
    let mut world = World::on_queue(&host);
    let picture = Picture::new(SIZE, 3);
    let texture = texture(&host, &picture);
    world.push(&job(texture.told())).unwrap();
    world.push(&job(texture.told())).unwrap();
    let (kept, unread) = (world.inbox.pop().unwrap(), world.inbox.pop().unwrap());
    wait(&kept);
    let (layout, bytes) = (kept.picture, kept.into_bytes().unwrap());
    world.device.close();
    oracle::assert_same(&oracle::taken(&bytes, &layout), &oracle::converted(&picture, SIZE), "read after closing");
    assert_eq!(unread.wait(Duration::from_secs(1)), FenceState::Lost, "the device may be gone");
}

/// Pushes `frames` pictures with their numbers as fast as it can, while a worker reads what arrives. Gives how many came.
fn flat_out(inbox: &Arc<Inbox>, frames: u32, mut push: impl FnMut(u32) -> Pushed) -> u32 {
    let ended = Arc::new(AtomicBool::new(false));
    let worker = thread::spawn({
        let (inbox, ended) = (Arc::clone(inbox), Arc::clone(&ended));
        move || {
            let mut taken = Vec::new();
            loop {
                let is_last = ended.load(Ordering::Acquire);
                let Some(frame) = inbox.pop() else {
                    if is_last {
                        return taken;
                    }
                    thread::yield_now();
                    continue;
                };
                let (time, stride) = (frame.host_time, frame.picture.strides[0]);
                wait(&frame);
                taken.push((time as u32, picture::number(&frame.into_bytes().unwrap(), stride, 1)));
            }
        }
    });
    let recorded = (1..=frames).filter(|number| push(*number) == Pushed::Recorded).count() as u32;
    ended.store(true, Ordering::Release);
    let taken = worker.join().unwrap();
    let wrong: Vec<_> = taken.iter().filter(|(pushed, shown)| pushed != shown).collect();
    assert!(wrong.is_empty(), "pushed and shown: {wrong:?}");
    assert!(taken.is_sorted_by_key(|(pushed, _)| *pushed));
    assert_eq!(taken.len() as u32, recorded, "every picture that was recorded arrives");
    recorded
}

#[test]
fn flat_out_every_picture_is_the_one_that_was_pushed() {
    const FRAMES: u32 = 400;
    let Some(host) = host() else { return };
    let mut world = World::on_queue(&host);
    let mut picture = Picture::new(SIZE, 0);
    let mut texture = texture(&host, &picture);
    let inbox = Arc::clone(&world.inbox);
    let recorded = flat_out(&inbox, FRAMES, |number| {
        picture.set_number(number);
        texture.fill(&picture.rgba);
        world.push(&Job { host_time: number.into(), ..job(texture.told()) }).unwrap()
    });
    assert!(recorded >= SLOTS as u32);
    assert_eq!(u64::from(FRAMES - recorded), world.dropped.get());
    eprintln!("{recorded} of {FRAMES} pictures recorded");
    drop(world);
    drop(texture);
    end(host);
}

#[test]
fn flat_out_in_the_hosts_own_frames_every_picture_is_the_one_that_was_pushed() {
    const FRAMES: u32 = 400;
    let Some(host) = host() else { return };
    let mut engine = Engine::new(&host);
    let mut world = World::new(VulkanBackend::with_recorder(host.handles(), engine.recorder()).unwrap());
    let mut picture = Picture::new(SIZE, 0);
    let mut texture = texture(&host, &picture);
    let inbox = Arc::clone(&world.inbox);
    let recorded = flat_out(&inbox, FRAMES, |number| {
        picture.set_number(number);
        texture.fill(&picture.rgba);
        engine.frame(|| world.push(&Job { host_time: number.into(), ..job(texture.told()) }).unwrap())
    });
    assert!(recorded >= SLOTS as u32);
    assert_eq!(u64::from(FRAMES - recorded), world.dropped.get());
    eprintln!("{recorded} of {FRAMES} pictures recorded");
    engine.finish();
    drop(world);
    drop(texture);
    drop(engine);
    end(host);
}

#[test]
fn an_event_tells_of_a_picture_before_the_host_says_that_its_frame_is_finished() {
    let Some(host) = host() else { return };
    let mut engine = Engine::new(&host);
    engine.now().silent = true;
    let mut world = World::new(VulkanBackend::with_recorder(host.handles(), engine.recorder()).unwrap());
    let picture = Picture::new(SIZE, 5);
    let texture = texture(&host, &picture);
    let expected = oracle::converted(&picture, SIZE);
    // More frames than slots: they are free again by the events alone.
    for frame in 0..4 * SLOTS {
        assert_eq!(engine.frame(|| world.push(&job(texture.told()))), Ok(Pushed::Recorded));
        let taken = world.inbox.pop().unwrap();
        assert!(!taken.can_wait());
        oracle::assert_same(&planes(taken), &expected, &format!("frame {frame}"));
    }
    engine.now().silent = false;
    engine.finish();
    drop(world);
    drop(texture);
    drop(engine);
    end(host);
}

#[test]
fn without_events_the_hosts_word_tells_of_a_picture() {
    let Some(host) = host() else { return };
    faults::fail_events();
    let mut engine = Engine::new(&host);
    let through = faults::get_instance_proc_addr(host.entry.static_fn().get_instance_proc_addr);
    let mut world = World::new(VulkanBackend::with_recorder(host.handles_through(through), engine.recorder()).unwrap());
    let picture = Picture::new(SIZE, 5);
    let texture = texture(&host, &picture);
    assert_eq!(engine.frame(|| world.push(&job(texture.told()))), Ok(Pushed::Recorded));
    let frame = world.inbox.pop().unwrap();
    host.wait_idle();
    assert_eq!(frame.wait(Duration::ZERO), FenceState::Pending, "nobody has said so");
    engine.finish();
    world.device.poll();
    oracle::assert_same(&planes(frame), &oracle::converted(&picture, SIZE), "after the host's word");
    drop(world);
    drop(texture);
    drop(engine);
    end(host);
}

#[test]
fn a_frame_without_a_command_buffer_is_skipped_and_counted() {
    let Some(host) = host() else { return };
    let mut engine = Engine::new(&host);
    let mut world = World::new(VulkanBackend::with_recorder(host.handles(), engine.recorder()).unwrap());
    let texture = texture(&host, &Picture::new(SIZE, 5));
    engine.now().busy = true;
    let skipped = engine.frame(|| world.push(&job(texture.told())));
    assert_eq!(skipped.unwrap_err().to_string(), "Vulkan: the host has no command buffer for this frame");
    assert_eq!((world.dropped.get(), world.inbox.pop().is_none()), (1, true));
    engine.now().busy = false;
    assert_eq!(engine.frame(|| world.push(&job(texture.told()))), Ok(Pushed::Recorded));
    engine.finish();
    drop(world);
    drop(texture);
    drop(engine);
    end(host);
}

#[test]
fn a_lost_device_is_told_and_is_not_waited_for_and_another_error_costs_one_frame() {
    let Some(host) = host() else { return };
    let through = faults::get_instance_proc_addr(host.entry.static_fn().get_instance_proc_addr);
    let mut world = World::new(VulkanBackend::on_queue(host.handles_through(through)).unwrap());
    let picture = Picture::new(SIZE, 5);
    let texture = texture(&host, &picture);
    faults::fail_submits(vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
    let failed = world.push(&job(texture.told())).unwrap_err();
    assert_eq!(failed.to_string(), "Vulkan: vkQueueSubmit failed with -2");
    faults::fail_submits(vk::Result::SUCCESS);
    let expected = oracle::converted(&picture, SIZE);
    for _ in 0..2 * SLOTS {
        oracle::assert_same(&world.take(&job(texture.told())), &expected, "after an error");
    }
    world.push(&job(texture.told())).unwrap();
    let pending = world.inbox.pop().unwrap();
    wait(&pending);
    faults::fail_submits(vk::Result::ERROR_DEVICE_LOST);
    assert!(world.push(&job(texture.told())).unwrap_err().is_device_lost());
    faults::fail_submits(vk::Result::SUCCESS);
    assert!(world.push(&job(texture.told())).unwrap_err().is_device_lost(), "lost for good");
    assert_eq!(pending.wait(Duration::from_secs(1)), FenceState::Lost);
    assert!(world.inbox.take_lost().is_some());
    assert_eq!(world.dropped.get(), 3);
    drop(pending);
    drop(world);
    drop(texture);
    end(host);
}

#[test]
fn a_device_that_lacks_a_function_or_cannot_compute_is_refused() {
    let Some(host) = host() else { return };
    faults::hide(c"vkCmdDispatch");
    let through = faults::get_instance_proc_addr(host.entry.static_fn().get_instance_proc_addr);
    let refused = |made: Result<VulkanBackend, GraphicsError>| made.map(drop).unwrap_err().to_string();
    let without = refused(VulkanBackend::on_queue(host.handles_through(through)));
    assert_eq!(without, "Vulkan cannot be used: without vkCmdDispatch");
    let nothing = refused(VulkanBackend::on_queue(host.handles_through(std::ptr::null())));
    assert_eq!(nothing, "Vulkan cannot be used: a handle or vkGetInstanceProcAddr is 0");
    end(host);
}
