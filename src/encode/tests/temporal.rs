//! Temporal layers: what is left out is missed by nobody, and what they cost.

use super::decode::Decoder;
use super::picture::{game, moving_noise, psnr};
use super::*;

const SIZE: Size = Size::new(640, 360);

fn layered(name: &str, kbps: u64, layers: u8) -> Option<Box<dyn VideoEncoder>> {
    let mut encoder = open(name, settings(SIZE, kbps))?;
    assert_eq!(encoder.set_temporal_layers(layers).unwrap(), layers, "{name}");
    Some(encoder)
}

/// What a viewer that gets fewer layers sees is, to the bit, what the others see of the same frames.
#[test]
fn without_its_upper_layers_a_stream_decodes_to_the_same_pictures() {
    for (name, layers) in [("vpx_vp8", 2), ("vpx_vp8", 3), ("openh264", 2), ("aom_av1", 2), ("aom_av1", 3)] {
        let Some(mut encoder) = layered(name, 1_500, layers) else { continue };
        let pictures: Vec<_> = (0..48).map(|n| Arc::new(moving_noise(SIZE, n))).collect();
        let mut frames = Vec::new();
        for n in 0..60 {
            // A new rate and a keyframe on the way, and in the end a picture where nothing moves.
            if n == 20 {
                encoder.set_rate(Bitrate::from_kbps(600), 30).unwrap();
            }
            frames.push(encode(&mut *encoder, &pictures[n.min(47)], n == 33));
        }
        let temporal: Vec<_> = frames.iter().map(|frame| frame.temporal.unwrap()).collect();
        assert!(frames.iter().zip(&temporal).all(|(frame, temporal)| !frame.keyframe || temporal.id == 0));
        assert!(temporal.iter().all(|temporal| temporal.discardable == (temporal.id == layers - 1)), "{name}");
        for most in 0..layers - 1 {
            let (mut whole, mut thinned) = (Decoder::new(encoder.codec()), Decoder::new(encoder.codec()));
            let (mut left_out, mut thin) = (0, false);
            for (n, frame) in frames.iter().enumerate() {
                let wanted = whole.decode(&frame.data).pop().unwrap();
                // From frame 12 to 40 only, so that the layers come back too: on a frame of the base, as for a viewer.
                thin = n >= 12 && (n < 40 || thin && temporal[n].id > 0);
                if temporal[n].id > most && thin {
                    left_out += 1;
                    continue;
                }
                let got = thinned.decode(&frame.data).pop().unwrap();
                assert!(got.planes == wanted.planes, "{name}: {layers} layers up to {most}, frame {n}");
            }
            assert!(left_out >= 6, "{name}: {left_out} frames left out");
        }
    }
}

#[test]
#[ignore = "a measurement: the quality that temporal layers cost at the same rate"]
fn measure_what_temporal_layers_cost() {
    let contents: [(&str, Vec<_>); 2] = [
        ("noise", (0..90).map(|n| Arc::new(moving_noise(SIZE, n))).collect()),
        ("game", (0..90).map(|n| Arc::new(game(SIZE, n))).collect()),
    ];
    for (name, most) in [("vpx_vp8", 3), ("openh264", 2), ("aom_av1", 3), ("libaom-av1", 1)] {
        for (content, pictures) in &contents {
            for target in [1_000, 1_250] {
                let mut line = format!("{name} {content} {target} kbit/s:");
                for layers in 1..=most {
                    let Some(mut encoder) = layered(name, target, layers) else { return };
                    let mut decoder = Decoder::new(encoder.codec());
                    let (mut bytes, mut db, mut base, mut worst) = (0, 0.0, 0, f64::MAX);
                    for (n, picture) in pictures.iter().enumerate() {
                        let out = encode(&mut *encoder, picture, false);
                        let decoded = decoder.decode(&out.data).pop().unwrap();
                        if n >= 30 {
                            let psnr = psnr(picture, &decoded.planes, 0);
                            (bytes, db, worst) = (bytes + out.data.len(), db + psnr / 60.0, worst.min(psnr));
                            base += if out.temporal.is_none_or(|t| t.id == 0) { out.data.len() } else { 0 };
                        }
                    }
                    let made = bytes * 8 * 30 / 60 / 1000;
                    line += &format!(" {layers}: {made} ({} % base) {db:.2} dB, worst {worst:.2};", base * 100 / bytes);
                }
                eprintln!("{line}");
            }
        }
    }
}
