//! What viewers leave behind once they have gone: nothing, however many came.

#![cfg(all(feature = "server", target_os = "linux"))]

use std::sync::atomic::Ordering;
use std::time::Duration;

use rendercast::frame::PixelFormat;
use rendercast::time::now;
use rendercast::units::Size;

#[path = "support/heap.rs"]
mod heap;
#[allow(dead_code)] // support files serve several programs
#[path = "support/host.rs"]
mod host;
#[allow(dead_code)]
#[path = "support/viewer.rs"]
mod viewer;
use heap::Heap;
use host::{Host, LOCAL};
use viewer::Viewer;

#[global_allocator]
static LIVE: heap::Live = heap::Live;

/// Rounds until queues, pools and caches have their size, and rounds that must add nothing to it.
const WARM: usize = 8;
const ROUNDS: usize = 30;
/// Fewer than one block in three rounds, and 2 KiB a round: a task that ends late and a queue that grew.
const MORE_BLOCKS: isize = ROUNDS as isize / 3;
const MORE_BYTES: isize = ROUNDS as isize * 2048;
/// An encoder is more than that in a single round.
const MORE_OTHER_BYTES: isize = 1 << 20;
/// How long what ends on its own may take to end.
const LIMIT: Duration = Duration::from_secs(10);

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    heap: Heap,
    threads: usize,
    descriptors: usize,
}

impl Held {
    fn now() -> Self {
        let entries = |path| std::fs::read_dir(path).map_or(0, Iterator::count);
        let (threads, descriptors) = (entries("/proc/self/task"), entries("/proc/self/fd"));
        Self { heap: Heap::now(), threads, descriptors }
    }

    /// Of each the smaller: what is on its way out is in one of them only.
    fn min(self, other: Self) -> Self {
        let (a, b) = (self.heap, other.heap);
        let heap = Heap {
            rust_bytes: a.rust_bytes.min(b.rust_bytes),
            rust_blocks: a.rust_blocks.min(b.rust_blocks),
            other_bytes: a.other_bytes.min(b.other_bytes),
        };
        let (threads, descriptors) = (self.threads.min(other.threads), self.descriptors.min(other.descriptors));
        Self { heap, threads, descriptors }
    }

    /// Every part by itself.
    fn is_flat_since(&self, before: &Self) -> bool {
        let (new, old) = (self.heap, before.heap);
        new.rust_blocks - old.rust_blocks < MORE_BLOCKS
            && new.rust_bytes - old.rust_bytes < MORE_BYTES
            && new.other_bytes - old.other_bytes < MORE_OTHER_BYTES
            && self.threads <= before.threads
            && self.descriptors <= before.descriptors
    }
}

/// The least that is held until `enough` says so.
async fn least(enough: impl Fn(&Held, Duration) -> bool) -> Held {
    let (begun, mut held) = (now(), Held::now());
    while !enough(&held, now().saturating_since(begun)) {
        pause().await;
        held = held.min(Held::now());
    }
    held
}

/// Whoever asks again at once takes the CPU that others need.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

async fn connect_and_leave(host: &Host, link: &str) {
    let mut viewer = Viewer::open(link).await.unwrap();
    assert!(viewer.wait(|r| r.video_frames.load(Ordering::Relaxed) >= 1).await);
    viewer.leave().await;
    while host.streamer.stats().viewers > 0 || host.streamer.stats().encoders > 0 {
        pause().await;
    }
    while host.streamer.poll_event().is_some() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_who_come_and_go_leave_no_memory_no_thread_and_no_descriptor() {
    let host = Host::start(LOCAL);
    // The pool takes another buffer, up to its limit, whenever the workers are late, whoever watches: here at once.
    let buffer = || host.streamer.acquire_video(PixelFormat::Rgba8, Size::new(64, 64)).ok();
    drop(std::iter::from_fn(buffer).collect::<Vec<_>>());
    let link = host.link().await;
    for _ in 0..WARM {
        connect_and_leave(&host, &link).await;
    }
    let before = least(|_, waited| waited > Duration::from_millis(500)).await;
    for _ in 0..ROUNDS {
        connect_and_leave(&host, &link).await;
    }
    let after = least(|held, waited| held.is_flat_since(&before) || waited > LIMIT).await;
    assert!(after.is_flat_since(&before), "after {ROUNDS} more connections\n{after:#?}\nbefore them\n{before:#?}");
}
