//! The jitter buffer of sound: each packet is played at its own time, as much later than the fastest packets came as the
//! slower ones need; what is lost is made up. Pure.
//!
//! The delay is what 95 % of the last packets needed, and never above [`LONGEST_DELAY`]: later ones are given up.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::Packet;
use super::clock::{Least, nanos_of};
use super::sequence::Unwrapper;
use crate::time::Nanos;

/// No packet waits longer.
pub const LONGEST_DELAY: Duration = Duration::from_millis(50);
/// Packets held at most; more than the longest delay has of the shortest packets.
pub const MOST_PACKETS: usize = 64;
/// Of Opus in RTP (RFC 7587).
const RATE: u32 = 48_000;
/// The longest packet (RFC 6716, section 3.2.5), in samples of a channel.
pub const LONGEST_PACKET: u32 = 5_760;
/// Made up without anything to go by, at most: 100 ms in a row.
const MOST_CONCEALED: u32 = 4_800;
/// Packets whose delays count.
const REMEMBERED: usize = 200;
/// Too late in a row until the path is believed to have become longer.
const MUCH_LATER: u32 = 5;
/// The delay changes in steps.
const STEP: Duration = Duration::from_millis(5);

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Decode this packet.
    Play { payload: Bytes, timestamp: u32 },
    /// A packet of so many samples is lost, and this one after it may hold a copy (RFC 6716, section 2.1.7).
    Recover { next: Bytes, samples: u32, timestamp: u32 },
    /// A packet of so many samples is lost.
    Conceal { samples: u32, timestamp: u32 },
}

/// What was not played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoundLosses {
    /// Packets that came too late, twice, or for which there was no room.
    pub late: u64,
    /// Packets that never came, or not in time.
    pub lost: u64,
}

#[derive(Debug)]
struct Waiting {
    time: u64,
    payload: Bytes,
    arrived: Nanos,
}

/// The packets of one stream.
#[derive(Debug, Default)]
pub struct SoundBuffer {
    numbers: Unwrapper<16>,
    times: Unwrapper<32>,
    packets: BTreeMap<u64, Waiting>,
    /// The packet that is played next, and where it begins if nothing is left out.
    next: Option<(u64, u64)>,
    /// Samples of the last packet.
    duration: u32,
    concealed: u32,
    /// The last packets that were made up: one of them that comes after all tells that the delay is too short.
    made_up: VecDeque<u64>,
    transit: Least,
    /// How much later than the fastest the last packets came, in ns.
    late_by: VecDeque<i128>,
    late_in_a_row: u32,
    delay: Duration,
    losses: SoundLosses,
}

impl SoundBuffer {
    pub fn insert(&mut self, packet: Packet) {
        let number = self.numbers.unwrap(packet.sequence.into());
        if packet.payload.is_empty() || self.packets.contains_key(&number) {
            return;
        }
        if self.next.is_some_and(|(next, _)| number < next) {
            self.losses.late += 1;
            if let Some(place) = self.made_up.iter().position(|lost| *lost == number) {
                self.made_up.remove(place);
                self.measure(self.times.peek(packet.timestamp), packet.arrived);
            }
            return;
        }
        let time = self.times.unwrap(packet.timestamp);
        self.measure(time, packet.arrived);
        self.packets.insert(number, Waiting { time, payload: packet.payload, arrived: packet.arrived });
        if self.packets.len() > MOST_PACKETS {
            self.packets.pop_first();
            self.losses.late += 1;
        }
    }

    /// A copy of an earlier packet (RFC 2198): taken where that has not come. It tells nothing about the path.
    pub fn insert_copy(&mut self, packet: Packet) {
        let number = self.numbers.peek(packet.sequence.into());
        let wanted = self.next.is_some_and(|(next, _)| number >= next) && !self.packets.contains_key(&number);
        if wanted && !packet.payload.is_empty() && self.packets.len() < MOST_PACKETS {
            let time = self.times.peek(packet.timestamp);
            self.packets.insert(number, Waiting { time, payload: packet.payload, arrived: packet.arrived });
        }
    }

    /// How long packets are held back now.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// The next step, if it is time for one. Call it until there is none.
    pub fn pop(&mut self, now: Nanos) -> Option<Step> {
        loop {
            let (&number, first) = self.packets.first_key_value()?;
            let (next, begins) = self.next.unwrap_or((number, first.time));
            let missing = number.saturating_sub(next);
            let time = if missing == 0 { first.time } else { begins.min(first.time) };
            if now < self.due(time, first.arrived) {
                return None;
            }
            if missing > 0 && self.concealed < MOST_CONCEALED && missing <= MOST_PACKETS as u64 {
                return Some(self.make_up(number, next, begins));
            }
            self.losses.lost += missing;
            let waiting = self.packets.remove(&number)?;
            if let Some(step) = self.play(now, number, waiting) {
                return Some(step);
            }
        }
    }

    /// When [`pop`](Self::pop) has the next step.
    pub fn next_deadline(&self) -> Option<Nanos> {
        let (number, first) = self.packets.first_key_value()?;
        let time = match self.next {
            Some((next, begins)) if *number > next => begins.min(first.time),
            _ => first.time,
        };
        Some(self.due(time, first.arrived))
    }

    /// What was lost since this was last asked.
    pub fn take_losses(&mut self) -> SoundLosses {
        std::mem::take(&mut self.losses)
    }

    fn make_up(&mut self, number: u64, next: u64, begins: u64) -> Step {
        let samples = self.duration.clamp(120, LONGEST_PACKET);
        self.losses.lost += 1;
        self.concealed += samples;
        if self.made_up.len() == MOST_PACKETS {
            self.made_up.pop_front();
        }
        self.made_up.push_back(next);
        self.next = Some((next + 1, begins + u64::from(samples)));
        let timestamp = begins as u32;
        match self.packets.get(&number) {
            // Only the packet right after it holds a copy.
            Some(after) if number == next + 1 => Step::Recover { next: after.payload.clone(), samples, timestamp },
            _ => Step::Conceal { samples, timestamp },
        }
    }

    fn play(&mut self, now: Nanos, number: u64, waiting: Waiting) -> Option<Step> {
        let samples = duration(&waiting.payload);
        self.next = Some((number + 1, waiting.time + u64::from(samples.unwrap_or(self.duration))));
        self.duration = samples.unwrap_or(self.duration);
        let late = now.saturating_since(self.due(waiting.time, waiting.arrived));
        if samples.is_none() || late > LONGEST_DELAY {
            self.losses.lost += 1;
            return None;
        }
        self.concealed = 0;
        Some(Step::Play { payload: waiting.payload, timestamp: waiting.time as u32 })
    }

    /// Learns how the path is from a packet that came.
    fn measure(&mut self, time: u64, arrived: Nanos) {
        let transit = i128::from(arrived.0) - nanos_of(time, RATE);
        let longest = LONGEST_DELAY.as_nanos() as i128;
        let behind = transit - self.transit.get().unwrap_or(transit);
        // A clock that was set anew, or another path.
        self.late_in_a_row = if behind > 2 * longest { self.late_in_a_row + 1 } else { 0 };
        if self.late_in_a_row >= MUCH_LATER || behind < -1_000_000_000 {
            (self.transit, self.late_in_a_row) = (Least::default(), 0);
            self.late_by.clear();
        }
        self.transit.see(transit, arrived);
        let late = transit - self.transit.get().unwrap_or(transit);
        if self.late_by.len() == REMEMBERED {
            self.late_by.pop_front();
        }
        self.late_by.push_back(late.min(longest));
        let mut sorted: Vec<i128> = self.late_by.iter().copied().collect();
        let place = (sorted.len() - 1) * 95 / 100;
        let (_, needed, _) = sorted.select_nth_unstable(place);
        let step = STEP.as_nanos() as i128;
        let rounded = (*needed + step - 1) / step * step;
        self.delay = Duration::from_nanos(u64::try_from(rounded).unwrap_or(0)).min(LONGEST_DELAY);
    }

    /// When something at this media time is played, for which nothing waits longer than it may.
    fn due(&self, time: u64, arrived: Nanos) -> Nanos {
        let planned = self.transit.get().unwrap_or(0) + nanos_of(time, RATE) + self.delay.as_nanos() as i128;
        Nanos(u64::try_from(planned).unwrap_or(0)).min(arrived + LONGEST_DELAY)
    }
}

/// Samples of a channel in a packet (RFC 6716, section 3.1). None: it is no packet.
pub fn duration(payload: &[u8]) -> Option<u32> {
    let toc = *payload.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..=11 => [480, 960, 1_920, 2_880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*payload.get(1)? & 0x3f),
    };
    Some(frame * frames).filter(|samples| (1..=LONGEST_PACKET).contains(samples))
}

/// Whether a packet has two channels (RFC 6716, section 3.1).
pub fn is_stereo(payload: &[u8]) -> bool {
    payload.first().is_some_and(|toc| toc & 4 != 0)
}

#[cfg(test)]
mod tests;
