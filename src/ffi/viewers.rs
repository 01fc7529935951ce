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
use super::text::{text_field, text_out};
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

/// One viewer at one moment. Counters count since it connected.
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
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_viewer_stats {
    const NAME: &'static str = "rendercast_viewer_stats";
    const SIZES: &'static [usize] = &[offset_of!(Self, source), size_of::<Self>()];
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
/// types and units of W3C's RTCStatsReport ("outbound-rtp", "remote-inbound-rtp", "candidate-pair", "transport", "codec",
/// "data-channel", ...), as a browser's getStats() has it. Members that are not known are not there. About 4000 to 12000 bytes.
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
            let report = object.streamer.viewer_report(ViewerId(viewer))?;
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&report, buffer, capacity, needed) }
        })
    })
}

fn stats_out(figures: &ViewerFigures) -> rendercast_viewer_stats {
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
    }
}
