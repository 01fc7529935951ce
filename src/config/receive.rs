//! What is taken from viewers' pages that send.

use serde::{Deserialize, Serialize};

/// Off by default: it is the viewers' privacy, and decoding costs the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiveConfig {
    /// Microphones (Opus). Default false.
    pub audio: bool,
    /// Cameras (H.264, VP8). Default false.
    pub video: bool,
}
