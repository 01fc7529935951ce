//! What each of libvpx's encoders is told, as data, in the words of its headers.

use super::abi::control;
use crate::encode::Codec;
use crate::units::Size;
use std::ffi::c_int;

/// A setting by `vpx_codec_control`.
pub type Control = (c_int, c_int);

#[derive(Clone, Copy, Debug)]
pub struct VpxSpec {
    pub name: &'static str,
    pub codec: Codec,
    pub controls: &'static [Control],
    /// Instead of those, for pictures above 1080p60.
    pub heavy: &'static [Control],
    /// Temporal layers at most.
    pub temporal_layers: u8,
}

/// The rate control's buffer, in ms: the longest that frames above the rate make the link busy.
pub const BUFFER_MS: u32 = 150;
pub const BUFFER_INITIAL_MS: u32 = 100;
pub const BUFFER_OPTIMAL_MS: u32 = 120;
/// How far a frame may be off its share, in percent.
pub const UNDERSHOOT_PERCENT: u32 = 95;
pub const OVERSHOOT_PERCENT: u32 = 15;

/// In percent of a frame's share: without it a keyframe takes 94 ms of the link at 6 Mbit/s, with it 39.
const MAX_INTRA: Control = (control::MAX_INTRA_BITRATE_PERCENT, 300);
/// Blocks that differ by no more than this stand still: 1 costs nothing that can be seen.
const STILL: Control = (control::STATIC_THRESHOLD, 1);

/// Pixels a second above which `heavy` applies: 1080p60.
const HEAVY: u64 = 1920 * 1080 * 60;

/// Shares of the rate that the layers up to each have, in percent: what libwebrtc gives them.
const SHARES: [&[u32]; 3] = [&[100], &[60, 100], &[40, 60, 100]];

pub const ENCODERS: &[VpxSpec] = &[
    VpxSpec {
        name: "vpx_vp8",
        codec: Codec::Vp8,
        // Negative: this speed, whatever the time it takes. -8 is half a decibel better than -12, and slower by 15 %.
        controls: &[(control::CPU_USED, -8), (control::NOISE_SENSITIVITY, 0), STILL, MAX_INTRA],
        heavy: &[(control::CPU_USED, -12)],
        temporal_layers: 3,
    },
    VpxSpec {
        name: "vpx_vp9",
        codec: Codec::Vp9,
        controls: &[
            (control::CPU_USED, 8),
            (control::VP9_ROW_MT, 1),
            (control::VP9_TILE_COLUMNS, 1),
            (control::VP9_FRAME_PARALLEL, 0),
            // Cyclic refresh.
            (control::VP9_AQ_MODE, 3),
            // `VPX_CS_BT_709`
            (control::VP9_COLOR_SPACE, 2),
            STILL,
            MAX_INTRA,
        ],
        heavy: &[(control::CPU_USED, 9)],
        temporal_layers: 1,
    },
];

impl VpxSpec {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_share_the_rate_and_grow_even_when_there_is_hardly_any() {
        assert_eq!(layer_kbps(1_000, 1).collect::<Vec<_>>(), [1_000]);
        assert_eq!(layer_kbps(1_000, 2).collect::<Vec<_>>(), [600, 1_000]);
        assert_eq!(layer_kbps(1_000, 3).collect::<Vec<_>>(), [400, 600, 1_000]);
        assert_eq!(layer_kbps(1, 3).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn large_pictures_are_encoded_faster() {
        let speed = |spec: &VpxSpec, size| {
            spec.controls_for(size, 60).filter(|(id, _)| *id == control::CPU_USED).map(|(_, speed)| speed).last()
        };
        assert_eq!(speed(&ENCODERS[0], Size::new(1920, 1080)), Some(-8));
        assert_eq!(speed(&ENCODERS[0], Size::new(2560, 1440)), Some(-12));
    }
}
