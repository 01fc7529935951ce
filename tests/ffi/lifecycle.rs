use std::ffi::CStr;

use rendercast::ffi::events::{rendercast_event, rendercast_poll_event};
use rendercast::ffi::input::{rendercast_input, rendercast_input_data, rendercast_input_json, rendercast_poll_input};
use rendercast::ffi::stats::{rendercast_get_stats, rendercast_stats, rendercast_stats_json};
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;

use crate::{Owned, alone, create, create_json, last_error, shared, sized, text};

#[test]
fn version_text_and_number_agree_with_the_crate() {
    let text = unsafe { CStr::from_ptr(rendercast_version()) }.to_str().unwrap();
    assert_eq!(text, env!("CARGO_PKG_VERSION"));
    let number = rendercast_version_number();
    assert_eq!(text, format!("{}.{}.{}", number >> 16, number >> 8 & 255, number & 255));
    let name = unsafe { CStr::from_ptr(rendercast_status_name(RENDERCAST_WOULD_BLOCK)) };
    assert_eq!(name, c"RENDERCAST_WOULD_BLOCK");
}

#[test]
fn a_streamer_can_be_used_from_creation_to_destruction_and_is_stale_afterwards() {
    let _process = shared();
    // Port 0, so that no two tests want the same one.
    let (status, streamer) = create_json(r#"{"server":{"address":"127.0.0.1:0"}}"#);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    assert_eq!(rendercast_start(streamer), RENDERCAST_OK, "{}", last_error());

    let picture = [7u8; 4 * 4 * 4];
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height) = (RENDERCAST_FORMAT_RGBA8, 4, 4);
    frame.planes[0] = picture.as_ptr();
    assert!(unsafe { rendercast_push_video(streamer, &frame) } >= 0, "{}", last_error());

    let mut event: rendercast_event = sized();
    assert!(unsafe { rendercast_poll_event(streamer, &mut event) } >= 0);
    let mut input: rendercast_input = sized();
    assert_eq!(unsafe { rendercast_poll_input(streamer, &mut input) }, RENDERCAST_EMPTY);
    let (status, json, _) = text(|b, c, n| unsafe { rendercast_input_json(streamer, b, c, n) });
    assert_eq!((status, json.as_str()), (RENDERCAST_EMPTY, ""));
    let mut stats: rendercast_stats = sized();
    assert_eq!(unsafe { rendercast_get_stats(streamer, &mut stats) }, RENDERCAST_OK);
    let (status, json, needed) = text(|b, c, n| unsafe { rendercast_stats_json(streamer, b, c, n) });
    assert_eq!((status, needed as usize), (RENDERCAST_OK, json.len() + 1));
    assert!(json.starts_with('{') && json.contains("\"counters\""), "{json}");

    assert_eq!(rendercast_stop(streamer), RENDERCAST_OK);
    assert_eq!(rendercast_stop(streamer), RENDERCAST_OK);
    assert_eq!(rendercast_destroy(streamer), RENDERCAST_OK);
    assert_eq!(rendercast_destroy(streamer), RENDERCAST_INVALID_HANDLE);
    assert!(last_error().starts_with("rendercast_destroy: streamer 0x"), "{}", last_error());
}

#[test]
fn every_call_on_a_stale_handle_is_an_error() {
    let _process = shared();
    let stale = create().0;
    let mut frame: rendercast_video_frame = sized();
    let picture = [0u8; 4];
    (frame.format, frame.width, frame.height, frame.planes[0]) = (RENDERCAST_FORMAT_RGBA8, 1, 1, picture.as_ptr());
    let null = std::ptr::null_mut();
    for handle in [0, stale, u32::MAX] {
        let statuses = unsafe {
            [
                rendercast_start(handle),
                rendercast_stop(handle),
                rendercast_destroy(handle),
                rendercast_push_video(handle, &frame),
                rendercast_acquire_video(handle, RENDERCAST_FORMAT_RGBA8, 1, 1, &mut sized()),
                rendercast_commit_video(handle, 1, 0, 0),
                rendercast_discard_video(handle, 1),
                rendercast::ffi::audio::rendercast_push_audio(handle, [0f32].as_ptr(), 1, 1, 48_000, 0),
                rendercast_poll_event(handle, &mut sized()),
                rendercast_poll_input(handle, &mut sized()),
                rendercast_input_data(handle, null, 0, std::ptr::null_mut()),
                rendercast_input_json(handle, std::ptr::null_mut(), 0, std::ptr::null_mut()),
                rendercast_get_stats(handle, &mut sized()),
                rendercast_stats_json(handle, std::ptr::null_mut(), 0, std::ptr::null_mut()),
                rendercast_link(handle, std::ptr::null_mut(), 0, std::ptr::null_mut()),
            ]
        };
        assert_eq!(statuses, [RENDERCAST_INVALID_HANDLE; 15], "{handle:#x}");
    }
}

#[test]
fn an_acquired_frame_is_committed_or_discarded_once() {
    let _process = shared();
    let streamer = create();
    let acquire = || {
        let mut buffer: rendercast_video_buffer = sized();
        let status = unsafe { rendercast_acquire_video(streamer.0, RENDERCAST_FORMAT_I420, 6, 4, &mut buffer) };
        assert_eq!(status, RENDERCAST_OK, "{}", last_error());
        buffer
    };
    let buffer = acquire();
    assert_eq!((buffer.width, buffer.height, buffer.format, buffer.plane_count), (6, 4, RENDERCAST_FORMAT_I420, 3));
    for (plane, rows) in [(0, 4), (1, 2), (2, 2)] {
        assert!(buffer.strides[plane].is_multiple_of(64));
        // The whole plane is the host's to write.
        unsafe { buffer.planes[plane].write_bytes(9, buffer.strides[plane] as usize * rows) };
    }
    assert_eq!(rendercast_commit_video(streamer.0, buffer.frame, 0, 2), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(rendercast_commit_video(streamer.0, buffer.frame, 0, RENDERCAST_VIDEO_FLIPPED), RENDERCAST_OK);
    assert_eq!(rendercast_commit_video(streamer.0, buffer.frame, 0, 0), RENDERCAST_INVALID_HANDLE);
    assert_eq!(rendercast_discard_video(streamer.0, buffer.frame), RENDERCAST_INVALID_HANDLE);
    let buffer = acquire();
    assert_eq!(rendercast_discard_video(streamer.0, buffer.frame), RENDERCAST_OK);
    assert_eq!(rendercast_discard_video(streamer.0, buffer.frame), RENDERCAST_INVALID_HANDLE);
}

#[test]
fn live_objects_are_counted_and_shutdown_all_ends_every_one() {
    let _process = alone();
    assert_eq!(rendercast_live_object_count(), 0);
    let (a, b) = (create(), create());
    let mut buffer: rendercast_video_buffer = sized();
    assert_eq!(
        unsafe { rendercast_acquire_video(a.0, RENDERCAST_FORMAT_RGBA8, 8, 8, &mut buffer) },
        RENDERCAST_OK,
        "{}",
        last_error()
    );
    assert_eq!(rendercast_live_object_count(), 3);
    assert_eq!(rendercast_shutdown_all(), RENDERCAST_OK);
    assert_eq!(rendercast_live_object_count(), 0);
    assert_eq!([rendercast_stop(a.0), rendercast_stop(b.0)], [RENDERCAST_INVALID_HANDLE; 2]);
    // The library can be used again.
    drop(create());
}

#[test]
fn streamers_are_limited_and_a_destroyed_one_makes_room() {
    let _process = alone();
    let mut all: Vec<Owned> = (0..64).map(|_| create()).collect();
    assert_eq!(create_json("{}"), (RENDERCAST_TOO_MANY, 0));
    drop(all.pop());
    drop(create());
    assert_eq!(rendercast_live_object_count(), 63);
}
