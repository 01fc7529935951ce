//! Pictures taken from a GPU: what the host's render thread pays for each, and when the encoder can read them; beside it the
//! naive way in the same run (read RGBA back, wait, convert on the CPU), all on the thread that asks. A function for each API.

#[path = "../graphics/vulkan/host.rs"]
mod host;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ash::vk;
use rendercast::convert::Converter;
use rendercast::frame::{Chroma, FramePool, PixelFormat, VideoFrame};
use rendercast::graphics::vulkan::VulkanBackend;
use rendercast::graphics::{Device, FenceState, Inbox, Job, Pushed, Rings, Transfer};
use rendercast::stats::Counter;
use rendercast::time::Nanos;
use rendercast::units::Size;
use rendercast::wake::Wake;

use crate::table::Row;
use host::{Host, HostTexture};

const RUNS: usize = 120;
const WARM_UP: usize = 10;
const SIZES: [(&str, Size); 3] =
    [("720p", Size::new(1280, 720)), ("1080p", Size::new(1920, 1080)), ("2160p", Size::new(3840, 2160))];

/// What an API's way took for each picture, in ms.
#[derive(Default)]
struct Times {
    /// Inside our call, on the host's render thread.
    render_thread: Vec<f64>,
    /// From the call until the encoder's planes can be read.
    readable: Vec<f64>,
    /// That crossed from the GPU for one picture.
    bytes: usize,
}

pub fn run(rows: &mut Vec<Row>) {
    vulkan(rows);
}

fn report(rows: &mut Vec<Row>, what: &str, times: Times) {
    rows.push(Row::of(format!("{what}: render thread"), "ms", times.render_thread));
    rows.push(Row::of(format!("{what}: until readable"), "ms", times.readable));
    rows.push(Row::of(format!("{what}: read back"), "MB", vec![times.bytes as f64 / 1e6]));
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn vulkan(rows: &mut Vec<Row>) {
    let host = match Host::new(false) {
        Ok(host) => host,
        Err(why) => return eprintln!("SKIPPED Vulkan: {why}"),
    };
    // SAFETY: a valid physical device.
    let properties = unsafe { host.instance.get_physical_device_properties(host.physical) };
    eprintln!("Vulkan on {}", properties.device_name_as_c_str().unwrap_or_default().to_string_lossy());
    for (name, size) in SIZES {
        let picture = crate::picture::rgba(size.width as usize, size.height as usize, 0);
        let layout = vk::ImageLayout::TRANSFER_SRC_OPTIMAL;
        let texture = host.texture(vk::Format::R8G8B8A8_UNORM, size, &picture, layout);
        host.wait_idle();
        for chroma in [Chroma::Interleaved, Chroma::Planar] {
            report(rows, &format!("Vulkan {name} {chroma:?}, ring"), ring(&host, &texture, chroma));
        }
        report(rows, &format!("Vulkan {name}, naive"), naive(&host, &texture));
    }
    host.end();
}

/// Our way, one picture after the other.
fn ring(host: &Host, texture: &HostTexture<'_>, chroma: Chroma) -> Times {
    let backend = VulkanBackend::on_queue(host.handles().with_timeline_semaphores(host.has_timelines)).expect("Vulkan");
    let mut device = Rings::new(backend);
    let inbox = Inbox::new(Counter::default(), Wake::default());
    inbox.set_watched(true);
    let (target, told) = (texture.size, texture.told());
    let mut times = Times::default();
    for run in 0..WARM_UP + RUNS {
        let job = Job {
            texture: told,
            target,
            chroma,
            flip: false,
            swap_red_blue: false,
            transfer: Transfer::Encoded,
            host_time: 0,
            pushed_at: Nanos(run as u64 + 1),
        };
        let start = Instant::now();
        let pushed = push(&mut device, &inbox, &job);
        let render_thread = ms(start);
        assert_eq!(pushed, Pushed::Recorded);
        let frame = inbox.pop().expect("published");
        while frame.wait(Duration::from_secs(1)) != FenceState::Done {}
        let readable = ms(start);
        times.bytes = frame.into_bytes().expect("memory").len();
        if run >= WARM_UP {
            times.readable.push(readable);
            times.render_thread.push(render_thread);
        }
    }
    times
}

fn push(device: &mut impl Device, inbox: &Arc<Inbox>, job: &Job) -> Pushed {
    device.push(inbox, job).expect("pushed")
}

/// Copies the texture to a mapped buffer, waits, and converts: what a plugin without a shader does.
fn naive(host: &Host, texture: &HostTexture<'_>) -> Times {
    let size = texture.size;
    let bytes = size.pixels() as usize * 4;
    let buffer = host.buffer(bytes, vk::BufferUsageFlags::TRANSFER_DST);
    let device = &host.device;
    let info = vk::CommandBufferAllocateInfo::default().command_pool(host.pool).command_buffer_count(1);
    // SAFETY: valid handles and structures.
    let (commands, fence) = unsafe {
        let commands = device.allocate_command_buffers(&info).expect("commands")[0];
        (commands, device.create_fence(&vk::FenceCreateInfo::default(), None).expect("fence"))
    };
    let (pool, mut converter) = (FramePool::new(1), Converter::new());
    let mut times = Times { bytes, ..Times::default() };
    for run in 0..WARM_UP + RUNS {
        let start = Instant::now();
        let region = vk::BufferImageCopy::default()
            .image_subresource(vk::ImageSubresourceLayers {
                aspect_mask: vk::ImageAspectFlags::COLOR,
                layer_count: 1,
                ..Default::default()
            })
            .image_extent(vk::Extent3D { width: size.width, height: size.height, depth: 1 });
        let to_host = vk::BufferMemoryBarrier::default()
            .buffer(buffer.buffer)
            .size(vk::WHOLE_SIZE)
            .src_access_mask(vk::AccessFlags::TRANSFER_WRITE)
            .dst_access_mask(vk::AccessFlags::HOST_READ);
        let mut frame = pool.acquire(PixelFormat::Rgba8, size).expect("buffer");
        // SAFETY: valid handles; the texture is in this layout, and the buffer is as long as it.
        unsafe {
            device.begin_command_buffer(commands, &vk::CommandBufferBeginInfo::default()).expect("begin");
            let layout = vk::ImageLayout::TRANSFER_SRC_OPTIMAL;
            device.cmd_copy_image_to_buffer(commands, texture.image, layout, buffer.buffer, &[region]);
            device.cmd_pipeline_barrier(
                commands,
                vk::PipelineStageFlags::TRANSFER,
                vk::PipelineStageFlags::HOST,
                vk::DependencyFlags::empty(),
                &[],
                &[to_host],
                &[],
            );
            device.end_command_buffer(commands).expect("end");
            let submitted = [commands];
            let submit = vk::SubmitInfo::default().command_buffers(&submitted);
            device.queue_submit(host.queue, &[submit], fence).expect("submit");
            device.wait_for_fences(&[fence], true, u64::MAX).expect("fence");
            device.reset_fences(&[fence]).expect("fence");
            frame.plane_mut(0).as_mut_ptr().copy_from_nonoverlapping(buffer.start, bytes);
        }
        let frame = VideoFrame { buffer: frame, host_time: 0, pushed_at: Nanos(0), flipped: false };
        let made = converter.convert(&frame, size).expect("converts");
        let took = ms(start);
        drop(made);
        if run >= WARM_UP {
            times.render_thread.push(took);
            times.readable.push(took);
        }
    }
    // SAFETY: the GPU has finished.
    unsafe {
        device.destroy_fence(fence, None);
        device.free_command_buffers(host.pool, &[commands]);
    }
    host.destroy_buffer(&buffer);
    times
}
