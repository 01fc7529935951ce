//! What one viewer is sent and says of itself: written by its pump, its connection and its task, read by whoever asks for
//! statistics. With it the test of how long an input takes to the picture: which frame is the answer to a probe. Pure but for
//! its lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stats::meter::Meter;
use crate::stats::page::PageFigures;
use crate::time::Nanos;
use crate::units::SourceId;

/// A frame of the first video track that has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentFrame {
    pub pushed_at: Nanos,
    /// As this viewer has it.
    pub rtp_timestamp: u32,
}

/// A source and how many frames the host has pushed for it.
pub type Pushed = (SourceId, u64);

/// How far a test has come. One at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Probe {
    #[default]
    None,
    /// The host has not polled it yet.
    Asked { id: u64, channel: u32 },
    /// The next frame that the host pushes is the answer.
    Polled { id: u64, channel: u32, at: Nanos, pushed: Option<Pushed> },
}

/// The answer to a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    pub id: u64,
    /// Which data channel it was asked on.
    pub channel: u32,
    pub rtp_timestamp: u32,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes of payload and frames.
    sent: Meter<2>,
    resyncs: u64,
    page: Option<(Nanos, PageFigures)>,
    last: Option<SentFrame>,
    probe: Probe,
}

#[derive(Debug, Default)]
pub struct Tally(Mutex<State>);

impl Tally {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection has sent so many bytes of payload and frames so far.
    pub fn note_sent(&self, now: Nanos, bytes: u64, frames: u64) {
        self.state().sent.note(now, [bytes, frames]);
    }

    /// Bytes and frames that it was sent in the last second.
    pub fn sent_per_second(&self, now: Nanos) -> [u64; 2] {
        self.state().sent.per_second(now)
    }

    pub fn add_resyncs(&self, resyncs: u64) {
        if resyncs > 0 {
            self.state().resyncs += resyncs;
        }
    }

    pub fn resyncs(&self) -> u64 {
        self.state().resyncs
    }

    /// What the page says takes the place of what it said before.
    pub fn set_page(&self, now: Nanos, figures: PageFigures) {
        self.state().page = Some((now, figures));
    }

    /// What it said last, and when.
    pub fn page(&self) -> Option<(Nanos, PageFigures)> {
        self.state().page
    }

    /// The last frame that has left: one moment on RTP's clock and on ours.
    pub fn last_sent(&self) -> Option<SentFrame> {
        self.state().last
    }

    /// The page begins a test, in place of one that has no answer yet. True: the host has to be told.
    pub fn begin_probe(&self, id: u64, channel: u32) -> bool {
        let mut state = self.state();
        // What the host has not polled yet is as good for this one.
        let told = matches!(state.probe, Probe::Asked { .. });
        state.probe = Probe::Asked { id, channel };
        !told
    }

    /// The host has polled it. `pushed`: of the source that the viewer is shown.
    pub fn probe_polled(&self, now: Nanos, pushed: Option<Pushed>) {
        let mut state = self.state();
        if let Probe::Asked { id, channel } = state.probe {
            state.probe = Probe::Polled { id, channel, at: now, pushed };
        }
    }

    /// A frame of the first video track has left. `pushed`: as with [`probe_polled`](Self::probe_polled), but now. Returns what
    /// the page has to be told.
    pub fn frame_sent(&self, frame: SentFrame, pushed: Option<Pushed>) -> Option<Marked> {
        let mut state = self.state();
        state.last = Some(frame);
        let Probe::Polled { id, channel, at, pushed: before } = state.probe else { return None };
        // A picture that stands still is sent again, as if it had just been pushed.
        let still = matches!((before, pushed), (Some(before), Some(now)) if before == now);
        if frame.pushed_at < at || still {
            return None;
        }
        state.probe = Probe::None;
        Some(Marked { id, channel, rtp_timestamp: frame.rtp_timestamp })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: SourceId = SourceId(0);

    fn frame(pushed_at: u64, rtp_timestamp: u32) -> SentFrame {
        SentFrame { pushed_at: Nanos(pushed_at), rtp_timestamp }
    }

    #[test]
    fn a_probe_is_answered_by_the_first_frame_pushed_after_the_host_has_polled_it() {
        let tally = Tally::default();
        assert!(tally.begin_probe(1, 4));
        assert_eq!(tally.frame_sent(frame(10, 100), Some((SOURCE, 1))), None, "the host knows nothing yet");
        tally.probe_polled(Nanos(20), Some((SOURCE, 2)));
        // Pushed before, on its way meanwhile.
        assert_eq!(tally.frame_sent(frame(19, 200), Some((SOURCE, 3))), None);
        // The last picture again: the host has pushed nothing.
        assert_eq!(tally.frame_sent(frame(30, 300), Some((SOURCE, 2))), None);
        let marked = tally.frame_sent(frame(31, 400), Some((SOURCE, 3)));
        assert_eq!(marked, Some(Marked { id: 1, channel: 4, rtp_timestamp: 400 }));
        assert_eq!(tally.frame_sent(frame(40, 500), Some((SOURCE, 4))), None, "once");
        assert_eq!(tally.last_sent(), Some(frame(40, 500)));
    }

    #[test]
    fn another_source_counts_its_own_frames() {
        let tally = Tally::default();
        tally.begin_probe(1, 4);
        tally.probe_polled(Nanos(20), Some((SOURCE, 5)));
        let marked = tally.frame_sent(frame(21, 1), Some((SourceId(3), 5)));
        assert_eq!(marked.map(|marked| marked.id), Some(1));
    }

    #[test]
    fn a_page_that_asks_often_has_one_event_with_the_host() {
        let tally = Tally::default();
        assert!(tally.begin_probe(1, 4));
        assert!(!tally.begin_probe(2, 4));
        tally.probe_polled(Nanos(5), None);
        tally.probe_polled(Nanos(500), None); // of nothing any more
        assert_eq!(tally.frame_sent(frame(5, 9), None).map(|marked| marked.id), Some(2));
        assert!(tally.begin_probe(3, 4));
    }

    #[test]
    fn what_a_page_says_is_kept_with_its_time_until_it_says_something_else() {
        let tally = Tally::default();
        assert_eq!(tally.page(), None);
        let told = |fps| PageFigures { fps: Some(fps), ..Default::default() };
        tally.set_page(Nanos(5), told(30.0));
        tally.set_page(Nanos(7), told(60.0));
        assert_eq!(tally.page(), Some((Nanos(7), told(60.0))));
    }
}
