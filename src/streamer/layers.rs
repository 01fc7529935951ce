//! The encodings that run now: one per codec that some viewer negotiated, started by its first viewer, ended after its last.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use super::layer_worker;
use super::shared::Shared;
use crate::encode::select::Selector;
use crate::encode::{Codec, YuvFrame};
use crate::fanout::Fanout;
use crate::units::{Bitrate, ViewerId};
use crate::wake::Wake;

const NOBODY: u64 = u64::MAX;

/// One encoding, shared by every viewer of its codec.
#[derive(Debug)]
pub struct Layer {
    pub codec: Codec,
    pub fanout: Fanout,
    pub wake: Wake,
    /// The newest converted picture; an older one that the encoder has not begun is replaced.
    pub slot: ArrayQueue<Arc<YuvFrame>>,
    /// Round trip of the nearest viewer that asks for a keyframe, in us; `NOBODY` when none asks.
    keyframe_requested: AtomicU64,
    stopping: AtomicBool,
    estimates: Mutex<HashMap<ViewerId, Bitrate>>,
    /// Name of the open encoder and its target, for the statistics.
    pub status: Mutex<(&'static str, Bitrate)>,
}

impl Layer {
    /// A viewer that far away asks for a keyframe; requests are merged by the worker.
    pub fn request_keyframe(&self, rtt: Duration) {
        let micros = u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX).min(NOBODY - 1);
        self.keyframe_requested.fetch_min(micros, Ordering::AcqRel);
        self.wake.ring();
    }

    /// The round trip of who asked, if anybody did since the last call.
    pub fn take_keyframe_request(&self) -> Option<Duration> {
        let micros = self.keyframe_requested.swap(NOBODY, Ordering::AcqRel);
        (micros != NOBODY).then(|| Duration::from_micros(micros))
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// What `viewer`'s link carries.
    pub fn set_estimate(&self, viewer: ViewerId, estimate: Bitrate) {
        lock(&self.estimates).insert(viewer, estimate);
    }

    /// The rate to encode at: a lone viewer's own estimate; among several the best link's, because a slow viewer must
    /// not take quality from another.
    pub fn estimate(&self) -> Option<Bitrate> {
        lock(&self.estimates).values().copied().max()
    }
}

#[derive(Debug)]
pub struct Layers {
    shared: Arc<Shared>,
    selector: Arc<Selector>,
    running: Mutex<BTreeMap<Codec, Running>>,
    repeat: AtomicBool,
}

#[derive(Debug)]
struct Running {
    layer: Arc<Layer>,
    viewers: Vec<ViewerId>,
    thread: Option<JoinHandle<()>>,
}

impl Layers {
    pub fn new(shared: Arc<Shared>, selector: Arc<Selector>) -> Arc<Self> {
        Arc::new(Self { shared, selector, running: Mutex::default(), repeat: AtomicBool::new(false) })
    }

    /// Gives `viewer` the layer of `codec`, starting its worker when it is the first.
    pub fn join(self: &Arc<Self>, codec: Codec, viewer: ViewerId) -> std::io::Result<Arc<Layer>> {
        let mut running = lock(&self.running);
        if let Some(entry) = running.get_mut(&codec) {
            if !entry.viewers.contains(&viewer) {
                entry.viewers.push(viewer);
            }
            return Ok(Arc::clone(&entry.layer));
        }
        let wake = Wake::default();
        let layer = Arc::new(Layer {
            codec,
            fanout: Fanout::new(&self.shared.counters, wake.clone()),
            wake,
            slot: ArrayQueue::new(1),
            keyframe_requested: AtomicU64::new(NOBODY),
            stopping: AtomicBool::new(false),
            estimates: Mutex::default(),
            status: Mutex::new(("", self.shared.config.video.start_bitrate())),
        });
        let (shared, layers, own) = (Arc::clone(&self.shared), Arc::clone(self), Arc::clone(&layer));
        let selector = Arc::clone(&self.selector);
        let thread = std::thread::Builder::new()
            .name(format!("rc-{}", codec.rtpmap_name().to_lowercase()))
            .spawn(move || layer_worker::run(&shared, &layers, &own, &selector))?;
        running.insert(codec, Running { layer: Arc::clone(&layer), viewers: vec![viewer], thread: Some(thread) });
        Ok(layer)
    }

    /// Takes `viewer` out of its layer and ends the layer with its last viewer. May block until a frame is encoded.
    pub fn leave(&self, codec: Codec, viewer: ViewerId) {
        let ended = {
            let mut running = lock(&self.running);
            let Some(entry) = running.get_mut(&codec) else { return };
            entry.viewers.retain(|v| *v != viewer);
            lock(&entry.layer.estimates).remove(&viewer);
            if entry.viewers.is_empty() { running.remove(&codec) } else { None }
        };
        if let Some(entry) = ended {
            entry.end();
        }
    }

    pub fn stop_all(&self) {
        let all = std::mem::take(&mut *lock(&self.running));
        for entry in all.into_values() {
            entry.end();
        }
    }

    pub fn any_active(&self) -> bool {
        lock(&self.running).values().any(|r| r.layer.fanout.subscriber_count() > 0)
    }

    /// Hands a picture to every layer; each encodes the newest it can.
    pub fn offer(&self, picture: &Arc<YuvFrame>) {
        for entry in lock(&self.running).values() {
            if entry.layer.slot.force_push(Arc::clone(picture)).is_some() {
                self.shared.counters.video_frames_dropped.add(1);
            }
            entry.layer.wake.ring();
        }
    }

    /// Asks the video worker for the last picture again: somebody waits for a keyframe and the host draws nothing.
    pub fn request_repeat(&self) {
        self.repeat.store(true, Ordering::Release);
        self.shared.video_wake.ring();
    }

    pub fn take_repeat_request(&self) -> bool {
        self.repeat.swap(false, Ordering::AcqRel)
    }

    /// Codec, encoder and target of every open encoder.
    pub fn status(&self) -> Vec<(Codec, &'static str, Bitrate)> {
        lock(&self.running)
            .values()
            .map(|r| {
                let (name, target) = *lock(&r.layer.status);
                (r.layer.codec, name, target)
            })
            .filter(|(_, name, _)| !name.is_empty())
            .collect()
    }
}

impl Running {
    fn end(mut self) {
        self.layer.stopping.store(true, Ordering::Release);
        self.layer.wake.ring();
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
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_slow_link_takes_no_rate_from_another_viewer_and_a_lone_viewer_has_its_own() {
        let shared = Shared::new(Config::default());
        let layers = Layers::new(shared, Arc::new(Selector::with_candidates("auto", Vec::new()).unwrap()));
        let (slow, fast) = (ViewerId(1), ViewerId(2));
        let layer = layers.join(Codec::H264, slow).unwrap();
        layers.join(Codec::H264, fast).unwrap();
        layer.set_estimate(fast, Bitrate::from_kbps(8_000));
        layer.set_estimate(slow, Bitrate::from_kbps(500));
        assert_eq!(layer.estimate(), Some(Bitrate::from_kbps(8_000)));
        layers.leave(Codec::H264, fast);
        assert_eq!(layer.estimate(), Some(Bitrate::from_kbps(500)));
        layers.leave(Codec::H264, slow);
        assert!(layers.status().is_empty());
    }

    #[test]
    fn keyframe_requests_keep_the_nearest_viewers_round_trip() {
        let shared = Shared::new(Config::default());
        let layers = Layers::new(shared, Arc::new(Selector::with_candidates("auto", Vec::new()).unwrap()));
        let layer = layers.join(Codec::Vp8, ViewerId(1)).unwrap();
        layers.leave(Codec::Vp8, ViewerId(1)); // its worker has ended and takes nothing
        layer.take_keyframe_request();
        layer.request_keyframe(Duration::from_millis(300));
        layer.request_keyframe(Duration::from_millis(20));
        assert_eq!(layer.take_keyframe_request(), Some(Duration::from_millis(20)));
        assert_eq!(layer.take_keyframe_request(), None);
    }
}
