//! One source's worker: takes the newest picture, converts it once unless a GPU has, hands it to every active layer of the
//! source in the size it wants. Keeps the last picture, so that a viewer who joins while the host draws nothing still sees it.

use std::sync::Arc;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::gpu_intake::GpuIntake;
use super::layer::{Layer, Offered};
use super::layers::Layers;
use super::shared::{Shared, record};
use super::source::Source;
use crate::convert::{ConvertError, Converter, YuvPool};
use crate::encode::YuvFrame;
use crate::frame::VideoFrame;
use crate::time::{self, Nanos};
use crate::units::{Size, ViewerId};

/// How long the worker sleeps when nobody rings; only the answer to `stop` could wait for it, and `stop` rings.
const IDLE: Duration = Duration::from_millis(250);
/// How often a picture that stands still is sent again. A receiver finds a lost last packet only by what comes after it,
/// and a still picture gets sharper with each turn.
const STILL_INTERVAL: Duration = Duration::from_secs(1);
/// Over which pictures are counted for a source's own rate.
const MEASURED: Duration = Duration::from_secs(1);
/// Layers that may read a GPU's memory in place: each may hold a slot, and the ring needs one to write into.
const LAYERS_IN_PLACE: usize = 2;

pub fn run(shared: &Shared, layers: &Arc<Layers>, source: &Source) {
    source.wake.listen();
    let mut worker = Worker {
        shared,
        layers,
        source,
        converter: Converter::new(),
        copies: YuvPool::default(),
        gpu: GpuIntake::new(Arc::clone(&source.gpu), shared.counters.video_frames_dropped.clone()),
        last: None,
        shown_at: Nanos(0),
        readers: Vec::new(),
        made: Vec::new(),
        measured: (time::now(), source.frames_pushed()),
    };
    while !shared.is_stopping() && !source.has_ended() {
        source.wake.wait(worker.gpu.next_look().unwrap_or(IDLE));
        worker.turn();
    }
    source.set_has_picture(false);
    source.set_measured_fps(0);
}

/// The picture shown last.
enum Last {
    Host(VideoFrame),
    Gpu(Arc<YuvFrame>),
}

struct Worker<'a> {
    shared: &'a Shared,
    layers: &'a Layers,
    source: &'a Source,
    converter: Converter,
    copies: YuvPool,
    gpu: GpuIntake,
    last: Option<Last>,
    shown_at: Nanos,
    /// Layers that take this picture, and in what size; empty between two pictures, as is what follows.
    readers: Vec<(Size, Arc<Layer>)>,
    /// This picture in the sizes made so far, the largest first.
    made: Vec<Arc<YuvFrame>>,
    /// When the source's rate was measured, and how many pictures had been pushed by then.
    measured: (Nanos, u64),
}

impl Worker<'_> {
    fn turn(&mut self) {
        self.look_after_the_gpu();
        let from_host = self.source.take_newest().map(Last::Host);
        let fresh = newest(from_host, self.gpu.take_newest().map(Last::Gpu));
        let now = time::now();
        self.measure(now);
        let stands_still = now.saturating_since(self.shown_at) >= STILL_INTERVAL;
        let repeat = self.source.take_repeat_request() || stands_still;
        let is_fresh = fresh.is_some();
        if is_fresh {
            self.last = fresh;
        }
        let Some(last) = self.last.as_mut() else { return };
        self.source.set_size(last.size());
        self.source.set_has_picture(true);
        if !(is_fresh || repeat) || !self.layers.any_active(self.source.id) {
            return;
        }
        self.shown_at = now;
        if !is_fresh {
            last.move_to(now);
        }
        self.layers.readers(self.source.id, last.host_time(), &mut self.readers);
        if self.readers.is_empty() {
            return;
        }
        let traced = is_fresh && self.shared.traces_next_frame();
        let offered = match last {
            Last::Gpu(picture) => {
                let in_place = self.readers.iter().filter(|(size, _)| *size == picture.size).count();
                if in_place > LAYERS_IN_PLACE && picture.planes[0].is_lent() {
                    *picture = self.copies.planar(picture);
                }
                let whole = Arc::clone(picture);
                self.offer(whole, traced.then_some((now, now)))
            }
            Last::Host(frame) => match self.converter.convert(frame, frame.buffer.size.padded_to_even()) {
                Ok(whole) => {
                    let converted = time::now();
                    record(&self.shared.convert_us, now, converted);
                    self.offer(whole, traced.then_some((now, converted)))
                }
                Err(error) => Err(error),
            },
        };
        if let Err(error) = offered {
            self.shared.counters.video_frames_dropped.add(1);
            tracing::debug!(%error, "convert");
        }
        self.readers.clear();
        self.made.clear();
    }

    /// Hands the picture to its readers, each in its size; each encodes the newest it can. `converted`: of a picture that is
    /// traced.
    fn offer(&mut self, whole: Arc<YuvFrame>, converted: Option<(Nanos, Nanos)>) -> Result<(), ConvertError> {
        self.made.push(whole);
        for (size, layer) in self.readers.drain(..) {
            let picture = sized(&mut self.converter, &mut self.made, size)?;
            if layer.slot.force_push(Offered { picture, converted }).is_some() {
                self.shared.counters.video_frames_dropped.add(1);
            }
            layer.wake.ring();
        }
        Ok(())
    }

    /// How many pictures a second the host pushes.
    fn measure(&mut self, now: Nanos) {
        let (since, before) = self.measured;
        let passed = now.saturating_since(since);
        if passed >= MEASURED {
            let pushed = self.source.frames_pushed();
            let fps = pushed.saturating_sub(before) as f64 / passed.as_secs_f64();
            self.source.set_measured_fps(fps.round() as u32);
            self.measured = (now, pushed);
        }
    }

    fn look_after_the_gpu(&mut self) {
        let inbox = &self.source.gpu;
        inbox.set_chroma(self.layers.wanted_chroma(self.source.id));
        inbox.set_watched(self.layers.any_active(self.source.id));
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

    fn host_time(&self) -> u64 {
        match self {
            Self::Host(frame) => frame.host_time,
            Self::Gpu(picture) => picture.host_time,
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

/// The picture in that size: made already, or made from the smallest that is a whole multiple of it, which costs least and
/// loses nothing.
fn sized(converter: &mut Converter, made: &mut Vec<Arc<YuvFrame>>, size: Size) -> Result<Arc<YuvFrame>, ConvertError> {
    if let Some(picture) = made.iter().find(|picture| picture.size == size) {
        return Ok(Arc::clone(picture));
    }
    let multiple = |picture: &&Arc<YuvFrame>| {
        picture.size.width.is_multiple_of(size.width) && picture.size.height.is_multiple_of(size.height)
    };
    let Some(from) = made.iter().rfind(multiple).or(made.first()).cloned() else {
        return Err(ConvertError::Size(size.width, size.height));
    };
    let picture = converter.scale(&from, size)?;
    made.push(Arc::clone(&picture));
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_is_made_once_and_from_the_smallest_whole_multiple() {
        let mut converter = Converter::new();
        let mut whole = YuvFrame::black(Size::new(64, 32));
        whole.planes[0].to_mut().fill(200);
        whole.host_time = 7;
        let mut made = vec![Arc::new(whole)];
        let mut take = |width, height| sized(&mut converter, &mut made, Size::new(width, height)).unwrap();
        let whole = take(64, 32);
        let half = take(32, 16);
        assert!(Arc::ptr_eq(&half, &take(32, 16)));
        let (quarter, odd) = (take(16, 8), take(48, 24));
        for picture in [&whole, &half, &quarter, &odd] {
            assert_eq!((picture.host_time, picture.is_complete()), (7, true));
            assert!(picture.rows(0).all(|row| row.iter().all(|luma| *luma == 200)));
        }
        assert_eq!(made.len(), 4);
        // Of a picture that was made on the way: what is in the half is in the quarter.
        let mut marked = YuvFrame::clone(&half);
        marked.planes[0].to_mut().fill(50);
        let mut made = vec![whole, Arc::new(marked)];
        let quarter = sized(&mut converter, &mut made, Size::new(16, 8)).unwrap();
        assert!(quarter.rows(0).all(|row| row.iter().all(|luma| *luma == 50)));
    }
}
