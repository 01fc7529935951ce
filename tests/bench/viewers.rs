//! What viewers cost: CPU and memory of the host process for 1, 4 and 16 of them and for each one added, its own latency
//! from push to the last packet, and the library's size. Viewers run in this process, the host in its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::table::Row;

use crate::viewer::Viewer;

/// Seconds each number of viewers is watched, in windows of one second.
const SECONDS: usize = 10;

fn program() -> PathBuf {
    std::env::var_os("RENDERCAST_C_HOST").map_or_else(|| "target/release/c-host".into(), PathBuf::from)
}

/// Of the release library, which lies beside the host, in MiB.
fn library_size() -> f64 {
    std::fs::metadata(program().with_file_name("librendercast.so"))
        .map_or(f64::NAN, |file| file.len() as f64 / 1_048_576.0)
}

struct Host {
    child: Child,
    link: String,
}

impl Host {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program())
            .args(["--size", "1280x720", "--fps", "30", "--bitrate", "2000", "--port", "0", "--seconds", "600"])
            .args(["--scene", "test"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the C host starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let link = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("LINK ").map(str::to_owned))
            .expect("the C host prints its link");
        Self { child, link }
    }

    /// CPU time so far, in ms.
    fn cpu_ms(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(f64::NAN);
        (ticks(11) + ticks(12)) * 10.0
    }

    fn status(&self, key: &str) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find(|l| l.starts_with(key)).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|v| v.parse().ok()).unwrap_or(f64::NAN)
    }

    fn metric(&self, runtime: &tokio::runtime::Runtime, name: &str) -> f64 {
        let url = self.link.replace("/?", "/metrics?");
        let url = if url.contains("/metrics") { url } else { format!("{}/metrics", url.trim_end_matches('/')) };
        let text = runtime.block_on(async { reqwest::get(url).await?.text().await }).unwrap_or_default();
        let line = text.lines().find(|l| l.starts_with(&format!("rendercast_{name} "))).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|v| v.parse().ok()).unwrap_or(f64::NAN)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime")
}

pub fn run(rows: &mut Vec<Row>) {
    let runtime = runtime();
    rows.push(Row::of("size of librendercast.so", "MiB", vec![library_size()]));
    // Viewers, CPU, memory: of the run with one viewer.
    let mut alone: Option<(f64, f64, f64)> = None;
    for count in [1, 4, 16] {
        let host = Host::start(&[]);
        let idle = host.status("VmRSS:") / 1024.0;
        let mut viewers = Vec::new();
        for _ in 0..count {
            match runtime.block_on(Viewer::open(&host.link)) {
                Ok(viewer) => viewers.push(viewer),
                Err(error) => eprintln!("a viewer did not connect: {error}"),
            }
        }
        for viewer in &mut viewers {
            assert!(runtime.block_on(viewer.wait(|r| r.video_frames.load(std::sync::atomic::Ordering::Relaxed) > 30)));
        }
        let mut cpu = Vec::new();
        let frames = |viewers: &[Viewer]| -> u64 {
            viewers.iter().map(|v| v.received.video_frames.load(std::sync::atomic::Ordering::Relaxed)).sum()
        };
        let (begun, before) = (Instant::now(), frames(&viewers));
        for _ in 0..SECONDS {
            let (start, used) = (Instant::now(), host.cpu_ms());
            std::thread::sleep(Duration::from_secs(1));
            cpu.push((host.cpu_ms() - used) / start.elapsed().as_secs_f64() / 10.0);
        }
        let fps = (frames(&viewers) - before) as f64 / begun.elapsed().as_secs_f64() / viewers.len().max(1) as f64;
        let what = format!("{count} viewers of one 720p30 at 2 Mbit/s");
        // Of the whole time: one second's CPU time comes in hundredths.
        let mean_cpu = cpu.iter().sum::<f64>() / cpu.len() as f64;
        let memory = host.status("VmRSS:") / 1024.0 - idle;
        let now = (viewers.len() as f64, mean_cpu, memory);
        rows.push(Row::of(format!("{what}: host CPU"), "% core", cpu));
        rows.push(Row::of(format!("{what}: host memory above idle"), "MiB", vec![memory]));
        if let Some(one) = alone {
            // The encoder is shared: what a viewer adds is what the others beside the first cost.
            let added = now.0 - one.0;
            rows.push(Row::of(format!("{what}: CPU per added viewer"), "% core", vec![(now.1 - one.1) / added]));
            rows.push(Row::of(format!("{what}: memory per added viewer"), "MiB", vec![(now.2 - one.2) / added]));
        }
        alone = alone.or(Some(now));
        rows.push(Row::of(format!("{what}: frames/s each"), "fps", vec![fps]));
        rows.push(Row::of(format!("{what}: encoders"), "count", vec![host.metric(&runtime, "encoders")]));
        let (p50, p99) = (host.metric(&runtime, "transit_p50_us"), host.metric(&runtime, "transit_p99_us"));
        let name = format!("{what}: push to last packet less encode (256 frames)");
        // The host's metrics have these two percentiles only.
        let [median, p99] = [p50, p99].map(|us| us.is_finite().then_some(us / 1e3));
        rows.push(Row { name, unit: "ms", median, p95: None, p99, runs: 256 });
        for viewer in viewers {
            runtime.block_on(viewer.leave());
        }
    }
}
