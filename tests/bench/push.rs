//! What the host's render thread pays: time inside push and acquire/commit, and allocations.

use std::sync::atomic::Ordering;
use std::time::Instant;

use rendercast::config::Config;
use rendercast::frame::PixelFormat;
use rendercast::streamer::Streamer;
use rendercast::units::Size;

use crate::ALLOCATIONS;
use crate::table::Row;

const RUNS: usize = 600;
const WARM_UP: usize = 30;

pub fn run(rows: &mut Vec<Row>) {
    let config = Config::from_json(r#"{"server":{"enabled":false}}"#).expect("config");
    let streamer = Streamer::new(config).expect("streamer");
    streamer.start().expect("start");
    for (name, size) in [("720p", Size::new(1280, 720)), ("1080p", Size::new(1920, 1080))] {
        let picture = crate::picture::rgba(size.width as usize, size.height as usize, 0);
        let stride = size.width as usize * 4;
        measure(rows, &format!("push copy RGBA {name}"), || {
            let _ = streamer.push_video(PixelFormat::Rgba8, size, &[(&picture, stride)], 0, false);
        });
        measure(rows, &format!("acquire/commit RGBA {name}"), || {
            if let Ok(buffer) = streamer.acquire_video(PixelFormat::Rgba8, size) {
                streamer.commit_video(buffer, 0, false);
            }
        });
    }
    let block = vec![0.1_f32; 480 * 2];
    measure(rows, "push audio 10 ms stereo", || {
        let _ = streamer.push_audio(&block, 48_000, 2, 0);
    });
    streamer.stop();
}

fn measure(rows: &mut Vec<Row>, name: &str, mut push: impl FnMut()) {
    let mut times = Vec::with_capacity(RUNS);
    let mut allocations = Vec::with_capacity(RUNS);
    for run in 0..WARM_UP + RUNS {
        std::thread::sleep(std::time::Duration::from_millis(1));
        let before = ALLOCATIONS.with(|n| n.load(Ordering::Relaxed));
        let start = Instant::now();
        push();
        let took = start.elapsed();
        let after = ALLOCATIONS.with(|n| n.load(Ordering::Relaxed));
        if run >= WARM_UP {
            times.push(took.as_nanos() as f64 / 1000.0);
            allocations.push((after - before) as f64);
        }
    }
    rows.push(Row::of(name, "us", times));
    rows.push(Row::of(format!("{name}: allocations"), "count", allocations));
}
