//! samples/python/rendercast.py lays its structures out as the header does, and streams.

use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use rendercast::ffi::events::rendercast_event;
use rendercast::ffi::input::rendercast_input;
use rendercast::ffi::video::rendercast_video_frame;

use crate::library::{ROOT, shared_library};

macro_rules! layout {
    ($python:literal, $name:ident: $($field:ident)*) => {
        vec![$(format!("{} {} {}", $python, stringify!($field), offset_of!($name, $field))),*]
    };
}

/// Prints where the fields lie, then streams a picture and a block of sound, and tries what is refused.
const SCRIPT: &str = "
import ctypes, time, rendercast
for kind in rendercast.Event, rendercast.Input, rendercast._VideoFrame:
    for field in kind._fields_:
        print(kind.__name__, field[0], getattr(kind, field[0]).offset)
assert rendercast.Input(x=float('nan'), y=2.5).pixel == (0, 2)
with rendercast.Streamer({'server': {'address': '127.0.0.1:0'}}) as streamer:
    picture = (ctypes.c_uint8 * (64 * 64 * 4))()
    assert streamer.push_video(ctypes.addressof(picture), 64, 64)
    assert streamer.push_audio(bytes(441 * 4), 2, 44100)
    heard = []
    while streamer.link is None:
        heard += streamer.events()
        time.sleep(0.01)
    heard += streamer.events()
    assert any(event.kind == rendercast.SERVER_LISTENING and event.message == streamer.link for event in heard)
    assert list(streamer.inputs()) == []
assert not streamer.push_video(ctypes.addressof(picture), 64, 64)
try:
    rendercast.Streamer({'video': {'fps': 0}})
except rendercast.Error as error:
    print('refused:', error)
";

#[test]
fn the_python_module_agrees_with_the_library() {
    let out = Command::new("python3")
        .args(["-c", SCRIPT])
        .env("RENDERCAST_LIBRARY", shared_library())
        .env("PYTHONPATH", Path::new(ROOT).join("samples/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    let out = match out {
        Ok(out) => out,
        Err(error) => return eprintln!("SKIPPED: no python3 here ({error}); samples/python was not run"),
    };
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
    let mut want = layout!("Event", rendercast_event: size kind severity viewer message channel);
    want[4] = want[4].replace("message", "text");
    want.extend(layout!("Input", rendercast_input: size kind viewer key received_ns down repeat character buttons x y
        delta_x delta_y force touch_id phase pad_index axes page_button is_text data_len channel_id channel));
    want.extend(
        layout!("_VideoFrame", rendercast_video_frame: size format width height planes strides flags host_time_ns
        source reserved),
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..want.len()], want);
    assert!(lines[want.len()].contains("video.fps = 0 is outside 1 to 240"), "{text}");
}
