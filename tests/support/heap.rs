//! How much memory this process holds: exactly what Rust code holds, and what the C libraries hold as their allocator sees
//! it. Resident memory alone cannot tell a leak from an allocator that keeps what was freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

static BYTES: AtomicIsize = AtomicIsize::new(0);
static BLOCKS: AtomicIsize = AtomicIsize::new(0);

/// The system's allocator, counting what is live in the whole process. For `#[global_allocator]`.
pub struct Live;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Live {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size(), 1);
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size(), 1);
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        BLOCKS.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        BYTES.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        grow(size, 0);
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn grow(bytes: usize, blocks: isize) {
    BYTES.fetch_add(bytes as isize, Ordering::Relaxed);
    BLOCKS.fetch_add(blocks, Ordering::Relaxed);
}

/// What is live now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// Bytes and blocks that Rust code asked for and has not given back.
    pub rust_bytes: isize,
    pub rust_blocks: isize,
    /// Bytes of all else: C libraries, and what the allocator itself adds to each block and caches for each thread. Zero
    /// where the C library cannot tell.
    pub other_bytes: isize,
}

impl Heap {
    pub fn now() -> Self {
        let rust_bytes = BYTES.load(Ordering::Relaxed);
        let other_bytes = in_use().map_or(0, |all| all - rust_bytes);
        Self { rust_bytes, rust_blocks: BLOCKS.load(Ordering::Relaxed), other_bytes }
    }
}

/// Bytes that `malloc` has handed out, over all its arenas.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn in_use() -> Option<isize> {
    /// `struct mallinfo2`, mallinfo(3).
    #[repr(C)]
    struct Info {
        arena: usize,
        free_chunks: [usize; 2],
        mapped_blocks: usize,
        mapped_bytes: usize,
        unused: [usize; 2],
        used_bytes: usize,
        free_bytes: usize,
        top_bytes: usize,
    }
    unsafe extern "C" {
        fn mallinfo2() -> Info;
    }
    // SAFETY: takes nothing, and locks what it reads.
    let info = unsafe { mallinfo2() };
    isize::try_from(info.used_bytes + info.mapped_bytes).ok()
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn in_use() -> Option<isize> {
    None
}
