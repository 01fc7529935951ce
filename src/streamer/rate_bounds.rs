//! What the host lets the encoders spend, changed while they run. Read by every encoder's worker, with each picture.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::VideoConfig;
use crate::encode::rate::RateLimits;
use crate::error::ConfigError;
use crate::units::Bitrate;

/// Bounds in force. They begin as the configuration's and never leave those.
#[derive(Debug)]
pub struct RateBounds {
    min_kbps: AtomicU32,
    max_kbps: AtomicU32,
    fps: AtomicU32,
    /// Of the configuration: every viewer's estimate ends there.
    most_kbps: u32,
    least_kbps: u32,
    usual_fps: u32,
}

impl RateBounds {
    pub fn new(video: &VideoConfig) -> Self {
        let (least_kbps, most_kbps) = (video.min_bitrate_kbps, video.max_bitrate_kbps);
        Self {
            min_kbps: AtomicU32::new(least_kbps),
            max_kbps: AtomicU32::new(most_kbps),
            fps: AtomicU32::new(video.fps),
            most_kbps,
            least_kbps,
            usual_fps: video.fps,
        }
    }

    /// Sets the bounds; 0 is the configuration's. All or none.
    pub fn set(&self, min_kbps: u32, max_kbps: u32, fps: u32) -> Result<(), ConfigError> {
        let or = |new: u32, usual: u32| if new == 0 { usual } else { new };
        let (min, max, fps) = (or(min_kbps, self.least_kbps), or(max_kbps, self.most_kbps), or(fps, self.usual_fps));
        within("min_bitrate_kbps", min, self.least_kbps, max)?;
        within("max_bitrate_kbps", max, min, self.most_kbps)?;
        within("fps", fps, 1, 240)?;
        self.min_kbps.store(min, Ordering::Relaxed);
        self.max_kbps.store(max, Ordering::Relaxed);
        self.fps.store(fps, Ordering::Relaxed);
        Ok(())
    }

    pub fn fps(&self) -> u32 {
        self.fps.load(Ordering::Relaxed)
    }

    pub fn limits(&self) -> RateLimits {
        let kbps = |bound: &AtomicU32| Bitrate::from_kbps(bound.load(Ordering::Relaxed).into());
        RateLimits { min: kbps(&self.min_kbps), max: kbps(&self.max_kbps) }
    }
}

fn within(key: &str, value: u32, least: u32, most: u32) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::OutOfRange { key: key.into(), value: value.to_string(), range: format!("{least} to {most}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn bounds_stay_within_the_configuration_and_change_together_or_not_at_all() {
        let bounds = RateBounds::new(&Config::default().video);
        bounds.set(0, 2_000, 30).unwrap();
        let limits = bounds.limits();
        assert_eq!((limits.min, limits.max, bounds.fps()), (Bitrate::from_kbps(300), Bitrate::from_kbps(2_000), 30));
        for (min, max, fps, wrong) in [
            (3_000, 2_000, 0, "min_bitrate_kbps = 3000 is outside 300 to 2000"),
            (0, 200_000, 25, "max_bitrate_kbps = 200000 is outside 300 to 160000"),
            (100, 0, 0, "min_bitrate_kbps = 100 is outside 300 to 160000"),
            (0, 1_000, 241, "fps = 241 is outside 1 to 240"),
        ] {
            assert_eq!(bounds.set(min, max, fps).unwrap_err().to_string(), wrong);
        }
        assert_eq!((bounds.limits(), bounds.fps()), (limits, 30));
        bounds.set(0, 0, 0).unwrap();
        assert_eq!((bounds.limits().max, bounds.fps()), (Bitrate::from_kbps(160_000), 60));
    }
}
