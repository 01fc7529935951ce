//! One probe while it is sent: a steady rate from its first packet to its end.

use crate::congestion::{Probe, Probed};
use crate::time::Nanos;
use crate::units::Bitrate;

#[derive(Clone, Copy, Debug)]
pub(super) struct Probing {
    probe: Probe,
    from: Nanos,
    bytes: usize,
    last: Nanos,
}

impl Probing {
    pub(super) fn new(probe: Probe, from: Nanos) -> Self {
        Self { probe, from, bytes: 0, last: from }
    }

    pub(super) fn rate(&self) -> Bitrate {
        self.probe.rate
    }

    pub(super) fn sent(&mut self, now: Nanos, bytes: usize) {
        self.bytes += bytes;
        self.last = now;
    }

    /// No packet begins after this.
    pub(super) fn end(&self) -> Nanos {
        self.from + self.probe.duration
    }

    /// It ends when what it sent would have taken that long at its rate, so that bytes and time fit each other however
    /// large the packets are.
    pub(super) fn finished(&self, now: Nanos, free_at: Nanos) -> Option<Probed> {
        let until = self.end().max(free_at).max(self.last);
        (now >= until).then_some(Probed { id: self.probe.id, from: self.from, until, bytes: self.bytes })
    }
}
