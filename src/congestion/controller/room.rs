//! How far above the path's rate a frame may leave. A frame that is spread over its period is late by one; a frame that
//! leaves at once fills the queue of a path that carries no more than it.

use super::MS;

/// While the path has no queue, a frame leaves at so many times the estimate: where that is all the path carries, and where
/// it is only all that is wanted and frames do not queue on their way.
const BURST: f64 = 2.0;
const ROOMY_BURST: f64 = 8.0;
/// A frame queues on its way when its last packets come later than its first by more than this; and not, by less than that.
const SPREAD: f64 = 12.0 * MS as f64;
const NO_SPREAD: f64 = 6.0 * MS as f64;
/// A new batch counts for an eighth.
const SPREAD_SHARE: f64 = 0.125;

#[derive(Debug)]
pub struct Room {
    /// The longest queue that a packet of a batch met, in ns, smoothed.
    spread: f64,
    roomy: bool,
}

impl Default for Room {
    fn default() -> Self {
        // Nothing is known of the path: what a viewer waits for is its first keyframe, which takes a narrow path as long
        // whether it waits here or there.
        Self { spread: SPREAD, roomy: true }
    }
}

impl Room {
    /// `longest`: the longest queue that a packet of this batch met, in ns. `enough`: all that is wanted is carried.
    pub fn update(&mut self, longest: i64, enough: bool) {
        self.spread += (longest as f64 - self.spread) * SPREAD_SHARE;
        let limit = if self.roomy { SPREAD } else { NO_SPREAD };
        self.roomy = enough && self.spread < limit;
    }

    /// Times the estimate.
    pub fn burst(&self) -> f64 {
        if self.roomy { ROOMY_BURST } else { BURST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keyframe_leaves_fast_and_what_follows_by_what_was_heard() {
        let mut room = Room::default();
        assert_eq!(room.burst(), ROOMY_BURST);
        room.update(MS, false);
        assert_eq!(room.burst(), BURST);
        (0..8).for_each(|_| room.update(MS, true));
        assert_eq!(room.burst(), ROOMY_BURST);
        (0..8).for_each(|_| room.update(40 * MS, true));
        assert_eq!(room.burst(), BURST);
    }
}
