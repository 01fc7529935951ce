//! The far end: feedback each 50 ms, as Chromium sends it, and what the sender makes of it.

use std::collections::{BTreeMap, VecDeque};

use super::random::Random;
use super::{MS, Time};

const EVERY: Time = 50 * MS;
/// The clocks of two machines: another zero, and 20 ppm faster.
const OFFSET: Time = 7_777 * 1000 * MS;
const DRIFT: f64 = 20e-6;
/// Resolution of arrival times (draft-holmer-rmcat-transport-wide-cc-extensions-01).
const RESOLUTION: Time = MS / 4;

#[derive(Clone, Copy, Debug)]
pub struct Fate {
    #[cfg_attr(not(feature = "webrtc"), allow(dead_code, reason = "only the stock controller asks"))]
    pub sequence: u64,
    pub sent: Time,
    pub arrived: Option<Time>,
    pub bytes: usize,
}

pub struct Receiver {
    pub feedback_loss: f64,
    random: Random,
    next: Time,
    arrivals: Vec<(u64, Time)>,
    messages: VecDeque<(Time, Vec<(u64, Time)>)>,
    /// The sender's memory of what it sent.
    sent: BTreeMap<u64, (Time, usize)>,
    heard: BTreeMap<u64, Time>,
}

impl Receiver {
    pub fn new(seed: u64) -> Self {
        Self {
            feedback_loss: 0.0,
            random: Random(seed),
            next: EVERY,
            arrivals: Vec::new(),
            messages: VecDeque::new(),
            sent: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    pub fn handle_sent(&mut self, sequence: u64, at: Time, bytes: usize) {
        self.sent.insert(sequence, (at, bytes));
    }

    pub fn handle_arrival(&mut self, sequence: u64, at: Time) {
        let clock = OFFSET + at + (at as f64 * DRIFT) as Time;
        self.arrivals.push((sequence, clock / RESOLUTION * RESOLUTION));
    }

    /// Sends a message if one is due.
    pub fn tick(&mut self, now: Time, way_back: Time) {
        if now < self.next {
            return;
        }
        self.next += EVERY;
        let arrivals = std::mem::take(&mut self.arrivals);
        if !arrivals.is_empty() && !self.random.chance(self.feedback_loss) {
            self.messages.push_back((now + way_back, arrivals));
        }
    }

    /// What has come back: all packets up to the newest that arrived, those of lost messages as not received.
    pub fn take_reports(&mut self, now: Time) -> Vec<Fate> {
        while self.messages.front().is_some_and(|(at, _)| *at <= now) {
            let (_, arrivals) = self.messages.pop_front().unwrap_or_default();
            self.heard.extend(arrivals);
        }
        let Some((&newest, _)) = self.heard.last_key_value() else { return Vec::new() };
        let later = self.sent.split_off(&(newest + 1));
        let reported = std::mem::replace(&mut self.sent, later);
        reported
            .into_iter()
            .map(|(sequence, (sent, bytes))| Fate { sequence, sent, arrived: self.heard.remove(&sequence), bytes })
            .collect()
    }
}
