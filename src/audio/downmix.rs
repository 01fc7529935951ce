//! Any number of channels to stereo, by Rec. ITU-R BS.775-3, annex 4 (3 dB down for what is not left or right), in
//! WAVE order: FL FR FC LFE BL BR SL SR. Pure.

use std::f32::consts::FRAC_1_SQRT_2 as H;

/// Left and right share of each channel, by number of channels. The LFE is left out, as BS.775 has it: what a small
/// loudspeaker would make of it is distortion.
const MIX: [&[(f32, f32)]; 8] = [
    &[(1.0, 1.0)],
    &[(1.0, 0.0), (0.0, 1.0)],
    &[(1.0, 0.0), (0.0, 1.0), (H, H)],
    // Four channels are quadraphonic: FL FR BL BR.
    &[(1.0, 0.0), (0.0, 1.0), (H, 0.0), (0.0, H)],
    // Five are 5.0: FL FR FC BL BR.
    &[(1.0, 0.0), (0.0, 1.0), (H, H), (H, 0.0), (0.0, H)],
    &[(1.0, 0.0), (0.0, 1.0), (H, H), (0.0, 0.0), (H, 0.0), (0.0, H)],
    // Seven are 6.1: FL FR FC LFE BC SL SR. The one at the back goes to both sides, 3 dB down again.
    &[(1.0, 0.0), (0.0, 1.0), (H, H), (0.0, 0.0), (0.5, 0.5), (H, 0.0), (0.0, H)],
    &[(1.0, 0.0), (0.0, 1.0), (H, H), (0.0, 0.0), (H, 0.0), (0.0, H), (H, 0.0), (0.0, H)],
];

/// Where the limiter of a mix of many channels begins to bend.
const KNEE: f32 = 0.8;

/// Appends a block's sound to interleaved stereo, within -1 to 1. Samples that are not finite become 0. A block of no
/// channels or of more than 8 adds nothing; an incomplete last frame is left out.
pub fn append_stereo(samples: &[f32], channels: u32, stereo: &mut Vec<f32>) {
    let Some(mix) = (channels as usize).checked_sub(1).and_then(|i| MIX.get(i)) else { return };
    let finite = |s: f32| if s.is_finite() { s } else { 0.0 };
    match samples.as_chunks::<2>() {
        (frames, _) if channels == 2 => {
            stereo.extend(frames.iter().flat_map(|frame| frame.map(|s| finite(s).clamp(-1.0, 1.0))));
        }
        _ if channels == 1 => stereo.extend(samples.iter().flat_map(|s| [finite(*s).clamp(-1.0, 1.0); 2])),
        _ => {
            for frame in samples.chunks_exact(mix.len()) {
                let (mut left, mut right) = (0.0, 0.0);
                for (sample, share) in frame.iter().zip(*mix) {
                    left += finite(*sample) * share.0;
                    right += finite(*sample) * share.1;
                }
                stereo.extend([limited(left), limited(right)]);
            }
        }
    }
}

/// Straight up to the knee, then bent so that it reaches 1 only at infinity: many loud channels saturate, not crackle.
fn limited(sample: f32) -> f32 {
    let over = sample.abs() - KNEE;
    if over <= 0.0 { sample } else { (KNEE + (1.0 - KNEE) * (over / (1.0 - KNEE)).tanh()).copysign(sample) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stereo(samples: &[f32], channels: u32) -> Vec<f32> {
        let mut out = Vec::new();
        append_stereo(samples, channels, &mut out);
        out
    }

    fn near(got: &[f32], expected: [f32; 2]) -> bool {
        got.len() == 2 && got.iter().zip(expected).all(|(g, e)| (g - e).abs() < 1e-6)
    }

    #[test]
    fn stereo_is_untouched_and_mono_goes_to_both_sides() {
        assert_eq!(stereo(&[0.25, -1.0, 0.999, 0.0], 2), [0.25, -1.0, 0.999, 0.0]);
        assert_eq!(stereo(&[0.25, -1.0], 1), [0.25, 0.25, -1.0, -1.0]);
    }

    #[test]
    fn each_channel_of_each_layout_goes_where_bs_775_sends_it() {
        let h = 0.5 * std::f32::consts::FRAC_1_SQRT_2;
        let (l, r, c, none, bl, br) = ([0.5, 0.0], [0.0, 0.5], [h, h], [0.0, 0.0], [h, 0.0], [0.0, h]);
        let layouts: [&[[f32; 2]]; 6] = [
            &[l, r, c],
            &[l, r, bl, br],
            &[l, r, c, bl, br],
            &[l, r, c, none, bl, br],
            &[l, r, c, none, [0.25, 0.25], bl, br],
            &[l, r, c, none, bl, br, bl, br],
        ];
        for layout in layouts {
            for (channel, expected) in layout.iter().enumerate() {
                let mut frame = vec![0.0; layout.len()];
                frame[channel] = 0.5;
                let got = stereo(&frame, layout.len() as u32);
                assert!(near(&got, *expected), "channel {channel} of {}: {got:?}", layout.len());
            }
        }
    }

    #[test]
    fn nothing_leaves_the_range_and_louder_stays_louder() {
        for channels in 1..=8 {
            for level in [1.0, 4.0, 1e30, f32::MAX] {
                let got = stereo(&vec![level; channels as usize], channels);
                assert!(got.iter().all(|s| (0.0..=1.0).contains(s)), "{channels} channels at {level}: {got:?}");
            }
        }
        let levels: Vec<f32> = (0..20).map(|i| stereo(&[0.05 * i as f32, 0.0, 0.05 * i as f32], 3)[0]).collect();
        assert!(levels.is_sorted() && levels[19] > levels[10]);
    }

    #[test]
    fn invalid_samples_are_silence() {
        assert_eq!(stereo(&[f32::NAN, f32::INFINITY], 2), [0.0, 0.0]);
        assert_eq!(stereo(&[f32::NEG_INFINITY], 1), [0.0, 0.0]);
        assert!(near(&stereo(&[0.5, f32::NAN, f32::NAN, 0.1, 0.0, 0.0], 6), [0.5, 0.0]));
    }

    #[test]
    fn impossible_channel_counts_add_nothing() {
        assert!(stereo(&[0.5; 18], 0).is_empty());
        assert!(stereo(&[0.5; 18], 9).is_empty());
        assert_eq!(stereo(&[0.5; 3], 2).len(), 2);
    }
}
