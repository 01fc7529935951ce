//! Figures out: the ones a host shows as a structure, all of them as JSON.

use std::ffi::c_char;

use super::boundary::boundary;
use super::handles;
use super::memory::{self, Versioned};
use super::status::{RENDERCAST_OK, rendercast_status};
use super::streamer::rendercast_streamer;
use super::text::{text_field, text_out};
use crate::stats::snapshot::Snapshot;

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

/// Writes every figure as one JSON object: the fields of rendercast_stats, under "sources" and "layers" what there is of each,
/// and under "counters" all counters by name.
/// Names may be added in newer versions; none is renamed.
///
/// `needed`, unless NULL, becomes the text's size with its NUL, about 2000 bytes. A NULL `buffer` with `capacity` 0 asks for
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
            let text = json(&object.streamer.stats());
            // SAFETY: the caller's promise about `buffer` and `needed`.
            unsafe { text_out(&text, buffer, capacity, needed) }
        })
    })
}

/// The counters become an object; as pairs they would be lists of lists.
fn json(snapshot: &Snapshot) -> String {
    let mut value = serde_json::to_value(snapshot).unwrap_or_default();
    let counters = snapshot.counters.iter().map(|(name, count)| ((*name).to_owned(), (*count).into()));
    if let Some(object) = value.as_object_mut() {
        object.insert("counters".into(), serde_json::Value::Object(counters.collect()));
    }
    value.to_string()
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
    fn json_names_every_counter() {
        let counters: Vec<_> = Counters::default().iter().collect();
        let text = json(&Snapshot { viewers: 2, counters: counters.clone(), ..Default::default() });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["viewers"], 2);
        assert_eq!(value["counters"].as_object().unwrap().len(), counters.len());
        assert_eq!(value["counters"]["bytes_sent"], 0);
    }
}
