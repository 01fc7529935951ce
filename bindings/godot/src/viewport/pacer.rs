//! When to take a picture: at most so many a second, as evenly as the game draws. Pure.

/// While nobody watches, one now and then is enough for who comes.
const IDLE_NS: u64 = 500_000_000;
const SECOND_NS: u64 = 1_000_000_000;

#[derive(Debug, Default)]
pub struct Pacer {
    due_ns: u64,
}

impl Pacer {
    /// Whether the picture that was just drawn is taken. `fps` 0 is one a second.
    pub fn take(&mut self, now_ns: u64, fps: u32, watched: bool) -> bool {
        let interval = if watched { SECOND_NS / u64::from(fps.max(1)) } else { IDLE_NS };
        // Whoever has come does not wait for what was due while nobody watched. A picture taken early leaves more than one interval.
        let due = if self.due_ns > now_ns.saturating_add(2 * interval) { now_ns } else { self.due_ns };
        // A little early is better than a whole picture late: games draw in steps of their own.
        if now_ns.saturating_add(interval / 4) < due {
            return false;
        }
        // What was missed is not made up for.
        self.due_ns = due.max(now_ns.saturating_sub(interval)) + interval;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn taken(pacer: &mut Pacer, from: u64, step: u64, frames: u64, fps: u32, watched: bool) -> usize {
        (0..frames).filter(|frame| pacer.take(from + frame * step, fps, watched)).count()
    }

    #[test]
    fn every_picture_of_a_game_that_draws_as_fast_as_is_streamed_is_taken() {
        // 60 a second that jitter by some ms.
        let mut pacer = Pacer::default();
        let jitter = [0, 3, 1, 2, 0, 4, 2];
        let all = (0..600u64).filter(|i| pacer.take(i * SECOND_NS / 60 + jitter[(*i % 7) as usize] * MS, 60, true));
        assert_eq!(all.count(), 600);
    }

    #[test]
    fn a_faster_game_is_thinned_to_the_rate() {
        let mut pacer = Pacer::default();
        let count = taken(&mut pacer, 0, SECOND_NS / 144, 1_440, 60, true);
        assert!((590..=610).contains(&count), "{count}");
        let count = taken(&mut pacer, 20 * SECOND_NS, SECOND_NS / 60, 600, 30, true);
        assert!((298..=302).contains(&count), "{count}");
    }

    #[test]
    fn a_picture_taken_early_is_not_taken_twice() {
        let mut pacer = Pacer::default();
        let count = taken(&mut pacer, 0, MS, 10_000, 60, true);
        assert!((590..=610).contains(&count), "{count}");
    }

    #[test]
    fn while_nobody_watches_a_few_are_taken_and_a_viewer_is_served_at_once() {
        let mut pacer = Pacer::default();
        let count = taken(&mut pacer, 0, SECOND_NS / 60, 600, 60, false);
        assert!((19..=22).contains(&count), "{count}");
        assert_eq!(taken(&mut pacer, 10 * SECOND_NS, SECOND_NS / 60, 60, 60, true), 60);
    }
}
