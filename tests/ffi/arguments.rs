use std::ffi::c_char;

use rendercast::ffi::audio::rendercast_push_audio;
use rendercast::ffi::calls::*;
use rendercast::ffi::config::rendercast_config;
use rendercast::ffi::events::{rendercast_event, rendercast_poll_event};
use rendercast::ffi::input::{rendercast_input_data, rendercast_poll_input};
use rendercast::ffi::messages::*;
use rendercast::ffi::received::*;
use rendercast::ffi::stats::{rendercast_get_layer_stats, rendercast_get_stats, rendercast_stats_json};
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::*;
use rendercast::ffi::video::*;

use crate::{create, create_config, create_json, last_error, shared, sized};

#[test]
fn null_pointers_are_refused() {
    let _process = shared();
    let streamer = create();
    let (null, config) = (std::ptr::null_mut(), std::ptr::null());
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height) = (RENDERCAST_FORMAT_NV12, 2, 2);
    let picture = [0u8; 4];
    frame.planes[0] = picture.as_ptr();
    let statuses = unsafe {
        [
            rendercast_create(config, null),
            rendercast_create_json(std::ptr::null(), &mut 0),
            rendercast_create_json(c"{}".as_ptr(), null),
            rendercast_push_video(streamer.0, std::ptr::null()),
            rendercast_push_video(streamer.0, &frame),
            rendercast_acquire_video(streamer.0, RENDERCAST_FORMAT_RGBA8, 1, 1, std::ptr::null_mut()),
            rendercast_push_audio(streamer.0, std::ptr::null(), 480, 2, 48_000, 0),
            rendercast_poll_event(streamer.0, std::ptr::null_mut()),
            rendercast_poll_input(streamer.0, std::ptr::null_mut()),
            rendercast_input_data(streamer.0, std::ptr::null_mut(), 1, std::ptr::null_mut()),
            rendercast_get_stats(streamer.0, std::ptr::null_mut()),
            rendercast_get_layer_stats(streamer.0, 0, std::ptr::null_mut()),
            rendercast_stats_json(streamer.0, std::ptr::null_mut(), 1, std::ptr::null_mut()),
            rendercast_last_error(std::ptr::null_mut(), 1, std::ptr::null_mut()),
        ]
    };
    assert_eq!(statuses, [RENDERCAST_NULL_POINTER; 14]);
    let _ = unsafe { rendercast_push_video(streamer.0, &frame) };
    assert_eq!(last_error(), "rendercast_push_video: planes[1] is NULL");
}

#[test]
fn wrong_structure_sizes_are_refused_and_named() {
    let _process = shared();
    let streamer = create();
    let mut config: rendercast_config = sized();
    config.size += 1;
    assert_eq!(create_config(&config), (RENDERCAST_STRUCT_SIZE, 0));
    let known = size_of::<rendercast_config>();
    let said = format!("rendercast_config.size is {}, sizeof(rendercast_config) is {known}", known + 1);
    assert!(last_error().contains(&said), "{}", last_error());
    let mut frame: rendercast_video_frame = sized();
    frame.size = 0;
    assert_eq!(unsafe { rendercast_push_video(streamer.0, &frame) }, RENDERCAST_STRUCT_SIZE);
    let mut event: rendercast_event = sized();
    event.size -= 1;
    assert_eq!(unsafe { rendercast_poll_event(streamer.0, &mut event) }, RENDERCAST_STRUCT_SIZE);
}

#[test]
fn configuration_of_an_older_header_is_read_up_to_its_own_end() {
    let _process = shared();
    let mut config: rendercast_config = sized();
    config.size = u32::try_from(std::mem::offset_of!(rendercast_config, signaling_connection_id)).unwrap();
    // Not a text; whoever has the old header has other things there.
    config.signaling_connection_id = std::ptr::without_provenance(1);
    let (status, streamer) = create_config(&config);
    assert_eq!(status, RENDERCAST_OK);
    assert_eq!(rendercast_destroy(streamer), RENDERCAST_OK);
}

#[test]
fn pictures_with_wrong_arguments_are_refused_with_a_status_of_their_own() {
    let _process = shared();
    let streamer = create();
    let picture = [0u8; 64];
    let push = |format, width, height, stride, flags| {
        let mut frame: rendercast_video_frame = sized();
        (frame.format, frame.width, frame.height, frame.flags) = (format, width, height, flags);
        (frame.planes[0], frame.strides[0]) = (picture.as_ptr(), stride);
        unsafe { rendercast_push_video(streamer.0, &frame) }
    };
    assert_eq!(push(0, 4, 4, 0, 0), RENDERCAST_PIXEL_FORMAT);
    assert_eq!(push(99, 4, 4, 0, 0), RENDERCAST_PIXEL_FORMAT);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 0, 4, 0, 0), RENDERCAST_PICTURE_SIZE);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 4, 16_385, 0, 0), RENDERCAST_PICTURE_SIZE);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, u32::MAX, u32::MAX, 0, 0), RENDERCAST_PICTURE_SIZE);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 4, 4, 15, 0), RENDERCAST_STRIDE);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 4, 4, u32::MAX, 0), RENDERCAST_STRIDE);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 4, 4, 16, 2), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(push(RENDERCAST_FORMAT_RGBA8, 4, 4, 16, RENDERCAST_VIDEO_FLIPPED), RENDERCAST_OK);
}

#[test]
fn only_the_pictures_own_bytes_are_read() {
    let _process = shared();
    let streamer = create();
    // The last row has no padding: 3 strides of 20 bytes and one row of 16, exactly what the box holds.
    let picture = vec![1u8; 3 * 20 + 16].into_boxed_slice();
    let mut frame: rendercast_video_frame = sized();
    (frame.format, frame.width, frame.height) = (RENDERCAST_FORMAT_BGRA8, 4, 4);
    (frame.planes[0], frame.strides[0]) = (picture.as_ptr(), 20);
    assert_eq!(unsafe { rendercast_push_video(streamer.0, &frame) }, RENDERCAST_OK, "{}", last_error());
}

#[test]
fn sound_with_wrong_arguments_is_refused_before_its_memory_is_looked_at() {
    let _process = shared();
    let streamer = create();
    let samples = [0f32; 960];
    let push = |pointer, frames, channels, rate| unsafe {
        rendercast_push_audio(streamer.0, pointer, frames, channels, rate, 0)
    };
    let good = samples.as_ptr();
    assert_eq!(push(good, 480, 2, 48_000), RENDERCAST_OK, "{}", last_error());
    assert_eq!(push(good, 0, 2, 48_000), RENDERCAST_OK);
    assert_eq!(push(good, 480, 0, 48_000), RENDERCAST_AUDIO_BLOCK);
    assert_eq!(push(good, 480, 9, 48_000), RENDERCAST_AUDIO_BLOCK);
    assert_eq!(push(good, 480, 2, 7_999), RENDERCAST_AUDIO_BLOCK);
    assert_eq!(push(good, 9_601, 2, 48_000), RENDERCAST_AUDIO_BLOCK);
    assert_eq!(push(good, u32::MAX, 8, 192_000), RENDERCAST_AUDIO_BLOCK);
    assert_eq!(push(good.wrapping_byte_add(1), 100, 2, 48_000), RENDERCAST_UNALIGNED);
}

#[test]
fn a_call_without_a_protocol_that_has_calls_or_without_a_name_is_an_error() {
    let _process = shared();
    let streamer = create();
    let calls = [rendercast_call_start, rendercast_call_accept, rendercast_call_decline, rendercast_call_end];
    let long = std::ffi::CString::new("x".repeat(129)).unwrap();
    for call in calls {
        let decide = |user: *const c_char| unsafe { call(streamer.0, user) };
        assert_eq!(decide(c"ann".as_ptr()), RENDERCAST_NO_CALLS);
        assert!(last_error().contains("no signaling client of the call protocol runs"), "{}", last_error());
        assert_eq!(decide(std::ptr::null()), RENDERCAST_NULL_POINTER);
        assert_eq!(decide(c"".as_ptr()), RENDERCAST_INVALID_ARGUMENT);
        assert_eq!(decide(c"a\tb".as_ptr()), RENDERCAST_INVALID_ARGUMENT);
        assert_eq!(decide(long.as_ptr()), RENDERCAST_INVALID_ARGUMENT);
        assert_eq!(decide(c"\xff".as_ptr()), RENDERCAST_INVALID_TEXT);
        assert_eq!(unsafe { call(0, c"ann".as_ptr()) }, RENDERCAST_INVALID_HANDLE);
    }
}

#[test]
fn a_message_with_wrong_arguments_or_nobody_to_take_it_is_an_error() {
    let _process = shared();
    let streamer = create();
    let send = |channel: *const c_char, is_text, data: &[u8]| unsafe {
        rendercast_send_message(streamer.0, 1, channel, is_text, data.as_ptr(), data.len() as u32)
    };
    let channel = c"game".as_ptr();
    assert_eq!(send(channel, 1, b"hello"), RENDERCAST_NO_CHANNEL);
    assert_eq!(last_error(), "rendercast_send_message: viewer 1 is not connected");
    assert_eq!(send(std::ptr::null(), 1, b"hello"), RENDERCAST_NULL_POINTER);
    assert_eq!(send(channel, 2, b"hello"), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(send(channel, 1, b"\xff"), RENDERCAST_INVALID_TEXT);
    assert_eq!(send(channel, 0, &vec![0; RENDERCAST_MESSAGE_MAX as usize + 1]), RENDERCAST_INVALID_ARGUMENT);
    let send = |viewer, data, len| unsafe { rendercast_send_message(streamer.0, viewer, channel, 0, data, len) };
    assert_eq!(send(1, std::ptr::null(), 1), RENDERCAST_NULL_POINTER);
    assert_eq!(send(0, std::ptr::null(), 0), RENDERCAST_NO_CHANNEL);
    assert_eq!(last_error(), "rendercast_send_message: no open data channel is labelled \"game\"");
    assert_eq!(send(0, std::ptr::null(), u32::MAX), RENDERCAST_INVALID_ARGUMENT);
}

#[test]
fn configuration_errors_name_the_key_whichever_way_it_came() {
    let _process = shared();
    assert_eq!(create_json(r#"{"video":{"fps":241}}"#), (RENDERCAST_INVALID_CONFIG, 0));
    assert_eq!(last_error(), "rendercast_create_json: video.fps = 241 is outside 1 to 240");
    let mut config: rendercast_config = sized();
    config.fps = 241;
    assert_eq!(create_config(&config), (RENDERCAST_INVALID_CONFIG, 0));
    assert_eq!(last_error(), "rendercast_create: video.fps = 241 is outside 1 to 240");
    assert_eq!(create_json("{"), (RENDERCAST_INVALID_CONFIG, 0));
    config.fps = 0;
    config.encoder = c"\xff".as_ptr();
    assert_eq!(create_config(&config), (RENDERCAST_INVALID_TEXT, 0));
}

#[test]
fn last_error_reports_its_size_and_is_not_changed_by_asking() {
    let _process = shared();
    assert_eq!(create_json("{"), (RENDERCAST_INVALID_CONFIG, 0));
    let whole = last_error();
    let mut small = [0u8; 8];
    let mut needed = 0;
    let status = unsafe { rendercast_last_error(small.as_mut_ptr().cast(), 8, &mut needed) };
    assert_eq!((status, needed as usize), (RENDERCAST_BUFFER_TOO_SMALL, whole.len() + 1));
    assert_eq!(&small, b"renderc\0");
    assert_eq!(last_error(), whole);
}

#[test]
fn what_viewers_send_is_polled_into_the_callers_memory_only() {
    let _process = shared();
    let streamer = create();
    let (mut picture, mut sound): (rendercast_received_video, rendercast_received_audio) = (sized(), sized());
    let (mut needed, null) = (7, std::ptr::null_mut());
    unsafe {
        let video = rendercast_poll_received_video;
        assert_eq!(video(streamer.0, 0, &mut picture, null, 0, &mut needed), RENDERCAST_EMPTY);
        assert_eq!((picture.viewer, needed), (0, 7), "nothing is written where there is nothing");
        assert_eq!(video(streamer.0, 0, &mut picture, null, 1, &mut needed), RENDERCAST_NULL_POINTER);
        assert_eq!(video(streamer.0, 0, std::ptr::null_mut(), null, 0, &mut needed), RENDERCAST_NULL_POINTER);
        let audio = rendercast_poll_received_audio;
        assert_eq!(audio(streamer.0, 9, &mut sound, std::ptr::null_mut(), 0, std::ptr::null_mut()), RENDERCAST_EMPTY);
        assert_eq!(
            audio(streamer.0, 9, &mut sound, std::ptr::null_mut(), 1, std::ptr::null_mut()),
            RENDERCAST_NULL_POINTER
        );
        sound.size -= 1;
        assert_eq!(
            audio(streamer.0, 9, &mut sound, std::ptr::null_mut(), 0, std::ptr::null_mut()),
            RENDERCAST_STRUCT_SIZE
        );
        assert_eq!(video(streamer.0 + 1, 0, &mut picture, null, 0, &mut needed), RENDERCAST_INVALID_HANDLE);
    }
}
