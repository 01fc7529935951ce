//! The statistics of the whole, at one moment.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::layer::{Lane, LayerKey, Status};
use super::layers::Layers;
use super::shared::{Latencies, Shared};
use super::source::{Source, SourceFigures};
use crate::layers::Shape;
use crate::stats::snapshot::{LayerSnapshot, Snapshot, SourceSnapshot};
use crate::time::{self, Nanos};

/// Reads every gauge and counter.
pub fn take(shared: &Shared, layers: Option<&Layers>) -> Snapshot {
    let status = layers.map(Layers::status).unwrap_or_default();
    let first = status.first().map(|(_, status, _)| *status);
    let size = shared.sources.first().size();
    let sources = shared.sources.all();
    let started = Nanos(shared.started_at.load(Ordering::Relaxed));
    let quantiles = |window: &Mutex<Latencies>| {
        let window = window.lock().unwrap_or_else(PoisonError::into_inner);
        (window.percentile(50), window.percentile(99))
    };
    let (convert, encode, transit) =
        (quantiles(&shared.convert_us), quantiles(&shared.encode_us), quantiles(&shared.transit_us));
    Snapshot {
        uptime_ms: if started.0 == 0 { 0 } else { time::now().saturating_since(started).as_millis() as u64 },
        viewers: shared.viewers.load(Ordering::Relaxed),
        encoders: status.len() as u32,
        width: size.width,
        height: size.height,
        encoder: first.map_or_else(String::new, |status| status.encoder.to_owned()),
        target_bitrate_kbps: first.map_or(0, |status| status.target.kbps()),
        convert_p50_us: convert.0,
        convert_p99_us: convert.1,
        encode_p50_us: encode.0,
        encode_p99_us: encode.1,
        transit_p50_us: transit.0,
        transit_p99_us: transit.1,
        sources: sources.iter().map(|source| source_snapshot(source, &status)).collect(),
        layers: status.into_iter().map(layer_snapshot).collect(),
        counters: shared.counters.iter().collect(),
    }
}

fn source_snapshot(source: &Source, layers: &[(LayerKey, Status, usize)]) -> SourceSnapshot {
    let SourceFigures { id, size, fps, frames } = source.figures();
    let own = layers.iter().filter(|(key, ..)| key.source == id);
    SourceSnapshot {
        source: id.0,
        label: source.options.label.clone(),
        width: size.width,
        height: size.height,
        fps,
        frames,
        viewers: own.map(|(_, _, viewers)| viewers).sum(),
    }
}

fn layer_snapshot((key, status, viewers): (LayerKey, Status, usize)) -> LayerSnapshot {
    LayerSnapshot {
        source: key.source.0,
        codec: key.codec.rtpmap_name(),
        rung: key.rung,
        repair: key.lane == Lane::Repair,
        scale_resolution_down_by: if key.shape == Shape::ALL { 0.0 } else { key.shape.down_by() },
        max_framerate: key.shape.fps().unwrap_or(0),
        encoder: status.encoder,
        width: status.size.width,
        height: status.size.height,
        fps: status.fps,
        target_bitrate_kbps: status.target.kbps(),
        viewers,
    }
}
