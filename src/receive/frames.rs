//! Video packets into frames: complete ones, in order, at once. What is lost is waited for while it may come again; after that
//! nothing is shown until a keyframe, since a frame that refers to a missing one would show what nobody filmed. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::sequence::Unwrapper;
use super::{Packet, h264, vp8};
use crate::encode::Codec;
use crate::encode::bitstream::is_keyframe;
use crate::time::Nanos;

/// How long what follows a lost packet is held back for it.
pub const LONGEST_WAIT: Duration = Duration::from_millis(55);
/// How often a keyframe is asked for.
pub const KEYFRAME_EVERY: Duration = Duration::from_millis(300);
/// Packets held at most: half a second at 20 Mbit/s.
pub const MOST_PACKETS: usize = 1024;
/// Their bytes.
pub const MOST_BYTES: usize = 4 << 20;

/// One complete frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub codec: Codec,
    /// H.264: Annex B. VP8: the frame.
    pub data: Vec<u8>,
    pub keyframe: bool,
    pub timestamp: u32,
    /// When its last packet came.
    pub arrived: Nanos,
}

/// What did not become a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameLosses {
    /// Packets that came too late, twice, or for which there was no room.
    pub packets: u64,
    /// Times the picture stood still until a keyframe.
    pub stops: u64,
}

/// The packets of one stream.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    numbers: Unwrapper<16>,
    packets: BTreeMap<u64, (Codec, Packet)>,
    bytes: usize,
    /// The first packet of the next frame; None: a keyframe is waited for.
    next: Option<u64>,
    /// What is missing first, and since when what comes after it has been waiting.
    gap: Option<(u64, Nanos)>,
    /// A packet has come, so there is somebody to ask.
    begun: bool,
    asked: Option<Nanos>,
    losses: FrameLosses,
}

impl FrameBuffer {
    pub fn insert(&mut self, codec: Codec, packet: Packet) {
        self.begun = true;
        if packet.payload.is_empty() {
            // Padding of a probe: it has a number, and is a frame's end for nobody.
            self.skip(packet);
            return;
        }
        let number = self.numbers.unwrap(packet.sequence.into());
        if self.next.is_some_and(|next| number < next) || self.packets.contains_key(&number) {
            self.losses.packets += 1;
            return;
        }
        self.bytes += packet.payload.len();
        self.packets.insert(number, (codec, packet));
        while self.packets.len() > MOST_PACKETS || self.bytes > MOST_BYTES {
            let Some((_, (_, oldest))) = self.packets.pop_first() else { break };
            self.bytes -= oldest.payload.len();
            self.losses.packets += 1;
            self.stop();
        }
    }

    /// Numbers of padding, which probes send after a frame, are passed over.
    fn skip(&mut self, packet: Packet) {
        let number = self.numbers.unwrap(packet.sequence.into());
        if self.next == Some(number) {
            self.next = Some(number + 1);
        } else if self.next.is_none_or(|next| number > next) && self.packets.len() < MOST_PACKETS {
            self.packets.entry(number).or_insert((Codec::Vp8, packet));
        }
    }

    /// The next frame, if it is whole.
    pub fn pop(&mut self, now: Nanos) -> Option<Frame> {
        loop {
            self.pass_padding();
            let (first, end) = match self.next.and_then(|next| Some((next, self.complete(next)?))) {
                Some(found) => found,
                None => {
                    self.look_for_gap(now);
                    if self.next.is_some() && self.gap.is_none() {
                        return None;
                    }
                    // Nothing waits for what was lost once a frame is there that needs nothing.
                    self.newest_keyframe()?
                }
            };
            if let Some(frame) = self.take(first, end) {
                return Some(frame);
            }
        }
    }

    fn pass_padding(&mut self) {
        while let Some(next) = self.next
            && self.packets.get(&next).is_some_and(|(_, packet)| packet.payload.is_empty())
        {
            self.packets.remove(&next);
            self.next = Some(next + 1);
        }
    }

    /// When [`pop`](Self::pop) has something to decide though nothing comes.
    pub fn next_deadline(&self) -> Option<Nanos> {
        self.next?;
        self.gap.map(|(_, since)| since + LONGEST_WAIT)
    }

    /// Whether a keyframe is to be asked for now. True at most once in [`KEYFRAME_EVERY`].
    pub fn wants_keyframe(&mut self, now: Nanos) -> bool {
        let wanted = self.begun
            && self.next.is_none()
            && self.asked.is_none_or(|asked| now.saturating_since(asked) >= KEYFRAME_EVERY);
        if wanted {
            self.asked = Some(now);
        }
        wanted
    }

    /// The decoder made nothing of a frame: what refers to it is of no use.
    pub fn refuse(&mut self) {
        self.stop();
    }

    /// What was lost since this was last asked.
    pub fn take_losses(&mut self) -> FrameLosses {
        std::mem::take(&mut self.losses)
    }

    fn stop(&mut self) {
        if self.next.take().is_some() {
            self.losses.stops += 1;
        }
        self.gap = None;
    }

    /// The number after the last packet of the frame that begins at `first`, if all of them are there.
    fn complete(&self, first: u64) -> Option<u64> {
        let (_, begin) = self.packets.get(&first)?;
        let mut end = first;
        for (number, (_, packet)) in self.packets.range(first..) {
            if *number != end {
                return None;
            }
            if packet.timestamp != begin.timestamp || packet.payload.is_empty() {
                return Some(end);
            }
            end += 1;
            if packet.marker {
                return Some(end);
            }
        }
        None
    }

    fn look_for_gap(&mut self, now: Nanos) {
        let Some(next) = self.next else { return };
        let mut missing = next;
        let behind = self.packets.range(next..).any(|(number, _)| {
            let gap = *number != missing;
            missing += u64::from(!gap);
            gap
        });
        self.gap = match self.gap {
            _ if !behind => None,
            Some((number, since)) if number == missing => Some((number, since)),
            _ => Some((missing, now)),
        };
        if self.gap.is_some_and(|(_, since)| now.saturating_since(since) >= LONGEST_WAIT) {
            self.stop();
        }
    }

    /// The newest whole keyframe after what was delivered.
    fn newest_keyframe(&self) -> Option<(u64, u64)> {
        let from = self.next.unwrap_or(0);
        let begins = |number: u64, codec: Codec, packet: &Packet| match codec {
            Codec::Vp8 => vp8::begins_keyframe(&packet.payload),
            _ if h264::has_parameters(&packet.payload) => true,
            _ => {
                // Without parameter sets it has to be known that nothing of the frame came before.
                let before = number.checked_sub(1).and_then(|before| self.packets.get(&before));
                h264::begins_keyframe(&packet.payload)
                    && before.is_some_and(|(_, before)| before.timestamp != packet.timestamp)
            }
        };
        self.packets
            .range(from..)
            .rev()
            .filter(|(number, (codec, packet))| begins(**number, *codec, packet))
            .find_map(|(number, _)| Some((*number, self.complete(*number)?)))
    }

    /// Removes everything up to `end` and makes a frame of what is from `first` on.
    fn take(&mut self, first: u64, end: u64) -> Option<Frame> {
        let later = self.packets.split_off(&end);
        let mut taken = std::mem::replace(&mut self.packets, later);
        let frame = taken.split_off(&first);
        self.losses.packets += taken.values().filter(|(_, packet)| !packet.payload.is_empty()).count() as u64;
        self.bytes = self.packets.values().map(|(_, packet)| packet.payload.len()).sum();
        let (codec, begin) = frame.values().next().map(|(codec, packet)| (*codec, packet.timestamp))?;
        let payloads = frame.values().map(|(_, packet)| &packet.payload);
        let one_codec = frame.values().all(|(other, _)| *other == codec);
        let data = match codec {
            _ if !one_codec => None,
            Codec::H264 => h264::assemble(payloads),
            Codec::Vp8 => vp8::assemble(payloads),
            Codec::Vp9 | Codec::Av1 => None,
        };
        let keyframe = data.as_ref().is_some_and(|data| is_keyframe(codec, data));
        let Some(data) = data.filter(|_| keyframe || self.next.is_some()) else {
            self.losses.packets += frame.len() as u64;
            // What begins it once more, a keyframe, comes after it.
            self.stop();
            return None;
        };
        (self.next, self.gap) = (Some(end), None);
        let arrived = frame.values().map(|(_, packet)| packet.arrived).max().unwrap_or_default();
        Some(Frame { codec, data, keyframe, timestamp: begin, arrived })
    }
}

#[cfg(test)]
mod tests;
