//! What a host's thread relies on: pushing pictures and sound neither allocates nor frees once everything was used once,
//! also when queues overflow, and nothing that is lost goes uncounted, however many threads push.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rendercast::audio::block::BlockPool;
use rendercast::audio::resample::Resampler;
use rendercast::audio::ring::AudioRing;
use rendercast::convert::Converter;
use rendercast::error::PushError;
use rendercast::frame::{FramePool, FrameQueue, PixelFormat, VideoFrame};
use rendercast::stats::Counter;
use rendercast::time::Nanos;
use rendercast::units::Size;
use rendercast::wake::Wake;

/// The system's allocator, counting on each thread by itself.
struct Counting;

thread_local! {
    // Const and without a destructor, so that reading it never allocates.
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    CALLS.with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller keeps the same promises to us.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Calls of the allocator, frees included, that `work` makes on this thread.
fn allocator_calls(work: impl FnOnce()) -> u64 {
    let before = CALLS.with(Cell::get);
    work();
    CALLS.with(Cell::get) - before
}

const FORMAT: PixelFormat = PixelFormat::Rgba8;
const SIZE: Size = Size::new(64, 36);
const STRIDE: usize = 64 * 4;

/// A pool whose every buffer was used once.
fn warm_pool(buffers: u32) -> FramePool {
    let pool = FramePool::new(buffers);
    let all: Vec<_> = (0..buffers).map(|_| pool.acquire(FORMAT, SIZE).unwrap()).collect();
    drop(all);
    pool
}

/// Copies a picture in as the streamer does for a host. False when no buffer was free.
fn push_copy(pool: &FramePool, queue: &FrameQueue, picture: &[u8], host_time: u64) -> bool {
    let Ok(mut buffer) = pool.acquire(FORMAT, SIZE) else { return false };
    buffer.copy_plane_from(0, picture, STRIDE).unwrap();
    queue.push(VideoFrame { buffer, host_time, pushed_at: Nanos(host_time), flipped: false });
    true
}

/// Runs `work` while a listener takes everything by `take`, until nothing is left.
fn with_consumer(wake: &Wake, take: impl Fn() -> bool + Sync, work: impl FnOnce()) {
    /// Ends the consumer also when an assertion in `work` fails, or the scope would wait for it for ever.
    struct End<'a>(&'a AtomicBool, &'a Wake);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
            self.1.ring();
        }
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            wake.listen();
            loop {
                // Read before taking: what was pushed before `done` is then still found.
                let last_round = done.load(Ordering::Acquire);
                while take() {}
                if last_round {
                    return;
                }
                wake.wait(Duration::from_secs(60));
            }
        });
        let _end = End(&done, wake);
        wake.ring(); // a thread's first ring takes a place among those that ring
        work();
    });
}

#[test]
fn pushing_pictures_to_a_working_consumer_allocates_nothing() {
    let (dropped, wake) = (Counter::default(), Wake::default());
    let (pool, queue) = (warm_pool(6), FrameQueue::new(dropped.clone(), wake.clone()));
    let picture = vec![7; STRIDE * 36];
    let (taken, refused) = (AtomicU64::new(0), Cell::new(0));
    let take = || queue.take_newest().is_some_and(|_| taken.fetch_add(1, Ordering::Relaxed) < u64::MAX);
    with_consumer(&wake, take, || {
        let calls = allocator_calls(|| {
            for i in 0..20_000 {
                if !push_copy(&pool, &queue, &picture, i) {
                    refused.set(refused.get() + 1);
                }
            }
        });
        assert_eq!(calls, 0);
    });
    assert_eq!(taken.into_inner() + dropped.get() + refused.get(), 20_000);
}

#[test]
fn writing_in_place_allocates_nothing() {
    let (dropped, wake) = (Counter::default(), Wake::default());
    let (pool, queue) = (warm_pool(6), FrameQueue::new(dropped, wake.clone()));
    with_consumer(
        &wake,
        || queue.take_newest().is_some(),
        || {
            let calls = allocator_calls(|| {
                for host_time in 0..20_000 {
                    let Ok(mut buffer) = pool.acquire(FORMAT, SIZE) else { continue };
                    buffer.plane_mut(0).fill(host_time as u8);
                    // Every other one is given up, as a host may.
                    if host_time % 2 == 0 {
                        queue.push(VideoFrame { buffer, host_time, pushed_at: Nanos(0), flipped: true });
                    }
                }
            });
            assert_eq!(calls, 0);
        },
    );
}

#[test]
fn pushing_pictures_to_nobody_allocates_nothing() {
    let dropped = Counter::default();
    let (pool, queue) = (warm_pool(4), FrameQueue::new(dropped.clone(), Wake::default()));
    let picture = vec![7; STRIDE * 36];
    assert!(push_copy(&pool, &queue, &picture, 0));
    let calls = allocator_calls(|| assert!((0..1_000).all(|i| push_copy(&pool, &queue, &picture, i))));
    assert_eq!((calls, dropped.get()), (0, 999));
}

#[test]
fn finding_no_buffer_allocates_nothing() {
    let pool = warm_pool(2);
    let _held = [pool.acquire(FORMAT, SIZE).unwrap(), pool.acquire(FORMAT, SIZE).unwrap()];
    let calls = allocator_calls(|| {
        for _ in 0..1_000 {
            assert_eq!(pool.acquire(FORMAT, SIZE).unwrap_err(), PushError::NoBuffer);
        }
    });
    assert_eq!(calls, 0);
}

/// 20 ms of 48 kHz stereo.
const BLOCK: usize = 960 * 2;

fn warm_ring(dropped: &Counter, wake: &Wake) -> AudioRing {
    let ring = AudioRing::new(dropped.clone(), wake.clone());
    // As many blocks as may ever be on their way: a full ring, and one in the worker's hands.
    let mut held = None;
    for i in 0..11 {
        ring.push(&[0.0; BLOCK], 48_000, 2, i, Nanos(0)).unwrap();
        held = held.or_else(|| ring.pop());
    }
    drop(held);
    while ring.pop().is_some() {}
    ring
}

#[test]
fn pushing_sound_to_a_working_consumer_allocates_nothing() {
    let (dropped, wake) = (Counter::default(), Wake::default());
    let ring = warm_ring(&dropped, &wake);
    let taken = AtomicU64::new(0);
    let take = || ring.pop().is_some_and(|_| taken.fetch_add(1, Ordering::Relaxed) < u64::MAX);
    with_consumer(&wake, take, || {
        let calls = allocator_calls(|| {
            for i in 0..20_000 {
                let _ = ring.push(&[0.25; BLOCK], 48_000, 2, i, Nanos(i));
            }
        });
        assert_eq!(calls, 0);
    });
    assert_eq!(taken.into_inner() + dropped.get(), 20_000);
}

#[test]
fn pushing_sound_to_nobody_allocates_nothing() {
    let dropped = Counter::default();
    let ring = warm_ring(&dropped, &Wake::default());
    let calls = allocator_calls(|| {
        for i in 0..1_000 {
            let pushed = ring.push(&[0.25; BLOCK], 48_000, 2, i, Nanos(i));
            assert_eq!(pushed.is_ok(), i < 10);
        }
    });
    assert_eq!((calls, dropped.get()), (0, 990));
}

#[test]
fn converting_and_scaling_allocate_nothing() {
    for format in PixelFormat::ALL {
        let buffer = FramePool::new(1).acquire(format, Size::new(127, 71)).unwrap();
        let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: true };
        let mut converter = Converter::new();
        let mut work = || {
            let full = converter.convert(&frame, Size::new(128, 72)).unwrap();
            let half = converter.scale(&full, Size::new(64, 36)).unwrap();
            let third = converter.convert(&frame, Size::new(42, 24)).unwrap();
            assert_eq!((half.size.width, third.size.width), (64, 42));
        };
        work();
        assert_eq!(allocator_calls(|| (0..10).for_each(|_| work())), 0, "{format:?}");
    }
}

#[test]
fn resampling_allocates_nothing() {
    for rate in [44_100, 48_000, 96_000] {
        let pool = BlockPool::new(1);
        let mut resampler = Resampler::new();
        let mut chunks = Vec::new();
        let mut work = |i: u64| {
            let time = i * 512 * 1_000_000_000 / u64::from(rate);
            let block = pool.block(&[0.5; 512 * 6], rate, 6, time, Nanos(0));
            chunks.clear();
            resampler.push(&block, &mut chunks).unwrap();
        };
        (0..50).for_each(&mut work);
        assert_eq!(allocator_calls(|| (50..500).for_each(&mut work)), 0, "{rate}");
    }
}

#[test]
fn no_picture_of_many_producers_is_lost_uncounted() {
    let (dropped, wake) = (Counter::default(), Wake::default());
    let (pool, queue) = (FramePool::new(5), FrameQueue::new(dropped.clone(), wake.clone()));
    let (taken, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let seen: Vec<AtomicBool> = (0..4 * 5_000).map(|_| AtomicBool::new(false)).collect();
    let take = || {
        let Some(frame) = queue.take_newest() else { return false };
        assert!(!seen[frame.host_time as usize].swap(true, Ordering::Relaxed), "taken twice");
        // No two producers ever write the same buffer.
        assert!(frame.buffer.plane(0).iter().all(|b| *b == frame.host_time as u8), "torn picture");
        taken.fetch_add(1, Ordering::Relaxed);
        true
    };
    with_consumer(&wake, take, || {
        std::thread::scope(|scope| {
            for producer in 0..4u64 {
                let (pool, queue, refused) = (&pool, &queue, &refused);
                scope.spawn(move || {
                    for host_time in producer * 5_000..(producer + 1) * 5_000 {
                        let picture = [host_time as u8; STRIDE * 36];
                        if !push_copy(pool, queue, &picture, host_time) {
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
    });
    assert_eq!(taken.into_inner() + dropped.get() + refused.into_inner(), 20_000);
    // And every buffer is back.
    let all: Vec<_> = (0..5).map(|_| pool.acquire(FORMAT, SIZE)).collect();
    assert!(all.iter().all(Result::is_ok) && pool.acquire(FORMAT, SIZE).is_err());
}

#[test]
fn no_sound_of_many_producers_is_lost_uncounted() {
    let (dropped, wake) = (Counter::default(), Wake::default());
    let ring = AudioRing::new(dropped.clone(), wake.clone());
    let taken = AtomicU64::new(0);
    let newest = [const { AtomicU64::new(0) }; 4];
    let take = || {
        let Some(block) = ring.pop() else { return false };
        let (producer, number) = ((block.host_time / 100_000) as usize, block.host_time % 100_000);
        assert!(newest[producer].swap(number, Ordering::Relaxed) < number, "out of order");
        assert!(block.samples.len() == BLOCK && block.samples.iter().all(|s| *s == number as f32), "torn block");
        taken.fetch_add(1, Ordering::Relaxed);
        true
    };
    let accepted = AtomicU64::new(0);
    with_consumer(&wake, take, || {
        std::thread::scope(|scope| {
            for producer in 0..4u64 {
                let (ring, accepted) = (&ring, &accepted);
                scope.spawn(move || {
                    for number in 1..=5_000u64 {
                        let samples = [number as f32; BLOCK];
                        match ring.push(&samples, 48_000, 2, producer * 100_000 + number, Nanos(0)) {
                            Ok(()) => drop(accepted.fetch_add(1, Ordering::Relaxed)),
                            Err(error) => assert_eq!(error, PushError::AudioFull),
                        }
                    }
                });
            }
        });
    });
    let taken = taken.into_inner();
    assert_eq!((taken, taken + dropped.get()), (accepted.into_inner(), 20_000));
    // The room is given back to the nanosecond: 200 ms fit again, and no more.
    let fitting = (0..100).filter(|i| ring.push(&[0.0; BLOCK], 48_000, 2, *i, Nanos(0)).is_ok()).count();
    assert_eq!(fitting, 10);
}
