//! Rates and temporal layers of libvpx and libaom. Skipped, loudly, where one is not there.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use super::*;
use crate::encode::temporal::MOST;
use crate::encode::tests::picture::{game, moving_noise};
use crate::encode::{Codec, EncodedFrame};
use crate::units::{Bitrate, Size};

const SIZE: Size = Size::new(640, 360);

/// Those with temporal layers.
const LAYERED: [&Spec; 2] = [&vpx::options::ENCODERS[0], &aom::options::ENCODERS[0]];

fn open(spec: &'static Spec, kbps: u64, layers: u8) -> Option<Box<dyn VideoEncoder>> {
    let settings = EncoderSettings { size: SIZE, fps: 30, bitrate: Bitrate::from_kbps(kbps), intra_refresh: false };
    let opened: Result<Box<dyn VideoEncoder>, _> = match spec.codec {
        Codec::Av1 => Encoder::<Aom>::open(spec, settings).map(|encoder| Box::new(encoder) as _),
        _ => Encoder::<Vpx>::open(spec, settings).map(|encoder| Box::new(encoder) as _),
    };
    match opened {
        Ok(mut encoder) => {
            assert_eq!(encoder.set_temporal_layers(layers).unwrap(), layers.min(spec.temporal_layers));
            Some(encoder)
        }
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            None
        }
    }
}

/// Drawn once: drawing takes longer than encoding.
fn picture(n: u32) -> &'static Arc<YuvFrame> {
    static PICTURES: LazyLock<Vec<Arc<YuvFrame>>> =
        LazyLock::new(|| (0..60).map(|n| Arc::new(moving_noise(SIZE, n))).collect());
    &PICTURES[(n % 60) as usize]
}

fn run(encoder: &mut dyn VideoEncoder, frames: Range<u32>) -> Vec<EncodedFrame> {
    frames.map(|n| encoder.encode(picture(n), false).unwrap().unwrap()).collect()
}

fn kbps<'a>(frames: impl IntoIterator<Item = &'a EncodedFrame>, seconds: f64) -> f64 {
    frames.into_iter().map(|frame| frame.data.len()).sum::<usize>() as f64 * 8.0 / 1000.0 / seconds
}

#[test]
fn the_rate_goes_from_two_to_six_mbit_and_back_without_a_keyframe() {
    for spec in vpx::options::ENCODERS.iter().chain(aom::options::ENCODERS) {
        for layers in 1..=spec.temporal_layers {
            let Some(mut encoder) = open(spec, 2_000, layers) else { continue };
            let mut at = 0;
            for wanted in [2_000, 6_000, 2_000] {
                encoder.set_rate(Bitrate::from_kbps(wanted), 30).unwrap();
                let frames = run(&mut *encoder, at..at + 60);
                let [first, rest] = [kbps(&frames[..10], 1.0 / 3.0), kbps(&frames[10..], 50.0 / 30.0)];
                eprintln!("{} {layers}: {wanted} kbit/s: {first:.0} in the first 10 frames, then {rest:.0}", spec.name);
                let keyframes: Vec<_> = (0..60).filter(|n| frames[*n].keyframe).collect();
                assert_eq!(keyframes, if at == 0 { vec![0] } else { vec![] }, "{} {layers}", spec.name);
                let wanted = wanted as f64;
                assert!((wanted * 0.8..wanted * 1.15).contains(&rest), "{} {layers}: {rest}", spec.name);
                at += 60;
            }
        }
    }
}

#[test]
fn each_layer_has_its_share_of_the_rate() {
    for spec in LAYERED {
        for (layers, shares) in [(2, &[0.6, 1.0][..]), (3, &[0.4, 0.6, 1.0])] {
            let Some(mut encoder) = open(spec, 2_000, layers) else { continue };
            let frames = run(&mut *encoder, 0..152);
            for (id, share) in (0..layers).zip(shares) {
                let upto = frames[32..].iter().filter(|frame| frame.temporal.unwrap().id <= id);
                let got = kbps(upto, 4.0);
                eprintln!("{}, {layers} layers: up to {id}: {got:.0} kbit/s of 2000", spec.name);
                assert!((share * 2_000.0 * 0.8..share * 2_000.0 * 1.2).contains(&got), "{} {id}: {got}", spec.name);
            }
        }
    }
}

#[test]
fn keyframes_belong_to_the_base_layer_and_one_layer_says_nothing_of_layers() {
    for spec in LAYERED {
        let Some(mut encoder) = open(spec, 1_000, 1) else { continue };
        assert!(run(&mut *encoder, 0..3).iter().all(|frame| frame.temporal.is_none()));
        let Some(mut encoder) = open(spec, 1_000, MOST) else { continue };
        for n in 0..12 {
            let asked = n == 6;
            let out = encoder.encode(picture(n), asked).unwrap().unwrap();
            assert_eq!(out.keyframe, n == 0 || asked);
            let place = (if n < 6 { n } else { n - 6 } % 4) as usize;
            assert_eq!(out.temporal.unwrap().id, [0, 2, 1, 2][place], "{} frame {n}", spec.name);
        }
        assert_eq!(encoder.set_temporal_layers(1).unwrap(), MOST, "too late");
    }
}

#[test]
fn a_picture_that_needs_less_than_the_rate_does_not_take_it() {
    let Some(mut encoder) = open(&aom::options::ENCODERS[0], 4_000, 1) else { return };
    let frames: Vec<_> = (0..45).map(|n| encoder.encode(&Arc::new(game(SIZE, n)), false).unwrap().unwrap()).collect();
    let got = kbps(&frames[15..], 1.0);
    eprintln!("{got:.0} kbit/s of 4000");
    assert!(got < 3_300.0, "{got}");
}

/// A library that has libaom's functions, is of `version` and speaks no interface version that is known here.
#[cfg(target_os = "linux")]
fn other_libaom(version: &str) -> Option<Result<Library<Aom>, String>> {
    const FUNCTIONS: [&str; 7] =
        ["enc_config_set", "control", "encode", "get_cx_data", "destroy", "err_to_string", "error_detail"];
    let folder = std::env::temp_dir().join(format!("rendercast-other-aom-{version}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, file) = (folder.join("aom.c"), folder.join("libother.so"));
    let mut text: String = FUNCTIONS.map(|name| format!("void *aom_codec_{name}(void) {{ return 0; }}\n")).concat();
    text += "static int interface;\nvoid *aom_codec_av1_cx(void) { return &interface; }\n";
    text += "int aom_codec_enc_config_default(void) { return 0; }\nint aom_codec_enc_init_ver(void) { return 3; }\n";
    text += &format!("int aom_codec_version(void) {{ return {version}; }}\n");
    text += "const char *aom_codec_version_str(void) { return \"other\"; }\n";
    std::fs::write(&source, text).unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let made = std::process::Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(&file).arg(&source).output();
    let library = made.is_ok_and(|made| made.status.success()).then(|| Library::open(&[file.to_str().unwrap()]));
    if library.is_none() {
        eprintln!("SKIPPED: no C compiler");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    library
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_of_another_version_or_interface_is_refused_in_words() {
    assert_eq!(Library::<Aom>::open(&["no-such-file.so"]).err().unwrap(), "no no-such-file.so");
    let Some(newer) = other_libaom("0x40000") else { return };
    assert_eq!(newer.err().unwrap(), "libaom other is here, and only 3 is known");
    let other: &'static _ = Box::leak(Box::new(other_libaom("0x30f00").unwrap().unwrap()));
    let settings = EncoderSettings { size: SIZE, fps: 30, bitrate: Bitrate::from_kbps(500), intra_refresh: false };
    let refused = Open::<Aom>::new(other, &aom::options::ENCODERS[0], settings, 1).err().unwrap();
    assert_eq!(refused, "libaom other speaks none of the interface versions 29..=29");
}
