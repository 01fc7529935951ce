//! Fewer pictures, as evenly as they come: which ones a layer with a lower frame rate takes.

/// Host time that steps back this far, in ns, comes from a clock that was started anew.
const STEP_BACK: u64 = 1_000_000_000;

/// The pictures of one layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cadence {
    /// When the next picture is due, in host time.
    due: Option<u64>,
}

impl Cadence {
    /// Whether a picture of that host time, in ns, is one of at most `fps` a second.
    pub fn takes(&mut self, host_time: u64, fps: u32) -> bool {
        let interval = 1_000_000_000 / u64::from(fps.max(1));
        let due = match self.due {
            Some(due) if host_time.saturating_add(STEP_BACK) > due && due <= host_time.saturating_add(interval * 2) => {
                due
            }
            _ => host_time,
        };
        // A picture that is a little early is the one that was meant.
        if host_time.saturating_add(interval / 4) < due {
            self.due = Some(due);
            return false;
        }
        // A late one does not shift the grid; after a pause it begins anew.
        let late = host_time.saturating_sub(due) >= interval;
        self.due = Some(if late { host_time } else { due }.saturating_add(interval));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn taken(times: impl IntoIterator<Item = u64>, fps: u32) -> Vec<u64> {
        let mut cadence = Cadence::default();
        times.into_iter().filter(|time| cadence.takes(*time, fps)).collect()
    }

    #[test]
    fn every_second_picture_is_taken_for_half_the_rate_whatever_they_jitter() {
        let times = (0..60).map(|n| n * 16_666_667 + [0, 2 * MS, MS, 3 * MS][n as usize % 4]);
        let all: Vec<u64> = times.clone().collect();
        assert_eq!(taken(times, 30), all.iter().copied().step_by(2).collect::<Vec<_>>());
    }

    #[test]
    fn a_host_that_is_slower_anyway_loses_nothing() {
        assert_eq!(taken((0..10).map(|n| n * 50 * MS), 30).len(), 10);
    }

    #[test]
    fn a_pause_is_not_made_up_for_and_a_new_clock_is_followed() {
        let mut cadence = Cadence::default();
        assert!(cadence.takes(10_000 * MS, 10));
        assert!(cadence.takes(15_000 * MS, 10));
        assert!(!cadence.takes(15_017 * MS, 10) && !cadence.takes(15_050 * MS, 10) && cadence.takes(15_084 * MS, 10));
        assert!(cadence.takes(0, 10), "host time began anew");
        assert!(!cadence.takes(50 * MS, 10) && cadence.takes(100 * MS, 10));
        assert!(cadence.takes(u64::MAX, 1) && cadence.takes(0, u32::MAX));
    }
}
