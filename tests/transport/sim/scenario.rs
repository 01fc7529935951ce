//! What happens on a path, as a list of steps.

use super::link::{Bursts, Queue};

#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// The link's rate, in kbit/s.
    Rate(u64),
    Rtt(u64),
    /// Share of lost packets.
    Loss(f64),
    Bursts(Bursts),
    /// Jitter of up to so many ms.
    Hold(u64),
    FeedbackLoss(f64),
    /// What the picture can use from now on, in kbit/s; the controller is told.
    Wants(u64),
    Tcp(bool),
}

/// Milliseconds from the beginning, and what happens then.
pub type Step = (u64, Change);

pub const fn at(ms: u64, change: Change) -> Step {
    (ms, change)
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub seconds: u64,
    pub link_kbps: u64,
    pub rtt_ms: u64,
    pub queue: Queue,
    pub fps: u64,
    pub seed: u64,
    pub steps: Vec<Step>,
}

impl Scenario {
    pub fn new(link_kbps: u64, rtt_ms: u64, seconds: u64) -> Self {
        Self { seconds, link_kbps, rtt_ms, queue: Queue::DropTail { ms: 200 }, fps: 60, seed: 1, steps: Vec::new() }
    }

    pub fn fps(self, fps: u64) -> Self {
        Self { fps, ..self }
    }
    pub fn queue(self, queue: Queue) -> Self {
        Self { queue, ..self }
    }
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
    pub fn steps(self, steps: impl Into<Vec<Step>>) -> Self {
        Self { steps: steps.into(), ..self }
    }
}
