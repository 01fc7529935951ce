//! A host that tells what it holds: `bench --host`, in a process of its own, so that the viewers' memory is not in it.

use std::io::{BufRead, Write};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use rendercast::config::Config;
use rendercast::frame::PixelFormat;
use rendercast::streamer::Streamer;
use rendercast::units::Size;

use crate::heap::Heap;

const CONFIG: &str = r#"{"server":{"address":"127.0.0.1:0"},
    "video":{"fps":30,"start_bitrate_kbps":2000,"max_bitrate_kbps":2000}}"#;
const SIZE: Size = Size::new(1280, 720);
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// Draws 720p30 and prints its link; then, for each line that comes, what it holds. Ends when no more can come.
pub fn run() {
    let streamer = Streamer::new(Config::from_json(CONFIG).expect("configuration")).expect("streamer");
    streamer.start().expect("start");
    // The pool takes another buffer, up to its limit, whenever the workers are late, whoever watches: here at once.
    drop(std::iter::from_fn(|| streamer.acquire_video(PixelFormat::Rgba8, SIZE).ok()).collect::<Vec<_>>());
    let (line_tx, lines) = sync_channel(1);
    std::thread::spawn(move || {
        // The receiver is gone only when this process ends.
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| line_tx.send(line))
    });
    let sound: Vec<f32> = (0..1600 * 2).map(|i| (i as f32 * 0.05).sin() * 0.3).collect();
    let (mut told, mut shade, mut next) = (false, 0_u8, Instant::now());
    loop {
        next += FRAME;
        if let Ok(mut buffer) = streamer.acquire_video(PixelFormat::Rgba8, SIZE) {
            shade = shade.wrapping_add(1);
            buffer.plane_mut(0).fill(shade);
            streamer.commit_video(buffer, 0, false);
        }
        // Full: counted by the streamer.
        let _ = streamer.push_audio(&sound, 48_000, 2, 0);
        while streamer.poll_event().is_some() {}
        if let Some(link) = streamer.link().filter(|_| !told) {
            say(&format!("LINK {link}"));
            told = true;
        }
        loop {
            match lines.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(_) => say(&held(&streamer)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Rust's bytes and blocks, everybody else's bytes, and whether all viewers and encoders have ended.
fn held(streamer: &Streamer) -> String {
    let (heap, stats) = (Heap::now(), streamer.stats());
    let ended = stats.viewers == 0 && stats.encoders == 0;
    format!("{} {} {} {}", heap.rust_bytes, heap.rust_blocks, heap.other_bytes, u8::from(ended))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reads: `lines` ends too.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
