//! Takes the newest picture, converts it once unless a GPU has, hands it to every active layer. Keeps the last picture, so
//! that a viewer who joins while the host draws nothing still sees it.

use std::sync::Arc;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::gpu_intake::GpuIntake;
use super::layers::Layers;
use super::shared::{Shared, record};
use crate::convert::{Converter, YuvPool};
use crate::encode::YuvFrame;
use crate::frame::VideoFrame;
use crate::time::{self, Nanos};
use crate::units::{Size, ViewerId};

/// How long the worker sleeps when nobody rings; only the answer to `stop` could wait for it, and `stop` rings.
const IDLE: Duration = Duration::from_millis(250);
/// How often a picture that stands still is sent again. A receiver finds a lost last packet only by what comes after it,
/// and a still picture gets sharper with each turn.
const STILL_INTERVAL: Duration = Duration::from_secs(1);
/// Layers that may read a GPU's memory in place: each may hold a slot, and the ring needs one to write into.
const LAYERS_IN_PLACE: usize = 2;

pub fn run(shared: &Shared, layers: &Arc<Layers>) {
    shared.video_wake.listen();
    let mut worker = Worker {
        shared,
        layers,
        converter: Converter::new(),
        copies: YuvPool::default(),
        gpu: GpuIntake::new(Arc::clone(&shared.gpu), shared.counters.video_frames_dropped.clone()),
        last: None,
        shown_at: Nanos(0),
    };
    while !shared.is_stopping() {
        shared.video_wake.wait(worker.gpu.next_look().unwrap_or(IDLE));
        worker.turn();
    }
}

/// The picture shown last.
enum Last {
    Host(VideoFrame),
    Gpu(Arc<YuvFrame>),
}

struct Worker<'a> {
    shared: &'a Shared,
    layers: &'a Layers,
    converter: Converter,
    copies: YuvPool,
    gpu: GpuIntake,
    last: Option<Last>,
    shown_at: Nanos,
}

impl Worker<'_> {
    fn turn(&mut self) {
        self.look_after_the_gpu();
        let from_host = self.shared.frames.take_newest().map(Last::Host);
        let fresh = newest(from_host, self.gpu.take_newest().map(Last::Gpu));
        let now = time::now();
        let stands_still = now.saturating_since(self.shown_at) >= STILL_INTERVAL;
        let repeat = self.layers.take_repeat_request() || stands_still;
        let is_fresh = fresh.is_some();
        if is_fresh {
            self.last = fresh;
        }
        let Some(last) = self.last.as_mut() else { return };
        self.shared.set_source_size(last.size());
        if !(is_fresh || repeat) || !self.layers.any_active() {
            return;
        }
        self.shown_at = now;
        if !is_fresh {
            last.move_to(now);
        }
        match last {
            Last::Gpu(picture) => {
                if self.layers.count() > LAYERS_IN_PLACE && picture.planes[0].is_lent() {
                    *picture = self.copies.planar(picture);
                }
                self.layers.offer(picture);
            }
            Last::Host(frame) => match self.converter.convert(frame, frame.buffer.size.padded_to_even()) {
                Ok(picture) => {
                    record(&self.shared.convert_us, now, time::now());
                    self.layers.offer(&picture);
                }
                Err(error) => {
                    self.shared.counters.video_frames_dropped.add(1);
                    tracing::debug!(%error, "convert");
                }
            },
        }
    }

    fn look_after_the_gpu(&mut self) {
        let inbox = &self.shared.gpu;
        inbox.set_chroma(self.layers.wanted_chroma());
        inbox.set_watched(self.layers.any_active());
        if let Some(api) = inbox.take_lost() {
            let message = format!("the {api} device is lost; streaming goes on with the next picture");
            self.shared.events.push(EventKind::GraphicsDeviceLost, Severity::Warning, ViewerId(0), message);
        }
        if self.gpu.take_revoked() {
            // The picture stays for who joins later, its memory goes.
            if let Some(Last::Gpu(picture)) = self.last.as_mut()
                && picture.planes[0].is_lent()
            {
                *picture = self.copies.planar(picture);
            }
        }
    }
}

impl Last {
    fn size(&self) -> Size {
        match self {
            Self::Host(frame) => frame.buffer.size,
            Self::Gpu(picture) => picture.size,
        }
    }

    fn pushed_at(&self) -> Nanos {
        match self {
            Self::Host(frame) => frame.pushed_at,
            Self::Gpu(picture) => picture.pushed_at,
        }
    }

    /// The same picture, shown now.
    fn move_to(&mut self, now: Nanos) {
        let waited = u64::try_from(now.saturating_since(self.pushed_at()).as_nanos()).unwrap_or(0);
        match self {
            Self::Host(frame) => {
                frame.host_time = frame.host_time.saturating_add(waited);
                frame.pushed_at = now;
            }
            Self::Gpu(picture) => {
                let host_time = picture.host_time.saturating_add(waited);
                // Lent planes are shared again, not copied.
                *picture = Arc::new(YuvFrame { host_time, pushed_at: now, ..YuvFrame::clone(picture) });
            }
        }
    }
}

/// The one handed over later: a host normally uses one way only.
fn newest(a: Option<Last>, b: Option<Last>) -> Option<Last> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.pushed_at() > b.pushed_at() { a } else { b }),
        (a, b) => a.or(b),
    }
}
