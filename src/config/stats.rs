//! What is written down for people who look for time that is lost.

use serde::{Deserialize, Serialize};

use super::{out_of_range, within};
use crate::error::ConfigError;

/// Only in a library that is built with the feature `trace`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatsConfig {
    /// A file that the way of frames is appended to, as OpenTelemetry's OTLP JSON, one trace a line. Default empty: none.
    pub trace_file: String,
    /// One frame of so many is traced, 1 to 1000000. Default 30.
    pub trace_every: u32,
}

impl Default for StatsConfig {
    fn default() -> Self {
        Self { trace_file: String::new(), trace_every: 30 }
    }
}

impl StatsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        within("stats.trace_every", self.trace_every, 1, 1_000_000)?;
        if !self.trace_file.is_empty() && !cfg!(feature = "trace") {
            return Err(out_of_range(
                "stats.trace_file",
                &self.trace_file,
                "empty: this library is built without the feature trace",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_trace_is_asked_for_by_name_and_is_an_error_where_it_is_not_built_in() {
        assert_eq!(Config::from_json("{}").unwrap().stats.trace_every, 30);
        let error = Config::from_json(r#"{"stats":{"trace_every":0}}"#).unwrap_err().to_string();
        assert_eq!(error, "stats.trace_every = 0 is outside 1 to 1000000");
        let asked = Config::from_json(r#"{"stats":{"trace_file":"frames.jsonl"}}"#);
        assert_eq!(asked.is_ok(), cfg!(feature = "trace"));
    }
}
