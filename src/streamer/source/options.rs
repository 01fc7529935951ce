//! What the host says of a source when it makes one.

use crate::config::VideoConfig;
use crate::error::ConfigError;

/// Of a label, in bytes.
pub const LONGEST_LABEL: usize = 63;

/// The default is a source like the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceOptions {
    /// For people: at most 63 bytes, without control characters. Default empty.
    pub label: String,
    /// The most its encoders may be asked for, in kbit/s, within the configuration's bounds. Default 0: the streamer's.
    pub max_bitrate_kbps: u32,
    /// Pictures a second that rate control expects of it, 1 to 240. Default 0: the streamer's.
    pub fps: u32,
}

impl SourceOptions {
    /// Checks every range. Errors name the option.
    pub(super) fn validate(&self, video: &VideoConfig) -> Result<(), ConfigError> {
        if self.label.len() > LONGEST_LABEL || self.label.chars().any(char::is_control) {
            let range = format!("0 to {LONGEST_LABEL} bytes without control characters");
            return Err(ConfigError::OutOfRange { key: "source.label".into(), value: self.label.clone(), range });
        }
        within("source.max_bitrate_kbps", self.max_bitrate_kbps, video.min_bitrate_kbps, video.max_bitrate_kbps)?;
        within("source.fps", self.fps, 1, 240)
    }
}

/// 0 is the streamer's own.
fn within(key: &str, value: u32, least: u32, most: u32) -> Result<(), ConfigError> {
    if value == 0 || (least..=most).contains(&value) {
        return Ok(());
    }
    let range = format!("{least} to {most}, and 0");
    Err(ConfigError::OutOfRange { key: key.into(), value: value.to_string(), range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_outside_their_range_are_refused_by_name() {
        let video = VideoConfig::default();
        let check = |label: &str, max_bitrate_kbps, fps| {
            SourceOptions { label: label.into(), max_bitrate_kbps, fps }.validate(&video).map_err(|e| e.to_string())
        };
        assert_eq!(check("", 0, 0), Ok(()));
        assert_eq!(check(&"x".repeat(LONGEST_LABEL), 300, 240), Ok(()));
        for (label, kbps, fps, wrong) in [
            ("x".repeat(LONGEST_LABEL + 1), 0, 0, "source.label"),
            ("a\nb".into(), 0, 0, "source.label"),
            (String::new(), 299, 0, "source.max_bitrate_kbps = 299 is outside 300 to 160000, and 0"),
            (String::new(), 160_001, 0, "source.max_bitrate_kbps"),
            (String::new(), 0, 241, "source.fps = 241 is outside 1 to 240, and 0"),
        ] {
            let error = check(&label, kbps, fps).unwrap_err();
            assert!(error.starts_with(wrong), "{error}");
        }
    }
}
