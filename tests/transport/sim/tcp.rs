//! A flow that fills queues: Reno (RFC 5681), always with data, packets of 1500 bytes.

use std::collections::VecDeque;

use super::Time;
use super::link::{Link, Packet, Whose};

const BYTES: usize = 1500;

pub struct Tcp {
    pub on: bool,
    window: f64,
    threshold: f64,
    in_flight: f64,
    acks: VecDeque<Time>,
    /// When losses are noticed: the packets behind have arrived, and that was heard of.
    losses: VecDeque<Time>,
    recovered: Time,
    pub delivered: u64,
}

impl Tcp {
    pub fn new() -> Self {
        Self {
            on: false,
            window: 10.0,
            threshold: f64::MAX,
            in_flight: 0.0,
            acks: VecDeque::new(),
            losses: VecDeque::new(),
            recovered: 0,
            delivered: 0,
        }
    }

    pub fn handle_through(&mut self, arrives: Option<Time>, now: Time, way_back: Time, link: &Link) {
        match arrives {
            Some(at) => {
                self.delivered += BYTES as u64;
                self.acks.push_back(at + way_back);
            }
            None => self.losses.push_back(now + 2 * way_back + (link.queue_seconds() * 1e9) as Time),
        }
    }

    pub fn tick(&mut self, now: Time, link: &mut Link) {
        while self.acks.front().is_some_and(|at| *at <= now) {
            self.acks.pop_front();
            self.in_flight -= 1.0;
            self.window += if self.window < self.threshold { 1.0 } else { 1.0 / self.window };
        }
        while self.losses.front().is_some_and(|at| *at <= now) {
            self.losses.pop_front();
            self.in_flight -= 1.0;
            if now > self.recovered {
                self.threshold = (self.window / 2.0).max(2.0);
                self.window = self.threshold;
                self.recovered = now + 2 * link.one_way + (link.queue_seconds() * 1e9) as Time;
            }
        }
        while self.on && self.in_flight < self.window {
            self.in_flight += 1.0;
            if !link.push(Packet { whose: Whose::Tcp, bytes: BYTES, sent: now }) {
                self.losses.push_back(now + 2 * link.one_way + (link.queue_seconds() * 1e9) as Time);
                break;
            }
        }
    }
}
