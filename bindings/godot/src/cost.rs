//! What the add-on takes of a frame on the main thread: its nodes' own work, and where Godot renders on that thread, reading back too.
//! The time of other threads is not in it.

use std::cell::Cell;

use rendercast::time;
use serde_json::{Value, json};

thread_local! {
    static SPENT_NS: Cell<u64> = const { Cell::new(0) };
    static COUNTING: Cell<bool> = const { Cell::new(false) };
}

/// Counts until it is dropped; within another one it counts nothing.
#[must_use]
pub struct Spending {
    began_ns: Option<u64>,
}

pub fn spending() -> Spending {
    let began_ns = (!COUNTING.replace(true)).then(|| time::now().0);
    Spending { began_ns }
}

impl Drop for Spending {
    fn drop(&mut self) {
        if let Some(began_ns) = self.began_ns {
            COUNTING.set(false);
            SPENT_NS.set(SPENT_NS.get() + time::now().0.saturating_sub(began_ns));
        }
    }
}

/// The frames of the last seconds.
const FRAMES: usize = 256;

#[derive(Debug)]
pub struct FrameCosts {
    us: Vec<u32>,
    next: usize,
}

impl Default for FrameCosts {
    fn default() -> Self {
        Self { us: Vec::with_capacity(FRAMES), next: 0 }
    }
}

impl FrameCosts {
    /// A frame is over: what this thread has spent since the last one is its cost.
    pub fn end_frame(&mut self) {
        let us = u32::try_from(SPENT_NS.replace(0) / 1_000).unwrap_or(u32::MAX);
        match self.us.get_mut(self.next) {
            Some(oldest) => *oldest = us,
            None => self.us.push(us),
        }
        self.next = (self.next + 1) % FRAMES;
    }

    /// Median and 99th percentile, in microseconds. Null before the first frame.
    pub fn figures(&self) -> [Value; 2] {
        let mut sorted = self.us.clone();
        sorted.sort_unstable();
        [50, 99].map(|percent| {
            sorted.get((sorted.len() * percent / 100).min(sorted.len().max(1) - 1)).map_or(Value::Null, |us| json!(us))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_costs_what_was_spent_in_it_once() {
        let mut costs = FrameCosts::default();
        assert_eq!(costs.figures(), [Value::Null, Value::Null]);
        SPENT_NS.set(0);
        {
            let _outer = spending();
            drop(spending());
            assert_eq!(SPENT_NS.get(), 0, "the outer one counts");
        }
        SPENT_NS.set(7_000);
        costs.end_frame();
        assert_eq!((SPENT_NS.get(), costs.figures()), (0, [json!(7), json!(7)]));
    }

    #[test]
    fn percentiles_are_of_the_newest_frames() {
        let mut costs = FrameCosts::default();
        for us in 0..1_000_u64 {
            SPENT_NS.set(us * 1_000);
            costs.end_frame();
        }
        // The newest 256 are 744 to 999.
        assert_eq!(costs.figures(), [json!(744 + 128), json!(744 + 253)]);
    }
}
