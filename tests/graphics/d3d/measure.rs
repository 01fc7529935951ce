//! What a picture costs the host's render thread and when the encoder can read it, beside the naive way in the same run:
//! copy RGBA to a staging texture, wait in `Map`, convert on the CPU. `tests/windows.sh bench` runs it, in wine on software
//! drivers, where the "GPU" is the same CPU.

#[allow(dead_code, reason = "tables for people only")]
#[path = "../../bench/table.rs"]
mod table;

use std::thread::yield_now;
use std::time::{Duration, Instant};

use rendercast::convert::Converter;
use rendercast::frame::{Chroma, FramePool, PixelFormat, VideoFrame};
use rendercast::graphics::{FenceState, Job, Pushed};
use rendercast::time::Nanos;
use rendercast::units::Size;
use windows::Win32::Graphics::Direct3D11::{
    D3D11_CPU_ACCESS_READ, D3D11_MAP_READ, D3D11_MAPPED_SUBRESOURCE, D3D11_TEXTURE2D_DESC, D3D11_USAGE_STAGING,
};

use super::d3d11::{self, D3d11Host};
use super::{Host, RGBA8, World, d3d12};
use crate::picture::Picture;
use table::Row;

const RUNS: usize = 120;
const WARM_UP: usize = 10;
const SIZES: [(&str, Size); 3] =
    [("720p", Size::new(1280, 720)), ("1080p", Size::new(1920, 1080)), ("2160p", Size::new(3840, 2160))];

/// What one way took for each picture, in ms.
#[derive(Default)]
struct Times {
    /// Inside our calls, on the host's render thread.
    render_thread: Vec<f64>,
    /// From the push until the planes can be read.
    readable: Vec<f64>,
    /// That crossed from the GPU for one picture.
    bytes: usize,
}

impl Times {
    fn add(&mut self, run: usize, render_thread: f64, readable: f64) {
        if run >= WARM_UP {
            self.render_thread.push(render_thread);
            self.readable.push(readable);
        }
    }

    fn report(self, rows: &mut Vec<Row>, what: &str) {
        rows.push(Row::of(format!("{what}: render thread"), "ms", self.render_thread));
        rows.push(Row::of(format!("{what}: until readable"), "ms", self.readable));
        rows.push(Row::of(format!("{what}: read back"), "MB", vec![self.bytes as f64 / 1e6]));
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Our way, one picture after the other. The look that finds a picture finished counts as the render thread's too; looks
/// before it do not: a host looks once a frame, this one all the time.
fn ring(world: &mut World<impl Host>, job: &Job) -> Times {
    let mut times = Times::default();
    for run in 0..WARM_UP + RUNS {
        let start = Instant::now();
        let pushed = world.push(job);
        let (push, mut look) = (ms(start), 0.0);
        assert_eq!(pushed, Ok(Pushed::Recorded));
        let frame = loop {
            if let Some(frame) = world.inbox.pop() {
                break frame;
            }
            yield_now();
            let looked = Instant::now();
            world.host.device().poll();
            look = ms(looked);
        };
        while frame.wait(Duration::from_secs(1)) != FenceState::Done {}
        times.add(run, push + look, ms(start));
        times.bytes = frame.into_bytes().expect("memory").len();
        // What the API lets only the render thread see is seen before the next push, as it is after a frame's time.
        world.host.device().poll();
    }
    times
}

/// What a plugin without a shader does, all of it on the render thread.
fn naive(host: &D3d11Host, size: Size) -> Times {
    let texture = host.textures.last().expect("a texture");
    let desc = D3D11_TEXTURE2D_DESC {
        Usage: D3D11_USAGE_STAGING,
        BindFlags: 0,
        CPUAccessFlags: D3D11_CPU_ACCESS_READ.0 as u32,
        ..d3d11::desc(RGBA8, size)
    };
    let mut staging = None;
    // SAFETY: all places live.
    unsafe { host.device.CreateTexture2D(&raw const desc, None, Some(&raw mut staging)) }.expect("texture");
    let staging = staging.expect("texture");
    let (pool, mut converter) = (FramePool::new(1), Converter::new());
    let row = size.width as usize * 4;
    let mut times = Times { bytes: row * size.height as usize, ..Times::default() };
    for run in 0..WARM_UP + RUNS {
        let start = Instant::now();
        let mut buffer = pool.acquire(PixelFormat::Rgba8, size).expect("buffer");
        let mut mapped = D3D11_MAPPED_SUBRESOURCE::default();
        // SAFETY: all places live; rows lie where the device says.
        unsafe {
            host.context.CopyResource(&staging, texture);
            host.context.Map(&staging, 0, D3D11_MAP_READ, 0, Some(&raw mut mapped)).expect("map");
            for (y, to) in buffer.plane_mut(0).chunks_exact_mut(row).enumerate() {
                let from = mapped.pData.cast::<u8>().add(y * mapped.RowPitch as usize);
                to.as_mut_ptr().copy_from_nonoverlapping(from, row);
            }
            host.context.Unmap(&staging, 0);
        }
        let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false };
        let made = converter.convert(&frame, size).expect("converts");
        let took = ms(start);
        drop(made);
        times.add(run, took, took);
    }
    times
}

fn rings(rows: &mut Vec<Row>, api: &str, name: &str, world: &mut World<impl Host>, job: &Job) {
    for chroma in [Chroma::Interleaved, Chroma::Planar] {
        ring(world, &Job { chroma, ..*job }).report(rows, &format!("{api} {name} {chroma:?}, ring"));
    }
}

#[ignore = "a measurement: tests/windows.sh bench"]
#[test]
fn taking_pictures() {
    let (load, mut rows) = (table::load(), Vec::new());
    if let Some(host) = d3d11::host() {
        let mut world = World::new(host);
        for (name, size) in SIZES {
            let job = world.upload(&Picture::new(size, 1));
            rings(&mut rows, "Direct3D 11", name, &mut world, &job);
            naive(&world.host, size).report(&mut rows, &format!("Direct3D 11 {name}, naive"));
        }
    }
    // In wine 8 its shaders see no textures: black pictures, whose texels may cost less than real ones.
    if let Some(host) = d3d12::host() {
        let mut world = World::new(host);
        for (name, size) in SIZES {
            let job = world.upload(&Picture::new(size, 1));
            rings(&mut rows, "Direct3D 12", name, &mut world, &job);
        }
    }
    table::print(&rows, &load);
}
