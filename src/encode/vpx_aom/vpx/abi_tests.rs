//! The declarations of `abi` against the headers of the system's libvpx (Debian's libvpx-dev).

use std::mem::{offset_of, size_of};

use super::abi::{self, Config, Image, control, flag};
use super::{Sibling, Vpx};
use crate::encode::vpx_aom::headers::{self, Expected, offsets};
use crate::encode::vpx_aom::interface::Context;

fn expected() -> Expected {
    let mut all = headers::alike("VPX");
    offsets!(all, "vpx_codec_enc_cfg_t", Config: g_usage g_threads g_profile g_w g_h g_bit_depth g_input_bit_depth g_timebase
        g_error_resilient g_pass g_lag_in_frames rc_dropframe_thresh rc_resize_allowed rc_scaled_width rc_scaled_height
        rc_resize_up_thresh rc_resize_down_thresh rc_end_usage rc_twopass_stats_in rc_firstpass_mb_stats_in
        rc_target_bitrate rc_min_quantizer rc_max_quantizer rc_undershoot_pct rc_overshoot_pct rc_buf_sz
        rc_buf_initial_sz rc_buf_optimal_sz rc_2pass_vbr_bias_pct rc_2pass_vbr_minsection_pct
        rc_2pass_vbr_maxsection_pct rc_2pass_vbr_corpus_complexity kf_mode kf_min_dist kf_max_dist ss_number_layers
        ss_enable_auto_alt_ref ss_target_bitrate ts_number_layers ts_target_bitrate ts_rate_decimator ts_periodicity
        ts_layer_id);
    all.push(("offsetof(vpx_codec_enc_cfg_t, layer_target_bitrate)".into(), offset_of!(Config, rest) as i64));
    offsets!(all, "vpx_image_t", Image: fmt cs range w h bit_depth d_w d_h r_w r_h x_chroma_shift y_chroma_shift planes stride
        bps user_priv img_data img_data_owner self_allocd fb_priv);
    for (name, value) in [
        ("VPX_CS_BT_709", abi::BT_709),
        ("VP8E_SET_CPUUSED", control::CPU_USED),
        ("VP8E_SET_NOISE_SENSITIVITY", control::NOISE_SENSITIVITY),
        ("VP8E_SET_STATIC_THRESHOLD", control::STATIC_THRESHOLD),
        ("VP8E_SET_MAX_INTRA_BITRATE_PCT", control::MAX_INTRA_BITRATE_PERCENT),
        ("VP8E_SET_TEMPORAL_LAYER_ID", control::TEMPORAL_LAYER_ID),
        ("VP9E_SET_TILE_COLUMNS", control::VP9_TILE_COLUMNS),
        ("VP9E_SET_FRAME_PARALLEL_DECODING", control::VP9_FRAME_PARALLEL),
        ("VP9E_SET_AQ_MODE", control::VP9_AQ_MODE),
        ("VP9E_SET_COLOR_SPACE", control::VP9_COLOR_SPACE),
        ("VP9E_SET_ROW_MT", control::VP9_ROW_MT),
    ] {
        all.push((name.into(), value.into()));
    }
    for (name, value) in [
        ("VP8_EFLAG_NO_REF_GF", flag::NO_REFERENCE_GOLDEN),
        ("VP8_EFLAG_NO_REF_ARF", flag::NO_REFERENCE_ALTREF),
        ("VP8_EFLAG_NO_UPD_LAST", flag::NO_UPDATE_LAST),
        ("VP8_EFLAG_NO_UPD_GF", flag::NO_UPDATE_GOLDEN),
        ("VP8_EFLAG_NO_UPD_ARF", flag::NO_UPDATE_ALTREF),
        ("VP8_EFLAG_NO_UPD_ENTROPY", flag::NO_UPDATE_ENTROPY),
    ] {
        #[allow(clippy::useless_conversion, reason = "32 bits on Windows")]
        all.push((name.into(), i64::from(value)));
    }
    all.push(("VPX_DL_REALTIME".into(), i64::try_from(abi::REALTIME).unwrap()));
    all.push(("VPX_CODEC_ABI_VERSION".into(), 9));
    all.push(("VPX_IMAGE_ABI_VERSION".into(), 5));
    all
}

#[test]
fn declarations_are_those_of_the_systems_headers() {
    let room = [
        ("vpx_codec_enc_cfg_t", size_of::<Config>()),
        ("vpx_image_t", size_of::<Image>()),
        ("vpx_codec_ctx_t", size_of::<Context>()),
    ];
    let headers = ["vpx/vpx_encoder.h", "vpx/vp8cx.h"];
    let Some(version) = headers::check(&headers, &expected(), &room, "VPX_ENCODER_ABI_VERSION") else { return };
    assert!(
        Vpx::ABI_VERSIONS.contains(&i32::try_from(version).unwrap()),
        "{version} is none of {:?}",
        Vpx::ABI_VERSIONS
    );
}
