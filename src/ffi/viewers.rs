//! Figures of one viewer: the ones a host shows as a structure, the whole report as JSON.

use std::ffi::c_char;
use std::mem::offset_of;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::sources::rendercast_source;
use super::stats::RENDERCAST_ENCODER_SIZE;
use super::status::{RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_out};
use crate::streamer::ViewerFigures;
use crate::units::ViewerId;

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
