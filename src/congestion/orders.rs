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
    /// Or until enough packets for a measurement have left, if that takes longer.
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
/// Departures are counted in steps of this length, over the last two seconds.
const STEP: Duration = Duration::from_millis(5);
const STEPS: usize = 400;

/// Shared by the controller and the pacer of one connection.
#[derive(Debug, Default)]
pub struct Orders(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    rate: Option<Bitrate>,
    burst: f64,
    probes: VecDeque<Probe>,
    probed: VecDeque<Probed>,
    /// Bytes that left, and in which step, oldest first.
    departed: VecDeque<(u64, usize)>,
    last_departure: Option<Nanos>,
    backlog: usize,
    stale: bool,
}

const fn step_of(at: Nanos) -> u64 {
    at.0 / STEP.as_nanos() as u64
}

impl Orders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the path carries in a second, all streams together. None until the controller has said anything.
    pub fn rate(&self) -> Option<Bitrate> {
        self.state().rate
    }

    /// How many times that rate a frame may leave at: more than 1 while the path has no queue, 1 while one drains.
    pub fn burst(&self) -> f64 {
        self.state().burst
    }

    pub fn set_rate(&self, rate: Bitrate, burst: f64) {
        let mut state = self.state();
        (state.rate, state.burst) = (Some(rate), burst);
    }

    /// What is under way comes so late, if at all, that the picture had better begin anew.
    pub fn begin_anew(&self) {
        self.state().stale = true;
    }

    /// Whether that was said since it was last asked.
    pub fn take_begin_anew(&self) -> bool {
        std::mem::take(&mut self.state().stale)
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

    /// So much waits in the pacer.
    pub fn set_backlog(&self, bytes: usize) {
        self.state().backlog = bytes;
    }

    pub fn backlog(&self) -> usize {
        self.state().backlog
    }

    /// `bytes` have left, by whoever sees every packet last.
    pub fn departed(&self, now: Nanos, bytes: usize) {
        let mut state = self.state();
        state.last_departure = Some(now);
        match state.departed.back_mut().filter(|(step, _)| *step >= step_of(now)) {
            Some((_, sum)) => *sum = sum.saturating_add(bytes),
            None => {
                if state.departed.len() >= STEPS {
                    state.departed.pop_front();
                }
                state.departed.push_back((step_of(now), bytes));
            }
        }
    }

    /// Bytes that left after the 5 ms that `since` is in; of the last two seconds only.
    pub fn departed_since(&self, since: Nanos) -> usize {
        let newer = |(step, _): &&(u64, usize)| *step > step_of(since);
        self.state().departed.iter().rev().take_while(newer).map(|(_, bytes)| bytes).sum()
    }

    pub fn last_departure(&self) -> Option<Nanos> {
        self.state().last_departure
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_are_summed_by_when_they_left_and_old_ones_are_forgotten() {
        let orders = Orders::default();
        let at = |ms: u64| Nanos(ms * 1_000_000);
        for ms in 0..3_000 {
            orders.departed(at(ms), 10);
        }
        assert_eq!(orders.departed_since(at(2_899)), 1_000);
        assert_eq!(orders.departed_since(at(0)), 20_000);
        assert_eq!(orders.last_departure(), Some(at(2_999)));
    }

    #[test]
    fn the_oldest_of_too_many_probes_is_forgotten() {
        let orders = Orders::default();
        for id in 0..20 {
            orders.ask(Probe { id, rate: Bitrate::from_kbps(1), duration: STEP });
        }
        assert_eq!(orders.take_probe().map(|probe| probe.id), Some(12));
    }
}
