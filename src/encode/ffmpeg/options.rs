//! Every FFmpeg encoder this library knows, as data. One entry says everything: adding an encoder is adding an entry.
//!
//! What they share is in `context.rs`: no B frames, one endless GOP, LOW_DELAY, slice threads, BT.709 limited range,
//! parameter sets in the stream. Option names are FFmpeg's (`ffmpeg -h encoder=NAME`); one that the loaded FFmpeg does not
//! know is skipped unless it is in `essential`.

use super::spec::{Buffer, Cbr, Device, EncoderSpec, Input, Offered, Period, Refresh};
use crate::encode::threads::Threads;
use crate::encode::{Codec, RateChange};
use crate::units::Size;

/// NVENC's one-frame VBV keeps every frame within its time on the link; hardware rate control copes with it.
const ONE_FRAME: Buffer = Buffer::TenthsOfFrame(10);
const ANY_SIZE: Size = Size::new(16, 16);

const HARDWARE: EncoderSpec = EncoderSpec {
    name: "",
    codec: Codec::H264,
    offered: Offered::ByName,
    device_files: &[],
    input: Input::Nv12,
    min_size: Size::new(128, 128),
    rate_change: RateChange::Reopen,
    cbr: Cbr::Max,
    buffer: ONE_FRAME,
    threads: Threads::One,
    options: &[],
    heavy: &[],
    refresh: None,
    essential: &[],
    fallbacks: &[],
};

const SOFTWARE: EncoderSpec =
    EncoderSpec { offered: Offered::Everywhere, input: Input::I420, min_size: ANY_SIZE, ..HARDWARE };

/// In the order they are tried: hardware first.
pub const ENCODERS: &[EncoderSpec] = &[
    EncoderSpec {
        name: "h264_nvenc",
        offered: Offered::On(&["linux", "windows"]),
        // The second is NVIDIA under WSL 2.
        device_files: &["/dev/nvidiactl", "/dev/dxg"],
        min_size: Size::new(146, 50),
        // FFmpeg forces an IDR with every change (nvenc.c, `params.forceIDR`, up to 9.0).
        rate_change: RateChange::Keyframe,
        options: &[
            ("preset", "p4"),
            ("tune", "ull"),
            ("rc", "cbr"),
            ("profile", "baseline"),
            ("multipass", "qres"),
            ("delay", "0"),
            ("zerolatency", "1"),
            ("surfaces", "1"),
            ("forced-idr", "1"),
            ("cbr_padding", "0"),
            ("strict_gop", "0"),
        ],
        heavy: &[("preset", "p1"), ("multipass", "disabled")],
        refresh: Some(Refresh { options: &[("intra-refresh", "1")], period: Period::Gop }),
        essential: &["forced-idr", "delay"],
        // Presets p1 to p7 and tune need FFmpeg 4.4 with headers of SDK 10.
        fallbacks: &[&[("surfaces", "")], &[("preset", "llhp"), ("tune", ""), ("multipass", ""), ("surfaces", "")]],
        ..HARDWARE
    },
    EncoderSpec {
        name: "h264_vaapi",
        offered: Offered::On(&["linux"]),
        device_files: &["/dev/dri/renderD"],
        input: Input::Uploaded(Device::Vaapi),
        options: &[
            ("profile", "constrained_baseline"),
            ("rc_mode", "CBR"),
            ("async_depth", "1"),
            ("idr_interval", "2147483647"),
            ("sei", "0"),
            ("aud", "0"),
            ("low_power", "1"),
        ],
        // Low power encoding is a matter of the chip; some drivers have no CBR.
        fallbacks: &[
            &[("low_power", "0")],
            &[("low_power", "1"), ("rc_mode", "VBR")],
            &[("low_power", "0"), ("rc_mode", "VBR")],
        ],
        ..HARDWARE
    },
    EncoderSpec {
        name: "h264_amf",
        offered: Offered::On(&["windows", "linux"]),
        device_files: &["/dev/dri/renderD"],
        options: &[
            ("usage", "ultralowlatency"),
            ("profile", "constrained_baseline"),
            ("quality", "speed"),
            ("rc", "cbr"),
            ("latency", "1"),
            ("async_depth", "1"),
            ("forced_idr", "1"),
            ("frame_skipping", "0"),
            ("filler_data", "0"),
            ("enforce_hrd", "1"),
            ("preanalysis", "0"),
            ("header_insertion_mode", "idr"),
        ],
        // Some drivers fail with ultralowlatency (AMF issue 410).
        fallbacks: &[&[("usage", "lowlatency")], &[("usage", "lowlatency"), ("rc", "vbr_latency")]],
        ..HARDWARE
    },
    EncoderSpec {
        name: "h264_qsv",
        offered: Offered::On(&["windows", "linux"]),
        device_files: &["/dev/dri/renderD"],
        cbr: Cbr::Nearly,
        options: &[
            ("preset", "veryfast"),
            ("profile", "baseline"),
            ("async_depth", "1"),
            ("low_delay_brc", "1"),
            ("low_power", "1"),
            ("forced_idr", "1"),
            ("vcm", "1"),
            ("max_dec_frame_buffering", "1"),
            ("recovery_point_sei", "0"),
            ("pic_timing_sei", "0"),
            // Turns NAL HRD off, which would force an IDR with each change.
            ("strict", "unofficial"),
        ],
        // Type 1: columns.
        refresh: Some(Refresh { options: &[("int_ref_type", "1")], period: Period::Option("int_ref_cycle_size") }),
        essential: &["forced_idr"],
        fallbacks: &[&[("low_power", "0")], &[("low_power", "0"), ("vcm", ""), ("low_delay_brc", "")]],
        ..HARDWARE
    },
    EncoderSpec {
        // FFmpeg takes what VideoToolbox has ready and does not wait for it (videotoolboxenc.c, up to 8). Where a picture is
        // not ready within its own call, it would come out with the next one, and the encoder's proof refuses that.
        name: "h264_videotoolbox",
        offered: Offered::On(&["macos", "ios"]),
        input: Input::PixelBuffer,
        options: &[
            ("profile", "constrained_baseline"),
            ("realtime", "1"),
            ("prio_speed", "1"),
            ("allow_sw", "1"),
            ("a53cc", "0"),
        ],
        // `constrained_baseline` is younger than `baseline`. Low-latency rate control is refused by some chips.
        fallbacks: &[&[("profile", "baseline")], &[("profile", "baseline"), ("flags", "-low_delay")]],
        ..HARDWARE
    },
    EncoderSpec {
        name: "h264_mf",
        offered: Offered::On(&["windows"]),
        options: &[("hw_encoding", "1"), ("rate_control", "cbr"), ("scenario", "display_remoting")],
        ..HARDWARE
    },
    EncoderSpec { name: "h264_v4l2m2m", offered: Offered::On(&["linux"]), device_files: &["/dev/video"], ..HARDWARE },
    EncoderSpec {
        name: "libx264",
        rate_change: RateChange::Seamless,
        // Measured on noise: with 1 to 2 frames 18 to 28 % of the rate stay unused (and a decibel is lost), with 3 frames 8 %,
        // while the largest frame between keyframes grows by only a tenth. A keyframe then takes 2.7 frames' time.
        buffer: Buffer::TenthsOfFrame(30),
        threads: Threads::Slices,
        options: &[
            ("preset", "superfast"),
            ("tune", "zerolatency"),
            ("profile", "baseline"),
            ("forced-idr", "1"),
            ("sc_threshold", "0"),
            // Padding would only fill the link.
            ("nal-hrd", "none"),
        ],
        heavy: &[("preset", "ultrafast")],
        refresh: Some(Refresh { options: &[("intra-refresh", "1")], period: Period::Gop }),
        essential: &["tune", "forced-idr"],
        ..SOFTWARE
    },
    EncoderSpec {
        name: "libvpx",
        codec: Codec::Vp8,
        cbr: Cbr::MinMax,
        buffer: Buffer::Millis(150),
        threads: Threads::Spinning,
        options: &[
            ("deadline", "realtime"),
            ("cpu-used", "-8"),
            ("lag-in-frames", "0"),
            ("auto-alt-ref", "0"),
            ("error-resilient", "default"),
            ("static-thresh", "1"),
            // In percent of a frame's share: without it a keyframe takes 94 ms of the link at 6 Mbit/s, with it 39.
            ("max-intra-rate", "300"),
            ("undershoot-pct", "95"),
            ("overshoot-pct", "15"),
        ],
        heavy: &[("cpu-used", "-12")],
        essential: &["deadline", "lag-in-frames"],
        ..SOFTWARE
    },
    EncoderSpec {
        name: "libvpx-vp9",
        codec: Codec::Vp9,
        cbr: Cbr::MinMax,
        buffer: Buffer::Millis(150),
        threads: Threads::Spinning,
        options: &[
            ("deadline", "realtime"),
            // FFmpeg's largest.
            ("cpu-used", "8"),
            ("lag-in-frames", "0"),
            ("auto-alt-ref", "0"),
            ("error-resilient", "default"),
            ("row-mt", "1"),
            ("tile-columns", "1"),
            ("frame-parallel", "0"),
            ("aq-mode", "3"),
            ("static-thresh", "1"),
            ("max-intra-rate", "300"),
        ],
        essential: &["deadline", "lag-in-frames"],
        ..SOFTWARE
    },
    EncoderSpec {
        name: "libaom-av1",
        codec: Codec::Av1,
        cbr: Cbr::MinMax,
        buffer: Buffer::Millis(150),
        threads: Threads::Tiles,
        options: &[
            ("usage", "realtime"),
            ("cpu-used", "8"),
            // Past FFmpeg's largest `cpu-used`.
            ("aom-params", "cpu-used=10:max-intra-rate=300"),
            ("lag-in-frames", "0"),
            ("aq-mode", "3"),
            ("row-mt", "1"),
            ("tiles", "2x1"),
            ("auto-alt-ref", "0"),
        ],
        essential: &["usage", "lag-in-frames"],
        // Small pictures have no room for two tiles.
        fallbacks: &[&[("tiles", "")], &[("tiles", ""), ("aom-params", "")]],
        ..SOFTWARE
    },
    EncoderSpec {
        name: "libsvtav1",
        codec: Codec::Av1,
        // SVT-AV1 1.4 holds back 3 to 4 frames even without lookahead, so the proof refuses it; here for newer versions.
        offered: Offered::ByName,
        buffer: Buffer::Millis(150),
        options: &[("preset", "12"), ("svtav1-params", "pred-struct=1:rc=2:scd=0:lookahead=0")],
        ..SOFTWARE
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn essential_keys_are_set_and_names_are_unique() {
        for (i, spec) in ENCODERS.iter().enumerate() {
            for key in spec.essential {
                assert!(spec.options.iter().any(|(k, _)| k == key), "{} {key}", spec.name);
            }
            assert!(ENCODERS[..i].iter().all(|other| other.name != spec.name));
        }
    }

    #[test]
    fn only_h264_hardware_leads_and_each_system_knows_its_own() {
        let names = |os| -> Vec<_> { ENCODERS.iter().filter(|s| s.is_offered_on(os)).map(|s| s.name).collect() };
        assert_eq!(names("macos"), ["h264_videotoolbox", "libx264", "libvpx", "libvpx-vp9", "libaom-av1"]);
        assert_eq!(names("windows")[..5], ["h264_nvenc", "h264_amf", "h264_qsv", "h264_mf", "libx264"]);
        assert_eq!(names("linux")[..3], ["h264_nvenc", "h264_vaapi", "h264_amf"]);
    }

    #[test]
    fn intra_refresh_is_told_to_those_that_have_it_and_only_on_demand() {
        let able: Vec<_> = ENCODERS.iter().filter_map(|spec| Some((spec.name, spec.refresh?))).collect();
        assert_eq!(able.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["h264_nvenc", "h264_qsv", "libx264"]);
        for (name, refresh) in able {
            let spec = ENCODERS.iter().find(|spec| spec.name == name).unwrap();
            assert!(spec.options.iter().all(|(key, _)| !refresh.names(key)), "{name}");
        }
    }

    #[test]
    fn later_sets_win_and_an_empty_value_removes() {
        let nvenc = &ENCODERS[0];
        let heavy = nvenc.options_with(true, None);
        assert!(heavy.contains(&("preset", "p1")) && !heavy.contains(&("preset", "p4")));
        let old = nvenc.options_with(false, nvenc.fallbacks.last().copied());
        assert!(old.contains(&("preset", "llhp")) && old.iter().all(|(key, _)| *key != "tune"));
    }
}
