//! Who plays, and what is taken of viewers' input. Pure.

use serde::{Deserialize, Serialize};

use super::{out_of_range, within};
use crate::error::ConfigError;

/// Of a text of the clipboard, at most: one fits into a data channel's message.
pub const MAX_CLIPBOARD_BYTES: u32 = 65_536;
/// Of `input.player_token`.
const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 8..=256;

/// Which viewers are players; the others watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayerPolicy {
    /// Whoever comes, as long as there is a place.
    #[default]
    Everyone,
    /// Who came first; the others wait in line.
    First,
    /// Who knows `input.player_token`.
    Token,
    /// Whom the host makes one. It is told who asks.
    Host,
}

impl PlayerPolicy {
    /// In the order of the C ABI's numbers.
    pub const ALL: [Self; 4] = [Self::Everyone, Self::First, Self::Token, Self::Host];
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InputConfig {
    /// Default `everyone`.
    pub players: PlayerPolicy,
    /// Players at once, 0 to 1000. Default 0: one with `first`, else as many as there are viewers.
    pub max_players: u32,
    /// Whether a spectator may ask for control. Default true.
    pub ask: bool,
    /// What a page has to know with `players` = `token`, 8 to 256 bytes. Default empty.
    pub player_token: String,
    /// Whether a viewer may ask for less than it is given, on its own page: a smaller picture, a lower rate, another codec that was
    /// agreed on. It never gets more than the host has granted it. Default true.
    pub choose_quality: bool,
    /// Whether texts of the clipboard go from host to players and back. Default false: it is the viewers' privacy, and the host's.
    pub clipboard: bool,
    /// Longest text of the clipboard, in bytes of UTF-8, 1 to 65536. Default 65536.
    pub clipboard_max_bytes: u32,
    /// Input events of one viewer in the long run, per second, 10 to 100000. Default 1000. A second's worth may come at once.
    /// What lets something go is never dropped.
    pub max_events_per_second: u32,
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            players: PlayerPolicy::default(),
            max_players: 0,
            ask: true,
            player_token: String::new(),
            choose_quality: true,
            clipboard: false,
            clipboard_max_bytes: MAX_CLIPBOARD_BYTES,
            max_events_per_second: 1_000,
        }
    }
}

impl InputConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        within("input.max_players", self.max_players, 0, 1_000)?;
        within("input.clipboard_max_bytes", self.clipboard_max_bytes, 1, MAX_CLIPBOARD_BYTES)?;
        within("input.max_events_per_second", self.max_events_per_second, 10, 100_000)?;
        let needed = self.players == PlayerPolicy::Token;
        if needed && !TOKEN_BYTES.contains(&self.player_token.len()) {
            return Err(out_of_range("input.player_token", "(hidden)", "8 to 256 bytes with input.players = token"));
        }
        if !needed && !self.player_token.is_empty() {
            return Err(out_of_range("input.player_token", "(hidden)", "empty, but with input.players = token"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn errors_name_the_key_and_no_secret() {
        for (json, part) in [
            (r#"{"players":"anyone"}"#, "everyone"),
            (r#"{"max_players":1001}"#, "input.max_players = 1001 is outside 0 to 1000"),
            (r#"{"players":"token"}"#, "input.player_token"),
            (r#"{"players":"token","player_token":"short"}"#, "8 to 256 bytes"),
            (r#"{"player_token":"unforeseen"}"#, "input.players = token"),
            (r#"{"clipboard_max_bytes":0}"#, "input.clipboard_max_bytes = 0 is outside 1 to 65536"),
            (r#"{"clipboard_max_bytes":65537}"#, "1 to 65536"),
            (r#"{"max_events_per_second":9}"#, "input.max_events_per_second = 9 is outside 10 to 100000"),
            (r#"{"player":"first"}"#, "players"),
        ] {
            let error = Config::from_json(&format!(r#"{{"input":{json}}}"#)).unwrap_err().to_string();
            assert!(error.contains(part), "{json}: {error}");
            assert!(!error.contains("short") && !error.contains("unforeseen"), "{error}");
        }
        let whole = r#"{"input":{"players":"token","max_players":2,"ask":false,"player_token":"a good one","clipboard":true,
            "choose_quality":false,"clipboard_max_bytes":100,"max_events_per_second":50}}"#;
        let input = Config::from_json(whole).unwrap().input;
        assert_eq!((input.players, input.max_players, input.ask), (PlayerPolicy::Token, 2, false));
        assert!(
            !input.choose_quality
                && input.clipboard
                && input.clipboard_max_bytes == 100
                && input.max_events_per_second == 50
        );
    }
}
