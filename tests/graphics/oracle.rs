//! What a conversion must give: from `convert::Converter`, which has tests of its own, and from plain arithmetic in 64-bit
//! floating point where the CPU path has no such conversion.

#![allow(dead_code, reason = "an API uses what it needs")]

use rendercast::convert::Converter;
use rendercast::encode::YuvFrame;
use rendercast::frame::{Chroma, FramePool, PixelFormat, VideoFrame};
use rendercast::graphics::{PictureLayout, Transfer};
use rendercast::time::Nanos;
use rendercast::units::Size;

use crate::picture::{Picture, srgb_encoded};

/// Tightly packed Y, U and V.
pub struct Planes {
    /// Even in both directions.
    pub size: Size,
    pub planes: [Vec<u8>; 3],
}

/// The picture by the CPU's conversion and scaling.
pub fn converted(picture: &Picture, target: Size) -> Planes {
    let mut buffer = FramePool::new(1).acquire(PixelFormat::Rgba8, picture.size).expect("size");
    let stride = buffer.stride(0);
    let row = picture.size.width as usize * 4;
    for (to, from) in buffer.plane_mut(0).chunks_mut(stride).zip(picture.rgba.chunks_exact(row)) {
        to[..row].copy_from_slice(from);
    }
    let frame = VideoFrame { buffer, host_time: 0, pushed_at: Nanos(0), flipped: false };
    let made = Converter::new().convert(&frame, target).expect("converts");
    packed(&made)
}

fn packed(frame: &YuvFrame) -> Planes {
    let plane = |plane| frame.rows(plane).flatten().copied().collect();
    Planes { size: frame.size, planes: [plane(0), plane(1), plane(2)] }
}

/// The picture by plain arithmetic: `light` gives what the shader reads at a pixel. No scaling; odd sides are padded.
pub fn computed(size: Size, transfer: Transfer, light: impl Fn(u32, u32) -> [f64; 3]) -> Planes {
    let padded = size.padded_to_even();
    let shown = |x: u32, y: u32| encoded(light(x.min(size.width - 1), y.min(size.height - 1)), transfer);
    let luma = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let code = |v: f64| v.round() as u8;
    let mut planes = [const { Vec::new() }; 3];
    for y in 0..padded.height {
        for x in 0..padded.width {
            planes[0].push(code(16.0 + 219.0 * luma(shown(x, y))));
            if x % 2 == 1 && y % 2 == 1 {
                let block = [(x - 1, y - 1), (x, y - 1), (x - 1, y), (x, y)].map(|(x, y)| shown(x, y));
                let mean = [0, 1, 2].map(|c| block.iter().map(|p| p[c]).sum::<f64>() / 4.0);
                planes[1].push(code(128.0 + 224.0 * (mean[2] - luma(mean)) / 1.8556));
                planes[2].push(code(128.0 + 224.0 * (mean[0] - luma(mean)) / 1.5748));
            }
        }
    }
    Planes { size: padded, planes }
}

/// The picture by plain arithmetic at another size: for each axis the exact average of the area where it shrinks, bilinear
/// where it grows.
pub fn resampled(picture: &Picture, target: Size) -> Planes {
    let Size { width, height } = picture.size;
    let (across, down) = (taps(width, target.width), taps(height, target.height));
    let pixel = |x: u32, y: u32| {
        let at = (y * width + x) as usize * 4;
        [0, 1, 2].map(|c| f64::from(picture.rgba[at + c]) / 255.0)
    };
    let mut made = Vec::new();
    for rows in &down {
        for columns in &across {
            let mut sum = [0.0; 3];
            for (y, row_weight) in rows {
                for (x, weight) in columns {
                    let p = pixel(*x, *y);
                    (0..3).for_each(|c| sum[c] += p[c] * weight * row_weight);
                }
            }
            made.push(sum);
        }
    }
    computed(target, Transfer::Encoded, |x, y| made[(y * target.width + x) as usize])
}

/// What each target pixel is made of, with weights that sum to 1.
fn taps(from: u32, to: u32) -> Vec<Vec<(u32, f64)>> {
    let ratio = f64::from(from) / f64::from(to);
    let covered = |i: f64, j: f64| ((i + 1.0) * ratio).min(j + 1.0) - (i * ratio).max(j);
    let area = |i: f64| (0..from).map(move |j| (j, (covered(i, f64::from(j)) / ratio).max(0.0)));
    let bilinear = |i: f64| {
        let centre = ((i + 0.5) * ratio - 0.5).clamp(0.0, f64::from(from - 1));
        (0..from).map(move |j| (j, (1.0 - (centre - f64::from(j)).abs()).max(0.0)))
    };
    let kept = |taps: Vec<(u32, f64)>| taps.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
    match () {
        () if to == from + from % 2 => (0..to).map(|i| vec![(i.min(from - 1), 1.0)]).collect(),
        () if to < from => (0..to).map(|i| kept(area(i.into()).collect())).collect(),
        () => (0..to).map(|i| kept(bilinear(i.into()).collect())).collect(),
    }
}

fn encoded(light: [f64; 3], transfer: Transfer) -> [f64; 3] {
    let [r, g, b] = light;
    let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    match transfer {
        Transfer::Encoded => light.map(|v| v.clamp(0.0, 1.0)),
        Transfer::Linear => light.map(|v| srgb_encoded(v.clamp(0.0, 1.0))),
        Transfer::ToneMapped => {
            let scale = (1.0 + luminance / 16.0) / (1.0 + luminance);
            light.map(|v| srgb_encoded((v * scale).clamp(0.0, 1.0)))
        }
    }
}

/// What a ring gave, with U and V apart.
pub fn taken(bytes: &[u8], layout: &PictureLayout) -> Planes {
    assert_eq!(bytes.len(), layout.bytes, "all of the picture");
    let (width, height) = (layout.size.width as usize, layout.size.height as usize);
    let rows = |plane: usize, width: usize, height: usize| {
        let rows = bytes[layout.plane(plane)].chunks_exact(layout.strides[plane]).take(height);
        rows.flat_map(|row| &row[..width]).copied().collect::<Vec<u8>>()
    };
    let (u, v) = match layout.chroma {
        Chroma::Planar => (rows(1, width / 2, height / 2), rows(2, width / 2, height / 2)),
        Chroma::Interleaved => {
            let both = rows(1, width, height / 2);
            let every_other = |first| both.iter().skip(first).step_by(2).copied().collect();
            (every_other(0), every_other(1))
        }
    };
    Planes { size: layout.size, planes: [rows(0, width, height), u, v] }
}

/// Peak signal-to-noise ratio of a plane, in dB.
pub fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    if squares == 0.0 { f64::INFINITY } else { 10.0 * (255.0 * 255.0 * a.len() as f64 / squares).log10() }
}

/// The same picture: at least 45 dB in each plane, and no value off by more than 3.
pub fn assert_same(got: &Planes, expected: &Planes, what: &str) {
    assert_alike(got, expected, 45.0, 3, what);
}

/// The same picture scaled by another method: at least 38 dB in each plane.
pub fn assert_scaled(got: &Planes, expected: &Planes, what: &str) {
    assert_alike(got, expected, 38.0, 255, what);
}

pub fn assert_alike(got: &Planes, expected: &Planes, least_psnr: f64, most_difference: u8, what: &str) {
    assert_eq!(got.size, expected.size, "{what}");
    for plane in 0..3 {
        let (a, b) = (&got.planes[plane], &expected.planes[plane]);
        assert_eq!(a.len(), b.len(), "{what}, plane {plane}");
        let psnr = psnr(a, b);
        let width = if plane == 0 { got.size.width } else { got.size.width / 2 } as usize;
        let worst = (0..a.len()).max_by_key(|i| a[*i].abs_diff(b[*i])).unwrap_or(0);
        let place = format!("{} not {} at {},{}", a[worst], b[worst], worst % width, worst / width);
        assert!(psnr >= least_psnr, "{what}, plane {plane}: {psnr:.1} dB; worst is {place}");
        assert!(a[worst].abs_diff(b[worst]) <= most_difference, "{what}, plane {plane}: {place}");
    }
}

#[test]
fn both_oracles_agree() {
    let picture = Picture::new(Size::new(161, 91), 5);
    let light = |x: u32, y: u32| {
        let at = (y * picture.size.width + x) as usize * 4;
        [0, 1, 2].map(|c| f64::from(picture.rgba[at + c]) / 255.0)
    };
    let computed = computed(picture.size, Transfer::Encoded, light);
    assert_same(&converted(&picture, picture.size), &computed, "the CPU's conversion and the formulas");
    assert_eq!(crate::picture::number(&computed.planes[0], 162, 1), 5);
}
