//! What an encoder of libvpx or libaom is told, as data: the words of `vpx::options` and `aom::options`. Pure.

use std::ffi::{CStr, c_int};

use crate::encode::Codec;
use crate::encode::threads::Threads;
use crate::units::Size;

/// A setting by `vpx_codec_control` or `aom_codec_control`.
pub type Control = (c_int, c_int);

#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub name: &'static str,
    pub codec: Codec,
    /// The function that gives the encoder's interface.
    pub interface: &'static CStr,
    pub controls: &'static [Control],
    /// Instead of those, for pictures above 1080p60.
    pub heavy: &'static [Control],
    pub threads: Threads,
    /// Temporal layers at most.
    pub temporal_layers: u8,
}

/// The rate control's buffer, in ms: the longest that frames above the rate make the link busy.
pub const BUFFER_MS: u32 = 150;
pub const BUFFER_INITIAL_MS: u32 = 100;
pub const BUFFER_OPTIMAL_MS: u32 = 120;
/// How far a frame may be off its share, in percent. With libaom's own 50 % below, temporal layers stay a fifth above their
/// rate where the content is hard.
pub const UNDERSHOOT_PERCENT: u32 = 95;
pub const OVERSHOOT_PERCENT: u32 = 15;

/// Pixels a second above which `heavy` applies: 1080p60.
const HEAVY: u64 = 1920 * 1080 * 60;

/// Shares of the rate that the layers up to each have, in percent: what libwebrtc gives them.
const SHARES: [&[u32]; 3] = [&[100], &[60, 100], &[40, 60, 100]];

impl Spec {
    /// The controls for pictures of this size, the later of two winning.
    pub fn controls_for(&self, size: Size, fps: u32) -> impl Iterator<Item = Control> {
        let heavy = size.pixels().saturating_mul(fps.into()) > HEAVY;
        self.controls.iter().chain(if heavy { self.heavy } else { &[] }).copied()
    }
}

/// What the layers up to each get of `kbps`, strictly growing, as libvpx demands.
pub fn layer_kbps(kbps: u32, layers: u8) -> impl Iterator<Item = u32> {
    let shares = SHARES.get(usize::from(layers.max(1)) - 1).copied().unwrap_or_default();
    shares.iter().scan(0, move |below, share| {
        *below = (u64::from(kbps) * u64::from(*share) / 100).max(u64::from(*below) + 1).try_into().unwrap_or(u32::MAX);
        Some(*below)
    })
}

/// Of how many frames one is of this layer or a lower one: 4, 2, 1 of three layers.
pub fn decimators(layers: u8) -> impl Iterator<Item = u8> {
    (0..layers).rev().map(|above| 1 << above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::vpx_aom::vpx;

    #[test]
    fn layers_share_the_rate_and_grow_even_when_there_is_hardly_any() {
        assert_eq!(layer_kbps(1_000, 1).collect::<Vec<_>>(), [1_000]);
        assert_eq!(layer_kbps(1_000, 2).collect::<Vec<_>>(), [600, 1_000]);
        assert_eq!(layer_kbps(1_000, 3).collect::<Vec<_>>(), [400, 600, 1_000]);
        assert_eq!(layer_kbps(1, 3).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(decimators(3).collect::<Vec<_>>(), [4, 2, 1]);
    }

    #[test]
    fn large_pictures_are_encoded_faster() {
        let speed = |spec: &Spec, size| {
            let speeds = spec.controls_for(size, 60).filter(|(id, _)| *id == vpx::abi::control::CPU_USED);
            speeds.map(|(_, speed)| speed).last()
        };
        assert_eq!(speed(&vpx::options::ENCODERS[0], Size::new(1920, 1080)), Some(-8));
        assert_eq!(speed(&vpx::options::ENCODERS[0], Size::new(2560, 1440)), Some(-12));
    }
}
