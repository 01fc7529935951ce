//! Several sources in one streamer, by their numbers.

use std::ffi::CString;

use rendercast::ffi::sources::*;
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;

use crate::{Owned, alone, create, create_json, last_error, shared, sized, text};

fn create_source(streamer: u32, options: *const rendercast_source_options) -> (i32, u32) {
    let mut source = 77;
    (unsafe { rendercast_source_create(streamer, options, &mut source) }, source)
}

fn made(streamer: u32) -> u32 {
    let (status, source) = create_source(streamer, std::ptr::null());
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    source
}

fn push(streamer: u32, source: u32, side: u32) -> i32 {
    let picture = vec![5; (side * side * 4) as usize];
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height, frame.source) = (RENDERCAST_FORMAT_RGBA8, side, side, source);
    frame.planes[0] = picture.as_ptr();
    unsafe { rendercast_push_video(streamer, &frame) }
}

fn acquire(streamer: u32, source: u32) -> (i32, u32) {
    let mut buffer: rendercast_video_buffer = sized();
    let status =
        unsafe { rendercast_source_acquire_video(streamer, source, RENDERCAST_FORMAT_RGBA8, 48, 48, &mut buffer) };
    (status, buffer.frame)
}

/// Number and width of each source, as the statistics tell.
fn widths(streamer: u32) -> Vec<(u64, u64)> {
    let (status, json, _) = text(|buffer, capacity, needed| unsafe {
        rendercast::ffi::stats::rendercast_stats_json(streamer, buffer, capacity, needed)
    });
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let number = |source: &serde_json::Value, name: &str| source[name].as_u64().unwrap();
    json["sources"].as_array().unwrap().iter().map(|s| (number(s, "source"), number(s, "width"))).collect()
}

fn started() -> Owned {
    let (status, streamer) = create_json(r#"{"server":{"enabled":false}}"#);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rendercast_start(streamer), RENDERCAST_OK, "{}", last_error());
    Owned(streamer)
}

#[test]
fn a_picture_goes_to_the_source_it_names_however_it_is_handed_over() {
    let _process = shared();
    let streamer = started();
    let (a, b) = (made(streamer.0), made(streamer.0));
    assert_eq!((a, b), (1, 2));
    assert_eq!(push(streamer.0, 0, 16), RENDERCAST_OK);
    assert_eq!(push(streamer.0, a, 32), RENDERCAST_OK);
    let (status, frame) = acquire(streamer.0, b);
    assert_eq!((status, rendercast_commit_video(streamer.0, frame, 0, 0)), (RENDERCAST_OK, RENDERCAST_OK));
    while widths(streamer.0) != [(0, 16), (1, 32), (2, 48)] {
        std::thread::yield_now();
    }
}

#[test]
fn a_frame_of_an_older_header_goes_to_the_first_source() {
    let _process = shared();
    let streamer = create();
    let picture = [0; 16 * 16 * 4];
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 16, 16, picture.as_ptr());
    frame.source = 99;
    assert_eq!(unsafe { rendercast_push_video(streamer.0, &frame) }, RENDERCAST_NO_SOURCE);
    frame.size = std::mem::offset_of!(rendercast_video_frame, source) as u32;
    assert_eq!(unsafe { rendercast_push_video(streamer.0, &frame) }, RENDERCAST_OK);
}

#[test]
fn numbers_that_name_no_source_are_refused_everywhere() {
    let _process = shared();
    let streamer = create();
    let source = made(streamer.0);
    let (status, lent) = acquire(streamer.0, source);
    assert_eq!(status, RENDERCAST_OK);
    assert_eq!(rendercast_source_destroy(streamer.0, source), RENDERCAST_OK);
    assert_eq!(rendercast_commit_video(streamer.0, lent, 0, 0), RENDERCAST_NO_SOURCE);
    assert_eq!(rendercast_commit_video(streamer.0, lent, 0, 0), RENDERCAST_INVALID_HANDLE);
    for stale in [source, source + 1, u32::MAX] {
        let statuses = [
            push(streamer.0, stale, 16),
            acquire(streamer.0, stale).0,
            rendercast_source_destroy(streamer.0, stale),
            rendercast_set_viewer_source(streamer.0, 0, stale),
            rendercast_set_viewer_source(streamer.0, 5, stale),
            rendercast_set_every_viewers_source(streamer.0, stale),
        ];
        assert_eq!(statuses, [RENDERCAST_NO_SOURCE; 6], "{}", last_error());
    }
    assert_eq!(
        last_error(),
        "rendercast_set_every_viewers_source: source 4294967295 is not there: it was destroyed or never created"
    );
    assert_eq!(rendercast_source_destroy(streamer.0, 0), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(rendercast_set_viewer_source(streamer.0, 1 << 31, 0), RENDERCAST_NO_VIEWER);
    assert_eq!(rendercast_set_viewer_source(streamer.0, 0, 0), RENDERCAST_OK);
    assert_eq!(rendercast_set_every_viewers_source(streamer.0, 0), RENDERCAST_OK);
    assert_eq!(rendercast_set_every_viewers_source(streamer.0 + 256, 0), RENDERCAST_INVALID_HANDLE);
    assert_eq!(rendercast_source_destroy(0, 1), RENDERCAST_INVALID_HANDLE);
    assert_eq!(made(streamer.0), source + 1, "a number is not given twice");
}

#[test]
fn options_outside_their_range_are_refused_by_name_and_there_are_fifteen_sources_at_most() {
    let _process = shared();
    let streamer = create();
    let options: rendercast_source_options = sized();
    let with = |options: rendercast_source_options| create_source(streamer.0, &options);
    assert_eq!(with(rendercast_source_options { fps: 241, ..options }), (RENDERCAST_INVALID_CONFIG, 0));
    assert_eq!(last_error(), "rendercast_source_create: source.fps = 241 is outside 1 to 240, and 0");
    assert_eq!(with(rendercast_source_options { max_bitrate_kbps: 1, ..options }), (RENDERCAST_INVALID_CONFIG, 0));
    assert_eq!(with(rendercast_source_options { size: 9, ..options }), (RENDERCAST_STRUCT_SIZE, 0));
    let long = CString::new("x".repeat(64)).unwrap();
    assert_eq!(with(rendercast_source_options { label: long.as_ptr(), ..options }), (RENDERCAST_INVALID_CONFIG, 0));
    let broken = [0x80_u8, 0];
    let label = broken.as_ptr().cast();
    assert_eq!(with(rendercast_source_options { label, ..options }), (RENDERCAST_INVALID_TEXT, 0));
    assert_eq!(
        unsafe { rendercast_source_create(streamer.0, &options, std::ptr::null_mut()) },
        RENDERCAST_NULL_POINTER
    );
    assert_eq!(create_source(0, std::ptr::null()), (RENDERCAST_INVALID_HANDLE, 0));
    (1..=15).for_each(|number| assert_eq!(made(streamer.0), number));
    assert_eq!(with(options), (RENDERCAST_TOO_MANY, 0));
}

/// Threads of sources but the first, in this process.
#[cfg(target_os = "linux")]
fn workers() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("rc-video-")).count()
}

#[cfg(target_os = "linux")]
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn sources_that_come_and_go_leave_neither_threads_nor_memory() {
    let _process = alone();
    let streamer = started();
    let round = || {
        let source = made(streamer.0);
        // 1 MiB, and it is converted.
        assert_eq!(push(streamer.0, source, 512), RENDERCAST_OK);
        while widths(streamer.0).last() != Some(&(source.into(), 512)) {
            std::thread::yield_now();
        }
        assert_eq!(rendercast_source_destroy(streamer.0, source), RENDERCAST_OK);
    };
    let settled = || {
        while workers() > 0 {
            std::thread::yield_now();
        }
        resident_kib()
    };
    (0..50).for_each(|_| round());
    let before = settled();
    (0..200).for_each(|_| round());
    let after = settled();
    assert!(after < before + 16 * 1024, "{before} KiB, then {after} KiB");
}
