//! A queue on its way out: how much less than the capacity is sent, and whether it helps.

use crate::time::Nanos;

/// The part of a queue that is left to the steering.
const LEFT: f64 = 0.005;
/// Sends as much less as drains the queue within about this time, in seconds.
const WITHIN: f64 = 0.4;
/// But never less than this share of the capacity: a picture must go on.
const LEAST: f64 = 0.4;
/// A queue is sure to be smaller when so much of it, in seconds, was not refilled by us.
const TELLING: f64 = 0.06;
/// How many times the capacity may turn out to be still smaller.
const RESTARTS: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Send at the first rate, in bit/s, and encode at the second.
    Goes(f64, f64),
    Empty,
    /// It does not get smaller: somebody else fills it.
    Contended,
}

#[derive(Debug)]
pub struct Drain {
    pub began: Nanos,
    /// What the path lets out, in bit/s.
    pub capacity: f64,
    /// What we got of the path when the queue was first seen.
    pub share: f64,
    /// The queue when this began, in seconds.
    queue: f64,
    restarts: u8,
    /// The queue that a packet sent now meets, in seconds.
    pub foretold: f64,
}

/// What was heard, and what was sent meanwhile. Queues in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub now: Nanos,
    /// When the newest packet that was reported had been sent, and the queue it met.
    pub newest: Nanos,
    pub last: f64,
    /// The standing queue.
    pub queue: f64,
    /// The rate at which packets came out, if it was measured.
    pub busy: Option<f64>,
    /// How long the path holds packets back.
    pub lumps: f64,
    /// Bits sent after `newest`, and from the beginning until `newest`; and those that wait to be sent.
    pub since: f64,
    pub until: f64,
    pub backlog: f64,
}

impl Drain {
    pub fn new(began: Nanos, capacity: f64, queue: f64) -> Self {
        Self { began, capacity, share: capacity, queue, restarts: 0, foretold: queue }
    }

    pub fn update(&mut self, heard: Heard) -> Outcome {
        let Heard { now, newest, last, queue, busy, lumps, since, until, backlog } = heard;
        let ours = newest.saturating_since(self.began).as_secs_f64();
        if newest > self.began && queue < 2.0 * LEFT {
            return Outcome::Empty;
        }
        if let Some(busy) = busy {
            if newest <= self.began {
                // Sent before: still at the old rate, so what came out was the path's whole share for us.
                self.capacity = self.capacity.min(busy);
                self.share = self.capacity;
                self.queue = self.queue.max(queue).max(last);
            } else if ours > 0.03 && until / ours > busy * 1.1 && queue > self.queue && self.restarts < RESTARTS {
                // Fuller although little is sent, and less comes out: the path got worse again.
                let (share, restarts) = (self.share, self.restarts + 1);
                *self = Self { share, restarts, ..Self::new(now, busy.min(self.capacity), queue) };
            }
        }
        let drained = ours - until / self.capacity;
        // The longer it takes, the less is forgiven.
        let slack = (self.queue * 0.4 - (drained - self.queue).max(0.0) * 0.3).max(0.02) + lumps;
        if drained > TELLING && queue > (self.queue - drained).max(0.0) + slack {
            return Outcome::Contended;
        }
        self.foretold = last + since / self.capacity - now.saturating_since(newest).as_secs_f64();
        let rate = |queue| self.capacity * rate_for(queue);
        Outcome::Goes(rate(self.foretold), rate(self.foretold + backlog / self.capacity))
    }
}

/// The share of the capacity to send at with so much queue.
pub fn rate_for(queue: f64) -> f64 {
    (1.0 - (queue - LEFT) / WITHIN).clamp(LEAST, 0.97)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const STEP: Duration = Duration::from_millis(50);

    /// A path of `capacity` with 200 ms in its queue, that hears of everything at once. How long until it is empty.
    fn drained(capacity: f64, others: impl Fn(f64) -> f64) -> (Outcome, f64) {
        let mut drain = Drain::new(Nanos(0), 2e6, 0.2);
        let (mut now, mut queue, mut sent, mut rate) = (Nanos(0), 0.2f64, 0.0, 1e6);
        loop {
            now = now + STEP;
            sent += rate * 0.05;
            queue = (queue + (rate / capacity - 1.0) * 0.05 + others(rate)).max(0.0);
            let out = drain.update(Heard {
                now,
                newest: now,
                last: queue,
                queue,
                busy: None,
                lumps: 0.0,
                since: 0.0,
                until: sent,
                backlog: 0.0,
            });
            match out {
                Outcome::Goes(next, _) => rate = next,
                _ => return (out, now.saturating_since(Nanos(0)).as_secs_f64()),
            }
            assert!(now < Nanos(10_000_000_000), "{queue}");
        }
    }

    #[test]
    fn our_own_queue_is_gone_in_about_a_second() {
        let (out, seconds) = drained(2e6, |_| 0.0);
        assert_eq!(out, Outcome::Empty);
        assert!(seconds < 1.4, "{seconds}");
    }

    #[test]
    fn a_queue_that_another_keeps_full_is_recognised() {
        let (out, seconds) = drained(2e6, |rate| (1.0 - rate / 2e6) * 0.05);
        assert_eq!(out, Outcome::Contended);
        assert!(seconds < 0.5, "{seconds}");
    }
}
