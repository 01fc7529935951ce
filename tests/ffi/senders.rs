//! The list of viewers, and what the host lets each of them have, through the C ABI.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};

use rendercast::ffi::config::{RENDERCAST_OFF, RENDERCAST_ON};
use rendercast::ffi::senders::*;
use rendercast::ffi::signals::{RENDERCAST_SIGNAL_DISCONNECT, RENDERCAST_SIGNAL_OFFER};
use rendercast::ffi::status::*;
use rendercast::ffi::streamer::rendercast_stop;
use rendercast::ffi::viewers::*;

use crate::browser::PATIENCE;
use crate::signals::{Carrier, push, streamer, string};
use crate::{Owned, last_error, shared, sized};

fn list(streamer: &Owned, capacity: usize) -> (i32, Vec<(u32, u32, String)>, u32) {
    let mut out: Vec<rendercast_viewer> = (0..capacity).map(|_| sized()).collect();
    let mut count = 77;
    let status = unsafe { rendercast_list_viewers(streamer.0, out.as_mut_ptr(), capacity as u32, &raw mut count) };
    out.truncate(count as usize);
    (status, out.iter().map(|one| (one.viewer, one.state, string(&one.connection))).collect(), count)
}

fn get(streamer: &Owned, viewer: u32, kind: u32) -> (i32, rendercast_sender_parameters) {
    let mut out: rendercast_sender_parameters = sized();
    (unsafe { rendercast_get_sender_parameters(streamer.0, viewer, kind, &raw mut out) }, out)
}

fn set(streamer: &Owned, viewer: u32, kind: u32, parameters: &rendercast_sender_parameters) -> i32 {
    unsafe { rendercast_set_sender_parameters(streamer.0, viewer, kind, parameters) }
}

fn prefer(streamer: &Owned, viewer: u32, kind: u32, codecs: &str) -> i32 {
    let codecs = CString::new(codecs).unwrap();
    unsafe { rendercast_set_codec_preferences(streamer.0, viewer, kind, codecs.as_ptr()) }
}

/// The video's statistics, once there are any.
fn outbound(streamer: &Owned, viewer: u32) -> Option<serde_json::Value> {
    let mut text: Vec<c_char> = vec![0; 65_536];
    let status =
        unsafe { rendercast_viewer_stats_json(streamer.0, viewer, text.as_mut_ptr(), text.len() as u32, null_mut()) };
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    let json: serde_json::Value = serde_json::from_str(&string(&text)).unwrap();
    let all = json.as_object().unwrap().values();
    all.filter(|one| one["type"] == "outbound-rtp").find(|one| one["kind"] == "video").cloned()
}

#[tokio::test]
async fn a_viewer_is_listed_and_what_is_set_for_it_can_be_read_and_is_done() {
    let _guard = shared();
    let mut carrier = Carrier::start("").await;
    assert_eq!(list(&carrier.streamer, 2), (RENDERCAST_OK, vec![], 0));
    let offer = carrier.browser.offer().await;
    assert_eq!(push(&carrier.streamer, RENDERCAST_SIGNAL_OFFER, "friend", Some(&offer), None), RENDERCAST_OK);
    carrier.until_it_plays().await;
    let (status, listed, count) = list(&carrier.streamer, 2);
    let viewer = listed[0].0;
    assert_eq!((status, count), (RENDERCAST_OK, 1));
    assert_eq!(listed, [(viewer, RENDERCAST_VIEWER_CONNECTED, "friend".to_owned())]);
    let mut count = 0;
    let ask = unsafe { rendercast_list_viewers(carrier.streamer.0, null_mut(), 0, &raw mut count) };
    assert_eq!((ask, count), (RENDERCAST_OK, 1));

    let (status, defaults) = get(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO);
    assert_eq!((status, defaults.active, defaults.max_bitrate), (RENDERCAST_OK, RENDERCAST_ON, 0));
    assert_eq!((defaults.scale_resolution_down_by, defaults.max_framerate), (1.0, 0));
    let mut off: rendercast_sender_parameters = sized();
    (off.active, off.max_bitrate, off.max_framerate) = (RENDERCAST_OFF, 500_000, 15);
    assert_eq!(set(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO, &off), RENDERCAST_OK, "{}", last_error());
    let (_, read) = get(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO);
    assert_eq!((read.active, read.max_bitrate, read.max_framerate), (RENDERCAST_OFF, 500_000, 15));
    assert_eq!(get(&carrier.streamer, viewer, RENDERCAST_SENDER_AUDIO).1.active, RENDERCAST_ON);
    let told = async {
        while outbound(&carrier.streamer, viewer).is_none_or(|video| video["active"] != false) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("it is off");
    assert_eq!(outbound(&carrier.streamer, viewer).unwrap()["qualityLimitationReason"], "none");

    let mut wrong: rendercast_sender_parameters = sized();
    wrong.scale_resolution_down_by = 0.5;
    assert_eq!(set(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO, &wrong), RENDERCAST_INVALID_ARGUMENT);
    assert!(last_error().contains("scale_resolution_down_by = 0.5 is outside 1 to 1000"), "{}", last_error());
    assert_eq!(set(&carrier.streamer, viewer, RENDERCAST_SENDER_AUDIO, &off), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(prefer(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO, "h264"), RENDERCAST_OK);
    assert_eq!(push(&carrier.streamer, RENDERCAST_SIGNAL_DISCONNECT, "friend", None, None), RENDERCAST_OK);
    let gone = async {
        while list(&carrier.streamer, 2).2 > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it has left");
    assert_eq!(get(&carrier.streamer, viewer, RENDERCAST_SENDER_VIDEO).0, RENDERCAST_NO_VIEWER);
}

#[test]
fn what_makes_no_sense_is_refused_by_name_and_nobody_is_not_found() {
    let _guard = shared();
    let streamer = streamer("");
    let usual: rendercast_sender_parameters = sized();
    assert_eq!(set(&streamer, 12_345, RENDERCAST_SENDER_VIDEO, &usual), RENDERCAST_NO_VIEWER);
    assert_eq!(get(&streamer, 0, RENDERCAST_SENDER_AUDIO).0, RENDERCAST_NO_VIEWER);
    assert_eq!(set(&streamer, 1, 0, &usual), RENDERCAST_INVALID_ARGUMENT);
    assert!(last_error().contains("kind = 0 is outside 1 to 2"), "{}", last_error());
    assert_eq!(get(&streamer, 1, 0).0, RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(get(&streamer, 12_345, 3).0, RENDERCAST_NO_VIEWER, "the number of an added track's sender");
    let small = rendercast_sender_parameters { size: 31, ..usual };
    assert_eq!(set(&streamer, 1, RENDERCAST_SENDER_VIDEO, &small), RENDERCAST_STRUCT_SIZE);
    let call = |parameters| unsafe { rendercast_set_sender_parameters(streamer.0, 1, 1, parameters) };
    assert_eq!(call(null()), RENDERCAST_NULL_POINTER);
    assert_eq!(unsafe { rendercast_get_sender_parameters(streamer.0, 1, 1, null_mut()) }, RENDERCAST_NULL_POINTER);

    let mut count = 0;
    let ask = |out, capacity, count| unsafe { rendercast_list_viewers(streamer.0, out, capacity, count) };
    assert_eq!(ask(null_mut(), 0, null_mut()), RENDERCAST_NULL_POINTER);
    assert_eq!(ask(null_mut(), 1, &raw mut count), RENDERCAST_NULL_POINTER);
    let mut short = rendercast_viewer { size: 8, ..sized() };
    assert_eq!(ask(&raw mut short, 1, &raw mut count), RENDERCAST_STRUCT_SIZE);

    // Only H.264 is configured.
    for (codecs, part) in [
        ("vp8", "VP8 is not among the configuration's video.codecs"),
        ("h264,h264", "H264 is named twice"),
        ("h266", r#""h266" is none of h264, vp8, vp9, av1"#),
    ] {
        assert_eq!(prefer(&streamer, 0, RENDERCAST_SENDER_VIDEO, codecs), RENDERCAST_INVALID_ARGUMENT);
        assert!(last_error().contains(part), "{}", last_error());
    }
    assert_eq!(prefer(&streamer, 0, RENDERCAST_SENDER_AUDIO, "h264"), RENDERCAST_INVALID_ARGUMENT);
    assert_eq!(prefer(&streamer, 0, RENDERCAST_SENDER_VIDEO, " h264 "), RENDERCAST_OK);
    assert_eq!(unsafe { rendercast_set_codec_preferences(streamer.0, 0, 1, null()) }, RENDERCAST_OK);
    assert_eq!(prefer(&streamer, 12_345, RENDERCAST_SENDER_VIDEO, "h264"), RENDERCAST_NO_VIEWER);
    assert_eq!(rendercast_stop(streamer.0), RENDERCAST_OK);
    assert_eq!(list(&streamer, 1).2, 0);
}
