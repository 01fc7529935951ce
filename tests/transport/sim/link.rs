//! The bottleneck: a rate, a queue before it, and after it loss, jitter and distance.

use std::collections::VecDeque;

use super::random::Random;
use super::{MS, Time};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Whose {
    Ours { sequence: u64 },
    Tcp,
}

#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub whose: Whose,
    pub bytes: usize,
    pub sent: Time,
}

#[derive(Clone, Copy, Debug)]
pub enum Queue {
    /// Holds so many milliseconds of the rate.
    DropTail { ms: u64 },
    /// Drops at its head what has waited for more than 5 ms for 100 ms (RFC 8289); holds 500 ms.
    CoDel,
}

/// Loss in two states (Gilbert, Elliott), looked at with each packet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bursts {
    pub enter: f64,
    pub leave: f64,
    pub loss: f64,
}

pub struct Link {
    pub bps: f64,
    pub queue: Queue,
    pub one_way: Time,
    pub loss: f64,
    pub bursts: Bursts,
    /// The path lets packets out together, after a random time of up to so much (a radio channel that is shared).
    pub hold: Time,
    waiting: VecDeque<Packet>,
    waiting_bytes: usize,
    /// The head's bits that are still to be sent.
    head_left: f64,
    served: Time,
    released: Time,
    bad: bool,
    codel: CoDel,
    random: Random,
    /// Packets the queue had no room for.
    pub overflowed: u64,
}

#[derive(Default)]
struct CoDel {
    above_since: Option<Time>,
    dropping: bool,
    next: Time,
    count: u32,
}

impl CoDel {
    const TARGET: Time = 5 * MS;
    const INTERVAL: Time = 100 * MS;

    fn drops(&mut self, now: Time, waited: Time, rest: usize) -> bool {
        // Section 5.2: the last packet's worth is never dropped.
        if waited < Self::TARGET || rest <= 1500 {
            (self.above_since, self.dropping) = (None, false);
            return false;
        }
        let since = *self.above_since.get_or_insert(now);
        let after = |count: u32| (Self::INTERVAL as f64 / f64::from(count.max(1)).sqrt()) as Time;
        if !self.dropping {
            if now - since < Self::INTERVAL {
                return false;
            }
            self.dropping = true;
            self.count = if self.count > 2 { self.count - 2 } else { 1 };
            self.next = now + after(self.count);
            return true;
        }
        if now < self.next {
            return false;
        }
        self.count += 1;
        self.next += after(self.count);
        true
    }
}

impl Link {
    pub fn new(bps: f64, queue: Queue, one_way: Time, seed: u64) -> Self {
        Self {
            bps,
            queue,
            one_way,
            loss: 0.0,
            bursts: Bursts::default(),
            hold: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            head_left: 0.0,
            served: 0,
            released: 0,
            bad: false,
            codel: CoDel::default(),
            random: Random(seed),
            overflowed: 0,
        }
    }

    /// What a packet that comes now has to wait, in seconds.
    pub fn queue_seconds(&self) -> f64 {
        let rest: usize = self.waiting_bytes - self.waiting.front().map_or(0, |head| head.bytes);
        (rest as f64 * 8.0 + self.head_left) / self.bps
    }

    pub fn push(&mut self, packet: Packet) -> bool {
        let seconds = match self.queue {
            Queue::DropTail { ms } => ms as f64 / 1e3,
            Queue::CoDel => 0.5,
        };
        if self.waiting_bytes as f64 * 8.0 > (self.bps * seconds).max(12_000.0) {
            self.overflowed += 1;
            return false;
        }
        if self.waiting.is_empty() {
            self.head_left = packet.bytes as f64 * 8.0;
            self.served = self.served.max(packet.sent);
        }
        self.waiting_bytes += packet.bytes;
        self.waiting.push_back(packet);
        true
    }

    /// What has come through until `now`, and when it is there. `None`: it was lost on the way.
    pub fn advance(&mut self, now: Time) -> Vec<(Packet, Option<Time>)> {
        let mut out = Vec::new();
        while let Some(head) = self.waiting.front().copied() {
            let done = self.served + (self.head_left / self.bps * 1e9) as Time;
            if done > now {
                self.head_left -= (now.saturating_sub(self.served)) as f64 / 1e9 * self.bps;
                self.served = self.served.max(now);
                break;
            }
            self.served = done;
            self.waiting.pop_front();
            self.waiting_bytes -= head.bytes;
            while let Some(next) = self.waiting.front().copied()
                && matches!(self.queue, Queue::CoDel)
                && self.codel.drops(done, done - next.sent, self.waiting_bytes)
            {
                self.waiting.pop_front();
                self.waiting_bytes -= next.bytes;
                out.push((next, None));
            }
            self.head_left = self.waiting.front().map_or(0.0, |next| next.bytes as f64 * 8.0);
            let lost = self.is_lost();
            let arrives = self.release(done) + self.one_way;
            out.push((head, (!lost).then_some(arrives)));
        }
        out
    }

    fn is_lost(&mut self) -> bool {
        let change = if self.bad { self.bursts.leave } else { self.bursts.enter };
        if change > 0.0 && self.random.chance(change) {
            self.bad = !self.bad;
        }
        self.random.chance(if self.bad { self.loss.max(self.bursts.loss) } else { self.loss })
    }

    /// When the channel is next free.
    fn release(&mut self, done: Time) -> Time {
        if self.hold == 0 {
            return done;
        }
        while self.released < done {
            self.released = self.released.max(done.saturating_sub(self.hold))
                + self.random.between(0.0, self.hold as f64) as Time
                + 1;
        }
        self.released
    }
}
