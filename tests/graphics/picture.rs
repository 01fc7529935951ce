//! A picture that shows every mistake of a conversion: gradients, patches of every extreme colour, a pattern as fine as
//! a pixel, no symmetry, and a number that stays readable.

#![allow(dead_code, reason = "an API uses what it needs")]

use rendercast::units::Size;

/// Side of the square that one bit of the number is drawn as. Odd positions and scaling to half leave its middle alone.
const BIT: u32 = 8;
const BITS: u32 = 16;

/// 8-bit RGBA, tightly packed, first row at the top.
#[derive(Clone)]
pub struct Picture {
    pub size: Size,
    pub rgba: Vec<u8>,
}

impl Picture {
    /// Where there is room (128x8 pixels), the top row holds `number`, modulo 65536.
    pub fn new(size: Size, number: u32) -> Self {
        let Size { width, height } = size;
        let mut rgba = Vec::with_capacity((width * height * 4) as usize);
        for y in 0..height {
            for x in 0..width {
                let [r, g, b] = pixel(x, y, size, number);
                rgba.extend([r, g, b, (x ^ y) as u8]);
            }
        }
        Self { size, rgba }
    }

    /// Draws another number.
    pub fn set_number(&mut self, number: u32) {
        let row = self.size.width as usize * 4;
        for (y, row) in (0..BIT).zip(self.rgba.chunks_exact_mut(row)) {
            for (x, p) in (0..BIT * BITS).zip(row.chunks_exact_mut(4)) {
                p[..3].copy_from_slice(&pixel(x, y, self.size, number));
            }
        }
    }

    /// The same upside down, as a host with its first row at the bottom has it.
    pub fn upside_down(&self) -> Self {
        let row = self.size.width as usize * 4;
        Self { size: self.size, rgba: self.rgba.chunks_exact(row).rev().flatten().copied().collect() }
    }

    /// Red and blue in each other's place.
    pub fn swapped(&self) -> Self {
        Self { size: self.size, rgba: self.pixels().flat_map(|[r, g, b, a]| [b, g, r, a]).collect() }
    }

    pub fn pixels(&self) -> impl Iterator<Item = [u8; 4]> {
        self.rgba.chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]])
    }

    /// Red in the lowest byte: `RGBA8`.
    pub fn rgba8(&self) -> Vec<u8> {
        self.rgba.clone()
    }

    /// Blue in the lowest byte: `BGRA8`.
    pub fn bgra8(&self) -> Vec<u8> {
        self.swapped().rgba
    }

    /// Ten bits each, red lowest: Vulkan's `A2B10G10R10`, GL's `RGB10_A2` by `2_10_10_10_REV`, DXGI's `R10G10B10A2`.
    pub fn rgb10a2(&self) -> Vec<u8> {
        let ten = |v: u8| (u32::from(v) * 1023 + 127) / 255;
        self.pixels().flat_map(|[r, g, b, _]| (ten(r) | ten(g) << 10 | ten(b) << 20 | 3 << 30).to_le_bytes()).collect()
    }

    /// Ten bits each, blue lowest: Vulkan's `A2R10G10B10`, Metal's `BGR10A2`.
    pub fn bgr10a2(&self) -> Vec<u8> {
        self.swapped().rgb10a2()
    }

    /// Half floats of linear light, 1.0 = white, times `gain`.
    pub fn rgba16f(&self, gain: f64) -> Vec<u8> {
        let linear = |[r, g, b, _]: [u8; 4]| [r, g, b].map(|v| half(srgb_decoded(f64::from(v) / 255.0) * gain));
        self.pixels()
            .flat_map(|p| {
                let [r, g, b] = linear(p);
                [r, g, b, half(1.0)]
            })
            .flat_map(u16::to_le_bytes)
            .collect()
    }
}

fn pixel(x: u32, y: u32, size: Size, number: u32) -> [u8; 3] {
    let Size { width, height } = size;
    if width >= BIT * BITS && height >= BIT && y < BIT && x < BIT * BITS {
        return if number >> (x / BIT) & 1 == 1 { [255; 3] } else { [0; 3] };
    }
    let (across, down) = (x * 255 / width, y * 255 / height);
    if y < height / 3 {
        [across as u8, (255 - across) as u8, ((across + 2 * down) / 3) as u8]
    } else if y < 2 * height / 3 {
        const PATCHES: [[u8; 3]; 10] = [
            [255, 0, 0],
            [0, 255, 0],
            [0, 0, 255],
            [255, 255, 255],
            [0, 0, 0],
            [255, 255, 0],
            [0, 255, 255],
            [255, 0, 255],
            [128, 128, 128],
            [16, 235, 90],
        ];
        PATCHES[(x * PATCHES.len() as u32 / width) as usize]
    } else if x < width / 4 {
        [if (x + y).is_multiple_of(2) { 220 } else { 40 }; 3]
    } else {
        [(across / 2 + 60) as u8, (down / 2 + x % 3 * 5) as u8, (255 - down + y % 2 * 3).min(255) as u8]
    }
}

/// The number in a picture's luma plane, whose size is the picture's own or a whole fraction of it.
pub fn number(luma: &[u8], stride: usize, scale: usize) -> u32 {
    let middle = BIT as usize / 2 / scale;
    let bit = BIT as usize / scale;
    (0..BITS as usize).map(|i| u32::from(luma[middle * stride + i * bit + middle] > 126) << i).sum()
}

/// IEC 61966-2-1: an encoded value as light.
pub fn srgb_decoded(v: f64) -> f64 {
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// IEC 61966-2-1: light as an encoded value.
pub fn srgb_encoded(v: f64) -> f64 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

/// A half float, rounded to nearest. Not for infinities.
pub fn half(v: f64) -> u16 {
    if v < 2f64.powi(-14) {
        return (v * 2f64.powi(24)).round() as u16;
    }
    let exponent = v.log2().floor() as i32;
    let mantissa = (v * 2f64.powi(10 - exponent)).round() as i32;
    ((exponent + 14) * 1024 + mantissa) as u16
}

#[test]
fn half_floats_are_those_of_ieee_754() {
    for (value, bits) in [(1.0, 0x3C00), (0.5, 0x3800), (4.0, 0x4400), (65504.0, 0x7BFF), (0.0, 0), (5.960_464_5e-8, 1)]
    {
        assert_eq!(half(value), bits, "{value}");
    }
    assert_eq!(half(0.333_333), 0x3555);
    assert_eq!(half(6.103_515_625e-5), 0x0400);
}
