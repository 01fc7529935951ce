//! The words of `signaling` that protocols over a WebSocket add: who begins, who yields, and who may call. Pure.

use serde::{Deserialize, Serialize};

use super::{SignalingConfig, out_of_range};
use crate::error::ConfigError;

/// Longest user name, in bytes: one fits into an event's message.
pub const MAX_USER_NAME: usize = 128;

/// Who makes the first offer, where a protocol leaves that open (relay and description).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfferTurn {
    /// The page.
    #[default]
    Wait,
    /// We, as soon as the server is reached, for pages that wait for an offer. It serves one page at a time.
    First,
}

/// What happens when a user of the call protocol asks for the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerCalls {
    /// It gets it.
    #[default]
    Auto,
    /// The host is asked by an event, and accepts or declines.
    Ask,
}

/// Whether this can be the name of a user: 1 to [`MAX_USER_NAME`] bytes without control characters.
pub fn is_user_name(name: &str) -> bool {
    (1..=MAX_USER_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

impl SignalingConfig {
    pub(super) fn validate_calls(&self) -> Result<(), ConfigError> {
        if is_user_name(&self.user_name) {
            return Ok(());
        }
        let name = self.user_name.chars().take(MAX_USER_NAME).collect::<String>();
        let range = format!("1 to {MAX_USER_NAME} bytes without control characters");
        Err(out_of_range("signaling.user_name", format!("{name:?}"), range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn words_for_calls_are_read_and_their_errors_name_the_key() {
        let json = r#"{"signaling":{"offer":"first","polite":true,"user_name":"stage","answer_calls":"ask"}}"#;
        let signaling = Config::from_json(json).unwrap().signaling;
        assert_eq!((signaling.offer, signaling.answer_calls), (OfferTurn::First, AnswerCalls::Ask));
        assert!(signaling.polite && signaling.user_name == "stage");
        let long = "x".repeat(MAX_USER_NAME + 1);
        for name in ["", "a\\nb", &long] {
            let error = Config::from_json(&format!(r#"{{"signaling":{{"user_name":"{name}"}}}}"#)).unwrap_err();
            assert!(error.to_string().starts_with("signaling.user_name = "), "{error}");
        }
        let error = Config::from_json(r#"{"signaling":{"offer":"second"}}"#).unwrap_err().to_string();
        assert!(error.contains("wait") && error.contains("first"), "{error}");
    }
}
