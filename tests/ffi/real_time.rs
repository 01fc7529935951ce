//! What runs on the host's render and audio threads allocates nothing once it is warm, refusals included.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use rendercast::ffi::audio::rendercast_push_audio;
use rendercast::ffi::sources::*;
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;

use crate::{create_json, last_error, shared, sized};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts for each thread, so that other tests and the streamer's own threads do not disturb.
struct Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn pushing_allocates_nothing_once_it_is_warm() {
    let _process = shared();
    let (status, streamer) = create_json(r#"{"server":{"enabled":false}}"#);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rendercast_start(streamer), RENDERCAST_OK, "{}", last_error());

    let picture = vec![5u8; 64 * 64 * 4];
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 64, 64, picture.as_ptr());
    let mut source = 0;
    assert_eq!(unsafe { rendercast_source_create(streamer, std::ptr::null(), &mut source) }, RENDERCAST_OK);
    let other = rendercast_video_frame { source, ..frame };
    let nobodys = rendercast_video_frame { source: source + 1, ..frame };
    let mut wrong = frame;
    wrong.strides[0] = 7;
    let sound = [0.1f32; 480 * 2];
    // Full queues are as good a case as empty ones.
    let go_on = [RENDERCAST_OK, RENDERCAST_WOULD_BLOCK];
    let push = || unsafe {
        assert!(go_on.contains(&rendercast_push_video(streamer, &frame)));
        assert!(go_on.contains(&rendercast_push_video(streamer, &other)));
        assert_eq!(rendercast_push_video(streamer, &nobodys), RENDERCAST_NO_SOURCE);
        assert!(go_on.contains(&rendercast_push_audio(streamer, sound.as_ptr(), 480, 2, 48_000, 0)));
        assert_eq!(rendercast_push_video(streamer, &wrong), RENDERCAST_STRIDE);
        assert_eq!(rendercast_push_video(0, &frame), RENDERCAST_INVALID_HANDLE);
    };
    let mut turn = 0u32;
    let mut write = || unsafe {
        let mut buffer: rendercast_video_buffer = sized();
        turn += 1;
        let whose = if turn.is_multiple_of(3) { source } else { 0 };
        let status = rendercast_source_acquire_video(streamer, whose, RENDERCAST_FORMAT_RGBA8, 64, 64, &mut buffer);
        assert!(go_on.contains(&status), "{status}");
        if status == RENDERCAST_OK {
            buffer.planes[0].write_bytes(9, 64 * 4);
            // Every other one is given up, as a host may.
            let done = if turn.is_multiple_of(2) {
                rendercast_discard_video(streamer, buffer.frame)
            } else {
                rendercast_commit_video(streamer, buffer.frame, 0, 0)
            };
            assert_eq!(done, RENDERCAST_OK);
        }
    };
    // A pool may take its last buffer late, when the workers are slow; it never takes more than it has.
    let quiet = (0..50).any(|_| {
        let before = ALLOCATIONS.get();
        (0..500).for_each(|_| {
            push();
            write();
        });
        ALLOCATIONS.get() == before
    });
    assert!(quiet, "{} allocations, and no 500 rounds without one", ALLOCATIONS.get());
    assert_eq!(rendercast_destroy(streamer), RENDERCAST_OK);
}
