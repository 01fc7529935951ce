//! What Unity's render thread pays. `tests/bench.sh unity` runs it.

use rendercast::frame::Chroma;

use crate::host::{Options, Use};
use crate::table::{self, Row};
use crate::watched::{Expected, Watched};
use crate::{GL, VULKAN, started};

const RUNS: usize = 300;
/// Slots, pipelines and drivers are made with the first frames.
const WARM_UP: usize = 30;

async fn measure(rows: &mut Vec<Row>, name: &str, options: Options, width: u32, height: u32) {
    let Some(host) = started(Options { validate: 0, ..options }) else { return };
    host.texture(0, width, height);
    let watched = Watched::new(Chroma::Planar, Expected { least_psnr: 0.0, ..Default::default() }).await;
    let uses = [Use { streamer: watched.handle, ..Default::default() }];
    for number in 0..(WARM_UP + RUNS) as u64 {
        host.frame(number, &uses);
    }
    host.settle();
    let times = host.times().split_off(WARM_UP);
    let stats = watched.stats();
    let microseconds = times.iter().map(|ns| *ns as f64 / 1e3).collect();
    let dropped = stats.video_frames_dropped * 100 / stats.video_frames_pushed.max(1);
    let what = format!("Unity render thread, one texture, {name} {height}p, flat out ({dropped} % dropped)");
    rows.push(Row::of(what, "us", microseconds));
    watched.leave().await;
}

#[ignore = "a measurement: tests/bench.sh unity"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn render_thread() {
    let (load, mut rows) = (table::load(), Vec::new());
    for (width, height) in [(1280, 720), (1920, 1080)] {
        measure(&mut rows, "Vulkan", VULKAN, width, height).await;
        measure(&mut rows, "OpenGL", GL, width, height).await;
    }
    table::print(&rows, &load);
    if let Some(path) = std::env::var_os("RENDERCAST_BENCH_JSON") {
        std::fs::write(path, table::json(&rows, &load)).unwrap();
    }
}
