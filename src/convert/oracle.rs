//! What the conversion must give, computed the slow way in floating point from the standard's formulas, one pixel at a
//! time and without any of the code under test.

use crate::encode::YuvFrame;
use crate::frame::{FrameBuffer, FramePool, PixelFormat, VideoFrame};
use crate::time::Nanos;
use crate::units::Size;

/// Three planes of exact values, tightly packed: width, height, values.
pub struct Planes(pub [(usize, usize, Vec<f64>); 3]);

/// Repeatable noise (xorshift).
pub struct Noise(pub u64);

impl Noise {
    pub fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u8
    }
}

/// A frame filled with noise, padding bytes included, so that reading a wrong byte shows.
pub fn noise_frame(format: PixelFormat, size: Size, flipped: bool, seed: u64) -> VideoFrame {
    let mut buffer = FramePool::new(1).acquire(format, size).unwrap();
    let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for plane in 0..buffer.plane_count() {
        buffer.plane_mut(plane).iter_mut().for_each(|b| *b = noise.byte());
    }
    VideoFrame { buffer, host_time: 42, pushed_at: Nanos(43), flipped }
}

/// The exact I420 planes of a frame, padded to even sides.
pub fn expected(frame: &VideoFrame) -> Planes {
    let size = frame.buffer.size;
    let (w, h) = (size.width as usize, size.height as usize);
    let (ew, eh) = (w + w % 2, h + h % 2);
    let luma = |x: usize, y: usize| luma(&frame.buffer, x.min(w - 1), row(y.min(h - 1), h, frame.flipped));
    let chroma = |x: usize, y: usize, c: usize| match frame.buffer.format {
        PixelFormat::Nv12 => byte(&frame.buffer, 1, 2 * x + c, row(y, h.div_ceil(2), frame.flipped)),
        PixelFormat::I420 => byte(&frame.buffer, 1 + c, x, row(y, h.div_ceil(2), frame.flipped)),
        _ => {
            let pixels = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| {
                let (px, py) = ((2 * x + dx).min(w - 1), (2 * y + dy).min(h - 1));
                rgb(&frame.buffer, px, row(py, h, frame.flipped))
            });
            let mean = [0, 1, 2].map(|i| pixels.iter().map(|p| p[i]).sum::<f64>() / 4.0);
            chroma_of(mean)[c]
        }
    };
    let plane = |w: usize, h: usize, f: &dyn Fn(usize, usize) -> f64| {
        (w, h, (0..w * h).map(|i| f(i % w, i / w)).collect::<Vec<_>>())
    };
    Planes([
        plane(ew, eh, &luma),
        plane(ew / 2, eh / 2, &|x, y| chroma(x, y, 0)),
        plane(ew / 2, eh / 2, &|x, y| chroma(x, y, 1)),
    ])
}

/// Exact area average of planes at a smaller size.
pub fn shrunk(planes: &Planes, size: Size) -> Planes {
    let sizes = [(size.width, size.height), (size.width / 2, size.height / 2), (size.width / 2, size.height / 2)];
    let mut result = [0, 1, 2].map(|i| (sizes[i].0 as usize, sizes[i].1 as usize, Vec::new()));
    for ((w, h, values), (fw, fh, from)) in result.iter_mut().zip(&planes.0) {
        let cover = |i: usize, n: usize, of: usize, j: usize| {
            let ratio = of as f64 / n as f64;
            ((i + 1) as f64 * ratio).min((j + 1) as f64) - (i as f64 * ratio).max(j as f64)
        };
        for i in 0..*w * *h {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (j, value) in from.iter().enumerate() {
                let (cx, cy) = (cover(i % *w, *w, *fw, j % fw), cover(i / *w, *h, *fh, j / fw));
                if cx > 0.0 && cy > 0.0 {
                    sum += value * cx * cy;
                    weight += cx * cy;
                }
            }
            values.push(sum / weight);
        }
    }
    Planes(result)
}

/// The largest difference between a frame and the exact planes, with where it is.
pub fn worst(frame: &YuvFrame, exact: &Planes) -> (f64, String) {
    let mut worst = (0.0, String::from("nowhere"));
    for (plane, (w, h, values)) in exact.0.iter().enumerate() {
        assert_eq!(frame.plane_size(plane), (*w, *h), "size of plane {plane}");
        for (y, row) in frame.rows(plane).enumerate() {
            for (x, got) in row.iter().enumerate() {
                let difference = (f64::from(*got) - values[y * w + x]).abs();
                if difference > worst.0 {
                    worst = (difference, format!("plane {plane} at {x},{y}: {got}, exactly {}", values[y * w + x]));
                }
            }
        }
    }
    worst
}

fn row(y: usize, height: usize, flipped: bool) -> usize {
    if flipped { height - 1 - y } else { y }
}

fn byte(buffer: &FrameBuffer, plane: usize, x: usize, y: usize) -> f64 {
    buffer.plane(plane)[y * buffer.stride(plane) + x].into()
}

fn rgb(buffer: &FrameBuffer, x: usize, y: usize) -> [f64; 3] {
    let (bytes, order) = match buffer.format {
        PixelFormat::Rgba8 | PixelFormat::Rgbx8 => (4, [0, 1, 2]),
        PixelFormat::Bgra8 | PixelFormat::Bgrx8 => (4, [2, 1, 0]),
        _ => (3, [0, 1, 2]),
    };
    order.map(|c| byte(buffer, 0, x * bytes + c, y))
}

fn luma(buffer: &FrameBuffer, x: usize, y: usize) -> f64 {
    match buffer.format {
        PixelFormat::Nv12 | PixelFormat::I420 => byte(buffer, 0, x, y),
        _ => 16.0 + 219.0 * luma_of(rgb(buffer, x, y)),
    }
}

/// Rec. ITU-R BT.709-6, item 3.2, of 0 to 255.
fn luma_of([r, g, b]: [f64; 3]) -> f64 {
    (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255.0
}

/// Rec. ITU-R BT.709-6, items 3.3 and 3.4, quantized to 8 bits around 128.
fn chroma_of(pixel: [f64; 3]) -> [f64; 2] {
    let [r, _, b] = pixel.map(|v| v / 255.0);
    let y = luma_of(pixel);
    [128.0 + 224.0 * (b - y) / 1.8556, 128.0 + 224.0 * (r - y) / 1.5748]
}
