//! Colour conversion of one picture, on one core.

use std::sync::Arc;
use std::time::Instant;

use rendercast::convert::{Converter, YuvPool};
use rendercast::encode::{Matrix, YuvFrame};
use rendercast::frame::{Chroma, FramePool, PixelFormat, VideoFrame};
use rendercast::time::Nanos;
use rendercast::units::Size;

use crate::table::Row;

const RUNS: usize = 300;

pub fn run(rows: &mut Vec<Row>) {
    let pool = FramePool::new(1);
    let mut converter = Converter::new();
    for (name, size) in [("720p", Size::new(1280, 720)), ("1080p", Size::new(1920, 1080))] {
        for format in [PixelFormat::Rgba8, PixelFormat::Bgra8, PixelFormat::Rgb8, PixelFormat::Nv12, PixelFormat::I420]
        {
            let mut buffer = pool.acquire(format, size).expect("buffer");
            let picture = crate::picture::rgba(size.width as usize, size.height as usize, 0);
            for plane in 0..buffer.plane_count() {
                let bytes = buffer.plane_mut(plane);
                for (to, from) in bytes.iter_mut().zip(picture.iter().cycle()) {
                    *to = *from;
                }
            }
            let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false };
            let times = times(|| converter.convert(&frame, size));
            rows.push(Row::of(format!("convert {format:?} to I420 {name}"), "ms", times));
        }
        let picture = Arc::new(YuvFrame::black(size));
        for (part, of) in [(1, 2), (2, 3)] {
            let smaller = Size::new(size.width * part / of, size.height * part / of);
            let times = times(|| converter.scale(&picture, smaller));
            rows.push(Row::of(format!("I420 {name} to {part}/{of} of its size"), "ms", times));
        }
        let mut pool = YuvPool::default();
        let times = times(|| pool.ready(&picture, Matrix::Bt601, Chroma::Planar));
        rows.push(Row::of(format!("I420 of BT.709 to BT.601 {name}"), "ms", times));
    }
}

/// How long it takes, in ms, without the freeing of what it makes.
fn times<T>(mut work: impl FnMut() -> T) -> Vec<f64> {
    let mut times = Vec::with_capacity(RUNS);
    for run in 0..RUNS + 10 {
        let start = Instant::now();
        let made = work();
        let took = start.elapsed();
        drop(made);
        if run >= 10 {
            times.push(took.as_secs_f64() * 1000.0);
        }
    }
    times
}
