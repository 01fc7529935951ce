//! Every software encoder of this build, held to the same promises. One that this FFmpeg lacks is skipped, loudly.

#[cfg(feature = "ffmpeg")]
pub(super) mod decode;
#[cfg(feature = "ffmpeg")]
mod keyframes;
pub(super) mod picture;
#[cfg(feature = "ffmpeg")]
mod temporal;

use std::sync::Arc;

use self::picture::{color_bars, moving_noise};
use super::bitstream::{h264_start, nal_units};
use super::select::{Selector, built_in};
use super::{Codec, EncodeError, EncodedFrame, EncoderSettings, RateChange, VideoEncoder, YuvFrame};
use crate::units::{Bitrate, Size};

const SOFTWARE: [&str; 8] =
    ["openh264", "libx264", "vpx_vp8", "vpx_vp9", "aom_av1", "libvpx", "libvpx-vp9", "libaom-av1"];
const SMALL: Size = Size::new(320, 180);

fn settings(size: Size, kbps: u64) -> EncoderSettings {
    EncoderSettings { size, fps: 30, bitrate: Bitrate::from_kbps(kbps), intra_refresh: false }
}

fn open(name: &str, settings: EncoderSettings) -> Option<Box<dyn VideoEncoder>> {
    let Some(candidate) = built_in().into_iter().find(|candidate| candidate.name() == name) else {
        eprintln!("SKIPPED: {name} is not in this build");
        return None;
    };
    match candidate.open(settings) {
        Ok(encoder) => Some(encoder),
        Err(EncodeError::Unavailable { reason, .. }) if reason == "not in this FFmpeg" => {
            eprintln!("SKIPPED: {name} is not in this FFmpeg");
            None
        }
        Err(EncodeError::Unavailable { reason, .. }) if reason.starts_with("no lib") => {
            eprintln!("SKIPPED: {name}: {reason}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn for_each(settings: EncoderSettings, mut check: impl FnMut(&'static str, Box<dyn VideoEncoder>)) {
    for name in SOFTWARE {
        if let Some(encoder) = open(name, settings) {
            check(name, encoder);
        }
    }
}

/// libvpx or libaom without FFmpeg between.
fn by_the_library_itself(name: &str) -> bool {
    name.starts_with("vpx_") || name.starts_with("aom_")
}

fn encode(encoder: &mut dyn VideoEncoder, frame: &Arc<YuvFrame>, keyframe: bool) -> EncodedFrame {
    encoder.encode(frame, keyframe).unwrap().unwrap_or_else(|| panic!("{} gave nothing", encoder.name()))
}

/// Encodes frames `from..to` of moving noise; returns them.
fn run(encoder: &mut dyn VideoEncoder, frames: std::ops::Range<u32>) -> Vec<EncodedFrame> {
    let size = encoder.settings().size;
    frames.map(|n| encode(encoder, &Arc::new(moving_noise(size, n)), false)).collect()
}

fn kbps(frames: &[EncodedFrame]) -> u64 {
    let bytes: usize = frames.iter().map(|frame| frame.data.len()).sum();
    bytes as u64 * 8 * 30 / frames.len() as u64 / 1000
}

#[test]
fn every_frame_comes_out_at_once_and_only_requests_make_keyframes() {
    for_each(settings(SMALL, 1_000), |name, mut encoder| {
        for n in 0..30 {
            let frame = Arc::new(moving_noise(SMALL, n));
            let out = encode(&mut *encoder, &frame, n == 12);
            assert_eq!((out.host_time, out.size, out.codec), (frame.host_time, SMALL, encoder.codec()), "{name}");
            assert_eq!(out.keyframe, n == 0 || n == 12, "{name} frame {n}");
            assert!(out.encode_ended >= out.encode_started);
            assert_eq!(Arc::strong_count(&frame), 1, "{name} keeps the picture");
        }
    });
}

#[test]
fn a_scene_change_makes_no_keyframe() {
    for_each(settings(SMALL, 1_000), |name, mut encoder| {
        let cut = |encoder: &mut dyn VideoEncoder| encode(encoder, &Arc::new(color_bars(SMALL)), false).keyframe;
        run(&mut *encoder, 0..10);
        assert!(!cut(&mut *encoder), "{name}");
        // x264 makes a keyframe of a cut only when the last one is a while ago.
        run(&mut *encoder, 11..100);
        assert!(!cut(&mut *encoder), "{name}");
        let back = run(&mut *encoder, 101..110);
        assert!(back.iter().all(|frame| !frame.keyframe), "{name}");
    });
}

#[test]
fn h264_keyframes_carry_constrained_baseline_parameter_sets() {
    for_each(settings(SMALL, 1_000), |name, mut encoder| {
        if encoder.codec() != Codec::H264 {
            return;
        }
        for n in 0..3 {
            let out = encode(&mut *encoder, &Arc::new(moving_noise(SMALL, n)), n == 2);
            let start = h264_start(&out.data);
            let key = n != 1;
            assert_eq!((start.sps, start.pps, start.idr), (key, key, key), "{name} frame {n}");
            if key {
                let sps = nal_units(&out.data).find(|unit| unit[0] & 0x1f == 7).unwrap();
                assert_eq!(sps[1], 66, "{name}: profile_idc");
                assert_eq!(sps[2] & 0x40, 0x40, "{name}: constraint_set1_flag");
            }
        }
    });
}

#[test]
fn av1_carries_no_temporal_delimiter() {
    for name in ["aom_av1", "libaom-av1"] {
        let Some(mut encoder) = open(name, settings(SMALL, 1_000)) else { continue };
        for out in run(&mut *encoder, 0..3) {
            assert_ne!(out.data[0] >> 3 & 0x0f, 2, "{name}");
        }
    }
}

#[test]
fn a_new_rate_is_followed_at_the_promised_cost() {
    let size = Size::new(640, 360);
    for_each(settings(size, 3_000), |name, mut encoder| {
        let seamless = encoder.rate_change() == RateChange::Seamless;
        assert_eq!(seamless, encoder.codec() == Codec::H264 || by_the_library_itself(name), "{name}");
        let mut check = |from: u32, wanted: u64, keyframe: bool| {
            if from > 0 {
                encoder.set_rate(Bitrate::from_kbps(wanted), 30).unwrap();
                assert_eq!(encoder.settings().bitrate, Bitrate::from_kbps(wanted), "{name}");
            }
            let frames = run(&mut *encoder, from..from + 45);
            let keyframes: Vec<bool> = frames.iter().map(|frame| frame.keyframe).collect();
            assert_eq!(keyframes[0], keyframe, "{name} at {wanted} kbit/s");
            assert!(!keyframes[1..].contains(&true), "{name} at {wanted} kbit/s");
            let got = kbps(&frames[15..]);
            assert!(
                (wanted * 65 / 100..=wanted * 130 / 100).contains(&got),
                "{name}: {got} instead of {wanted} kbit/s"
            );
        };
        check(0, 3_000, true);
        check(45, 1_000, !seamless);
        check(90, 2_500, !seamless);
    });
}

#[test]
fn a_small_change_does_not_reopen() {
    for_each(settings(SMALL, 1_000), |name, mut encoder| {
        run(&mut *encoder, 0..5);
        encoder.set_rate(Bitrate::from_kbps(1_080), 30).unwrap();
        assert!(!run(&mut *encoder, 5..7).iter().any(|frame| frame.keyframe), "{name}");
    });
}

#[test]
fn a_new_rate_before_the_first_frame_counts() {
    for_each(settings(SMALL, 3_000), |name, mut encoder| {
        encoder.set_rate(Bitrate::from_kbps(500), 30).unwrap();
        let got = kbps(&run(&mut *encoder, 0..45)[15..]);
        assert!(got < 750, "{name}: {got} kbit/s");
    });
}

#[test]
fn a_new_frame_rate_keeps_the_bits_a_second() {
    for name in ["openh264", "libx264", "vpx_vp8", "vpx_vp9", "aom_av1"] {
        let Some(mut encoder) = open(name, settings(SMALL, 1_000)) else { continue };
        run(&mut *encoder, 0..30);
        encoder.set_rate(Bitrate::from_kbps(1_000), 15).unwrap();
        let frames = run(&mut *encoder, 30..75);
        let got = kbps(&frames[15..]) / 2;
        assert!(!frames.iter().any(|frame| frame.keyframe), "{name}");
        assert!((650..=1_300).contains(&got), "{name}: {got} kbit/s at 15 frames a second");
    }
}

#[test]
fn a_picture_of_another_size_or_with_missing_rows_is_an_error() {
    for_each(settings(SMALL, 1_000), |name, mut encoder| {
        let other = Arc::new(YuvFrame::black(Size::new(640, 360)));
        assert!(matches!(encoder.encode(&other, false), Err(EncodeError::Failed { .. })), "{name}");
        let mut short = YuvFrame::black(SMALL);
        short.planes[1].to_mut().truncate(10);
        assert!(encoder.encode(&Arc::new(short), false).is_err(), "{name}");
        assert!(encode(&mut *encoder, &Arc::new(YuvFrame::black(SMALL)), false).keyframe, "{name} goes on");
    });
}

#[test]
fn the_built_in_selector_finds_software_and_refuses_hardware_in_one_line() {
    if built_in().is_empty() {
        eprintln!("SKIPPED: no encoder is in this build");
        return;
    }
    let selector = Selector::new("auto").unwrap();
    assert!(selector.available_codecs().contains(&Codec::H264));
    let (encoder, failures) = selector.open(Codec::H264, settings(Size::new(1280, 720), 6_000)).unwrap();
    eprintln!("H.264 by {}; not available: {failures:#?}", encoder.name());
    assert!(failures.iter().all(|failure| matches!(failure, EncodeError::Unavailable { .. })));
    assert!(Selector::new("no_such_encoder").unwrap_err().to_string().contains("auto"));
}

#[cfg(feature = "ffmpeg")]
mod decoded {
    use super::decode::{Decoder, decode_all};
    use super::picture::psnr;
    use super::*;

    #[test]
    fn color_bars_come_back_in_the_right_colors() {
        let size = Size::new(640, 360);
        let bars = Arc::new(color_bars(size));
        for_each(settings(size, 4_000), |name, mut encoder| {
            let frames: Vec<_> = (0..10).map(|_| encode(&mut *encoder, &bars, false)).collect();
            let pictures = decode_all(encoder.codec(), &frames);
            assert_eq!(pictures.len(), frames.len(), "{name}");
            let last = pictures.last().unwrap();
            assert_eq!(last.size, size, "{name}");
            for plane in 0..3 {
                let psnr = psnr(&bars, &last.planes, plane);
                assert!(psnr > 30.0, "{name}: plane {plane} has {psnr:.1} dB");
            }
            // VP8 has one matrix and does not say so (RFC 6386, section 9.2).
            if encoder.codec() != Codec::Vp8 {
                assert!(last.bt709_limited, "{name} does not say BT.709, limited range");
            }
        });
    }

    #[test]
    fn sizes_that_fill_no_block_are_encoded_and_cropped() {
        for size in [Size::new(16, 16), Size::new(66, 50), Size::new(130, 98), Size::new(50, 194)] {
            for_each(settings(size, 500), |name, mut encoder| {
                let frames = run(&mut *encoder, 0..4);
                let pictures = decode_all(encoder.codec(), &frames);
                assert_eq!(pictures.len(), 4, "{name} {size:?}");
                assert!(pictures.iter().all(|picture| picture.size == size), "{name} {size:?}");
            });
        }
    }

    #[test]
    fn padded_strides_do_not_show() {
        for_each(settings(SMALL, 2_000), |name, mut encoder| {
            let bars = color_bars(SMALL);
            let mut padded = YuvFrame::black(SMALL);
            for plane in 0..3 {
                let stride = bars.strides[plane] + 24;
                padded.strides[plane] = stride;
                padded.planes[plane] = bars.planes[plane]
                    .chunks(bars.strides[plane])
                    .flat_map(|row| row.iter().copied().chain([255; 24]))
                    .collect();
                assert_eq!(padded.planes[plane].len() % stride, 0);
            }
            let padded = Arc::new(padded);
            let frames: Vec<_> = (0..5).map(|_| encode(&mut *encoder, &padded, false)).collect();
            let pictures = decode_all(encoder.codec(), &frames);
            assert!(psnr(&bars, &pictures[4].planes, 0) > 30.0, "{name}");
        });
    }

    #[test]
    fn h264_decoders_need_not_wait_for_reordering() {
        for_each(settings(SMALL, 1_000), |name, mut encoder| {
            if encoder.codec() != Codec::H264 {
                return;
            }
            let mut decoder = Decoder::new(Codec::H264);
            for frame in run(&mut *encoder, 0..5) {
                assert_eq!(decoder.decode(&frame.data).len(), 1, "{name}: a picture for each frame, at once");
            }
            assert_eq!(decoder.reordered_frames(), 0, "{name}: max_num_reorder_frames");
        });
    }

    #[test]
    fn a_decoder_that_begins_at_a_requested_keyframe_sees_everything() {
        for_each(settings(SMALL, 1_500), |name, mut encoder| {
            run(&mut *encoder, 0..7);
            let frames: Vec<_> =
                (7..12).map(|n| encode(&mut *encoder, &Arc::new(moving_noise(SMALL, n)), n == 7)).collect();
            assert_eq!(decode_all(encoder.codec(), &frames).len(), 5, "{name}");
        });
    }
}
