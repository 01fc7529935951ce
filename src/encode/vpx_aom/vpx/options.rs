//! What each of libvpx's encoders is told, as data, in the words of its headers.

use super::abi::control;
use crate::encode::Codec;
use crate::encode::threads::Threads;
use crate::encode::vpx_aom::spec::{Control, Spec};

/// In percent of a frame's share: without it a keyframe takes 94 ms of the link at 6 Mbit/s, with it 39.
const MAX_INTRA: Control = (control::MAX_INTRA_BITRATE_PERCENT, 300);
/// Blocks that differ by no more than this stand still: 1 costs nothing that can be seen.
const STILL: Control = (control::STATIC_THRESHOLD, 1);

pub const ENCODERS: &[Spec] = &[
    Spec {
        name: "vpx_vp8",
        codec: Codec::Vp8,
        interface: c"vpx_codec_vp8_cx",
        // Negative: this speed, whatever the time it takes. -8 is half a decibel better than -12, and slower by 15 %.
        controls: &[(control::CPU_USED, -8), (control::NOISE_SENSITIVITY, 0), STILL, MAX_INTRA],
        heavy: &[(control::CPU_USED, -12)],
        threads: Threads::Spinning,
        temporal_layers: 3,
    },
    Spec {
        name: "vpx_vp9",
        codec: Codec::Vp9,
        interface: c"vpx_codec_vp9_cx",
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
        threads: Threads::Spinning,
        temporal_layers: 1,
    },
];
