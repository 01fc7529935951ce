//! When a layer owes its viewers a keyframe. Many viewers ask at once, and one viewer asks again until the answer arrives,
//! so requests are merged: the first is answered at once, later ones once at the end of a window. Pure.

use std::time::Duration;

use crate::time::Nanos;

/// Shortest time between two keyframes of one layer: a keyframe costs as much as several frames.
pub const MIN_WINDOW: Duration = Duration::from_millis(250);
/// Longest time a reported round trip can hold an answer back.
pub const MAX_WINDOW: Duration = Duration::from_secs(2);

/// The keyframe requests of one layer.
#[derive(Clone, Debug, Default)]
pub struct KeyframeRequests {
    last_keyframe: Option<Nanos>,
    due: Option<Nanos>,
}

impl KeyframeRequests {
    pub fn new() -> Self {
        Self::default()
    }

    /// A viewer asks (PLI, RFC 4585; FIR, RFC 5104), or our own resync does. `rtt` is that viewer's: what it asks sooner
    /// than one round trip after the last keyframe, it may have asked before seeing it. The earliest due request rules, so
    /// a far viewer never holds up a near one.
    pub fn request(&mut self, now: Nanos, rtt: Duration) {
        let window = rtt.clamp(MIN_WINDOW, MAX_WINDOW);
        let due = self.last_keyframe.map_or(now, |last| now.max(last + window));
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    /// Whether the frame that is encoded now must be a keyframe. True answers every waiting request.
    pub fn take(&mut self, now: Nanos) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            self.handle_keyframe(now);
        }
        due
    }

    /// A keyframe came out, asked for or not (first frame, new rate, new encoder): it answers every waiting request.
    pub fn handle_keyframe(&mut self, now: Nanos) {
        self.due = None;
        self.last_keyframe = Some(now);
    }

    /// When a keyframe is owed, if one is.
    pub fn due_at(&self) -> Option<Nanos> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEAR: Duration = Duration::from_millis(10);

    fn at(ms: u64) -> Nanos {
        Nanos(ms * 1_000_000)
    }

    #[test]
    fn first_request_is_answered_at_once() {
        let mut requests = KeyframeRequests::new();
        assert!(!requests.take(at(0)));
        requests.request(at(5), NEAR);
        assert!(requests.take(at(5)));
        assert!(!requests.take(at(6)));
    }

    #[test]
    fn requests_within_the_window_share_one_keyframe_at_its_end() {
        let mut requests = KeyframeRequests::new();
        requests.handle_keyframe(at(0));
        for ms in [10, 20, 200] {
            requests.request(at(ms), NEAR);
            assert!(!requests.take(at(ms)));
        }
        assert_eq!(requests.due_at(), Some(at(250)));
        assert!(!requests.take(at(249)));
        assert!(requests.take(at(250)));
        assert!(!requests.take(at(600)));
    }

    #[test]
    fn a_long_round_trip_widens_the_window_but_not_for_others() {
        let mut requests = KeyframeRequests::new();
        requests.handle_keyframe(at(0));
        requests.request(at(300), Duration::from_millis(800));
        assert_eq!(requests.due_at(), Some(at(800)));
        requests.request(at(310), NEAR);
        assert!(requests.take(at(310)));
        requests.request(at(320), Duration::from_secs(3600));
        assert_eq!(requests.due_at(), Some(at(310) + MAX_WINDOW));
    }

    #[test]
    fn a_keyframe_that_came_by_itself_answers_too() {
        let mut requests = KeyframeRequests::new();
        requests.request(at(0), NEAR);
        requests.handle_keyframe(at(1));
        assert!(!requests.take(at(1000)));
    }

    proptest! {
        #[test]
        fn keyframes_are_never_closer_than_the_window_and_every_request_is_answered(
            steps in proptest::collection::vec((1u64..80, any::<bool>(), 0u64..400), 1..200)
        ) {
            let mut requests = KeyframeRequests::new();
            let (mut now, mut last, mut waiting) = (0, None::<u64>, None::<u64>);
            for (pause, ask, rtt) in steps {
                now += pause;
                if ask {
                    requests.request(at(now), Duration::from_millis(rtt));
                    waiting.get_or_insert(now);
                }
                if requests.take(at(now)) {
                    prop_assert!(waiting.is_some(), "nobody asked");
                    prop_assert!(last.is_none_or(|last| now - last >= 250), "{last:?} {now}");
                    (last, waiting) = (Some(now), None);
                }
                // Owed at the latest one widest window after the last keyframe.
                prop_assert!(waiting.is_none() || last.is_some_and(|last| now < last + 400));
            }
        }
    }
}
