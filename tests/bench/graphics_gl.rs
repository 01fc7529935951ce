//! Pictures taken from OpenGL: what it costs the render thread, and how long until the CPU can read them. Against the
//! naive way, in the same run: `glReadPixels` of the RGBA picture and conversion on the CPU. On llvmpipe the "GPU" is the
//! same CPU: shaders run on its cores, and dispatching or reading pixels returns when they are done.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use glow::HasContext;
use rendercast::convert::Converter;
use rendercast::frame::{Chroma, FramePool, PixelFormat, VideoFrame};
use rendercast::graphics::opengl::{Capabilities, OpenGl};
use rendercast::graphics::{Device, Inbox, Job, PictureLayout, Pushed, Rings, Texture, Transfer};
use rendercast::stats::Counter;
use rendercast::time::Nanos;
use rendercast::units::Size;
use rendercast::wake::Wake;

use crate::egl::{Context, Kind};
use crate::table::Row;

const RUNS: usize = 20;
const WARM_UP: usize = 3;
const SIZES: [(&str, Size); 3] =
    [("720p", Size::new(1280, 720)), ("1080p", Size::new(1920, 1080)), ("2160p", Size::new(3840, 2160))];

thread_local! {
    static FRAME: Cell<u32> = const { Cell::new(0) };
}

/// A texture that is drawn into before each picture.
struct Scene {
    gl: glow::Context,
    texture: glow::Texture,
    framebuffer: glow::Framebuffer,
}

impl Scene {
    fn new(context: &Context, size: Size) -> Self {
        // SAFETY: the context is current.
        unsafe {
            let gl = glow::Context::from_loader_function_cstr(|name| context.address(name));
            let texture = gl.create_texture().expect("a texture");
            gl.bind_texture(glow::TEXTURE_2D, Some(texture));
            gl.tex_storage_2d(glow::TEXTURE_2D, 1, glow::RGBA8, size.width as i32, size.height as i32);
            let framebuffer = gl.create_framebuffer().expect("a framebuffer");
            gl.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
            let (place, target) = (glow::COLOR_ATTACHMENT0, glow::TEXTURE_2D);
            gl.framebuffer_texture_2d(glow::FRAMEBUFFER, place, target, Some(texture), 0);
            Self { gl, texture, framebuffer }
        }
    }

    /// Draws and waits, so that only our own work is measured.
    fn draw(&self) {
        let frame = FRAME.get() + 1;
        FRAME.set(frame);
        // SAFETY: the context is current.
        unsafe {
            self.gl.bind_framebuffer(glow::FRAMEBUFFER, Some(self.framebuffer));
            self.gl.clear_color((frame % 50) as f32 / 50.0, 0.4, 0.7, 1.0);
            self.gl.clear(glow::COLOR_BUFFER_BIT);
            self.gl.finish();
        }
    }
}

pub fn run(rows: &mut Vec<Row>) {
    for (name, size) in SIZES {
        for (way, compute) in [("compute", true), ("draw", false)] {
            match Context::new(Kind::Gl, false) {
                Ok(context) => measure(rows, &context, name, size, way, compute),
                Err(error) => eprintln!("SKIPPED OpenGL: {error}"),
            }
        }
        if let Ok(context) = Context::new(Kind::Gl, false) {
            naive(rows, &context, name, size);
        }
    }
}

fn measure(rows: &mut Vec<Row>, context: &Context, name: &str, size: Size, way: &str, compute: bool) {
    let allowed = Capabilities { compute, ..Capabilities::default() };
    // SAFETY: the context is current, and its functions are what EGL gives.
    let backend = unsafe { OpenGl::with_capabilities(|name| context.address(name), allowed) }.expect("a device");
    let scene = Scene::new(context, size);
    let mut device = Rings::new(backend);
    let inbox = Inbox::new(Counter::default(), Wake::default());
    inbox.set_watched(true);
    let job = Job {
        texture: Texture { handle: u64::from(scene.texture.0.get()), format: 0, size, layout: 0 },
        target: size,
        chroma: Chroma::Interleaved,
        flip: false,
        swap_red_blue: false,
        transfer: Transfer::Encoded,
        host_time: 0,
        pushed_at: Nanos(1),
    };
    let (mut pushes, mut readable, mut allocations) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..WARM_UP + RUNS {
        scene.draw();
        let allocated = allocations_so_far();
        let start = Instant::now();
        let pushed = push(&mut device, &inbox, &job);
        let took = start.elapsed();
        let allocated = allocations_so_far() - allocated;
        assert_eq!(pushed, Pushed::Recorded);
        let frame = loop {
            device.poll();
            if let Some(frame) = inbox.pop() {
                break frame;
            }
            std::thread::yield_now();
        };
        let until = start.elapsed();
        drop(frame.into_bytes());
        if run >= WARM_UP {
            pushes.push(took.as_secs_f64() * 1000.0);
            readable.push(until.as_secs_f64() * 1000.0);
            allocations.push(allocated as f64);
        }
    }
    rows.push(Row::of(format!("OpenGL {way} {name}: render thread per picture"), "ms", pushes));
    rows.push(Row::of(format!("OpenGL {way} {name}: pushed to readable"), "ms", readable));
    rows.push(Row::of(format!("OpenGL {way} {name}: allocations of ours per picture"), "count", allocations));
    let bytes = PictureLayout::new(size, Chroma::Interleaved).bytes;
    rows.push(Row::of(format!("OpenGL {way} {name}: read back"), "MB", vec![bytes as f64 / 1e6]));
    device.close();
}

fn push(device: &mut Rings<OpenGl>, inbox: &Arc<Inbox>, job: &Job) -> Pushed {
    device.push(inbox, job).expect("pushes")
}

fn allocations_so_far() -> u64 {
    crate::ALLOCATIONS.with(|n| n.load(std::sync::atomic::Ordering::Relaxed))
}

/// What a host does without us: reads the picture while it waits, and converts it.
fn naive(rows: &mut Vec<Row>, context: &Context, name: &str, size: Size) {
    let scene = Scene::new(context, size);
    let mut buffer = FramePool::new(1).acquire(PixelFormat::Rgba8, size).expect("a buffer");
    let mut converter = Converter::new();
    let (mut reads, mut conversions, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..WARM_UP + RUNS {
        scene.draw();
        let start = Instant::now();
        // SAFETY: the context is current, and the buffer has room.
        unsafe {
            let pixels = glow::PixelPackData::Slice(Some(buffer.plane_mut(0)));
            let (width, height) = (size.width as i32, size.height as i32);
            scene.gl.pixel_store_i32(glow::PACK_ALIGNMENT, 4);
            scene.gl.read_pixels(0, 0, width, height, glow::RGBA, glow::UNSIGNED_BYTE, pixels);
        }
        let read = start.elapsed();
        let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false };
        drop(converter.convert(&frame, size));
        buffer = frame.buffer;
        let all = start.elapsed();
        if run >= WARM_UP {
            reads.push(read.as_secs_f64() * 1000.0);
            conversions.push((all - read).as_secs_f64() * 1000.0);
            both.push(all.as_secs_f64() * 1000.0);
        }
    }
    rows.push(Row::of(format!("OpenGL naive {name}: render thread per picture (glReadPixels RGBA)"), "ms", reads));
    rows.push(Row::of(format!("OpenGL naive {name}: conversion on the CPU"), "ms", conversions));
    rows.push(Row::of(format!("OpenGL naive {name}: to readable I420"), "ms", both));
    rows.push(Row::of(format!("OpenGL naive {name}: read back"), "MB", vec![size.pixels() as f64 * 4.0 / 1e6]));
}
