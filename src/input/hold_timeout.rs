//! When what a viewer holds down is let go although it did not say so: it has fallen silent. Pure.

use std::time::Duration;

use crate::time::Nanos;

/// From the alarm that nothing is heard of a viewer, which comes after half a second of silence at least. Two seconds of
/// silence in all: a burst of loss does not let go of a key, and who is gone does not run on for long.
const PATIENCE: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy, Debug, Default)]
pub struct HoldTimeout {
    due: Option<Nanos>,
}

impl HoldTimeout {
    /// Nothing is heard of the viewer. Said again, it changes nothing.
    pub fn handle_silence(&mut self, now: Nanos) {
        self.due.get_or_insert(now + PATIENCE);
    }

    /// The connection is known to be interrupted, which takes longer than the patience.
    pub fn handle_interruption(&mut self, now: Nanos) {
        self.due = Some(now);
    }

    /// It is there.
    pub fn handle_sign(&mut self) {
        self.due = None;
    }

    /// When to look whether it [`is due`](Self::is_due).
    pub fn deadline(&self) -> Option<Nanos> {
        self.due
    }

    pub fn is_due(&self, now: Nanos) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Nanos {
        Nanos(milliseconds * 1_000_000)
    }

    #[test]
    fn what_a_silent_viewer_holds_is_due_after_a_while_however_often_its_silence_is_told() {
        let mut timeout = HoldTimeout::default();
        assert!(!timeout.is_due(at(1_000_000)));
        timeout.handle_silence(at(500));
        timeout.handle_silence(at(1_900));
        assert!(!timeout.is_due(at(1_999)));
        assert!(timeout.is_due(at(2_000)));
        assert_eq!(timeout.deadline(), Some(at(2_000)));
    }

    #[test]
    fn what_a_viewer_holds_whose_connection_is_interrupted_is_due_at_once() {
        let mut timeout = HoldTimeout::default();
        timeout.handle_silence(at(500));
        timeout.handle_interruption(at(600));
        assert!(timeout.is_due(at(600)));
    }

    #[test]
    fn a_sign_of_the_viewer_ends_the_wait() {
        let mut timeout = HoldTimeout::default();
        timeout.handle_silence(at(500));
        timeout.handle_sign();
        assert!(!timeout.is_due(at(9_000)));
        timeout.handle_silence(at(8_000));
        assert!(!timeout.is_due(at(9_000)) && timeout.is_due(at(9_500)));
    }
}
