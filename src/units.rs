//! Quantities that cross rooms, each with its unit in its type.

use serde::{Deserialize, Serialize};

/// Picture size in pixels. Either side may be odd: encoders pad to even.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// Largest side accepted anywhere, in pixels (H.264 level 6.2 and AV1 fit inside).
    pub const MAX_SIDE: u32 = 16_384;

    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// The same size with odd sides rounded up, as 4:2:0 coding needs.
    pub const fn padded_to_even(self) -> Self {
        Self { width: self.width + self.width % 2, height: self.height + self.height % 2 }
    }

    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    pub const fn is_valid(self) -> bool {
        self.width >= 1 && self.height >= 1 && self.width <= Self::MAX_SIDE && self.height <= Self::MAX_SIDE
    }
}

/// Bits per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bitrate(u64);

impl Bitrate {
    pub const fn from_bps(bps: u64) -> Self {
        Self(bps)
    }
    /// From kbit/s (1000 bit/s), the unit of SDP and of the configuration.
    pub const fn from_kbps(kbps: u64) -> Self {
        Self(kbps.saturating_mul(1000))
    }
    pub const fn bps(self) -> u64 {
        self.0
    }
    pub const fn kbps(self) -> u64 {
        self.0 / 1000
    }
}

/// One viewer of this streamer: never reused while the process lives, 0 is nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ViewerId(pub u32);

impl std::fmt::Display for ViewerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "viewer {}", self.0)
    }
}

/// One video source of a streamer: never reused while the streamer lives, 0 is the one that is always there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SourceId(pub u32);

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "source {}", self.0)
    }
}

/// One sender of a viewer's connection (W3C `RTCRtpSender`): never reused while the viewer is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SenderId(pub u32);

impl SenderId {
    /// The first video track, which every viewer has.
    pub const VIDEO: Self = Self(1);
    /// The sound.
    pub const AUDIO: Self = Self(2);
    /// The first number of those that are added.
    pub const ADDED: Self = Self(3);
}

impl std::fmt::Display for SenderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sender {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_sides_are_padded_up() {
        assert_eq!(Size::new(1279, 719).padded_to_even(), Size::new(1280, 720));
        assert_eq!(Size::new(2, 4).padded_to_even(), Size::new(2, 4));
    }

    #[test]
    fn zero_and_huge_sides_are_invalid() {
        assert!(!Size::new(0, 4).is_valid());
        assert!(!Size::new(4, Size::MAX_SIDE + 1).is_valid());
        assert!(Size::new(1, Size::MAX_SIDE).is_valid());
    }
}
