//! Whether a viewer has fallen silent, as it does when its network changes, long before ICE says so (5 s). Pure.
//!
//! While media flows a browser says something each 50 to 250 ms (transport-wide feedback, reports), and asks for consent
//! (RFC 7675) each 2.5 s otherwise. How long its pauses are is learnt, since a picture that stands still is answered once a
//! second and a queue that fills stretches everything.

use std::time::Duration;

use crate::time::Nanos;

/// Silence that counts, at least and at most.
const LEAST: Duration = Duration::from_millis(500);
const MOST: Duration = Duration::from_secs(3);
/// In the longest pauses of the last seconds, and in round trips.
const PAUSES: u32 = 2;
const ROUND_TRIPS: u32 = 3;
/// Pauses are remembered for one to two of these.
const WINDOW: Duration = Duration::from_secs(5);
/// Taken for the longest pause before anything was learnt.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A silence that ended by itself so soon was a pause to learn from: a burst of loss, a machine that was busy.
const SHORT: Duration = Duration::from_secs(1);
/// A viewer that stays silent is told of again this often.
const AGAIN: Duration = Duration::from_secs(3);

/// What is known at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Signs {
    /// When the first media left that nothing has come after.
    pub unanswered: Option<Nanos>,
    /// When something authentic came last, by whatever way, where the viewer has just changed its own: it may still send the old
    /// way, which is no silence.
    pub elsewhere: Option<Nanos>,
    /// The longest time between two datagrams that came, since the last look.
    pub pause: Duration,
    /// Smoothed round trip; zero: not known.
    pub rtt: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing comes; said again while it lasts.
    Silent,
    /// Something has come again.
    Heard { after: Duration },
}

#[derive(Debug)]
pub struct Silence {
    /// The longest pauses of the window before and of this one.
    pauses: [Duration; 2],
    window: Nanos,
    /// Since when, and when to say so again.
    silent: Option<(Nanos, Nanos)>,
}

impl Silence {
    pub fn new(now: Nanos) -> Self {
        Self { pauses: [FIRST_PAUSE, Duration::ZERO], window: now, silent: None }
    }

    /// Looks, some ten times a second.
    pub fn look(&mut self, now: Nanos, signs: Signs) -> Option<Change> {
        let unanswered = signs.unanswered.map(|since| since.max(signs.elsewhere.unwrap_or(since)));
        if let Some((since, again)) = self.silent {
            if unanswered != Some(since) {
                self.silent = None;
                let after = now.saturating_since(since);
                if after < SHORT {
                    self.learn(now, after);
                }
                return Some(Change::Heard { after });
            }
            if now >= again {
                self.silent = Some((since, now + AGAIN));
                return Some(Change::Silent);
            }
            return None;
        }
        self.learn(now, signs.pause);
        let since = unanswered?;
        if now.saturating_since(since) < self.patience(signs.rtt) {
            return None;
        }
        self.silent = Some((since, now + AGAIN));
        Some(Change::Silent)
    }

    fn learn(&mut self, now: Nanos, pause: Duration) {
        if now.saturating_since(self.window) >= WINDOW {
            self.pauses = [self.pauses[1], Duration::ZERO];
            self.window = now;
        }
        self.pauses[1] = self.pauses[1].max(pause);
    }

    fn patience(&self, rtt: Duration) -> Duration {
        let pauses = self.pauses[0].max(self.pauses[1]).saturating_mul(PAUSES);
        LEAST.max(pauses).max(rtt.saturating_mul(ROUND_TRIPS)).min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(100);

    /// A viewer in virtual time, to whom something is sent each tick.
    struct Scene {
        now: Nanos,
        silence: Silence,
        unanswered: Option<Nanos>,
        elsewhere: Option<Nanos>,
        heard: Nanos,
        rtt: Duration,
    }

    impl Scene {
        fn new() -> Self {
            let start = Nanos(1);
            let rtt = Duration::from_millis(20);
            Self { now: start, silence: Silence::new(start), unanswered: None, elsewhere: None, heard: start, rtt }
        }

        /// One tick; gives what is noticed.
        fn tick(&mut self, hears: bool) -> Option<Change> {
            self.now = self.now + TICK;
            let mut pause = Duration::ZERO;
            if hears {
                pause = self.now.saturating_since(self.heard);
                (self.heard, self.unanswered) = (self.now, None);
            }
            let change = self
                .silence
                .look(self.now, Signs { unanswered: self.unanswered, elsewhere: self.elsewhere, pause, rtt: self.rtt });
            self.unanswered = self.unanswered.or(Some(self.now));
            change
        }

        fn ticks(&mut self, count: usize, hears: impl Fn(usize) -> bool) -> Vec<(usize, Change)> {
            (0..count).filter_map(|tick| self.tick(hears(tick)).map(|change| (tick, change))).collect()
        }
    }

    #[test]
    fn half_a_second_without_an_answer_is_silence_and_it_is_over_with_the_first_sign() {
        let mut scene = Scene::new();
        assert_eq!(scene.ticks(200, |_| true), []);
        assert_eq!(scene.ticks(10, |_| false), [(4, Change::Silent)]);
        assert_eq!(scene.ticks(10, |_| true), [(0, Change::Heard { after: Duration::from_millis(1_100) })]);
    }

    #[test]
    fn a_viewer_that_stays_silent_is_told_of_again() {
        let mut scene = Scene::new();
        scene.ticks(200, |_| true);
        assert_eq!(scene.ticks(70, |_| false), [(4, Change::Silent), (34, Change::Silent), (64, Change::Silent)]);
    }

    #[test]
    fn who_still_sends_the_way_before_is_not_silent_until_that_ends() {
        let mut scene = Scene::new();
        scene.ticks(200, |_| true);
        // What comes there each tick counts while the viewer moves; then nothing comes on the new way either.
        let mut noticed = Vec::new();
        for tick in 0..30 {
            scene.elsewhere = (tick < 20).then_some(scene.now + TICK);
            noticed.extend(scene.tick(false).map(|change| (tick, change)));
        }
        assert_eq!(noticed, [(20, Change::Silent)]);
        // One that falls silent there too.
        let mut scene = Scene::new();
        scene.ticks(200, |_| true);
        scene.elsewhere = Some(scene.now + TICK);
        assert_eq!(scene.ticks(10, |_| false), [(5, Change::Silent)]);
    }

    #[test]
    fn pauses_that_are_usual_on_a_path_are_no_silence() {
        let mut scene = Scene::new();
        // A picture that stands still, a burst of loss now and then, and a long way.
        assert_eq!(scene.ticks(600, |tick| tick % 10 == 0), []);
        let mut scene = Scene::new();
        assert_eq!(scene.ticks(600, |tick| tick % 40 > 4), []);
        let mut scene = Scene::new();
        scene.ticks(200, |_| true);
        scene.rtt = Duration::from_millis(500);
        assert_eq!(scene.ticks(100, |tick| tick % 50 > 13), [], "a queue of 500 ms that fills");
    }

    #[test]
    fn a_false_alarm_is_learnt_from() {
        let mut scene = Scene::new();
        scene.ticks(200, |_| true);
        let alarms = scene.ticks(150, |tick| tick % 30 > 7);
        assert_eq!(alarms.iter().filter(|(_, change)| *change == Change::Silent).count(), 1, "{alarms:?}");
    }

    #[test]
    fn who_is_sent_nothing_owes_no_answer() {
        let mut silence = Silence::new(Nanos(0));
        for second in 0..100 {
            let signs = Signs { unanswered: None, elsewhere: None, pause: Duration::ZERO, rtt: Duration::ZERO };
            assert_eq!(silence.look(Nanos(second * 1_000_000_000), signs), None);
        }
    }
}
