//! What libaom alone has of the C interface that is used here (its headers `aom_encoder.h`, `aom_image.h` and `aomcx.h`), the
//! same in every version of `ABI_VERSIONS`. `abi_tests` compares it with the headers of the system.

use std::ffi::{c_int, c_long, c_uint, c_ulong, c_void};

use crate::encode::vpx_aom::interface::{Context, FixedBuffer, Rational};

/// `aom_codec_enc_cfg_t`, and more room than any version's tail needs: the library writes a whole one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Config {
    pub g_usage: c_uint,
    pub g_threads: c_uint,
    pub g_profile: c_uint,
    pub g_w: c_uint,
    pub g_h: c_uint,
    pub g_limit: c_uint,
    pub g_forced_max_frame_width: c_uint,
    pub g_forced_max_frame_height: c_uint,
    pub g_bit_depth: c_int,
    pub g_input_bit_depth: c_uint,
    pub g_timebase: Rational,
    pub g_error_resilient: u32,
    pub g_pass: c_int,
    pub g_lag_in_frames: c_uint,
    pub rc_dropframe_thresh: c_uint,
    pub rc_resize_mode: c_uint,
    pub rc_resize_denominator: c_uint,
    pub rc_resize_kf_denominator: c_uint,
    pub rc_superres_mode: c_int,
    pub rc_superres_denominator: c_uint,
    pub rc_superres_kf_denominator: c_uint,
    pub rc_superres_qthresh: c_uint,
    pub rc_superres_kf_qthresh: c_uint,
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
    pub fwd_kf_enabled: c_int,
    pub kf_mode: c_int,
    pub rest: [c_uint; 512],
}

/// `aom_image_t`, with room behind it.
#[repr(C)]
pub struct Image {
    pub fmt: c_int,
    pub cp: c_int,
    pub tc: c_int,
    pub mc: c_int,
    pub monochrome: c_int,
    pub csp: c_int,
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
    /// Y, U, V.
    pub planes: [*mut u8; 3],
    pub stride: [c_int; 3],
    pub sz: usize,
    /// Bits for a sample, chroma included.
    pub bps: c_int,
    pub temporal_id: c_int,
    pub spatial_id: c_int,
    pub user_priv: *mut c_void,
    pub img_data: *mut u8,
    pub img_data_owner: c_int,
    pub self_allocd: c_int,
    pub metadata: *mut c_void,
    pub fb_priv: *mut c_void,
    pub rest: [u64; 16],
}

/// `AOM_USAGE_REALTIME`.
pub const REALTIME: c_uint = 1;
/// `AOM_CICP_CP_BT_709`, `AOM_CICP_TC_BT_709`, `AOM_CICP_MC_BT_709`.
pub const BT_709: c_int = 1;

/// `AOM_MAX_LAYERS`, `AOM_MAX_SS_LAYERS`, `AOM_MAX_TS_LAYERS`.
pub const LAYERS: usize = 32;
pub const SPATIAL_LAYERS: usize = 4;
pub const TEMPORAL_LAYERS: usize = 8;

/// `aom_svc_layer_id_t`.
#[repr(C)]
pub struct LayerId {
    pub spatial_layer_id: c_int,
    pub temporal_layer_id: c_int,
}

/// `aom_svc_params_t`.
#[repr(C)]
pub struct Layers {
    pub number_spatial_layers: c_int,
    pub number_temporal_layers: c_int,
    pub max_quantizers: [c_int; LAYERS],
    pub min_quantizers: [c_int; LAYERS],
    pub scaling_factor_num: [c_int; SPATIAL_LAYERS],
    pub scaling_factor_den: [c_int; SPATIAL_LAYERS],
    /// kbit/s, each with those below it.
    pub layer_target_bitrate: [c_int; LAYERS],
    /// Of how many frames one is of this layer or a lower one.
    pub framerate_factor: [c_int; TEMPORAL_LAYERS],
}

/// `aom_svc_ref_frame_config_t`: which of seven references a frame has, the slot that each is mapped to, and which of eight
/// slots the frame goes into.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct References {
    pub reference: [c_int; 7],
    pub ref_idx: [c_int; 7],
    pub refresh: [c_int; 8],
}

/// `LAST_FRAME` and `GOLDEN_FRAME` among the references.
pub mod name {
    pub const LAST: usize = 0;
    pub const GOLDEN: usize = 3;
}

/// `enum aome_enc_control_id`: those above the last three take an int, those a pointer to a structure.
pub mod control {
    use std::ffi::c_int;

    pub const CPU_USED: c_int = 13;
    pub const AUTO_ALT_REF: c_int = 14;
    pub const MAX_INTRA_BITRATE_PERCENT: c_int = 26;
    pub const ROW_MT: c_int = 32;
    pub const TILE_COLUMNS: c_int = 33;
    pub const AQ_MODE: c_int = 40;
    pub const COLOR_PRIMARIES: c_int = 45;
    pub const TRANSFER_CHARACTERISTICS: c_int = 46;
    pub const MATRIX_COEFFICIENTS: c_int = 47;
    pub const COLOR_RANGE: c_int = 52;
    pub const ENABLE_REF_FRAME_MVS: c_int = 84;
    pub const SVC_LAYER_ID: c_int = 131;
    pub const SVC_PARAMS: c_int = 132;
    pub const SVC_REF_FRAME_CONFIG: c_int = 133;
}

pub type Encode = unsafe extern "C" fn(*mut Context, *const Image, i64, c_ulong, c_long) -> c_int;
