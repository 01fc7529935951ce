//! Roles and what pages are to do, through the C ABI.

#![allow(clippy::await_holding_lock, reason = "each test has a thread and a runtime of its own")]

use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};

use rendercast::ffi::events::RENDERCAST_EVENT_CHANNEL_OPENED;
use rendercast::ffi::feedback::*;
use rendercast::ffi::roles::*;
use rendercast::ffi::status::*;
use rendercast::ffi::viewers::*;
use serde_json::{Value, json};

use crate::channels::{Rig, heard};
use crate::signals::streamer;
use crate::{create_json, last_error, shared, sized};

const NOBODY: u32 = u32::MAX;

#[tokio::test]
async fn what_c_wants_of_a_page_reaches_it() {
    let _guard = shared();
    let (mut rig, _) = Rig::start(None).await;
    let control = rig.browser.pc.create_data_channel("rendercast", None).await.unwrap();
    rig.told(RENDERCAST_EVENT_CHANNEL_OPENED, "rendercast").await;
    control.send_text(r#"{"type":"hello","version":1}"#).await.unwrap();
    let next = async || {
        let (is_text, data) = heard(&control, 1).await.remove(0);
        assert!(is_text);
        serde_json::from_slice::<Value>(&data).unwrap()
    };
    let welcome = next().await;
    let viewer = rig.viewer;
    assert_eq!((&welcome["type"], &welcome["viewer"]), (&json!("welcome"), &json!(viewer)));
    assert_eq!((&welcome["role"], &welcome["number"]), (&json!("player"), &json!(1)));
    let handle = rig.streamer.0;

    let mut rumble: rendercast_rumble = sized();
    (rumble.pad, rumble.weak, rumble.right_trigger, rumble.duration_ms) = (2, 0.25, 1.0, 80);
    assert_eq!(unsafe { rendercast_viewer_rumble(handle, viewer, &rumble) }, RENDERCAST_OK, "{}", last_error());
    let expected =
        json!({"type":"rumble","pad":2,"strong":0.0,"weak":0.25,"left_trigger":0.0,"right_trigger":1.0,"ms":80});
    assert_eq!(next().await, expected);
    assert_eq!(unsafe { rendercast_viewer_set_cursor(handle, 0, c"zoom-in".as_ptr()) }, RENDERCAST_OK);
    assert_eq!(next().await, json!({"type":"cursor","shape":"zoom-in"}));
    assert_eq!(rendercast_viewer_set_pointer_lock(handle, viewer, 1), RENDERCAST_OK);
    assert_eq!(next().await, json!({"type":"pointer_lock","on":true}));
    assert_eq!(rendercast_freeze(handle, 0, 1), RENDERCAST_OK);
    assert_eq!(next().await, json!({"type":"freeze","on":true}));
    let mut keyboard: rendercast_keyboard = sized();
    (keyboard.text, keyboard.label) = (c"h\u{f6}h".as_ptr(), c"Name".as_ptr());
    (keyboard.selection_start, keyboard.selection_end, keyboard.mode) = (1, 3, RENDERCAST_KEYBOARD_SEARCH);
    assert_eq!(unsafe { rendercast_viewer_show_keyboard(handle, viewer, &keyboard) }, RENDERCAST_OK);
    let shown = json!({"type":"keyboard","show":true,"text":"höh","start":1,"end":3,"mode":"search","label":"Name"});
    assert_eq!(next().await, shown);
    assert_eq!(rendercast_viewer_hide_keyboard(handle, 0), RENDERCAST_OK);
    assert_eq!(next().await["show"], false);
    assert_eq!(unsafe { rendercast_viewer_show_keyboard(handle, viewer, null()) }, RENDERCAST_OK);
    assert_eq!(next().await["show"], true);

    // As of a header that knew no roles, and as of this one.
    let list = |size: u32| {
        let mut out: rendercast_viewer = sized();
        (out.size, out.role, out.player) = (size, 99, 99);
        let mut count = 0;
        let status = unsafe { rendercast_list_viewers(handle, &raw mut out, 1, &raw mut count) };
        assert_eq!((status, count, out.size, out.viewer), (RENDERCAST_OK, 1, size, viewer));
        (out.role, out.player)
    };
    assert_eq!((list(272), list(280)), ((99, 99), (RENDERCAST_ROLE_PLAYER, 1)));
    assert_eq!(rendercast_set_viewer_role(handle, viewer, RENDERCAST_ROLE_SPECTATOR), RENDERCAST_OK);
    assert_eq!(list(280), (RENDERCAST_ROLE_SPECTATOR, 0));
    let role = json!({"type":"role","role":"spectator","number":0,"reason":"the host decided so"});
    assert_eq!(next().await, role);
    assert_eq!(next().await["type"], "welcome");

    assert_eq!(unsafe { rendercast_kick(handle, viewer, c"bye".as_ptr()) }, RENDERCAST_OK);
    assert_eq!(next().await, json!({"type":"kick","reason":"bye"}));
    rig.until(|rig| (rig.viewer == 0).then_some(())).await;
    assert_eq!(unsafe { rendercast_kick(handle, viewer, null()) }, RENDERCAST_NO_VIEWER);
}

#[test]
fn what_makes_no_sense_is_refused_by_name_and_nobody_is_not_found() {
    let _guard = shared();
    let owned = streamer("");
    let handle = owned.0;
    let refused = |got: i32, status: i32, part: &str| {
        let text = last_error();
        assert_eq!(got, status, "{text}");
        assert!(text.contains(part), "{text}");
    };

    refused(rendercast_set_viewer_role(handle, NOBODY, RENDERCAST_ROLE_PLAYER), RENDERCAST_NO_VIEWER, "is not here");
    for role in [0, 3] {
        let status = rendercast_set_viewer_role(handle, 1, role);
        refused(status, RENDERCAST_INVALID_ARGUMENT, &format!("role = {role} is outside 1 to 2"));
    }

    let shake = |viewer, rumble: &rendercast_rumble| unsafe { rendercast_viewer_rumble(handle, viewer, rumble) };
    let usual: rendercast_rumble = sized();
    refused(shake(NOBODY, &usual), RENDERCAST_NO_VIEWER, "is not here");
    refused(shake(0, &usual), RENDERCAST_NO_CHANNEL, "rendercast");
    refused(shake(0, &rendercast_rumble { pad: 4, ..usual }), RENDERCAST_INVALID_ARGUMENT, "pad = 4 is outside 0 to 3");
    refused(shake(0, &rendercast_rumble { strong: -0.1, ..usual }), RENDERCAST_INVALID_ARGUMENT, "strong = -0.1");
    refused(shake(0, &rendercast_rumble { weak: f32::NAN, ..usual }), RENDERCAST_INVALID_ARGUMENT, "weak = NaN");
    refused(shake(0, &rendercast_rumble { duration_ms: 5_001, ..usual }), RENDERCAST_INVALID_ARGUMENT, "0 to 5000");
    refused(shake(0, &rendercast_rumble { size: 31, ..usual }), RENDERCAST_STRUCT_SIZE, "rendercast_rumble");
    refused(unsafe { rendercast_viewer_rumble(handle, 0, null()) }, RENDERCAST_NULL_POINTER, "rumble is NULL");

    let cursor = |viewer, shape: *const c_char| unsafe { rendercast_viewer_set_cursor(handle, viewer, shape) };
    assert_eq!((cursor(0, null()), cursor(0, c"none".as_ptr())), (RENDERCAST_OK, RENDERCAST_OK));
    refused(cursor(NOBODY, null()), RENDERCAST_NO_VIEWER, "is not here");
    refused(cursor(0, c"url(x)".as_ptr()), RENDERCAST_INVALID_ARGUMENT, r#"cursor = "url(x)" is outside"#);
    refused(cursor(0, c"\xff".as_ptr()), RENDERCAST_INVALID_TEXT, "cursor is not UTF-8");

    assert_eq!((rendercast_freeze(handle, 0, 1), rendercast_freeze(handle, 0, 0)), (RENDERCAST_OK, RENDERCAST_OK));
    refused(rendercast_freeze(handle, 0, 2), RENDERCAST_INVALID_ARGUMENT, "on = 2 is outside 0 to 1");
    refused(rendercast_freeze(handle, NOBODY, 1), RENDERCAST_NO_VIEWER, "is not here");
    assert_eq!(rendercast_viewer_set_pointer_lock(handle, 0, 0), RENDERCAST_OK);
    refused(rendercast_viewer_set_pointer_lock(handle, 0, 7), RENDERCAST_INVALID_ARGUMENT, "on = 7");

    let show = |keyboard: &rendercast_keyboard| unsafe { rendercast_viewer_show_keyboard(handle, 0, keyboard) };
    let usual: rendercast_keyboard = sized();
    assert_eq!(show(&usual), RENDERCAST_OK);
    let long = CString::new("x".repeat(16_385)).unwrap();
    refused(show(&rendercast_keyboard { mode: 6, ..usual }), RENDERCAST_INVALID_ARGUMENT, "keyboard.mode = 6");
    refused(show(&rendercast_keyboard { selection_end: 1, ..usual }), RENDERCAST_INVALID_ARGUMENT, "selection_end = 1");
    refused(show(&rendercast_keyboard { text: long.as_ptr(), ..usual }), RENDERCAST_MESSAGE_TOO_LONG, "text has 16385");
    refused(show(&rendercast_keyboard { label: c"\xff".as_ptr(), ..usual }), RENDERCAST_INVALID_TEXT, "keyboard.label");
    refused(show(&rendercast_keyboard { size: 8, ..usual }), RENDERCAST_STRUCT_SIZE, "rendercast_keyboard");
    refused(rendercast_viewer_hide_keyboard(handle, NOBODY), RENDERCAST_NO_VIEWER, "is not here");

    let copy = |handle, text: *const c_char| unsafe { rendercast_viewer_set_clipboard(handle, 0, text) };
    refused(copy(handle, c"x".as_ptr()), RENDERCAST_NOT_SUPPORTED, "input.clipboard is off");
    refused(copy(handle, null()), RENDERCAST_NULL_POINTER, "text is NULL");
    let config = r#"{"server":{"enabled":false},"input":{"clipboard":true,"clipboard_max_bytes":3}}"#;
    let (status, open) = create_json(config);
    assert_eq!(status, RENDERCAST_OK, "{}", last_error());
    refused(copy(open, c"xxxx".as_ptr()), RENDERCAST_MESSAGE_TOO_LONG, "text has 4 bytes, more than 3");
    refused(copy(open, c"xxx".as_ptr()), RENDERCAST_NO_CHANNEL, "rendercast");
    assert_eq!(rendercast::ffi::streamer::rendercast_destroy(open), RENDERCAST_OK);

    let kick = |handle, reason: *const c_char| unsafe { rendercast_kick(handle, 0, reason) };
    refused(kick(handle, null()), RENDERCAST_NO_VIEWER, "is not here");
    let long = CString::new("x".repeat(513)).unwrap();
    refused(kick(handle, long.as_ptr()), RENDERCAST_MESSAGE_TOO_LONG, "reason has 513 bytes");

    // A handle that is none.
    let stale = open;
    for status in [
        rendercast_set_viewer_role(stale, 1, RENDERCAST_ROLE_PLAYER),
        unsafe { rendercast_viewer_rumble(stale, 1, &sized()) },
        unsafe { rendercast_viewer_set_cursor(stale, 1, null()) },
        rendercast_viewer_set_pointer_lock(stale, 1, 1),
        unsafe { rendercast_viewer_show_keyboard(stale, 1, null()) },
        rendercast_viewer_hide_keyboard(stale, 1),
        copy(stale, c"x".as_ptr()),
        kick(stale, null()),
        rendercast_freeze(stale, 1, 1),
    ] {
        assert_eq!(status, RENDERCAST_INVALID_HANDLE);
    }
    let mut count = 0;
    assert_eq!(unsafe { rendercast_list_viewers(stale, null_mut(), 0, &raw mut count) }, RENDERCAST_INVALID_HANDLE);
}
