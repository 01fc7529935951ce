//! How media is delivered to a viewer: held back or not, protected against loss or not.

use serde::{Deserialize, Serialize};

/// Whether media is protected against loss by more than retransmission: video by FlexFEC
/// (draft-ietf-payload-flexible-fec-scheme-03), sound by redundant packets (RFC 2198); each where the browser takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProtectionMode {
    /// As a viewer's loss and round trip ask for.
    #[default]
    Auto,
    /// At least the smallest protection, from the first packet: for links known to be bad.
    Always,
    /// Retransmission only.
    Never,
}

/// How long a browser holds a picture back before it shows it, in ms, in steps of 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlayoutDelay {
    /// At least, 0 to `max`. Default 0.
    pub min: u32,
    /// At most, 0 to 40950. Default 0: each picture is shown as soon as it is complete.
    pub max: u32,
}
