//! The statistics of the whole, at one moment.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::directory::{PresentViewer, ViewerState};
use super::layer::Lane;
use super::layers::{Layers, OpenLayer};
use super::reports::ViewerFigures;
use super::shared::{Latencies, Shared};
use super::source::{Source, SourceFigures};
use crate::layers::Shape;
use crate::stats::snapshot::{LayerSnapshot, Snapshot, SourceSnapshot, ViewerSnapshot};
use crate::time::{self, Nanos};
use crate::units::ViewerId;

/// Reads every gauge and counter.
pub fn take(shared: &Shared, layers: Option<&Layers>) -> Snapshot {
    let now = time::now();
    let open = layers.map(|layers| layers.status(now)).unwrap_or_default();
    let first = open.first().map(|layer| layer.status);
    let size = shared.sources.first().size();
    let sources = shared.sources.all();
    let started = Nanos(shared.started_at.load(Ordering::Relaxed));
    let (convert, encode, transit) =
        (quantiles(&shared.convert_us), quantiles(&shared.encode_us), quantiles(&shared.transit_us));
    Snapshot {
        uptime_ms: if started.0 == 0 { 0 } else { now.saturating_since(started).as_millis() as u64 },
        viewers: shared.viewers.load(Ordering::Relaxed),
        encoders: open.len() as u32,
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
        sources: sources.iter().map(|source| of_source(source, &open)).collect(),
        layers: open.iter().map(of_layer).collect(),
        viewer_list: shared.directory.list().into_iter().map(|viewer| of_viewer(shared, viewer)).collect(),
        counters: shared.counters.iter().collect(),
    }
}

/// Median and 99th percentile.
pub fn quantiles(window: &Mutex<Latencies>) -> (u32, u32) {
    let window = window.lock().unwrap_or_else(PoisonError::into_inner);
    (window.percentile(50), window.percentile(99))
}

fn of_source(source: &Source, layers: &[OpenLayer]) -> SourceSnapshot {
    let SourceFigures { id, size, fps, frames } = source.figures();
    let own = layers.iter().filter(|layer| layer.key.source == id);
    SourceSnapshot {
        source: id.0,
        label: source.options.label.clone(),
        width: size.width,
        height: size.height,
        fps,
        frames,
        viewers: own.map(|layer| layer.viewers).sum(),
    }
}

pub fn of_layer(layer: &OpenLayer) -> LayerSnapshot {
    let OpenLayer { key, status, viewers, figures } = *layer;
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
        encode_p50_us: figures.encode_p50_us,
        encode_p99_us: figures.encode_p99_us,
        frames: figures.frames,
        keyframes: figures.keyframes,
        bytes: figures.bytes,
        actual_fps: figures.fps,
        actual_bitrate_kbps: figures.bitrate_kbps,
    }
}

fn of_viewer(shared: &Shared, present: PresentViewer) -> ViewerSnapshot {
    let PresentViewer { viewer, state, connection, role } = present;
    // Before its connection is made there is nothing to tell.
    let figures = shared.reports.figures(viewer).ok();
    let snapshot = figures.map_or_else(ViewerSnapshot::default, |figures| viewer_snapshot(viewer, &figures));
    let state = match state {
        ViewerState::Connecting => "connecting",
        ViewerState::Connected => "connected",
        ViewerState::Interrupted => "interrupted",
    };
    ViewerSnapshot { viewer: viewer.0, connection: connection.to_string(), state, player: role.number(), ..snapshot }
}

/// All but its connection's name and state.
pub fn viewer_snapshot(viewer: ViewerId, figures: &ViewerFigures) -> ViewerSnapshot {
    let encoding = figures.encoding.map(|(_, encoding)| encoding);
    let peer = &figures.peer;
    ViewerSnapshot {
        viewer: viewer.0,
        source: figures.source.0,
        rung: figures.rung.filter(|_| encoding.is_some()),
        codec: figures.encoding.map_or("", |(codec, _)| codec),
        encoder: encoding.map_or("", |encoding| encoding.encoder),
        width: encoding.map_or(0, |encoding| encoding.size.width),
        height: encoding.map_or(0, |encoding| encoding.size.height),
        fps: encoding.map_or(0, |encoding| encoding.fps),
        target_kbps: encoding.map_or(0, |encoding| encoding.target.kbps()),
        estimate_kbps: figures.estimate.kbps(),
        sent_kbps: figures.sent.kbps(),
        sent_fps: figures.sent_fps,
        rtt_ms: peer.rtt_us.map(|us| f64::from(us) / 1e3),
        loss: peer.loss,
        packets_sent: peer.packets_sent,
        bytes_sent: peer.bytes_sent,
        packets_retransmitted: peer.packets_sent_again,
        bytes_retransmitted: peer.bytes_sent_again,
        frames_sent: peer.frames_sent,
        resyncs: figures.resyncs,
        pacer_queue_ms: milliseconds(figures.pacer_queue),
        page: figures.page.map(|(_, page)| page),
        page_age_ms: figures.page.map(|(age, _)| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        ..Default::default()
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
