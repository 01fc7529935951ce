//! Frames of an encoder that follows the estimate, sound beside them, and a simple pacer with padding for probes.

use std::collections::VecDeque;

use rendercast::congestion::{Probe, Probed};
use rendercast::time::Nanos;

use super::algorithm::Algorithm;
use super::random::Random;
use super::{MS, Time};

const PACKET: usize = 1200;
const SOUND_EVERY: Time = 20 * MS;
const SOUND: usize = 160;
const SOUND_BPS: f64 = SOUND as f64 * 8.0 * 50.0;
/// A frame is given up when so much waits before it, in seconds.
const FULL: f64 = 0.25;
/// The first frame is so much larger than the others.
const KEYFRAME: f64 = 4.0;

pub struct Sender {
    /// What the picture can use at most, in bit/s.
    pub wants: f64,
    /// Frames take between so much of their share and all of it.
    pub fill: f64,
    fps: u64,
    frames: u64,
    next_frame: Time,
    next_sound: Time,
    waiting: VecDeque<usize>,
    waiting_bytes: usize,
    budget: f64,
    probe: Option<(Probe, Time, usize)>,
    random: Random,
    pub frames_dropped: u64,
}

impl Sender {
    pub fn new(fps: u64, seed: u64) -> Self {
        Self {
            wants: f64::MAX,
            fill: 0.9,
            fps,
            frames: 0,
            next_frame: 0,
            next_sound: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            budget: 0.0,
            probe: None,
            random: Random(seed),
            frames_dropped: 0,
        }
    }

    /// What a packet that comes now waits here, in seconds.
    pub fn queue_seconds(&self, rate: f64) -> f64 {
        self.waiting_bytes as f64 * 8.0 / rate
    }

    /// The sizes of the packets that leave now.
    pub fn tick(&mut self, now: Time, algorithm: &mut dyn Algorithm) -> Vec<usize> {
        let orders = algorithm.orders();
        let mut rate = orders.rate().map_or(1e6, |rate| rate.bps() as f64) * orders.burst();
        let mut out = Vec::new();
        if now >= self.next_sound {
            self.next_sound += SOUND_EVERY;
            self.budget -= SOUND as f64 * 8.0;
            out.push(SOUND);
        }
        if now >= self.next_frame {
            self.frames += 1;
            self.next_frame = self.frames * 1_000 * MS / self.fps;
            self.encode(algorithm.estimate(), rate);
        }
        if self.probe.is_none()
            && let Some(probe) = orders.take_probe()
        {
            self.probe = Some((probe, now, 0));
            self.budget = self.budget.max(0.0);
        }
        if let Some((probe, ..)) = &self.probe {
            rate = probe.rate.bps() as f64;
        }
        self.budget = (self.budget + rate * 0.001).min(rate * algorithm.burst());
        while self.budget > 0.0 {
            let bytes = match self.waiting.pop_front() {
                Some(bytes) => {
                    self.waiting_bytes -= bytes;
                    bytes
                }
                None if self.probe.is_some() => PACKET,
                None => break,
            };
            self.budget -= bytes as f64 * 8.0;
            if let Some((_, _, sent)) = &mut self.probe {
                *sent += bytes;
            }
            out.push(bytes);
        }
        if let Some((probe, from, bytes)) = self.probe
            && now - from >= probe.duration.as_nanos() as Time
        {
            orders.tell(Probed { id: probe.id, from: Nanos(from), until: Nanos(now), bytes });
            self.probe = None;
        }
        orders.set_backlog(self.waiting_bytes);
        for bytes in &out {
            orders.departed(Nanos(now), *bytes);
        }
        out
    }

    fn encode(&mut self, estimate: f64, rate: f64) {
        let target = (estimate - SOUND_BPS).max(100_000.0).min(self.wants);
        let share = self.random.between(self.fill, 1.0);
        let size = if self.frames == 1 { KEYFRAME } else { share };
        if self.queue_seconds(rate) > FULL {
            self.frames_dropped += 1;
            return;
        }
        let mut bytes = (target / self.fps as f64 / 8.0 * size) as usize;
        while bytes > 0 {
            let packet = bytes.min(PACKET);
            self.waiting.push_back(packet);
            self.waiting_bytes += packet;
            bytes -= packet;
        }
    }
}
