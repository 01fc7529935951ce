//! A leaky bucket before four queues. A packet may leave when what left before it would have left by then at the pacing
//! rate, less a small window; idle time earns nothing beyond that window.
//!
//! The pacing rate is a multiple of what the path carries, as in libwebrtc: an encoder's frames differ in size, and a frame
//! spread over its whole period is late by one. Congestion control says which: 1 while a queue drains. What keeps a link from
//! filling is the estimate and the encoder that follows it; a layer that sends above the estimate for long is the pump's to
//! stop.

use std::collections::VecDeque;
use std::time::Duration;

use crate::congestion::{Probe, Probed};
use crate::time::Nanos;
use crate::units::Bitrate;

use super::probe::Probing;

/// What a packet costs beside RTP: SRTP's tag, UDP, IPv6 and the transport-wide number, in bytes.
pub const OVERHEAD: usize = 60;
/// Pacing rate by estimate, until congestion control has said anything.
const BURST: f64 = 2.0;
/// What may leave at once: a usual frame on a link with room, little for the queue of one without.
const WINDOW: Duration = Duration::from_millis(5);
/// The same while a probe is sent, whose worth is its even rate.
const PROBE_WINDOW: Duration = Duration::from_millis(1);
/// Between two wakings while packets wait. The driver wakes no more often.
const STEP: Duration = Duration::from_millis(1);
/// What a probe makes up for when it is woken late.
const LATENESS: Duration = Duration::from_millis(5);
/// Frames behind the one that is being sent, in time to send them: beyond, they are thrown away.
const LONGEST: Duration = Duration::from_millis(250);
/// Packets of repair that may wait.
const MOST_REPAIR: usize = 256;
/// Slower is not paced at.
const SLOWEST: Bitrate = Bitrate::from_kbps(50);
/// A probe is never faster.
const FASTEST_PROBE: Bitrate = Bitrate::from_kbps(1_000_000);

/// What goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Never waits: it is small, and late sound is heard. Takes no more than half of the rate from the others, which would
    /// stand still on a link that carries little more than it.
    Audio,
    Retransmission,
    Video,
    /// Forward error correction.
    Repair,
}

#[derive(Debug)]
struct Waiting<T> {
    item: T,
    bytes: usize,
    /// RTP timestamp.
    frame: u32,
}

/// What `T` waits for: its turn. Bytes are of the wire, [`OVERHEAD`] included.
#[derive(Debug)]
pub struct Pacer<T> {
    queues: [VecDeque<Waiting<T>>; 4],
    queued_bytes: usize,
    estimate: Bitrate,
    burst: f64,
    /// When what has left so far would have left at the rate.
    free_at: Nanos,
    looked_at: Nanos,
    /// When sound last left.
    sound_at: Nanos,
    probing: Option<Probing>,
}

impl<T> Pacer<T> {
    pub fn new(estimate: Bitrate) -> Self {
        Self {
            queues: std::array::from_fn(|_| VecDeque::new()),
            queued_bytes: 0,
            estimate: estimate.max(SLOWEST),
            burst: BURST,
            free_at: Nanos(0),
            looked_at: Nanos(0),
            sound_at: Nanos(0),
            probing: None,
        }
    }

    /// What the path carries from now on, and how many times that a frame may leave at (1 at least). Returns the packets
    /// thrown away because what waits would take too long.
    pub fn set_estimate(&mut self, estimate: Bitrate, burst: f64) -> usize {
        let before = self.pacing_bps();
        (self.estimate, self.burst) = (estimate.max(SLOWEST), burst.max(1.0));
        if self.pacing_bps() < before { self.cut() } else { 0 }
    }

    /// What waits to be sent again, in bytes of the wire.
    pub fn queued_again(&self) -> usize {
        self.queues[Class::Retransmission as usize].iter().map(|waiting| waiting.bytes).sum()
    }

    /// Throws all video and its repair away: a keyframe comes. Returns the packets.
    pub fn drop_video(&mut self) -> usize {
        [Class::Retransmission, Class::Video, Class::Repair].into_iter().map(|class| self.empty(class)).sum()
    }

    /// Throws away what was to be sent again. Returns the packets.
    pub fn drop_again(&mut self) -> usize {
        self.empty(Class::Retransmission)
    }

    fn empty(&mut self, class: Class) -> usize {
        let gone: usize = self.queue(class).iter().map(|waiting| waiting.bytes).sum();
        self.queued_bytes = self.queued_bytes.saturating_sub(gone);
        self.queue(class).drain(..).count()
    }

    /// What waits, in bytes of the wire.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Puts a packet in its queue; of `frame` (RTP timestamp) if it is video. Returns the packets thrown away: those of the
    /// frames behind the one that is being sent, this one perhaps among them. What follows needs a keyframe then.
    pub fn push(&mut self, class: Class, bytes: usize, frame: u32, item: T) -> usize {
        if class == Class::Repair && self.queue(class).len() >= MOST_REPAIR {
            return 1;
        }
        let behind = class == Class::Video && self.queue(class).front().is_some_and(|first| first.frame != frame);
        self.queue(class).push_back(Waiting { item, bytes, frame });
        self.queued_bytes += bytes;
        if behind { self.cut() } else { 0 }
    }

    /// The next packet that may leave now.
    pub fn pop(&mut self, now: Nanos) -> Option<T> {
        let class = if self.queue(Class::Audio).is_empty() {
            if !self.may_send(now) {
                return None;
            }
            [Class::Retransmission, Class::Video, Class::Repair].into_iter().find(|c| !self.queue(*c).is_empty())?
        } else {
            Class::Audio
        };
        let waiting = self.queue(class).pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(waiting.bytes);
        if class == Class::Audio {
            let most = now.saturating_since(std::mem::replace(&mut self.sound_at, now)) / 2;
            self.charge(now, waiting.bytes, most);
        } else {
            self.sent(now, waiting.bytes);
        }
        Some(waiting.item)
    }

    /// Whether a packet of padding should leave now: a probe runs and nothing else waits.
    pub fn wants_padding(&self, now: Nanos) -> bool {
        self.probing.is_some() && self.is_empty() && self.may_send(now)
    }

    /// So much leaves now that was not in a queue.
    pub fn sent(&mut self, now: Nanos, bytes: usize) {
        self.charge(now, bytes, Duration::MAX);
    }

    fn charge(&mut self, now: Nanos, bytes: usize, most: Duration) {
        let earliest = match &mut self.probing {
            Some(probing) => {
                probing.sent(now, bytes);
                Nanos(now.0.saturating_sub(nanos(LATENESS)))
            }
            None => now,
        };
        self.free_at = self.free_at.max(earliest) + self.time_of(bytes).min(most);
    }

    /// Gives back what [`pop`](Self::pop) charged for an item that came to nothing.
    pub fn unsent(&mut self, bytes: usize) {
        self.free_at = Nanos(self.free_at.0.saturating_sub(nanos(self.time_of(bytes))));
    }

    /// Sends at the probe's rate from now on, for its duration. Not while another one runs.
    pub fn begin(&mut self, now: Nanos, probe: Probe) {
        if self.probing.is_none() {
            let probe = Probe { rate: probe.rate.clamp(SLOWEST, FASTEST_PROBE), ..probe };
            self.probing = Some(Probing::new(probe, now));
            self.free_at = now;
        }
    }

    pub fn is_probing(&self) -> bool {
        self.probing.is_some()
    }

    /// The probe that is over, once. Called at the end of every look.
    pub fn take_probed(&mut self, now: Nanos) -> Option<Probed> {
        self.looked_at = now;
        let probed = self.probing.as_ref()?.finished(now, self.free_at)?;
        self.probing = None;
        Some(probed)
    }

    /// When to look again: packets wait, or a probe runs. Never earlier than [`STEP`] after a look that found nothing to do,
    /// except for the end of a probe.
    pub fn due(&self) -> Option<Nanos> {
        let next = Nanos(self.free_at.0.saturating_sub(nanos(self.window() - STEP)));
        match &self.probing {
            Some(probing) if self.free_at >= probing.end() => Some(probing.end().max(self.free_at)),
            Some(_) => Some(next.max(self.looked_at + STEP)),
            None => (!self.is_empty()).then_some(next),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    /// How long what waits takes to leave, if the estimate stays.
    pub fn queued(&self, now: Nanos) -> Duration {
        if self.is_empty() {
            return Duration::ZERO;
        }
        self.free_at.saturating_since(now) + time_at(self.pacing_bps(), self.queued_bytes)
    }

    fn may_send(&self, now: Nanos) -> bool {
        let begins = self.probing.as_ref().is_none_or(|probing| self.free_at < probing.end());
        begins && self.free_at < now + self.window()
    }

    fn window(&self) -> Duration {
        if self.probing.is_some() { PROBE_WINDOW } else { WINDOW }
    }

    fn pacing_bps(&self) -> f64 {
        self.estimate.bps() as f64 * self.burst
    }

    fn time_of(&self, bytes: usize) -> Duration {
        time_at(self.probing.as_ref().map_or(self.pacing_bps(), |probing| probing.rate().bps() as f64), bytes)
    }

    /// Throws the frames behind the first one away when they would take too long. The first one is finished: what the
    /// viewer has of it is not wasted, and a keyframe of any size gets through.
    fn cut(&mut self) -> usize {
        let video = &self.queues[Class::Video as usize];
        if time_at(self.pacing_bps(), self.queued_bytes) <= LONGEST {
            return 0;
        }
        let Some(first) = video.front().map(|waiting| waiting.frame) else { return 0 };
        let behind = video.iter().position(|waiting| waiting.frame != first).unwrap_or(video.len());
        let bytes = video.range(behind..).map(|waiting| waiting.bytes).sum();
        if time_at(self.pacing_bps(), bytes) <= LONGEST {
            return 0;
        }
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
        let dropped = self.queue(Class::Video).drain(behind..).count();
        let repair: usize = self.queue(Class::Repair).iter().map(|waiting| waiting.bytes).sum();
        self.queued_bytes = self.queued_bytes.saturating_sub(repair);
        dropped + self.queue(Class::Repair).drain(..).count()
    }

    fn queue(&mut self, class: Class) -> &mut VecDeque<Waiting<T>> {
        &mut self.queues[class as usize]
    }
}

fn time_at(bps: f64, bytes: usize) -> Duration {
    Duration::from_secs_f64((bytes as f64 * 8.0 / bps.max(1.0)).min(3600.0))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
