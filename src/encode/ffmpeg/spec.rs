//! What there is to say about an FFmpeg encoder: the words of the table in `options`.

use crate::encode::threads::Threads;
use crate::encode::{Codec, RateChange};
use crate::units::Size;

pub type Options = &'static [(&'static str, &'static str)];

/// What an encoder reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Our own planes, not copied.
    I420,
    Nv12,
    /// NV12, or a `CVPixelBuffer` as it is: which of both is said when it is opened.
    PixelBuffer,
    /// NV12 on a device of this kind.
    Uploaded(Device),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Vaapi,
}

/// When an encoder is tried without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    Everywhere,
    /// On these systems (`std::env::consts::OS`).
    On(&'static [&'static str]),
    /// Only when the configuration names it.
    ByName,
}

/// How FFmpeg is told "constant bitrate".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cbr {
    /// maxrate = bitrate.
    Max,
    /// minrate = maxrate = bitrate: what libvpx and libaom take for CBR.
    MinMax,
    /// bitrate just under maxrate: what lets Quick Sync keep each frame near the average (`low_delay_brc`).
    Nearly,
}

/// Size of the rate control's buffer (VBV), which bounds how long one frame can occupy the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffer {
    /// In tenths of a frame's share.
    TenthsOfFrame(u32),
    Millis(u32),
}

/// How an encoder is told to renew the picture a strip at a time (intra refresh).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    pub options: Options,
    pub period: Period,
}

/// Where the frames of one pass over the picture are told: a second's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// As the context's GOP, at whose end no keyframe comes then.
    Gop,
    /// As an option, beside an endless GOP.
    Option(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct EncoderSpec {
    pub name: &'static str,
    pub codec: Codec,
    pub offered: Offered,
    /// Beginnings of paths of which one must exist, on Linux; empty: no such check. Spares loading a vendor's library.
    pub device_files: &'static [&'static str],
    pub input: Input,
    /// Smallest picture.
    pub min_size: Size,
    pub rate_change: RateChange,
    pub cbr: Cbr,
    pub buffer: Buffer,
    pub threads: Threads,
    pub options: Options,
    /// Instead of those in `options`, for pictures above 1080p60.
    pub heavy: Options,
    /// None: it cannot refresh the picture by strips.
    pub refresh: Option<Refresh>,
    /// Keys without which the encoder is useless here.
    pub essential: &'static [&'static str],
    /// Added to (or instead of) `options`, one set after the other, when opening fails. An empty value removes the key.
    pub fallbacks: &'static [Options],
}

impl EncoderSpec {
    /// Whether it is tried on this system without being named.
    pub fn is_offered_on(&self, os: &str) -> bool {
        match self.offered {
            Offered::Everywhere => true,
            Offered::On(systems) => systems.contains(&os),
            Offered::ByName => false,
        }
    }

    /// The options for one attempt at opening, later sets winning; a key with an empty value is left out.
    pub fn options_with(&self, heavy: bool, fallback: Option<Options>) -> Vec<(&'static str, &'static str)> {
        let mut merged: Vec<(&'static str, &'static str)> = Vec::new();
        let heavy = if heavy { self.heavy } else { &[] };
        for (key, value) in self.options.iter().chain(heavy).chain(fallback.unwrap_or(&[])) {
            match merged.iter_mut().find(|(known, _)| known == key) {
                Some(entry) => entry.1 = value,
                None => merged.push((key, value)),
            }
        }
        merged.retain(|(_, value)| !value.is_empty());
        merged
    }
}

impl Refresh {
    /// Whether this is one of its options.
    pub fn names(self, key: &str) -> bool {
        self.options.iter().any(|(own, _)| *own == key) || matches!(self.period, Period::Option(own) if own == key)
    }
}

impl Buffer {
    /// In bits.
    pub fn bits(self, bitrate: u64, fps: u32) -> u64 {
        match self {
            Self::TenthsOfFrame(tenths) => bitrate * u64::from(tenths) / (10 * u64::from(fps.max(1))),
            Self::Millis(ms) => bitrate * u64::from(ms) / 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_scale_with_rate_and_frame_time() {
        assert_eq!(Buffer::TenthsOfFrame(20).bits(6_000_000, 60), 200_000);
        assert_eq!(Buffer::Millis(150).bits(6_000_000, 60), 900_000);
    }
}
