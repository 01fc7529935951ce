//! What libvpx alone has of the C interface that is used here (its headers `vpx_encoder.h`, `vpx_image.h` and `vp8cx.h`), the
//! same in every version of `ABI_VERSIONS`. `abi_tests` compares it with the headers of the system.

use std::ffi::{c_int, c_long, c_uint, c_ulong, c_void};

use crate::encode::vpx_aom::interface::{Context, FixedBuffer, Rational};

/// `VPX_SS_MAX_LAYERS`, `VPX_TS_MAX_LAYERS`, `VPX_TS_MAX_PERIODICITY`, `VPX_MAX_LAYERS`.
const SPATIAL: usize = 5;
const TEMPORAL: usize = 5;
const PERIODICITY: usize = 16;

/// `vpx_codec_enc_cfg_t`, and more room than any version's tail needs: the library writes a whole one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Config {
    pub g_usage: c_uint,
    pub g_threads: c_uint,
    pub g_profile: c_uint,
    pub g_w: c_uint,
    pub g_h: c_uint,
    pub g_bit_depth: c_int,
    pub g_input_bit_depth: c_uint,
    pub g_timebase: Rational,
    pub g_error_resilient: u32,
    pub g_pass: c_int,
    pub g_lag_in_frames: c_uint,
    pub rc_dropframe_thresh: c_uint,
    pub rc_resize_allowed: c_uint,
    pub rc_scaled_width: c_uint,
    pub rc_scaled_height: c_uint,
    pub rc_resize_up_thresh: c_uint,
    pub rc_resize_down_thresh: c_uint,
    pub rc_end_usage: c_int,
    pub rc_twopass_stats_in: FixedBuffer,
    pub rc_firstpass_mb_stats_in: FixedBuffer,
    /// kbit/s.
    pub rc_target_bitrate: c_uint,
    pub rc_min_quantizer: c_uint,
    pub rc_max_quantizer: c_uint,
    pub rc_undershoot_pct: c_uint,
    pub rc_overshoot_pct: c_uint,
    /// These three in ms.
    pub rc_buf_sz: c_uint,
    pub rc_buf_initial_sz: c_uint,
    pub rc_buf_optimal_sz: c_uint,
    pub rc_2pass_vbr_bias_pct: c_uint,
    pub rc_2pass_vbr_minsection_pct: c_uint,
    pub rc_2pass_vbr_maxsection_pct: c_uint,
    pub rc_2pass_vbr_corpus_complexity: c_uint,
    pub kf_mode: c_int,
    pub kf_min_dist: c_uint,
    pub kf_max_dist: c_uint,
    pub ss_number_layers: c_uint,
    pub ss_enable_auto_alt_ref: [c_int; SPATIAL],
    pub ss_target_bitrate: [c_uint; SPATIAL],
    pub ts_number_layers: c_uint,
    /// kbit/s, each with those below it.
    pub ts_target_bitrate: [c_uint; TEMPORAL],
    pub ts_rate_decimator: [c_uint; TEMPORAL],
    pub ts_periodicity: c_uint,
    pub ts_layer_id: [c_uint; PERIODICITY],
    pub rest: [c_uint; 512],
}

/// `vpx_image_t`, with room behind it.
#[repr(C)]
pub struct Image {
    pub fmt: c_int,
    pub cs: c_int,
    pub range: c_int,
    pub w: c_uint,
    pub h: c_uint,
    pub bit_depth: c_uint,
    pub d_w: c_uint,
    pub d_h: c_uint,
    pub r_w: c_uint,
    pub r_h: c_uint,
    pub x_chroma_shift: c_uint,
    pub y_chroma_shift: c_uint,
    /// Y, U, V, alpha.
    pub planes: [*mut u8; 4],
    pub stride: [c_int; 4],
    /// Bits for a sample, chroma included.
    pub bps: c_int,
    pub user_priv: *mut c_void,
    pub img_data: *mut u8,
    pub img_data_owner: c_int,
    pub self_allocd: c_int,
    pub fb_priv: *mut c_void,
    pub rest: [u64; 16],
}

/// `VPX_CS_BT_709`.
pub const BT_709: c_int = 2;
/// `VPX_DL_REALTIME`.
pub const REALTIME: c_ulong = 1;

/// `vpx_enc_frame_flags_t`, with `VP8_EFLAG_*`.
pub mod flag {
    use std::ffi::c_long;

    pub const NO_REFERENCE_GOLDEN: c_long = 1 << 17;
    pub const NO_UPDATE_LAST: c_long = 1 << 18;
    pub const NO_UPDATE_ENTROPY: c_long = 1 << 20;
    pub const NO_REFERENCE_ALTREF: c_long = 1 << 21;
    pub const NO_UPDATE_GOLDEN: c_long = 1 << 22;
    pub const NO_UPDATE_ALTREF: c_long = 1 << 23;
}

/// `enum vp8e_enc_control_id`: all take an int.
pub mod control {
    use std::ffi::c_int;

    pub const CPU_USED: c_int = 13;
    pub const NOISE_SENSITIVITY: c_int = 15;
    pub const STATIC_THRESHOLD: c_int = 17;
    pub const MAX_INTRA_BITRATE_PERCENT: c_int = 26;
    pub const TEMPORAL_LAYER_ID: c_int = 30;
    pub const VP9_TILE_COLUMNS: c_int = 33;
    pub const VP9_FRAME_PARALLEL: c_int = 35;
    pub const VP9_AQ_MODE: c_int = 36;
    pub const VP9_COLOR_SPACE: c_int = 46;
    pub const VP9_ROW_MT: c_int = 55;
}

pub type Encode = unsafe extern "C" fn(*mut Context, *const Image, i64, c_ulong, c_long, c_ulong) -> c_int;
