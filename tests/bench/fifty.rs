//! Fifty viewers of one 720p30 stream at 2.5 Mbit/s: what each costs the host, what a slow one and one that vanishes cost the
//! others, and how soon a new one sees a picture. The host is a process of its own (`tests/net/host.c`, with grain, so that
//! the encoder fills its rate); the viewers are in this process, and nothing of theirs is counted.
//! The slow one and the vanishing one need root, network namespaces and /dev/net/tun.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::time::{self, Nanos};

use crate::fifty_host::{HOST, Host, Link};
use crate::skim::{FEEDBACK_EVERY, Skimmed, Skimming};
use crate::slow_link::VIEWER;
use crate::table::Row;
use crate::viewer::{Arrival, Viewer};

const VIEWERS: usize = 50;
/// Memory per viewer is the difference to so many: the first ones also fill pools and caches.
const FEW: usize = 10;
const WINDOW: Duration = Duration::from_secs(10);
const SETTLE: Duration = Duration::from_secs(3);
const JOINS: usize = 20;
const WHAT: &str = "50 of one 720p30";

/// One that skims (see `skim`).
struct Watched {
    viewer: Viewer,
    skimmed: Arc<Skimmed>,
    feedback: tokio::task::JoinHandle<()>,
}

impl Watched {
    async fn open(host: &Host) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let skimmed = Arc::new(Skimmed::default());
        let runtime = Arc::new(Skimming::new(Arc::clone(&skimmed)));
        let mut viewer = Viewer::open_on(&host.link, host.address, runtime).await?;
        // Its picture has begun, and its track is known.
        if !viewer.wait(|received| received.video_frames.load(Ordering::Relaxed) >= 5).await {
            return Err("no picture".into());
        }
        let answer = viewer.connection.remote_description().await.ok_or("no answer")?.sdp;
        let line = answer.lines().find(|line| line.starts_with("a=extmap:") && line.contains("transport-wide-cc"));
        let id = line.and_then(|line| line[9..].split([' ', '/']).next()?.parse().ok()).ok_or("no extension")?;
        skimmed.begin(id);
        let (track, own) = (viewer.track()?, Arc::clone(&skimmed));
        let feedback = tokio::spawn(async move {
            let mut tick = tokio::time::interval(FEEDBACK_EVERY);
            loop {
                tick.tick().await;
                if let Some(report) = own.report()
                    && track.write_rtcp(vec![Box::new(report)]).await.is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { viewer, skimmed, feedback })
    }

    async fn leave(self) {
        self.feedback.abort();
        self.viewer.leave().await;
    }

    fn arrivals(&self, from: Nanos, to: Nanos) -> Vec<Arrival> {
        self.skimmed.frames().into_iter().filter(|arrival| arrival.at >= from && arrival.at < to).collect()
    }

    /// How much later than its fastest frame each frame of the window came, in ms: what varies of its latency.
    fn latencies(&self, from: Nanos, to: Nanos) -> Vec<f64> {
        let all = self.arrivals(Nanos(0), Nanos(u64::MAX));
        let Some(first) = all.first().copied() else { return Vec::new() };
        let behind = |arrival: &Arrival| {
            let media = f64::from(arrival.timestamp.wrapping_sub(first.timestamp).cast_signed()) / 90.0;
            (arrival.at.0 as f64 - first.at.0 as f64) / 1e6 - media
        };
        let least = all.iter().map(behind).fold(f64::INFINITY, f64::min);
        self.arrivals(from, to).iter().map(|arrival| behind(arrival) - least).collect()
    }
}

/// What everybody saw in a window, and what it cost.
fn watch(rows: &mut Vec<Row>, host: &Host, viewers: &[Watched], what: &str) {
    let received = || viewers.iter().map(|viewer| viewer.skimmed.packets()).sum::<u64>() as f64;
    let (from, before, came) = (time::now(), host.figures(), received());
    std::thread::sleep(WINDOW);
    let (to, after) = (time::now(), host.figures());
    let seconds = (to.0 - from.0) as f64 / 1e9;
    let spent = |threads: &str| after.cpu_ns(&before, threads) / seconds;
    let count = |name: &str| after.counter(name) - before.counter(name);
    let mut row = |name: &str, unit, values| rows.push(Row::of(format!("{what}: {name}"), unit, values));
    row("packets received of those sent", "%", vec![(received() - came) * 100.0 / count("packets_sent")]);
    let per_second = count("packets_sent") / seconds;
    let mbps = count("bytes_sent") * 8.0 / 1e6 / seconds;
    row("packets a second, all viewers", "1/s", vec![per_second]);
    row("payload, all viewers", "Mbit/s", vec![mbps]);
    row("CPU of the network threads a packet", "us", vec![spent("rc-net") / 1e3 / per_second]);
    let frames = count("video_frames_encoded") * viewers.len() as f64;
    row("CPU of the network threads a frame and viewer", "us", vec![spent("rc-net") * seconds / 1e3 / frames]);
    row("CPU of the network threads per Mbit/s", "% core", vec![spent("rc-net") / 1e7 / mbps]);
    row("CPU of the encoder's threads", "% core", vec![spent("rc-h264") / 1e7]);
    row("CPU of the whole host", "% core", vec![spent("") / 1e7]);
    row("encoders", "count", vec![after.figure("encoders")]);
    row("keyframes", "count", vec![count("keyframes_encoded")]);
    row("frames encoded", "1/s", vec![count("video_frames_encoded") / seconds]);
    row("target of the encoder", "kbit/s", vec![after.figure("target_bitrate_kbps")]);
    row("push to last packet less encode, p50 of 256", "ms", vec![after.figure("transit_p50_us") / 1e3]);
    row("push to last packet less encode, p99 of 256", "ms", vec![after.figure("transit_p99_us") / 1e3]);
    row("resyncs", "count", vec![count("viewer_resyncs")]);
    let fps: Vec<_> = viewers.iter().map(|viewer| viewer.arrivals(from, to).len() as f64 / seconds).collect();
    row("the slowest viewer's frames", "fps", vec![fps.iter().copied().fold(f64::INFINITY, f64::min)]);
    row("frames each", "fps", fps);
    let longest = |viewer: &Watched| {
        let arrivals = viewer.arrivals(from, to);
        arrivals.windows(2).map(|two| (two[1].at.0 - two[0].at.0) as f64 / 1e6).fold(0.0, f64::max)
    };
    row("longest gap between two frames, each viewer's", "ms", viewers.iter().map(longest).collect());
    row("frame later than the fastest", "ms", viewers.iter().flat_map(|v| v.latencies(from, to)).collect());
}

fn open(runtime: &tokio::runtime::Runtime, host: &Host, viewers: &mut Vec<Watched>, until: usize) {
    while viewers.len() < until {
        match runtime.block_on(Watched::open(host)) {
            Ok(viewer) => viewers.push(viewer),
            Err(error) => return eprintln!("viewer {}: {error}", viewers.len()),
        }
    }
    // What the joining cost is over.
    std::thread::sleep(SETTLE);
}

/// From connected (ICE and DTLS) to the first whole frame, which is a keyframe.
fn join(rows: &mut Vec<Row>, runtime: &tokio::runtime::Runtime, host: &Host) {
    let mut took = Vec::new();
    let requested = host.figures().counter("keyframes_encoded");
    for n in 0..JOINS {
        // At another moment between two frames each time.
        std::thread::sleep(Duration::from_micros(300_000 + 5_300 * n as u64));
        let Ok(mut viewer) = runtime.block_on(Viewer::open_from(&host.link, host.address)) else { continue };
        let connected = time::now();
        if runtime.block_on(viewer.wait(|received| received.video_frames.load(Ordering::Relaxed) > 0)) {
            let first = viewer.received.arrivals.lock().expect("arrivals")[0];
            took.push((first.at.0 as f64 - connected.0 as f64).max(0.0) / 1e6);
        }
        runtime.block_on(viewer.leave());
    }
    std::thread::sleep(Duration::from_millis(100));
    let keyframes = host.figures().counter("keyframes_encoded") - requested;
    rows.push(Row::of("a viewer joins: connected to the first whole frame", "ms", took.clone()));
    rows.push(Row::of("a viewer joins: the slowest", "ms", vec![took.iter().copied().fold(0.0, f64::max)]));
    rows.push(Row::of("a viewer joins: keyframes for each", "count", vec![keyframes / JOINS as f64]));
}

/// A slow one joins the fifty, then one that stops without a word.
fn disturb(rows: &mut Vec<Row>, host: &Host, link: &Link, viewers: &[Watched]) {
    let (watched, length) = (WINDOW.as_secs(), Duration::from_secs(4));
    link.set(r#"{"down":{"rate_kbps":300,"queue_ms":200,"delay_ms":5},"up":{"delay_ms":5}}"#);
    let slow = link.spawn_viewer(&[VIEWER, &host.link, Link::BELOW, &(4 + watched).to_string()]);
    std::thread::sleep(length);
    watch(rows, host, viewers, &format!("{WHAT}, 1 at 300 kbit/s"));
    crate::slow_link::report(rows, "the one at 300 kbit/s", slow);
    link.set(r#"{"down":{"delay_ms":5},"up":{"delay_ms":5}}"#);
    let mut vanishing = link.spawn_viewer(&[VIEWER, &host.link, Link::BELOW, "600"]);
    std::thread::sleep(length);
    Link::stop_process(&vanishing);
    watch(rows, host, viewers, &format!("{WHAT}, 1 vanishing"));
    watch(rows, host, viewers, &format!("{WHAT}, 1 vanished 10 s ago"));
    let _ = vanishing.kill();
    let _ = vanishing.wait();
}

pub fn run(rows: &mut Vec<Row>) {
    let runtime = crate::viewers::runtime();
    let link = Link::start();
    let address = if link.is_some() { HOST } else { [127, 0, 0, 1].into() };
    let host = Host::start(address);
    let mut viewers = Vec::new();
    open(&runtime, &host, &mut viewers, 1);
    watch(rows, &host, &viewers, "1 of one 720p30");
    join(rows, &runtime, &host);
    open(&runtime, &host, &mut viewers, FEW);
    let memory = host.memory_kib();
    open(&runtime, &host, &mut viewers, VIEWERS);
    watch(rows, &host, &viewers, WHAT);
    let added = (host.memory_kib() - memory) / 1024.0 / (viewers.len() - FEW) as f64;
    rows.push(Row::of(format!("{WHAT}: memory per viewer, {FEW} to {}", viewers.len()), "MiB", vec![added]));
    if let Some(link) = &link {
        disturb(rows, &host, link, &viewers);
    }
    for watched in viewers {
        runtime.block_on(watched.leave());
    }
}
