//! The declarations of `abi` against the headers of the system's libaom (Debian's libaom-dev).

use std::mem::{offset_of, size_of};

use super::abi::{self, Config, Image, LayerId, Layers, References, control};
use super::{Aom, Sibling};
use crate::encode::vpx_aom::headers::{self, Expected, offsets};
use crate::encode::vpx_aom::interface::Context;

fn expected() -> Expected {
    let mut all = headers::alike("AOM");
    offsets!(all, "aom_codec_enc_cfg_t", Config: g_usage g_threads g_profile g_w g_h g_limit g_forced_max_frame_width
        g_forced_max_frame_height g_bit_depth g_input_bit_depth g_timebase g_error_resilient g_pass g_lag_in_frames
        rc_dropframe_thresh rc_resize_mode rc_resize_denominator rc_resize_kf_denominator rc_superres_mode
        rc_superres_denominator rc_superres_kf_denominator rc_superres_qthresh rc_superres_kf_qthresh rc_end_usage
        rc_twopass_stats_in rc_firstpass_mb_stats_in rc_target_bitrate rc_min_quantizer rc_max_quantizer
        rc_undershoot_pct rc_overshoot_pct rc_buf_sz rc_buf_initial_sz rc_buf_optimal_sz rc_2pass_vbr_bias_pct
        rc_2pass_vbr_minsection_pct rc_2pass_vbr_maxsection_pct fwd_kf_enabled kf_mode);
    all.push(("offsetof(aom_codec_enc_cfg_t, kf_min_dist)".into(), offset_of!(Config, rest) as i64));
    offsets!(all, "aom_image_t", Image: fmt cp tc mc monochrome csp range w h bit_depth d_w d_h r_w r_h x_chroma_shift
        y_chroma_shift planes stride sz bps temporal_id spatial_id user_priv img_data img_data_owner self_allocd metadata
        fb_priv);
    offsets!(all, "aom_svc_layer_id_t", LayerId: spatial_layer_id temporal_layer_id);
    offsets!(all, "aom_svc_params_t", Layers: number_spatial_layers number_temporal_layers max_quantizers min_quantizers
        scaling_factor_num scaling_factor_den layer_target_bitrate framerate_factor);
    offsets!(all, "aom_svc_ref_frame_config_t", References: reference ref_idx refresh);
    for (name, size) in [
        ("aom_svc_layer_id_t", size_of::<LayerId>()),
        ("aom_svc_params_t", size_of::<Layers>()),
        ("aom_svc_ref_frame_config_t", size_of::<References>()),
    ] {
        all.push((format!("sizeof({name})"), size as i64));
    }
    for (name, value) in [
        ("AOM_CICP_CP_BT_709", abi::BT_709),
        ("AOM_CICP_TC_BT_709", abi::BT_709),
        ("AOM_CICP_MC_BT_709", abi::BT_709),
        ("AOME_SET_CPUUSED", control::CPU_USED),
        ("AOME_SET_ENABLEAUTOALTREF", control::AUTO_ALT_REF),
        ("AOME_SET_MAX_INTRA_BITRATE_PCT", control::MAX_INTRA_BITRATE_PERCENT),
        ("AV1E_SET_ROW_MT", control::ROW_MT),
        ("AV1E_SET_TILE_COLUMNS", control::TILE_COLUMNS),
        ("AV1E_SET_AQ_MODE", control::AQ_MODE),
        ("AV1E_SET_COLOR_PRIMARIES", control::COLOR_PRIMARIES),
        ("AV1E_SET_TRANSFER_CHARACTERISTICS", control::TRANSFER_CHARACTERISTICS),
        ("AV1E_SET_MATRIX_COEFFICIENTS", control::MATRIX_COEFFICIENTS),
        ("AV1E_SET_COLOR_RANGE", control::COLOR_RANGE),
        ("AV1E_SET_ENABLE_REF_FRAME_MVS", control::ENABLE_REF_FRAME_MVS),
        ("AV1E_SET_SVC_LAYER_ID", control::SVC_LAYER_ID),
        ("AV1E_SET_SVC_PARAMS", control::SVC_PARAMS),
        ("AV1E_SET_SVC_REF_FRAME_CONFIG", control::SVC_REF_FRAME_CONFIG),
    ] {
        all.push((name.into(), value.into()));
    }
    all.push(("AOM_USAGE_REALTIME".into(), abi::REALTIME.into()));
    all
}

#[test]
fn declarations_are_those_of_the_systems_headers() {
    let room = [
        ("aom_codec_enc_cfg_t", size_of::<Config>()),
        ("aom_image_t", size_of::<Image>()),
        ("aom_codec_ctx_t", size_of::<Context>()),
    ];
    let headers = ["aom/aom_encoder.h", "aom/aomcx.h"];
    let Some(version) = headers::check(&headers, &expected(), &room, "AOM_ENCODER_ABI_VERSION") else { return };
    assert!(
        Aom::ABI_VERSIONS.contains(&i32::try_from(version).unwrap()),
        "{version} is none of {:?}",
        Aom::ABI_VERSIONS
    );
}
