//! A viewer behind a throttled link next to a fast one: what each receives, and what the fast one received alone.
//! The link is a veth pair into a network namespace, its rate a token bucket (`tc tbf`): root and iproute2 needed.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::config::Config;
use rendercast::streamer::Streamer;
use rendercast::time;
use serde_json::{Value, json};

use crate::host::Host;
use crate::table::Row;
use crate::viewer::{Arrival, Received, Viewer};

/// How the bench program is called to be a viewer: `--viewer LINK ADDRESS SECONDS`.
pub const VIEWER: &str = "--viewer";
/// Of the range for measurements (RFC 2544, appendix C.2.2): nobody's network.
const HOST: &str = "198.18.77.1";
const BEHIND: &str = "198.18.77.2";
const RATE_KBPS: u32 = 600;
const SECONDS: u32 = 30;
/// What comes earlier is not counted.
const WARM_UP: Duration = Duration::from_secs(2);

const CONFIG: &str = r#"{"server":{"address":"198.18.77.1:0"},"peer":{"bind_addresses":["198.18.77.1"]},
    "audio":{"enabled":false},"video":{"fps":30,"start_bitrate_kbps":2500,"max_bitrate_kbps":2500}}"#;

/// The namespace and the pair of interfaces; gone when dropped.
struct Net {
    name: String,
}

pub fn command(line: &str) -> Result<(), String> {
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default();
    let output = Command::new(program).args(words).output().map_err(|error| format!("{line}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

impl Net {
    fn new() -> Result<Self, String> {
        let name = format!("rc{}", std::process::id());
        command(&format!("ip netns add {name}"))?;
        let net = Self { name: name.clone() };
        for line in [
            format!("ip link add {name}a type veth peer name {name}b netns {name}"),
            format!("ip addr add {HOST}/30 dev {name}a"),
            format!("ip link set {name}a up"),
            format!("ip -n {name} addr add {BEHIND}/30 dev {name}b"),
            format!("ip -n {name} link set {name}b up"),
            // The test viewer's ICE joins a multicast group (mDNS), and fails without a route to it.
            format!("ip -n {name} route add 224.0.0.0/4 dev {name}b"),
            format!("tc qdisc add dev {name}a root tbf rate {RATE_KBPS}kbit burst 16kb latency 200ms"),
        ] {
            command(&line)?;
        }
        Ok(net)
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for line in [format!("ip link del {}a", self.name), format!("ip netns del {}", self.name)] {
            if let Err(error) = command(&line) {
                eprintln!("{error}");
            }
        }
    }
}

/// The hidden side: watches, and prints what came as one line of JSON.
pub fn be_viewer(link: &str, address: &str, seconds: &str) {
    let (address, seconds) = (address.parse::<Ipv4Addr>().expect("an address"), seconds.parse().expect("seconds"));
    let viewer = crate::viewers::runtime().block_on(async {
        let viewer = Viewer::open_from(link, address).await.expect("it connects");
        tokio::time::sleep(WARM_UP).await;
        let count = |viewer: &Viewer| {
            let Received { video_packets, video_missing, video_repeated, .. } = &*viewer.received;
            [video_packets, video_missing, video_repeated].map(|count| count.load(Ordering::Relaxed) as f64)
        };
        let (from, before) = (time::now(), count(&viewer));
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let (to, after) = (time::now(), count(&viewer));
        let arrivals = viewer.received.arrivals.lock().expect("arrivals").clone();
        let watched: Vec<_> = arrivals.into_iter().filter(|a| a.at >= from && a.at <= to).collect();
        viewer.leave().await;
        figures(&watched, seconds as f64, std::array::from_fn(|i| after[i] - before[i]))
    });
    let mut out = std::io::stdout();
    writeln!(out, "{viewer}").expect("standard output");
}

fn figures(watched: &[Arrival], seconds: f64, [packets, missing, repeated]: [f64; 3]) -> Value {
    let gaps: Vec<f64> = watched.windows(2).map(|two| (two[1].at.0 - two[0].at.0) as f64 / 1e6).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
    // As getStats counts them (W3C webrtc-stats, freezeCount), over all frames instead of the last 30.
    let freezes = gaps.iter().filter(|gap| **gap > (3.0 * mean).max(mean + 150.0)).count();
    let keyframes = watched.iter().filter(|arrival| arrival.keyframe).count();
    // Late ones from before may have come meanwhile.
    let lost = missing.max(0.0);
    let percent = |packets_of: f64| packets_of * 100.0 / (packets + lost).max(1.0);
    json!({
        "fps": watched.len() as f64 / seconds, "gaps": gaps, "keyframes": keyframes, "freezes": freezes,
        "lost": percent(lost), "repeated": percent(repeated),
    })
}

fn start(link: &str, address: &str, netns: Option<&str>, seconds: u32) -> Child {
    let program = std::env::current_exe().expect("this program's path");
    let mut command = match netns {
        Some(name) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", name]).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.args([VIEWER, link, address, &seconds.to_string()]).stdout(Stdio::piped());
    command.spawn().expect("a viewer starts")
}

pub fn report(rows: &mut Vec<Row>, who: &str, child: Child) {
    let output = child.wait_with_output().expect("a viewer ends");
    let Ok(said) = serde_json::from_slice::<Value>(&output.stdout) else {
        eprintln!("{who}: the viewer failed ({})", output.status);
        return;
    };
    let number = |key: &str| vec![said[key].as_f64().unwrap_or(f64::NAN)];
    let gaps = said["gaps"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    rows.push(Row::of(format!("{who}: frames received"), "fps", number("fps")));
    rows.push(Row::of(format!("{who}: between two frames"), "ms", gaps));
    rows.push(Row::of(format!("{who}: keyframes in {SECONDS} s"), "count", number("keyframes")));
    rows.push(Row::of(format!("{who}: freezes in {SECONDS} s"), "count", number("freezes")));
    rows.push(Row::of(format!("{who}: packets that never came"), "%", number("lost")));
    rows.push(Row::of(format!("{who}: packets that came again"), "%", number("repeated")));
}

pub fn run(rows: &mut Vec<Row>) {
    let net = match Net::new() {
        Ok(net) => net,
        Err(error) => return eprintln!("SKIPPED slow-link: needs root, iproute2 and network namespaces ({error})"),
    };
    let streamer = Streamer::new(Config::from_json(CONFIG).expect("a configuration")).expect("a streamer");
    let host = Host::start(streamer, (1280, 720), 30);
    let link = host.link();
    let slow = format!("slow viewer ({RATE_KBPS} kbit/s)");
    report(rows, "fast viewer of 720p30 alone", start(&link, HOST, None, SECONDS));
    let fast_child = start(&link, HOST, None, SECONDS);
    // It joins, is measured and set apart while the fast one is watched.
    std::thread::sleep(2 * WARM_UP);
    let slow_child = start(&link, BEHIND, Some(&net.name), SECONDS);
    report(rows, "fast viewer next to a slow one", fast_child);
    report(rows, &format!("{slow} next to a fast one"), slow_child);
    for name in
        ["viewers_isolated", "viewer_resyncs", "keyframes_encoded", "media_packets_refused", "video_frames_dropped"]
    {
        rows.push(Row::of(format!("host, both runs: {name}"), "count", vec![host.counter(name)]));
    }
    report(rows, &format!("{slow} alone"), start(&link, BEHIND, Some(&net.name), SECONDS));
}
