use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::audio::block::BlockPool;

const MS: u64 = 1_000_000;

struct Source {
    pool: BlockPool,
    rate: u32,
    channels: u32,
    /// Frames made so far: the phase of the tone.
    frames: usize,
    hz: f64,
}

impl Source {
    fn tone(rate: u32, channels: u32, hz: f64) -> Self {
        Self { pool: BlockPool::new(4), rate, channels, frames: 0, hz }
    }

    /// The next `frames` of half-scale sine on every channel.
    fn block(&mut self, frames: usize, host_time: u64) -> AudioBlock {
        let sample = |i: usize| (0.5 * (TAU * self.hz * i as f64 / f64::from(self.rate)).sin()) as f32;
        let samples: Vec<f32> = (self.frames..self.frames + frames)
            .flat_map(|i| std::iter::repeat_n(sample(i), self.channels as usize))
            .collect();
        self.frames += frames;
        self.pool.block(&samples, self.rate, self.channels, host_time, Nanos(host_time + 1))
    }
}

/// Pushes seconds of tone in blocks of `block` frames with exact stamps from `start`.
fn run(resampler: &mut Resampler, source: &mut Source, seconds: f64, block: usize, start: u64) -> Vec<AudioChunk> {
    let mut out = Vec::new();
    let mut pushed = 0;
    while (pushed as f64) < seconds * f64::from(source.rate) {
        let host_time = start + (pushed as u128 * 1_000_000_000 / u128::from(source.rate)) as u64;
        resampler.push(&source.block(block, host_time), &mut out).unwrap();
        pushed += block;
    }
    out
}

fn left(chunks: &[AudioChunk]) -> Vec<f64> {
    chunks.iter().flat_map(|c| c.samples.iter().step_by(2)).map(|s| f64::from(*s)).collect()
}

/// Amplitude and phase of one frequency at 48 kHz.
fn correlate(samples: &[f64], hz: f64) -> (f64, f64) {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, s) in samples.iter().enumerate() {
        let angle = TAU * hz * i as f64 / 48_000.0;
        re += s * angle.sin();
        im += s * angle.cos();
    }
    (2.0 * re.hypot(im) / samples.len() as f64, im.atan2(re))
}

#[test]
fn every_rate_keeps_tone_level_and_phase() {
    for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000] {
        let mut resampler = Resampler::new();
        let mut source = Source::tone(rate, 2, 1_000.0);
        let start = 5_000 * MS;
        let chunks = run(&mut resampler, &mut source, 0.6, rate as usize / 100, start);
        assert!(chunks.len() >= 58, "{rate}: {} chunks", chunks.len());
        // From the 10th chunk on the filter has settled; its host time says which part of the tone it is.
        let tail = left(&chunks[10..58]);
        let (amplitude, phase) = correlate(&tail, 1_000.0);
        assert!((amplitude - 0.5).abs() < 0.002, "{rate}: {amplitude}");
        let residue: f64 = tail.iter().enumerate().fold(0.0f64, |worst, (i, s)| {
            worst.max((s - amplitude * (TAU * 1_000.0 * i as f64 / 48_000.0 + phase).sin()).abs())
        });
        assert!(residue < 0.002, "{rate}: distortion {residue}");
        let seconds = (chunks[10].host_time - start) as f64 / 1e9;
        let off = (phase - TAU * 1_000.0 * seconds + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
        assert!(off.abs() < 0.15, "{rate}: the host time is {} us off", off / TAU * 1_000.0);
    }
}

#[test]
fn forty_eight_kilohertz_passes_untouched() {
    let mut resampler = Resampler::new();
    let mut source = Source::tone(48_000, 2, 440.0);
    let blocks: Vec<AudioBlock> = (0..3).map(|i| source.block(512, i * 512 * 1_000_000_000 / 48_000)).collect();
    let mut out = Vec::new();
    blocks.iter().for_each(|b| resampler.push(b, &mut out).unwrap());
    let expected: Vec<f32> = blocks.iter().flat_map(|b| b.samples.clone()).collect();
    let got: Vec<f32> = out.iter().flat_map(|c| c.samples).collect();
    assert_eq!(got, expected[..3 * 960]);
    assert_eq!(out.iter().map(|c| c.host_time).collect::<Vec<_>>(), [0, 10 * MS, 20 * MS]);
    assert_eq!(out[2].pushed_at, blocks[2].pushed_at);
}

#[test]
fn frequencies_above_the_output_do_not_alias() {
    let mut source = Source::tone(96_000, 1, 30_000.0);
    let chunks = run(&mut Resampler::new(), &mut source, 0.3, 960, 0);
    let peak = left(&chunks[5..]).iter().fold(0.0f64, |p, s| p.max(s.abs()));
    assert!(peak < 0.001, "{peak}");
}

#[test]
fn a_chunk_leaves_within_two_milliseconds_of_its_sound() {
    for rate in [16_000, 44_100, 48_000, 96_000] {
        let mut resampler = Resampler::new();
        let mut source = Source::tone(rate, 2, 440.0);
        let mut out = Vec::new();
        let frames = rate as usize / 1_000;
        for ms in 0..100 {
            resampler.push(&source.block(frames, ms * MS), &mut out).unwrap();
        }
        let ended = out.last().unwrap().host_time + 10 * MS;
        let pushed = (frames * 100) as u64 * 1_000_000_000 / u64::from(rate);
        assert!(pushed < ended + 12 * MS, "{rate}: sound to {pushed} in, to {ended} out");
    }
}

#[test]
fn host_times_follow_the_samples_not_the_jitter() {
    let mut resampler = Resampler::new();
    let mut source = Source::tone(48_000, 2, 440.0);
    let mut out = Vec::new();
    for i in 0..100u64 {
        let jitter = [0, 60, 5, 90, 30][i as usize % 5] * MS;
        resampler.push(&source.block(960, 1_000 * MS + i * 20 * MS + jitter), &mut out).unwrap();
    }
    assert_eq!(out.len(), 200);
    assert!(out.iter().enumerate().all(|(i, c)| c.host_time == 1_000 * MS + i as u64 * 10 * MS));
}

#[test]
fn a_gap_moves_the_timeline_and_ends_the_started_chunk_in_silence() {
    for rate in [44_100, 48_000] {
        let mut resampler = Resampler::new();
        let mut source = Source::tone(rate, 2, 440.0);
        let mut out = Vec::new();
        let frames = rate as usize / 100 + 100;
        resampler.push(&source.block(frames, 0), &mut out).unwrap();
        let before = out.len();
        resampler.push(&source.block(frames * 2, 500 * MS), &mut out).unwrap();
        let cut = &out[before];
        assert!(cut.host_time < 20 * MS && cut.samples[..100].iter().any(|s| *s != 0.0), "{rate}");
        assert!(cut.samples[600..].iter().all(|s| s.abs() < 1e-3), "{rate}");
        let after = out[before + 1].host_time;
        assert!((498 * MS..=500 * MS).contains(&after), "{rate}: {after}");
        assert_eq!(out[before + 2].host_time, after + 10 * MS);
    }
}

#[test]
fn nothing_from_before_a_gap_is_heard_after_it() {
    for rate in [44_100, 48_000] {
        for extra in (0..480).step_by(7) {
            let mut resampler = Resampler::new();
            let mut out = Vec::new();
            resampler.push(&Source::tone(rate, 2, 3_000.0).block(480 + extra, 0), &mut out).unwrap();
            let silence = BlockPool::new(1).block(&[0.0; 3_000], rate, 2, 500 * MS, Nanos(0));
            resampler.push(&silence, &mut out).unwrap();
            let after: Vec<_> = out.iter().filter(|c| c.host_time > 400 * MS).collect();
            assert!(after.len() >= 2 && after.iter().all(|c| c.samples == [0.0; 960]), "{rate} Hz, {extra}");
        }
    }
}

#[test]
fn blocks_lost_a_few_at_a_time_are_made_up_for_in_the_end() {
    let mut resampler = Resampler::new();
    let mut source = Source::tone(48_000, 2, 440.0);
    let mut out = Vec::new();
    for i in 0..100u64 {
        if i % 10 != 3 {
            resampler.push(&source.block(960, i * 20 * MS), &mut out).unwrap();
        }
    }
    // 200 ms were lost; less than the threshold is still owed.
    assert!(out.last().unwrap().host_time >= 1_990 * MS - 100 * MS);
}

#[test]
fn time_going_back_never_makes_chunks_go_back() {
    let mut resampler = Resampler::new();
    let mut source = Source::tone(44_100, 2, 440.0);
    let mut out = Vec::new();
    let hour = 3_600_000 * MS;
    for i in 0..50 {
        resampler.push(&source.block(441, hour + i * 10 * MS), &mut out).unwrap();
    }
    let before = out.last().unwrap().host_time;
    // The clock was replaced: time goes on, and gaps are still seen.
    for i in (0..50).chain(100..150) {
        resampler.push(&source.block(441, i * 10 * MS), &mut out).unwrap();
    }
    assert!(out.windows(2).all(|w| w[1].host_time >= w[0].host_time + 10 * MS));
    let passed = out.last().unwrap().host_time - before;
    assert!((1_480 * MS..1_520 * MS).contains(&passed), "{passed}");
    // It comes back: so do the times, without a jump of an hour.
    for i in 0..50 {
        resampler.push(&source.block(441, hour + (250 + i) * 10 * MS), &mut out).unwrap();
    }
    let end = out.last().unwrap().host_time;
    assert!((hour + 2_970 * MS..hour + 3_000 * MS).contains(&end), "{}", end - hour);
}

#[test]
fn stamps_that_stand_still_do_not_stop_the_sound() {
    let mut resampler = Resampler::new();
    let mut source = Source::tone(48_000, 2, 440.0);
    let mut out = Vec::new();
    for _ in 0..1_000 {
        resampler.push(&source.block(480, 0), &mut out).unwrap();
    }
    assert_eq!(out.last().unwrap().host_time, 9_990 * MS);
}

#[test]
fn rate_and_channels_may_change_at_any_block() {
    let mut resampler = Resampler::new();
    let mut out = Vec::new();
    let (mut time, mut frames_48k) = (0u64, 0.0);
    for (rate, channels) in [(48_000, 2), (44_100, 2), (44_100, 6), (8_000, 1), (192_000, 8), (48_000, 3), (22_050, 2)]
    {
        let mut source = Source::tone(rate, channels, 300.0);
        for _ in 0..20 {
            resampler.push(&source.block(rate as usize / 100, time), &mut out).unwrap();
            time += 10 * MS;
            frames_48k += 480.0;
        }
    }
    assert!(out.windows(2).all(|w| w[1].host_time >= w[0].host_time + 10 * MS));
    // Each of the five changes of rate may lose what was pending.
    assert!(out.len() as f64 * 480.0 > frames_48k - 6.0 * 600.0, "{} chunks", out.len());
    assert!(out.iter().flat_map(|c| c.samples).all(|s| (-1.0..=1.0).contains(&s)));
}

#[test]
fn a_rate_out_of_range_is_an_error_and_the_next_block_plays() {
    let mut resampler = Resampler::new();
    let mut out = Vec::new();
    for rate in [0, 7_999, 192_001, u32::MAX] {
        let block = BlockPool::new(1).block(&[0.5; 1_000], rate, 2, 0, Nanos(0));
        assert!(matches!(resampler.push(&block, &mut out), Err(ResampleError::Rate(r, _)) if r == rate));
    }
    assert!(out.is_empty());
    resampler.push(&Source::tone(48_000, 2, 440.0).block(480, 0), &mut out).unwrap();
    assert_eq!(out.len(), 1);
}

#[test]
fn a_day_of_44100_does_not_drift() {
    let mut timeline = Timeline::default();
    timeline.restart(44_100, 0.001);
    timeline.jump(0);
    for _ in 0..86_400 {
        timeline.add(44_100);
    }
    assert!(!timeline.follow(86_400_000 * MS));
    assert!(!timeline.follow(86_400_000 * MS + super::super::timeline::GAP_NS));
    assert!(timeline.follow(86_400_000 * MS + super::super::timeline::GAP_NS + 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_blocks_give_ordered_chunks_within_range(
        blocks in proptest::collection::vec(
            (prop::sample::select(vec![8_000u32, 44_100, 48_000, 96_000, 192_000]), 1u32..=8, 0usize..2_000, 0u64..10_000_000_000),
            1..20,
        ),
    ) {
        let pool = BlockPool::new(1);
        let mut resampler = Resampler::new();
        let mut out = Vec::new();
        for (rate, channels, frames, host_time) in blocks {
            let samples: Vec<f32> = (0..frames * channels as usize)
                .map(|i| [1.0, -1.0, f32::NAN, 3e38, f32::NEG_INFINITY, 0.1][i % 6])
                .collect();
            resampler.push(&pool.block(&samples, rate, channels, host_time, Nanos(0)), &mut out).unwrap();
            prop_assert!(resampler.pending.len() <= 2 * 4_000);
        }
        prop_assert!(out.iter().flat_map(|c| c.samples).all(|s| (-1.0..=1.0).contains(&s)));
        prop_assert!(out.windows(2).all(|w| w[1].host_time >= w[0].host_time + CHUNK_NS));
    }
}
