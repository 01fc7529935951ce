//! A snapshot as Prometheus text. Older names have their unit in them (`_us`, `_ms`, `_kbps`); newer ones are in Prometheus'
//! base units, seconds and bytes.

#[cfg(test)]
mod tests;

use super::counters;
use super::exposition::{Exposition, Kind, Labels};
use super::page::PageFigures;
use super::snapshot::{LayerSnapshot, Snapshot, SourceSnapshot, ViewerSnapshot};
use Kind::{Counter, Gauge};

/// Name, kind, help, and where the value comes from; None: there is none now.
type Row<T> = (&'static str, Kind, &'static str, fn(&T) -> Option<f64>);

const KBIT_IN_BYTES: f64 = 125.0;

const STREAMER: &[Row<Snapshot>] = &[
    ("uptime_ms", Gauge, "Time since the start, in milliseconds.", |s| Some(s.uptime_ms as f64)),
    ("viewers", Gauge, "Viewers connected now.", |s| Some(s.viewers.into())),
    ("encoders", Gauge, "Encoders open now.", |s| Some(s.encoders.into())),
    ("video_width_pixels", Gauge, "Width of the last frame of source 0, in pixels.", |s| Some(s.width.into())),
    ("video_height_pixels", Gauge, "Height of the last frame of source 0, in pixels.", |s| Some(s.height.into())),
    ("target_bitrate_kbps", Gauge, "Target of the first active layer, in kilobits a second.", |s| {
        Some(s.target_bitrate_kbps as f64)
    }),
    ("convert_p50_us", Gauge, "Colour conversion, median of 256 frames, in microseconds.", |s| {
        Some(s.convert_p50_us.into())
    }),
    ("convert_p99_us", Gauge, "Colour conversion, 99th percentile of 256 frames, in microseconds.", |s| {
        Some(s.convert_p99_us.into())
    }),
    ("encode_p50_us", Gauge, "Encoding, median of 256 frames of all layers, in microseconds.", |s| {
        Some(s.encode_p50_us.into())
    }),
    ("encode_p99_us", Gauge, "Encoding, 99th percentile of 256 frames of all layers, in microseconds.", |s| {
        Some(s.encode_p99_us.into())
    }),
    ("transit_p50_us", Gauge, "From push to the last packet leaving, less encoding, median, in microseconds.", |s| {
        Some(s.transit_p50_us.into())
    }),
    (
        "transit_p99_us",
        Gauge,
        "From push to the last packet leaving, less encoding, 99th percentile, in microseconds.",
        |s| Some(s.transit_p99_us.into()),
    ),
];

const SOURCES: &[Row<SourceSnapshot>] = &[
    ("source_frames", Counter, "Frames pushed for the source.", |s| Some(s.frames as f64)),
    ("source_frames_per_second", Gauge, "Frames pushed for the source in the last second.", |s| Some(s.fps.into())),
    ("source_viewers", Gauge, "Viewers that watch the source or are about to.", |s| Some(s.viewers as f64)),
];

const LAYERS: &[Row<LayerSnapshot>] = &[
    ("layer_width_pixels", Gauge, "Width of the layer's picture, in pixels.", |l| Some(l.width.into())),
    ("layer_height_pixels", Gauge, "Height of the layer's picture, in pixels.", |l| Some(l.height.into())),
    ("layer_fps", Gauge, "Frames a second that the layer is meant to have at most.", |l| Some(l.fps.into())),
    ("layer_target_bitrate_kbps", Gauge, "Target of the layer's encoder, in kilobits a second.", |l| {
        Some(l.target_bitrate_kbps as f64)
    }),
    ("layer_viewers", Gauge, "Viewers that watch the layer or are about to.", |l| Some(l.viewers as f64)),
    ("layer_encode_p50_seconds", Gauge, "Encoding, median of the layer's last 256 frames, in seconds.", |l| {
        Some(f64::from(l.encode_p50_us) / 1e6)
    }),
    ("layer_encode_p99_seconds", Gauge, "Encoding, 99th percentile of the layer's last 256 frames, in seconds.", |l| {
        Some(f64::from(l.encode_p99_us) / 1e6)
    }),
    ("layer_frames_per_second", Gauge, "Frames that the layer made in the last second.", |l| Some(l.actual_fps.into())),
    ("layer_bytes_per_second", Gauge, "Bytes that the layer made in the last second.", |l| {
        Some(l.actual_bitrate_kbps as f64 * KBIT_IN_BYTES)
    }),
    ("layer_frames", Counter, "Frames that the layer made.", |l| Some(l.frames as f64)),
    ("layer_keyframes", Counter, "Keyframes that the layer made.", |l| Some(l.keyframes as f64)),
    ("layer_bytes", Counter, "Bytes that the layer made.", |l| Some(l.bytes as f64)),
];

const VIEWERS: &[Row<ViewerSnapshot>] = &[
    ("viewer_width_pixels", Gauge, "Width of the picture that the viewer is sent, in pixels.", |v| {
        Some(v.width.into())
    }),
    ("viewer_height_pixels", Gauge, "Height of the picture that the viewer is sent, in pixels.", |v| {
        Some(v.height.into())
    }),
    ("viewer_target_bytes_per_second", Gauge, "What the viewer's encoder is asked for, in bytes a second.", |v| {
        Some(v.target_kbps as f64 * KBIT_IN_BYTES)
    }),
    (
        "viewer_estimate_bytes_per_second",
        Gauge,
        "What the viewer's link is estimated to carry, in bytes a second.",
        |v| Some(v.estimate_kbps as f64 * KBIT_IN_BYTES),
    ),
    ("viewer_sent_bytes_per_second", Gauge, "RTP payload sent to the viewer in the last second, in bytes.", |v| {
        Some(v.sent_kbps as f64 * KBIT_IN_BYTES)
    }),
    ("viewer_sent_frames_per_second", Gauge, "Frames sent to the viewer in the last second.", |v| {
        Some(v.sent_fps.into())
    }),
    ("viewer_round_trip_seconds", Gauge, "Round trip to the viewer, smoothed, in seconds.", |v| {
        v.rtt_ms.map(|ms| ms / 1e3)
    }),
    ("viewer_loss_ratio", Gauge, "Share of the viewer's packets that were lost, smoothed, 0 to 1.", |v| {
        Some(v.loss.into())
    }),
    (
        "viewer_pacer_queue_seconds",
        Gauge,
        "How long what waits in the viewer's pacer takes to leave, in seconds.",
        |v| Some(v.pacer_queue_ms / 1e3),
    ),
    ("viewer_packets_sent", Counter, "RTP packets sent to the viewer, those sent again among them.", |v| {
        Some(v.packets_sent as f64)
    }),
    ("viewer_bytes_sent", Counter, "RTP payload bytes sent to the viewer, those sent again among them.", |v| {
        Some(v.bytes_sent as f64)
    }),
    ("viewer_packets_retransmitted", Counter, "RTP packets sent again because the viewer asked for them.", |v| {
        Some(v.packets_retransmitted as f64)
    }),
    ("viewer_bytes_retransmitted", Counter, "RTP payload bytes sent again because the viewer asked for them.", |v| {
        Some(v.bytes_retransmitted as f64)
    }),
    ("viewer_frames_sent", Counter, "Frames sent to the viewer.", |v| Some(v.frames_sent as f64)),
    ("viewer_queue_resyncs", Counter, "Times the viewer's queue was cleared until a keyframe.", |v| {
        Some(v.resyncs as f64)
    }),
];

const PAGES: &[Row<PageFigures>] = &[
    ("page_end_to_end_p50_seconds", Gauge, "From capture to display, median, as the viewer's page measures it.", |p| {
        seconds(p.end_to_end_p50_ms)
    }),
    (
        "page_end_to_end_p95_seconds",
        Gauge,
        "From capture to display, 95th percentile, as the viewer's page measures it.",
        |p| seconds(p.end_to_end_p95_ms),
    ),
    ("page_jitter_buffer_seconds", Gauge, "How long pictures wait in the page's jitter buffer.", |p| {
        seconds(p.jitter_buffer_ms)
    }),
    ("page_decode_seconds", Gauge, "How long the page's browser takes to decode a picture.", |p| seconds(p.decode_ms)),
    ("page_display_seconds", Gauge, "How long a decoded picture waits for the page's display.", |p| {
        seconds(p.display_ms)
    }),
    (
        "page_input_to_picture_p50_seconds",
        Gauge,
        "From an input to the first picture drawn after it, median, as the viewer's page measures it.",
        |p| seconds(p.input_to_picture_p50_ms),
    ),
    (
        "page_input_to_picture_p95_seconds",
        Gauge,
        "From an input to the first picture drawn after it, 95th percentile, as the viewer's page measures it.",
        |p| seconds(p.input_to_picture_p95_ms),
    ),
    ("page_frames_per_second", Gauge, "Pictures that the page shows a second.", |p| p.fps),
    ("page_frames_dropped", Counter, "Pictures that were decoded and not shown by the page.", |p| {
        p.dropped.map(|dropped| dropped as f64)
    }),
    ("page_frozen_seconds", Counter, "How long the page's picture stood still.", |p| seconds(p.frozen_ms)),
];

pub fn text(snapshot: &Snapshot) -> String {
    let mut out = Exposition::default();
    for (name, kind, help, value) in STREAMER {
        if let Some(value) = value(snapshot) {
            out.single(name, *kind, help, value);
        }
    }
    let of_source = |source: &SourceSnapshot| vec![("source", source.source.to_string())];
    write(&mut out, SOURCES, &snapshot.sources, of_source);
    write(&mut out, LAYERS, &snapshot.layers, layer_labels);
    let infos = snapshot.viewer_list.iter().map(|viewer| (info_labels(viewer), 1));
    out.family("viewer_info", Gauge, "Who the viewer is and what it is sent, as labels; always 1.", infos);
    write(&mut out, VIEWERS, &snapshot.viewer_list, viewer_labels);
    let telling = || snapshot.viewer_list.iter().filter_map(|viewer| Some((viewer_labels(viewer), viewer.page?)));
    for (name, kind, help, value) in PAGES {
        out.family(name, *kind, help, telling().filter_map(|(labels, page)| Some((labels, value(&page)?))));
    }
    let ages = snapshot.viewer_list.iter().filter_map(|viewer| Some((viewer, viewer.page_age_ms?)));
    let ages = ages.map(|(viewer, ms)| (viewer_labels(viewer), ms as f64 / 1e3));
    out.family("page_age_seconds", Gauge, "How long ago the viewer's page told of itself.", ages);
    for (name, value) in &snapshot.counters {
        out.single(name, Counter, counters::help(name).unwrap_or("A counter."), value);
    }
    out.finish()
}

fn write<T>(out: &mut Exposition, rows: &[Row<T>], all: &[T], labels: impl Fn(&T) -> Labels) {
    for (name, kind, help, value) in rows {
        out.family(name, *kind, help, all.iter().filter_map(|one| Some((labels(one), value(one)?))));
    }
}

fn layer_labels(layer: &LayerSnapshot) -> Labels {
    let mut labels = vec![
        ("source", layer.source.to_string()),
        ("codec", layer.codec.to_owned()),
        ("rung", layer.rung.to_string()),
        ("repair", layer.repair.to_string()),
        ("encoder", layer.encoder.to_owned()),
    ];
    if layer.scale_resolution_down_by > 0.0 {
        // Every series has labels of its own.
        labels.push(("scale", layer.scale_resolution_down_by.to_string()));
        labels.push(("max_framerate", layer.max_framerate.to_string()));
    }
    labels
}

fn viewer_labels(viewer: &ViewerSnapshot) -> Labels {
    vec![("viewer", viewer.viewer.to_string())]
}

fn info_labels(viewer: &ViewerSnapshot) -> Labels {
    vec![
        ("viewer", viewer.viewer.to_string()),
        ("connection", viewer.connection.clone()),
        ("state", viewer.state.to_owned()),
        ("source", viewer.source.to_string()),
        ("codec", viewer.codec.to_owned()),
        ("rung", viewer.rung.map_or_else(String::new, |rung| rung.to_string())),
        ("encoder", viewer.encoder.to_owned()),
    ]
}

fn seconds(ms: Option<f64>) -> Option<f64> {
    ms.map(|ms| ms / 1e3)
}
