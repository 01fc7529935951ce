//! What congestion control tells the pacer, and what comes back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::Nanos;
use crate::units::Bitrate;

/// Send at this rate for so long, with padding where there is no media, to learn whether the path carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub id: u32,
    pub rate: Bitrate,
    pub duration: Duration,
}

/// A probe that has been sent: the packets that left from `from` to `until` belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    pub id: u32,
    pub from: Nanos,
    pub until: Nanos,
    pub bytes: usize,
}

/// Probes that may wait on either side.
const MOST: usize = 8;

/// Shared by the controller and the pacer of one connection.
#[derive(Debug, Default)]
pub struct Orders(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    rate: Option<Bitrate>,
    probes: VecDeque<Probe>,
    probed: VecDeque<Probed>,
}

impl Orders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may leave in a second, all streams together. None until the controller has said anything.
    pub fn rate(&self) -> Option<Bitrate> {
        self.state().rate
    }

    pub fn set_rate(&self, rate: Bitrate) {
        self.state().rate = Some(rate);
    }

    /// Asks for a probe; with too many waiting the oldest is forgotten.
    pub fn ask(&self, probe: Probe) {
        push(&mut self.state().probes, probe);
    }

    pub fn take_probe(&self) -> Option<Probe> {
        self.state().probes.pop_front()
    }

    pub fn tell(&self, probed: Probed) {
        push(&mut self.state().probed, probed);
    }

    pub fn take_probed(&self) -> Option<Probed> {
        self.state().probed.pop_front()
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= MOST {
        queue.pop_front();
    }
    queue.push_back(item);
}
