//! One direction of a network path: a bottleneck with a drop-tail queue, then delay, jitter and loss. Pure: time comes in
//! as nanoseconds, chance from a seed, and every packet's wait is kept.

use std::collections::VecDeque;

/// What the path is like. Zero means without: no limit, no queue limit, no delay, no loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Path {
    /// Of IP packets, headers included, in kbit/s.
    pub rate_kbps: u64,
    /// What the queue holds at most, in ms at the rate. A packet that finds no room is dropped (drop-tail).
    pub queue_ms: u64,
    /// Propagation, in ms.
    pub delay_ms: f64,
    /// For up to this, in ms and evenly distributed, nothing gets through; then all of it at once, and so on, as a shared
    /// radio channel does it. Packets stay in order.
    pub jitter_ms: f64,
    /// Lost by chance, behind the queue, in percent.
    pub loss_percent: f64,
    /// Mean length of a run of losses, in packets; below 1 counts as 1 (each packet for itself).
    pub loss_run: f64,
}

/// Of packets that a full queue refuses, one always fits: a queue shorter than a packet would let nothing pass.
const LARGEST_PACKET: u64 = 1_500;

struct Waiting {
    packet: Vec<u8>,
    since: u64,
}

/// What happened since the last look.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Log {
    /// Bytes that came to the queue, dropped ones included.
    pub offered: u64,
    /// Bytes that came out at the far end.
    pub delivered: u64,
    /// Packets that found the queue full.
    pub dropped: u64,
    /// Packets lost by chance.
    pub lost: u64,
    /// How long each packet that left the queue had waited for those before it, in microseconds.
    pub waits: Vec<u32>,
    /// How long a packet that came now would wait, in microseconds.
    pub standing: u32,
}

pub struct Link {
    path: Path,
    random: u64,
    losing: bool,
    queue: VecDeque<Waiting>,
    /// Bytes in the queue, the one being sent included.
    backlog: u64,
    /// When the first of the queue is through.
    head_done: u64,
    /// When what waits for the channel gets through.
    released: u64,
    flying: VecDeque<(u64, Vec<u8>)>,
    log: Log,
}

impl Link {
    pub fn new(path: Path, seed: u64) -> Self {
        Self {
            path,
            random: seed,
            losing: false,
            queue: VecDeque::new(),
            backlog: 0,
            head_done: 0,
            released: 0,
            flying: VecDeque::new(),
            log: Log::default(),
        }
    }

    /// Changes the path. What waits goes on at the new rate; what a shorter queue would not have taken stays.
    pub fn set_path(&mut self, now: u64, path: Path) {
        self.advance(now);
        if !self.queue.is_empty() {
            let left = self.head_done.saturating_sub(now);
            let scaled = (left * self.path.rate_kbps).checked_div(path.rate_kbps).unwrap_or(0);
            self.head_done = now + scaled;
        }
        self.path = path;
    }

    pub fn path(&self) -> Path {
        self.path
    }

    /// A packet comes.
    pub fn push(&mut self, now: u64, packet: Vec<u8>) {
        self.advance(now);
        let bytes = packet.len() as u64;
        self.log.offered += bytes;
        if self.path.queue_ms > 0 && self.path.rate_kbps > 0 {
            let room = (self.path.rate_kbps * self.path.queue_ms / 8).max(LARGEST_PACKET);
            if self.backlog + bytes > room && !self.queue.is_empty() {
                self.log.dropped += 1;
                return;
            }
        }
        self.backlog += bytes;
        if self.queue.is_empty() {
            self.head_done = now + self.sending(bytes);
        }
        self.queue.push_back(Waiting { packet, since: now });
        self.advance(now);
    }

    /// A packet that has arrived at the far end by now.
    pub fn pop(&mut self, now: u64) -> Option<Vec<u8>> {
        self.advance(now);
        if self.flying.front()?.0 > now {
            return None;
        }
        let (_, packet) = self.flying.pop_front()?;
        self.log.delivered += packet.len() as u64;
        Some(packet)
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<u64> {
        let head = (!self.queue.is_empty()).then_some(self.head_done);
        match (head, self.flying.front()) {
            (Some(head), Some((due, _))) => Some(head.min(*due)),
            (Some(head), None) => Some(head),
            (None, due) => due.map(|(due, _)| *due),
        }
    }

    /// What happened since the last call.
    pub fn take_log(&mut self, now: u64) -> Log {
        self.advance(now);
        let behind_head = self.backlog - self.queue.front().map_or(0, |head| head.packet.len() as u64);
        let left = if self.queue.is_empty() { 0 } else { self.head_done - now };
        let standing = (left + self.sending(behind_head)) / 1_000;
        let next = Log { waits: Vec::with_capacity(self.log.waits.len()), ..Log::default() };
        Log { standing: u32::try_from(standing).unwrap_or(u32::MAX), ..std::mem::replace(&mut self.log, next) }
    }

    /// Nanoseconds that so many bytes take.
    fn sending(&self, bytes: u64) -> u64 {
        (bytes * 8 * 1_000_000).checked_div(self.path.rate_kbps).unwrap_or(0)
    }

    /// Sends what was through by now, at the moment it was.
    fn advance(&mut self, now: u64) {
        while let Some(head) = self.queue.front().filter(|_| self.head_done <= now) {
            let bytes = head.packet.len() as u64;
            let done = self.head_done;
            let begun = done.saturating_sub(self.sending(bytes));
            self.log.waits.push(u32::try_from(begun.saturating_sub(head.since) / 1_000).unwrap_or(u32::MAX));
            self.backlog -= bytes;
            let sent = self.queue.pop_front();
            if let Some(next) = self.queue.front() {
                // A rate without limit ends one packet when the one before ends.
                self.head_done = done.max(next.since) + self.sending(next.packet.len() as u64);
            }
            if self.loses() {
                self.log.lost += 1;
            } else if let Some(sent) = sent {
                let due = self.release(done) + (self.path.delay_ms.max(0.0) * 1e6) as u64;
                let due = self.flying.back().map_or(due, |(before, _)| due.max(*before));
                self.flying.push_back((due, sent.packet));
            }
        }
    }

    /// A chain of two states (Gilbert): in one, everything is lost.
    fn loses(&mut self) -> bool {
        let loss = (self.path.loss_percent / 100.0).clamp(0.0, 1.0);
        if loss == 0.0 || loss == 1.0 {
            self.losing = false;
            return loss == 1.0;
        }
        let run = self.path.loss_run.max(1.0);
        let chance = self.chance();
        // Runs of mean length 1 / (1 - stay), as often as the share asks.
        let stay = 1.0 - 1.0 / run;
        let enter = loss / (run * (1.0 - loss));
        self.losing = if run == 1.0 { chance < loss } else { chance < if self.losing { stay } else { enter } };
        self.losing
    }

    /// When the channel is next free.
    fn release(&mut self, done: u64) -> u64 {
        let longest = self.path.jitter_ms.max(0.0) * 1e6;
        if longest == 0.0 {
            return done;
        }
        while self.released < done {
            let from = self.released.max(done.saturating_sub(longest as u64));
            self.released = from + (longest * self.chance()) as u64 + 1;
        }
        self.released
    }

    /// From 0 to 1, 1 excluded (SplitMix64).
    fn chance(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
