//! One frame through every encoder that works here, moving picture, paced by nothing; and how it follows a lower rate.

use std::time::Instant;

use rendercast::convert::Converter;
use rendercast::encode::select::Selector;
use rendercast::encode::{Codec, EncodedFrame, EncoderSettings};
use rendercast::frame::{FramePool, PixelFormat, VideoFrame};
use rendercast::time::Nanos;
use rendercast::units::{Bitrate, Size};

use crate::table::Row;

const FRAMES: usize = 90;
/// After the rate fell to a third: so many that may still be above it, then as many that are counted.
const FOLLOW: usize = 10;
/// Different pictures, used in turn.
const PICTURES: usize = 15;

pub fn run(rows: &mut Vec<Row>) {
    let size = Size::new(1280, 720);
    let pool = FramePool::new(1);
    let mut converter = Converter::new();
    let pictures: Vec<_> = (0..PICTURES)
        .map(|n| {
            let mut buffer = pool.acquire(PixelFormat::Rgba8, size).expect("buffer");
            let rgba = crate::picture::rgba(1280, 720, n);
            buffer.copy_plane_from(0, &rgba, 1280 * 4).expect("copy");
            converter
                .convert(&VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false }, size)
                .expect("convert")
        })
        .collect();
    for codec in Codec::ALL {
        let selector = Selector::new("auto").expect("selector");
        let settings = EncoderSettings { size, fps: 60, bitrate: Bitrate::from_kbps(6_000), intra_refresh: false };
        while let Ok((mut encoder, _)) = selector.open(codec, settings) {
            let mut times = Vec::with_capacity(FRAMES);
            let mut bytes = 0;
            for n in 0..FRAMES {
                let start = Instant::now();
                let encoded = encoder.encode(&pictures[n % PICTURES], n == 0);
                times.push(start.elapsed().as_secs_f64() * 1000.0);
                bytes += encoded.ok().flatten().map_or(0, |f| f.data.len());
            }
            let kbps = bytes * 8 * 60 / FRAMES / 1000;
            rows.push(Row::of(format!("encode {} 720p60 at 6000 kbit/s (made {kbps})", encoder.name()), "ms", times));
            let start = Instant::now();
            let told = encoder.set_rate(Bitrate::from_kbps(2_000), 60);
            let told_ms = start.elapsed().as_secs_f64() * 1000.0;
            let after: Vec<_> = (FRAMES..FRAMES + 2 * FOLLOW)
                .filter_map(|n| encoder.encode(&pictures[n % PICTURES], false).ok().flatten())
                .collect();
            let keyframes = after.iter().filter(|frame| frame.keyframe).count();
            let kbps = |frames: &[EncodedFrame]| {
                frames.iter().map(|f| f.data.len()).sum::<usize>() as f64 * 8.0 * 60.0
                    / frames.len().max(1) as f64
                    / 1e3
            };
            let (first, then) = after.split_at(FOLLOW.min(after.len()));
            let name = format!("encode {} told 2000 kbit/s ({keyframes} keyframes, {told:?})", encoder.name());
            rows.push(Row::of(format!("{name}: the telling"), "ms", vec![told_ms]));
            rows.push(Row::of(format!("{name}: first {FOLLOW} frames"), "kbit/s", vec![kbps(first)]));
            rows.push(Row::of(format!("{name}: next {FOLLOW} frames"), "kbit/s", vec![kbps(then)]));
            selector.next_after(encoder.name());
        }
    }
}
