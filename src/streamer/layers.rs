//! The encodings that run now: for each source that is watched and each codec that some viewer negotiated the rungs and lanes
//! that viewers need. One is started by its first viewer and ended a moment after its last.

mod view;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::layer::{Lane, Layer, LayerKey, Status};
use super::layer_tally::LayerFigures;
use super::layer_worker;
use super::shared::Shared;
use super::source::Source;
use crate::encode::Codec;
use crate::encode::select::Selector;
use crate::frame::Chroma;
use crate::layers::{self, Ladder, Shape};
use crate::time::{self, Nanos};
use crate::units::{Size, SourceId, ViewerId};

/// How long until a layer that had no encoder is tried again: a driver's sessions may be free by then.
const RETRY_REFUSED: Duration = Duration::from_secs(60);
/// How long a layer waits for another viewer after its last has gone, so that a page that is loaded anew, or a viewer
/// between two rungs, does not open its encoder again.
const GRACE: Duration = Duration::from_secs(2);

pub use view::View;

#[derive(Debug)]
pub struct Layers {
    shared: Arc<Shared>,
    selector: Arc<Selector>,
    running: Mutex<BTreeMap<LayerKey, Running>>,
    /// Layers that had no encoder: for pictures of what size, and when.
    refused: Mutex<BTreeMap<LayerKey, (Size, Nanos)>>,
    /// Threads of layers that have ended themselves.
    ended: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Running {
    layer: Arc<Layer>,
    viewers: Vec<ViewerId>,
    thread: Option<JoinHandle<()>>,
    /// Since when nobody has been here.
    idle_since: Option<Nanos>,
}

type Table = BTreeMap<LayerKey, Running>;

/// An open encoder at one moment.
#[derive(Clone, Copy, Debug)]
pub struct OpenLayer {
    pub key: LayerKey,
    pub status: Status,
    /// Viewers that watch it or are about to.
    pub viewers: usize,
    pub figures: LayerFigures,
}

impl Layers {
    pub fn new(shared: Arc<Shared>, selector: Arc<Selector>) -> Arc<Self> {
        Arc::new(Self {
            shared,
            selector,
            running: Mutex::default(),
            refused: Mutex::default(),
            ended: Mutex::default(),
        })
    }

    /// The rungs there are for a source's present picture, in whole.
    pub fn ladder(&self, source: &Source, codec: Codec) -> Ladder {
        self.ladder_of(source, codec, Shape::ALL)
    }

    /// The same of one shape.
    pub fn ladder_of(&self, source: &Source, codec: Codec, shape: Shape) -> Ladder {
        let video = &self.shared.config.video;
        let (size, fps, limits) = (shape.size(source.size()), source.fps(), source.limits());
        let most_fps = shape.fps();
        Ladder::new(&video.layers, layers::Source { codec, size, fps, most_fps, limits, preference: video.degradation })
    }

    /// Whether one more encoder may be opened. The first one of a source and codec always may, since without it nothing is
    /// shown, and one that its only viewer leaves for another counts as closed.
    fn may_start(&self, running: &Table, key: LayerKey, size: Size, viewer: ViewerId, now: Nanos) -> bool {
        if running.contains_key(&key) || self.is_refused(key, size, now) {
            return false;
        }
        let open = || running.iter().filter(|(_, e)| !e.layer.has_given_up() && e.viewers.iter().any(|v| *v != viewer));
        let most = self.shared.config.video.max_encoders as usize;
        open().count() < most || open().all(|(other, _)| (other.source, other.codec) != (key.source, key.codec))
    }

    fn is_refused(&self, key: LayerKey, size: Size, now: Nanos) -> bool {
        let refused = lock(&self.refused);
        refused.get(&key).is_some_and(|(of, at)| *of == size && now.saturating_since(*at) < RETRY_REFUSED)
    }

    /// Gives `viewer` a layer, starting its worker when it is the first: that of `key`, or the nearest rung that can be
    /// had, lower ones first. An error too where its source was destroyed.
    pub fn join(self: &Arc<Self>, key: LayerKey, viewer: ViewerId) -> std::io::Result<Arc<Layer>> {
        let now = time::now();
        let source = self.shared.sources.find(key.source).map_err(std::io::Error::other)?;
        let ladder = self.ladder_of(&source, key.codec, key.shape);
        let mut running = lock(&self.running);
        let lowest = ladder.rungs().len();
        let nearest =
            (key.rung..lowest.max(key.rung + 1)).chain((0..key.rung).rev()).map(|rung| LayerKey { rung, ..key });
        for key in nearest.clone() {
            let size = ladder.rung(key.rung).picture.size;
            if running.contains_key(&key) || self.may_start(&running, key, size, viewer, now) {
                match self.enter(&mut running, &source, key, viewer) {
                    Some(entered) => return entered,
                    None => continue,
                }
            }
        }
        // Nothing can be had: try what was refused again rather than show nothing.
        let again = nearest.into_iter().find_map(|key| self.enter(&mut running, &source, key, viewer));
        again.unwrap_or_else(|| Err(std::io::Error::other("every layer of this codec has just lost its encoder")))
    }

    /// Gives `viewer` the repair lane beside `layer`, which it stays in too until it leaves it. None: it is alone in its
    /// layer, so that it disturbs nobody, or there is no other encoder.
    pub fn set_apart(self: &Arc<Self>, layer: &Layer, viewer: ViewerId, now: Nanos) -> Option<Arc<Layer>> {
        let mut running = lock(&self.running);
        if running.get(&layer.key).is_none_or(|entry| entry.viewers.iter().all(|other| *other == viewer)) {
            return None;
        }
        let key = LayerKey { lane: Lane::Repair, ..layer.key };
        let size = self.ladder_of(&layer.source, key.codec, key.shape).rung(key.rung).picture.size;
        if !running.contains_key(&key) && !self.may_start(&running, key, size, viewer, now) {
            return None;
        }
        // A thread that cannot be started is an encoder that cannot be had: the viewer stays.
        self.enter(&mut running, &layer.source, key, viewer)?.ok()
    }

    /// None: the layer has lost its encoder, and those who watched it are still leaving.
    fn enter(
        self: &Arc<Self>,
        running: &mut Table,
        source: &Arc<Source>,
        key: LayerKey,
        viewer: ViewerId,
    ) -> Option<std::io::Result<Arc<Layer>>> {
        if let Some(entry) = running.get_mut(&key) {
            if entry.layer.has_given_up() {
                return None;
            }
            if !entry.viewers.contains(&viewer) {
                entry.viewers.push(viewer);
            }
            entry.idle_since = None;
            return Some(Ok(Arc::clone(&entry.layer)));
        }
        let start = self.shared.config.video.start_bitrate();
        let layer = Arc::new(Layer::new(key, Arc::clone(source), &self.shared.counters, start));
        let (shared, layers, own) = (Arc::clone(&self.shared), Arc::clone(self), Arc::clone(&layer));
        let selector = Arc::clone(&self.selector);
        let spawned = std::thread::Builder::new()
            .name(thread_name(key))
            .spawn(move || layer_worker::run(&shared, &layers, &own, &selector));
        let thread = match spawned {
            Ok(thread) => Some(thread),
            Err(error) => return Some(Err(error)),
        };
        running.insert(key, Running { layer: Arc::clone(&layer), viewers: vec![viewer], thread, idle_since: None });
        Some(Ok(layer))
    }

    /// Takes `viewer` out of `layer`. With its last viewer a layer ends: a common one after a moment, of itself; another one,
    /// and one whose source was destroyed, now, and then this may block until a frame is encoded.
    pub fn leave(&self, layer: &Layer, viewer: ViewerId) {
        let ended = {
            let mut running = lock(&self.running);
            let Some(entry) = running.get_mut(&layer.key) else { return };
            // Another one of the same name may have been started since.
            if !std::ptr::eq(&*entry.layer, layer) {
                return;
            }
            entry.viewers.retain(|v| *v != viewer);
            layer.take_viewer_out(viewer);
            if !entry.viewers.is_empty() {
                None
            } else if layer.key.lane == Lane::Common && !layer.has_given_up() && !layer.source.has_ended() {
                entry.idle_since = Some(time::now());
                None
            } else {
                running.remove(&layer.key)
            }
        };
        if let Some(entry) = ended {
            entry.end();
        }
    }

    /// A layer's worker, while nobody watches: whether it has waited long enough for another viewer. It ends then.
    pub fn retire(&self, layer: &Layer, now: Nanos) -> bool {
        let mut running = lock(&self.running);
        let enough = |since| now.saturating_since(since) >= GRACE || layer.source.has_ended();
        let waited = |entry: &Running| entry.idle_since.is_some_and(enough);
        if !running.get(&layer.key).is_some_and(waited) {
            return false;
        }
        let thread = running.remove(&layer.key).and_then(|entry| entry.thread);
        let mut ended = lock(&self.ended);
        ended.retain(|thread| !thread.is_finished());
        ended.extend(thread);
        true
    }

    /// A layer has no encoder (any more) for pictures of `size`. True: it gives up, and its viewers go elsewhere; those of a
    /// repair lane go back to the others and are heard less often. False: there is nowhere to go. Told to the host once.
    pub fn refuse(&self, layer: &Layer, size: Size, reason: &str, now: Nanos) -> bool {
        let key = layer.key;
        let running = lock(&self.running);
        let elsewhere = |rung| {
            let other = LayerKey { rung, ..key };
            let size = self.ladder_of(&layer.source, key.codec, key.shape).rung(rung).picture.size;
            let open = running.get(&other).map(|entry| !entry.layer.has_given_up());
            rung != key.rung && open.unwrap_or_else(|| !self.is_refused(other, size, now))
        };
        let rungs = self.ladder_of(&layer.source, key.codec, key.shape).rungs().len();
        // Who has a shape of its own can have what everybody has.
        if key.lane == Lane::Common && key.shape == Shape::ALL && !(0..rungs).any(elsewhere) {
            return false;
        }
        layer.give_up();
        if !layer.source.has_ended() && lock(&self.refused).insert(key, (size, now)).is_none() {
            let name = key.codec.rtpmap_name();
            let message = match key.lane {
                Lane::Repair => format!("no second {name} encoder for viewers that need many keyframes: {reason}"),
                Lane::Common => {
                    format!(
                        "no {name} encoder for {}x{}, its viewers get another size: {reason}",
                        size.width, size.height
                    )
                }
            };
            self.shared.events.push(EventKind::EncoderUnavailable, Severity::Warning, ViewerId(0), message);
        }
        true
    }

    pub fn stop_all(&self) {
        let all = std::mem::take(&mut *lock(&self.running));
        all.values().for_each(|entry| entry.layer.stop());
        for entry in all.into_values() {
            entry.end();
        }
        for thread in std::mem::take(&mut *lock(&self.ended)) {
            let _ = thread.join();
        }
    }

    /// Whether somebody watches a source.
    pub fn any_active(&self, source: SourceId) -> bool {
        of(&lock(&self.running), source).any(|entry| entry.layer.fanout.subscriber_count() > 0)
    }

    /// A source was destroyed: what was known of its layers is of no use.
    pub fn forget(&self, source: SourceId) {
        lock(&self.refused).retain(|key, _| key.source != source);
    }

    /// What a source's encoders that take whole pictures read without a copy, where they agree.
    pub fn wanted_chroma(&self, source: SourceId) -> Chroma {
        let running = lock(&self.running);
        let whole = |entry: &&Running| !entry.layer.has_given_up() && entry.layer.takes_whole_pictures();
        let mut reading = of(&running, source).filter(whole).peekable();
        let interleaved = |entry: &Running| entry.layer.interleaved.load(Ordering::Relaxed);
        if reading.peek().is_some() && reading.all(interleaved) { Chroma::Interleaved } else { Chroma::Planar }
    }

    /// Puts into `readers` the layers that take the source's picture of that host time, and in what size; the largest first.
    pub fn readers(&self, source: SourceId, host_time: u64, readers: &mut Vec<(Size, Arc<Layer>)>) {
        readers.clear();
        for entry in of(&lock(&self.running), source) {
            let layer = &entry.layer;
            if layer.has_given_up() || layer.fanout.subscriber_count() == 0 {
                continue;
            }
            let rung = self.ladder_of(&layer.source, layer.key.codec, layer.key.shape).rung(layer.key.rung);
            readers.extend(layer.wants(rung, host_time).map(|size| (size, Arc::clone(layer))));
        }
        readers.sort_by_key(|(size, _)| std::cmp::Reverse(size.pixels()));
    }

    /// What the layer encodes, if it runs.
    pub fn status_of(&self, key: LayerKey) -> Option<Status> {
        lock(&self.running).get(&key).map(|entry| entry.layer.status())
    }

    /// Every open encoder.
    pub fn status(&self, now: Nanos) -> Vec<OpenLayer> {
        let running = lock(&self.running);
        let all = running.iter().map(|(key, entry)| OpenLayer {
            key: *key,
            status: entry.layer.status(),
            viewers: entry.viewers.len(),
            figures: entry.layer.tally.figures(now),
        });
        all.filter(|layer| !layer.status.encoder.is_empty()).collect()
    }
}

/// Those that run for a source.
fn of(running: &Table, source: SourceId) -> impl Iterator<Item = &Running> {
    running.iter().filter(move |(key, _)| key.source == source).map(|(_, entry)| entry)
}

/// At most 15 characters are shown. Those of the first source bear no number.
fn thread_name(key: LayerKey) -> String {
    let codec = key.codec.rtpmap_name().to_lowercase();
    let source = if key.source.0 == 0 { String::new() } else { key.source.0.to_string() };
    match (key.lane, key.rung) {
        (Lane::Common, 0) => format!("rc{source}-{codec}"),
        (Lane::Common, rung) => format!("rc{source}-{codec}-{}", rung + 1),
        (Lane::Repair, 0) => format!("rc{source}-{codec}-repair"),
        (Lane::Repair, rung) => format!("rc{source}-{codec}-rep-{}", rung + 1),
    }
}

impl Running {
    fn end(mut self) {
        self.layer.stop();
        if let Some(thread) = self.thread.take() {
            // A worker that panicked has already said so; there is nothing left to do for it.
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
