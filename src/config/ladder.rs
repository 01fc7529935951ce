//! What the host says about the ladder of layers and about pictures that a link does not carry.

use serde::{Deserialize, Serialize};

use super::{out_of_range, within};
use crate::error::ConfigError;

/// Rungs a ladder has at most.
pub const MAX_RUNGS: usize = 4;

/// `video.layers`: a number, or a list of rungs from the best to the smallest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LadderConfig {
    /// So many rungs at most, 1 to 4, each half as wide and high as the one above it. 1: no ladder. Default 3.
    Count(u32),
    /// 1 to 4 rungs, best first. A rung that is not smaller, rarer or cheaper than the one above it is never used.
    Rungs(Vec<RungConfig>),
}

/// One rung. Without a size it is as large as the host's picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RungConfig {
    /// Width and height as a share of the host's, above 0 to 1. Default 1. Not together with `height`.
    pub scale: Option<f64>,
    /// Height in pixels, 16 to 16384; never more than the host's. Default: by `scale`.
    pub height: Option<u32>,
    /// Never more than this, in kbit/s, 50 to 1000000. Default `video.max_bitrate_kbps`.
    pub max_bitrate_kbps: Option<u32>,
    /// Pictures a second at most, 1 to 240. Default: all.
    pub fps: Option<u32>,
}

/// What gives way when a link does not carry the picture (W3C `RTCDegradationPreference`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DegradationPreference {
    /// First a smaller picture, then every second one, then smaller still.
    #[default]
    Balanced,
    /// Smaller pictures.
    MaintainFramerate,
    /// Fewer pictures.
    MaintainResolution,
}

impl Default for LadderConfig {
    fn default() -> Self {
        Self::Count(3)
    }
}

impl LadderConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let most = MAX_RUNGS as u32;
        let rungs = match self {
            Self::Count(count) => return within("video.layers", *count, 1, most),
            Self::Rungs(rungs) => rungs,
        };
        let count = u32::try_from(rungs.len()).unwrap_or(u32::MAX);
        within("video.layers (entries)", count, 1, most)?;
        rungs.iter().enumerate().try_for_each(|(n, rung)| rung.validate(n))
    }
}

impl RungConfig {
    fn validate(&self, n: usize) -> Result<(), ConfigError> {
        let key = |name: &str| format!("video.layers[{n}].{name}");
        if let Some(scale) = self.scale
            && !(scale > 0.0 && scale <= 1.0)
        {
            return Err(out_of_range(&key("scale"), scale, "above 0 to 1"));
        }
        if let (Some(_), Some(height)) = (self.scale, self.height) {
            return Err(out_of_range(&key("height"), height, "scale or height, not both"));
        }
        let checks = [
            ("height", self.height, 16, 16_384),
            ("max_bitrate_kbps", self.max_bitrate_kbps, 50, 1_000_000),
            ("fps", self.fps, 1, 240),
        ];
        checks
            .into_iter()
            .filter_map(|(name, value, min, max)| Some((name, value?, min, max)))
            .try_for_each(|(name, value, min, max)| within(&key(name), value, min, max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn layers(json: &str) -> Result<LadderConfig, String> {
        let text = format!(r#"{{"video":{{"layers":{json}}}}}"#);
        Config::from_json(&text).map(|config| config.video.layers).map_err(|error| error.to_string())
    }

    #[test]
    fn a_ladder_is_a_number_or_a_list() {
        assert_eq!(layers("1"), Ok(LadderConfig::Count(1)));
        let half = RungConfig { scale: Some(0.5), max_bitrate_kbps: Some(1_500), ..Default::default() };
        let small = RungConfig { height: Some(180), fps: Some(15), ..Default::default() };
        assert_eq!(
            layers(r#"[{},{"scale":0.5,"max_bitrate_kbps":1500},{"height":180,"fps":15}]"#),
            Ok(LadderConfig::Rungs(vec![RungConfig::default(), half, small]))
        );
    }

    #[test]
    fn errors_name_the_rung_and_its_key() {
        for (json, wrong) in [
            ("0", "video.layers = 0 is outside 1 to 4"),
            ("[]", "video.layers (entries) = 0 is outside 1 to 4"),
            (r#"[{},{"scale":1.5}]"#, "video.layers[1].scale = 1.5 is outside above 0 to 1"),
            (r#"[{"scale":0.5,"height":90}]"#, "video.layers[0].height = 90 is outside scale or height, not both"),
            (r#"[{"fps":0}]"#, "video.layers[0].fps = 0 is outside 1 to 240"),
        ] {
            assert_eq!(layers(json).unwrap_err(), wrong);
        }
        assert!(layers(r#"[{"sclae":0.5}]"#).is_err());
    }

    #[test]
    fn the_preference_is_written_as_w3c_writes_it() {
        let config = Config::from_json(r#"{"video":{"degradation":"maintain-resolution"}}"#).unwrap();
        assert_eq!(config.video.degradation, DegradationPreference::MaintainResolution);
        assert_eq!(Config::default().video.degradation, DegradationPreference::Balanced);
    }
}
