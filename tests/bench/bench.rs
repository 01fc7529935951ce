//! `tests/bench.sh` runs this: `bench [machine] [push] [convert] [graphics] [encode] [viewers] [fifty] [leaks] [slow-link]
//! [input-cost] [input-load] [takeover] [sessions] [transport-sim] [--json FILE]`.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and waits")]

mod convert;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../graphics/gl/egl.rs"]
mod egl;
mod encode;
mod fifty;
mod fifty_host;
mod graphics;
#[cfg(target_os = "linux")]
mod graphics_gl;
mod host;
mod input_cost;
mod input_load;
mod leaks;
mod machine;
mod picture;
mod push;
mod sessions;
mod skim;
mod slow_link;
mod table;
mod takeover;
mod telling_host;
mod transport_sim;
mod viewers;

#[path = "../support/heap.rs"]
mod heap;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../transport/sim/mod.rs"]
mod sim;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../support/viewer.rs"]
mod viewer;

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// Allocations of this thread.
    pub static ALLOCATIONS: AtomicU64 = const { AtomicU64::new(0) };
}

struct Counting;

// SAFETY: every call goes on unchanged, to the allocator that counts for the whole process.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|n| n.fetch_add(1, Ordering::Relaxed));
        // SAFETY: passed through.
        unsafe { heap::Live.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: passed through.
        unsafe { heap::Live.dealloc(pointer, layout) }
    }
    // The defaults would copy, and touch what nobody uses: other memory than in a program that does not count.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|n| n.fetch_add(1, Ordering::Relaxed));
        // SAFETY: passed through.
        unsafe { heap::Live.realloc(pointer, layout, size) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|n| n.fetch_add(1, Ordering::Relaxed));
        // SAFETY: passed through.
        unsafe { heap::Live.alloc_zeroed(layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let mut names = Vec::new();
    let mut json = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--json" => json = args.next(),
            "--bench" => {}
            slow_link::VIEWER => {
                let [link, address, seconds] = std::array::from_fn(|_| args.next().unwrap_or_default());
                return slow_link::be_viewer(&link, &address, &seconds);
            }
            "--host" => return telling_host::run(),
            sessions::SERVER => return sessions::be_server(),
            name => names.push(name.to_owned()),
        }
    }
    let load = table::load();
    let mut rows = Vec::new();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    for (name, run) in [
        ("machine", machine::run as fn(&mut Vec<table::Row>)),
        ("push", push::run),
        ("convert", convert::run),
        ("graphics", graphics::run),
        #[cfg(target_os = "linux")]
        ("graphics", graphics_gl::run),
        ("encode", encode::run),
        ("viewers", viewers::run),
        ("fifty", fifty::run),
        ("leaks", leaks::run),
        ("slow-link", slow_link::run),
        ("input-cost", input_cost::run),
        ("input-load", input_load::run),
        ("takeover", takeover::run),
        ("sessions", sessions::run),
        ("transport-sim", transport_sim::run),
    ] {
        if wanted(name) {
            eprintln!("measuring {name}");
            run(&mut rows);
        }
    }
    table::print(&rows, &load);
    if let Some(path) = json
        && let Err(error) = std::fs::write(&path, table::json(&rows, &load))
    {
        eprintln!("{path}: {error}");
        std::process::exit(1);
    }
}
