//! What libaom's encoder is told, as data, in the words of its headers.

use super::abi::{self, control};
use crate::encode::Codec;
use crate::encode::threads::Threads;
use crate::encode::vpx_aom::spec::Spec;

/// Of 63. Below it an easy picture takes the whole rate for what nobody sees (this is 50 dB), and at 0, where coding is lossless,
/// twice the rate with temporal layers.
pub const MIN_QUANTIZER: u32 = 4;

pub const ENCODERS: &[Spec] = &[Spec {
    name: "aom_av1",
    codec: Codec::Av1,
    interface: c"aom_codec_av1_cx",
    controls: &[
        (control::CPU_USED, 10),
        (control::MAX_INTRA_BITRATE_PERCENT, 300),
        (control::AUTO_ALT_REF, 0),
        (control::ROW_MT, 1),
        // 2: in powers of two. Small pictures get one.
        (control::TILE_COLUMNS, 1),
        // Cyclic refresh.
        (control::AQ_MODE, 3),
        (control::COLOR_PRIMARIES, abi::BT_709),
        (control::TRANSFER_CHARACTERISTICS, abi::BT_709),
        (control::MATRIX_COEFFICIENTS, abi::BT_709),
        (control::COLOR_RANGE, crate::encode::vpx_aom::interface::STUDIO_RANGE),
        // Would look at motion in references of layers that a viewer may not have.
        (control::ENABLE_REF_FRAME_MVS, 0),
    ],
    heavy: &[],
    threads: Threads::Tiles,
    temporal_layers: 3,
}];
