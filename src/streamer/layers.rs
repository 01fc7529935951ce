//! The encodings that run now: one per codec that some viewer negotiated and lane, started by its first viewer, ended
//! after its last.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::layer::{Lane, Layer, LayerKey};
use super::layer_worker;
use super::shared::Shared;
use crate::encode::select::Selector;
use crate::encode::{Codec, YuvFrame};
use crate::frame::Chroma;
use crate::time::Nanos;
use crate::units::{Bitrate, ViewerId};

/// How long until a codec that had no encoder for its repair lane is tried again: a driver's sessions may be free by then.
const RETRY_REPAIR: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Layers {
    shared: Arc<Shared>,
    selector: Arc<Selector>,
    running: Mutex<BTreeMap<LayerKey, Running>>,
    /// Codecs whose repair lane had no encoder, and when that was.
    refused: Mutex<BTreeMap<Codec, Nanos>>,
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
        Arc::new(Self {
            shared,
            selector,
            running: Mutex::default(),
            refused: Mutex::default(),
            repeat: AtomicBool::new(false),
        })
    }

    /// Gives `viewer` the layer that everybody shares, starting its worker when it is the first.
    pub fn join(self: &Arc<Self>, codec: Codec, viewer: ViewerId) -> std::io::Result<Arc<Layer>> {
        self.enter(&mut lock(&self.running), LayerKey { codec, lane: Lane::Common }, viewer)
    }

    /// Gives `viewer` the repair lane beside `layer`, which it stays in too until it leaves it. None: it is alone in its
    /// layer, so that it disturbs nobody, or there is no second encoder.
    pub fn set_apart(self: &Arc<Self>, layer: &Layer, viewer: ViewerId, now: Nanos) -> Option<Arc<Layer>> {
        let codec = layer.key.codec;
        if lock(&self.refused).get(&codec).is_some_and(|at| now.saturating_since(*at) < RETRY_REPAIR) {
            return None;
        }
        let mut running = lock(&self.running);
        if running.get(&layer.key).is_none_or(|entry| entry.viewers.iter().all(|other| *other == viewer)) {
            return None;
        }
        let key = LayerKey { codec, lane: Lane::Repair };
        if running.get(&key).is_some_and(|entry| entry.layer.has_given_up()) {
            return None;
        }
        // A thread that cannot be started is an encoder that cannot be had: the viewer stays.
        self.enter(&mut running, key, viewer).ok()
    }

    fn enter(
        self: &Arc<Self>,
        running: &mut BTreeMap<LayerKey, Running>,
        key: LayerKey,
        viewer: ViewerId,
    ) -> std::io::Result<Arc<Layer>> {
        if let Some(entry) = running.get_mut(&key) {
            if !entry.viewers.contains(&viewer) {
                entry.viewers.push(viewer);
            }
            return Ok(Arc::clone(&entry.layer));
        }
        let start = self.shared.config.video.start_bitrate();
        let layer = Arc::new(Layer::new(key, &self.shared.counters, start));
        let (shared, layers, own) = (Arc::clone(&self.shared), Arc::clone(self), Arc::clone(&layer));
        let selector = Arc::clone(&self.selector);
        let lane = if key.lane == Lane::Repair { "-repair" } else { "" };
        let thread = std::thread::Builder::new()
            .name(format!("rc-{}{lane}", key.codec.rtpmap_name().to_lowercase()))
            .spawn(move || layer_worker::run(&shared, &layers, &own, &selector))?;
        running.insert(key, Running { layer: Arc::clone(&layer), viewers: vec![viewer], thread: Some(thread) });
        Ok(layer)
    }

    /// Takes `viewer` out of `layer` and ends the layer with its last viewer. May block until a frame is encoded.
    pub fn leave(&self, layer: &Layer, viewer: ViewerId) {
        let ended = {
            let mut running = lock(&self.running);
            let Some(entry) = running.get_mut(&layer.key) else { return };
            entry.viewers.retain(|v| *v != viewer);
            entry.layer.forget_estimate(viewer);
            if entry.viewers.is_empty() { running.remove(&layer.key) } else { None }
        };
        if let Some(entry) = ended {
            entry.end();
        }
    }

    /// A repair lane has no encoder (any more). Its viewers go back and are heard less often. Told to the host once.
    pub fn refuse_repair(&self, layer: &Layer, reason: &str, now: Nanos) {
        layer.give_up();
        let codec = layer.key.codec;
        if lock(&self.refused).insert(codec, now).is_none() {
            let name = codec.rtpmap_name();
            let message = format!("no second {name} encoder for viewers that need many keyframes: {reason}");
            self.shared.events.push(EventKind::EncoderUnavailable, Severity::Warning, ViewerId(0), message);
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

    /// Layers that read pictures.
    pub fn count(&self) -> usize {
        lock(&self.running).values().filter(|entry| !entry.layer.has_given_up()).count()
    }

    /// What the open encoders read without a copy, where they agree.
    pub fn wanted_chroma(&self) -> Chroma {
        let running = lock(&self.running);
        let mut reading = running.values().filter(|entry| !entry.layer.has_given_up()).peekable();
        let interleaved = |entry: &Running| entry.layer.interleaved.load(Ordering::Relaxed);
        if reading.peek().is_some() && reading.all(interleaved) { Chroma::Interleaved } else { Chroma::Planar }
    }

    /// Hands a picture to every layer; each encodes the newest it can.
    pub fn offer(&self, picture: &Arc<YuvFrame>) {
        for entry in lock(&self.running).values().filter(|entry| !entry.layer.has_given_up()) {
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

    /// The target of a codec's common layer, if it runs.
    pub fn common_target(&self, codec: Codec) -> Option<Bitrate> {
        let running = lock(&self.running);
        let entry = running.get(&LayerKey { codec, lane: Lane::Common })?;
        Some(lock(&entry.layer.status).1)
    }

    /// Codec, encoder and target of every open encoder.
    pub fn status(&self) -> Vec<(Codec, &'static str, Bitrate)> {
        lock(&self.running)
            .values()
            .map(|r| {
                let (name, target) = *lock(&r.layer.status);
                (r.layer.key.codec, name, target)
            })
            .filter(|(_, name, _)| !name.is_empty())
            .collect()
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
mod tests {
    use super::*;
    use crate::config::Config;

    const NOW: Nanos = Nanos(0);

    fn layers() -> (Arc<Layers>, Arc<Shared>) {
        let shared = Shared::new(Config::default());
        let selector = Selector::with_candidates("auto", Vec::new()).unwrap();
        (Layers::new(Arc::clone(&shared), Arc::new(selector)), shared)
    }

    #[test]
    fn a_slow_link_takes_no_rate_from_another_viewer_and_a_lone_viewer_has_its_own() {
        let (layers, _) = layers();
        let (slow, fast) = (ViewerId(1), ViewerId(2));
        let layer = layers.join(Codec::H264, slow).unwrap();
        layers.join(Codec::H264, fast).unwrap();
        layer.set_estimate(fast, Bitrate::from_kbps(8_000));
        layer.set_estimate(slow, Bitrate::from_kbps(500));
        assert_eq!(layer.estimate(), Some(Bitrate::from_kbps(8_000)));
        layers.leave(&layer, fast);
        assert_eq!(layer.estimate(), Some(Bitrate::from_kbps(500)));
        layers.leave(&layer, slow);
        assert!(layers.status().is_empty());
    }

    #[test]
    fn keyframe_requests_keep_the_nearest_viewers_round_trip() {
        let (layers, _) = layers();
        let layer = layers.join(Codec::Vp8, ViewerId(1)).unwrap();
        layers.leave(&layer, ViewerId(1)); // its worker has ended and takes nothing
        layer.take_keyframe_request();
        layer.request_keyframe(Duration::from_millis(300));
        layer.request_keyframe(Duration::from_millis(20));
        assert_eq!(layer.take_keyframe_request(), Some(Duration::from_millis(20)));
        assert_eq!(layer.take_keyframe_request(), None);
    }

    #[test]
    fn a_lone_viewer_is_not_set_apart_and_one_repair_lane_serves_all_that_are() {
        let (layers, _) = layers();
        let viewers = [ViewerId(1), ViewerId(2), ViewerId(3)];
        let common = layers.join(Codec::H264, viewers[0]).unwrap();
        layers.join(Codec::Vp8, viewers[2]).unwrap();
        assert!(layers.set_apart(&common, viewers[0], NOW).is_none(), "a viewer of another codec is not touched");
        viewers.iter().for_each(|viewer| drop(layers.join(Codec::H264, *viewer)));
        let repair = layers.set_apart(&common, viewers[0], NOW).unwrap();
        assert_eq!(repair.key, LayerKey { codec: Codec::H264, lane: Lane::Repair });
        layers.leave(&common, viewers[0]);
        assert!(Arc::ptr_eq(&repair, &layers.set_apart(&common, viewers[1], NOW).unwrap()));
        layers.leave(&common, viewers[1]);
        assert!(layers.set_apart(&common, viewers[2], NOW).is_none(), "it is the last");
        layers.leave(&repair, viewers[0]);
        layers.leave(&repair, viewers[1]);
        assert_eq!(lock(&layers.running).len(), 2);
        layers.stop_all();
    }

    #[test]
    fn a_repair_lane_without_an_encoder_is_told_once_and_tried_again_later() {
        let (layers, shared) = layers();
        let common = layers.join(Codec::H264, ViewerId(1)).unwrap();
        layers.join(Codec::H264, ViewerId(2)).unwrap();
        for start in [0, 60_000_000_000] {
            let repair = layers.set_apart(&common, ViewerId(1), Nanos(start)).unwrap();
            layers.refuse_repair(&repair, "no session", Nanos(start));
            assert!(repair.has_given_up());
            layers.leave(&repair, ViewerId(1));
            assert!(layers.set_apart(&common, ViewerId(1), Nanos(start + 59_999_999_999)).is_none());
        }
        let told: Vec<_> = std::iter::from_fn(|| shared.events.poll()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].message.contains("no session"), "{told:?}");
        layers.stop_all();
    }
}
