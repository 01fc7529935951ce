use std::sync::Barrier;

use rendercast::ffi::audio::rendercast_push_audio;
use rendercast::ffi::events::rendercast_poll_event;
use rendercast::ffi::sources::*;
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;

use crate::{create, last_error, shared, sized};

/// A thread's calls until its streamer is gone: success, "not now", and at last a stale handle; nothing else.
fn until_stale(mut call: impl FnMut() -> i32) {
    loop {
        match call() {
            RENDERCAST_OK | RENDERCAST_EMPTY | RENDERCAST_WOULD_BLOCK => {}
            RENDERCAST_INVALID_HANDLE => return,
            other => panic!("status {other}"),
        }
    }
}

fn push(streamer: u32) -> i32 {
    let picture = [0u8; 16 * 16 * 4];
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 16, 16, picture.as_ptr());
    unsafe { rendercast_push_video(streamer, &frame) }
}

fn lend_and_return(streamer: u32) -> i32 {
    let mut buffer: rendercast_video_buffer = sized();
    let status = unsafe { rendercast_acquire_video(streamer, RENDERCAST_FORMAT_RGBA8, 16, 16, &mut buffer) };
    // Another thread may hold every place for a moment.
    if status == RENDERCAST_TOO_MANY {
        return RENDERCAST_WOULD_BLOCK;
    }
    if status != RENDERCAST_OK { status } else { rendercast_commit_video(streamer, buffer.frame, 0, 0) }
}

#[test]
fn pushing_threads_survive_the_destruction_of_their_streamer() {
    let _process = shared();
    for _ in 0..50 {
        let owned = create();
        let streamer = owned.0;
        let barrier = Barrier::new(6);
        std::thread::scope(|scope| {
            let run = |call: fn(u32) -> i32| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    until_stale(|| call(streamer));
                });
            };
            run(push);
            run(push);
            run(lend_and_return);
            run(|streamer| unsafe { rendercast_push_audio(streamer, [0f32; 96].as_ptr(), 48, 2, 48_000, 0) });
            run(|streamer| unsafe { rendercast_poll_event(streamer, &mut sized()) });
            barrier.wait();
            std::thread::yield_now();
            drop(owned);
        });
    }
}

#[test]
fn of_many_threads_that_destroy_one_streamer_exactly_one_does() {
    let _process = shared();
    for _ in 0..50 {
        let streamer = create();
        let barrier = Barrier::new(4);
        let destroyed = std::thread::scope(|scope| {
            let destroy = || {
                barrier.wait();
                rendercast_destroy(streamer.0)
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(destroy)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(destroyed.iter().filter(|status| **status == RENDERCAST_OK).count(), 1, "{destroyed:?}");
        assert_eq!(destroyed.iter().filter(|status| **status == RENDERCAST_INVALID_HANDLE).count(), 3, "{destroyed:?}");
    }
}

#[test]
fn a_frame_that_many_threads_commit_is_committed_once() {
    let _process = shared();
    let streamer = create();
    for _ in 0..50 {
        let mut buffer: rendercast_video_buffer = sized();
        let acquired = unsafe { rendercast_acquire_video(streamer.0, RENDERCAST_FORMAT_RGBA8, 4, 4, &mut buffer) };
        assert_eq!(acquired, RENDERCAST_OK);
        let barrier = Barrier::new(4);
        let committed = std::thread::scope(|scope| {
            let commit = || {
                barrier.wait();
                rendercast_commit_video(streamer.0, buffer.frame, 0, 0)
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(commit)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|status| *status == RENDERCAST_OK).count()
        });
        assert_eq!(committed, 1);
    }
}

#[test]
fn pushing_threads_survive_the_destruction_of_their_source_and_the_first_one_takes_every_picture() {
    let _process = shared();
    let streamer = create();
    for _ in 0..20 {
        let mut source = 0;
        let made = unsafe { rendercast_source_create(streamer.0, std::ptr::null(), &mut source) };
        assert_eq!(made, RENDERCAST_OK, "{}", last_error());
        let barrier = Barrier::new(4);
        let push_to = |source: u32| {
            let picture = [0u8; 16 * 16 * 4];
            let mut frame: rendercast_video_frame = sized();
            (frame.format, frame.width, frame.height) = (RENDERCAST_FORMAT_RGBA8, 16, 16);
            (frame.planes[0], frame.source) = (picture.as_ptr(), source);
            unsafe { rendercast_push_video(streamer.0, &frame) }
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    barrier.wait();
                    while push_to(source) != RENDERCAST_NO_SOURCE {}
                });
            }
            scope.spawn(|| {
                barrier.wait();
                (0..200).for_each(|_| assert_eq!(push_to(0), RENDERCAST_OK));
            });
            barrier.wait();
            std::thread::yield_now();
            assert_eq!(rendercast_source_destroy(streamer.0, source), RENDERCAST_OK);
        });
    }
}
