//! A moving picture with detail, the same on every run: what encoders are measured on.

/// RGBA pixels of frame `n`.
pub fn rgba(width: usize, height: usize, n: usize) -> Vec<u8> {
    let mut out = vec![255; width * height * 4];
    for (y, row) in out.chunks_exact_mut(width * 4).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let (sx, sy) = (x + n * 3, y + n);
            let texture = ((sx * 7919) ^ (sy * 104_729)) >> 3 & 31;
            pixel[0] = (sx / 4 + texture) as u8;
            pixel[1] = (sy / 3 + texture) as u8;
            pixel[2] = ((sx + sy) / 8) as u8;
        }
    }
    out
}
