//! Figures out: the ones a host shows as a structure, all of them as JSON.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::sources::rendercast_source;
use super::status::{RENDERCAST_EMPTY, RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_out};
use super::viewers::RENDERCAST_CODEC_SIZE;
use crate::stats::snapshot::{LayerSnapshot, Snapshot};

/// Bytes of rendercast_stats.encoder, NUL included.
pub const RENDERCAST_ENCODER_SIZE: usize = 32;

/// A streamer at one moment. Latencies are over the last 256 pictures; counters count since the streamer's start.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_stats {
    /// sizeof(rendercast_stats); set by the caller.
    pub size: u32,
    /// Viewers connected now.
    pub viewers: u32,
    /// Since the start, in ms.
    pub uptime_ms: u64,
    /// Encoders open now.
    pub encoders: u32,
    /// Of the last picture of source 0, in pixels.
    pub width: u32,
    /// Of the last picture of source 0, in pixels.
    pub height: u32,
    /// Colour conversion, median, in microseconds.
    pub convert_p50_us: u32,
    /// Colour conversion, 99th percentile, in microseconds.
    pub convert_p99_us: u32,
    /// Encoding, median, in microseconds.
    pub encode_p50_us: u32,
    /// Encoding, 99th percentile, in microseconds.
    pub encode_p99_us: u32,
    /// From push to the picture's last packet leaving, less encoding: median, in microseconds.
    pub transit_p50_us: u32,
    /// From push to the picture's last packet leaving, less encoding: 99th percentile, in microseconds.
    pub transit_p99_us: u32,
    /// 0.
    pub reserved: u32,
    /// Target of the first active layer, in kbit/s.
    pub target_bitrate_kbps: u64,
    /// Pictures pushed or committed.
    pub video_frames_pushed: u64,
    /// Pictures that a newer one replaced, or that found no free buffer.
    pub video_frames_dropped: u64,
    /// Pictures encoded, over all layers.
    pub video_frames_encoded: u64,
    /// Keyframes encoded, over all layers.
    pub keyframes_encoded: u64,
    /// Audio blocks pushed.
    pub audio_blocks_pushed: u64,
    /// Audio blocks refused because 200 ms were waiting.
    pub audio_blocks_dropped: u64,
    /// Times a viewer too slow for its stream was restarted on a keyframe.
    pub viewer_resyncs: u64,
    /// RTP packets sent, over all viewers.
    pub packets_sent: u64,
    /// RTP payload bytes sent, over all viewers.
    pub bytes_sent: u64,
    /// Input events received.
    pub input_events: u64,
    /// Input events dropped because the host polls too slowly.
    pub input_events_dropped: u64,
    /// Name of the first active layer's encoder, empty when none is open: UTF-8, ended by a NUL.
    pub encoder: [c_char; RENDERCAST_ENCODER_SIZE],
}

// SAFETY: repr(C), size first, integers only.
unsafe impl Versioned for rendercast_stats {
    const NAME: &'static str = "rendercast_stats";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// One encoding that viewers share, at one moment. Counters count since it was started.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct rendercast_layer_stats {
    /// sizeof(rendercast_layer_stats); set by the caller.
    pub size: u32,
    /// Whose pictures; 0 is the source that is always there.
    pub source: rendercast_source,
    /// Its place in its codec's ladder of sizes; 0 is the best.
    pub rung: u32,
    /// 1 where it is for viewers that would cost the others too many keyframes, else 0.
    pub repair: u32,
    /// How much smaller than the rung's picture it is for viewers whose host asked for that
    /// (rendercast_sender_parameters.scale_resolution_down_by); 0: it is for everybody.
    pub scale_resolution_down_by: f64,
    /// The most pictures a second for viewers whose host asked for that; 0: it is for everybody.
    pub max_framerate: u32,
    /// Of its picture, in pixels.
    pub width: u32,
    /// Of its picture, in pixels.
    pub height: u32,
    /// Pictures a second that its encoder is asked for.
    pub fps: u32,
    /// Pictures that it made in the last second.
    pub actual_fps: u32,
    /// Viewers that watch it or are about to.
    pub viewers: u32,
    /// What its encoder is asked for, in kbit/s.
    pub target_bitrate_kbps: u64,
    /// What it made in the last second, in kbit/s.
    pub actual_bitrate_kbps: u64,
    /// Encoding, median of its last 256 pictures, in microseconds.
    pub encode_p50_us: u32,
    /// Encoding, 99th percentile of its last 256 pictures, in microseconds.
    pub encode_p99_us: u32,
    /// Pictures that it made.
    pub frames: u64,
    /// Keyframes that it made.
    pub keyframes: u64,
    /// Bytes that it made.
    pub bytes: u64,
    /// "H264", "VP8", "VP9" or "AV1", ended by a NUL.
    pub codec: [c_char; RENDERCAST_CODEC_SIZE],
    /// Its encoder's name, ended by a NUL.
    pub encoder: [c_char; RENDERCAST_ENCODER_SIZE],
}

// SAFETY: repr(C), size first, integers and floats only.
unsafe impl Versioned for rendercast_layer_stats {
    const NAME: &'static str = "rendercast_layer_stats";
    const SIZES: &'static [usize] = &[size_of::<Self>()];
}

/// Reads the streamer's figures. Set `out->size` before the call.
///
/// Returns RENDERCAST_OK; RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
/// RENDERCAST_PANIC.
///
/// Any thread but the one that pushes audio: it may allocate. Waits for no other thread longer than microseconds. About
/// once a second is enough. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_stats(
    streamer: rendercast_streamer,
    out: *mut rendercast_stats,
) -> rendercast_status {
    boundary("rendercast_get_stats", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            // SAFETY: as above.
            unsafe { memory::write(out, &stats_out(&object.streamer.stats()), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Reads the figures of one encoding. Call it with `index` 0, 1, 2, ... until it returns RENDERCAST_EMPTY: of each source the first
/// codec's best layer comes first. Encodings begin and end with their viewers, so an index may be another one's with the next call.
///
/// Set `out->size` before the call.
///
/// Returns RENDERCAST_OK; RENDERCAST_EMPTY (so many are not open, `out` is unchanged); RENDERCAST_NULL_POINTER;
/// RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
///
/// # Safety
/// `out` is NULL or valid as described.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_get_layer_stats(
    streamer: rendercast_streamer,
    index: u32,
    out: *mut rendercast_layer_stats,
) -> rendercast_status {
    boundary("rendercast_get_layer_stats", || {
        // SAFETY: the caller's promise about `out`.
        unsafe { memory::check(out, "out")? };
        handles::with(streamer, |object| {
            let layers = object.streamer.stats().layers;
            let Some(layer) = layers.get(index as usize) else { return Ok(RENDERCAST_EMPTY) };
            // SAFETY: as above.
            unsafe { memory::write(out, &layer_out(layer), "out")? };
            Ok(RENDERCAST_OK)
        })
    })
}

/// Writes every figure as one JSON object: the fields of rendercast_stats, under "sources" and "layers" what there is of each,
/// under "viewer_list" everybody who is here with what their pages tell of themselves, and under "counters" all counters by name.
/// Names may be added in newer versions; none is renamed.
///
/// `needed`, unless NULL, becomes the text's size with its NUL, about 3000 bytes and 900 for each viewer. A NULL `buffer` with `capacity` 0 asks for
/// the size only; the text may grow until the next call, so leave some room.
///
/// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL
/// though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
///
/// Any thread but the one that pushes audio: it allocates. Since 0.1.0.
///
/// # Safety
/// `buffer` is NULL or writable for `capacity` bytes; `needed` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rendercast_stats_json(
    streamer: rendercast_streamer,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> rendercast_status {
    boundary("rendercast_stats_json", || {
        handles::with(streamer, |object| {
            let text = object.streamer.stats().to_json();
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&text, buffer, capacity, needed) }
        })
    })
}

fn stats_out(snapshot: &Snapshot) -> rendercast_stats {
    let counter =
        |name: &str| snapshot.counters.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count);
    rendercast_stats {
        size: size_of::<rendercast_stats>() as u32,
        viewers: snapshot.viewers,
        uptime_ms: snapshot.uptime_ms,
        encoders: snapshot.encoders,
        width: snapshot.width,
        height: snapshot.height,
        convert_p50_us: snapshot.convert_p50_us,
        convert_p99_us: snapshot.convert_p99_us,
        encode_p50_us: snapshot.encode_p50_us,
        encode_p99_us: snapshot.encode_p99_us,
        transit_p50_us: snapshot.transit_p50_us,
        transit_p99_us: snapshot.transit_p99_us,
        reserved: 0,
        target_bitrate_kbps: snapshot.target_bitrate_kbps,
        video_frames_pushed: counter("video_frames_pushed"),
        video_frames_dropped: counter("video_frames_dropped"),
        video_frames_encoded: counter("video_frames_encoded"),
        keyframes_encoded: counter("keyframes_encoded"),
        audio_blocks_pushed: counter("audio_blocks_pushed"),
        audio_blocks_dropped: counter("audio_blocks_dropped"),
        viewer_resyncs: counter("viewer_resyncs"),
        packets_sent: counter("packets_sent"),
        bytes_sent: counter("bytes_sent"),
        input_events: counter("input_events"),
        input_events_dropped: counter("input_events_dropped"),
        encoder: text_field(&snapshot.encoder),
    }
}

fn layer_out(layer: &LayerSnapshot) -> rendercast_layer_stats {
    rendercast_layer_stats {
        size: size_of::<rendercast_layer_stats>() as u32,
        source: layer.source,
        rung: u32::try_from(layer.rung).unwrap_or(u32::MAX),
        repair: layer.repair.into(),
        scale_resolution_down_by: layer.scale_resolution_down_by,
        max_framerate: layer.max_framerate,
        width: layer.width,
        height: layer.height,
        fps: layer.fps,
        actual_fps: layer.actual_fps,
        viewers: u32::try_from(layer.viewers).unwrap_or(u32::MAX),
        target_bitrate_kbps: layer.target_bitrate_kbps,
        actual_bitrate_kbps: layer.actual_bitrate_kbps,
        encode_p50_us: layer.encode_p50_us,
        encode_p99_us: layer.encode_p99_us,
        frames: layer.frames,
        keyframes: layer.keyframes,
        bytes: layer.bytes,
        codec: text_field(layer.codec),
        encoder: text_field(layer.encoder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Counters;

    #[test]
    fn every_counter_of_the_structure_comes_from_the_counter_of_its_name() {
        // Each counter has another value, so a renamed or swapped one shows.
        let counters: Vec<_> = Counters::default().iter().zip(1..).map(|((name, _), n)| (name, n)).collect();
        let value = |name: &str| counters.iter().find(|(known, _)| *known == name).map(|(_, n)| *n).unwrap();
        let out = stats_out(&Snapshot { counters: counters.clone(), encoder: "libx264".into(), ..Default::default() });
        assert_eq!(out.video_frames_pushed, value("video_frames_pushed"));
        assert_eq!(out.video_frames_dropped, value("video_frames_dropped"));
        assert_eq!(out.video_frames_encoded, value("video_frames_encoded"));
        assert_eq!(out.keyframes_encoded, value("keyframes_encoded"));
        assert_eq!(out.audio_blocks_pushed, value("audio_blocks_pushed"));
        assert_eq!(out.audio_blocks_dropped, value("audio_blocks_dropped"));
        assert_eq!(out.viewer_resyncs, value("viewer_resyncs"));
        assert_eq!(out.packets_sent, value("packets_sent"));
        assert_eq!(out.bytes_sent, value("bytes_sent"));
        assert_eq!(out.input_events, value("input_events"));
        assert_eq!(out.input_events_dropped, value("input_events_dropped"));
        assert_eq!(out.encoder[..8].iter().map(|c| *c as u8).collect::<Vec<_>>(), b"libx264\0");
    }

    #[test]
    fn every_figure_of_a_layer_has_its_own_field() {
        let layer = LayerSnapshot {
            source: 1,
            codec: "VP9",
            rung: 2,
            repair: true,
            scale_resolution_down_by: 1.5,
            max_framerate: 3,
            encoder: "libvpx",
            width: 4,
            height: 5,
            fps: 6,
            target_bitrate_kbps: 7,
            viewers: 8,
            encode_p50_us: 9,
            encode_p99_us: 10,
            frames: 11,
            keyframes: 12,
            bytes: 13,
            actual_fps: 14,
            actual_bitrate_kbps: 15,
        };
        let out = layer_out(&layer);
        assert_eq!(
            (out.source, out.rung, out.repair, out.scale_resolution_down_by, out.max_framerate),
            (1, 2, 1, 1.5, 3)
        );
        assert_eq!((out.width, out.height, out.fps, out.target_bitrate_kbps, out.viewers), (4, 5, 6, 7, 8));
        assert_eq!((out.encode_p50_us, out.encode_p99_us, out.frames, out.keyframes), (9, 10, 11, 12));
        assert_eq!((out.bytes, out.actual_fps, out.actual_bitrate_kbps), (13, 14, 15));
        assert_eq!(out.codec[..4].iter().map(|c| *c as u8).collect::<Vec<_>>(), b"VP9\0");
        assert_eq!(out.encoder[..7].iter().map(|c| *c as u8).collect::<Vec<_>>(), b"libvpx\0");
    }
}
