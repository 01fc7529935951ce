//! `tests/bench.sh` runs this: `bench [push] [convert] [encode] [viewers] [leaks] [--json FILE]`.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock and waits")]

mod convert;
mod encode;
mod picture;
mod push;
mod table;
mod viewers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// Allocations of this thread.
    pub static ALLOCATIONS: AtomicU64 = const { AtomicU64::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|n| n.fetch_add(1, Ordering::Relaxed));
        // SAFETY: passed through.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: passed through.
        unsafe { System.dealloc(pointer, layout) }
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
            name => names.push(name.to_owned()),
        }
    }
    let load = table::load();
    let mut rows = Vec::new();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    for (name, run) in [
        ("push", push::run as fn(&mut Vec<table::Row>)),
        ("convert", convert::run),
        ("encode", encode::run),
        ("viewers", viewers::run),
        ("leaks", viewers::leaks),
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
