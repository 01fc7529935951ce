//! Decodes what one viewer sends, on a thread of its own: a camera must delay neither the network's tasks nor other viewers.

use std::sync::Arc;
use std::time::Duration;

use super::event::{EventKind, Severity};
use super::received::{ReceivedPicture, ReceivedSound};
use super::shared::Shared;
use crate::convert::to_rgba;
use crate::decode::opus::{Input, OpusDecoder};
use crate::decode::{VideoDecoder, select};
use crate::encode::Codec;
use crate::receive::clock::SenderClock;
use crate::receive::frames::{Frame, FrameBuffer};
use crate::receive::inlet::Inlet;
use crate::receive::sound::{SoundBuffer, Step, is_stereo};
use crate::receive::{Arrival, Encoding, Medium, Packet, red};
use crate::time::{self, Nanos};
use crate::units::ViewerId;

/// How often it looks whether it is to end though nothing came.
const IDLE: Duration = Duration::from_millis(250);
/// A medium that has been silent for so long has stopped.
const SILENCE: Duration = Duration::from_secs(5);

/// Starts the worker of a viewer. It ends when the inlet closes, or the streamer stops.
pub fn start(shared: &Arc<Shared>, viewer: ViewerId, inlet: Inlet) -> std::io::Result<()> {
    let own = Arc::clone(shared);
    let thread = std::thread::Builder::new()
        .name(format!("rc-receive-{}", viewer.0))
        .spawn(move || Receiver::new(own, viewer, inlet).run())?;
    shared.received.keep(thread);
    Ok(())
}

struct Receiver {
    shared: Arc<Shared>,
    viewer: ViewerId,
    inlet: Inlet,
    clock: SenderClock,
    frames: FrameBuffer,
    sound: SoundBuffer,
    decoder: Option<Box<dyn VideoDecoder>>,
    opus: Option<OpusDecoder>,
    samples: Vec<f32>,
    /// When the last packet of each medium came, while it has not stopped.
    heard: [Option<Nanos>; 2],
}

impl Receiver {
    fn new(shared: Arc<Shared>, viewer: ViewerId, inlet: Inlet) -> Self {
        Self {
            shared,
            viewer,
            inlet,
            clock: SenderClock::default(),
            frames: FrameBuffer::default(),
            sound: SoundBuffer::default(),
            decoder: None,
            opus: None,
            samples: Vec::new(),
            heard: [None; 2],
        }
    }

    fn run(mut self) {
        self.inlet.listen();
        while !self.inlet.is_closed() && !self.shared.is_stopping() {
            while let Some(arrival) = self.inlet.pop() {
                self.take(arrival);
            }
            let now = time::now();
            self.play(now);
            self.show(now);
            self.notice_silence(now);
            self.count();
            let due = [self.sound.next_deadline(), self.frames.next_deadline()].into_iter().flatten().min();
            self.inlet.wait(due.map_or(IDLE, |due| due.saturating_since(time::now()).min(IDLE)));
        }
        for medium in Medium::ALL {
            self.stopped(medium);
        }
        self.shared.received.forget(self.viewer);
    }

    fn take(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Packet { encoding, packet } => self.take_packet(encoding, packet),
            Arrival::Clock { medium, ntp, timestamp } => self.clock.heard_report(medium, ntp, timestamp),
            Arrival::Ended { medium } => {
                self.clock.forget(medium);
                match medium {
                    Medium::Audio => (self.sound, self.opus) = (SoundBuffer::default(), None),
                    Medium::Video => (self.frames, self.decoder) = (FrameBuffer::default(), None),
                }
                self.stopped(medium);
            }
        }
    }

    fn take_packet(&mut self, encoding: Encoding, packet: Packet) {
        let medium = encoding.medium();
        if self.heard[medium as usize].replace(packet.arrived).is_none() {
            self.event(EventKind::ReceivingStarted, Severity::Info, medium.name());
        }
        self.clock.heard(medium, packet.timestamp, packet.arrived);
        match encoding {
            Encoding::Opus => self.sound.insert(packet),
            Encoding::Red => {
                for part in red::unpack(&packet) {
                    if part.sequence == packet.sequence {
                        self.sound.insert(part)
                    } else {
                        self.sound.insert_copy(part)
                    }
                }
            }
            Encoding::Video(codec) => self.frames.insert(codec, packet),
        }
    }

    fn play(&mut self, now: Nanos) {
        while let Some(step) = self.sound.pop(now) {
            let (input, timestamp) = match &step {
                Step::Play { payload, timestamp } => (Input::Packet(payload), *timestamp),
                Step::Recover { next, samples, timestamp } => (Input::Before(next, *samples), *timestamp),
                Step::Conceal { samples, timestamp } => (Input::Lost(*samples), *timestamp),
            };
            if !matches!(step, Step::Play { .. }) {
                self.shared.counters.received_audio_concealed.add(1);
            }
            let channels = if let Step::Play { payload, .. } = &step { 1 + u32::from(is_stereo(payload)) } else { 1 };
            let Some(opus) = opus_for(&mut self.opus, channels) else { continue };
            if let Err(error) = opus.decode(input, &mut self.samples) {
                self.shared.counters.received_frames_refused.add(1);
                tracing::debug!(viewer = self.viewer.0, %error, "opus");
                continue;
            }
            self.shared.counters.received_audio_blocks.add(1);
            self.shared.received.put_sound(ReceivedSound {
                viewer: self.viewer,
                channels: opus.channels(),
                samples: self.samples.clone(),
                host_time: self.clock.host_time(Medium::Audio, timestamp),
            });
        }
    }

    /// Decodes what is whole. Of several pictures only the newest is for the host.
    fn show(&mut self, now: Nanos) {
        let mut newest = self.frames.pop(now);
        while let Some(frame) = newest {
            newest = self.frames.pop(now);
            if !self.decode(&frame, newest.is_none()) {
                self.frames.refuse();
                // What refers to it is not shown either.
                newest = newest.filter(|next| next.keyframe);
            }
        }
        if self.frames.wants_keyframe(now) {
            self.shared.counters.received_keyframes_requested.add(1);
            self.inlet.ask_for_keyframe();
        }
    }

    fn decode(&mut self, frame: &Frame, show: bool) -> bool {
        let counters = &self.shared.counters;
        let Some(decoder) = decoder_for(&mut self.decoder, frame.codec) else {
            counters.received_frames_refused.add(1);
            return false;
        };
        let (received, viewer) = (&self.shared.received, self.viewer);
        let host_time = self.clock.host_time(Medium::Video, frame.timestamp);
        let inlet = &self.inlet;
        let decoded = decoder.decode(&frame.data, &mut |planes| {
            inlet.note_decoded(planes.size.width, planes.size.height);
            if !show {
                counters.received_video_frames_dropped.add(1);
                return;
            }
            let mut pixels = received.take_spare(viewer);
            match to_rgba(planes, &mut pixels) {
                Ok(()) => received.put_picture(ReceivedPicture { viewer, size: planes.size, pixels, host_time }),
                Err(error) => tracing::debug!(viewer = viewer.0, %error, "a viewer's picture"),
            }
        });
        match decoded {
            Ok(()) => counters.received_video_frames.add(1),
            Err(error) => {
                counters.received_frames_refused.add(1);
                tracing::debug!(viewer = self.viewer.0, %error, "a viewer's frame");
                return false;
            }
        }
        true
    }

    fn notice_silence(&mut self, now: Nanos) {
        for medium in Medium::ALL {
            if self.heard[medium as usize].is_some_and(|heard| now.saturating_since(heard) >= SILENCE) {
                self.stopped(medium);
            }
        }
    }

    fn stopped(&mut self, medium: Medium) {
        if self.heard[medium as usize].take().is_some() {
            self.event(EventKind::ReceivingStopped, Severity::Info, medium.name());
        }
    }

    fn count(&mut self) {
        let (sound, frames) = (self.sound.take_losses(), self.frames.take_losses());
        let counters = &self.shared.counters;
        counters.received_packets_late.add(sound.late + frames.packets);
        counters.received_video_stops.add(frames.stops);
    }

    fn event(&self, kind: EventKind, severity: Severity, message: &str) {
        self.shared.events.push(kind, severity, self.viewer, message);
    }
}

/// A decoder of so many channels, or of more: what was once stereo stays so, as channels that come and go would be heard.
fn opus_for(opus: &mut Option<OpusDecoder>, channels: u32) -> Option<&mut OpusDecoder> {
    if opus.as_ref().is_none_or(|opus| opus.channels() < channels) {
        *opus = OpusDecoder::new(channels).inspect_err(|error| tracing::warn!(%error, "opus")).ok();
    }
    opus.as_mut()
}

fn decoder_for(decoder: &mut Option<Box<dyn VideoDecoder>>, codec: Codec) -> Option<&mut Box<dyn VideoDecoder>> {
    if decoder.as_ref().is_none_or(|decoder| decoder.codec() != codec) {
        *decoder = select::open(codec).inspect_err(|error| tracing::warn!(%error, "decoder")).ok();
    }
    decoder.as_mut()
}
