//! Every decoder of this build against our own encoders.

use std::sync::Arc;

use super::*;
use crate::encode::select::Selector;
use crate::encode::{EncoderSettings, Plane, YuvFrame};
use crate::units::Bitrate;

const SIZE: Size = Size::new(160, 90);

fn decoders() -> Vec<Box<dyn VideoDecoder>> {
    let mut all: Vec<Box<dyn VideoDecoder>> = Vec::new();
    #[cfg(feature = "webrtc")]
    all.push(Box::new(openh264::OpenH264::open().unwrap()));
    #[cfg(feature = "webrtc")]
    match vpx::Vp8::open() {
        Ok(decoder) => all.push(Box::new(decoder)),
        Err(reason) => eprintln!("SKIPPED: {reason}"),
    }
    #[cfg(feature = "ffmpeg")]
    for codec in select::CODECS {
        all.push(Box::new(ffmpeg::FfmpegDecoder::open(codec).unwrap()));
    }
    all
}

/// One colour in each plane.
fn plain(size: Size, colour: [u8; 3]) -> Arc<YuvFrame> {
    let mut frame = YuvFrame::black(size);
    for (plane, value) in colour.into_iter().enumerate() {
        let length = frame.planes[plane].len();
        frame.planes[plane] = Plane::from(vec![value; length]);
    }
    Arc::new(frame)
}

/// One frame for each colour, the first a keyframe.
fn encoded(codec: Codec, size: Size, colours: &[[u8; 3]]) -> Option<Vec<Vec<u8>>> {
    let settings = EncoderSettings { size, fps: 30, bitrate: Bitrate::from_kbps(2_000), intra_refresh: false };
    let selector = Selector::new(if codec == Codec::H264 { "openh264" } else { "vpx_vp8" }).unwrap();
    let Ok((mut encoder, _)) = selector.open(codec, settings) else {
        eprintln!("SKIPPED: no encoder for {codec:?}");
        return None;
    };
    let frame = |colour: &[u8; 3]| encoder.encode(&plain(size, *colour), false).unwrap().unwrap().data.to_vec();
    Some(colours.iter().map(frame).collect())
}

#[test]
fn every_decoder_shows_each_picture_at_once_in_its_colours() {
    let colours = [[81, 90, 240], [145, 54, 34], [41, 240, 110]];
    for mut decoder in decoders() {
        let Some(frames) = encoded(decoder.codec(), SIZE, &colours) else { continue };
        for (frame, colour) in frames.iter().zip(colours) {
            let mut shown = 0;
            decoder
                .decode(frame, &mut |picture| {
                    shown += 1;
                    assert_eq!(picture.size, SIZE);
                    let middle =
                        |plane: usize, x: usize, y: usize| picture.planes[plane][y * picture.strides[plane] + x];
                    let told = [middle(0, 80, 45), middle(1, 40, 22), middle(2, 40, 22)];
                    for (told, sent) in told.into_iter().zip(colour) {
                        assert!(told.abs_diff(sent) <= 6, "{told} for {sent}");
                    }
                    assert_eq!(picture.matrix, picture_matrix(frame));
                })
                .unwrap();
            assert_eq!(shown, 1);
        }
        fn picture_matrix(frame: &[u8]) -> Matrix {
            // Our H.264 says what it is; VP8 cannot.
            if frame.starts_with(&[0, 0, 0, 1]) || frame.starts_with(&[0, 0, 1]) {
                Matrix::Bt709
            } else {
                Matrix::Bt601
            }
        }
    }
}

#[test]
fn what_is_no_frame_is_refused_and_the_next_keyframe_is_shown() {
    for mut decoder in decoders() {
        let Some(frames) = encoded(decoder.codec(), SIZE, &[[81, 90, 240]]) else { continue };
        let mut seed = 7u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as u8
        };
        for length in [1, 5, 40, 400] {
            let mut junk: Vec<u8> = (0..length).map(|_| random()).collect();
            let _ = decoder.decode(&junk, &mut |picture| assert!(picture.is_complete()));
            // A frame that was hit on its way.
            junk = frames[0].clone();
            let middle = junk.len() / 2;
            junk.truncate(middle.max(length.min(junk.len())));
            let _ = decoder.decode(&junk, &mut |picture| assert!(picture.is_complete()));
        }
        let mut shown = 0;
        let name = decoder.name();
        let decoded = decoder.decode(&frames[0], &mut |_| shown += 1);
        assert!(decoded.is_ok() && shown == 1, "{name}: {decoded:?}");
    }
}

#[test]
fn a_few_bytes_that_promise_an_enormous_picture_are_refused() {
    for mut decoder in decoders().into_iter().filter(|decoder| decoder.codec() == Codec::Vp8) {
        let mut frame = select::proof_of(Codec::Vp8).to_vec();
        assert_eq!(frame[6..10], [64, 0, 64, 0]);
        frame[6..10].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
        assert!(decoder.decode(&frame, &mut |_| panic!("it was shown")).is_err(), "{}", decoder.name());
    }
}

#[test]
fn the_decoders_of_this_build_are_proved() {
    let has_h264 = cfg!(any(feature = "webrtc", feature = "ffmpeg"));
    assert_eq!(select::working().contains(&Codec::H264), has_h264);
    for decoder in decoders() {
        assert!(select::working().contains(&decoder.codec()), "{}", decoder.name());
    }
}

#[cfg(feature = "webrtc")]
mod sound {
    use crate::audio::resample::CHUNK_FRAMES;
    use crate::decode::opus::{Input, OpusDecoder, OpusError};
    use crate::encode::opus::{OpusEncoder, OpusSettings};

    /// 10 ms of 1 kHz on both channels.
    fn tone(n: usize) -> Vec<f32> {
        let sample = |i: usize| (std::f32::consts::TAU * 1_000.0 * i as f32 / 48_000.0).sin() * 0.5;
        (n * CHUNK_FRAMES..(n + 1) * CHUNK_FRAMES).flat_map(|i| [sample(i); 2]).collect()
    }

    fn energy(samples: &[f32]) -> f32 {
        samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
    }

    #[test]
    fn a_tone_is_heard_in_one_channel_and_in_two_and_over_a_lost_packet() {
        for channels in [1, 2] {
            let mut encoder = OpusEncoder::new(OpusSettings::default()).unwrap();
            let mut decoder = OpusDecoder::new(channels).unwrap();
            let mut out = Vec::new();
            for n in 0..20 {
                let packet = encoder.encode(&tone(n)).unwrap();
                match n {
                    15 => decoder.decode(Input::Lost(480), &mut out).unwrap(),
                    _ => decoder.decode(Input::Packet(&packet), &mut out).unwrap(),
                }
                assert_eq!(out.len(), CHUNK_FRAMES * channels as usize);
                assert!(n < 2 || (0.05..0.2).contains(&energy(&out)), "{n}: {}", energy(&out));
            }
        }
    }

    #[test]
    fn junk_is_refused_or_decoded_and_never_beyond_full_scale() {
        let mut decoder = OpusDecoder::new(2).unwrap();
        let mut out = Vec::new();
        for first in 0..=255u8 {
            let _ = decoder.decode(Input::Packet(&[first, 3, 200, 77, 9, first]), &mut out);
            assert!(out.iter().all(|sample| (-1.0..=1.0).contains(sample)));
            let _ = decoder.decode(Input::Before(&[first], u32::MAX), &mut out);
        }
        assert_eq!(OpusDecoder::new(3).unwrap_err(), OpusError::Channels(3));
    }
}
