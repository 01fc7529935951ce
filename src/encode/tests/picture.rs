//! Pictures to encode, the same on every machine.

use crate::encode::YuvFrame;
use crate::time::Nanos;
use crate::units::Size;

/// SMPTE-like bars: white, yellow, cyan, green, magenta, red, blue, black; 75 %, BT.709 limited range.
const BARS: [[u8; 3]; 8] = [
    [180, 128, 128],
    [168, 44, 136],
    [145, 147, 44],
    [133, 63, 52],
    [63, 193, 204],
    [51, 109, 212],
    [28, 212, 120],
    [16, 128, 128],
];

fn paint(size: Size, host_time: u64, color: impl Fn(usize, usize) -> [u8; 3]) -> YuvFrame {
    let mut frame = YuvFrame { host_time, pushed_at: Nanos(host_time), ..YuvFrame::black(size) };
    let (width, height) = (size.width as usize, size.height as usize);
    for y in 0..height {
        for x in 0..width {
            let [luma, u, v] = color(x, y);
            frame.planes[0][y * width + x] = luma;
            if x % 2 == 0 && y % 2 == 0 {
                let at = y / 2 * (width / 2) + x / 2;
                frame.planes[1][at] = u;
                frame.planes[2][at] = v;
            }
        }
    }
    frame
}

pub fn color_bars(size: Size) -> YuvFrame {
    paint(size, 0, |x, _| BARS[x * BARS.len() / size.width as usize])
}

/// A texture that scrolls, with fresh noise on it: more than any encoder here can code well at the tests' rates, so that
/// the rate control is what decides the size.
pub fn moving_noise(size: Size, n: u32) -> YuvFrame {
    paint(size, u64::from(n) * 33_333_333, |x, y| {
        let texture = hash((x + 3 * n as usize) / 3, (y + n as usize) / 3, 0) % 72;
        let fresh = hash(x, y, n + 1) % 8;
        let tint = hash((x + 2 * n as usize) / 16, y / 16, 7) % 64;
        [(80 + texture + fresh) as u8, (96 + tint) as u8, (160 - tint) as u8]
    })
}

/// A picture like a game's: ground that scrolls, things that move over it, and an edge that stands still.
#[cfg(any(feature = "ffmpeg", feature = "webrtc"))]
pub fn game(size: Size, n: u32) -> YuvFrame {
    let mut frame = YuvFrame::black(size);
    let (width, height, n) = (size.width as usize, size.height as usize, n as usize);
    for y in 0..height {
        for x in 0..width {
            let (sx, sy) = (x + 2 * n, y + n / 2);
            let mut luma = 70 + (((sx * 7919) ^ (sy * 104_729)) >> 4 & 31) + (sx / 16 + sy / 16) % 2 * 40;
            for (k, (speed, side)) in [(5, 60), (9, 36), (3, 90)].into_iter().enumerate() {
                let (left, top) = ((k * 211 + n * speed) % (width + 100), 40 + k * 100);
                if x + 100 >= left + 50 && x + 100 < left + 50 + side && (top..top + side).contains(&y) {
                    luma = 180 + (x * 3 + y * 5 + n) % 32;
                }
            }
            frame.planes[0][y * width + x] = if y < 24 { 200 - (x / 8 % 2 * 90) as u8 } else { luma as u8 };
        }
    }
    frame
}

/// A small integer hash (xorshift-multiply); only its evenness matters.
fn hash(x: usize, y: usize, n: u32) -> u32 {
    let mut h =
        (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ n.wrapping_mul(0xc2b2_ae3d);
    for _ in 0..2 {
        h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    }
    h ^ (h >> 13)
}

/// Peak signal-to-noise ratio of one plane, in dB. `planes` are without padding.
#[cfg(feature = "ffmpeg")]
pub fn psnr(original: &YuvFrame, planes: &[Vec<u8>; 3], plane: usize) -> f64 {
    let (a, b) = (&original.planes[plane], &planes[plane]);
    assert_eq!(a.len(), b.len());
    let squares: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    if squares == 0 {
        return f64::INFINITY;
    }
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares as f64).log10()
}
