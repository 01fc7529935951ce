//! Who is here, and figures of one viewer: the ones a host shows as a structure, the whole report as JSON.

use std::ffi::c_char;
use std::mem::offset_of;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::roles::role_number;
use super::signals::RENDERCAST_CONNECTION_SIZE;
use super::sources::rendercast_source;
use super::stats::RENDERCAST_ENCODER_SIZE;
use super::status::{Failure, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_in, text_out};
use crate::streamer::{PresentViewer, ViewerFigures, ViewerState};
use crate::units::ViewerId;

/// It is negotiated, or its connection has not come up yet.
pub const RENDERCAST_VIEWER_CONNECTING: u32 = 1;
/// Its connection is up.
pub const RENDERCAST_VIEWER_CONNECTED: u32 = 2;
/// Nothing is heard from it; it may come back within seconds.
pub const RENDERCAST_VIEWER_INTERRUPTED: u32 = 3;

/// A viewer that is here.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_viewer {
    /// sizeof(rendercast_viewer); set by the caller in the first element of an array.
    pub size: u32,
    /// Its number, as events and input carry it.
    pub viewer: u32,
    /// One of RENDERCAST_VIEWER_*. A newer library may tell numbers this header does not name.
    pub state: u32,
    /// The connection's name in its signaling protocol, as with RENDERCAST_EVENT_VIEWER_CONNECTED and in rendercast_signal: UTF-8,
    /// ended by a NUL.
    pub connection: [c_char; RENDERCAST_CONNECTION_SIZE],
    /// 0.
    pub reserved: [u8; 3],
    /// RENDERCAST_ROLE_SPECTATOR or RENDERCAST_ROLE_PLAYER.
    pub role: u32,
    /// The player's number, from 1; 0 for a spectator.
    pub player: u32,
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_viewer {
    const NAME: &'static str = "rendercast_viewer";
    const SIZES: &'static [usize] = &[offset_of!(Self, role), size_of::<Self>()];
}

/// Bytes of rendercast_viewer_stats.codec, NUL included.
pub const RENDERCAST_CODEC_SIZE: usize = 16;

/// One viewer at one moment. Counters count since it connected; what begins with `page` its page tells of itself.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_viewer_stats {
    /// sizeof(rendercast_viewer_stats); set by the caller.
    pub size: u32,
    /// Round trip to it, smoothed, in microseconds; 0 before one was measured.
    pub rtt_us: u32,
    /// Share of packets lost, smoothed over some seconds, 0 to 1.
    pub fraction_lost: f32,
    /// Of the picture it is sent, in pixels; 0 while it is sent none.
    pub width: u32,
    /// Of the picture it is sent, in pixels.
    pub height: u32,
    /// Pictures a second its encoder is asked for.
    pub fps: u32,
    /// What its link is estimated to carry, in kbit/s.
    pub available_bitrate_kbps: u64,
    /// What its encoder is asked for, in kbit/s.
    pub target_bitrate_kbps: u64,
    /// RTP packets, those sent again among them.
    pub packets_sent: u64,
    /// Payload of these packets, in bytes.
    pub bytes_sent: u64,
    /// Packets sent again because it asked.
    pub packets_retransmitted: u64,
    /// Payload of these packets, in bytes.
    pub bytes_retransmitted: u64,
    /// Pictures.
    pub frames_sent: u64,
    /// "H264", "VP8", "VP9" or "AV1", ended by a NUL; empty while it is sent no picture.
    pub codec: [c_char; RENDERCAST_CODEC_SIZE],
    /// The encoder it is served by, shared or not, ended by a NUL.
    pub encoder: [c_char; RENDERCAST_ENCODER_SIZE],
    /// Whose picture it is shown, or is about to be; 0 is the source that is always there.
    pub source: rendercast_source,
    /// 0.
    pub reserved: u32,
    /// RTP payload that it was sent in the last second, in kbit/s.
    pub sent_bitrate_kbps: u64,
    /// Times its queue was cleared until a keyframe.
    pub resyncs: u64,
    /// Pictures that it was sent in the last second.
    pub sent_fps: u32,
    /// Its layer's place in the codec's ladder; 0 is the best, also while it is sent no picture.
    pub rung: u32,
    /// How long what waits in its pacer takes to leave, in microseconds.
    pub pacer_queue_us: u32,
    /// How long ago its page told of itself, in ms, 1 or more; 0: it has not, and what follows is 0. What it tells is not to be
    /// trusted. Numbers that it did not tell are 0.
    pub page_age_ms: u32,
    /// From capture to display, median, in ms.
    pub page_end_to_end_p50_ms: f32,
    /// From capture to display, 95th percentile, in ms.
    pub page_end_to_end_p95_ms: f32,
    /// How long pictures wait in its jitter buffer, in ms.
    pub page_jitter_buffer_ms: f32,
    /// How long its browser takes to decode a picture, in ms.
    pub page_decode_ms: f32,
    /// How long a decoded picture waits for the display, in ms.
    pub page_display_ms: f32,
    /// From an input to the first picture drawn after it, median, in ms.
    pub page_input_to_picture_p50_ms: f32,
    /// From an input to the first picture drawn after it, 95th percentile, in ms.
    pub page_input_to_picture_p95_ms: f32,
    /// Pictures that it shows a second.
    pub page_fps: f32,
    /// Pictures that were decoded and not shown.
    pub page_frames_dropped: u64,
    /// How long its picture stood still, in ms.
    pub page_frozen_ms: f64,
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_viewer_stats {
    const NAME: &'static str = "rendercast_viewer_stats";
    const SIZES: &'static [usize] = &[offset_of!(Self, source), offset_of!(Self, sent_bitrate_kbps), size_of::<Self>()];
}

/// Lists the viewers that are here, connected or on the way, in the order of their numbers: for a host that has missed events.
///
/// `out` is an array of `capacity` structures; set `out[0].size` before the call, which is also the distance from one to the
/// next. `count` becomes the number of viewers, which may be more than `capacity`; then `out` has the first of them. A NULL `out`
/// with `capacity` 0 asks for the number only.
///
/// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`out` holds the first ones); RENDERCAST_NULL_POINTER (`count`, or `out`
/// though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid for `capacity` structures; `count` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_list_viewers(
    streamer: rendercast_streamer,
    out: *mut rendercast_viewer,
    capacity: u32,
    count: *mut u32,
) -> rendercast_status {
    boundary("rendercast_list_viewers", || {
        if count.is_null() {
            return Err(Failure::Null("count"));
        }
        let stride = match capacity {
            0 => size_of::<rendercast_viewer>(),
            // SAFETY: the caller's promise about `out`.
            _ => unsafe { memory::stated_size(out, "out")? },
        };
        handles::with(streamer, |object| {
            let viewers = object.streamer.viewers();
            // SAFETY: the caller's promise about `count`.
            unsafe { memory::write_value(count, u32::try_from(viewers.len()).unwrap_or(u32::MAX), "count")? };
            let room = capacity as usize;
            for (at, viewer) in viewers.iter().take(room).enumerate() {
                // SAFETY: one of `capacity` structures, each of the size that the first one states.
                unsafe {
                    let to = out.byte_add(at * stride);
                    memory::write_value(to.cast::<u32>(), stride as u32, "out")?;
                    memory::write(to, &viewer_out(viewer), "out")?;
                }
            }
            if viewers.len() > room && !out.is_null() {
                let needed = viewers.len().saturating_mul(stride);
                let capacity = capacity.saturating_mul(stride as u32);
                return Err(Failure::BufferTooSmall { capacity, needed });
            }
            Ok(RENDERCAST_OK)
        })
    })
}

fn viewer_out(viewer: &PresentViewer) -> rendercast_viewer {
    rendercast_viewer {
        size: size_of::<rendercast_viewer>() as u32,
        viewer: viewer.viewer.0,
        state: match viewer.state {
            ViewerState::Connecting => RENDERCAST_VIEWER_CONNECTING,
            ViewerState::Connected => RENDERCAST_VIEWER_CONNECTED,
            ViewerState::Interrupted => RENDERCAST_VIEWER_INTERRUPTED,
        },
        connection: text_field(&viewer.connection.0),
        reserved: [0; 3],
        role: role_number(viewer.role),
        player: viewer.role.number(),
    }
}

/// Reads the figures of one viewer.
///
/// `viewer` is the number that events and input carry. Set `out->size` before the call.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_viewer_stats(
    streamer: rendercast_streamer,
    viewer: u32,
    out: *mut rendercast_viewer_stats,
) -> rendercast_status {
    boundary("rendercast_get_viewer_stats", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let figures = object.streamer.viewer_figures(ViewerId(viewer))?;
            // SAFETY: as above.
            unsafe { memory::write(out, &stats_out(&figures), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Writes what a viewer's connection tells of itself as JSON: an object of statistics objects by their ids, with the names,
/// types and units of W3C's RTCStatsReport ("outbound-rtp", "inbound-rtp", "remote-inbound-rtp", "candidate-pair", "transport",
/// "codec", "data-channel", ...), as a browser's getStats() has it. Members that are not known are not there. About 4000 to 12000 bytes.
///
/// `viewer` is the number that events and input carry. `needed`, unless NULL, becomes the text's size with its NUL. A NULL
/// `buffer` with `capacity` 0 asks for the size only; the next report may be longer.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms);
/// RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL); RENDERCAST_NULL_POINTER;
/// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_stats_json(
    streamer: rendercast_streamer,
    viewer: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_viewer_stats_json", || {
        handles::with(streamer, |object| {
            let report = object.streamer.viewer_report(ViewerId(viewer), None)?;
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&report, buffer, capacity, needed) }
        })
    })
}

/// Writes the part of rendercast_viewer_stats_json that is about one section, that is, about one sender and one receiver (W3C
/// getStats with a track): its "outbound-rtp" and "inbound-rtp", and what they refer to. `mid` is its name as
/// rendercast_peer_list_transceivers tells it. An empty object, while nothing has gone either way.
///
/// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only; the next
/// report may be longer.
///
/// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (no section has this `mid`; W3C InvalidAccessError);
/// RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a
/// NUL); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
///
/// # Safety
/// `mid` is NULL or ends with a NUL; `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_viewer_section_stats_json(
    streamer: rendercast_streamer,
    viewer: u32,
    mid: *const c_char,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_viewer_section_stats_json", || {
        // SAFETY: the caller's promise about `mid`.
        let mid = unsafe { text_in(mid, "mid")? }.ok_or(Failure::Null("mid"))?;
        handles::with(streamer, |object| {
            let report = object.streamer.viewer_report(ViewerId(viewer), Some(mid))?;
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&report, buffer, capacity, needed) }
        })
    })
}

fn stats_out(figures: &ViewerFigures) -> rendercast_viewer_stats {
    let page = figures.page.map(|(_, page)| page).unwrap_or_default();
    let ms = |value: Option<f64>| value.unwrap_or(0.0) as f32;
    let encoding = figures.encoding.map(|(_, encoding)| encoding);
    let peer = &figures.peer;
    rendercast_viewer_stats {
        size: size_of::<rendercast_viewer_stats>() as u32,
        rtt_us: peer.rtt_us.unwrap_or(0),
        fraction_lost: peer.loss,
        width: encoding.map_or(0, |encoding| encoding.size.width),
        height: encoding.map_or(0, |encoding| encoding.size.height),
        fps: encoding.map_or(0, |encoding| encoding.fps),
        available_bitrate_kbps: figures.estimate.kbps(),
        target_bitrate_kbps: encoding.map_or(0, |encoding| encoding.target.kbps()),
        packets_sent: peer.packets_sent,
        bytes_sent: peer.bytes_sent,
        packets_retransmitted: peer.packets_sent_again,
        bytes_retransmitted: peer.bytes_sent_again,
        frames_sent: peer.frames_sent,
        codec: text_field(figures.encoding.map_or("", |(codec, _)| codec)),
        encoder: text_field(encoding.map_or("", |encoding| encoding.encoder)),
        source: figures.source.0,
        reserved: 0,
        sent_bitrate_kbps: figures.sent.kbps(),
        resyncs: figures.resyncs,
        sent_fps: figures.sent_fps,
        rung: figures.rung.map_or(0, |rung| u32::try_from(rung).unwrap_or(u32::MAX)),
        pacer_queue_us: u32::try_from(figures.pacer_queue.as_micros()).unwrap_or(u32::MAX),
        page_age_ms: figures.page.map_or(0, |(age, _)| u32::try_from(age.as_millis()).unwrap_or(u32::MAX).max(1)),
        page_end_to_end_p50_ms: ms(page.end_to_end_p50_ms),
        page_end_to_end_p95_ms: ms(page.end_to_end_p95_ms),
        page_jitter_buffer_ms: ms(page.jitter_buffer_ms),
        page_decode_ms: ms(page.decode_ms),
        page_display_ms: ms(page.display_ms),
        page_input_to_picture_p50_ms: ms(page.input_to_picture_p50_ms),
        page_input_to_picture_p95_ms: ms(page.input_to_picture_p95_ms),
        page_fps: ms(page.fps),
        page_frames_dropped: page.dropped.unwrap_or(0),
        page_frozen_ms: page.frozen_ms.unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::stats::page::PageFigures;
    use crate::units::{Bitrate, SourceId};

    fn figures(page: Option<(Duration, PageFigures)>) -> ViewerFigures {
        ViewerFigures {
            peer: Default::default(),
            estimate: Bitrate::from_kbps(1),
            encoding: None,
            source: SourceId(2),
            rung: Some(3),
            sent: Bitrate::from_kbps(4),
            sent_fps: 5,
            resyncs: 6,
            pacer_queue: Duration::from_micros(7),
            page,
        }
    }

    #[test]
    fn what_a_page_tells_has_its_own_fields_and_is_zero_before_it_does() {
        let silent = stats_out(&figures(None));
        assert_eq!((silent.source, silent.rung, silent.sent_bitrate_kbps, silent.sent_fps), (2, 3, 4, 5));
        assert_eq!((silent.resyncs, silent.pacer_queue_us, silent.page_age_ms, silent.page_fps), (6, 7, 0, 0.0));
        let page = PageFigures {
            end_to_end_p50_ms: Some(1.0),
            end_to_end_p95_ms: Some(2.0),
            jitter_buffer_ms: Some(3.0),
            decode_ms: Some(4.0),
            display_ms: Some(5.0),
            input_to_picture_p50_ms: Some(6.0),
            input_to_picture_p95_ms: Some(7.0),
            fps: Some(8.0),
            dropped: Some(9),
            frozen_ms: Some(10.0),
        };
        let told = stats_out(&figures(Some((Duration::ZERO, page))));
        assert_eq!(told.page_age_ms, 1, "0 means that it never told");
        assert_eq!((told.page_end_to_end_p50_ms, told.page_end_to_end_p95_ms), (1.0, 2.0));
        assert_eq!((told.page_jitter_buffer_ms, told.page_decode_ms, told.page_display_ms), (3.0, 4.0, 5.0));
        assert_eq!((told.page_input_to_picture_p50_ms, told.page_input_to_picture_p95_ms), (6.0, 7.0));
        assert_eq!((told.page_fps, told.page_frames_dropped, told.page_frozen_ms), (8.0, 9, 10.0));
    }
}
