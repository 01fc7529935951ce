//! One layer's encoder: takes the newest picture, obeys the keyframe and rate policies, replaces an encoder that fails.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::layer::{Lane, Layer, Offered, Status};
use super::layers::Layers;
use super::shared::{Shared, record};
use crate::convert::YuvPool;
use crate::encode::fill::Fill;
use crate::encode::keyframe::KeyframeRequests;
use crate::encode::rate::{Picture, RateLimits, RatePolicy, is_worth_telling};
use crate::encode::select::Selector;
use crate::encode::{EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use crate::fanout::{Marks, Packetizer};
use crate::frame::Chroma;
use crate::layers::{Degradation, Rung, Shape};
use crate::time::{self, Nanos};
use crate::units::{Bitrate, Size, ViewerId};

/// How long a keyframe request waits for the host's next picture before the last one is encoded again.
const REPEAT_AFTER: Duration = Duration::from_millis(50);
/// How long until a size that no encoder took is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

pub fn run(shared: &Shared, layers: &Arc<Layers>, layer: &Layer, selector: &Selector) {
    layer.wake.listen();
    let mut worker = Worker::new(shared, layers, layer, selector);
    let mut last_picture = time::now();
    while !layer.is_stopping() && !layer.has_given_up() {
        layer.wake.wait(REPEAT_AFTER);
        let now = time::now();
        if let Some(rtt) = layer.take_keyframe_request() {
            shared.counters.keyframes_requested.add(1);
            worker.keyframes.request(now, rtt);
        }
        if layer.fanout.needs_keyframe() {
            worker.keyframes.request(now, Duration::ZERO);
        }
        if layer.fanout.subscriber_count() == 0 && layers.retire(layer, now) {
            break;
        }
        if let Some(Offered { picture, converted }) = layer.slot.pop() {
            last_picture = now;
            worker.converted = converted;
            worker.encode(&picture, now);
        } else if worker.keyframes.due_at().is_some_and(|due| due <= now)
            && now.saturating_since(last_picture) >= REPEAT_AFTER
        {
            layer.source.request_repeat();
        }
    }
}

/// The encoder in use, and when it is told which rate.
struct Open {
    encoder: Box<dyn VideoEncoder>,
    rate: RatePolicy,
    fill: Fill,
    /// What the encoder was last asked for.
    asked: Bitrate,
}

struct Worker<'a> {
    shared: &'a Shared,
    layers: &'a Layers,
    layer: &'a Layer,
    selector: &'a Selector,
    open: Option<Open>,
    keyframes: KeyframeRequests,
    packetizer: Packetizer,
    /// Pictures made ready for this encoder.
    ready: YuvPool,
    /// The size no encoder could be opened with, and when that was.
    refused: Option<(Size, Nanos)>,
    degradation: Degradation,
    /// Pictures a second that are encoded now.
    fps: u32,
    group_changes: u64,
    /// When the present picture's conversion began and ended, where its way is traced.
    converted: Option<(Nanos, Nanos)>,
}

impl<'a> Worker<'a> {
    fn new(shared: &'a Shared, layers: &'a Layers, layer: &'a Layer, selector: &'a Selector) -> Self {
        Self {
            shared,
            layers,
            layer,
            selector,
            open: None,
            keyframes: KeyframeRequests::new(),
            packetizer: Packetizer::new(layer.key.codec),
            ready: YuvPool::default(),
            refused: None,
            degradation: Degradation::new(shared.config.video.degradation),
            fps: layer.source.fps(),
            group_changes: 0,
            converted: None,
        }
    }

    fn encode(&mut self, picture: &Arc<YuvFrame>, now: Nanos) {
        if self.layer.fanout.subscriber_count() == 0 {
            return;
        }
        let key = self.layer.key;
        let rung = self.layers.ladder_of(&self.layer.source, key.codec, key.shape).rung(key.rung);
        let share = self.layer.rate(now, rung).unwrap_or(self.shared.config.video.start_bitrate());
        let wanted = self.degrade(now, share, rung);
        let fits_encoder = self.open.as_ref().is_some_and(|open| open.encoder.settings().size == picture.size);
        if picture.size != wanted && (!fits_encoder || self.keyframes.due_at().is_some()) {
            // Made before this layer knew what it wants: worth neither an encoder nor a keyframe.
            return self.layer.source.request_repeat();
        }
        if self.is_refused(picture.size, now) {
            return;
        }
        // Each turn takes one encoder out of the selector's list, so this ends.
        while self.ensure_open(picture.size, share, now) {
            match self.try_encode(picture, share, now) {
                Ok(Some(frame)) => return self.publish(&frame, now),
                Ok(None) => return,
                Err(error) => self.replace(picture.size, &error, now),
            }
        }
    }

    /// Decides how much of the rung's picture the rate carries. Returns the size that pictures are to have from now on.
    fn degrade(&mut self, now: Nanos, share: Bitrate, rung: Rung) -> Size {
        let (changes, preference) = {
            let group = self.layer.group();
            (group.changes(), group.preference())
        };
        self.degradation.set_preference(preference.unwrap_or(self.shared.config.video.degradation));
        if std::mem::replace(&mut self.group_changes, changes) != changes {
            self.degradation.reset();
        }
        let step = self.degradation.handle_rate(now, share, rung.picture);
        self.layer.set_step(step);
        self.fps = step.fps(rung.picture.fps);
        step.size(rung.picture.size)
    }

    /// A size that was refused is tried again after a while, another one at once.
    fn is_refused(&self, size: Size, now: Nanos) -> bool {
        self.refused.is_some_and(|(refused, at)| refused == size && now.saturating_since(at) < RETRY_AFTER)
    }

    fn limits(&self) -> RateLimits {
        self.layer.source.limits()
    }

    fn picture(&self, size: Size) -> Picture {
        Picture { codec: self.layer.key.codec, size, fps: self.fps }
    }

    /// Opens an encoder of that size if there is none. False: no encoder is left.
    fn ensure_open(&mut self, size: Size, share: Bitrate, now: Nanos) -> bool {
        if self.open.as_ref().is_some_and(|open| open.encoder.settings().size == size) {
            return true;
        }
        if self.layer.has_given_up() {
            return false;
        }
        self.open = None;
        let (fps, limits) = (self.fps, self.limits());
        let bitrate = limits.target(share, self.picture(size));
        let intra_refresh = self.shared.config.video.intra_refresh;
        match self.selector.open(self.layer.key.codec, EncoderSettings { size, fps, bitrate, intra_refresh }) {
            Ok((mut encoder, failures)) => {
                for failure in failures {
                    self.event(EventKind::EncoderUnavailable, Severity::Info, failure.to_string());
                }
                self.event(EventKind::EncoderSelected, Severity::Info, encoder.name());
                if encoder.refreshes_by_strips() {
                    tracing::info!(encoder = encoder.name(), "renews the picture by strips");
                }
                let layers = self.shared.config.video.temporal_layers;
                if let Err(error) = encoder.set_temporal_layers(u8::try_from(layers).unwrap_or(1)) {
                    self.event(EventKind::EncoderUnavailable, Severity::Info, error.to_string());
                }
                let rate = RatePolicy::new(limits, encoder.rate_change(), bitrate, now);
                self.set_status(encoder.name(), bitrate, size);
                let interleaved = encoder.chroma() == Chroma::Interleaved;
                self.layer.interleaved.store(interleaved, Ordering::Relaxed);
                self.open = Some(Open { encoder, rate, fill: Fill::default(), asked: bitrate });
                true
            }
            Err(error) => {
                self.set_status("", bitrate, size);
                if !self.layers.refuse(self.layer, size, &error.to_string(), now) {
                    self.refused = Some((size, now));
                    self.event(EventKind::EncoderMissing, Severity::Error, error.to_string());
                }
                false
            }
        }
    }

    fn try_encode(
        &mut self,
        picture: &Arc<YuvFrame>,
        share: Bitrate,
        now: Nanos,
    ) -> Result<Option<EncodedFrame>, EncodeError> {
        let (shape, fps, limits) = (self.picture(picture.size), self.fps, self.limits());
        let Some(Open { encoder, rate, fill, asked }) = self.open.as_mut() else { return Ok(None) };
        rate.set_limits(limits);
        let mut change = rate.handle_share(now, share, shape);
        if encoder.settings().fps != fps {
            // The rate control's buffer is a share of a second.
            change = change.or(Some(rate.current()));
        }
        let seamless = encoder.rate_change() == RateChange::Seamless;
        let asks_for = if seamless { fill.asks_for(rate.current()) } else { rate.current() };
        if change.is_some() || seamless && is_worth_telling(*asked, asks_for) {
            encoder.set_rate(asks_for, fps)?;
            *asked = asks_for;
        }
        let name = encoder.name();
        let keyframe = self.keyframes.take(now);
        let picture = self.ready.ready(picture, encoder.codec().matrix(), encoder.chroma());
        let frame = encoder.encode(&picture, keyframe)?;
        if frame.is_none() && keyframe {
            self.keyframes.request(now, Duration::ZERO);
        }
        if let Some(frame) = &frame {
            fill.handle_frame(now, rate.current(), frame.data.len());
        }
        if let Some(target) = change {
            self.set_status(name, target, shape.size);
        }
        Ok(frame)
    }

    /// Takes a failed encoder out of use; the next turn opens the one after it. What fails beside a codec's first layer is not
    /// held against it elsewhere: the second session of a driver may be what does not work.
    fn replace(&mut self, size: Size, error: &EncodeError, now: Nanos) {
        self.shared.counters.encoder_failures.add(1);
        self.event(EventKind::EncoderFailed, Severity::Warning, error.to_string());
        let failed = self.open.take();
        let key = self.layer.key;
        let beside = key.lane == Lane::Repair || key.rung > 0 || key.shape != Shape::ALL;
        if beside && self.layers.refuse(self.layer, size, &error.to_string(), now) {
            self.set_status("", Bitrate::default(), size);
        } else if let Some(Open { encoder, .. }) = failed {
            self.selector.next_after(encoder.name());
        }
    }

    fn publish(&mut self, frame: &EncodedFrame, now: Nanos) {
        let counters = &self.shared.counters;
        counters.video_frames_encoded.add(1);
        counters.video_bytes_encoded.add(frame.data.len() as u64);
        counters.keyframes_encoded.add(u64::from(frame.keyframe));
        if frame.keyframe {
            self.keyframes.handle_keyframe(now);
            // Whoever asked while it was encoded is answered by it.
            self.layer.take_keyframe_request();
        }
        record(&self.shared.encode_us, frame.encode_started, frame.encode_ended);
        self.layer.tally.add(now, frame);
        let mut packetized = self.packetizer.packetize(frame);
        packetized.marks = self.converted.take().map(|(converting, converted)| {
            let packetized = time::now();
            Marks { converting, converted, packetized }
        });
        self.layer.fanout.publish(Arc::new(packetized));
    }

    fn set_status(&self, encoder: &'static str, target: Bitrate, size: Size) {
        self.layer.set_status(Status { encoder, target, size, fps: self.fps });
    }

    fn event(&self, kind: EventKind, severity: Severity, message: impl Into<String>) {
        let message = message.into();
        tracing::info!(codec = self.layer.key.codec.rtpmap_name(), lane = ?self.layer.key.lane, rung = self.layer.key.rung, ?kind, %message, "encoder");
        self.shared.events.push(kind, severity, ViewerId(0), message);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::config::Config;
    use crate::encode::Codec;
    use crate::encode::fake::FakeEncoder;
    use crate::encode::select::Candidate;
    use crate::fanout::{Media, Subscriber};
    use crate::streamer::layer::LayerKey;

    /// Calls back in the middle of each encoding.
    struct Watched<F> {
        encoder: FakeEncoder,
        during: F,
    }

    impl<F: FnMut() + Send> VideoEncoder for Watched<F> {
        fn name(&self) -> &'static str {
            self.encoder.name()
        }
        fn codec(&self) -> Codec {
            self.encoder.codec()
        }
        fn settings(&self) -> EncoderSettings {
            self.encoder.settings()
        }
        fn rate_change(&self) -> RateChange {
            self.encoder.rate_change()
        }
        fn encode(&mut self, frame: &Arc<YuvFrame>, keyframe: bool) -> Result<Option<EncodedFrame>, EncodeError> {
            (self.during)();
            self.encoder.encode(frame, keyframe)
        }
        fn set_rate(&mut self, bitrate: Bitrate, fps: u32) -> Result<(), EncodeError> {
            self.encoder.set_rate(bitrate, fps)
        }
    }

    #[test]
    fn who_joins_or_asks_while_a_keyframe_is_encoded_is_served_by_it() {
        let shared = Shared::new(Config::from_json("{}").unwrap());
        let size = Size::new(64, 64);
        let source = shared.sources.first();
        source.set_size(size);
        let start = Bitrate::from_kbps(1_000);
        let layer = Arc::new(Layer::new(LayerKey::first(Codec::Vp8), Arc::clone(source), &shared.counters, start));
        let late = Arc::new(Mutex::new(Vec::<Subscriber>::new()));
        let candidate = {
            let (layer, late) = (Arc::clone(&layer), Arc::clone(&late));
            Candidate::new("watched", Codec::Vp8, move |settings| {
                let (layer, late) = (Arc::clone(&layer), Arc::clone(&late));
                let during = move || {
                    // Others join only while there is somebody who had the layer encode.
                    if layer.fanout.subscriber_count() == 1 {
                        layer.request_keyframe(Duration::from_millis(20));
                        late.lock().unwrap().push(layer.fanout.subscribe(Box::new(|| {})));
                    }
                };
                Ok(Box::new(Watched { encoder: FakeEncoder::new(Codec::Vp8, settings), during }))
            })
        };
        let selector = Arc::new(Selector::with_candidates("auto", vec![candidate]).unwrap());
        assert_eq!(selector.working(Codec::Vp8), Some("watched"), "proved before anybody joins");
        let layers = Layers::new(Arc::clone(&shared), Arc::clone(&selector));
        let mut worker = Worker::new(&shared, &layers, &layer, &selector);
        let mut first = layer.fanout.subscribe(Box::new(|| {}));
        let picture = Arc::new(YuvFrame::black(size));
        let at = |ms: u64| Nanos(ms * 1_000_000);
        worker.keyframes.request(at(0), Duration::ZERO);
        worker.encode(&picture, at(0));
        let mut late = late.lock().unwrap();
        for viewer in late.iter_mut().chain([&mut first]) {
            assert!(matches!(viewer.pop(), Some(Media::Video(frame)) if frame.keyframe));
        }
        assert_eq!(late.len(), 1);
        assert_eq!((layer.take_keyframe_request(), layer.fanout.needs_keyframe()), (None, false));
        // Long after: nobody is owed one.
        worker.encode(&picture, at(1_000));
        assert!(matches!(first.pop(), Some(Media::Video(frame)) if !frame.keyframe));
        assert_eq!(shared.counters.keyframes_encoded.get(), 1);
    }
}
