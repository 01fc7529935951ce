//! One layer's encoder: takes the newest picture, obeys the keyframe and rate policies, replaces an encoder that fails.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::layer::{Lane, Layer};
use super::layers::Layers;
use super::shared::{Shared, record};
use crate::convert::YuvPool;
use crate::encode::keyframe::KeyframeRequests;
use crate::encode::rate::{RateLimits, RatePolicy};
use crate::encode::select::Selector;
use crate::encode::{EncodeError, EncodedFrame, EncoderSettings, VideoEncoder, YuvFrame};
use crate::fanout::Packetizer;
use crate::frame::Chroma;
use crate::time::{self, Nanos};
use crate::units::{Bitrate, Size, ViewerId};

/// How long a keyframe request waits for the host's next picture before the last one is encoded again.
const REPEAT_AFTER: Duration = Duration::from_millis(50);
/// How long until a size that no encoder took is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

pub fn run(shared: &Shared, layers: &Arc<Layers>, layer: &Layer, selector: &Selector) {
    layer.wake.listen();
    let audio = if shared.config.audio.enabled { shared.config.audio.bitrate_kbps } else { 0 };
    let mut worker = Worker {
        shared,
        layers,
        layer,
        selector,
        audio: Bitrate::from_kbps(audio.into()),
        open: None,
        keyframes: KeyframeRequests::new(),
        packetizer: Packetizer::new(layer.key.codec),
        planar: YuvPool::default(),
        refused: None,
    };
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
        if let Some(picture) = layer.slot.pop() {
            last_picture = now;
            worker.encode(&picture, now);
        } else if worker.keyframes.due_at().is_some_and(|due| due <= now)
            && now.saturating_since(last_picture) >= REPEAT_AFTER
        {
            layers.request_repeat();
        }
    }
}

/// The encoder in use, and when it is told which rate.
struct Open {
    encoder: Box<dyn VideoEncoder>,
    rate: RatePolicy,
}

struct Worker<'a> {
    shared: &'a Shared,
    layers: &'a Layers,
    layer: &'a Layer,
    selector: &'a Selector,
    /// What sound takes from a viewer's link.
    audio: Bitrate,
    open: Option<Open>,
    keyframes: KeyframeRequests,
    packetizer: Packetizer,
    /// Pictures of a GPU made for another layer's encoder, made planar for this one.
    planar: YuvPool,
    /// The size no encoder could be opened with, and when that was.
    refused: Option<(Size, Nanos)>,
}

impl Worker<'_> {
    fn encode(&mut self, picture: &Arc<YuvFrame>, now: Nanos) {
        if self.layer.fanout.subscriber_count() == 0 || self.is_refused(picture.size, now) {
            return;
        }
        // Each turn takes one encoder out of the selector's list, so this ends.
        while self.ensure_open(picture.size, now) {
            match self.try_encode(picture, now) {
                Ok(Some(frame)) => return self.publish(&frame, now),
                Ok(None) => return,
                Err(error) => self.replace(&error, now),
            }
        }
    }

    /// A size that was refused is tried again after a while, another one at once.
    fn is_refused(&self, size: Size, now: Nanos) -> bool {
        self.refused.is_some_and(|(refused, at)| refused == size && now.saturating_since(at) < RETRY_AFTER)
    }

    fn fps(&self) -> u32 {
        self.shared.rate_bounds.fps()
    }

    fn limits(&self) -> RateLimits {
        self.shared.rate_bounds.limits(self.audio)
    }

    /// What the link carries, or what it is taken to carry before anything was measured.
    fn estimate(&self) -> Bitrate {
        self.layer.estimate().unwrap_or(self.shared.config.video.start_bitrate())
    }

    /// Opens an encoder of that size if there is none. False: no encoder is left.
    fn ensure_open(&mut self, size: Size, now: Nanos) -> bool {
        if self.open.as_ref().is_some_and(|open| open.encoder.settings().size == size) {
            return true;
        }
        if self.layer.has_given_up() {
            return false;
        }
        self.open = None;
        let fps = self.fps();
        let limits = self.limits();
        let bitrate = limits.target(self.estimate(), size, fps);
        match self.selector.open(self.layer.key.codec, EncoderSettings { size, fps, bitrate }) {
            Ok((encoder, failures)) => {
                for failure in failures {
                    self.event(EventKind::EncoderUnavailable, Severity::Info, failure.to_string());
                }
                self.event(EventKind::EncoderSelected, Severity::Info, encoder.name());
                let rate = RatePolicy::new(limits, encoder.rate_change(), bitrate, now);
                self.set_status(encoder.name(), bitrate);
                let interleaved = encoder.chroma() == Chroma::Interleaved;
                self.layer.interleaved.store(interleaved, Ordering::Relaxed);
                self.open = Some(Open { encoder, rate });
                true
            }
            Err(error) if self.layer.key.lane == Lane::Repair => {
                self.layers.refuse_repair(self.layer, &error.to_string(), now);
                false
            }
            Err(error) => {
                self.refused = Some((size, now));
                self.set_status("", bitrate);
                self.event(EventKind::EncoderMissing, Severity::Error, error.to_string());
                false
            }
        }
    }

    fn try_encode(&mut self, picture: &Arc<YuvFrame>, now: Nanos) -> Result<Option<EncodedFrame>, EncodeError> {
        let (estimate, fps, limits) = (self.estimate(), self.fps(), self.limits());
        let Some(Open { encoder, rate }) = self.open.as_mut() else { return Ok(None) };
        rate.set_limits(limits);
        let mut change = rate.handle_estimate(now, estimate, picture.size, fps);
        if encoder.settings().fps != fps {
            // The rate control's buffer is a share of a second.
            change = change.or(Some(rate.current()));
        }
        if let Some(target) = change {
            encoder.set_rate(target, fps)?;
        }
        let name = encoder.name();
        let keyframe = self.keyframes.take(now);
        let planar;
        let picture = if picture.chroma == Chroma::Interleaved && encoder.chroma() == Chroma::Planar {
            planar = self.planar.planar(picture);
            &planar
        } else {
            picture
        };
        let frame = encoder.encode(picture, keyframe)?;
        if frame.is_none() && keyframe {
            self.keyframes.request(now, Duration::ZERO);
        }
        if let Some(target) = change {
            self.set_status(name, target);
        }
        Ok(frame)
    }

    /// Takes a failed encoder out of use; the next turn opens the one after it. What fails in a repair lane is not held
    /// against it elsewhere: the second session of a driver may be what does not work.
    fn replace(&mut self, error: &EncodeError, now: Nanos) {
        self.shared.counters.encoder_failures.add(1);
        self.event(EventKind::EncoderFailed, Severity::Warning, error.to_string());
        let failed = self.open.take();
        if self.layer.key.lane == Lane::Repair {
            self.set_status("", Bitrate::default());
            self.layers.refuse_repair(self.layer, &error.to_string(), now);
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
        self.layer.fanout.publish(Arc::new(self.packetizer.packetize(frame)));
    }

    fn set_status(&self, name: &'static str, target: Bitrate) {
        *self.layer.status.lock().unwrap_or_else(PoisonError::into_inner) = (name, target);
    }

    fn event(&self, kind: EventKind, severity: Severity, message: impl Into<String>) {
        let message = message.into();
        tracing::info!(codec = self.layer.key.codec.rtpmap_name(), lane = ?self.layer.key.lane, ?kind, %message, "encoder");
        self.shared.events.push(kind, severity, ViewerId(0), message);
    }
}
