//! Several pictures in one streamer: cameras, split screens, and which viewer is shown which.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::text_in;
use crate::streamer::SourceOptions;
use crate::units::{SourceId, ViewerId};

/// A source of pictures of one streamer. 0 is the one that is always there, which everything goes to that names none; others
/// count up from 1 and are never given twice. A stale one is an error, never a crash.
pub type rendercast_source = u32;

/// What a source is made with. Set `size`; 0 and NULL mean default.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_source_options {
    /// sizeof(rendercast_source_options).
    pub size: u32,
    /// The most that its encoders may be asked for, in kbit/s, within the configuration's bounds. 0: the streamer's.
    pub max_bitrate_kbps: u32,
    /// Pictures a second to expect, 1 to 240. 0: the streamer's.
    pub fps: u32,
    /// 0.
    pub reserved: u32,
    /// For people, in statistics: at most 63 bytes of UTF-8 and a NUL, without control characters. NULL: none.
    pub label: *const c_char,
}

// SAFETY: repr(C), size first, integers and a pointer that may be NULL.
unsafe impl Versioned for rendercast_source_options {
    const NAME: &'static str = "rendercast_source_options";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Makes one more source of pictures. Pictures for it bear its number: rendercast_video_frame.source,
/// rendercast_source_acquire_video, rendercast_texture.source, rendercast_unity_frame.source. Each source has a worker of its
/// own, and its own encoders while it is watched; `video.max_encoders` bounds those of all sources, but for the first one of each
/// source and codec.
///
/// `options` is NULL for all defaults; it and its text may be freed after the call. On RENDERCAST_OK `*out` is the source's
/// number, otherwise 0. It lives until rendercast_source_destroy or the end of the streamer, through stops and starts.
///
/// Returns RENDERCAST_OK; RENDERCAST_TOO_MANY (15 are alive); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the option
/// and its range); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`out`); RENDERCAST_STRUCT_SIZE; RENDERCAST_NO_RESOURCES;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it may start a thread, and waits while another thread starts or stops the
/// streamer. Since 0.1.0.
///
/// # Safety
/// `options` is NULL or valid as described, `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_source_create(
    streamer: rendercast_streamer,
    options: *const rendercast_source_options,
    out: *mut rendercast_source,
) -> rendercast_status {
    boundary("rendercast_source_create", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::write_value(out, 0, "out")? };
        let options = if options.is_null() {
            SourceOptions::default()
        } else {
            // SAFETY: the caller's promise about `options` and its text.
            unsafe {
                let options = memory::read(options, "options")?;
                let label = text_in(options.label, "label")?.unwrap_or_default().to_owned();
                SourceOptions { label, max_bitrate_kbps: options.max_bitrate_kbps, fps: options.fps }
            }
        };
        handles::with(streamer, |object| {
            let source = object.streamer.create_source(options)?;
            // SAFETY: as above.
            unsafe { memory::write_value(out, source.0, "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Ends a source. Who watches it is shown source 0 from now on (RENDERCAST_EVENT_SOURCE_CHANGED). Its number is stale: pictures
/// that bear it are refused with RENDERCAST_NO_SOURCE. A buffer lent for it is given back by rendercast_discard_video, or by
/// rendercast_commit_video, which drops the picture.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_SOURCE; RENDERCAST_INVALID_ARGUMENT (`source` 0 is always there);
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Waits while another thread starts or stops the streamer, not for viewers,
/// encoders or the network. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_source_destroy(
    streamer: rendercast_streamer,
    source: rendercast_source,
) -> rendercast_status {
    boundary("rendercast_source_destroy", || {
        handles::with(streamer, |object| {
            object.streamer.destroy_source(SourceId(source))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Says which source a viewer is shown (W3C's replaceTrack: nothing is negotiated anew, and its sound goes on). It keeps the
/// picture it has until the new one's first keyframe is here, and as long as the new source has no picture;
/// RENDERCAST_EVENT_SOURCE_CHANGED tells when the new one is sent.
///
/// `viewer` is the number that events and input carry; 0 says what viewers to come are shown, at first source 0.
///
/// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_SOURCE; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (64 orders
/// wait for this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_set_viewer_source(
    streamer: rendercast_streamer,
    viewer: u32,
    source: rendercast_source,
) -> rendercast_status {
    boundary("rendercast_set_viewer_source", || {
        handles::with(streamer, |object| {
            let viewer = (viewer != 0).then_some(ViewerId(viewer));
            object.streamer.set_viewer_source(viewer, SourceId(source))?;
            Ok(RENDERCAST_OK)
        })
    })
}

/// Says which source every viewer is shown, those here and those to come, as rendercast_set_viewer_source does for one.
///
/// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_SOURCE; RENDERCAST_WOULD_BLOCK (64 orders wait for some viewer,
/// the others are asked: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Never blocks. Since 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn rendercast_set_every_viewers_source(
    streamer: rendercast_streamer,
    source: rendercast_source,
) -> rendercast_status {
    boundary("rendercast_set_every_viewers_source", || {
        handles::with(streamer, |object| {
            object.streamer.set_every_viewers_source(SourceId(source))?;
            Ok(RENDERCAST_OK)
        })
    })
}
