//! Where an estimate starts and how far it may go.

use crate::units::Bitrate;

/// The least a path is taken to carry: enough for sound and a very small picture.
const LEAST: Bitrate = Bitrate::from_kbps(10);

/// Bounds of an estimate, in bit/s of RTP.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub start: Bitrate,
    pub min: Bitrate,
    pub max: Bitrate,
}

impl Limits {
    /// Puts values in order that contradict each other: max wins over min, both over start. At least 10 kbit/s.
    pub fn new(start: Bitrate, min: Bitrate, max: Bitrate) -> Self {
        let max = max.max(LEAST);
        let min = min.clamp(LEAST, max);
        Self { start: start.clamp(min, max), min, max }
    }
}
