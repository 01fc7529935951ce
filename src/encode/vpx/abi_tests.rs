//! The declarations of `abi` against the headers of the system's libvpx, by a C program that says what they say.

use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::process::Command;

use super::abi::{self, Config, Image, Packet, PacketFrame, control, flag};
use super::library::ABI_VERSIONS;

/// What C must find, as C expressions and their values here.
fn expected() -> Vec<(String, i64)> {
    let mut all = Vec::new();
    let mut add = |expression: String, value: i64| all.push((expression, value));
    macro_rules! offsets {
        ($c:literal, $rust:ty: $($field:ident)*) => { $(
            add(format!("offsetof({}, {})", $c, stringify!($field)), offset_of!($rust, $field) as i64);
        )* };
    }
    offsets!("vpx_codec_enc_cfg_t", Config: g_usage g_threads g_profile g_w g_h g_bit_depth g_input_bit_depth g_timebase
        g_error_resilient g_pass g_lag_in_frames rc_dropframe_thresh rc_resize_allowed rc_scaled_width rc_scaled_height
        rc_resize_up_thresh rc_resize_down_thresh rc_end_usage rc_twopass_stats_in rc_firstpass_mb_stats_in
        rc_target_bitrate rc_min_quantizer rc_max_quantizer rc_undershoot_pct rc_overshoot_pct rc_buf_sz
        rc_buf_initial_sz rc_buf_optimal_sz rc_2pass_vbr_bias_pct rc_2pass_vbr_minsection_pct
        rc_2pass_vbr_maxsection_pct rc_2pass_vbr_corpus_complexity kf_mode kf_min_dist kf_max_dist ss_number_layers
        ss_enable_auto_alt_ref ss_target_bitrate ts_number_layers ts_target_bitrate ts_rate_decimator ts_periodicity
        ts_layer_id);
    add("offsetof(vpx_codec_enc_cfg_t, layer_target_bitrate)".into(), offset_of!(Config, rest) as i64);
    offsets!("vpx_image_t", Image: fmt cs range w h bit_depth d_w d_h r_w r_h x_chroma_shift y_chroma_shift planes stride
        bps user_priv img_data img_data_owner self_allocd fb_priv);
    offsets!("vpx_codec_cx_pkt_t", Packet: kind);
    let frame = offset_of!(Packet, frame);
    for (field, offset) in [
        ("buf", offset_of!(PacketFrame, buf)),
        ("sz", offset_of!(PacketFrame, sz)),
        ("pts", offset_of!(PacketFrame, pts)),
        ("duration", offset_of!(PacketFrame, duration)),
        ("flags", offset_of!(PacketFrame, flags)),
    ] {
        add(format!("offsetof(vpx_codec_cx_pkt_t, data.frame.{field})"), (frame + offset) as i64);
    }
    for (name, value) in [
        ("VPX_CODEC_OK", abi::OK),
        ("VPX_CODEC_ABI_MISMATCH", abi::ABI_MISMATCH),
        ("VPX_CBR", abi::CBR),
        ("VPX_RC_ONE_PASS", abi::ONE_PASS),
        ("VPX_KF_DISABLED", abi::KEYFRAMES_ON_REQUEST),
        ("VPX_IMG_FMT_I420", abi::I420),
        ("VPX_CS_BT_709", abi::BT_709),
        ("VPX_CR_STUDIO_RANGE", abi::STUDIO_RANGE),
        ("VPX_CODEC_CX_FRAME_PKT", abi::FRAME_PACKET),
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
        add(name.into(), value.into());
    }
    for (name, value) in [
        ("VPX_EFLAG_FORCE_KF", flag::FORCE_KEYFRAME),
        ("VP8_EFLAG_NO_REF_GF", flag::NO_REFERENCE_GOLDEN),
        ("VP8_EFLAG_NO_REF_ARF", flag::NO_REFERENCE_ALTREF),
        ("VP8_EFLAG_NO_UPD_LAST", flag::NO_UPDATE_LAST),
        ("VP8_EFLAG_NO_UPD_GF", flag::NO_UPDATE_GOLDEN),
        ("VP8_EFLAG_NO_UPD_ARF", flag::NO_UPDATE_ALTREF),
        ("VP8_EFLAG_NO_UPD_ENTROPY", flag::NO_UPDATE_ENTROPY),
    ] {
        #[allow(clippy::useless_conversion, reason = "32 bits on Windows")]
        add(name.into(), i64::from(value));
    }
    add("VPX_ERROR_RESILIENT_DEFAULT".into(), abi::ERROR_RESILIENT.into());
    add("VPX_DL_REALTIME".into(), i64::try_from(abi::REALTIME).unwrap());
    add("VPX_CODEC_ABI_VERSION".into(), 9);
    add("VPX_IMAGE_ABI_VERSION".into(), 5);
    all
}

/// Runs a C program that prints each expression on a line. None, said loudly, without compiler or headers.
fn ask_c(expressions: &[String]) -> Option<Vec<i64>> {
    let folder = std::env::temp_dir().join(format!("rendercast-vpx-abi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, program) = (folder.join("abi.c"), folder.join("abi"));
    let mut text = String::from(
        "#include <stddef.h>\n#include <stdio.h>\n#include <vpx/vpx_encoder.h>\n#include <vpx/vp8cx.h>\nint main(void) {\n",
    );
    for expression in expressions {
        writeln!(text, "  printf(\"%lld\\n\", (long long)({expression}));").unwrap();
    }
    std::fs::write(&source, text + "  return 0;\n}\n").unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    // Optimised, so that the headers' unused inline functions ask for no library. CPATH may name another version's headers.
    let compiled = Command::new(compiler).arg("-O2").arg(&source).arg("-o").arg(&program).output();
    let said = match compiled {
        Ok(output) if output.status.success() => {
            let output = Command::new(&program).output().unwrap();
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(errors.contains("vpx_encoder.h"), "{errors}");
            eprintln!("SKIPPED: no headers of libvpx (libvpx-dev) here");
            None
        }
        Err(error) => {
            eprintln!("SKIPPED: no C compiler: {error}");
            None
        }
    };
    std::fs::remove_dir_all(&folder).unwrap();
    said.map(|said| said.lines().map(|line| line.parse().unwrap()).collect())
}

#[test]
fn declarations_are_those_of_the_systems_headers() {
    let expected = expected();
    let mut expressions: Vec<String> = expected.iter().map(|(expression, _)| expression.clone()).collect();
    let sizes = ["sizeof(vpx_codec_enc_cfg_t)", "sizeof(vpx_image_t)", "sizeof(vpx_codec_ctx_t)"];
    expressions.extend(sizes.map(String::from));
    expressions.push("VPX_ENCODER_ABI_VERSION".into());
    let Some(said) = ask_c(&expressions) else { return };
    for ((expression, value), said) in expected.iter().zip(&said) {
        assert_eq!(value, said, "{expression}");
    }
    let room = [size_of::<Config>(), size_of::<Image>(), size_of::<abi::Context>()];
    for ((size, room), name) in said[expected.len()..].iter().zip(room).zip(sizes) {
        assert!(*size <= room as i64, "{name} is {size}, with room for {room}");
    }
    let version = *said.last().unwrap();
    eprintln!("the headers are of interface version {version}");
    assert!(ABI_VERSIONS.contains(&i32::try_from(version).unwrap()), "{version} is none of {ABI_VERSIONS:?}");
}
